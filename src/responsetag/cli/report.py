"""``responsetag report``."""

from __future__ import annotations

import math
import sys

import click

from responsetag.batch.lines import STDIN
from responsetag.cli.options import check_encoding, model_name, model_options
from responsetag.cli.running import outcome, say, terminable


@click.command()
@click.argument("inputs", nargs=-1, metavar="[INPUT]...")
@click.option("-o", "--output", required=True, type=click.Path(dir_okay=False), help="Page to write: .html.")
@click.option("--column", help="Text column of tables ('text' and the like are found).")
@click.option("--encoding", callback=check_encoding, help="Encoding of the input; detected if not given.")
@click.option(
    "--min-score",
    type=click.FloatRange(0, 1),
    help="Give labels from this score on, not from the model's thresholds. Finished runs keep theirs.",
)
@model_options
def report(
    inputs: tuple[str, ...],
    output: str,
    column: str | None,
    encoding: str | None,
    min_score: float | None,
    model: str,
    model_version: str,
) -> int:
    """Write a page that shows the paragraphs of INPUT with their labels, and counts over all of them.

    INPUT is what 'responsetag tag' takes, or what it wrote: a finished run (.jsonl, .csv,
    .parquet) is shown as it is and not tagged again.
    """
    if not inputs:
        if sys.stdin is None or sys.stdin.isatty():
            raise click.UsageError("give files, folders or finished runs, or '-' for standard input")
        inputs = (STDIN,)
    if min_score is not None and math.isnan(min_score):
        raise click.UsageError("--min-score must lie between 0 and 1")
    if output == STDIN:
        raise click.UsageError("a report is a file; give its name by -o")
    from responsetag.report import write_report

    with terminable():
        result = write_report(
            inputs,
            output,
            model=model_name(model),
            version=model_version,
            column=column,
            encoding=encoding,
            min_score=min_score,
            say=say,
        )
    say(f"{output}: {result.documents} documents, {result.paragraphs} paragraphs")
    return outcome(result.failures)
