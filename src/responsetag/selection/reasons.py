"""Why a paragraph is worth labelling, for people and as data."""

from __future__ import annotations

from collections import Counter
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from typing import Any, NamedTuple

import numpy as np
from numpy.typing import NDArray

from responsetag.selection.diversity import Pick
from responsetag.selection.doubt import expected_errors

_DOUBTS_SHOWN = 3
# Below this probability of being wrong a decision is no doubt worth a word.
_LEAST = 0.1


class Doubt(NamedTuple):
    """A label that the model is unsure about, its score, and the score from which it is given."""

    label: str
    score: float
    threshold: float


@dataclass(frozen=True, slots=True)
class Reason:
    """Why a paragraph is worth labelling.

    Attributes:
        expected_errors: decisions on it that are expected to be wrong, by the model's own scores.
        doubts: the labels that it is most unsure about, most doubtful first; one at least.
        earlier: suggestions before this one with the same most doubtful label.
        similarity: cosine of its TF-IDF vector with that of the most similar suggestion before it, 0 to 1.
        nearest: rank of that suggestion; None where nothing before it is like it.
    """

    expected_errors: float
    doubts: tuple[Doubt, ...]
    earlier: int
    similarity: float
    nearest: int | None

    def __str__(self) -> str:
        unsure = ", ".join(f"{d.label} ({d.score:.2f}, given from {d.threshold:.2f})" for d in self.doubts)
        label = self.doubts[0].label
        news = f"number {self.earlier + 1} of those for {label}" if self.earlier else f"the first for {label}"
        like = (
            f"most like number {self.nearest} (similarity {self.similarity:.2f})"
            if self.nearest
            else "like none before it"
        )
        return f"unsure about {unsure}; {self.expected_errors:.1f} wrong labels expected; {news}; {like}"

    def as_dict(self) -> dict[str, Any]:
        return {
            "expected_errors": round(self.expected_errors, 4),
            "doubts": [
                {"label": d.label, "score": round(d.score, 4), "threshold": round(d.threshold, 4)}
                for d in self.doubts
            ],
            "similarity": round(self.similarity, 4),
            "nearest": self.nearest,
        }


def explain_picks(
    picks: Sequence[Pick],
    doubts: NDArray[np.float64],
    scores: NDArray[np.float64],
    labels: Sequence[str],
    thresholds: Mapping[str, float],
) -> list[Reason]:
    """A reason for each of ``picks``, which are rows of ``doubts`` and ``scores``, ``(n, n_labels)``."""
    errors = expected_errors(doubts)
    before: Counter[str] = Counter()
    reasons = []
    for pick in picks:
        size = np.abs(doubts[pick.row])
        order = np.argsort(-size, kind="stable")[:_DOUBTS_SHOWN]
        shown = tuple(
            Doubt(labels[j], float(scores[pick.row, j]), thresholds[labels[j]])
            for place, j in enumerate(order.tolist())
            if place == 0 or size[j] >= _LEAST
        )
        reasons.append(
            Reason(
                float(errors[pick.row]),
                shown,
                before[shown[0].label],
                pick.similarity,
                None if pick.nearest is None else pick.nearest + 1,
            )
        )
        before[shown[0].label] += 1
    return reasons
