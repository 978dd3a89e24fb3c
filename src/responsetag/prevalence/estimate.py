"""How much of a collection carries each label, corrected for the model's errors, with intervals."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import replace
from typing import get_args

import numpy as np
from numpy.typing import NDArray

from responsetag.errors import InputError
from responsetag.prevalence.collection import By, Collection
from responsetag.prevalence.correction import correct
from responsetag.prevalence.results import LabelPrevalence, Method, Prevalences
from responsetag.training.evaluation import Judged

DRAWS = 4000
SEED = 20261121


def estimate_prevalence(
    labels: Sequence[str],
    collection: Collection,
    gold: Judged | None,
    *,
    by: By = "paragraph",
    method: Method = "acc",
    population: bool = False,
    draws: int = DRAWS,
    seed: int = SEED,
) -> Prevalences:
    """Correct the counts of a collection for the errors that the model makes on gold rows.

    Args:
        labels: of the model, in its order.
        collection: counted by a ``Counter`` with the same ``by``.
        gold: labelled rows with what the same model says of them, none of which it was trained on; without,
            nothing is corrected.
        by: what is counted; documents of the gold rows must then be whole.
        method: ``acc``, ``pacc``, or ``calibration``, which needs gold rows that are a random sample of the
            collection.
        population: say what share of all documents like these carries the label, so that the interval
            also holds the chance by which these were drawn; otherwise it is that of this very collection.
        draws: for intervals, from 100.

    Raises:
        InputError: the collection is empty, or an argument makes no sense.
    """
    if not collection.size:
        raise InputError("the collection holds no paragraph with words; there is nothing to count")
    if method not in get_args(Method) or draws < 100:
        raise InputError(
            f"method={method!r}, draws={draws}: must be one of {get_args(Method)}, and 100 or more"
        )
    found = list(
        zip(
            labels, collection.given.sum(axis=0).tolist(), collection.scores.sum(axis=0).tolist(), strict=True
        )
    )
    documents = len(collection.units)
    if gold is None:
        nothing = LabelPrevalence("", 0, 0.0, None, None, None, "not corrected: no gold rows", 0, None, None)
        entries = [replace(nothing, label=a, given=int(n), expected=e) for a, n, e in found]
        return Prevalences(tuple(entries), collection.size, by, documents, None, population, 0, 0)
    if not len(gold.true):
        raise InputError("there are no gold rows to correct by; give some, or leave them out")
    true, given, scores, member = _units(gold, by)
    corrected = correct(
        collection,
        scores if method == "pacc" else given.astype(float),
        true,
        member,
        method=method,
        population=population,
        draws=draws,
        rng=np.random.default_rng(seed),
    )
    positives = true.sum(axis=0).tolist()
    hits, wrong = (given & true).sum(axis=0).tolist(), (given & ~true).sum(axis=0).tolist()
    figures = zip(*(values.tolist() for values in corrected[:3]), strict=True)
    entries = [
        LabelPrevalence(
            label=label,
            given=int(n),
            expected=expected,
            prevalence=None if reason else share,
            low=None if reason else low,
            high=None if reason else high,
            reason=reason,
            gold_positives=positives[j],
            true_positive_rate=hits[j] / positives[j] if positives[j] else None,
            false_positive_rate=wrong[j] / (len(true) - positives[j]) if positives[j] < len(true) else None,
        )
        for j, ((label, n, expected), (share, low, high), reason) in enumerate(
            zip(found, figures, corrected.reasons, strict=True)
        )
    ]
    sizes = len(true), len(set(gold.documents))
    return Prevalences(tuple(entries), collection.size, by, documents, method, population, *sizes)


def _units(
    gold: Judged, by: By
) -> tuple[NDArray[np.bool_], NDArray[np.bool_], NDArray[np.float64], NDArray[np.int64]]:
    """True and given labels, scores and document of each unit: of the paragraphs, or of the documents."""
    names, member = np.unique(np.asarray(gold.documents, dtype=object).astype(str), return_inverse=True)
    if by == "paragraph":
        return gold.true, gold.given, gold.scores, member
    shape = len(names), gold.true.shape[1]
    true, given, scores = np.zeros(shape, dtype=bool), np.zeros(shape, dtype=bool), np.zeros(shape)
    np.logical_or.at(true, member, gold.true)
    np.logical_or.at(given, member, gold.given)
    np.maximum.at(scores, member, gold.scores)
    return true, given, scores, np.arange(len(names))
