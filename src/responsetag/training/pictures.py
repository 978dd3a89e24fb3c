"""Pictures of figures as SVG, for model cards and evaluation reports. ``panels.py`` has those of a
label each."""

from __future__ import annotations

import io
import re
import warnings
from collections.abc import Iterator, Mapping, Sequence
from contextlib import contextmanager

import numpy as np
from matplotlib import rc_context
from matplotlib.axes import Axes
from matplotlib.figure import Figure

from responsetag.display.screen import safe
from responsetag.training.confusion import Confusion
from responsetag.training.learning import Step

# Okabe and Ito's palette, distinct to colour-blind eyes.
COLOURS = ("#0072B2", "#D55E00", "#009E73", "#CC79A7")
_MARKS = ("o", "s", "^", "D")
_TINY, _LARGE = 3.0, 9.0
# Without a date, with fixed ids and text as text: the same figures give the same file. A "$" in a name is no
# formula.
_STYLE = {
    "svg.hashsalt": "responsetag",
    "svg.fonttype": "none",
    "text.parse_math": False,
    "font.family": "sans-serif",
    "font.sans-serif": ["DejaVu Sans"],
    "font.size": 10,
}
# Characters that XML cannot hold.
_NO_XML = re.compile("[\ufffe\uffff]")
# Attributes that hold places, and the decimals of them that nobody can see.
_NUMBERS = re.compile(r' (?:d|x|y|transform)="[^"]*"')
_DECIMALS = re.compile(r"(\.\d\d)\d+")
# A name of 64 characters would leave no room for its picture.
_LONGEST = 28
# More labels than this cannot be told apart in one picture.
MOST_LABELS = 40


@contextmanager
def drawing() -> Iterator[None]:
    """The style of all pictures. Chinese is drawn by the reader's fonts, so that ours lacks it does not
    matter."""
    with rc_context(_STYLE), warnings.catch_warnings():  # type: ignore[arg-type]  # keys are an enumeration
        warnings.filterwarnings("ignore", r"Glyph .* missing from font")
        yield


def as_svg(figure: Figure) -> str:
    """The figure as SVG, on white."""
    out = io.StringIO()
    figure.savefig(out, format="svg", metadata={"Date": None, "Creator": None})
    return _compact(out.getvalue())


def _compact(svg: str) -> str:
    """The same picture in half the bytes: hundredths of a point, no indentation, no turns by nothing."""
    svg = re.sub(r"^ +| +$", "", svg, flags=re.MULTILINE)
    svg = re.sub(r' transform="rotate\(-?0 [^"]*"', "", svg)
    return _NUMBERS.sub(lambda found: _DECIMALS.sub(r"\1", found[0]), svg)


def short(name: str) -> str:
    """A name as pictures show it."""
    shown = _NO_XML.sub("\ufffd", safe(name))
    return shown if len(shown) <= _LONGEST else f"{shown[: _LONGEST - 1]}…"


def reliability_svg(sets: Mapping[str, Sequence[tuple[float, float, int]]]) -> str:
    """How often labels with a score are right: a line for each set.

    Args:
        sets: by the name of the set: mean score, frequency and number of decisions of each bin.
    """
    with drawing():
        figure = Figure(figsize=(5.2, 4.6), layout="constrained")
        axes = figure.add_subplot()
        axes.plot([0, 1], [0, 1], color="#999999", linewidth=1, linestyle="--", label="perfect calibration")
        for number, (name, bins) in enumerate(sets.items()):
            colour, mark = COLOURS[number % len(COLOURS)], _MARKS[number % len(_MARKS)]
            scores, frequencies, counts = zip(*bins, strict=True)
            axes.plot(scores, frequencies, color=colour, linewidth=1.5, label=_NO_XML.sub("", safe(name)))
            most = max(counts)
            sizes = [(_TINY + (_LARGE - _TINY) * (count / most) ** 0.25) ** 2 for count in counts]
            axes.scatter(scores, frequencies, s=sizes, color=colour, marker=mark, zorder=3)
        axes.set(xlim=(0, 1), ylim=(0, 1), xlabel="score", ylabel="share that carry the label")
        axes.set_title("Calibration, all labels; larger marks hold more decisions", fontsize=10)
        axes.grid(color="#dddddd", linewidth=0.5)
        axes.legend(loc="upper left", frameon=False)
        return as_svg(figure)


def confused_labels(found: Confusion) -> list[int]:
    """Places of the labels that the heat map shows: all, or the most missed and wrongly given, in order."""
    order = np.argsort(-(found.missed + found.wrong), kind="stable")[:MOST_LABELS]
    return [int(place) for place in np.sort(order)]


def confusion_svg(found: Confusion, labels: Sequence[str]) -> str:
    """What was wrongly given where a label was missed: a row for each label missed.

    Shades are shares of the row's misses, numbers are paragraphs. The last column and row, not shaded, count
    misses with nothing wrongly given, and wrong labels where nothing was missed.
    """
    places = confused_labels(found)
    n = len(places)
    share = found.share()[np.ix_(places, places)]
    names = [short(labels[place]) for place in places]
    with drawing():
        figure = Figure(figsize=(4.2 + 0.3 * n, 3.2 + 0.26 * n), layout="constrained")
        axes = figure.add_subplot()
        shades = np.ma.masked_equal(share, 0)
        mesh = axes.pcolormesh(
            shades, cmap="Blues", vmin=0, vmax=max(share.max(initial=0), 0.01), clip_on=False
        )
        dark = share > 0.72 * share.max(initial=0)  # where white is read better than black
        for row, a in enumerate(places):
            for column, b in enumerate(places):
                if count := found.pairs[a, b]:
                    _number(axes, column, row, count, "white" if dark[row, column] else "black")
            _number(axes, n, row, found.nothing_given[a], "#555555")
            _number(axes, row, n, found.nothing_missed[a], "#555555")
        axes.set(xlim=(0, n + 1), ylim=(n + 1, 0), xlabel="wrongly given", ylabel="missed")
        axes.set_xticks(np.arange(n + 1) + 0.5, [*names, "nothing"], rotation=90, fontsize=8)
        axes.set_yticks(np.arange(n + 1) + 0.5, [*names, "nothing"], fontsize=8)
        axes.tick_params(length=0)
        axes.spines[:].set_visible(False)
        axes.set_title("Given instead (paragraphs)", fontsize=10)
        figure.colorbar(mesh, ax=axes, label="share of the row's misses", shrink=0.6, pad=0.01)
        return as_svg(figure)


def _number(axes: Axes, column: int, row: int, count: int, colour: str) -> None:
    axes.text(column + 0.5, row + 0.5, str(count), ha="center", va="center", fontsize=6.5, color=colour)


def learning_svg(steps: Sequence[Step]) -> str:
    """Micro and macro F1 of held-out paragraphs by the number of paragraphs trained on."""
    with drawing():
        figure = Figure(figsize=(5.2, 3.8), layout="constrained")
        axes = figure.add_subplot()
        sizes = [step.paragraphs for step in steps]
        for name, colour, mark in (("micro", COLOURS[0], "o"), ("macro", COLOURS[1], "s")):
            values = [getattr(step, name) for step in steps]
            means = [float(np.mean(draws)) for draws in values]
            axes.plot(sizes, means, color=colour, marker=mark, linewidth=1.5, label=f"{name} F1")
            for size, draws in zip(sizes, values, strict=True):
                axes.plot([size] * len(draws), draws, "_", color=colour, markersize=9)
        axes.set_xscale("log", base=2)
        axes.set_xticks(sizes, [f"{size:,}" for size in sizes])
        axes.minorticks_off()
        axes.set(xlabel="paragraphs trained on", ylabel="F1 of held-out paragraphs")
        axes.set_title("Learning curve; short lines are single draws", fontsize=10)
        axes.grid(color="#dddddd", linewidth=0.5)
        axes.legend(loc="lower right", frameon=False)
        return as_svg(figure)
