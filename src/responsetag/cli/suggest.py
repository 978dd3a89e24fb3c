"""``responsetag suggest``."""

from __future__ import annotations

import itertools
import json
from collections.abc import Iterator
from pathlib import Path
from typing import Literal

import click

from responsetag import load
from responsetag.batch.formats import storable
from responsetag.batch.inputs import Finder
from responsetag.batch.rows import read_inputs, read_rows
from responsetag.batch.tables import InputRow
from responsetag.batch.writers import atomic_output
from responsetag.cli.options import check_encoding, check_paths, model_name, model_options
from responsetag.cli.running import outcome, say
from responsetag.errors import InputError
from responsetag.integrations.annotation.items import row_id
from responsetag.selection import Selector

_ROWS_AT_ONCE = 1024


@click.command()
@click.argument("paths", nargs=-1, required=True, metavar="PATH...")
@click.option("-n", "--number", default=50, show_default=True, type=click.IntRange(1), help="How many.")
@click.option("-o", "--output", required=True, type=click.Path(dir_okay=False), help="JSONL file to write.")
@click.option(
    "--per",
    default="paragraph",
    show_default=True,
    type=click.Choice(["paragraph", "character"]),
    help="What labelling costs: as much for each paragraph, or by the characters to be read.",
)
@click.option(
    "--labelled",
    multiple=True,
    type=click.Path(),
    help="File of paragraphs that were labelled already, and need not be again; any number.",
)
@click.option("--column", help="Text column of tables ('text' and the like are found).")
@click.option("--encoding", callback=check_encoding, help="Encoding of the input; detected if not given.")
@model_options
def suggest(
    paths: tuple[str, ...],
    number: int,
    output: str,
    per: Literal["paragraph", "character"],
    labelled: tuple[str, ...],
    column: str | None,
    encoding: str | None,
    model: str,
    model_version: str,
) -> int:
    """Choose the paragraphs of PATH... to label next: unsure ones, that differ, each with its reason.

    Reads what `responsetag tag` reads. `responsetag annotate export` takes the output on.
    """
    check_paths([*paths, *labelled], output)
    tagger = load(model_name(model), version=model_version)
    selector: Selector[InputRow] = Selector(tagger, number, labelled=_texts(labelled), per=per)
    failures = 0
    stream = read_inputs(Finder(Path(output).resolve(), say).find(paths), column=column, encoding=encoding)
    while chunk := list(itertools.islice(stream, _ROWS_AT_ONCE)):
        for row in chunk:
            failures += row.error is not None
            if message := row.error or row.warning:
                say(message)
        good = [row for row in chunk if row.error is None]
        selector.add(good, [row.text for row in good])
    found = selector.select()
    info = {"model": tagger.info.name, "model_version": tagger.info.version}
    with atomic_output(output) as out:
        for suggestion in found:
            content = {**_place(suggestion.key), **suggestion.as_dict(), **info}
            out.write(storable(json.dumps(content, ensure_ascii=False)) + "\n")
    say(f"{len(found)} of {selector.seen} paragraphs in {output}")
    return outcome(failures)


def _texts(paths: tuple[str, ...]) -> Iterator[str]:
    for path in paths:
        for row in read_rows(path):
            if row.error is not None:
                raise InputError(f"--labelled: {row.error}")
            yield row.text


def _place(row: InputRow) -> dict[str, object]:
    place = row.origin or row
    return {
        "id": row_id(row),
        "document": place.document,
        "paragraph": place.paragraph,
        "start": place.start,
        "end": place.end,
    }
