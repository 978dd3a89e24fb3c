"""What a model says of a collection, summed up by document."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from typing import Literal

import numpy as np
from numpy.typing import NDArray

By = Literal["paragraph", "document"]
_ROWS = 1024


@dataclass(frozen=True, slots=True)
class Collection:
    """Sums over the units of each document; a unit is a paragraph or the document itself.

    Attributes:
        units: how many, shape ``(n_documents,)``.
        given: of them those that the model gives the label, shape ``(n_documents, n_labels)``.
        scores: sums of their scores, shape ``(n_documents, n_labels)``.
    """

    units: NDArray[np.float64]
    given: NDArray[np.float64]
    scores: NDArray[np.float64]

    @property
    def size(self) -> int:
        """Units in all."""
        return int(self.units.sum())


class Counter:
    """Sums up rows as they come; memory grows with documents, not with rows.

    Args:
        n_labels: of the model.
        by: what is counted. A document carries a label that any of its paragraphs carries, and has the
            score of the paragraph that scores highest.
    """

    def __init__(self, n_labels: int, by: By = "paragraph") -> None:
        self._by = by
        self._places: dict[str, int] = {}
        self._units = np.zeros(_ROWS)
        self._sums = np.zeros((2, _ROWS, n_labels))

    def add(self, documents: Sequence[str], given: NDArray[np.bool_], scores: NDArray[np.float64]) -> None:
        """Count rows.

        Args:
            documents: the document of each.
            given, scores: shape ``(n_rows, n_labels)``.
        """
        member = np.array([self._places.setdefault(d, len(self._places)) for d in documents], dtype=np.int64)
        while len(self._places) > len(self._units):
            self._units = np.concatenate([self._units, np.zeros_like(self._units)])
            self._sums = np.concatenate([self._sums, np.zeros_like(self._sums)], axis=1)
        if self._by == "document":
            self._units[member] = 1
            np.maximum.at(self._sums[0], member, given)
            np.maximum.at(self._sums[1], member, scores)
        else:
            np.add.at(self._units, member, 1)
            np.add.at(self._sums[0], member, given)
            np.add.at(self._sums[1], member, scores)

    def collection(self) -> Collection:
        """What was counted."""
        n = len(self._places)
        return Collection(self._units[:n], self._sums[0, :n], self._sums[1, :n])
