"""Looking up many integers at once: a hash table in two arrays."""

from __future__ import annotations

import numpy as np
from numpy.typing import NDArray

# Fibonacci hashing (Knuth, The Art of Computer Programming 3, 6.4): 2**64 over the golden ratio.
_FACTOR = np.uint64(0x9E3779B97F4A7C15)
# Slots a key: a quarter full, nearly every key stands in its own slot.
_ROOM = 4
# No key: packed runs have 63 bits and pairs of words fewer.
_EMPTY = np.uint64(0xFFFFFFFFFFFFFFFF)


class KeyTable:
    """Places of distinct integers in an array.

    Open addressing with linear probing. Built without a loop: keys sorted by their slot stand at the
    running maximum of slot minus rank, plus rank.

    Args:
        keys: distinct, below ``2**64 - 1``, shape ``(n,)``.
    """

    def __init__(self, keys: NDArray[np.uint64]) -> None:
        bits = max(int(len(keys) * _ROOM - 1).bit_length(), 1)
        self._shift = np.uint64(64 - bits)
        slot = self._slot(keys)
        order = np.argsort(slot, kind="stable")
        rank = np.arange(len(keys))
        at = np.maximum.accumulate(slot[order] - rank) + rank if len(keys) else rank
        size = max(1 << bits, int(at[-1]) + 1 if len(keys) else 0) + 1  # the last slot is always empty
        self._keys = np.full(size, _EMPTY, dtype=np.uint64)
        self._places = np.zeros(size, dtype=np.int32)
        self._keys[at] = keys[order]
        self._places[at] = order

    def _slot(self, keys: NDArray[np.uint64]) -> NDArray[np.int64]:
        return ((keys * _FACTOR) >> self._shift).astype(np.int64)

    def find(self, wanted: NDArray[np.uint64]) -> tuple[NDArray[np.int64], NDArray[np.int64]]:
        """Places of those of ``wanted`` that are keys, and which of ``wanted`` those are, ascending."""
        slot = self._slot(wanted)
        found = self._keys[slot]
        hit = found == wanted
        open_ = np.flatnonzero(~hit & (found != _EMPTY))
        while len(open_):
            slot[open_] += 1
            found = self._keys[slot[open_]]
            same = found == wanted[open_]
            hit[open_[same]] = True
            open_ = open_[~same & (found != _EMPTY)]
        which = np.flatnonzero(hit)
        return self._places[slot[which]].astype(np.int64), which
