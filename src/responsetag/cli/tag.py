"""``responsetag tag``."""

from __future__ import annotations

import contextlib
import math
import sys
from collections.abc import Callable, Iterator, Sequence
from typing import Literal

import click

from responsetag import Tagger, load
from responsetag.batch.assembly import PART_ROWS
from responsetag.batch.compression import split_suffix
from responsetag.batch.inputs import Finder, resolve_output
from responsetag.batch.lines import STDIN
from responsetag.batch.session import Progress
from responsetag.batch.tagging import OutputRow
from responsetag.cli.options import check_encoding, model_name, model_options, same_file
from responsetag.cli.running import outcome, output_or_stdout, say, terminable
from responsetag.errors import OutputError
from responsetag.text.reading import TABLE_SUFFIXES


@click.command()
@click.argument("paths", nargs=-1, metavar="[PATH]...")
@click.option(
    "-o",
    "--output",
    type=click.Path(dir_okay=False),
    help="File to write: .jsonl, .csv (.gz or .zst may follow) or .parquet; standard output if not given.",
)
@click.option(
    "--format",
    "form",
    type=click.Choice(["jsonl", "csv", "parquet", "table"]),
    help="By default what the output's name ends in, a table on a terminal, JSONL in a pipe.",
)
@click.option(
    "--column",
    help="Text column of tables ('text' and the like are found). With '-', input is JSONL.",
)
@click.option("--encoding", callback=check_encoding, help="Encoding of the input; detected if not given.")
@click.option(
    "--min-score",
    type=click.FloatRange(0, 1),
    help="Give labels from this score on, not from the model's thresholds.",
)
@click.option("--no-evidence", is_flag=True, help="Leave out spans and words: several times as fast.")
@click.option(
    "--workers", default=1, show_default=True, type=click.IntRange(1), help="Processes that tag at once."
)
@click.option("--resume", is_flag=True, help="Go on with a run that was ended before it had written -o FILE.")
@click.option("--restart", is_flag=True, help="Discard what such a run had finished.")
@click.option(
    "--part-rows",
    default=PART_ROWS,
    show_default=True,
    type=click.IntRange(1),
    help="Rows that are kept together, for --resume; fewer where paragraphs are long.",
)
@model_options
def tag(
    paths: tuple[str, ...],
    output: str | None,
    form: Literal["jsonl", "csv", "parquet", "table"] | None,
    column: str | None,
    encoding: str | None,
    min_score: float | None,
    no_evidence: bool,
    workers: int,
    resume: bool,
    restart: bool,
    part_rows: int,
    model: str,
    model_version: str,
) -> int:
    """Tag the paragraphs of files, folders, globs or standard input ('-')."""
    if not paths:
        if sys.stdin is None or sys.stdin.isatty():
            raise click.UsageError("give files or folders, or '-' for standard input")
        paths = (STDIN,)
    if min_score is not None and math.isnan(min_score):
        raise click.UsageError("--min-score must lie between 0 and 1")
    output = None if output == STDIN else output
    _check_output(output, form)
    if output is not None and any(same_file(path, output) for path in paths):
        raise click.UsageError(f"{output} is named as input and as output; give another -o")
    if form is None and output is None and sys.stdout.isatty():
        form = "table"
    if (resume or restart) and (output is None or form == "table"):
        raise click.UsageError("--resume and --restart need -o FILE and a format that is kept in parts")
    if workers > 1 and form == "table":
        raise click.UsageError(
            "a table is made in one process; leave out --workers, or give another --format"
        )
    if resume and restart:
        raise click.UsageError("--resume goes on with a run and --restart discards it; give one of them")
    if form == "table":
        tagger = load(model_name(model), version=model_version)
        return _tag_to_table(tagger, paths, output, column, encoding, not no_evidence, min_score)
    from responsetag.batch.run import tag_files

    with terminable(), _progress_shown(paths, output) as progress, output_or_stdout(output) as target:
        result = tag_files(
            paths,
            target,
            model=model_name(model),
            version=model_version,
            form=form,
            column=column,
            encoding=encoding,
            evidence=not no_evidence,
            min_score=min_score,
            workers=workers,
            resume=resume,
            restart=restart,
            part_rows=part_rows,
            say=say,
            progress=progress,
        )
    return outcome(result.failures)


def _check_output(output: str | None, form: str | None) -> None:
    if output is None:
        if sys.stdout is None:
            raise OutputError("standard output is closed; open it, or give -o FILE")
        return
    suffix, compression = split_suffix(output)
    if form == "table" and (compression or suffix in TABLE_SUFFIXES):
        raise click.UsageError(f"{output}: a table is plain text for people; give a name that ends in .txt")


@contextlib.contextmanager
def _progress_shown(paths: Sequence[str], output: str | None) -> Iterator[Callable[[Progress], None] | None]:
    if sys.stderr is None or not sys.stderr.isatty():
        yield None
        return
    from responsetag.display.progress import RunProgress

    # A run that writes a file says itself how much there is to read.
    total = sum(item.size or 0 for item in Finder().find(paths)) if output is None else None
    with RunProgress(total) as shown:
        yield shown.update


def _tag_to_table(
    tagger: Tagger,
    paths: Sequence[str],
    output: str | None,
    column: str | None,
    encoding: str | None,
    evidence: bool,
    min_score: float | None,
) -> int:
    from responsetag.batch.rows import read_inputs
    from responsetag.batch.tagging import tag_rows
    from responsetag.batch.writers import atomic_output
    from responsetag.display.rows import print_rows

    failures = 0
    target = resolve_output(output) if output else sys.stdout
    rows = read_inputs(Finder(target, say).find(paths), column=column, encoding=encoding)

    def tagged() -> Iterator[OutputRow]:
        nonlocal failures
        for row in tag_rows(tagger, rows, evidence=evidence, min_score=min_score):
            failures += row.error is not None
            if row.message:
                say(row.message)
            yield row

    with atomic_output(output) if output else contextlib.nullcontext(sys.stdout) as out:
        print_rows(tagged(), out)
    return outcome(failures)
