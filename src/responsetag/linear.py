"""Weights to margins, and margins to probabilities and labels."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from typing import NamedTuple

import numpy as np
from numpy.typing import NDArray

from responsetag.lanes import LaneTable
from responsetag.text.segment import Segments
from responsetag.tokenizer import Cut
from responsetag.types import TermWeights
from responsetag.vocabulary import Occurrences, Vocabulary, Words, words
from responsetag.windows import Windows, group_starts, window_sums

# A window without any known feature has no length; this keeps its margin at the bias.
_LEAST_SQUARE = 1e-6


class Found(NamedTuple):
    """What a text was cut into: its words, and where features occur, kind after kind."""

    words: Words
    features: list[Occurrences]


class ScoredWindows(NamedTuple):
    """Windows of one size with their margins before scale and bias, shape ``(n_windows, n_labels)``."""

    spans: Windows
    raw: NDArray[np.float32]


@dataclass(frozen=True, slots=True)
class WindowScorer:
    """A linear model that scores every window of clauses and keeps the best of a paragraph.

    The margin of a window is ``sum(tfidf * weight) / length ** power + bias``, where ``length`` is the
    Euclidean length of its TF-IDF vector.

    Attributes:
        vocabulary: the features.
        table: a row a feature: idf times weight for each label, then idf squared, in steps.
        scale: how large a step is, positive, shape ``(n_labels + 1,)``.
        bias: shape ``(n_labels,)``.
        power: 0 leaves sums as they are, 1 is full length normalisation.
        sizes: of windows, in clauses.
        cut: the tokenizer.
    """

    vocabulary: Vocabulary
    table: LaneTable
    scale: NDArray[np.float32]
    bias: NDArray[np.float32]
    power: float
    sizes: Sequence[int]
    cut: Cut

    def find(self, segments: Segments) -> Found:
        """The words and features of ``segments``."""
        found = words(segments, self.cut)
        return Found(found, list(self.vocabulary.find(segments, found)))

    def score_windows(self, segments: Segments, found: Sequence[Occurrences]) -> list[ScoredWindows]:
        """The windows of each size, in the order of ``sizes``."""
        return [
            ScoredWindows(spans, sums[:, :-1] / self.length(sums[:, -1])[:, None])
            for spans, sums in window_sums(segments, found, self.table, self.sizes)
        ]

    def length(self, squares: NDArray[np.floating]) -> NDArray[np.float32]:
        """What sums are divided by, from squared lengths in steps."""
        squared = np.maximum(squares.astype(np.float32) * self.scale[-1], np.float32(_LEAST_SQUARE))
        divisor: NDArray[np.float32] = squared ** np.float32(self.power / 2)
        return divisor

    def margins(self, raw: NDArray[np.float32]) -> NDArray[np.float32]:
        """Margins from those before scale and bias, any shape that ends in ``n_labels``."""
        margins: NDArray[np.float32] = raw * self.scale[:-1] + self.bias
        return margins

    def weigh(self, segments: Segments) -> TermWeights:
        """The TF-IDF vector of each text as a whole, divided by its length."""
        found = self.find(segments).features
        text = np.concatenate([segments.paragraph[occurrences.clause] for occurrences in found])
        feature = np.concatenate([occurrences.feature for occurrences in found])
        width = max(len(self.table), 1)
        keys, counts = np.unique(text * width + feature, return_counts=True)
        row, feature = np.divmod(keys, width)
        squared = self.table.column(feature, np.full(len(feature), self.table.width - 1))
        # In steps: their size falls out of the division.
        weight = (1 + np.log(counts)) * np.sqrt(squared.astype(np.float64))
        length = np.sqrt(np.bincount(row, weight**2, len(segments.offsets)))
        return TermWeights(row, feature, weight / length[row])

    def best(self, segments: Segments, scored: Sequence[ScoredWindows]) -> NDArray[np.float32]:
        """The margin of each text's best window for each label, shape ``(n_texts, n_labels)``; minus
        infinity where a text has no clause."""
        best = np.full((len(segments.offsets), len(self.bias)), -np.inf, dtype=np.float32)
        by_clause = np.full((len(segments), len(self.bias)), -np.inf, dtype=np.float32)
        for spans, raw in scored:
            by_clause[spans.first] = np.maximum(by_clause[spans.first], raw)
        starts = group_starts(segments.paragraph)
        if len(starts):
            best[segments.paragraph[starts]] = np.maximum.reduceat(by_clause, starts, axis=0)
        return self.margins(best)

    def score(self, segments: Segments) -> NDArray[np.float32]:
        """Features to best margins in one go, shape ``(n_texts, n_labels)``."""
        return self.best(segments, self.score_windows(segments, self.find(segments).features))


def sigmoid(values: NDArray[np.float64]) -> NDArray[np.float64]:
    """``1 / (1 + exp(-x))``, without overflow."""
    return 0.5 * (1.0 + np.tanh(0.5 * values))
