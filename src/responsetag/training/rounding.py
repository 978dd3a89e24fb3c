"""Weights as small whole numbers: sums are exact, models small, and the last bits of a processor's arithmetic
do not show in them."""

from __future__ import annotations

from typing import NamedTuple

import numpy as np
from numpy.typing import NDArray

from responsetag.lanes import MAX_STEPS, encode


class Rounded(NamedTuple):
    """Weights and scale as in :class:`responsetag.model.artifact.Model`."""

    weights: NDArray[np.int8]
    scale: NDArray[np.float32]


def round_weights(weights: NDArray[np.float64], idf: NDArray[np.float32]) -> Rounded:
    """Round idf times weight, and idf squared, to steps.

    Args:
        weights: shape ``(n_features, n_labels)``.
        idf: positive, shape ``(n_features,)``.
    """
    values = np.concatenate((weights, idf[:, None]), axis=1) * idf[:, None].astype(np.float64)
    largest = np.abs(values).max(axis=0, initial=0.0)
    largest[largest == 0] = MAX_STEPS
    scale = (largest / MAX_STEPS).astype(np.float32)
    steps = (values / scale).clip(-MAX_STEPS, MAX_STEPS)
    steps[:, -1] = steps[:, -1].clip(min=1)  # no feature is without length
    return Rounded(encode(steps), scale)
