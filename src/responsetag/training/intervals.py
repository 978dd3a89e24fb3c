"""How far figures would move with other documents: bootstrap intervals.

Paragraphs of one document resemble each other, so whole documents are drawn, not paragraphs: the
cluster bootstrap (Field and Welsh, Bootstrapping clustered data, Journal of the Royal Statistical
Society B 69, 2007), with percentile intervals (Efron and Tibshirani, An Introduction to the Bootstrap,
1993, chapter 13).
"""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from typing import NamedTuple

import numpy as np
from numpy.typing import NDArray

_DRAWS = 2000
_DRAWN_AT_ONCE = 100
_COVERAGE = 0.95
_SEED = 20261121


class Interval(NamedTuple):
    """Bounds that 95% of the draws lie between."""

    low: float
    high: float


@dataclass(frozen=True, slots=True)
class Intervals:
    """Intervals of F1, from ``documents`` documents.

    Attributes:
        micro, macro: of the averages; the macro average leaves out labels that neither side gives in a draw.
        labels: one a label, in the model's order; ``None`` where no paragraph carries the label.
    """

    micro: Interval
    macro: Interval
    labels: tuple[Interval | None, ...]
    documents: int


def bootstrap(true: NDArray[np.bool_], given: NDArray[np.bool_], documents: Sequence[str]) -> Intervals:
    """Intervals of F1 by drawing documents with replacement, 2,000 times.

    Args:
        true, given: labels, shape ``(n_paragraphs, n_labels)``.
        documents: the document of each paragraph.

    Raises:
        ValueError: there is no paragraph, or lengths differ.
    """
    # Right, given and true labels of each document: all that F1 needs.
    counts = sum_by_document((true & given, given, true), documents)
    micro, macro, labels = [], [], []
    for times in draw_documents(counts.shape[1], _DRAWS, np.random.default_rng(_SEED)):
        right, marked, wanted = (times @ part for part in counts)
        by_label = _f1(right, marked + wanted)
        labels.append(by_label)
        macro.append(_mean_of_known(by_label))
        micro.append(_f1(right.sum(axis=1), (marked + wanted).sum(axis=1)))
    drawn = np.concatenate(labels)
    support = true.sum(axis=0, dtype=np.int64)
    return Intervals(
        _interval(np.concatenate(micro)),
        _interval(np.concatenate(macro)),
        tuple(_interval(drawn[:, j]) if support[j] else None for j in range(true.shape[1])),
        counts.shape[1],
    )


def sum_by_document(
    parts: Sequence[NDArray[np.bool_] | NDArray[np.float64]], documents: Sequence[str]
) -> NDArray[np.float64]:
    """Sums over the paragraphs of each document, shape ``(n_parts, n_documents, n_labels)``.

    Args:
        parts: of shape ``(n_paragraphs, n_labels)`` each.
        documents: the document of each paragraph.

    Raises:
        ValueError: there is no paragraph, or lengths differ.
    """
    n, labels = parts[0].shape
    if not n or len(documents) != n:
        raise ValueError(f"{n} paragraphs and {len(documents)} documents: give one for each")
    names, member = np.unique(np.asarray(documents, dtype=object).astype(str), return_inverse=True)
    sums = np.zeros((len(parts), len(names), labels))
    for part, values in zip(sums, parts, strict=True):
        np.add.at(part, member, values)
    return sums


def effective_documents(paragraphs: NDArray[np.float64]) -> float:
    """How many documents of equal size would tell as much as ones of so many paragraphs: Kish, Survey
    Sampling, 1965."""
    return float(paragraphs.sum() ** 2 / (paragraphs**2).sum())


def draw_documents(n: int, draws: int, rng: np.random.Generator) -> Iterator[NDArray[np.int64]]:
    """How often each of ``n`` documents is in each draw of ``n`` with replacement, some draws at a time:
    shape ``(at most 100, n)``."""
    for done in range(0, draws, _DRAWN_AT_ONCE):
        size = min(_DRAWN_AT_ONCE, draws - done)
        yield rng.multinomial(n, np.full(n, 1 / n), size=size)


def _f1(right: NDArray[np.float64], both: NDArray[np.float64]) -> NDArray[np.float64]:
    """F1 from the labels that are right and the sum of given and true ones; NaN where there are none."""
    return np.where(both > 0, 2 * right / np.maximum(both, 1), np.nan)


def _mean_of_known(values: NDArray[np.float64]) -> NDArray[np.float64]:
    known = np.isfinite(values)
    mean: NDArray[np.float64] = np.where(known, values, 0).sum(axis=1) / np.maximum(known.sum(axis=1), 1)
    return mean


def _interval(values: NDArray[np.float64]) -> Interval:
    known = values[np.isfinite(values)]
    if not len(known):  # neither side gives any label at all
        return Interval(0.0, 1.0)
    tail = (1 - _COVERAGE) / 2
    return Interval(float(np.quantile(known, tail)), float(np.quantile(known, 1 - tail)))
