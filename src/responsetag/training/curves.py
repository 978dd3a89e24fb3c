"""Curves of judged paragraphs: precision against recall, and F1 against the threshold. Figures only;
``panels.py`` draws them."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from typing import Any

import numpy as np
from numpy.typing import NDArray
from sklearn.metrics import precision_recall_curve

from responsetag.training.evaluation import Evaluation, Judged, calibration_error, evaluate, reliability
from responsetag.training.thresholds import best_threshold

# Curves of fewer paragraphs than this are steps of chance, and say so.
FEW = 10
# So many points show a curve as well as ten thousand. Where fewer paragraphs carry a label, all are kept.
STEPS = 40
_GRID = np.linspace(0, 1, 51)
RECALLS = (0.5, 0.6, 0.7, 0.8, 0.9)


@dataclass(frozen=True)
class LabelCurves:
    """One label's curves.

    Attributes:
        label: its slug.
        support: paragraphs that carry it; where there are none the arrays are empty and figures None.
        precision, recall: of what was given, 0 to 1.
        average_precision: area under the steps of the curve.
        curve: recall and precision by falling threshold, shape ``(2, n_points)``, recall rising. All
            steps where ``STEPS`` paragraphs or fewer carry the label, otherwise points on them.
        at_recall: the highest precision at each of ``RECALLS`` or more (interpolated precision: Manning,
            Raghavan and Schütze, Introduction to Information Retrieval, 2008, chapter 8.4).
        threshold: the model's, a calibrated score.
        by_threshold: threshold and F1, shape ``(2, n_points)``.
        best: the threshold that is best on these very paragraphs, and its F1, which therefore flatters.
        calibration_error: expected calibration error of its scores alone.
    """

    label: str
    support: int
    precision: float
    recall: float
    average_precision: float | None
    curve: NDArray[np.float64]
    at_recall: tuple[float | None, ...]
    threshold: float
    by_threshold: NDArray[np.float64]
    best: tuple[float, float] | None
    calibration_error: float


@dataclass(frozen=True)
class Choice:
    """A way to choose thresholds, and the F1 it gives."""

    name: str
    threshold: float | None
    micro: float
    macro: float


def label_curves(
    judged: Judged, evaluation: Evaluation, thresholds: Sequence[float]
) -> tuple[LabelCurves, ...]:
    """The curves of every label, in the model's order, from the paragraphs of which it is known.

    Args:
        evaluation: of ``judged``.
        thresholds: the model's, one a label.
    """
    precision = evaluation.average_precision
    assert precision is not None
    found = []
    for j, score in enumerate(evaluation.labels):
        rows = judged.is_known[:, j]
        true, scores = judged.true[rows, j], judged.scores[rows, j]
        found.append(
            LabelCurves(
                label=score.label,
                support=score.support,
                precision=score.precision,
                recall=score.recall,
                average_precision=precision.labels[j],
                calibration_error=calibration_error(reliability(true, scores)),
                threshold=thresholds[j],
                **_curves(true, scores),
            )
        )
    return tuple(found)


def threshold_choices(judged: Judged, evaluation: Evaluation) -> tuple[Choice, ...]:
    """The model's thresholds beside one for all labels and beside each label's own best.

    The other two are chosen on the very paragraphs that they are judged on, so they flatter: no single
    threshold has a higher micro F1, and no thresholds at all have a higher macro F1.
    """
    true, scores, known = judged.true, judged.scores, judged.is_known
    names = [score.label for score in evaluation.labels]
    common = best_threshold(true[known], scores[known])
    own = np.array(
        [best_threshold(true[known[:, j], j], scores[known[:, j], j]) for j in range(true.shape[1])]
    )
    one, each = (evaluate(true, scores >= threshold, names, known=known) for threshold in (common, own))
    shown = common if true[known].any() else None
    return (
        Choice("the model's", None, evaluation.micro.f1, evaluation.macro.f1),
        Choice("one for all labels, the best here", shown, one.micro.f1, one.macro.f1),
        Choice("each label's own best here", None, each.micro.f1, each.macro.f1),
    )


def f1_by_threshold(true: NDArray[np.bool_], scores: NDArray[np.float64]) -> NDArray[np.float64]:
    """F1 of one label given from each threshold on, shape ``(2, 51)``: thresholds 0 to 1, and F1."""
    given = len(scores) - np.searchsorted(np.sort(scores), _GRID)
    hits = true.sum() - np.searchsorted(np.sort(scores[true]), _GRID)
    return np.stack([_GRID, 2 * hits / np.maximum(given + true.sum(), 1)])


def _curves(true: NDArray[np.bool_], scores: NDArray[np.float64]) -> dict[str, Any]:
    if not true.any():
        none = np.zeros((2, 0))
        return {"curve": none, "at_recall": (None,) * len(RECALLS), "by_threshold": none, "best": None}
    precision, recall, _ = precision_recall_curve(true, scores, drop_intermediate=True)
    precision, recall = precision[::-1], recall[::-1]  # recall rises; of equal ones, precision falls
    places = np.unique(np.searchsorted(recall, np.linspace(0, 1, STEPS + 1)))
    best = best_threshold(true, scores)
    return {
        "curve": np.stack([recall[places], precision[places]]),
        "at_recall": tuple(float(precision[recall >= least].max()) for least in RECALLS),
        "by_threshold": f1_by_threshold(true, scores),
        "best": (best, _f1(true, scores >= best)),
    }


def _f1(true: NDArray[np.bool_], given: NDArray[np.bool_]) -> float:
    return float(2 * (true & given).sum() / (true.sum() + given.sum()))
