"""Shares of a collection."""

from __future__ import annotations

from typing import TextIO

from rich.table import Table

from responsetag.display.screen import console, safe
from responsetag.prevalence import LabelPrevalence, Prevalences


def print_prevalences(
    result: Prevalences, names: dict[str, str], empty: int, out: TextIO | None = None
) -> None:
    """What the model gives and what that is when its errors are corrected, a row a label."""
    screen = console(out)
    corrected = result.method is not None
    table = Table(box=None, padding=(0, 1, 0, 0))
    table.add_column("label", overflow="fold")
    if not corrected:  # a terminal has no room for more
        table.add_column("名称", no_wrap=True)
    titles = ["given", "share"]
    titles += ["corrected", "95% interval", "TPR", "FPR", "gold"] if corrected else ["by scores"]
    for title in titles:
        table.add_column(title, justify="right", no_wrap=True)
    for entry in result.labels:
        counted = [str(entry.given), f"{entry.given / result.units:.1%}"]
        if corrected:
            table.add_row(safe(entry.label), *counted, *_corrected(entry))
        else:
            expected = f"{entry.expected / result.units:.1%}"
            table.add_row(safe(entry.label), safe(names[entry.label]), *counted, expected)
    screen.print(table)
    line = f"{result.units} {result.by}s"
    if result.by == "paragraph":
        line += f" of {result.documents} documents"
    if empty:
        line += f"; {empty} without words are not counted"
    if not corrected:
        screen.print(f"{line}. Not corrected for errors; 'by scores' is the mean score.")
        return
    of = "of what the collection is a sample of" if result.population else "of this very collection"
    screen.print(
        f"{line}. Corrected by {result.gold_units} gold {result.by}s of {result.gold_documents} documents "
        f"({result.method}), shares {of}. gold: how many of them carry the label."
    )
    for entry in result.labels:
        if entry.reason:
            screen.print(f"{safe(entry.label)}: {entry.reason}")


def _corrected(entry: LabelPrevalence) -> list[str]:
    rates = [
        "-" if rate is None else f"{rate:.3f}"
        for rate in (entry.true_positive_rate, entry.false_positive_rate)
    ]
    if entry.prevalence is None or entry.low is None or entry.high is None:
        return ["-", "-", *rates, str(entry.gold_positives)]
    interval = f"{entry.low:.1%} to {entry.high:.1%}"
    return [f"{entry.prevalence:.1%}", interval, *rates, str(entry.gold_positives)]
