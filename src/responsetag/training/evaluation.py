"""Precision, recall and F1 by label, their micro and macro averages, and calibration."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import asdict, dataclass
from typing import Any

import numpy as np
from numpy.typing import NDArray
from sklearn.metrics import precision_recall_fscore_support


@dataclass(frozen=True, slots=True)
class LabelScore:
    """Figures of one label, or of an average. ``support`` counts the paragraphs that carry it."""

    label: str
    precision: float
    recall: float
    f1: float
    support: int


@dataclass(frozen=True, slots=True)
class Evaluation:
    """How given labels compare with true ones.

    Attributes:
        labels: one entry a label, in the model's order.
        micro, macro: averages over decisions and over labels. A label that neither side gives has
            an F1 of 0 and counts in the macro average.
        exact_match: share of paragraphs whose labels are all right.
        calibration_error: expected calibration error over all labels and paragraphs, ten bins of
            equal width (Guo et al., ICML 2017); None where no scores were given.
        paragraphs: how many were judged.
    """

    labels: tuple[LabelScore, ...]
    micro: LabelScore
    macro: LabelScore
    exact_match: float
    calibration_error: float | None
    paragraphs: int

    def as_dict(self) -> dict[str, Any]:
        return asdict(self)

    def summary(self) -> dict[str, Any]:
        """Rounded averages and F1 by label, as manifests keep them."""
        return {
            "micro_f1": round(self.micro.f1, 4),
            "macro_f1": round(self.macro.f1, 4),
            "micro_precision": round(self.micro.precision, 4),
            "micro_recall": round(self.micro.recall, 4),
            "exact_match": round(self.exact_match, 4),
            "calibration_error": None if self.calibration_error is None else round(self.calibration_error, 4),
            "paragraphs": self.paragraphs,
            "f1": {score.label: round(score.f1, 4) for score in self.labels},
        }


def evaluate(
    true: NDArray[np.bool_],
    given: NDArray[np.bool_],
    labels: Sequence[str],
    scores: NDArray[np.float64] | None = None,
) -> Evaluation:
    """Compare labels, shapes ``(n_paragraphs, n_labels)``; ``scores`` are probabilities 0 to 1."""
    # A second column keeps scikit-learn from taking a single label for a binary target.
    none = np.zeros((len(true), 1), dtype=bool)
    columns = np.hstack([true, none]), np.hstack([given, none])
    by_label = [values[:-1] for values in precision_recall_fscore_support(*columns, zero_division=0.0)]
    entries = tuple(
        LabelScore(label, float(p), float(r), float(f), int(n))
        for label, p, r, f, n in zip(labels, *by_label, strict=True)
    )
    p, r, f, _ = precision_recall_fscore_support(*columns, average="micro", zero_division=0.0)
    total = int(true.sum())
    micro = LabelScore("micro", float(p), float(r), float(f), total)
    macro_p, macro_r, macro_f = (float(np.mean(values)) for values in by_label[:3])
    macro = LabelScore("macro", macro_p, macro_r, macro_f, total)
    return Evaluation(
        labels=entries,
        micro=micro,
        macro=macro,
        exact_match=float((true == given).all(axis=1).mean()) if len(true) else 0.0,
        calibration_error=None if scores is None else calibration_error(true, scores),
        paragraphs=len(true),
    )


def calibration_error(true: NDArray[np.bool_], scores: NDArray[np.float64], bins: int = 10) -> float:
    """Mean distance between probability and frequency over bins of probability, weighted by size."""
    place = np.minimum((scores.ravel() * bins).astype(int), bins - 1)
    count = np.bincount(place, minlength=bins)
    gap = np.bincount(place, weights=scores.ravel() - true.ravel(), minlength=bins)
    return float(np.abs(gap).sum() / max(count.sum(), 1))
