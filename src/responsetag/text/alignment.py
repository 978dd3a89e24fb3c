"""Text that was changed and still knows where each character stood before."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from typing import NamedTuple

import numpy as np
from numpy.typing import NDArray


class Edit(NamedTuple):
    """Replace ``text[start:end]`` by ``replacement``. Offsets count characters (code points)."""

    start: int
    end: int
    replacement: str


@dataclass(frozen=True, slots=True)
class AlignedText:
    """A text with the offsets of its characters in the text it was made from.

    Attributes:
        original: the text as it was given.
        text: the text now.
        starts, ends: shape ``(len(text),)``; character ``i`` of ``text`` came from
            ``original[starts[i]:ends[i]]``. ``None`` while every character stands where it stood.
    """

    original: str
    text: str
    starts: NDArray[np.int32] | None = None
    ends: NDArray[np.int32] | None = None

    def original_span(self, start: int, end: int) -> tuple[int, int]:
        """Offsets in ``original`` of ``text[start:end]``; an empty span stays empty."""
        if self.starts is None or self.ends is None:
            return start, end
        if end <= start:
            at = int(self.starts[start]) if start < len(self.text) else len(self.original)
            return at, at
        # An edit never reorders text, so the first start and the last end bound the whole span.
        return int(self.starts[start]), int(self.ends[end - 1])

    def apply(self, edits: Sequence[Edit]) -> AlignedText:
        """Apply edits, sorted by start and without overlap, to ``text``.

        Characters replaced one for one keep their own offsets. Otherwise each character of the
        replacement stands for the whole of what was replaced.
        """
        if not edits:
            return self
        pieces: list[str] = []
        at = 0
        for start, end, replacement in edits:
            if start < at or end < start:
                raise ValueError(f"edit {start}:{end} overlaps the one before it or runs backwards")
            pieces += (self.text[at:start], replacement)
            at = end
        pieces.append(self.text[at:])
        text = "".join(pieces)
        if all(len(replacement) == end - start for start, end, replacement in edits):
            return AlignedText(self.original, text, self.starts, self.ends)
        starts, ends = self._moved(edits)
        return AlignedText(self.original, text, starts, ends)

    def _moved(self, edits: Sequence[Edit]) -> tuple[NDArray[np.int32], NDArray[np.int32]]:
        old_starts, old_ends = self.starts, self.ends
        if old_starts is None or old_ends is None:
            old_starts = np.arange(len(self.text), dtype=np.int32)
            old_ends = old_starts + np.int32(1)
        starts: list[NDArray[np.int32]] = []
        ends: list[NDArray[np.int32]] = []
        at = 0
        for start, end, replacement in edits:
            starts.append(old_starts[at:start])
            ends.append(old_ends[at:start])
            if len(replacement) == end - start:
                starts.append(old_starts[start:end])
                ends.append(old_ends[start:end])
            elif replacement:
                first, last = self.original_span(start, end)
                starts.append(np.full(len(replacement), first, dtype=np.int32))
                ends.append(np.full(len(replacement), last, dtype=np.int32))
            at = end
        starts.append(old_starts[at:])
        ends.append(old_ends[at:])
        return np.concatenate(starts), np.concatenate(ends)
