"""Compare designs of the classifier on the corpus and, where given, on a set of real paragraphs.

    python benchmarks/designs.py [--real GOLD.jsonl] [--only NAME] [-o docs/designs.md]

Every design is fitted once on four fifths of the corpus, drawn by paragraph. The last fifth gives the
corpus figures; thresholds are chosen on one half of it and judged on the other, both ways. The real set is
judged by thresholds from the whole fifth, and never chooses any.
"""

from __future__ import annotations

import argparse
import datetime as dt
import json
import sys
import time
from collections.abc import Iterator
from dataclasses import replace
from pathlib import Path

import numpy as np
import sklearn
from numpy.typing import NDArray
from sklearn.isotonic import IsotonicRegression
from sklearn.metrics import average_precision_score

from lab import CUES, USUAL, Clauses, Design, Trained
from responsetag import load_taxonomy
from responsetag.linear import sigmoid
from responsetag.training.corpus import Corpus
from responsetag.training.evaluation import evaluate
from responsetag.training.indicator import indicator
from responsetag.training.loading import load_corpus
from responsetag.training.settings import Settings
from responsetag.training.thresholds import choose_thresholds, fit_platt

ROOT = Path(__file__).parent.parent
BASE = Design()
WITH_PAIRS = (*USUAL, "pairs")
# The design of 1.0.0.
WITH_MORE = replace(BASE, families=WITH_PAIRS, windows=(1, 2, 3, "sentence"))
GROUPS: dict[str, dict[str, Design]] = {
    "Features": {
        "words": replace(BASE, families=("words",)),
        "words, pairs of neighbours": replace(BASE, families=("words", "pairs")),
        "character runs of 1-3": replace(BASE, families=("runs of 1", "runs of 2", "runs of 3")),
        "**words, runs of 1-3**": BASE,
        "the same, pairs of neighbours": replace(BASE, families=WITH_PAIRS),
        "the same, runs of 1-4": replace(BASE, families=(*USUAL, "runs of 4")),
        f"the same and a cue list ({sum(map(len, CUES.values()))} cues, by label)": replace(
            BASE, families=(*USUAL, "cues")
        ),
        "cue list alone": replace(BASE, families=("cues",)),
        "the same and any two words of a clause": replace(BASE, families=(*USUAL, "any-order pairs")),
        "numbers as one symbol": replace(BASE, mask=("digits",)),
        "place names as one symbol": replace(BASE, mask=("places",)),
        "numbers and place names": replace(BASE, mask=("digits", "places")),
    },
    "Vocabulary": {
        "seen in 2 sentences": replace(BASE, min_df=2),
        "seen in 3": replace(BASE, min_df=3),
        "**seen in 4**": BASE,
        "seen in 5": replace(BASE, min_df=5),
        "the 100,000 with most chi-squared": replace(BASE, most_features=100_000),
        "the 50,000": replace(BASE, most_features=50_000),
    },
    "Term frequency in a window": {
        "**sublinear**": BASE,
        "binary": replace(BASE, counting="binary"),
        "every occurrence": replace(BASE, counting="counts"),
    },
    "Less to look up, for speed": {
        "words, pairs, runs of 1-3; 1, 2, 3 clauses and sentences": WITH_MORE,
        "without windows of sentences": replace(WITH_MORE, windows=(1, 2, 3)),
        "**without those and pairs**": BASE,
        "the same, seen in 3": replace(BASE, min_df=3),
        "windows of 3 clauses only": replace(BASE, windows=(3,)),
        "without single characters": replace(BASE, families=("words", "runs of 2", "runs of 3")),
        "without those, binary": replace(
            BASE, families=("words", "runs of 2", "runs of 3"), counting="binary"
        ),
        "words and runs of 2": replace(BASE, families=("words", "runs of 2")),
        "runs of 2 and 3, no words to cut": replace(BASE, families=("runs of 2", "runs of 3")),
    },
    "Power of the length": {
        "0": replace(BASE, power=0.0, c=0.0003),
        "**0.5**": BASE,
        "0.75": replace(BASE, power=0.75, c=0.1),
        "1": replace(BASE, power=1.0, c=0.5),
    },
    "Examples": {
        "sentences": replace(BASE, units=("sentence",)),
        "paragraphs": replace(BASE, units=("paragraph",)),
        "**both**": BASE,
    },
    "Fit": {
        "**linear SVM, C 0.02**": BASE,
        "C 0.01": replace(BASE, c=0.01),
        "C 0.05": replace(BASE, c=0.05),
        "C 0.1": replace(BASE, c=0.1),
        "classes not balanced": replace(BASE, balanced=False),
        "logistic regression, C 3": replace(BASE, fit="logistic", c=3.0),
        "ridge, alpha 10": replace(BASE, fit="ridge", c=0.1),
        "NB-SVM, C 0.01": replace(BASE, fit="nb-svm", c=0.01),
    },
    "Windows": {
        "1 clause": replace(BASE, windows=(1,)),
        "1, 2 clauses": replace(BASE, windows=(1, 2)),
        "sentences": replace(BASE, windows=("sentence",)),
        "paragraph": replace(BASE, windows=("paragraph",)),
        "**1, 2, 3 clauses**": BASE,
        "1, 2, 3 clauses, sentences": replace(BASE, windows=(1, 2, 3, "sentence")),
        "1, 2, 3, 4 clauses, sentences": replace(BASE, windows=(1, 2, 3, 4, "sentence")),
        "1, 2, 3 clauses, sentences, paragraph": replace(BASE, windows=(1, 2, 3, "sentence", "paragraph")),
    },
    "Pooling of windows": {
        "**maximum**": BASE,
        "noisy-or": replace(BASE, pooling="noisy-or"),
        "softmax-weighted mean": replace(BASE, pooling="softmax"),
    },
}

_INTRODUCTION = """\
# Designs compared

Made by `benchmarks/designs.py` on {date} with scikit-learn {version}
and {paragraphs} paragraphs (digest {digest}). Each design is fitted on four fifths of the corpus. The last
fifth gives *held out*, its halves choosing each other's thresholds, and all of it the thresholds for *real*:
{real} real paragraphs (`measurements.md`). F1 and average precision (AP, which no threshold enters) are
micro / macro. The package's choice is bold; every other row differs from it in what it names."""


class Judge:
    """The corpus split in two, and the real set."""

    def __init__(self, corpus: Corpus, real: Path | None) -> None:
        self.corpus = corpus
        self.sentences = Clauses.of(corpus.sentences)
        self.held_out = np.random.default_rng(Settings().seed).permutation(len(corpus)) % 5 == 0
        self.paragraphs = Clauses.of(
            [p for p, out in zip(corpus.paragraphs, self.held_out, strict=True) if out]
        )
        self.true = corpus.paragraph_labels[self.held_out]
        rows = [json.loads(line) for line in real.read_text(encoding="utf-8").splitlines()] if real else []
        self.real = Clauses.of([row["text"] for row in rows]) if rows else None
        self.real_true = indicator([row["labels"] for row in rows], corpus.labels)
        self._fitted: dict[Design, Trained] = {}

    def fit(self, design: Design) -> Trained:
        """Fit, or take the fit of a design that differs in windows and pooling only."""
        key = replace(design, windows=BASE.windows, pooling=BASE.pooling)
        if key not in self._fitted:
            self._fitted.clear()  # one at a time fits in memory
            self._fitted[key] = Trained(key, self.sentences, self.corpus, ~self.held_out)
        trained = self._fitted[key]
        trained.design = design
        return trained

    def row(self, name: str, design: Design) -> str:
        """A line of the table."""
        started = time.monotonic()
        trained = self.fit(design)
        margins = trained.margins(self.paragraphs)
        cells = [
            name,
            f"{len(trained):,}",
            _f1(self.true, _cross(self.true, margins)),
            _precision(self.true, margins),
        ]
        if self.real is not None:
            found = trained.margins(self.real)
            given = found >= choose_thresholds(self.true, margins, Settings().shrinkage)
            cells += [_f1(self.real_true, given), _precision(self.real_true, found)]
        print(f"{time.monotonic() - started:.0f} s  {' | '.join(cells)}", file=sys.stderr, flush=True)
        return f"| {' | '.join(cells)} |"

    def thresholds(self) -> Iterator[str]:
        """How thresholds are chosen, for the package's design."""
        trained = self.fit(BASE)
        margins = trained.margins(self.paragraphs)
        found = None if self.real is None else trained.margins(self.real)
        names = {
            0.0: "one for all labels",
            0.25: "**a quarter of the way to each label's own**",
            0.5: "half of the way",
        }
        for shrinkage, name in {**names, 1.0: "each label's own"}.items():
            cells = [name, _f1(self.true, _cross(self.true, margins, shrinkage))]
            if found is not None:
                cells.append(_f1(self.real_true, found >= choose_thresholds(self.true, margins, shrinkage)))
            yield f"| {' | '.join(cells)} |"

    def calibration(self) -> Iterator[str]:
        """Calibration errors of Platt's sigmoid and of isotonic regression, for the package's design."""
        trained = self.fit(BASE)
        margins = trained.margins(self.paragraphs)
        sets = [(margins, self.true)] + (
            [] if self.real is None else [(trained.margins(self.real), self.real_true)]
        )
        half = np.arange(len(margins)) % 2 == 0
        for name, calibrate in (("**Platt's sigmoid**", _platt), ("isotonic regression", _isotonic)):
            cells = [name]
            for number, (values, true) in enumerate(sets):
                learnt = half if number == 0 else np.ones(len(half), dtype=bool)
                judged = ~half if number == 0 else np.ones(len(values), dtype=bool)
                scores = calibrate(self.true[learnt], margins[learnt], values[judged])
                result = evaluate(true[judged], scores >= 0.5, self.corpus.labels, scores)
                brier = float(np.mean((scores - true[judged]) ** 2))
                cells.append(f"{result.calibration_error:.4f} / {brier:.4f}")
            yield f"| {' | '.join(cells)} |"


def _cross(
    true: NDArray[np.bool_], margins: NDArray[np.float64], shrinkage: float | None = None
) -> NDArray[np.bool_]:
    """Labels of each half by thresholds of the other."""
    half = np.arange(len(true)) % 2 == 0
    given = np.zeros_like(true)
    for here in (half, ~half):
        chosen = choose_thresholds(
            true[~here], margins[~here], Settings().shrinkage if shrinkage is None else shrinkage
        )
        given[here] = margins[here] >= chosen
    return given


def _f1(true: NDArray[np.bool_], given: NDArray[np.bool_]) -> str:
    result = evaluate(true, given, tuple(map(str, range(true.shape[1]))))
    return f"{result.micro.f1:.3f} / {result.macro.f1:.3f}"


def _precision(true: NDArray[np.bool_], margins: NDArray[np.float64]) -> str:
    """Average precision, micro and macro: no threshold enters."""
    macro = average_precision_score(true[:, true.any(axis=0)], margins[:, true.any(axis=0)], average="macro")
    return f"{average_precision_score(true.ravel(), margins.ravel()):.3f} / {macro:.3f}"


def _platt(
    true: NDArray[np.bool_], margins: NDArray[np.float64], values: NDArray[np.float64]
) -> NDArray[np.float64]:
    slope, intercept = fit_platt(true, margins)
    return sigmoid(slope * values + intercept)


def _isotonic(
    true: NDArray[np.bool_], margins: NDArray[np.float64], values: NDArray[np.float64]
) -> NDArray[np.float64]:
    columns = [
        IsotonicRegression(y_min=0, y_max=1, out_of_bounds="clip")
        .fit(margins[:, j], true[:, j])
        .predict(values[:, j])
        for j in range(true.shape[1])
    ]
    return np.stack(columns, axis=1)


def main() -> None:
    """Compare and write the tables."""
    parser = argparse.ArgumentParser(
        description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter
    )
    parser.add_argument("--real", type=Path, help="JSONL of {text, labels}, to be judged only")
    parser.add_argument("--only", help="one group of designs")
    parser.add_argument("-o", "--output", type=Path, default=ROOT / "docs" / "designs.md")
    options = parser.parse_args()
    corpus = load_corpus(ROOT / "data" / "corpus", load_taxonomy().slugs)
    judge = Judge(corpus, options.real)
    real = " real F1 | real AP |" if options.real else ""
    lines = [
        _INTRODUCTION.format(
            date=dt.datetime.now(tz=dt.UTC).date(),
            version=sklearn.__version__,
            paragraphs=f"{len(corpus):,}",
            digest=corpus.digest[:12],
            real=len(judge.real_true),
        )
    ]
    for group, designs in GROUPS.items():
        if options.only in {None, group}:
            rule = "|---|---|---|---|" + "---|---|" * bool(real)
            lines += ["", f"## {group}", "", f"| | features | held-out F1 | held-out AP |{real}", rule]
            lines += [judge.row(name, design) for name, design in designs.items()]
    if options.only in {None, "Thresholds"}:
        extra = (" real F1 |", "---|") if real else ("", "")
        lines += [
            "",
            "## Thresholds",
            "",
            f"| | held-out F1 |{extra[0]}",
            f"|---|---|{extra[1]}",
            *judge.thresholds(),
        ]
    if options.only in {None, "Calibration"}:
        extra = (" real |", "---|") if real else ("", "")
        lines += ["", "## Calibration", "", "Expected calibration error / Brier score.", ""]
        lines += [f"| | held out |{extra[0]}", f"|---|---|{extra[1]}", *judge.calibration()]
    options.output.write_text("\n".join(lines) + "\n", encoding="utf-8")
    print(f"written to {options.output}")


if __name__ == "__main__":
    main()
