"""Precision, recall and F1 by label, their micro and macro averages, and calibration."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import asdict, dataclass
from itertools import compress
from typing import Any, NamedTuple

import numpy as np
from numpy.typing import NDArray

from responsetag.training.intervals import Intervals, bootstrap


@dataclass(frozen=True, slots=True)
class LabelScore:
    """Figures of one label, or of an average. ``support`` counts the paragraphs that carry it."""

    label: str
    precision: float
    recall: float
    f1: float
    support: int


class Bin(NamedTuple):
    """Decisions whose scores lie in one tenth of the range: their mean score and how often they are right."""

    score: float
    frequency: float
    size: int


@dataclass(frozen=True, slots=True)
class AveragePrecision:
    """Area under the steps of precision against recall, which no threshold enters (scikit-learn's
    ``average_precision_score``).

    Attributes:
        labels: one a label, in the model's order; None where no paragraph carries the label.
        micro: over all decisions; None where no paragraph carries any label.
        macro: mean of ``labels`` that have one.
    """

    labels: tuple[float | None, ...]
    micro: float | None
    macro: float | None


@dataclass(frozen=True, slots=True)
class Evaluation:
    """How given labels compare with true ones.

    Attributes:
        labels: one entry a label, in the model's order.
        micro, macro: averages over decisions and over labels. A label that neither side gives has
            an F1 of 0 and counts in the macro average.
        exact_match: share of paragraphs whose labels are all right.
        reliability: all labels and paragraphs in ten bins of equal width by score, empty bins left
            out; None where no scores were given.
        average_precision: of the scores; None where none were given.
        paragraphs: how many were judged.
        intervals: of the F1 figures, by documents; None where no documents were given.
    """

    labels: tuple[LabelScore, ...]
    micro: LabelScore
    macro: LabelScore
    exact_match: float
    reliability: tuple[Bin, ...] | None
    average_precision: AveragePrecision | None
    paragraphs: int
    intervals: Intervals | None = None

    @property
    def calibration_error(self) -> float | None:
        """Of all labels together, see :func:`calibration_error`; None where no scores were given."""
        return None if self.reliability is None else calibration_error(self.reliability)

    def as_dict(self) -> dict[str, Any]:
        return {**asdict(self), "calibration_error": self.calibration_error}

    def summary(self) -> dict[str, Any]:
        """Rounded averages and F1 by label, as manifests keep them."""
        figures: dict[str, Any] = {
            "micro_f1": round(self.micro.f1, 4),
            "macro_f1": round(self.macro.f1, 4),
            "micro_precision": round(self.micro.precision, 4),
            "micro_recall": round(self.micro.recall, 4),
            "exact_match": round(self.exact_match, 4),
            "calibration_error": None if self.calibration_error is None else round(self.calibration_error, 4),
            "paragraphs": self.paragraphs,
            "f1": {score.label: round(score.f1, 4) for score in self.labels},
        }
        if self.reliability is not None:
            figures["reliability"] = [
                [round(b.score, 4), round(b.frequency, 4), b.size] for b in self.reliability
            ]
        if self.intervals is not None:
            bounds = {"micro_f1": self.intervals.micro, "macro_f1": self.intervals.macro}
            figures["documents"] = self.intervals.documents
            figures["intervals"] = {
                key: [round(value, 4) for value in interval] for key, interval in bounds.items()
            }
        return figures


@dataclass(frozen=True)
class Judged:
    """Paragraphs with their true labels, and what a model that saw nothing of them says; shapes
    ``(n_paragraphs, n_labels)``.

    Attributes:
        true: their labels.
        scores: calibrated probabilities, 0 to 1.
        given: the labels that the scores amount to.
        documents: the document of each paragraph.
        known: which of ``true`` is known; all of it when None. What is not known is not judged.
    """

    true: NDArray[np.bool_]
    scores: NDArray[np.float64]
    given: NDArray[np.bool_]
    documents: tuple[str, ...]
    known: NDArray[np.bool_] | None = None

    def evaluate(self, labels: Sequence[str]) -> Evaluation:
        """The figures, with intervals by documents."""
        return evaluate(self.true, self.given, labels, self.scores, self.documents, self.known)

    @property
    def is_known(self) -> NDArray[np.bool_]:
        """``known`` as a matrix, whatever is known."""
        return np.ones_like(self.true) if self.known is None else self.known

    def take(self, paragraphs: NDArray[np.bool_], labels: Sequence[int]) -> Judged:
        """Some of the paragraphs, shape ``(n_paragraphs,)``, and some of the labels, by their places."""
        cut = np.ix_(paragraphs, np.asarray(labels, dtype=np.int64))
        return Judged(
            self.true[cut],
            self.scores[cut],
            self.given[cut],
            tuple(compress(self.documents, paragraphs)),
            None if self.known is None else self.known[cut],
        )


def evaluate(
    true: NDArray[np.bool_],
    given: NDArray[np.bool_],
    labels: Sequence[str],
    scores: NDArray[np.float64] | None = None,
    documents: Sequence[str] | None = None,
    known: NDArray[np.bool_] | None = None,
) -> Evaluation:
    """Compare labels, shapes ``(n_paragraphs, n_labels)``.

    Args:
        scores: probabilities 0 to 1, for the calibration error.
        documents: the document of each paragraph, for intervals.
        known: which of ``true`` is known; what is not counts neither as right nor as wrong.
    """
    from sklearn.metrics import precision_recall_fscore_support  # gold rows are judged without it

    known = np.ones_like(true) if known is None else known
    true, given = true & known, given & known
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
        reliability=None if scores is None else reliability(true[known], scores[known]),
        average_precision=None if scores is None else _average_precision(true, np.where(known, scores, 0)),
        paragraphs=len(true),
        intervals=bootstrap(true, given, documents) if documents is not None and len(true) else None,
    )


def _average_precision(true: NDArray[np.bool_], scores: NDArray[np.float64]) -> AveragePrecision:
    from sklearn.metrics import average_precision_score

    labels = [
        float(average_precision_score(true[:, j], scores[:, j])) if true[:, j].any() else None
        for j in range(true.shape[1])
    ]
    known = [value for value in labels if value is not None]
    if not known:
        return AveragePrecision(tuple(labels), None, None)
    micro = float(average_precision_score(true.ravel(), scores.ravel()))
    return AveragePrecision(tuple(labels), micro, float(np.mean(known)))


def calibration_error(bins: Sequence[Bin]) -> float:
    """Expected calibration error (Guo et al., ICML 2017): mean distance between score and frequency."""
    total = sum(b.size for b in bins)
    return sum(abs(b.score - b.frequency) * b.size for b in bins) / max(total, 1)


def reliability(true: NDArray[np.bool_], scores: NDArray[np.float64], bins: int = 10) -> tuple[Bin, ...]:
    """Mean score, frequency and number of the decisions in each bin of score that has any."""
    place = np.minimum((scores.ravel() * bins).astype(int), bins - 1)
    count = np.bincount(place, minlength=bins)
    sums = np.bincount(place, weights=scores.ravel(), minlength=bins)
    hits = np.bincount(place, weights=true.ravel(), minlength=bins)
    return tuple(
        Bin(float(sums[b] / count[b]), float(hits[b] / count[b]), int(count[b]))
        for b in np.flatnonzero(count)
    )
