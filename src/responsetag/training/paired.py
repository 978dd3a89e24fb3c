"""Two models on the same paragraphs: differences of their figures, and whether other documents could
have given them.

Documents are drawn with replacement, the same ones for both models: the paired bootstrap (Efron and
Tibshirani, An Introduction to the Bootstrap, 1993, chapter 16; Berg-Kirkpatrick, Burkett and Klein, An
Empirical Investigation of Statistical Significance in NLP, EMNLP 2012). A p value is the share of draws
whose difference lies as far from the one found, on either side, as that one lies from none. The p values
of the labels' F1 are corrected for their number by Holm (A Simple Sequentially Rejective Multiple Test
Procedure, Scandinavian Journal of Statistics 6, 1979), which holds however labels depend on each other.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import asdict, dataclass
from typing import Any, Literal

import numpy as np
from numpy.typing import NDArray

from responsetag.training.intervals import draw_documents, effective_documents, sum_by_document

RESAMPLES = 10_000
SEED = 20261121
_LEVEL = 0.05
# With fewer documents changed a sign test cannot reach 0.05, though all of them went one way (2 / 2**5).
LEAST_CHANGED = 6
_ROUNDING = 1e-12

Verdict = Literal["better", "worse", "not shown", "too few", "same"]


@dataclass(frozen=True, slots=True)
class Difference:
    """A figure of both models, 0 to 1.

    Attributes:
        first, second: of the models.
        difference: the second less the first.
        low, high: 95% percentile interval of the difference.
        p_value: two-sided, not corrected for the number of labels.
    """

    first: float
    second: float
    difference: float
    low: float
    high: float
    p_value: float


@dataclass(frozen=True, slots=True)
class LabelComparison:
    """Both models on one label, or on average.

    Attributes:
        label: its slug, ``micro`` or ``macro``.
        precision, recall, f1: the figures; 0 where they are not defined, as in ``evaluate``.
        support: paragraphs that carry the label.
        changed_documents: documents in which the models decide differently.
        fixed, broken: decisions of the first model that were wrong and are right by the second, and the
            other way round.
        adjusted_p: of F1, corrected for the number of labels; averages are not.
        verdict: what F1 shows at the level of 0.05: ``better`` or ``worse``, ``not shown``, ``too few``
            documents changed to show anything, or ``same`` where none did.
    """

    label: str
    precision: Difference
    recall: Difference
    f1: Difference
    support: int
    changed_documents: int
    fixed: int
    broken: int
    adjusted_p: float
    verdict: Verdict


@dataclass(frozen=True, slots=True)
class Comparison:
    """The second model beside the first.

    Attributes:
        labels: one entry a label.
        micro, macro: averages over decisions and over labels.
        paragraphs, documents: how many were judged.
        effective_documents: how many of equal size would tell as much; p values hold from about 30.
        changed_paragraphs: how many of them get other labels.
        resamples, seed: of the bootstrap.
    """

    labels: tuple[LabelComparison, ...]
    micro: LabelComparison
    macro: LabelComparison
    paragraphs: int
    documents: int
    effective_documents: float
    changed_paragraphs: int
    resamples: int
    seed: int

    def as_dict(self) -> dict[str, Any]:
        return asdict(self)


def compare(
    true: NDArray[np.bool_],
    first: NDArray[np.bool_],
    second: NDArray[np.bool_],
    labels: Sequence[str],
    documents: Sequence[str],
    *,
    resamples: int = RESAMPLES,
    seed: int = SEED,
) -> Comparison:
    """Compare the labels that two models give, all of shape ``(n_paragraphs, n_labels)``.

    Args:
        true: the right labels.
        first, second: those that the models give.
        documents: the document of each paragraph.
        resamples: draws of the bootstrap, from 1.

    Raises:
        ValueError: there is no paragraph or no draw, or lengths differ.
    """
    if resamples < 1:
        raise ValueError(f"resamples={resamples}: must be 1 or more")
    changed = first != second
    fixed, broken = changed & (second == true), changed & (first == true)
    counts = sum_by_document((true, first, first & true, second, second & true), documents)
    found = _figures(counts.sum(axis=1)[:, None])[..., 0, :]
    rng = np.random.default_rng(seed)
    drawn = [_figures(times @ counts) for times in draw_documents(counts.shape[1], resamples, rng)]
    differences = _differences(found, np.concatenate(drawn, axis=2))
    touched = sum_by_document((changed,), documents)[0] > 0
    p_values = [difference.p_value for difference in differences[2]]
    adjusted = [*holm(np.array(p_values[:-2])).tolist(), *p_values[-2:]]
    sizes = zip(
        _with_total(true), _with_total(touched, touched.any(axis=1)), _with_total(fixed), _with_total(broken),
        strict=True,
    )  # fmt: skip
    entries = [
        LabelComparison(name, p, r, f, n, documents_, mended, lost, value, _verdict(f, value, documents_))
        for name, p, r, f, (n, documents_, mended, lost), value in zip(
            (*labels, "micro", "macro"), *differences, sizes, adjusted, strict=True
        )
    ]
    return Comparison(
        labels=tuple(entries[:-2]),
        micro=entries[-2],
        macro=entries[-1],
        paragraphs=len(true),
        documents=counts.shape[1],
        effective_documents=effective_documents(sum_by_document((np.ones((len(true), 1)),), documents)[0]),
        changed_paragraphs=int(changed.any(axis=1).sum()),
        resamples=resamples,
        seed=seed,
    )


def holm(p_values: NDArray[np.float64]) -> NDArray[np.float64]:
    """P values corrected for their number, step down."""
    order = np.argsort(p_values, kind="stable")
    steps = p_values[order] * np.arange(len(p_values), 0, -1)
    adjusted = np.empty_like(p_values)
    adjusted[order] = np.minimum(np.maximum.accumulate(steps), 1)
    return adjusted


def _figures(counts: NDArray[np.float64]) -> NDArray[np.float64]:
    """Precision, recall and F1 of both models by label, micro and macro; 0 where not defined.

    Args:
        counts: true labels, then given and right ones of each model, shape ``(5, n_draws, n_labels)``.

    Returns:
        Shape ``(2, 3, n_draws, n_labels + 2)``.
    """
    counts = np.concatenate([counts, counts.sum(axis=2, keepdims=True)], axis=2)
    true = counts[0]
    by_model = []
    for given, right in (counts[1:3], counts[3:5]):
        parts = [right / np.maximum(given, 1), right / np.maximum(true, 1)]
        parts.append(2 * right / np.maximum(given + true, 1))
        by_model.append([np.column_stack([part, part[:, :-1].mean(axis=1)]) for part in parts])
    return np.array(by_model)


def _differences(found: NDArray[np.float64], drawn: NDArray[np.float64]) -> list[list[Difference]]:
    """Those of precision, recall and F1, one a column: what was found, ``(2, 3, n_columns)``, beside what was
    drawn, ``(2, 3, n_draws, n_columns)``."""
    difference = found[1] - found[0]
    deltas = drawn[1] - drawn[0]
    low, high = np.quantile(deltas, (_LEVEL / 2, 1 - _LEVEL / 2), axis=1)
    far = np.abs(deltas - difference[:, None]) >= np.abs(difference[:, None]) - _ROUNDING
    # What was found counts as a draw (Davison and Hinkley, Bootstrap Methods and their Application, 1997).
    p_values = (1 + far.sum(axis=1)) / (1 + deltas.shape[1])
    columns = np.stack([found[0], found[1], difference, low, high, p_values], axis=2)
    return [[Difference(*values) for values in measure] for measure in columns.tolist()]


def _with_total(by_label: NDArray[np.bool_], rows: NDArray[np.bool_] | None = None) -> list[int]:
    """How many a label, and in all (of ``rows``, where a row counts once), for micro and for macro."""
    total = int((by_label if rows is None else rows).sum())
    return [*by_label.sum(axis=0).tolist(), total, total]


def _verdict(f1: Difference, p_value: float, changed_documents: int) -> Verdict:
    if not changed_documents:
        return "same"
    if changed_documents < LEAST_CHANGED:
        return "too few"
    if p_value > _LEVEL:
        return "not shown"
    return "better" if f1.difference > 0 else "worse"
