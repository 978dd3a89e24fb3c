"""A report from its inputs to its file."""

from __future__ import annotations

import functools
import importlib.util
import os
from collections.abc import Callable, Sequence
from dataclasses import dataclass
from datetime import UTC, datetime, timedelta
from pathlib import Path

import responsetag
from responsetag.batch.inputs import Finder, resolve_output
from responsetag.batch.lines import STDIN
from responsetag.batch.writers import atomic_output
from responsetag.errors import InputError, MissingExtraError, OutputError
from responsetag.model.registry import DEFAULT_MODEL, LATEST
from responsetag.report.collect import Collection, collect
from responsetag.report.page import render
from responsetag.report.payload import make_payload
from responsetag.tagger import Tagger

_LARGE = 20_000  # paragraphs that a page shows without effort


@dataclass(frozen=True, slots=True)
class ReportResult:
    """What a report shows.

    Attributes:
        documents: how many.
        paragraphs: how many, with those that failed.
        failures: how many paragraphs could not be read or tagged, now or in the run that is shown.
    """

    documents: int
    paragraphs: int
    failures: int


def write_report(
    inputs: Sequence[str | os.PathLike[str]],
    output: str | os.PathLike[str],
    *,
    model: str | os.PathLike[str] | Tagger = DEFAULT_MODEL,
    version: str = LATEST,
    column: str | None = None,
    encoding: str | None = None,
    min_score: float | None = None,
    say: Callable[[str], None] | None = None,
) -> ReportResult:
    """Write one HTML page that shows what documents say: counts, and every paragraph with its evidence.

    Finished runs, what ``responsetag tag -o`` wrote, are shown as they are; all else is tagged. The output
    takes its name when it is complete. All paragraphs are held in memory: 20,000 of them take about 250 MB.

    Args:
        inputs: files, folders and globs as :func:`responsetag.batch.run.tag_files` takes them, finished runs
            (JSONL, CSV, Parquet) among them, and ``-``.
        output: the page.
        model: for what is tagged; a name, a directory or a loaded model. Not loaded where nothing is.
        version: of the model, where ``model`` does not say it.
        column: of the text, in tables; found when not given.
        encoding: of the files; detected when not given.
        min_score: give labels from this score on, in place of the model's thresholds. Labels of finished runs
            stay.
        say: is told of each failure and warning, and of what else people should know.

    Raises:
        InputError: an argument makes no sense, or the output is an input.
        MissingExtraError: a package of ``responsetag[report]`` is not installed.
        ModelError: the model cannot be read.
        OutputError: the output cannot be written.
    """
    if isinstance(inputs, str | os.PathLike):
        raise InputError("one path was given where several are wanted; give a list of them")
    if min_score is not None and not 0 <= min_score <= 1:
        raise InputError(f"min_score must lie between 0 and 1, not {min_score}")
    for package in ("jinja2", "htmldate"):
        if importlib.util.find_spec(package) is None:
            raise MissingExtraError(package, "report", "a report")
    paths, target = [os.fspath(item) for item in inputs], resolve_output(os.fspath(output))
    _check(paths, target, os.fspath(output))
    load = functools.cache(
        lambda: model if isinstance(model, Tagger) else responsetag.load(model, version=version)
    )
    now = datetime.now(UTC).date()
    say = say or _nothing
    collection = Collection(now + timedelta(days=1), say)  # a day more: it is tomorrow already elsewhere
    with atomic_output(output) as out:  # from the start, so that trouble is met before the work is done
        found = Finder(target, say).find(paths)
        collect(collection, found, load, column=column, encoding=encoding, min_score=min_score)
        payload = make_payload(collection, paths, min_score, now)
        out.write(render(payload))
    summary = payload["summary"]
    if summary["paragraphs"] > _LARGE:
        size = f"{summary['paragraphs']} paragraphs in {target.stat().st_size / 1e6:.0f} MB"
        say(f"{output}: is large: {size}, which a browser may be slow with; give fewer documents if it is")
    return ReportResult(summary["documents"], summary["paragraphs"], summary["failed"])


def _check(paths: Sequence[str], target: Path, output: str) -> None:
    """Refuse what would be written over, or cannot be written at all."""
    if target.is_dir():
        raise OutputError(
            f"{output}: is a folder; give the name of a file, as in {Path(output) / 'report.html'}"
        )
    for path in paths:
        try:
            same = path != STDIN and Path(path).samefile(target)
        except OSError:  # one of them is not there, or is no path at all
            continue
        if same:
            raise InputError(f"{output} is named as input and as output; give another")


def _nothing(_: object) -> None:
    """Told, and does nothing."""
