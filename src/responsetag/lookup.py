"""Looking up many integers at once: a hash table in two arrays."""

from __future__ import annotations

import numpy as np
from numpy.typing import NDArray

# Fibonacci hashing (Knuth, The Art of Computer Programming 3, 6.4): 2**64 over the golden ratio.
_FACTOR = np.uint64(0x9E3779B97F4A7C15)
# Slots a key, at least: a third full, most keys stand in their own slot.
_ROOM = 3
# No key: packed runs have 63 bits.
_EMPTY = np.uint64(0xFFFFFFFFFFFFFFFF)


def hashed(keys: NDArray[np.uint64], bits: int) -> NDArray[np.int64]:
    """A slot below ``2**bits`` for each key."""
    return ((keys * _FACTOR) >> np.uint64(64 - bits)).view(np.int64)


class KeyTable:
    """Places of distinct integers in an array, by open addressing with linear probing.

    Args:
        keys: distinct, below ``2**64 - 1``, shape ``(n,)``.
    """

    def __init__(self, keys: NDArray[np.uint64]) -> None:
        self._bits = max(int(len(keys) * _ROOM - 1).bit_length(), 1)
        # Probing never wraps around: behind the last slot is room for every key, and one more stays empty.
        size = (1 << self._bits) + len(keys) + 1
        self._keys = np.full(size, _EMPTY, dtype=np.uint64)
        self._places = np.zeros(size, dtype=np.int32)
        waiting, slot = np.arange(len(keys)), hashed(keys, self._bits)
        while len(waiting):
            # Of several keys that want an empty slot one gets it; the others try the next.
            free = np.flatnonzero(self._keys[slot] == _EMPTY)
            self._keys[slot[free]] = keys[waiting[free]]
            placed = self._keys[slot] == keys[waiting]
            self._places[slot[placed]] = waiting[placed]
            waiting, slot = waiting[~placed], slot[~placed] + 1

    def find(self, wanted: NDArray[np.uint64]) -> tuple[NDArray[np.int64], NDArray[np.int64]]:
        """Places of those of ``wanted`` that are keys, and which of ``wanted`` those are, ascending."""
        slot = hashed(wanted, self._bits)
        found = np.take(self._keys, slot, mode="clip")
        hit = found == wanted
        open_ = np.flatnonzero(hit == (found == _EMPTY))
        while len(open_):
            slot[open_] += 1
            found = self._keys[slot[open_]]
            same = found == wanted[open_]
            hit[open_[same]] = True
            open_ = open_[~same & (found != _EMPTY)]
        which = np.flatnonzero(hit)
        return self._places[slot[which]].astype(np.int64), which
