"""Figures of an evaluation."""

from __future__ import annotations

from typing import TYPE_CHECKING, TextIO

from rich.table import Table

from responsetag.display.screen import console

if TYPE_CHECKING:
    from responsetag.training.evaluation import Evaluation


def print_evaluation(evaluation: Evaluation, names: dict[str, str], out: TextIO | None = None) -> None:
    """Precision (P), recall (R), F1 and number of paragraphs (n) a label, and the averages."""
    table = Table()
    table.add_column("label", no_wrap=True)
    table.add_column("名称", no_wrap=True)
    for title in ("P", "R", "F1", "n"):
        table.add_column(title, justify="right")
    for score in (*evaluation.labels, evaluation.micro, evaluation.macro):
        average = score.label not in names
        table.add_row(
            score.label,
            names.get(score.label, ""),
            f"{score.precision:.3f}",
            f"{score.recall:.3f}",
            f"{score.f1:.3f}",
            "" if average else str(score.support),
            style="bold" if average else None,
        )
    screen = console(out)
    screen.print(table)
    line = f"{evaluation.paragraphs} paragraphs, all labels right in {evaluation.exact_match:.1%}"
    if evaluation.calibration_error is not None:
        line += f", calibration error {evaluation.calibration_error:.3f}"
    if evaluation.intervals is not None:
        micro, macro = evaluation.intervals.micro, evaluation.intervals.macro
        line += (
            f"\n95% intervals over {evaluation.intervals.documents} documents: micro F1 {micro.low:.3f} to "
            f"{micro.high:.3f}, macro F1 {macro.low:.3f} to {macro.high:.3f}"
        )
    screen.print(line)
