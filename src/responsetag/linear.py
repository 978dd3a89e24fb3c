"""Weights to margins, and margins to probabilities and labels."""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from typing import NamedTuple

import numpy as np
from numpy.typing import NDArray

from responsetag.text.segment import Segments
from responsetag.tokenizer import Cut
from responsetag.vocabulary import Occurrences, Vocabulary, words
from responsetag.windows import Windows, group_starts, window_sums

# A window without any known feature has no length; this keeps its margin at the bias.
_LEAST_SQUARE = 1e-6


class ScoredWindows(NamedTuple):
    """Windows of one kind with their margins, shape ``(n_windows, n_labels)``."""

    spans: Windows
    margins: NDArray[np.float32]


@dataclass(frozen=True, slots=True)
class WindowScorer:
    """A linear model that scores every window of clauses and keeps the best of a paragraph.

    The margin of a window is ``sum(tfidf * weight) / length ** power + bias``, where ``length`` is the
    Euclidean length of its TF-IDF vector.

    Attributes:
        vocabulary: the features.
        table: shape ``(n_features, n_labels + 1)``: idf times weight for each label, then idf squared.
        bias: shape ``(n_labels,)``.
        power: 0 leaves sums as they are, 1 is full length normalisation.
        kinds: sizes of windows in clauses, and ``"sentence"``.
        cut: the tokenizer.
    """

    vocabulary: Vocabulary
    table: NDArray[np.float32]
    bias: NDArray[np.float32]
    power: float
    kinds: Sequence[int | str]
    cut: Cut

    def score_windows(
        self, segments: Segments, found: Iterable[Occurrences] | None = None
    ) -> list[ScoredWindows]:
        """The windows of each kind with their margins, in the order of ``kinds``.

        Args:
            found: the occurrences of features, where the caller has them already.
        """
        if found is None:
            found = self.vocabulary.find(segments, words(segments, self.cut))
        return [
            ScoredWindows(spans, sums / self.length(squares)[:, None] + self.bias)
            for spans, sums, squares in window_sums(segments, found, self.table, self.kinds)
        ]

    def length(self, squares: NDArray[np.float32]) -> NDArray[np.float32]:
        """What sums are divided by, from squared lengths."""
        divisor: NDArray[np.float32] = np.maximum(squares, np.float32(_LEAST_SQUARE)) ** np.float32(
            self.power / 2
        )
        return divisor

    def score(self, segments: Segments) -> NDArray[np.float32]:
        """The margin of each text's best window for each label, shape ``(n_texts, n_labels)``; minus
        infinity where a text has no clause."""
        return best_margins(self.score_windows(segments), segments, len(self.bias))


def best_margins(scored: Sequence[ScoredWindows], segments: Segments, n_labels: int) -> NDArray[np.float32]:
    """The highest margin of each text for each label, shape ``(n_texts, n_labels)``."""
    best = np.full((len(segments.offsets), n_labels), -np.inf, dtype=np.float32)
    for spans, margins in scored:
        if len(spans.first):
            owner = segments.paragraph[spans.first]
            starts = group_starts(owner)
            at = owner[starts]
            best[at] = np.maximum(best[at], np.maximum.reduceat(margins, starts, axis=0))
    return best


def sigmoid(values: NDArray[np.float64]) -> NDArray[np.float64]:
    """``1 / (1 + exp(-x))``, without overflow."""
    return 0.5 * (1.0 + np.tanh(0.5 * values))
