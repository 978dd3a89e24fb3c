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
    """Occurrences of features that occur more than once in a text.

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


def find_repeats(segments: Segments, found: Sequence[Occurrences], n_features: int, longest: int) -> Repeats:
    """The occurrences that matter where features are counted by window.

    Args:
        longest: clauses of the longest window.
    """
    feature = np.concatenate([f.feature for f in found])
    clause = np.concatenate([f.clause for f in found])
    same = (segments.paragraph * n_features)[clause] + feature
    order = stable_order(same)
    same = same[order]
    alike = np.concatenate(([False], same[1:] == same[:-1], [False]))
    repeated = np.flatnonzero(alike[1:] | alike[:-1])
    order, again = order[repeated], alike[repeated]
    feature, clause = feature[order], clause[order]
    # Places of two texts or features lie further apart than any window reaches.
    place = clause + np.cumsum(~again) * (len(segments) + longest)
    later = np.flatnonzero(place[1:] - place[:-1] < longest) + 1
    return Repeats(feature, clause, place, later)


def stable_order(keys: NDArray[np.int64]) -> NDArray[np.int64]:
    """As a stable ``argsort`` of numbers that are not negative, but by 16 bits at a time, for which numpy has
    a radix sort."""
    bits = int(keys.max(initial=0)).bit_length()
    return np.lexsort([(keys >> shift).astype(np.uint16) for shift in range(0, max(bits, 1), 16)])


def correct(
    plain: NDArray[np.int64], repeats: Repeats, table: LaneTable, longest: int
) -> NDArray[np.float32]:
    """Sums over occurrences with each repeated one at its worth.

    The ``r``-th occurrence in a window adds ``ln r - ln (r - 1)`` of its feature's weights, not all. What it
    must not add is taken off in whole numbers, so that nothing is lost however often a feature comes.

    Args:
        plain: sums of all occurrences of each clause, shape ``(n_clauses, table.width)``.
        table: numbers to add for each label, and in the last column for the squared length.
        longest: clauses of the longest window.

    Returns:
        For each clause, when its window starts 0, 1, ... clauses before it: shape
        ``(longest, n_clauses, table.width)``.
    """
    n_clauses = len(plain)
    once = np.concatenate([plain] * longest)
    more = np.zeros(once.shape, dtype=np.float32)
    ranks = _ranks(repeats, longest)
    distance, which = np.nonzero(ranks > 1)
    which_later = repeats.later[which]
    target = distance * n_clauses + repeats.clause[which_later]
    # Sums of what has the same rank in the same clause, rank after rank.
    key = ranks[distance, which] * len(once) + target
    order = stable_order(key)
    key = key[order]
    first = np.flatnonzero(np.diff(key, prepend=-1))
    sums = table.sums(repeats.feature[which_later[order]], first)
    rank, target = np.divmod(key[first], max(len(once), 1))
    edges = np.flatnonzero(np.diff(rank, prepend=0, append=0)).tolist()
    for a, b in pairwise(edges):
        once[target[a:b]] -= sums[a:b]
        # float32 whatever integers they are, or the last bit would depend on what else is in the batch.
        more[target[a:b]] += sums[a:b].astype(np.float32) * _worth(int(rank[a]), table.width)
    return (once.astype(np.float32) + more).reshape(longest, n_clauses, table.width)


def _ranks(repeats: Repeats, longest: int) -> NDArray[np.int64]:
    """The rank of each later occurrence in a window that starts 0, 1, ... clauses before its own: shape
    ``(longest, n_later)``."""
    new = np.diff(repeats.place, prepend=-1) > 0
    first = np.flatnonzero(new)  # the first occurrence of each place
    place = repeats.place[first]
    own = (np.cumsum(new) - 1)[repeats.later]
    earliest = np.arange(len(first))
    ranks = np.empty((longest, len(own)), dtype=np.int64)
    for distance in range(longest):
        if distance:  # places ascend, so that a clause more reaches one place more at most
            before = np.maximum(earliest - 1, 0)
            earliest = np.where(place[before] >= place - distance, before, earliest)
        ranks[distance] = repeats.later - first[earliest[own]] + 1
    return ranks


def _worth(rank: int, width: int) -> NDArray[np.float32]:
    """Which part of an occurrence of some rank counts: of its weights, and last of its square."""
    log, before = math.log(rank), math.log(rank - 1)
    parts = np.full(width, log - before, dtype=np.float32)
    parts[-1] = (1 + log) ** 2 - (1 + before) ** 2
    return parts
