"""Which window shows a label, and what each of its words added; for many labels and texts at once."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from itertools import pairwise
from typing import NamedTuple

import numpy as np
from numpy.typing import NDArray

from responsetag.linear import Found, ScoredWindows, WindowScorer, sigmoid
from responsetag.text.alignment import AlignedText
from responsetag.text.segment import Segments
from responsetag.types import Evidence, WordWeight

# Words shown for a label: more than a reader takes in at a glance says less.
TOP_WORDS = 5
# Characters of windows that are looked into at once, so that memory stays small whatever a text is like.
_CHARACTERS = 200_000


class Shown(NamedTuple):
    """Windows that show labels; shapes ``(n,)``.

    Attributes:
        text, label: whose window it is.
        first, last: its clauses ``first:last``.
        raw: its margin before scale and bias.
    """

    text: NDArray[np.int64]
    label: NDArray[np.int64]
    first: NDArray[np.int64]
    last: NDArray[np.int64]
    raw: NDArray[np.float32]


class Calibration(NamedTuple):
    """From margins to log odds, shapes ``(n_labels,)``: ``slope * margin + intercept`` (Platt, 1999)."""

    slope: NDArray[np.float64]
    intercept: NDArray[np.float64]


def explain(
    scorer: WindowScorer,
    segments: Segments,
    found: Found,
    scored: Sequence[ScoredWindows],
    carried: tuple[NDArray[np.int64], NDArray[np.int64]],
    calibration: Calibration,
    aligned: Sequence[AlignedText],
) -> Iterator[Evidence]:
    """The evidence for each label that a text carries, one after the other.

    The span is the window with the highest margin; of equal ones, the one of the size named first in
    ``scorer.sizes``, then the first in the text.

    Args:
        carried: numbers of texts, each with at least one clause, and of the labels they carry.
        aligned: the texts of ``segments``.
    """
    shown = best_windows(segments, scored, *carried)
    characters = segments.ends[shown.last - 1] - segments.starts[shown.first]
    block = (np.cumsum(characters) - characters) // _CHARACTERS
    for i in range(int(block[-1]) + 1 if len(block) else 0):
        part = Shown(*(column[block == i] for column in shown))
        yield from _explain(scorer, segments, found, aligned, part, calibration)


def best_windows(
    segments: Segments, scored: Sequence[ScoredWindows], text: NDArray[np.int64], label: NDArray[np.int64]
) -> Shown:
    """The best window of each text for each label."""
    best = np.full(len(text), -np.inf, dtype=np.float32)
    first, last = np.zeros(len(text), dtype=np.int64), np.zeros(len(text), dtype=np.int64)
    for spans, raw in scored:
        owner = segments.paragraph[spans.first]
        window, group = ragged(np.searchsorted(owner, text), np.searchsorted(owner, text, side="right"))
        values = raw[window, label[group]]
        # Sorted by group and falling value: the first of each group is its best, of equal ones the first.
        order = np.lexsort((-values, group))
        groups, at = np.unique(group[order], return_index=True)
        window, values = window[order[at]], values[order[at]]
        better = values > best[groups]
        groups, window = groups[better], window[better]
        best[groups], first[groups], last[groups] = values[better], spans.first[window], spans.last[window]
    return Shown(text, label, first, last, best)


def ragged(first: NDArray[np.int64], last: NDArray[np.int64]) -> tuple[NDArray[np.int64], NDArray[np.int64]]:
    """All numbers of the ranges ``first[i]:last[i]``, and the range that each is from."""
    sizes = last - first
    group = np.repeat(np.arange(len(sizes)), sizes)
    return np.arange(len(group)) + np.repeat(first - (np.cumsum(sizes) - sizes), sizes), group


def character_sums(
    scorer: WindowScorer, segments: Segments, found: Found, shown: Shown
) -> tuple[NDArray[np.float64], NDArray[np.int64]]:
    """What the characters of each window added to its margin for its label, as running sums.

    A feature's part is shared evenly among its occurrences in the window, and the part of an
    occurrence among its characters (for a run, those from its first to its last).
    All parts of a window add up to its margin without the label's bias.

    Returns:
        For each window the running sums over its characters, from 0 on, one window behind the other; and
        what to add to an offset in ``segments.text`` for its place in them, shape ``(n,)``.
    """
    begins, ends = segments.starts[shown.first], segments.ends[shown.last - 1]
    bounds = np.concatenate(([0], np.cumsum(ends - begins + 1)))
    shift = bounds[:-1] - begins
    edges = np.zeros(bounds[-1])
    squares = np.zeros(len(begins))
    parts = []
    for occurrences in found.features:
        inside, group = ragged(
            *(np.searchsorted(occurrences.clause, side) for side in (shown.first, shown.last))
        )
        feature = occurrences.feature[inside]
        _, place, count = np.unique(
            group * len(scorer.table) + feature, return_inverse=True, return_counts=True
        )
        tf, count = (1 + np.log(count))[place], count[place]
        last = np.full(len(feature), scorer.table.width - 1)
        squares += np.bincount(group, tf**2 / count * scorer.table.column(feature, last), len(squares))
        weight = tf / count * scorer.table.column(feature, shown.label[group])
        parts.append((occurrences.spans(inside), group, weight))
    factor = scorer.scale[shown.label].astype(np.float64) / scorer.length(squares)
    for spans, group, weight in parts:
        # The last word can reach past its window, which ends with a letter, digit or Han character: `C++`.
        stops = np.minimum(spans.ends, ends[group])
        per_character = weight * factor[group] / (stops - spans.starts)
        # Added at the start and taken off at the end, so that running sums give each character's part.
        edges += np.bincount(spans.starts + shift[group], per_character, len(edges))
        edges -= np.bincount(stops + shift[group], per_character, len(edges))
    totals = np.zeros(len(edges))
    # Each by itself, so that nothing depends on what else is in the run.
    for a, b in pairwise(bounds.tolist()):
        totals[a + 1 : b] = np.cumsum(np.cumsum(edges[a : b - 1]))
    return totals, shift


def _explain(
    scorer: WindowScorer,
    segments: Segments,
    found: Found,
    aligned: Sequence[AlignedText],
    shown: Shown,
    calibration: Calibration,
) -> Iterator[Evidence]:
    total, shift = character_sums(scorer, segments, found, shown)
    clause = found.words.clause
    word, group = ragged(np.searchsorted(clause, shown.first), np.searchsorted(clause, shown.last))
    starts, ends = (side[word] for side in found.words.spans)
    ends = np.minimum(ends, segments.ends[shown.last - 1][group])  # `C++`, as above
    slope = calibration.slope[shown.label]
    weight = (total[ends + shift[group]] - total[starts + shift[group]]) * slope[group]
    # The heaviest of each window, equal ones in text order.
    order = np.lexsort((-weight, group))
    first = np.searchsorted(group, np.arange(len(shown.text)))
    rank = np.arange(len(order)) - first[group[order]]
    top = order[(rank < TOP_WORDS) & (weight[order] > 0)]
    speaking = np.bincount(group, np.maximum(weight, 0), len(shown.text))  # what speaks for each label
    share = weight[top] / speaking[group[top]]
    words: list[list[WordWeight]] = [[] for _ in shown.text]
    offsets = segments.offsets[shown.text].tolist()
    heavy = (group[top], starts[top], ends[top], weight[top], share, found.words.word[word[top]])
    for i, start, end, value, part, token in zip(*(column.tolist() for column in heavy), strict=True):
        at, stop = aligned[shown.text[i]].original_span(start - offsets[i], end - offsets[i])
        words[i].append(WordWeight(at, stop, found.words.tokens[token], value, part))
    begins, stops = segments.starts[shown.first], segments.ends[shown.last - 1]
    listed = np.bincount(group[top], weight[top], len(shown.text))
    rest = (total[stops + shift] - total[begins + shift]) * slope - listed
    base = slope * scorer.bias[shown.label] + calibration.intercept[shown.label]
    margin = shown.raw * scorer.scale[shown.label] + scorer.bias[shown.label]
    score = sigmoid(margin.astype(np.float64) * slope + calibration.intercept[shown.label])
    figures = (shown.text, begins, stops, score, base, rest)
    columns = zip(*(figure.tolist() for figure in figures), strict=True)
    for i, (text, begin, stop, own, constant, other) in enumerate(columns):
        start, end = aligned[text].original_span(begin - offsets[i], stop - offsets[i])
        yield Evidence(start, end, aligned[text].original[start:end], own, constant, other, tuple(words[i]))
