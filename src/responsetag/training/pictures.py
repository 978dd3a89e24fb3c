"""Pictures for the model card, as SVG."""

from __future__ import annotations

import io
from collections.abc import Mapping, Sequence

from matplotlib import rc_context
from matplotlib.figure import Figure

# Okabe and Ito's palette, distinct to colour-blind eyes.
_COLOURS = ("#0072B2", "#D55E00", "#009E73", "#CC79A7")
_MARKS = ("o", "s", "^", "D")
_TINY, _LARGE = 3.0, 9.0
# Without a date, with fixed ids and text as text: the same figures give the same file.
_STYLE = {"svg.hashsalt": "responsetag", "svg.fonttype": "none", "font.family": "sans-serif", "font.size": 10}


def reliability_svg(sets: Mapping[str, Sequence[tuple[float, float, int]]]) -> str:
    """How often labels with a score are right: a line for each set.

    Args:
        sets: by the name of the set: mean score, frequency and number of decisions of each bin.
    """
    with rc_context(_STYLE):  # type: ignore[arg-type]  # its keys are an enumeration of 300 texts
        figure = Figure(figsize=(5.2, 4.6), layout="constrained")
        axes = figure.add_subplot()
        axes.plot([0, 1], [0, 1], color="#999999", linewidth=1, linestyle="--", label="perfect calibration")
        for number, (name, bins) in enumerate(sets.items()):
            colour, mark = _COLOURS[number % len(_COLOURS)], _MARKS[number % len(_MARKS)]
            scores, frequencies, counts = zip(*bins, strict=True)
            axes.plot(scores, frequencies, color=colour, linewidth=1.5, label=name)
            most = max(counts)
            sizes = [(_TINY + (_LARGE - _TINY) * (count / most) ** 0.25) ** 2 for count in counts]
            axes.scatter(scores, frequencies, s=sizes, color=colour, marker=mark, zorder=3)
        axes.set(xlim=(0, 1), ylim=(0, 1), xlabel="score", ylabel="share that carry the label")
        axes.set_title("Calibration, all labels; larger marks hold more decisions", fontsize=10)
        axes.grid(color="#dddddd", linewidth=0.5)
        axes.legend(loc="upper left", frameon=False)
        out = io.StringIO()
        figure.savefig(out, format="svg", metadata={"Date": None, "Creator": None})
    return out.getvalue()
