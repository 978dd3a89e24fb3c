"""``responsetag annotate``: to annotation tools and back."""

from __future__ import annotations

import itertools
import json
from collections.abc import Callable, Iterable, Iterator
from pathlib import Path
from typing import Any, Literal, TextIO

import click

from responsetag import Taxonomy, load, load_taxonomy
from responsetag.batch.formats import storable
from responsetag.batch.inputs import Finder
from responsetag.batch.rows import read_inputs
from responsetag.batch.tagging import OutputRow, tag_rows
from responsetag.batch.writers import atomic_output
from responsetag.cli.options import check_encoding, check_paths, model_name, model_options
from responsetag.cli.running import outcome, say
from responsetag.errors import TaxonomyError
from responsetag.integrations import annotation
from responsetag.integrations.annotation import Answer, Item, doccano

Tool = Literal["label-studio", "doccano"]
_TOOLS = click.Choice(["label-studio", "doccano"])


@click.group()
def annotate() -> None:
    """Send paragraphs to Label Studio or doccano, and read finished labels back."""


@annotate.command("export")
@click.argument("paths", nargs=-1, required=True, metavar="PATH...")
@click.option("--to", "tool", required=True, type=_TOOLS, help="The tool.")
@click.option(
    "-o",
    "--output",
    required=True,
    type=click.Path(dir_okay=False),
    help="File to write: JSON for Label Studio, JSONL for doccano. The tool's labels are written beside it.",
)
@click.option(
    "--predictions/--no-predictions", default=True, show_default=True, help="Label them beforehand."
)
@click.option(
    "--task",
    default="labels",
    show_default=True,
    type=click.Choice(["labels", "spans", "both"]),
    help="What a doccano project asks for. Label Studio always gets both.",
)
@click.option("--taxonomy", type=click.Path(), help="The labels.  [default: data/taxonomy.json]")
@click.option("--column", help="Text column of tables ('text' and the like are found).")
@click.option("--encoding", callback=check_encoding, help="Encoding of the input; detected if not given.")
@model_options
def export(
    paths: tuple[str, ...],
    tool: Tool,
    output: str,
    predictions: bool,
    task: doccano.Task,
    taxonomy: str | None,
    column: str | None,
    encoding: str | None,
    model: str,
    model_version: str,
) -> int:
    """Write the paragraphs of PATH... as tasks, with what the model says of them.

    Reads what `responsetag tag` and `responsetag suggest` read and write.
    """
    beside = Path(output).with_suffix(".xml" if tool == "label-studio" else ".labels.json")
    check_paths(paths, output, str(beside))
    labels = load_taxonomy(taxonomy)
    rows = read_inputs(Finder(Path(output).resolve(), say).find(paths), column=column, encoding=encoding)
    stream: Iterator[OutputRow] = (OutputRow(row, None, row.error) for row in rows)
    if predictions:
        tagger = load(model_name(model), version=model_version)
        if missing := sorted(set(tagger.labels) - set(labels.slugs)):
            raise TaxonomyError(
                f"the model has labels that the label set lacks: {', '.join(missing)}; "
                "give its label file with --taxonomy"
            )
        stream = tag_rows(tagger, rows)
    failures = 0

    def watched() -> Iterator[OutputRow]:
        nonlocal failures
        for row in stream:
            failures += row.error is not None
            if row.message:
                say(row.message)
            yield row

    write = _write_tasks if tool == "label-studio" else _write_rows
    with atomic_output(beside) as side, atomic_output(output) as out:
        count = write(annotation.make_items(watched()), labels, task, out, side)
    say(f"{count} paragraphs in {output}; for the labels give {tool} {beside}")
    return outcome(failures)


def _write_tasks(
    items: Iterable[Item], labels: Taxonomy, _task: doccano.Task, out: TextIO, side: TextIO
) -> int:
    side.write(annotation.label_config(labels))
    count = 0
    for task in annotation.tasks(items):
        count += 1
        out.write(("[\n" if count == 1 else ",\n") + storable(json.dumps(task, ensure_ascii=False)))
    out.write("\n]\n" if count else "[]\n")
    return count


def _write_rows(
    items: Iterable[Item], labels: Taxonomy, task: doccano.Task, out: TextIO, side: TextIO
) -> int:
    side.write(json.dumps(doccano.label_types(labels), ensure_ascii=False, indent=2) + "\n")
    count = 0
    for row in doccano.rows(items, labels, task):
        count += 1
        out.write(storable(json.dumps(row, ensure_ascii=False)) + "\n")
    return count


@annotate.command("import")
@click.argument("exports", nargs=-1, required=True, metavar="EXPORT...", type=click.Path())
@click.option("--from", "tool", required=True, type=_TOOLS, help="The tool.")
@click.option(
    "-o",
    "--output",
    required=True,
    type=click.Path(dir_okay=False),
    help="JSONL file to write, of rows that `evaluate` and `train` read.",
)
@click.option(
    "--rest",
    type=click.Path(dir_okay=False),
    help="JSONL file for the rows that cannot be used, with reasons.",
)
@click.option(
    "--several",
    default="refuse",
    show_default=True,
    type=click.Choice(["refuse", "majority", "union"]),
    help="Where annotators differ: refuse the row, or take the labels that most or any of them gave.",
)
@click.option("--taxonomy", type=click.Path(), help="The labels.  [default: data/taxonomy.json]")
def import_labels(
    exports: tuple[str, ...],
    tool: Tool,
    output: str,
    rest: str | None,
    several: annotation.Rule,
    taxonomy: str | None,
) -> int:
    """Read the finished labels of EXPORT..., the JSON of Label Studio or the JSONL of doccano.

    The answers of several annotators to a paragraph can stand in one file or in several.
    """
    check_paths(exports, output, *([rest] if rest else []))
    labels = load_taxonomy(taxonomy).slugs
    read: Callable[[str, Any], Iterable[Answer]] = (
        annotation.read_annotations if tool == "label-studio" else doccano.read_annotations
    )
    answers = itertools.chain.from_iterable(read(path, labels) for path in exports)
    rows = list(annotation.merge(answers, labels, several))
    used = [row for row in rows if row.status == "ok"]
    left = [row for row in rows if row.status != "ok"]
    for path, part in ((output, used), (rest, left)):
        if path is not None:
            with atomic_output(path) as out:
                out.writelines(storable(json.dumps(row.as_dict(), ensure_ascii=False)) + "\n" for row in part)
    for row in left:
        if row.status != "skipped":
            say(f"{row.id}: {row.message}")
    shared = [row for row in rows if row.annotators > 1]
    agreed = sum(row.status == "ok" and row.message is None for row in shared)
    skipped = sum(row.status == "skipped" for row in left)
    say(f"{len(used)} rows in {output}; {skipped} not labelled, {len(left) - skipped} not usable")
    if shared:
        say(f"{len(shared)} rows by several annotators, who agree in all on {agreed}")
    return outcome(len(left) - skipped)
