"""Rows of finished runs as the report keeps them."""

from __future__ import annotations

from collections.abc import Iterator
from typing import NamedTuple

from responsetag.batch.compression import split_suffix
from responsetag.batch.finished import read_finished
from responsetag.batch.finished_rows import FinishedRow
from responsetag.report.rows import ReportRow, Shown, evidence_of


class RunRow(NamedTuple):
    """A row of a run with the model that made it (name and version; None where the row does not say) and,
    where the format keeps them, all its labels."""

    row: ReportRow
    model: tuple[str, str] | None = None
    labels: tuple[str, ...] = ()


def read_run(path: str, encoding: str | None) -> Iterator[RunRow]:
    """The rows of a run, in order; see :func:`responsetag.batch.finished.read_finished`."""
    every_label = split_suffix(path)[0] != ".csv"  # has scores
    for row in read_finished(path, encoding):
        yield RunRow(_shown(row), row.model, tuple(row.scores) if every_label else ())


def _shown(row: FinishedRow) -> ReportRow:
    if row.status == "error":
        return ReportRow(row.document, row.paragraph, message=row.message, id=row.id)
    shown, lost, message = [], [], row.message
    for label, name in row.names.items():
        span = row.evidence.get(label)
        evidence = evidence_of(span, row.start or 0, len(row.text)) if span else None
        shown.append(Shown(label, name, float(row.scores[label]), evidence))
        if span and evidence is None:
            lost.append(label)
    if lost:
        message = f"{row.where}: the evidence of {', '.join(lost)} does not fit the text, so it is left out"
    return ReportRow(
        row.document, row.paragraph, row.start, row.text, row.status, message, tuple(shown), row.id
    )
