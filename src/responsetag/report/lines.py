"""The lines at the top and the end of a page, where its title, date and byline stand."""

from __future__ import annotations

from collections import deque
from collections.abc import Iterable
from itertools import islice
from typing import NamedTuple

from responsetag.text import normalize_many

TOP, END = 20, 10  # lines looked at: navigation takes up to a dozen
_LONGEST = 300  # characters; a longer line is a paragraph whatever it says


class Line(NamedTuple):
    """A line as it stands, and with Simplified characters and plain digits; cut where it is long."""

    text: str
    plain: str


class Edges(NamedTuple):
    """The first and the last lines that are not blank; in a short page a line is both."""

    top: list[Line]
    end: list[Line]


def edges(paragraphs: Iterable[str], top: int = TOP) -> Edges:
    """The edges of a page with these ``paragraphs``."""
    lines = (line for text in paragraphs for line in text.splitlines() if line.strip())
    first = list(islice(lines, top))
    last = deque(first, END)
    last.extend(lines)
    return Edges(_lines(first), _lines(last))


def _lines(texts: Iterable[str]) -> list[Line]:
    cut = [text[: _LONGEST + 1].strip() for text in texts]
    return [Line(text, plain.strip()) for text, plain in zip(cut, normalize_many(cut)[0], strict=True)]
