"""``responsetag evaluate``."""

from __future__ import annotations

from pathlib import Path

import click

from responsetag import load
from responsetag.cli.options import json_option, model_name, model_options
from responsetag.cli.running import ALL_GOOD, SOME_FAILED, needs_extra, print_json, say


@click.command()
@click.argument("gold", type=click.Path())
@click.option("--record", type=click.Path(dir_okay=False), help="File of figures to note the result in.")
@click.option("--set-name", help="What GOLD is, for the record.  [default: its file name]")
@json_option
@model_options
def evaluate(
    gold: str, record: str | None, set_name: str | None, as_json: bool, model: str, model_version: str
) -> int:
    """Compare the model with the labels of GOLD, a .jsonl file of {"text", "labels"} rows."""
    with needs_extra("train", "evaluating"):
        from responsetag.training.gold import evaluate_gold
        from responsetag.training.record import add_record, read_records
    tagger = load(model_name(model), version=model_version)
    if record:
        read_records(record, tagger.recipe)  # a broken one must not be met after the work is done
    with needs_extra("train", "evaluating"):
        evaluation, problems = evaluate_gold(tagger, gold)
    for problem in problems:
        say(problem)
    if as_json:
        print_json({"model": tagger.info.as_dict(), "problems": problems, **evaluation.as_dict()})
    else:
        from responsetag.display.evaluation import print_evaluation

        print_evaluation(evaluation, tagger.names)
    if record:
        name = f"{tagger.info.name} {tagger.info.version}"
        add_record(record, tagger.recipe, name, set_name or Path(gold).name, evaluation)
    return SOME_FAILED if problems else ALL_GOOD
