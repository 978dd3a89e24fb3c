"""Tagging a stream of input rows: every row comes back once, in order, with a status."""

from __future__ import annotations

from collections.abc import Iterable, Iterator
from dataclasses import dataclass
from itertools import islice
from typing import Any

from responsetag.batch.rows import InputRow
from responsetag.tagger import Tagger
from responsetag.types import Tagging

_ROWS_AT_ONCE = 256


@dataclass(frozen=True, slots=True)
class OutputRow:
    """An input row with its result; ``tagging`` is None where there is an error."""

    row: InputRow
    tagging: Tagging | None
    error: str | None

    @property
    def status(self) -> str:
        """``ok``, ``empty`` or ``error``."""
        return self.tagging.status if self.tagging else "error"

    def as_dict(self, tagger: Tagger) -> dict[str, Any]:
        """The row as written to JSONL; the same keys in the same order whatever the status."""
        tagging = self.tagging
        moved = tagging.moved(self.row.start) if tagging else None
        return {
            "document": self.row.document,
            "paragraph": self.row.paragraph,
            "id": self.row.id,
            "start": self.row.start,
            "end": self.row.end,
            "text": self.row.text,
            "labels": list(tagging.labels) if tagging else [],
            "names": [tag.name for tag in tagging.tags] if tagging else [],
            "scores": {k: round(v, 4) for k, v in tagging.scores.items()} if tagging else {},
            "evidence": {
                tag.label: tag.evidence.as_dict() for tag in (moved.tags if moved else ()) if tag.evidence
            },
            "status": self.status,
            "message": self.error or self.row.warning,
            "model": tagger.info.name,
            "model_version": tagger.info.version,
        }


def tag_rows(
    tagger: Tagger, rows: Iterable[InputRow], *, evidence: bool = True, min_score: float | None = None
) -> Iterator[OutputRow]:
    """Tag rows as they come. A row with an error passes through, and one on which tagging fails
    becomes one."""
    stream = iter(rows)
    while chunk := list(islice(stream, _ROWS_AT_ONCE)):
        good = [row for row in chunk if row.error is None]
        results = iter(_tag_chunk(tagger, good, evidence, min_score))
        for row in chunk:
            yield next(results) if row.error is None else OutputRow(row, None, row.error)


def _tag_chunk(
    tagger: Tagger, rows: list[InputRow], evidence: bool, min_score: float | None
) -> list[OutputRow]:
    try:
        taggings = tagger.tag_many((row.text for row in rows), evidence=evidence, min_score=min_score)
        return [OutputRow(row, tagging, None) for row, tagging in zip(rows, taggings, strict=True)]
    except Exception as error:  # whatever one row meets must not take the others with it
        if len(rows) == 1:
            message = (
                f"{rows[0].document}:{rows[0].paragraph}: tagging failed ({type(error).__name__}: {error})"
            )
            return [OutputRow(rows[0], None, message)]
        return [out for row in rows for out in _tag_chunk(tagger, [row], evidence, min_score)]
