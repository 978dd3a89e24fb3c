"""How good models of few rows are: rows of ``docs/train-your-own.md``, printed.

Paragraphs are drawn from the shipped corpus; others of it are judged, and none of them is trained on.
"""

from __future__ import annotations

from pathlib import Path

import numpy as np

from responsetag import Tagger, load_taxonomy
from responsetag.training.corpus import Corpus
from responsetag.training.evaluation import Evaluation, evaluate
from responsetag.training.loading import load_corpus
from responsetag.training.pipeline import fit_model
from responsetag.training.settings import Settings

ROOT = Path(__file__).parent.parent
_HELD_OUT, _SEED = 1500, 1


def main() -> None:
    """Measure and print."""
    taxonomy = load_taxonomy()
    corpus = load_corpus(ROOT / "data" / "corpus", taxonomy.slugs)
    order = np.random.default_rng(_SEED).permutation(len(corpus))
    judged = corpus.take(order[:_HELD_OUT])
    print("| rows | labelled | its own report: micro F1 | other rows: micro F1 | other rows: macro F1 |")
    print("|--:|---|---|---|---|")
    for size in (50, 300, 1000, 3000):
        part = corpus.take(order[_HELD_OUT : _HELD_OUT + size])
        whole = Corpus.from_texts(part.paragraphs, [sorted(row.labels) for row in part.rows], corpus.labels)
        for kind, rows in (("paragraphs", whole), ("sentences", part)):
            fitted = fit_model(rows, taxonomy, "small", "0.0.1", settings=Settings.for_size(size))
            tagger = Tagger(fitted.model)
            scores = tagger.predict_proba(judged.paragraphs)
            given = tagger.decide(scores)
            found = evaluate(judged.paragraph_labels, given, corpus.labels, scores, judged.documents)
            figures = (_micro(fitted.evaluation), _micro(found), f"{found.macro.f1:.2f}")
            print(f"| {size:,} | {kind} | {' | '.join(figures)} |", flush=True)


def _micro(evaluation: Evaluation) -> str:
    assert evaluation.intervals is not None
    low, high = evaluation.intervals.micro
    return f"{evaluation.micro.f1:.2f} ({low:.2f} to {high:.2f})"


if __name__ == "__main__":
    main()
