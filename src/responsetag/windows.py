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
from responsetag.repeats import excess, find_repeats
from responsetag.text.segment import Segments
from responsetag.vocabulary import Occurrences

SENTENCE = "sentence"


class Windows(NamedTuple):
    """Runs of clauses ``first[i]:last[i]`` of one paragraph, in text order; shapes ``(n,)``."""

    first: NDArray[np.int64]
    last: NDArray[np.int64]


def windows(segments: Segments, kind: int | str) -> Windows:
    """All windows of ``kind`` clauses, or all sentences."""
    n = len(segments)
    if isinstance(kind, int):
        count = max(n - kind + 1, 0)
        paragraph = segments.paragraph
        first = np.flatnonzero(paragraph[:count] == paragraph[kind - 1 : kind - 1 + count])
        return Windows(first, first + kind)
    first = group_starts(segments.sentence)
    return Windows(first, np.append(first[1:], n) if n else first)


def group_starts(values: NDArray[np.int64]) -> NDArray[np.int64]:
    """Where each run of equal values begins."""
    if not len(values):
        return np.zeros(0, dtype=np.int64)
    return np.flatnonzero(np.concatenate(([True], values[1:] != values[:-1])))


def window_sums(
    segments: Segments,
    found: Sequence[Occurrences],
    table: LaneTable,
    kinds: Sequence[int | str],
) -> list[tuple[Windows, NDArray[np.float32]]]:
    """For each of ``kinds``: the windows and their sums, shape ``(n_windows, table.width)``.

    Args:
        found: the occurrences of all features, kind after kind.
        table: numbers to add for each label, and in the last column for the squared length.
    """
    n = len(segments)
    if not n:
        return [(windows(segments, kind), np.zeros((0, table.width), dtype=np.float32)) for kind in kinds]
    plain = np.zeros((n, table.width), dtype=np.int32)
    for occurrences in found:
        starts = group_starts(occurrences.clause)
        plain[occurrences.clause[starts]] += table.sums(occurrences.feature, starts)
    # One row for each distance from a window's start, and one for sentences.
    distances = max((kind for kind in kinds if isinstance(kind, int)), default=0)
    clause = np.arange(n)
    sentence = windows(segments, SENTENCE)
    sentence_start = np.repeat(sentence.first, sentence.last - sentence.first)
    starts = np.stack([*(clause - d for d in range(distances)), sentence_start])
    repeats = find_repeats(segments, found, len(table), starts.min(axis=0))
    sums = plain.astype(np.float32) - excess(repeats, table, np.maximum(starts, 0))
    results = []
    for kind in kinds:
        if isinstance(kind, int):
            spans = windows(segments, kind)
            total = sums[0][spans.first]
            for d in range(1, kind):
                total += sums[d][spans.first + d]
            results.append((spans, total))
        else:
            results.append((sentence, np.add.reduceat(sums[-1], sentence.first, axis=0)))
    return results
