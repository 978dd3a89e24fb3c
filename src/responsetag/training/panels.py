"""Pictures of one label each, alone or as a sheet of small multiples (Tufte, Envisioning Information,
1990)."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from dataclasses import dataclass

import numpy as np
from matplotlib.axes import Axes
from matplotlib.figure import Figure

from responsetag.training.curves import FEW, STEPS, LabelCurves
from responsetag.training.pictures import COLOURS, as_svg, drawing, short

# A sheet of more labels than this is too large to look at.
MOST_PANELS = 60
_WIDTH, _HEIGHT, _COLUMNS = 2.1, 1.95, 4


@dataclass(frozen=True)
class Panel:
    """A kind of picture: how a label's curve is drawn, and what its axes are."""

    draw: Callable[[Axes, LabelCurves], None]
    across: str
    upwards: str


def panel_svg(curves: LabelCurves, panel: Panel) -> str:
    """One label's picture."""
    with drawing():
        figure = Figure(figsize=(_WIDTH * 1.15, _HEIGHT * 1.15))
        figure.subplots_adjust(left=0.2, right=0.96, bottom=0.19, top=0.82)
        axes = figure.add_subplot()
        _draw(axes, curves, panel)
        axes.set_xlabel(panel.across, fontsize=8, labelpad=1)
        axes.set_ylabel(panel.upwards, fontsize=8, labelpad=3)
        return as_svg(figure)


def sheet_svg(every: Sequence[LabelCurves], panel: Panel) -> str:
    """The pictures of all labels, those with most paragraphs where there are too many."""
    every = pictured(every)
    columns = min(_COLUMNS, len(every))
    rows = -(-len(every) // columns)
    width, height = _WIDTH * columns + 0.2, _HEIGHT * rows + 0.25
    with drawing():
        figure = Figure(figsize=(width, height))
        figure.subplots_adjust(
            left=0.5 / width,
            right=1 - 0.1 / width,
            bottom=0.5 / height,
            top=1 - 0.4 / height,
            wspace=0.28,
            hspace=0.5,
        )
        figure.supxlabel(panel.across, fontsize=9, y=0.08 / height, va="bottom")
        figure.supylabel(panel.upwards, fontsize=9, x=0.08 / width, ha="left")
        for place, curves in enumerate(every):
            _draw(figure.add_subplot(rows, columns, place + 1), curves, panel)
        return as_svg(figure)


def pictured(every: Sequence[LabelCurves]) -> list[LabelCurves]:
    """The labels that get pictures, in their order."""
    order = sorted(range(len(every)), key=lambda place: -every[place].support)[:MOST_PANELS]
    return [every[place] for place in sorted(order)]


def _precision_recall(axes: Axes, curves: LabelCurves) -> None:
    """Precision against recall, lines of equal F1, and a mark at what the threshold gives."""
    for f1 in (0.2, 0.4, 0.6, 0.8):
        recall = np.geomspace(f1 / (2 - f1), 1, 16)  # where precision is 1, to where recall is
        axes.plot(recall, f1 * recall / (2 * recall - f1), color="#cccccc", linewidth=0.6)
    style = "steps-pre" if curves.support <= STEPS else "default"
    axes.plot(*curves.curve, drawstyle=style, color=COLOURS[0], linewidth=1.2)
    axes.plot([curves.recall], [curves.precision], "o", color=COLOURS[1], markersize=5, clip_on=False)
    axes.set_title(f"{short(curves.label)}\nAP {curves.average_precision or 0:.2f}{_few(curves)}", fontsize=8)


def _by_threshold(axes: Axes, curves: LabelCurves) -> None:
    """F1 against the threshold, the model's as a line, the best of these paragraphs as a ring."""
    axes.plot(*curves.by_threshold, color=COLOURS[0], linewidth=1.2)
    axes.axvline(curves.threshold, color=COLOURS[1], linewidth=1)
    assert curves.best is not None
    axes.plot(
        *([value] for value in curves.best), "o", color=COLOURS[2], markersize=5, markerfacecolor="none"
    )
    axes.set_title(f"{short(curves.label)}\nthreshold {curves.threshold:.2f}{_few(curves)}", fontsize=8)


PRECISION_RECALL = Panel(_precision_recall, "recall", "precision")
BY_THRESHOLD = Panel(_by_threshold, "threshold", "F1")


def _few(curves: LabelCurves) -> str:
    return f", few: n = {curves.support}" if curves.support < FEW else ""


def _draw(axes: Axes, curves: LabelCurves, panel: Panel) -> None:
    axes.set(xlim=(0, 1), ylim=(0, 1.03))
    axes.set_xticks([0, 0.5, 1], ["0", ".5", "1"], fontsize=7)
    axes.set_yticks([0, 0.5, 1], ["0", ".5", "1"], fontsize=7)
    axes.tick_params(length=2)
    axes.spines[["top", "right"]].set_visible(False)
    if curves.support:
        panel.draw(axes, curves)
        return
    axes.set_title(f"{short(curves.label)}\n", fontsize=8)
    axes.text(0.5, 0.5, "no paragraph\ncarries it", ha="center", va="center", fontsize=8, color="#555555")
