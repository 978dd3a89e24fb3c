"""``responsetag evaluate``."""

from __future__ import annotations

from pathlib import Path

import click

from responsetag import load
from responsetag.batch.writers import check_target
from responsetag.cli.options import check_paths, json_option, model_name, model_options
from responsetag.cli.running import ALL_GOOD, SOME_FAILED, needs_extra, print_json, say


@click.command()
@click.argument("gold", type=click.Path())
@click.option("--record", type=click.Path(dir_okay=False), help="File of figures to note the result in.")
@click.option("--set-name", help="What GOLD is, for record and report.  [default: its file name]")
@click.option("--report", type=click.Path(), help="Page of curves and tables to write, as .html.")
@json_option
@model_options
def evaluate(
    gold: str,
    record: str | None,
    set_name: str | None,
    report: str | None,
    as_json: bool,
    model: str,
    model_version: str,
) -> int:
    """Compare the model with the labels of GOLD: rows of text and labels, in any format that train takes."""
    check_paths([gold], *(path for path in (record, report) if path))
    with needs_extra("train", "evaluating"):
        from responsetag.training.gold import judge_gold, read_gold
        from responsetag.training.record import add_record, read_records
    if report:
        with needs_extra("train", "a report"):
            from responsetag.training.report import Subject, write_report
        check_target(report)
    tagger = load(model_name(model), version=model_version)
    if record:
        read_records(record, tagger.recipe)  # a broken one must not be met after the work is done
    rows = read_gold(gold, tagger.labels)
    for problem in rows.problems:
        say(problem)
    judged = judge_gold(tagger, rows)
    with needs_extra("train", "evaluating"):
        evaluation = judged.evaluate(tagger.labels)
    set_name = set_name or Path(gold).name
    if as_json:
        print_json({"model": tagger.info.as_dict(), "problems": rows.problems, **evaluation.as_dict()})
    else:
        from responsetag.display.evaluation import print_evaluation

        print_evaluation(evaluation, tagger.names)
    if record:
        name = f"{tagger.info.name} {tagger.info.version}"
        add_record(record, tagger.recipe, name, set_name, evaluation)
    if report:
        subject = Subject(tagger.manifest, set_name, unusable=len(rows.problems))
        write_report(report, subject, judged, evaluation)
    return SOME_FAILED if rows.problems else ALL_GOOD
