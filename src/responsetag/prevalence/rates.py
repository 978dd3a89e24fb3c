"""How often a model is right where a label is and where it is not, from gold rows, with its uncertainty.

Uncertainty is that of a Bayesian bootstrap (Rubin, The Bayesian Bootstrap, Annals of Statistics 9, 1981)
over documents: each has a random weight, so that paragraphs of one document move together. Half a hit and
half a miss with such weights stand beside them, so that a rate of 0 or 1 in few rows is not taken for
certain. Where each row is a document of its own this is nearly the Beta posterior with Jeffreys' prior
(Brown, Cai and DasGupta, Interval Estimation for a Binomial Proportion, Statistical Science 16, 2001).
"""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray

from responsetag.training.intervals import effective_documents

_DRAWN_AT_ONCE = 100
_PRIOR = 0.5  # Jeffreys
_LEAST_SHAPE = 0.25


@dataclass(frozen=True, slots=True)
class Rates:
    """Means of a value of 0 to 1, in the rows of a group and in the others, by label.

    Attributes:
        inside, outside: the means, shape ``(n_labels,)``; NaN where there is no such row.
        drawn_inside, drawn_outside: draws of them, shape ``(n_draws, n_labels)``.
        spread_inside, spread_outside: variance of the value, as a part of what that of a yes or no with the
            same mean is: 1 for decisions, less for scores; shape ``(n_labels,)``.
        size_inside, size_outside: rows, shape ``(n_labels,)``.
        correlation: of the errors of two rows of one document, 0 to 1.
    """

    inside: NDArray[np.float64]
    outside: NDArray[np.float64]
    drawn_inside: NDArray[np.float64]
    drawn_outside: NDArray[np.float64]
    spread_inside: NDArray[np.float64]
    spread_outside: NDArray[np.float64]
    size_inside: NDArray[np.float64]
    size_outside: NDArray[np.float64]
    correlation: float


def measure_rates(
    value: NDArray[np.float64],
    group: NDArray[np.bool_],
    member: NDArray[np.int64],
    draws: int,
    rng: np.random.Generator,
) -> Rates:
    """Means of ``value`` inside and outside of ``group``, both of shape ``(n_rows, n_labels)``.

    Args:
        member: the document of each row, as numbers from 0.
        draws: of the uncertainty.
    """
    parts = (value * group, value * ~group, group.astype(float), (~group).astype(float))
    sums = np.zeros((4, int(member.max()) + 1, value.shape[1]))
    for part, values in zip(sums, parts, strict=True):
        np.add.at(part, member, values)
    with np.errstate(invalid="ignore"):
        mean = [sums[k].sum(axis=0) / sums[k + 2].sum(axis=0) for k in (0, 1)]
        squares = [(value**2 * g).sum(axis=0) / g.sum(axis=0) for g in (group, ~group)]
        spread = [(s - m**2) / (m - m**2) for s, m in zip(squares, mean, strict=True)]
    drawn: list[list[NDArray[np.float64]]] = [[], []]
    documents = effective_documents(np.bincount(member).astype(float))
    # Weights of shape 1 have the variance of the mean times (n - 1) / (n + 1), too little where n is small.
    shape = max((documents - 2) / documents, _LEAST_SHAPE)
    for done in range(0, draws, _DRAWN_AT_ONCE):
        size = min(_DRAWN_AT_ONCE, draws - done)
        weight = rng.standard_gamma(shape, (size, sums.shape[1]))
        for k in (0, 1):
            hit, miss = rng.standard_gamma(_PRIOR, (2, size, value.shape[1]))
            drawn[k].append((weight @ sums[k] + hit) / (weight @ sums[k + 2] + hit + miss))
    return Rates(
        mean[0], mean[1],
        np.concatenate(drawn[0]), np.concatenate(drawn[1]),
        np.nan_to_num(spread[0], nan=1.0), np.nan_to_num(spread[1], nan=1.0),
        sums[2].sum(axis=0), sums[3].sum(axis=0),
        _correlation(value - np.where(group, *(np.nan_to_num(m) for m in mean)), member),
    )  # fmt: skip


def design_effect(units: NDArray[np.float64], correlation: float) -> float:
    """How much more the mean of documents of ``units`` rows varies than that of rows apart, from 1."""
    return 1 + (float((units**2).sum() / units.sum()) - 1) * correlation


def _correlation(residual: NDArray[np.float64], member: NDArray[np.int64]) -> float:
    """Over all labels: of a single one it is too uncertain. 0 where each row is a document."""
    sums = np.zeros((int(member.max()) + 1, residual.shape[1]))
    np.add.at(sums, member, residual)
    alone = float((residual**2).sum())
    pairs = float((sums**2).sum()) - alone
    units = np.bincount(member).astype(float)
    most = (float((units**2).sum() / units.sum()) - 1) * alone
    return min(max(pairs / most, 0.0), 1.0) if most else 0.0
