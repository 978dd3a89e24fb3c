"""F1 on real paragraphs, and by label, with an eighth, a quarter, half and all of the corpus.

    python benchmarks/learning_curve.py GOLD.jsonl [-o docs/learning-curve.md]

Parts of the corpus are drawn by paragraph, twice each but for the whole, and figures are their means.
Thresholds come from cross-validation on the part itself.
"""

from __future__ import annotations

import argparse
import datetime as dt
import json
import os
import sys
from pathlib import Path

import numpy as np
from numpy.typing import NDArray
from sklearn.metrics import average_precision_score

from responsetag import load_taxonomy
from responsetag.training.corpus import Corpus
from responsetag.training.evaluation import evaluate
from responsetag.training.indicator import indicator
from responsetag.training.learning import fit_part
from responsetag.training.loading import load_corpus
from responsetag.training.settings import Settings

ROOT = Path(__file__).parent.parent
PARTS = {"1/8": 8, "1/4": 4, "1/2": 2, "all": 1}
_DRAWS = 2
_INTRODUCTION = """\
# Learning curve

Made by `benchmarks/learning_curve.py` on {date}: F1 of {gold} real paragraphs
(`measurements.md`) by models of parts of the corpus (digest {digest}), drawn by paragraph; means of two
draws but for the whole. Thresholds come from each part; AP is average precision, which no threshold enters.
"""


def main() -> None:
    """Measure and write the table."""
    parser = argparse.ArgumentParser(
        description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter
    )
    parser.add_argument("gold", type=Path)
    parser.add_argument("-o", "--output", type=Path, default=ROOT / "docs" / "learning-curve.md")
    options = parser.parse_args()
    taxonomy = load_taxonomy()
    corpus = load_corpus(ROOT / "data" / "corpus", taxonomy.slugs)
    gold = [json.loads(line) for line in options.gold.read_text(encoding="utf-8").splitlines()]
    true = indicator([row["labels"] for row in gold], taxonomy.slugs)
    texts = [row["text"] for row in gold]
    columns: dict[str, tuple[int, NDArray[np.float64]]] = {}
    for name, parts in PARTS.items():
        draws = [measure(corpus, draw, parts, texts, true) for draw in range(_DRAWS if parts > 1 else 1)]
        columns[name] = len(corpus) // parts, np.mean(draws, axis=0)
        print(name, *columns[name][1][:4].round(3), file=sys.stderr, flush=True)
    date = dt.datetime.now(tz=dt.UTC).date()
    lines = [
        _INTRODUCTION.format(date=date, gold=len(gold), digest=corpus.digest[:12]),
        "| | " + " | ".join(f"{name} ({n:,})" for name, (n, _) in columns.items()) + " | last doubling | n |",
        "|---|" + "---|" * (len(columns) + 2),
    ]
    names = [
        "**micro F1**",
        "**macro F1**",
        "micro AP",
        "macro AP",
        *(f"`{slug}`" for slug in taxonomy.slugs),
    ]
    counts = ["", "", "", "", *(str(int(n)) for n in true.sum(axis=0))]
    for place, (name, count) in enumerate(zip(names, counts, strict=True)):
        values = [figures[place] for _, figures in columns.values()]
        cells = [f"{value:.3f}" for value in values]
        lines.append(f"| {name} | {' | '.join(cells)} | {values[-1] - values[-2]:+.3f} | {count} |")
    options.output.write_text("\n".join(lines) + "\n", encoding="utf-8")
    print(f"written to {options.output}")


def measure(
    corpus: Corpus, draw: int, parts: int, texts: list[str], true: NDArray[np.bool_]
) -> NDArray[np.float64]:
    """Micro and macro F1, micro and macro average precision, and F1 by label, of a part of the corpus."""
    order = np.random.default_rng(draw).permutation(len(corpus))
    part = corpus.take(np.sort(order[: len(corpus) // parts]))
    found, thresholds = fit_part(part, texts, Settings(), os.cpu_count() or 1)
    result = evaluate(true, found >= thresholds, corpus.labels)
    micro = average_precision_score(true.ravel(), found.ravel())
    macro = average_precision_score(true, found, average="macro")
    return np.array([result.micro.f1, result.macro.f1, micro, macro, *(score.f1 for score in result.labels)])


if __name__ == "__main__":
    main()
