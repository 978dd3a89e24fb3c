"""A document's paragraphs, as spans of its text."""

from __future__ import annotations

import re
from collections.abc import Iterator
from typing import NamedTuple


class Span(NamedTuple):
    """``text[start:end]``; offsets count characters."""

    start: int
    end: int


_LINE = re.compile(r"[^\r\n\v\f\x1c-\x1e\x85\u2028\u2029]+")
_GAP = re.compile(r"[ \t\xa0\u2002\u2003\u3000]{2,}")
_TERMINAL = '。！？；…”』」）】!?;)"'
# A line shorter than this is a byline or a heading set apart with spaces, not a page in one line.
_FLATTENED_LENGTH = 120
_MARKDOWN_BLOCK = re.compile(r"\s{0,3}(?:#{1,6}\s|[-*+]\s|\d{1,3}[.)]\s|>|\||```|~~~|<)")


def paragraphs(text: str, *, markdown: bool = False) -> list[Span]:
    """Cut ``text`` into paragraphs: its lines, without those that are blank.

    A page whose line breaks became runs of spaces is cut at those runs. In Markdown, lines that
    follow each other are one paragraph, except headings, list items, quotes and table rows.

    Returns:
        Spans in order, without white space at either end, never empty and never overlapping.
    """
    lines: Iterator[Span] = (Span(*m.span()) for m in _LINE.finditer(text))
    if markdown:
        lines = _joined(text, lines)
    spans = []
    for line in lines:
        pieces = [line] if markdown else _unflatten(text, line)
        spans += [stripped for piece in pieces if (stripped := _strip(text, piece))]
    return spans


def _strip(text: str, span: Span) -> Span | None:
    piece = text[span.start : span.end]
    body = piece.strip()
    if not body.strip("\ufeff\u200b"):
        return None
    start = span.start + piece.index(body)
    return Span(start, start + len(body))


def _unflatten(text: str, line: Span) -> list[Span]:
    """The paragraphs of a line in which runs of spaces stand for line breaks, else the line itself."""
    if line.end - line.start < _FLATTENED_LENGTH:
        return [line]
    gaps = [m for m in _GAP.finditer(text, line.start, line.end) if not _in_brackets(text, line, m.start())]
    after_sentence = sum(text[m.start() - 1] in _TERMINAL for m in gaps if m.start() > line.start)
    # Headings end without a full stop, but most paragraphs of a flattened page end with one.
    if after_sentence == 0 or 3 * after_sentence < len(gaps):
        return [line]
    edges = [line.start, *(edge for m in gaps for edge in m.span()), line.end]
    return [Span(a, b) for a, b in zip(edges[::2], edges[1::2], strict=True) if a < b]


def _in_brackets(text: str, line: Span, at: int) -> bool:
    """Whether an opening bracket stands unclosed in the 40 characters before ``at``."""
    before = text[max(line.start, at - 40) : at]
    return max(before.rfind("（"), before.rfind("(")) > max(before.rfind("）"), before.rfind(")"))


def _joined(text: str, lines: Iterator[Span]) -> Iterator[Span]:
    """Markdown lines joined into blocks."""
    block: Span | None = None
    for line in lines:
        blank = not text[line.start : line.end].strip()
        own = _MARKDOWN_BLOCK.match(text, line.start, line.end) is not None
        adjacent = block is not None and len(re.findall(r"\r\n|\r|\n", text[block.end : line.start])) == 1
        if block is not None and adjacent and not blank and not own:
            block = Span(block.start, line.end)
            continue
        if block is not None:
            yield block
        block = None if blank else line
        if own and text[line.start : line.end].lstrip().startswith("#"):
            yield line
            block = None
    if block is not None:
        yield block
