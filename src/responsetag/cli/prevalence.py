"""``responsetag prevalence``."""

from __future__ import annotations

import csv
from dataclasses import asdict, fields
from pathlib import Path
from typing import TYPE_CHECKING

import click

from responsetag import load
from responsetag.cli.options import check_encoding, check_paths, json_option, model_name, model_options
from responsetag.cli.running import outcome, print_json, say
from responsetag.errors import InputError
from responsetag.prevalence import By, LabelPrevalence, Method, Prevalences

if TYPE_CHECKING:
    from responsetag.training.gold import Gold

_FEW_DOCUMENTS = 10


@click.command()
@click.argument("inputs", nargs=-1, required=True, metavar="INPUT...")
@click.option("--gold", type=click.Path(), help='.jsonl file of {"text", "labels"} rows to correct by.')
@click.option(
    "--by",
    type=click.Choice(["paragraph", "document"]),
    default="paragraph",
    show_default=True,
    help="What is counted; a document carries what any of its paragraphs does.",
)
@click.option(
    "--method",
    type=click.Choice(["acc", "pacc", "calibration"]),
    default="acc",
    show_default=True,
    help="Of the correction; 'calibration' where GOLD is a random sample of the collection.",
)
@click.option("--population", is_flag=True, help="Take the collection for a sample: wider intervals.")
@click.option("-o", "--output", type=click.Path(dir_okay=False), help=".csv file to write the table to.")
@click.option("--column", help="Text column of tables ('text' and the like are found).")
@click.option("--encoding", callback=check_encoding, help="Encoding of the input; detected if not given.")
@click.option("--seed", default=20261121, show_default=True, type=click.IntRange(0), help="Of the draws.")
@json_option
@model_options
def prevalence(
    inputs: tuple[str, ...],
    gold: str | None,
    by: By,
    method: Method,
    population: bool,
    output: str | None,
    column: str | None,
    encoding: str | None,
    seed: int,
    as_json: bool,
    model: str,
    model_version: str,
) -> int:
    """Say what share of a collection carries each label, corrected for the model's errors.

    INPUT is what 'responsetag tag' reads, or a .jsonl or .parquet file that it wrote.
    """
    if output is not None and Path(output).suffix != ".csv":
        raise click.UsageError(f"{output}: the table is written as CSV; give a name that ends in .csv")
    if output is not None:
        check_paths([*inputs, *([gold] if gold else [])], output)
    from responsetag.prevalence.counting import count_files
    from responsetag.prevalence.estimate import estimate_prevalence
    from responsetag.training.gold import judge_gold, read_gold

    tagger = load(model_name(model), version=model_version)
    rows = read_gold(gold, tagger.labels) if gold else None  # a broken one must not be met after the work
    judged = judge_gold(tagger, rows) if rows else None
    problems = rows.problems if rows else []
    for problem in problems:
        say(problem)
    counted = count_files(inputs, tagger, by=by, column=column, encoding=encoding, output=output, say=say)
    if not counted.collection.size:
        raise InputError("no paragraph with words could be read, so there is nothing to count")
    result = estimate_prevalence(
        tagger.labels, counted.collection, judged, by=by, method=method, population=population, seed=seed
    )
    if output:
        _write_csv(result, tagger.names, output)
    if as_json:
        left_out = {"empty": counted.empty, "failures": counted.failures, "problems": problems}
        print_json({"model": tagger.info.as_dict(), **left_out, **result.as_dict()})
    elif not output:
        from responsetag.display.prevalence import print_prevalences

        print_prevalences(result, tagger.names, counted.empty)
    _say_doubts(rows)
    return outcome(counted.failures + len(problems))


def _say_doubts(gold: Gold | None) -> None:
    """What makes figures worse than they look."""
    if gold is None:
        say("these counts hold the model's errors; give --gold, labelled rows of your own, to correct them")
        return
    if (documents := len(set(gold.documents))) < _FEW_DOCUMENTS:
        say(
            f"the gold rows are of {documents} documents; with fewer than {_FEW_DOCUMENTS} intervals are too "
            "narrow, and with a single one they mean nothing"
        )
    if gold.repeated:
        say(
            f"{gold.repeated} gold rows have the text of one of another document; intervals are too narrow "
            "where they are copies, so leave those out"
        )


def _write_csv(result: Prevalences, names: dict[str, str], path: str) -> None:
    from responsetag.batch.writers import atomic_output

    with atomic_output(path) as out:
        columns = ["label", "name", "by", "units", *(field.name for field in fields(LabelPrevalence)[1:])]
        writer = csv.DictWriter(out, columns)
        writer.writeheader()
        for entry in result.labels:
            about = {"name": names[entry.label], "by": result.by, "units": result.units}
            figures = {key: round(v, 6) if isinstance(v, float) else v for key, v in asdict(entry).items()}
            writer.writerow({**about, **figures})
