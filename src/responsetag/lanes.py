"""Rows of small whole numbers, four to a 64-bit integer.

Adding two such integers adds four numbers at once, and sums are exact, whatever their order. A number
``v`` in lane ``l`` stands as ``v * 2**(16 l)``, added up modulo ``2**64``; what a negative number borrows
from the lane above is given back when every lane is lifted above zero.
"""

from __future__ import annotations

import numpy as np
from numpy.typing import NDArray

_PER_INTEGER = 4
_LIFT = 1 << 15
_LIFTS = np.uint64(sum(_LIFT << (16 * lane) for lane in range(_PER_INTEGER)))
# The largest number of a row, and how many rows may be added before a lane could run over.
MAX_STEPS = 511
_ROWS_AT_ONCE = (_LIFT - 1) // MAX_STEPS
# Rows gathered at once, so that a paragraph of ten megabytes needs no ten gigabytes.
_GATHERED = 100_000
# Rows decoded at once: numpy makes eight bytes of every two codes on the way.
_ROWS_DECODED = 10_000

# What codes of 0 to 127 stand for: close for the many small weights, apart for the few large ones
# (0, 1, 2, ... 504, 511).
_SIZES = np.arange(128) + np.rint(np.arange(128) ** 2 * ((MAX_STEPS - 127) / 127**2)).astype(np.int64)
_DECODED = np.concatenate((_SIZES, [-MAX_STEPS], -_SIZES[:0:-1])).astype(np.int16)
# Two codes that stand side by side, read as one number, to their lifted lanes.
_PAIRS = np.arange(1 << 16, dtype=np.uint16).view(np.uint8).reshape(-1, 2)
_LIFTED_PAIRS = (_DECODED + np.int64(_LIFT)).astype(np.uint16)[_PAIRS].view(np.uint32).ravel()


def decode(codes: NDArray[np.int8]) -> NDArray[np.int16]:
    """Numbers from -511 to 511 that one-byte codes stand for, of the same shape."""
    return np.take(_DECODED, codes.view(np.uint8))


def encode(steps: NDArray[np.float64]) -> NDArray[np.int8]:
    """The code of the nearest number, for values from -511 to 511."""
    edges = (_SIZES[1:] + _SIZES[:-1]) / 2
    size = np.searchsorted(edges, np.abs(steps), side="right")
    return np.where(steps < 0, -size, size).astype(np.int8)


class LaneTable:
    """A table that gives sums of its rows.

    Args:
        codes: of whole numbers, as :func:`encode` gives them, shape ``(n, width)``.

    Attributes:
        width: numbers a row.
    """

    def __init__(self, codes: NDArray[np.int8]) -> None:
        n, self.width = codes.shape
        if self.width % _PER_INTEGER:
            codes = np.pad(codes, ((0, 0), (0, -self.width % _PER_INTEGER)))
        pairs = np.ascontiguousarray(codes).view(np.uint16)
        lanes = np.empty(pairs.shape, dtype=np.uint32)
        for start in range(0, n, _ROWS_DECODED):
            rows = slice(start, start + _ROWS_DECODED)
            lanes[rows] = _LIFTED_PAIRS[pairs[rows]]
        self._packed = lanes.view(np.uint64)
        self._packed -= _LIFTS

    def __len__(self) -> int:
        return len(self._packed)

    def rows(self, numbers: NDArray[np.int64]) -> NDArray[np.int16]:
        """The numbers of some rows, shape ``(len(numbers), width)``."""
        return self._unpack(self._packed[numbers])

    def column(self, numbers: NDArray[np.int64], columns: NDArray[np.int64]) -> NDArray[np.int16]:
        """One number of each of the rows ``numbers``, shape ``(len(numbers),)``."""
        integer, lane = np.divmod(columns, _PER_INTEGER)
        lanes = self._unpack(self._packed[numbers, integer][:, None], _PER_INTEGER)
        return lanes[np.arange(len(numbers)), lane]

    def sums(self, numbers: NDArray[np.int64], starts: NDArray[np.int64]) -> NDArray[np.integer]:
        """Sums of groups of rows.

        Args:
            numbers: the rows, group after group.
            starts: where in ``numbers`` each group begins, ascending, the first 0; no group is empty.

        Returns:
            Shape ``(len(starts), width)``.
        """
        sizes = np.diff(starts, append=len(numbers))
        pieces = -(-sizes // _ROWS_AT_ONCE)
        if not len(starts) or pieces.max() == 1:
            return self._sums(numbers, starts)
        first = np.cumsum(pieces) - pieces
        group = np.repeat(np.arange(len(starts)), pieces)
        within = np.arange(len(group)) - first[group]
        parts = self._sums(numbers, starts[group] + within * _ROWS_AT_ONCE)
        total: NDArray[np.int64] = parts[first].astype(np.int64)
        more = np.flatnonzero(within)  # few, so that adding them one by one is no loss
        np.add.at(total, group[more], parts[more])
        return total

    def _sums(self, numbers: NDArray[np.int64], starts: NDArray[np.int64]) -> NDArray[np.int16]:
        """The same for groups of at most ``_ROWS_AT_ONCE`` rows."""
        if len(numbers) <= _GATHERED:
            gathered = np.take(self._packed, numbers, axis=0, mode="clip")
            return self._unpack(np.add.reduceat(gathered, starts, axis=0) if len(starts) else gathered)
        half = len(starts) // 2
        middle = int(starts[half])
        before = self._sums(numbers[:middle], starts[:half])
        return np.concatenate((before, self._sums(numbers[middle:], starts[half:] - middle)))

    def _unpack(self, packed: NDArray[np.uint64], width: int | None = None) -> NDArray[np.int16]:
        lanes = (packed + _LIFTS).view(np.uint16)
        lanes ^= np.uint16(_LIFT)
        return lanes.view(np.int16)[:, : width or self.width]
