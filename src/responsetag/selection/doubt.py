"""How unsure a model is of its decisions."""

from __future__ import annotations

import numpy as np
from numpy.typing import NDArray


def doubt(scores: NDArray[np.float64], given: NDArray[np.bool_]) -> NDArray[np.float64]:
    """The signed distance of each score from what was decided, shape ``(n, n_labels)``, -1 to 1.

    Scores are calibrated, so that its size is the probability that the decision is wrong; positive where
    a label was not given. It is the gradient of the log loss by the log odds, if decisions were true.
    """
    signed: NDArray[np.float64] = scores - given
    return signed


def expected_errors(doubts: NDArray[np.float64]) -> NDArray[np.float64]:
    """How many decisions on each row are expected to be wrong, shape ``(n,)``.

    Least confidence (Lewis and Gale, SIGIR 1994), summed over labels as the expected loss of a
    multi-label decision (Yang et al., Effective Multi-Label Active Learning for Text Classification,
    KDD 2009).
    """
    sums: NDArray[np.float64] = np.abs(doubts).sum(axis=1)
    return sums
