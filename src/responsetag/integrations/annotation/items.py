"""What is labelled: a paragraph with a name that it comes back by, and what the model says of it."""

from __future__ import annotations

import hashlib
from collections.abc import Iterable, Iterator
from dataclasses import dataclass

from responsetag.batch.compression import split_suffix
from responsetag.batch.formats import storable
from responsetag.batch.tables import InputRow, Origin
from responsetag.batch.tagging import OutputRow
from responsetag.text.reading import TABLE_SUFFIXES
from responsetag.training.gold import document_of
from responsetag.types import Tagging


@dataclass(frozen=True, slots=True)
class Item:
    """A paragraph to label.

    Attributes:
        id: no other of the export has it.
        document: what it is from; for a row of a table that names none, what its id names
            (``news-12-3`` is of ``news-12``), or the row itself.
        paragraph: its number there, from 1.
        start, end: its place there, in characters.
        text: the paragraph.
        tagging: what the model says, offsets counting in ``text``; None for labelling from nothing.
    """

    id: str
    document: str
    paragraph: int
    start: int
    end: int
    text: str
    tagging: Tagging | None = None

    @property
    def digest(self) -> str:
        """What tells whether the text that comes back is the one that was sent."""
        return text_digest(self.text)


def text_digest(text: str) -> str:
    """The first 16 digits of the SHA-256 of a text."""
    return hashlib.sha256(text.encode("utf-8", "surrogatepass")).hexdigest()[:16]


def make_items(rows: Iterable[OutputRow]) -> Iterator[Item]:
    """An item for each row that has text; those with errors, and empty ones, are left out.

    A row's own id is kept; one without, or with one that came before, is called after its place.
    """
    seen: set[str] = set()
    for row, tagging, error in rows:
        if error is not None or not row.text.strip():
            continue
        # Half a broken character has no UTF-8; its stand-in is as long, so that offsets hold.
        origin = row.origin or Origin(row.document, row.paragraph, row.start, row.end)
        name, number = storable(row_id(row)), 1
        while name in seen:  # a file that was named twice, or files with the same ids
            number += 1
            name = f"{storable(row.document)}-{row.paragraph}" + (f"-{number}" if number > 2 else "")
        seen.add(name)
        document = storable(_document(origin.document, row, origin.paragraph))
        yield Item(name, document, *origin[1:], storable(row.text), tagging)


def _document(document: str, row: InputRow, number: int) -> str:
    """What a paragraph is from: a row of a table is from what its id names, as in gold rows."""
    if split_suffix(document)[0] not in TABLE_SUFFIXES:
        return document
    place = f"{document}-{number}"
    # Without an id of its own a row is a document; `suggest` calls it after its place.
    return place if row.id in {None, place} else document_of(None, row.id, number)


def row_id(row: InputRow) -> str:
    """A row's own id, or a name for its place."""
    return row.id or f"{row.document}-{row.paragraph}"
