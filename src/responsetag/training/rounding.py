"""Weights as small whole numbers: sums are exact, models small, and the last bits of a processor's arithmetic
do not show in them."""

from __future__ import annotations

from typing import NamedTuple

import numpy as np
from numpy.typing import NDArray

from responsetag.lanes import MAX_STEPS, encode


class Rounded(NamedTuple):
    """Weights, squares and scale as in :class:`responsetag.model.artifact.Model`."""

    weights: NDArray[np.int8]
    squares: NDArray[np.int16]
    scale: NDArray[np.float32]


def round_weights(weights: NDArray[np.float64], idf: NDArray[np.float32]) -> Rounded:
    """Round idf times weight, and idf squared, to steps.

    Args:
        weights: shape ``(n_features, n_labels)``.
        idf: positive, shape ``(n_features,)``.
    """
    products = weights * idf[:, None]
    squares = idf.astype(np.float64) ** 2
    largest = np.append(np.abs(products).max(axis=0, initial=0.0), squares.max(initial=0.0))
    largest[largest == 0] = MAX_STEPS
    scale = (largest / MAX_STEPS).astype(np.float32)
    steps = np.rint(squares / scale[-1]).clip(1, MAX_STEPS).astype(np.int16)
    return Rounded(encode((products / scale[:-1]).clip(-MAX_STEPS, MAX_STEPS)), steps, scale)
