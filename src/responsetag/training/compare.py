"""Two models judged by the same gold rows, and the paragraphs that they label differently."""

from __future__ import annotations

import os
from collections.abc import Iterator, Sequence
from dataclasses import asdict, dataclass
from typing import Any

import numpy as np

from responsetag.errors import InputError
from responsetag.tagger import Tagger
from responsetag.training.evaluation import Judged
from responsetag.training.gold import Gold, judge_gold, read_gold
from responsetag.training.paired import RESAMPLES, SEED, Comparison, compare


@dataclass(frozen=True, slots=True)
class Change:
    """A decision that the models take differently.

    Attributes:
        label: which one.
        given: whether the second model gives it; the first decides the other way.
        right: whether the second model is right by the gold row.
        first_score, second_score: calibrated probabilities, 0 to 1.
    """

    label: str
    given: bool
    right: bool
    first_score: float
    second_score: float


@dataclass(frozen=True, slots=True)
class ChangedParagraph:
    """A paragraph to which the models give different labels.

    Attributes:
        line: of the gold file, from 1.
        document, text: of the paragraph.
        labels: those it carries by the gold row, of the labels that both models have.
        changes: in the order of labels.
    """

    line: int
    document: str
    text: str
    labels: tuple[str, ...]
    changes: tuple[Change, ...]

    def as_dict(self) -> dict[str, Any]:
        return asdict(self)


@dataclass(frozen=True, slots=True)
class ModelComparison:
    """The second model beside the first.

    Attributes:
        comparison: figures of the labels that both have.
        changed: the paragraphs that get other labels, in the order of the file.
        only_first, only_second: labels that the other model does not have; they are not compared.
        problems: rows that cannot be used, and why.
        repeated: rows whose text a row of another document before them has.
    """

    comparison: Comparison
    changed: tuple[ChangedParagraph, ...]
    only_first: tuple[str, ...]
    only_second: tuple[str, ...]
    problems: tuple[str, ...]
    repeated: int


def compare_models(
    first: Tagger,
    second: Tagger,
    path: str | os.PathLike[str],
    *,
    resamples: int = RESAMPLES,
    seed: int = SEED,
) -> ModelComparison:
    """Judge both models by the rows of a file.

    Raises:
        InputError: the file cannot be read, no row can be used, or the models have no label in common.
    """
    shared = [label for label in first.labels if label in second.labels]
    if not shared:
        raise InputError(f"{first.info.name} and {second.info.name} have no label in common to compare")
    known = [*first.labels, *(label for label in second.labels if label not in first.labels)]
    gold = read_gold(path, known)
    judged = [_columns(judge_gold(tagger, gold), known, tagger.labels, shared) for tagger in (first, second)]
    comparison = compare(
        judged[0].true, judged[0].given, judged[1].given, shared, gold.documents,
        resamples=resamples, seed=seed,
    )  # fmt: skip
    return ModelComparison(
        comparison,
        tuple(_changed(gold, judged[0], judged[1], shared)),
        tuple(label for label in first.labels if label not in shared),
        tuple(label for label in second.labels if label not in shared),
        tuple(gold.problems),
        gold.repeated,
    )


def _columns(judged: Judged, known: Sequence[str], own: Sequence[str], shared: Sequence[str]) -> Judged:
    """The columns of the shared labels: ``true`` has those of ``known``, the rest the model's ``own``."""
    of_all, of_own = [known.index(label) for label in shared], [own.index(label) for label in shared]
    given, scores = judged.given[:, of_own], judged.scores[:, of_own]
    return Judged(judged.true[:, of_all], scores, given, judged.documents)


def _changed(gold: Gold, first: Judged, second: Judged, labels: Sequence[str]) -> Iterator[ChangedParagraph]:
    changed = first.given != second.given
    for i in np.flatnonzero(changed.any(axis=1)):
        changes = tuple(
            Change(
                labels[j],
                bool(second.given[i, j]),
                bool(second.given[i, j] == gold_label),
                round(float(first.scores[i, j]), 4),
                round(float(second.scores[i, j]), 4),
            )
            for j, gold_label in enumerate(first.true[i])
            if changed[i, j]
        )
        carried = tuple(label for label, carries in zip(labels, first.true[i], strict=True) if carries)
        yield ChangedParagraph(gold.lines[i], gold.documents[i], gold.texts[i], carried, changes)
