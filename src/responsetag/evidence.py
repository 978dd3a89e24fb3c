"""Which window shows a label, and what each of its words added."""

from __future__ import annotations

from collections.abc import Sequence

import numpy as np
from numpy.typing import NDArray

from responsetag.linear import WindowScorer
from responsetag.text.alignment import AlignedText
from responsetag.text.segment import segment
from responsetag.types import Evidence, WordWeight
from responsetag.vocabulary import Occurrences, Words, words

# Words shown for a label: more than a reader takes in at a glance says less.
TOP_WORDS = 5


def explain(
    scorer: WindowScorer, aligned: AlignedText, labels: Sequence[int], slope: NDArray[np.float64]
) -> dict[int, Evidence]:
    """The evidence for each of ``labels`` in one paragraph that has at least one clause.

    The span is the window with the highest margin; of equal ones, the one of the kind named first in
    ``scorer.kinds``, then the first in the text.

    Args:
        slope: of each label's calibration, shape ``(n_labels,)``: from margins to log odds.
    """
    segments = segment([aligned.text])
    tokens = words(segments, scorer.cut)
    found = list(scorer.vocabulary.find(segments, tokens))
    scored = scorer.score_windows(segments, found)
    margins = np.concatenate([s.margins for s in scored])
    first = np.concatenate([s.spans.first for s in scored])
    last = np.concatenate([s.spans.last for s in scored])
    evidence = {}
    for label in labels:
        best = int(np.argmax(margins[:, label]))
        window = int(first[best]), int(last[best])
        share = character_shares(scorer, found, len(segments.text), label, window) * slope[label]
        start, end = aligned.original_span(int(segments.starts[window[0]]), int(segments.ends[window[1] - 1]))
        top = _top_words(share, tokens, window, aligned)
        evidence[label] = Evidence(start, end, aligned.original[start:end], top)
    return evidence


def character_shares(
    scorer: WindowScorer, found: Sequence[Occurrences], length: int, label: int, window: tuple[int, int]
) -> NDArray[np.float64]:
    """What each character of a text of ``length`` characters added to the margin of a window for a
    label, shape ``(length,)``; they add up to the margin without the label's bias.

    A feature's part is shared evenly among its occurrences in the window, and the part of an
    occurrence among its characters (for a pair of words or a run, those from its first to its last).
    """
    edges = np.zeros(length + 1)
    squares = 0.0
    for occurrences in found:
        inside = np.flatnonzero((occurrences.clause >= window[0]) & (occurrences.clause < window[1]))
        feature, place, count = np.unique(
            occurrences.feature[inside], return_inverse=True, return_counts=True
        )
        tf = 1 + np.log(count)
        squares += float((tf**2 * scorer.table[feature, -1]).sum())
        starts, ends = occurrences.starts[inside], occurrences.ends[inside]
        per_character = (tf * scorer.table[feature, label] / count)[place] / (ends - starts)
        # Added at the start and taken off at the end, so that running sums give each character's share.
        np.add.at(edges, starts, per_character)
        np.subtract.at(edges, ends, per_character)
    divisor = float(scorer.length(np.array([squares], dtype=np.float32))[0])
    shares: NDArray[np.float64] = np.cumsum(edges)[:-1] / divisor
    return shares


def _top_words(
    share: NDArray[np.float64], tokens: Words, window: tuple[int, int], aligned: AlignedText
) -> tuple[WordWeight, ...]:
    """The words of the window that added most, heaviest first; equal ones in text order."""
    first, last = np.searchsorted(tokens.clause, window).tolist()
    total = np.concatenate(([0.0], np.cumsum(share)))
    weights = total[tokens.ends[first:last]] - total[tokens.starts[first:last]]
    top = []
    for i in np.argsort(-weights, kind="stable")[:TOP_WORDS].tolist():
        if weights[i] > 0:
            start, end = aligned.original_span(int(tokens.starts[first + i]), int(tokens.ends[first + i]))
            token = tokens.tokens[tokens.word[first + i]]
            top.append(WordWeight(start, end, token, float(weights[i])))
    return tuple(top)
