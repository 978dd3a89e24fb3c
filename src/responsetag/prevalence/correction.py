"""How much of a collection carries each label, corrected for the model's errors, with intervals.

With ``q`` the share that the model gives, ``t`` its share of right ones among those that carry the label and
``f`` that of wrong ones among those that do not, both from gold rows, ``(q - f) / (t - f)`` carry it: Rogan
and Gladen, Estimating Prevalence from the Results of a Screening Test, American Journal of Epidemiology 107,
1978; in machine learning adjusted classify and count (Forman, Quantifying Counts and Costs via
Classification, Data Mining and Knowledge Discovery 17, 2008), and with mean scores in place of shares its
probabilistic form (Bella et al., Quantification via Probability Estimators, ICDM 2010). This takes ``t`` and
``f`` to be the same in the collection as in the gold rows, whatever the shares of labels: prior probability
shift. Gold rows that are a random sample of the collection need no such assumption: then the shares of right
ones among those given and not given (the calibration estimator: Tenenbein, A Double Sampling Scheme for
Estimating from Binomial Data with Misclassifications, Journal of the American Statistical Association 65,
1970; Kloos et al., Comparing Correction Methods to Reduce Misclassification Bias, 2020) vary less.

Intervals are quantiles of draws of the rates (``rates.py``) and of the chance by which errors fall in the
collection, clipped to 0 to 1, as in Bayesian forms of the same correction (Flor et al., Comparison of
Bayesian and Frequentist Methods for Prevalence Estimation under Misclassification, BMC Public Health 20,
2020).
"""

from __future__ import annotations

from typing import NamedTuple

import numpy as np
from numpy.typing import NDArray

from responsetag.prevalence.collection import Collection
from responsetag.prevalence.rates import Rates, design_effect, measure_rates
from responsetag.prevalence.results import Method

LEAST_ROWS = 5  # gold units on either side: fewer measure no rate
LEAST_DISTANCE = 0.1  # of t and f, by its lower bound: below, chance is multiplied by more than ten
_TAILS = (0.025, 0.975)
_UNLIKE = 0.999  # of the draws beyond 0 or 1: gold rows of another kind, not chance in a rare label
_Array = NDArray[np.float64]


class Corrected(NamedTuple):
    """Corrected shares.

    Attributes:
        share, low, high: with bounds of 95%, 0 to 1, shape ``(n_labels,)``.
        reasons: one a label: why the figures mean nothing, or None.
    """

    share: _Array
    low: _Array
    high: _Array
    reasons: list[str | None]


def correct(
    collection: Collection,
    value: _Array,
    true: NDArray[np.bool_],
    member: NDArray[np.int64],
    *,
    method: Method,
    population: bool,
    draws: int,
    rng: np.random.Generator,
) -> Corrected:
    """Correct what a model says of a collection.

    Args:
        value: what it says of the gold units: their scores for ``pacc``, else 0 and 1; shape
            ``(n_units, n_labels)``.
        true: their labels, the same shape.
        member: the document of each gold unit, numbers from 0.
        method, population, draws: see :func:`responsetag.prevalence.estimate_prevalence`.
    """
    sums = collection.scores if method == "pacc" else collection.given
    found = sums.sum(axis=0) / collection.size
    seen = _draw_shares(collection.units, sums, draws, rng) if population else found
    if method == "calibration":
        rates = measure_rates(true.astype(float), value > 0, member, draws, rng)
        share = _mixed(found, rates.inside, rates.outside)
        drawn = _mixed(seen, rates.drawn_inside, rates.drawn_outside)
        chance = _chance(found, rates, collection.units, rng)
    else:
        rates = measure_rates(value, true, member, draws, rng)
        with np.errstate(invalid="ignore", divide="ignore"):
            share = (found - rates.outside) / (rates.inside - rates.outside)
            distance = rates.drawn_inside - rates.drawn_outside
            drawn = (seen - rates.drawn_outside) / distance
            chance = _chance(np.clip(drawn, 0, 1), rates, collection.units, rng) / distance
    if not population:  # in a draw of other documents errors fall by chance already
        drawn = drawn + chance
    reasons = _reasons_calibration(found, rates) if method == "calibration" else _reasons(drawn, rates)
    low, high = np.clip(np.quantile(drawn, _TAILS, axis=0), 0, 1)
    share = np.clip(share, 0, 1)
    return Corrected(share, np.minimum(low, share), np.maximum(high, share), reasons)


def _mixed(part: _Array, inside: _Array, outside: _Array) -> _Array:
    """The mean of both sides; a side that is empty does not count."""
    mixed: _Array = np.where(part > 0, part * inside, 0) + np.where(part < 1, (1 - part) * outside, 0)
    return mixed


def _chance(inside: _Array, rates: Rates, units: _Array, rng: np.random.Generator) -> _Array:
    """Draws of how far the mean value of documents of ``units`` lies from what the rates say, by chance;
    errors of one document go together as in the gold rows. ``inside`` is the share of units in the group."""
    size, effect = units.sum(), design_effect(units, rates.correlation)
    variance = inside * rates.drawn_inside * (1 - rates.drawn_inside) * rates.spread_inside
    variance = (
        variance + (1 - inside) * rates.drawn_outside * (1 - rates.drawn_outside) * rates.spread_outside
    )
    chance: _Array = rng.standard_normal(variance.shape) * np.sqrt(variance * effect / size)
    return chance


def _draw_shares(units: _Array, sums: _Array, draws: int, rng: np.random.Generator) -> _Array:
    """Draws of the mean value had other documents been collected, shape ``(n_draws, n_labels)``: Beta, with
    as many units as have the variance of the mean over documents."""
    total, documents = units.sum(), len(units)
    mean = sums.sum(axis=0) / total
    residual = sums - mean * units[:, None]
    variance = (residual**2).sum(axis=0) / total**2 * documents / max(documents - 1, 1)
    with np.errstate(invalid="ignore", divide="ignore"):
        size = np.where(variance > 0, mean * (1 - mean) / variance, documents)
    shape = (draws, len(mean))
    return rng.beta(mean * size + 0.5, (1 - mean) * size + 0.5, shape)


def _reasons(drawn: _Array, rates: Rates) -> list[str | None]:
    distance = np.quantile(rates.drawn_inside - rates.drawn_outside, _TAILS[0], axis=0)
    low, high = np.quantile(drawn, (1 - _UNLIKE, _UNLIKE), axis=0)
    reasons: list[str | None] = []
    for j in range(drawn.shape[1]):
        reason = None
        if min(rates.size_inside[j], rates.size_outside[j]) < LEAST_ROWS:
            reason = (
                f"{rates.size_inside[j]:.0f} gold units carry it and {rates.size_outside[j]:.0f} do not; "
                f"{LEAST_ROWS} of either are needed at least"
            )
        elif distance[j] < LEAST_DISTANCE:
            reason = "the gold rows do not show that the model tells it from the rest"
        elif high[j] < 0:
            reason = (
                "given less often than errors alone would give it: the gold rows are unlike the collection"
            )
        elif low[j] > 1:
            reason = "given more often than if all carried it: the gold rows are unlike the collection"
        reasons.append(reason)
    return reasons


def _reasons_calibration(found: _Array, rates: Rates) -> list[str | None]:
    return [
        f"the model gives it to {inside:.0f} gold units and not to {outside:.0f}; {LEAST_ROWS} of either "
        "are needed at least"
        if (share > 0 and inside < LEAST_ROWS) or (share < 1 and outside < LEAST_ROWS)
        else None
        for share, inside, outside in zip(found, rates.size_inside, rates.size_outside, strict=True)
    ]
