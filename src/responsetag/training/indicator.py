"""Label lists as a matrix."""

from __future__ import annotations

from collections.abc import Sequence

import numpy as np
from numpy.typing import NDArray


def indicator(label_sets: Sequence[Sequence[str]], labels: Sequence[str]) -> NDArray[np.bool_]:
    """Label lists as a matrix, shape ``(n, n_labels)``."""
    column = {label: i for i, label in enumerate(labels)}
    out = np.zeros((len(label_sets), len(labels)), dtype=bool)
    for row, names in enumerate(label_sets):
        out[row, [column[name] for name in names]] = True
    return out
