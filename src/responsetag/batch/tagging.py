"""Tagging a stream of input rows: every row comes back once, in order, with a status."""

from __future__ import annotations

from collections.abc import Iterable, Iterator
from itertools import islice
from typing import Any, NamedTuple

from responsetag.batch.tables import InputRow
from responsetag.tagger import Tagger
from responsetag.types import Tagging

_ROWS_AT_ONCE = 256


class OutputRow(NamedTuple):
    """An input row with its result; ``tagging`` is None where there is an error."""

    row: InputRow
    tagging: Tagging | None
    error: str | None

    @property
    def status(self) -> str:
        """``ok``, ``empty`` or ``error``."""
        return self.tagging.status if self.tagging else "error"

    @property
    def message(self) -> str | None:
        """What went wrong, or what to know all the same."""
        return self.error or self.row.warning

    @property
    def evidence(self) -> dict[str, dict[str, Any]]:
        """By label the span and words that show it, as plain data; offsets count in the document."""
        if self.tagging is None:
            return {}
        tagging = self.tagging.moved(self.row.start) if self.row.start else self.tagging
        return {tag.label: tag.evidence.as_dict() for tag in tagging.tags if tag.evidence}


def tag_rows(
    tagger: Tagger, rows: Iterable[InputRow], *, evidence: bool = True, min_score: float | None = None
) -> Iterator[OutputRow]:
    """Tag rows as they come. A row with an error passes through, and one on which tagging fails
    becomes one."""
    stream = iter(rows)
    while chunk := list(islice(stream, _ROWS_AT_ONCE)):
        yield from tag_chunk(tagger, chunk, evidence, min_score)


def tag_chunk(
    tagger: Tagger, rows: list[InputRow], evidence: bool, min_score: float | None
) -> Iterator[OutputRow]:
    """The same for rows that are all there."""
    results = iter(_tag_good([row for row in rows if row.error is None], tagger, evidence, min_score))
    for row in rows:
        yield next(results) if row.error is None else OutputRow(row, None, row.error)


def _tag_good(
    rows: list[InputRow], tagger: Tagger, evidence: bool, min_score: float | None
) -> list[OutputRow]:
    try:
        taggings = tagger.tag_many((row.text for row in rows), evidence=evidence, min_score=min_score)
        return [OutputRow(row, tagging, None) for row, tagging in zip(rows, taggings, strict=True)]
    except Exception as error:  # whatever one row meets must not take the others with it
        if len(rows) == 1:
            reason = f"tagging failed ({type(error).__name__}: {error})"
            return [OutputRow(rows[0], None, f"{rows[0].document}:{rows[0].paragraph}: {reason}")]
        return [out for row in rows for out in _tag_good([row], tagger, evidence, min_score)]
