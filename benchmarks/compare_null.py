"""How often models that are equally good are told apart at p <= 0.05: the table of docs/compare.md.

python benchmarks/compare_null.py
"""

from __future__ import annotations

import numpy as np

from responsetag.training.paired import compare

RUNS, LABELS = 300, "abcde"


def main() -> None:
    """Print a row a number of documents."""
    rng = np.random.default_rng(1)
    for documents in (10, 20, 30, 50, 100, 300):
        rates = np.mean([simulate(rng, documents, seed) for seed in range(RUNS)], axis=0)
        print(f"| {documents} | " + " | ".join(f"{rate:.1%}" for rate in rates) + " |", flush=True)


def simulate(rng: np.random.Generator, documents: int, seed: int) -> tuple[float, float, float]:
    """Whether micro and macro F1 differ, and for how many labels F1 does; not corrected for their number."""
    member = np.repeat(np.arange(documents), rng.integers(1, 8, documents))
    shape = len(member), len(LABELS)
    true = rng.random(shape) < 0.25
    errors = rng.beta(1, 5, (documents, len(LABELS)))[member]  # both models err more in some documents
    first, second = (true ^ (rng.random(shape) < errors) for _ in range(2))
    names = member.astype(str).tolist()
    result = compare(true, first, second, LABELS, names, resamples=500, seed=seed)
    by_label = np.mean([entry.f1.p_value <= 0.05 for entry in result.labels])
    return result.micro.f1.p_value <= 0.05, result.macro.f1.p_value <= 0.05, float(by_label)


if __name__ == "__main__":
    main()
