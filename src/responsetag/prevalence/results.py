"""What an estimate of prevalences is."""

from __future__ import annotations

from dataclasses import asdict, dataclass
from typing import Any, Literal

from responsetag.prevalence.collection import By

Method = Literal["acc", "pacc", "calibration"]


@dataclass(frozen=True, slots=True)
class LabelPrevalence:
    """How much of the collection carries a label.

    Attributes:
        label: its slug.
        given: units that the model gives it.
        expected: the sum of the units' scores; neither figure is corrected.
        prevalence: corrected share, 0 to 1; None where it cannot be told, or without gold rows.
        low, high: its 95% interval.
        reason: why there is none.
        gold_positives: gold units that carry it.
        true_positive_rate, false_positive_rate: of the model on them, None where there is nothing to
            measure them by.
    """

    label: str
    given: int
    expected: float
    prevalence: float | None
    low: float | None
    high: float | None
    reason: str | None
    gold_positives: int
    true_positive_rate: float | None
    false_positive_rate: float | None


@dataclass(frozen=True, slots=True)
class Prevalences:
    """The shares of all labels in a collection.

    Attributes:
        labels: one entry a label.
        units: paragraphs or documents counted.
        by: which.
        documents: of the collection.
        method: of the correction; None without gold rows.
        population: whether the shares are those of what the collection is a sample of.
        gold_units, gold_documents: how many the gold rows are.
    """

    labels: tuple[LabelPrevalence, ...]
    units: int
    by: By
    documents: int
    method: Method | None
    population: bool
    gold_units: int
    gold_documents: int

    def as_dict(self) -> dict[str, Any]:
        return asdict(self)
