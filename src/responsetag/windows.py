"""Sublinear TF-IDF of every window of clauses, without a matrix for windows.

A feature that occurs ``k`` times in a window has the weight ``(1 + ln k) * idf`` (sublinear TF,
Manning et al., Introduction to Information Retrieval, 6.4.1). That is a sum over its occurrences when
the ``r``-th one adds ``ln r - ln (r - 1)``, and the first adds 1. An occurrence's rank in a window
depends on where the window starts only, so clauses are summed once for each distance from the start,
and a window is the sum of its clauses at their distances.
"""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Sequence
from typing import NamedTuple

import numpy as np
from numpy.typing import NDArray

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
    found: Iterable[Occurrences],
    table: NDArray[np.float32],
    kinds: Sequence[int | str],
) -> list[tuple[Windows, NDArray[np.float32], NDArray[np.float32]]]:
    """For each kind of window: the windows, their sums and their squared lengths.

    Args:
        found: the occurrences of all features, kind after kind.
        table: shape ``(n_features, n_labels + 1)``: idf times weight for each label, and idf squared.

    Returns:
        For each of ``kinds``: windows, sums ``(n_windows, n_labels)``, squared lengths ``(n_windows,)``.
    """
    n = len(segments)
    plain = np.zeros((n, table.shape[1]), dtype=np.float32)
    kept = []
    for occurrences in found:
        starts = group_starts(occurrences.clause)
        if len(starts):
            for rows, groups in _pieces(starts, len(occurrences.clause)):
                part = np.add.reduceat(table[occurrences.feature[rows]], starts[groups] - rows.start, axis=0)
                plain[occurrences.clause[starts[groups]]] += part
            kept.append((occurrences.feature, occurrences.clause))
    repeats = _Repeats(segments, kept)
    sentence_first = windows(segments, SENTENCE).first[segments.sentence] if n else segments.sentence
    distances: dict[int, NDArray[np.float32]] = {}
    results = []
    for kind in kinds:
        spans = windows(segments, kind)
        if isinstance(kind, int):
            total = np.zeros((len(spans.first), plain.shape[1]), dtype=np.float32)
            for d in range(kind):
                if d not in distances:
                    distances[d] = plain - repeats.excess(table, np.arange(n) - d, n)
                total += distances[d][spans.first + d]
        else:
            sums = plain - repeats.excess(table, sentence_first, n)
            total = np.add.reduceat(sums, spans.first, axis=0) if n else sums
        results.append((spans, total[:, :-1], total[:, -1]))
    return results


# Rows of the table gathered at once, so that a paragraph of ten megabytes needs no ten gigabytes.
_GATHERED = 100_000


def _pieces(starts: NDArray[np.int64], total: int) -> Iterator[tuple[slice, slice]]:
    """Slices of rows and of the groups in them that cut between groups only, about ``_GATHERED`` rows
    each. A group's sum so does not depend on what stands around it."""
    edges = np.append(starts, total)
    group = 0
    while group < len(starts):
        after = int(np.searchsorted(edges, edges[group] + _GATHERED, side="right")) - 1
        after = max(after, group + 1)
        yield slice(int(edges[group]), int(edges[after])), slice(group, after)
        group = after


class _Repeats:
    """Occurrences of features that occur more than once in a paragraph, and their ranks."""

    def __init__(
        self, segments: Segments, kept: Sequence[tuple[NDArray[np.int64], NDArray[np.int64]]]
    ) -> None:
        feature = np.concatenate([f for f, _ in kept]) if kept else np.zeros(0, dtype=np.int64)
        clause = np.concatenate([c for _, c in kept]) if kept else feature
        if not len(feature):
            self.feature = self.clause = self.key = self.order = feature
            return
        # A stable sort by paragraph and feature keeps text order within each.
        span = int(feature.max()) + 1
        same = segments.paragraph[clause] * span + feature
        order = np.argsort(same, kind="stable")
        same = same[order]
        alike = same[1:] == same[:-1]
        kept_rows = np.flatnonzero(np.append(alike, False) | np.concatenate(([False], alike)))
        order = order[kept_rows]
        self.feature, self.clause = feature[order], clause[order]
        # Ascending: the group's number first, the clause second.
        group = np.cumsum(np.concatenate(([False], np.diff(same[kept_rows]) != 0)))
        self.key = group * (len(segments) + 1)
        self.order = np.argsort(self.clause, kind="stable")

    def excess(
        self, table: NDArray[np.float32], window_start: NDArray[np.int64], n: int
    ) -> NDArray[np.float32]:
        """What plain sums have too much when the window of clause ``c`` starts at ``window_start[c]``:
        shape ``(n, n_labels + 1)``."""
        out = np.zeros((n, table.shape[1]), dtype=np.float32)
        if not len(self.feature):
            return out
        start = np.maximum(window_start[self.clause], 0)
        earlier = np.searchsorted(self.key + self.clause, self.key + start)
        rank = np.arange(len(self.key)) - earlier + 1
        rows = self.order[rank[self.order] > 1]  # in text order, so that sums do not depend on the batch
        if len(rows):
            r = rank[rows].astype(np.float64)
            added = np.log(r / (r - 1))
            squares = (1 + np.log(r)) ** 2 - (1 + np.log(r - 1)) ** 2
            terms = table[self.feature[rows]]
            terms[:, :-1] *= (1 - added).astype(np.float32)[:, None]
            terms[:, -1] *= (1 - squares).astype(np.float32)
            starts = group_starts(self.clause[rows])
            out[self.clause[rows][starts]] = np.add.reduceat(terms, starts, axis=0)
        return out
