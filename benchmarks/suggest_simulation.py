"""How much less labelling suggestions need than random choice, on the shipped corpus.

    python benchmarks/suggest_simulation.py [--quick] [-o docs/suggest.md]

Labels of the corpus are hidden and given back for the paragraphs that are chosen. From a few random ones
on, a model is trained, chooses the next batch, and is trained again; each is judged on paragraphs that
are never chosen from. Writes the page's figures and its picture; about ten minutes on one core.
"""

from __future__ import annotations

import argparse
import datetime as dt
import io
import sys
from collections.abc import Callable, Sequence
from pathlib import Path

import numpy as np
from matplotlib import rc_context
from matplotlib.figure import Figure
from numpy.typing import NDArray
from sklearn.metrics import average_precision_score

from responsetag import Tagger, load_taxonomy, suggest
from responsetag.selection.doubt import doubt, expected_errors
from responsetag.training.corpus import Corpus, load_corpus
from responsetag.training.evaluation import evaluate
from responsetag.training.pipeline import fit_model
from responsetag.training.settings import Settings

ROOT = Path(__file__).parent.parent
_TEST, _POOL, _START, _BATCH = 1500, 6000, 200, 100
# Three folds and features of two sentences: models of a few hundred paragraphs, trained often.
_SETTINGS = Settings(folds=3, min_df=2)
_FIGURES = ("micro F1", "macro F1", "micro AP", "macro AP")

Choose = Callable[[Tagger, list[str], np.random.Generator], Sequence[int]]


def _random(_tagger: Tagger, texts: list[str], rng: np.random.Generator) -> Sequence[int]:
    chosen: list[int] = rng.permutation(len(texts))[:_BATCH].tolist()
    return chosen


def _most_unsure(tagger: Tagger, texts: list[str], _rng: np.random.Generator) -> Sequence[int]:
    scores = tagger.predict_proba(texts)
    errors = expected_errors(doubt(scores, tagger.decide(scores)))
    chosen: list[int] = np.argsort(-errors, kind="stable")[:_BATCH].tolist()
    return chosen


def _suggested(tagger: Tagger, texts: list[str], _rng: np.random.Generator) -> Sequence[int]:
    return [suggestion.key for suggestion in suggest(tagger, texts, _BATCH)]


def _suggested_short(tagger: Tagger, texts: list[str], _rng: np.random.Generator) -> Sequence[int]:
    return [suggestion.key for suggestion in suggest(tagger, texts, _BATCH, per="character")]


STRATEGIES: dict[str, Choose] = {
    "random": _random,
    "uncertainty alone": _most_unsure,
    "suggest": _suggested,
    "suggest --per character": _suggested_short,
}


def run(corpus: Corpus, choose: Choose, seed: int, rounds: int) -> NDArray[np.float64]:
    """Paragraphs and characters labelled, and the figures of ``_FIGURES``, after each round."""
    taxonomy = load_taxonomy()
    texts, true = corpus.paragraphs, corpus.paragraph_labels
    order = np.random.default_rng(seed).permutation(len(corpus))
    test, pool = order[:_TEST], order[_TEST : _TEST + _POOL].tolist()
    labelled, pool = pool[:_START], pool[_START:]
    rng = np.random.default_rng(seed)
    rows = []
    for left in reversed(range(rounds)):
        part = corpus.take(np.sort(np.array(labelled)))
        tagger = Tagger(fit_model(part, taxonomy, "simulated", "0.0.1", settings=_SETTINGS).model)
        scores = tagger.predict_proba([texts[i] for i in test])
        result = evaluate(true[test], tagger.decide(scores), corpus.labels)
        micro = average_precision_score(true[test].ravel(), scores.ravel())
        macro = average_precision_score(true[test], scores, average="macro")
        read = sum(len(texts[i]) for i in labelled)
        rows.append([len(labelled), read, result.micro.f1, result.macro.f1, micro, macro])
        if left:
            chosen = {pool[i] for i in choose(tagger, [texts[i] for i in pool], rng)}
            labelled += [i for i in pool if i in chosen]
            pool = [i for i in pool if i not in chosen]
    return np.array(rows)


def reached(curve: NDArray[np.float64], axis: int, figure: int, aim: float) -> float:
    """How much was labelled when a figure first came to ``aim``, between rounds by a straight line."""
    best = np.maximum.accumulate(curve[:, figure])
    if best[-1] < aim:
        return float("nan")
    at = int(np.argmax(best >= aim))
    if at == 0:
        return float(curve[0, axis])
    share = (aim - best[at - 1]) / (best[at] - best[at - 1])
    return float(curve[at - 1, axis] + share * (curve[at, axis] - curve[at - 1, axis]))


def picture(curves: dict[str, NDArray[np.float64]]) -> str:
    """Micro AP by paragraphs and by characters labelled, as SVG."""
    # As in training/pictures.py: Okabe and Ito's palette; the same figures give the same file.
    colours, marks = ("#000000", "#D55E00", "#0072B2", "#009E73"), ("o", "s", "^", "D")
    style = {"svg.hashsalt": "responsetag", "svg.fonttype": "none", "font.family": "sans-serif"}
    with rc_context({**style, "font.size": 10}):
        figure = Figure(figsize=(9.6, 4.4), layout="constrained")
        panels = figure.subplots(1, 2, sharey=True)
        for axis, (axes, unit, scale) in enumerate(
            zip(panels, ("paragraphs", "thousand characters"), (1, 1000), strict=True)
        ):
            for (name, curve), colour, mark in zip(curves.items(), colours, marks, strict=True):
                axes.plot(
                    curve[:, axis] / scale, curve[:, 4], color=colour, marker=mark, markersize=4, label=name
                )
            axes.set(xlabel=f"{unit} labelled")
            axes.grid(color="#dddddd", linewidth=0.5)
        panels[0].set(ylabel="micro average precision on held-out paragraphs")
        panels[0].legend(loc="lower right", frameon=False)
        out = io.StringIO()
        figure.savefig(out, format="svg", metadata={"Date": None, "Creator": None})
    return out.getvalue()


def tables(curves: dict[str, NDArray[np.float64]]) -> list[str]:
    """Figures by round, and what each way of choosing needs for what random choice gets at last."""
    random = curves["random"]
    lines = ["| labelled | " + " | ".join(curves) + " |", "|--:|" + "--:|" * len(curves)]
    for place, count in enumerate(random[:, 0]):
        cells = [f"{curve[place, 2]:.3f} / {curve[place, 4]:.3f}" for curve in curves.values()]
        lines.append(f"| {int(count):,} | {' | '.join(cells)} |")
    lines += ["", "| to reach | of | " + " | ".join(curves) + " |", "|---|---|" + "--:|" * len(curves)]
    for figure, name in enumerate(_FIGURES, 2):
        aim = random[-1, figure]
        for axis, unit in enumerate(("paragraphs", "characters")):
            needed = {key: reached(curve, axis, figure, aim) for key, curve in curves.items()}
            base = needed["random"]
            cells = [
                f"{value:,.0f}" + (f" ({value / base - 1:+.0%})" if key != "random" else "")
                if value == value  # noqa: PLR0124 - not a number where it was not reached
                else "not reached"
                for key, value in needed.items()
            ]
            lines.append(f"| {name} {aim:.3f} | {unit} | {' | '.join(cells)} |")
    return lines


def main() -> None:
    """Simulate and write the page."""
    parser = argparse.ArgumentParser(
        description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter
    )
    parser.add_argument("-o", "--output", type=Path, default=ROOT / "docs" / "suggest.md")
    parser.add_argument("--seeds", type=int, default=3)
    parser.add_argument("--rounds", type=int, default=8)
    parser.add_argument("--quick", action="store_true", help="one seed and three rounds: does it work?")
    options = parser.parse_args()
    seeds, rounds = (1, 3) if options.quick else (options.seeds, options.rounds)
    corpus = load_corpus(ROOT / "data" / "corpus", load_taxonomy().slugs)
    curves = {}
    for name, choose in STRATEGIES.items():
        curves[name] = np.mean([run(corpus, choose, seed, rounds) for seed in range(seeds)], axis=0)
        print(name, curves[name].round(3).tolist(), file=sys.stderr, flush=True)
    options.output.with_suffix(".svg").write_text(picture(curves), encoding="utf-8")
    # Between these lines the page is made here; the rest is written by hand.
    begin, end = "<!-- figures -->\n", "<!-- end of figures -->\n"
    page = options.output.read_text(encoding="utf-8")
    before, rest = page.split(begin)
    date = dt.datetime.now(tz=dt.UTC).date()
    said = (
        f"Made by `benchmarks/suggest_simulation.py` on {date}: means of {seeds} draws of {_TEST:,} held-out "
        f"paragraphs and a pool of {_POOL:,} from the corpus (digest {corpus.digest[:12]})."
    )
    made = "\n".join([said, "", f"![curves]({options.output.stem}.svg)", "", *tables(curves), ""])
    options.output.write_text(
        before + begin + "\n" + made + "\n" + end + rest.split(end)[1], encoding="utf-8"
    )
    print(f"written to {options.output}")


if __name__ == "__main__":
    main()
