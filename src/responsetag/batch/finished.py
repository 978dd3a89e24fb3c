"""Rows of a finished run, read again from its JSONL or Parquet: decisions, scores and where they belong."""

from __future__ import annotations

import json
from collections.abc import Iterator
from typing import Any, NamedTuple

from responsetag.batch.compression import split_suffix
from responsetag.batch.formats import COLUMNS
from responsetag.batch.lines import Meter, open_lines
from responsetag.batch.parquet_output import arrow
from responsetag.errors import InputError

_KEPT = ("document", "paragraph", "id", "labels", "scores", "status", "message", "model", "model_version")
_ROWS = 1024


class FinishedRow(NamedTuple):
    """A row of a run.

    Attributes:
        document, paragraph, id: where it is from.
        labels: those that were given.
        scores: of all labels, rounded to four places; empty with status ``error``.
        status: ``ok``, ``empty`` or ``error``.
        message: what went wrong.
        model, model_version: what tagged it.
    """

    document: str
    paragraph: int
    id: str | None
    labels: list[str]
    scores: dict[str, float]
    status: str
    message: str | None
    model: str
    model_version: str


def is_finished_run(path: str) -> bool:
    """Whether a file is what a run wrote, by its columns; one that cannot be read is not."""
    suffix, _ = split_suffix(path)
    try:
        if suffix == ".parquet":
            return set(COLUMNS) <= set(arrow().parquet.read_schema(path).names)
        if suffix not in {".jsonl", ".csv"}:
            return False
        with open_lines(path, "utf-8", Meter()) as lines:
            first = next(lines, "").strip().removeprefix("\ufeff")
        if suffix == ".csv":
            return first == ",".join(COLUMNS)
        row = json.loads(first)
    except (InputError, OSError, ValueError, RecursionError, ImportError):
        return False
    return isinstance(row, dict) and set(COLUMNS) <= set(row)


def read_finished(path: str) -> Iterator[FinishedRow]:
    """The rows of a run, in order. A line that is damaged is a row with status ``error``.

    Raises:
        InputError: the file cannot be read, or is CSV, which has no scores of labels that were not given.
        MissingExtraError: it needs a package that is not installed.
    """
    suffix, _ = split_suffix(path)
    if suffix == ".csv":
        raise InputError(
            f"{path}: is a run written as CSV, which keeps only the scores of given labels; write it as "
            ".jsonl or .parquet, or name the texts themselves"
        )
    try:
        yield from _parquet(path) if suffix == ".parquet" else _jsonl(path)
    except OSError as error:
        raise InputError(f"{path}: cannot be read: {error}; check the file") from error


def _jsonl(path: str) -> Iterator[FinishedRow]:
    with open_lines(path, "utf-8", Meter()) as lines:
        for number, line in enumerate(lines, 1):
            if not line.strip():
                continue
            try:
                yield _row(json.loads(line))
            except (ValueError, KeyError, TypeError, RecursionError) as error:
                problem = f"{path}:{number}: is no row of a run ({type(error).__name__}: {error})"
                yield FinishedRow(path, number, None, [], {}, "error", problem, "", "")


def _parquet(path: str) -> Iterator[FinishedRow]:
    pa = arrow()
    try:
        with pa.parquet.ParquetFile(path) as file:
            for batch in file.iter_batches(_ROWS, columns=list(_KEPT)):
                yield from map(_row, batch.to_pylist())
    except (pa.ArrowException, ValueError, KeyError, TypeError) as error:
        raise InputError(f"{path}: cannot be read as a run ({error}); write it again") from error


def _row(content: dict[str, Any]) -> FinishedRow:
    values = {name: content[name] for name in _KEPT}
    values["scores"] = values["scores"] or {}  # null in Parquet, where there is an error
    row = FinishedRow(**values)
    for name in ("document", "status", "model", "model_version"):
        if not isinstance(values[name], str):
            raise TypeError(f"{name} must be a text")
    for name in ("id", "message"):
        if not isinstance(values[name], str | None):
            raise TypeError(f"{name} must be a text or null")
    if not isinstance(row.paragraph, int):
        raise TypeError("paragraph must be a number")
    if not isinstance(row.labels, list) or not all(isinstance(label, str) for label in row.labels):
        raise TypeError("labels must be a list of names")
    if not isinstance(row.scores, dict) or not all(_is_score(score) for score in row.scores.values()):
        raise TypeError("scores must be numbers of 0 to 1 by label")
    return row


def _is_score(score: object) -> bool:
    return isinstance(score, int | float) and 0 <= score <= 1
