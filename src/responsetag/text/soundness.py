"""Which of many texts a repair could change: looked for in all of them at once."""

from __future__ import annotations

from collections.abc import Sequence
from functools import cache

import numpy as np
from numpy.typing import NDArray

from responsetag.text.segment import code_points

# What a character means here: nothing, the need to look, a mark that may be doubled (those of one number
# count as alike), or a question mark.
_FINE, _LOOK, _COMMA, _SEMICOLON, _COLON, _STOP, _ASKS, _SHOUTS = range(8)
_LOOK_RANGES = (
    (0xAD, 0xAE), (0x34F, 0x350), (0x61C, 0x61D), (0x115F, 0x1161), (0x17B4, 0x17B6), (0x180B, 0x180F),
    (0x200B, 0x2010), (0x202A, 0x202F), (0x2060, 0x2070), (0xFE00, 0xFE10), (0xFEFF, 0xFF00),
    (0xD800, 0xF900), (0xE0000, 0xE1000), (0xF0000, 0x110000),  # invisible
    (0xFF10, 0xFF1A), (0xFF21, 0xFF3B), (0xFF41, 0xFF5B), (0x2F00, 0x2FE0), (0xF900, 0xFB00),  # odd forms
    (0x3400, 0x4DC0), (0x4E00, 0xA000),  # Han; those of GB2312 are taken out again
)  # fmt: skip
_LOOK_CHARACTERS = "&<āáǎàēéěèīíǐìōóǒòūúǔùǖǘǚǜńňǹḿ"
_MARKS = {",，、": _COMMA, ";；": _SEMICOLON, ":：": _COLON, "。": _STOP, "?": _ASKS, "！!": _SHOUTS}


@cache
def _meanings() -> NDArray[np.uint8]:
    table = np.zeros(0x110000, dtype=np.uint8)
    for start, end in _LOOK_RANGES:
        table[start:end] = _LOOK
    # The last five cells of row 0xD7 have no character.
    cells = [(row, cell) for row in range(0xB0, 0xF8) for cell in range(0xA1, 0xFA if row == 0xD7 else 0xFF)]
    table[code_points(bytes(byte for pair in cells for byte in pair).decode("gb2312"))] = _FINE
    table[code_points(_LOOK_CHARACTERS)] = _LOOK
    for marks, meaning in _MARKS.items():
        table[code_points(marks)] = meaning
    return table


def suspicious(texts: Sequence[str]) -> list[int]:
    """Numbers of the texts that hold anything a repair looks for; none changes the others."""
    joined = "\n".join(texts)
    meanings = _meanings()[code_points(joined)]
    look = meanings == _LOOK
    before, after = meanings[:-1], meanings[1:]
    look[1:] |= (before == after) & (before >= _COMMA) & (before <= _STOP)
    look[1:] |= (before == _ASKS) & (after == _SHOUTS)
    places = np.flatnonzero(look)
    if not len(places):
        return []
    ends = np.cumsum(np.fromiter(map(len, texts), dtype=np.int64, count=len(texts)) + 1)
    numbers: list[int] = np.unique(np.searchsorted(ends, places, side="right")).tolist()
    return numbers
