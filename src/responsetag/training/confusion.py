"""Which label was given instead of which.

A paragraph has several labels, so no label is "the" wrong answer for another. Counted are pairs within a
paragraph: label A was missed (carried and not given) and label B was wrongly given (given and not carried).
A paragraph with two missed and three wrongly given labels counts in six pairs. Misses of paragraphs where
nothing was wrongly given, and wrong labels where nothing was missed, stand apart, as in the extra column and
row of Heydarian, Doyle and Samavi (MLCM: Multi-Label Confusion Matrix, IEEE Access 10, 2022); their matrix
counts right labels too, which these counts leave to recall.

Frequent labels meet by chance too, so each pair has the count that would be expected if wrong labels fell on
paragraphs without regard to what was missed there.
"""

from __future__ import annotations

from dataclasses import dataclass
from typing import NamedTuple

import numpy as np
from numpy.typing import NDArray

from responsetag.training.evaluation import Judged


class Pair(NamedTuple):
    """Label places, in how many paragraphs one was missed and the other given, and how many by chance."""

    missed: int
    given: int
    paragraphs: int
    expected: float


@dataclass(frozen=True)
class Confusion:
    """Counts of paragraphs.

    Attributes:
        pairs: row label missed and column label wrongly given, shape ``(n_labels, n_labels)``; the diagonal
            is 0.
        expected: of ``pairs``, by chance.
        missed, wrong: each label missed, and wrongly given, shape ``(n_labels,)``.
        nothing_given: of ``missed``, with nothing wrongly given.
        nothing_missed: of ``wrong``, with nothing missed.
    """

    pairs: NDArray[np.int64]
    expected: NDArray[np.float64]
    missed: NDArray[np.int64]
    wrong: NDArray[np.int64]
    nothing_given: NDArray[np.int64]
    nothing_missed: NDArray[np.int64]

    def share(self) -> NDArray[np.float64]:
        """Of the paragraphs where the row's label was missed, the share with the column's; 0 where none."""
        return self.pairs / np.maximum(self.missed, 1)[:, None]

    def top(self, count: int) -> list[Pair]:
        """The most frequent pairs, of equal ones in the model's order."""
        order = np.argsort(-self.pairs, axis=None, kind="stable")[:count]
        places = [divmod(int(place), len(self.missed)) for place in order]
        return [
            Pair(a, b, int(self.pairs[a, b]), float(self.expected[a, b]))
            for a, b in places
            if self.pairs[a, b]
        ]


def confusion(judged: Judged) -> Confusion:
    """Count which labels were given instead of which, where it is known which apply."""
    absent = ~judged.true & judged.is_known
    missed, wrong = judged.true & ~judged.given & judged.is_known, judged.given & absent
    rate = wrong.sum(axis=0) / np.maximum(absent.sum(axis=0), 1)
    misses = missed.T.astype(np.int64)
    return Confusion(
        pairs=misses @ wrong,
        expected=(misses @ absent) * rate * ~np.eye(len(rate), dtype=bool),
        missed=missed.sum(axis=0),
        wrong=wrong.sum(axis=0),
        nothing_given=missed[~wrong.any(axis=1)].sum(axis=0),
        nothing_missed=wrong[~missed.any(axis=1)].sum(axis=0),
    )
