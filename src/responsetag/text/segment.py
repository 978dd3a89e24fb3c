"""Clauses of many paragraphs at once, found with array operations.

A clause ends at ``，。；！？：…``, their half-width forms, and at a line break. A clause without any letter,
digit or Han character is no clause.
"""

from __future__ import annotations

import sys
from collections.abc import Sequence
from dataclasses import dataclass
from functools import cache

import numpy as np
from numpy.typing import NDArray

_OTHER, _WORD, _END = range(3)
_WORD_RANGES = (
    (0x30, 0x3A), (0x41, 0x5B), (0x61, 0x7B),  # digits and Latin letters
    (0xC0, 0x250), (0x370, 0x530),  # Latin with marks, Greek, Cyrillic
    (0x3005, 0x3008), (0x3041, 0x3100),  # 々〆〇 and kana
    (0x3400, 0x4DC0), (0x4E00, 0xA000), (0xAC00, 0xD7A4), (0xF900, 0xFB00),  # Han and Hangul
    (0x20000, 0x323B0),  # Han beyond the basic plane
)  # fmt: skip
_MARKS = "，：。！？；…,:!?;\n\r\u2028\u2029"


def code_points(text: str) -> NDArray[np.uint32]:
    """The code point of each character, shape ``(len(text),)``."""
    return np.frombuffer(text.encode(f"utf-32-{sys.byteorder[0]}e", "surrogatepass"), dtype=np.uint32)


@cache
def _classes() -> NDArray[np.uint8]:
    """Class of every code point, shape ``(0x110000,)``."""
    table = np.zeros(0x110000, dtype=np.uint8)
    for start, end in _WORD_RANGES:
        table[start:end] = _WORD
    table[code_points(_MARKS)] = _END
    return table


@dataclass(frozen=True, slots=True)
class Segments:
    """The clauses of one or more texts, laid end to end with a line break between two.

    Attributes:
        text: the joined texts.
        codes: code points of ``text``, shape ``(len(text),)``.
        word_at: offsets in ``text`` of the characters that words are made of, shape ``(n_chars,)``.
        clause_at: the clause of each of those characters, shape ``(n_chars,)``, non-decreasing.
        starts, ends: offsets in ``text`` of each clause, shape ``(n_clauses,)``.
        paragraph: index of each clause's text, shape ``(n_clauses,)``.
        offsets: where each text starts in ``text``, shape ``(n_texts,)``.
    """

    text: str
    codes: NDArray[np.uint32]
    word_at: NDArray[np.int64]
    clause_at: NDArray[np.int64]
    starts: NDArray[np.int64]
    ends: NDArray[np.int64]
    paragraph: NDArray[np.int64]
    offsets: NDArray[np.int64]

    def __len__(self) -> int:
        return len(self.starts)


def segment(texts: Sequence[str]) -> Segments:
    """Cut each of ``texts`` into clauses. A text without words has none."""
    text = "\n".join(texts)
    lengths = np.fromiter(map(len, texts), dtype=np.int64, count=len(texts))
    offsets = np.concatenate(([0], np.cumsum(lengths + 1)[:-1])) if len(texts) else lengths
    codes = code_points(text)
    classes = _classes()[codes]
    _keep_numbers_whole(codes, classes)
    word_at = np.flatnonzero(classes == _WORD)
    clause_at, first = _renumber(np.cumsum(classes == _END, dtype=np.int64)[word_at])
    last = np.concatenate((first[1:], [len(word_at)])).astype(np.int64) - 1 if len(first) else first
    return Segments(
        text=text,
        codes=codes,
        word_at=word_at,
        clause_at=clause_at,
        starts=word_at[first],
        ends=word_at[last] + 1 if len(first) else first,
        paragraph=np.searchsorted(offsets, word_at[first], side="right") - 1,
        offsets=offsets,
    )


def _keep_numbers_whole(codes: NDArray[np.uint32], classes: NDArray[np.uint8]) -> None:
    """``1,200`` and ``10:30`` do not end a clause."""
    marks = np.flatnonzero((codes == ord(",")) | (codes == ord(":")))
    marks = marks[(marks > 0) & (marks < len(codes) - 1)]
    before, after = codes[marks - 1], codes[marks + 1]
    digits = (before >= 0x30) & (before <= 0x39) & (after >= 0x30) & (after <= 0x39)
    classes[marks[digits]] = _OTHER


def _renumber(values: NDArray[np.int64]) -> tuple[NDArray[np.int64], NDArray[np.int64]]:
    """Non-decreasing values as 0, 1, 2, ...; and where each of those starts."""
    if not len(values):
        return values.astype(np.int64), np.zeros(0, dtype=np.int64)
    new = np.concatenate(([True], values[1:] != values[:-1]))
    return np.cumsum(new) - 1, np.flatnonzero(new)
