"""From out-of-fold margins to thresholds and probabilities."""

from __future__ import annotations

import numpy as np
from numpy.typing import NDArray
from sklearn.linear_model import LogisticRegression

# Platt's sigmoid is hardly regularised: two numbers from thousands of margins.
_PLATT_C = 1e4
_MOST = 0.5


def choose_thresholds(
    true: NDArray[np.bool_],
    margins: NDArray[np.floating],
    shrinkage: float,
    known: NDArray[np.bool_] | None = None,
) -> NDArray[np.float64]:
    """Margins from which a label is given, shape ``(n_labels,)``.

    Between the one threshold that gives the best micro F1 to all labels together (those of most rows, and
    those of few, apart) and each label's own best; a label's own is noisy where it is rare. A label that no
    paragraph carries has an infinite one: it is never given.

    Args:
        true: shape ``(n, n_labels)``.
        margins: finite, of models that did not see the paragraph, shape ``(n, n_labels)``.
        shrinkage: 0 for the common threshold, 1 for each label's own.
        known: which of ``true`` is known, of its shape; all of it when None.
    """
    known = np.ones_like(true) if known is None else known
    # Labels that few rows say anything of have margins of another size than those of most rows.
    mostly = known.mean(axis=0) >= _MOST
    common = np.empty(true.shape[1])
    for columns in (mostly, ~mostly):
        if columns.any():
            part = known[:, columns]
            common[columns] = best_threshold(true[:, columns][part], margins[:, columns][part])
    own = np.array(
        [best_threshold(true[known[:, j], j], margins[known[:, j], j]) for j in range(true.shape[1])]
    )
    chosen: NDArray[np.float64] = common + shrinkage * (own - common)
    return np.where((true & known).any(axis=0), chosen, np.inf)


def best_threshold(true: NDArray[np.bool_], margins: NDArray[np.floating]) -> float:
    """The threshold with the highest F1, half-way to the next lower margin."""
    order = np.argsort(-margins, kind="stable")
    if not true.any():  # all thresholds are as good, and the highest gives the label to nobody
        return float(margins.max(initial=0.0)) + 1
    ranked, hits = margins[order].astype(np.float64), np.cumsum(true[order])
    f1 = 2 * hits / (np.arange(1, len(ranked) + 1) + true.sum())
    # A threshold between equal margins does not exist.
    last_of_equals = np.append(ranked[1:] != ranked[:-1], True)
    best = int(np.argmax(np.where(last_of_equals, f1, -1)))
    following = ranked[best + 1] if best + 1 < len(ranked) else ranked[best] - 1
    return float((ranked[best] + following) / 2)


def fit_platt(
    true: NDArray[np.bool_], margins: NDArray[np.floating], known: NDArray[np.bool_] | None = None
) -> tuple[NDArray[np.float64], NDArray[np.float64]]:
    """Slope and intercept of the sigmoid of each label, shapes ``(n_labels,)``; slopes positive.

    Where margins do not rank a label's paragraphs at all, the sigmoid is nearly flat at its share.

    Args:
        known: which of ``true`` is known, of its shape; all of it when None.
    """
    slopes, intercepts = [], []
    for j in range(true.shape[1]):
        rows = slice(None) if known is None else known[:, j]
        carried, found = true[rows, j], margins[rows, j][:, None]
        slope, intercept = 0.0, 0.0
        if 0 < carried.sum() < len(carried):
            fit = LogisticRegression(C=_PLATT_C).fit(found, carried)
            slope, intercept = float(fit.coef_[0, 0]), float(fit.intercept_[0])
        if slope <= 0:
            share = (carried.sum() + 1) / (len(carried) + 2)
            slope, intercept = 1e-3, float(np.log(share / (1 - share)))
        slopes.append(slope)
        intercepts.append(intercept)
    return np.array(slopes), np.array(intercepts)
