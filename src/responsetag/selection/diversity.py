"""Picking useful rows that differ from each other, one after the other.

Ranked batches (Cardoso et al., Ranked batch-mode active learning, Information Sciences 379, 2017): each next
row is the one with the most use, made smaller by its likeness to the most similar row picked before it.
"""

from __future__ import annotations

from dataclasses import dataclass
from typing import NamedTuple

import numpy as np
from numpy.typing import NDArray

from responsetag.types import TermWeights

# A cosine of TF-IDF vectors from which two paragraphs say the same: one of them is enough to label.
NEAR_DUPLICATE = 0.8


class Pick(NamedTuple):
    """A row that was picked.

    Attributes:
        row: its number.
        similarity: to the most similar row picked before it, as cosine 0 to 1.
        nearest: place of that row in the order of picks; None where none before it has a word in common.
    """

    row: int
    similarity: float
    nearest: int | None


@dataclass(frozen=True)
class Vectors:
    """Rows of TF-IDF vectors of length 1.

    Attributes:
        weights: of all rows.
        rows: how many there are.
        features: how many features there are.
    """

    weights: TermWeights
    rows: int
    features: int

    def similarities(self, row: int) -> NDArray[np.float64]:
        """The cosine of one row with each, shape ``(rows,)``."""
        weights = self.weights
        own = slice(*np.searchsorted(weights.row, (row, row + 1)).tolist())
        spread = np.zeros(self.features)
        spread[weights.feature[own]] = weights.weight[own]
        shared = weights.weight * spread[weights.feature]
        return np.bincount(weights.row, shared, self.rows).astype(np.float64)


def pick_diverse(use: NDArray[np.float64], vectors: Vectors, n: int) -> list[Pick]:
    """Rows by falling use, none of them a near-duplicate of one before it; of equal ones the first.

    Args:
        use: of each row, shape ``(rows,)``, positive.
        n: how many rows are wanted; fewer come where there are no more.
    """
    similar, nearest = np.zeros(len(use)), np.full(len(use), -1)
    left = np.ones(len(use), dtype=bool)
    picks: list[Pick] = []
    while len(picks) < n and left.any():
        row = int(np.argmax(np.where(left, use * (1 - similar), -1.0)))
        before = int(nearest[row])
        picks.append(Pick(row, min(float(similar[row]), 1.0), before if before >= 0 else None))
        cosine = vectors.similarities(row)
        nearer = cosine > similar
        similar[nearer], nearest[nearer] = cosine[nearer], len(picks) - 1
        left &= similar < NEAR_DUPLICATE
        left[row] = False
    return picks
