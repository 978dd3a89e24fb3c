"""How near estimates of prevalence come to known ones, by method, and how often intervals hold them.

    python benchmarks/prevalence.py [--scores HELD-OUT.npz] [--real GOLD.jsonl] [--runs N] [-o PAGE.md]

Paragraphs of the corpus with scores of a cross-validation are drawn into gold rows and collections, whose
true shares are known: of other shares than the gold rows (prior shift), of the same (gold rows are a random
sample), and of other genres than the gold rows, as they are. Real paragraphs are divided by document, half
gold rows and half collection, and judged by the shipped model. The tables go into the page between its marks.
The cross-validation takes some minutes; it is kept in the file that ``--scores`` names.
"""

from __future__ import annotations

import argparse
import sys
from collections import defaultdict
from collections.abc import Iterator
from functools import partial
from pathlib import Path
from typing import NamedTuple

import numpy as np
from numpy.typing import NDArray

import responsetag
from responsetag import load_taxonomy
from responsetag.prevalence import Counter
from responsetag.prevalence.correction import Corrected, correct
from responsetag.training.corpus import load_corpus
from responsetag.training.gold import judge_gold, read_gold
from responsetag.training.pipeline import fit_model
from responsetag.training.settings import RELEASE, Settings

ROOT = Path(__file__).parent.parent
BEGIN, END = "<!-- measured: begin -->", "<!-- measured: end -->"
GOLD, COLLECTION = 500, 2000
PREVALENCES = (0.01, 0.05, 0.1, 0.2, 0.4, 0.6)
CORRECTED = ("acc", "pacc", "calibration")
NAMES = {
    "cc": "counted (CC)",
    "pcc": "mean score (PCC)",
    "emq": "EMQ",
    "acc": "`acc`",
    "pacc": "`pacc`",
    "calibration": "`calibration`",
    "gold": "gold rows alone",
}


class Pool(NamedTuple):
    """Paragraphs with true labels and what a model that did not see them says."""

    true: NDArray[np.bool_]
    given: NDArray[np.bool_]
    scores: NDArray[np.float64]
    genre: NDArray[np.str_]
    document: NDArray[np.int64]

    def take(self, rows: NDArray[np.int64], columns: list[int]) -> Pool:
        """Some rows and labels."""
        cells = np.ix_(rows, columns)
        return Pool(
            self.true[cells], self.given[cells], self.scores[cells], self.genre[rows], self.document[rows]
        )


class Outcome(NamedTuple):
    """One estimate of one label; ``held`` says whether the interval holds the truth."""

    estimate: float
    true: float
    held: bool | None
    width: float | None


def main() -> None:
    """Measure and write the tables."""
    parser = argparse.ArgumentParser(
        description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter
    )
    parser.add_argument("--scores", type=Path, default=ROOT / "build" / "held-out.npz")
    parser.add_argument("--real", type=Path)
    parser.add_argument(
        "--runs", type=int, default=230, help="of each true share; the other tables have all labels a run"
    )
    parser.add_argument("-o", "--output", type=Path, default=ROOT / "docs" / "prevalence.md")
    options = parser.parse_args()
    pool = held_out(options.scores)
    lines = []
    scenarios = [
        ("Other shares than the gold rows'", "true share", prior_shift),
        ("The gold rows are a random sample", "", same),
        ("Other genres than the gold rows'", "", other_genres),
    ]
    if options.real:
        scenarios.append(("Real paragraphs", "", partial(real_halves, options.real)))
    for title, heading, simulate in scenarios:
        found: dict[str, dict[str, list[Outcome]]] = defaultdict(lambda: defaultdict(list))
        for group, method, outcome in simulate(pool, options.runs):
            found[group][method].append(outcome)
        lines += ["", f"### {title}", *table(found, heading)]
        print("\n".join(lines[-20:]), file=sys.stderr, flush=True)
    page = options.output.read_text(encoding="utf-8")
    before, rest = page.split(BEGIN)
    after = rest.split(END)[1]
    options.output.write_text(before + "\n".join([BEGIN, *lines, "", END]) + after, encoding="utf-8")


def held_out(path: Path) -> Pool:
    """Scores of the cross-validation, from the file if it is there."""
    if not path.exists():
        taxonomy = load_taxonomy()
        corpus = load_corpus(ROOT / "data" / "corpus", taxonomy.slugs)
        fitted = fit_model(corpus, taxonomy, "held-out", RELEASE, settings=Settings(), jobs=2, progress=print)
        judged = fitted.held_out
        path.parent.mkdir(parents=True, exist_ok=True)
        np.savez(
            path,
            true=judged.true,
            given=judged.given,
            scores=judged.scores,
            genre=np.array(corpus.rows["genre"]),
        )
    with np.load(path) as data:
        parts = [data[name] for name in ("true", "given", "scores", "genre")]
        return Pool(*parts, np.arange(len(parts[0])))  # a paragraph is a document of its own


def prior_shift(pool: Pool, runs: int) -> Iterator[tuple[str, str, Outcome]]:
    """A label a time: gold rows as they come, collections of a given share."""
    rng = np.random.default_rng(1)
    labels = pool.true.shape[1]
    for prevalence in PREVALENCES:
        for run in range(runs):
            label = [run % labels]
            order = rng.permutation(len(pool.true))
            gold, rest = order[:GOLD], order[GOLD:]
            carries = pool.true[rest, label[0]]
            wanted = round(COLLECTION * prevalence)
            rows = np.concatenate(
                [
                    rng.choice(rest[carries], wanted),
                    rng.choice(rest[~carries], COLLECTION - wanted),
                ]
            )
            for method, outcome in judge(pool, gold, rows, label, rng):
                if method not in {"gold", "calibration"}:
                    yield f"{prevalence:.0%}", method, outcome


def same(pool: Pool, runs: int) -> Iterator[tuple[str, str, Outcome]]:
    """Gold rows that are a random sample of the collection."""
    rng = np.random.default_rng(2)
    every = list(range(pool.true.shape[1]))
    for _ in range(runs // 5):
        rows = rng.permutation(len(pool.true))[:COLLECTION]
        yield from (("", *outcome) for outcome in judge(pool, rows[:GOLD], rows, every, rng))


def other_genres(pool: Pool, runs: int) -> Iterator[tuple[str, str, Outcome]]:
    """Gold rows of one half of the genres, collections of the other."""
    rng = np.random.default_rng(3)
    every = list(range(pool.true.shape[1]))
    for _ in range(runs // 5):
        genres = rng.permutation(np.unique(pool.genre))
        half = np.isin(pool.genre, genres[: len(genres) // 2])
        gold = rng.permutation(np.flatnonzero(half))[:GOLD]
        rows = rng.permutation(np.flatnonzero(~half))[:COLLECTION]
        yield from (("", *outcome) for outcome in judge(pool, gold, rows, every, rng))


def real_halves(path: Path, corpus: Pool, runs: int) -> Iterator[tuple[str, str, Outcome]]:
    """Half the documents are gold rows, half the collection."""
    tagger = responsetag.load()
    judged = judge_gold(tagger, read_gold(path, tagger.labels))
    names, member = np.unique(judged.documents, return_inverse=True)
    pool = Pool(judged.true, judged.given, judged.scores, np.zeros(len(member), dtype=str), member)
    rng = np.random.default_rng(4)
    every = list(range(len(tagger.labels)))
    for _ in range(runs // 3):
        half = np.isin(member, rng.permutation(len(names))[: len(names) // 2])
        rows = np.flatnonzero(half), np.flatnonzero(~half)
        prior = corpus.true.mean(axis=0)
        yield from (("", *outcome) for outcome in judge(pool, *rows, every, rng, prior))


def judge(
    pool: Pool,
    gold: NDArray[np.int64],
    rows: NDArray[np.int64],
    labels: list[int],
    rng: np.random.Generator,
    prior: NDArray[np.float64] | None = None,
) -> Iterator[tuple[str, Outcome]]:
    """All methods on a collection, label by label; those that a method gives no figure for are left out.

    Args:
        prior: shares of the labels in what the scores were calibrated on, for EMQ; the pool's if not given.
    """
    known, here = pool.take(gold, labels), pool.take(rows, labels)
    truth = here.true.mean(axis=0)
    counter = Counter(len(labels))
    counter.add(here.document.astype(str).tolist(), here.given, here.scores)
    prior = pool.true[:, labels].mean(axis=0) if prior is None else prior
    member = np.unique(known.document, return_inverse=True)[1]
    plain = {
        "cc": here.given.mean(axis=0),
        "pcc": here.scores.mean(axis=0),
        "emq": maximise(here.scores, prior),
        "gold": known.true.mean(axis=0),
    }
    for method, shares in plain.items():
        for share, true in zip(shares, truth, strict=True):
            yield method, Outcome(float(share), float(true), None, None)
    for method in CORRECTED:
        value = known.scores if method == "pacc" else known.given.astype(float)
        result: Corrected = correct(
            counter.collection(), value, known.true, member,
            method=method, population=False, draws=1000, rng=rng,
        )  # fmt: skip
        for share, low, high, reason, true in zip(*result, truth, strict=True):
            if reason is None:
                yield method, Outcome(float(share), float(true), bool(low <= true <= high), float(high - low))


def maximise(scores: NDArray[np.float64], prior: NDArray[np.float64]) -> NDArray[np.float64]:
    """Expectation maximisation (Saerens, Latinne and Decaestecker, Neural Computation 14, 2002)."""
    share = prior
    for _ in range(100):
        inside = scores * share / prior
        outside = (1 - scores) * (1 - share) / (1 - prior)
        share = (inside / (inside + outside)).mean(axis=0)
    return share


def table(found: dict[str, dict[str, list[Outcome]]], heading: str) -> list[str]:
    """Bias and error in points of percent, relative error, and intervals, a row a method."""
    lines = ["", f"| {heading} | method | bias | error | error / share | interval holds | its width | told |"]
    lines.append("|---|---|--:|--:|--:|--:|--:|--:|")
    for group, methods in found.items():
        most = max(map(len, methods.values()))
        for method, name in NAMES.items():
            if outcomes := methods.get(method):
                lines.append(f"| {group} | {name} | {_cells(outcomes, most)} |")
    return lines


def _cells(outcomes: list[Outcome], most: int) -> str:
    estimate, true = (np.array([getattr(o, key) for o in outcomes]) for key in ("estimate", "true"))
    error = estimate - true
    relative = np.abs(error[true > 0]) / true[true > 0]
    cells = [f"{100 * error.mean():+.2f}", f"{100 * np.abs(error).mean():.2f}", f"{relative.mean():.0%}"]
    if outcomes[0].held is None:
        cells += ["", ""]
    else:
        cells.append(f"{np.mean([bool(o.held) for o in outcomes]):.1%}")
        cells.append(f"{100 * np.mean([o.width or 0 for o in outcomes]):.1f}")
    return " | ".join([*cells, f"{len(outcomes) / most:.0%}"])


if __name__ == "__main__":
    main()
