"""Sublinear TF-IDF of every window of clauses, without a matrix for windows.

A feature that occurs ``k`` times in a window has the weight ``(1 + ln k) * idf`` (sublinear TF,
Manning et al., Introduction to Information Retrieval, 6.4.1). That is a sum over its occurrences when
the ``r``-th one adds ``ln r - ln (r - 1)``, and the first adds 1. An occurrence's rank in a window
depends on where the window starts only, so clauses are summed once for each distance from the start,
and a window is the sum of its clauses at their distances.
"""

from __future__ import annotations

from collections.abc import Sequence
from typing import NamedTuple

import numpy as np
from numpy.typing import NDArray

from responsetag.lanes import LaneTable
from responsetag.repeats import correct, find_repeats
from responsetag.text.segment import Segments
from responsetag.vocabulary import Occurrences


class Windows(NamedTuple):
    """Runs of clauses ``first[i]:last[i]`` of one paragraph, in text order; shapes ``(n,)``."""

    first: NDArray[np.int64]
    last: NDArray[np.int64]


def windows(segments: Segments, size: int) -> Windows:
    """All windows of ``size`` clauses."""
    count = max(len(segments) - size + 1, 0)
    paragraph = segments.paragraph
    first = np.flatnonzero(paragraph[:count] == paragraph[size - 1 : size - 1 + count])
    return Windows(first, first + size)


def group_starts(values: NDArray[np.int64]) -> NDArray[np.int64]:
    """Where each run of equal values begins."""
    if not len(values):
        return np.zeros(0, dtype=np.int64)
    return np.flatnonzero(np.concatenate(([True], values[1:] != values[:-1])))


def window_sums(
    segments: Segments,
    found: Sequence[Occurrences],
    table: LaneTable,
    sizes: Sequence[int],
) -> list[tuple[Windows, NDArray[np.float32]]]:
    """For each of ``sizes``: the windows and their sums, shape ``(n_windows, table.width)``.

    Args:
        found: the occurrences of all features, kind after kind.
        table: numbers to add for each label, and in the last column for the squared length.
    """
    plain = np.zeros((len(segments), table.width), dtype=np.int64)
    for occurrences in found:
        starts = group_starts(occurrences.clause)
        plain[occurrences.clause[starts]] += table.sums(occurrences.feature, starts)
    repeats = find_repeats(segments, found, len(table), max(sizes))
    sums = correct(plain, repeats, table, max(sizes))
    results = []
    for size in sizes:
        spans = windows(segments, size)
        total = sums[0][spans.first]
        for distance in range(1, size):
            total += sums[distance][spans.first + distance]
        results.append((spans, total))
    return results
