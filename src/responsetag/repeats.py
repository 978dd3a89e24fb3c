"""What sums over occurrences have too much where a feature comes again in a window."""

from __future__ import annotations

import math
from collections.abc import Sequence
from itertools import pairwise
from typing import NamedTuple

import numpy as np
from numpy.typing import NDArray

from responsetag.lanes import LaneTable
from responsetag.text.segment import Segments
from responsetag.vocabulary import Occurrences


class Repeats(NamedTuple):
    """All occurrences sorted by text and feature, and which of them repeat an earlier one.

    Attributes:
        feature, clause: as in :class:`Occurrences`, shapes ``(n,)``; those of one text and feature stand
            together, in text order.
        place: ascending: the clause, counted on from one text and feature to the next, shape ``(n,)``.
        later: which of them come after another that a window may share, shape ``(n_later,)``.
    """

    feature: NDArray[np.int64]
    clause: NDArray[np.int64]
    place: NDArray[np.int64]
    later: NDArray[np.int64]


def find_repeats(
    segments: Segments, found: Sequence[Occurrences], n_features: int, reach: NDArray[np.int64]
) -> Repeats:
    """The occurrences that matter where features are counted by window.

    Args:
        reach: the first clause that a window with a given clause may have, shape ``(n_clauses,)``.
    """
    feature = np.concatenate([f.feature for f in found])
    clause = np.concatenate([f.clause for f in found])
    same = (segments.paragraph * n_features)[clause] + feature
    order = stable_order(same)
    feature, clause, same = feature[order], clause[order], same[order]
    again = same[1:] == same[:-1]
    later = np.flatnonzero(again & (clause[:-1] >= reach[clause[1:]])) + 1
    place = clause.copy()
    place[1:] += np.cumsum(~again) * (len(segments) + 1)
    return Repeats(feature, clause, place, later)


def stable_order(keys: NDArray[np.int64]) -> NDArray[np.int64]:
    """As a stable ``argsort`` of numbers that are not negative, but by 16 bits at a time, for which numpy has
    a radix sort."""
    bits = int(keys.max(initial=0)).bit_length()
    return np.lexsort([(keys >> shift).astype(np.uint16) for shift in range(0, max(bits, 1), 16)])


def excess(repeats: Repeats, table: LaneTable, starts: NDArray[np.int64]) -> NDArray[np.float32]:
    """What plain sums have too much when the window of clause ``c`` starts at ``starts[:, c]``.

    The ``r``-th occurrence in a window adds ``ln r - ln (r - 1)`` of its feature's weights, not all.

    Args:
        table: numbers to add for each label, and in the last column for the squared length.
        starts: shape ``(n_starts, n_clauses)``; each row is one way to cut.

    Returns:
        Shape ``(n_starts, n_clauses, table.width)``.
    """
    n_starts, n = starts.shape
    out = np.zeros((n_starts * n, table.width), dtype=np.float32)
    later = repeats.later
    clause = repeats.clause[later]
    # Occurrences before the window's start; places of another text or feature are far off.
    earlier = np.searchsorted(repeats.place, repeats.place[later] - clause + starts[:, clause])
    rank = later - earlier + 1
    row, which = np.nonzero(rank > 1)
    rank, target = rank[row, which], row * n + clause[which]
    # Sums of what has the same rank in the same clause, rank after rank.
    key = rank * len(out) + target
    order = stable_order(key)
    key = key[order]
    first = np.flatnonzero(np.concatenate(([True], key[1:] != key[:-1]))) if len(key) else key
    sums = table.sums(repeats.feature[later[which[order]]], first)
    rank, target = np.divmod(key[first], len(out))
    edges = np.flatnonzero(np.diff(rank, prepend=0, append=0)).tolist()
    for a, b in pairwise(edges):
        out[target[a:b]] += sums[a:b] * _superfluous(int(rank[a]), table.width)
    return out.reshape(n_starts, n, table.width)


def _superfluous(rank: int, width: int) -> NDArray[np.float32]:
    """Which part of an occurrence of some rank is too much: of its weights, and last of its square."""
    log, before = math.log(rank), math.log(rank - 1)
    parts = np.full(width, 1 - (log - before), dtype=np.float32)
    parts[-1] = 1 - ((1 + log) ** 2 - (1 + before) ** 2)
    return parts
