"""Two models beside each other."""

from __future__ import annotations

from typing import TYPE_CHECKING, TextIO

from rich.console import Console
from rich.table import Table
from rich.text import Text

from responsetag.display.screen import console, safe, shortened

if TYPE_CHECKING:
    from responsetag.training.compare import ChangedParagraph, ModelComparison
    from responsetag.training.paired import LabelComparison

_STYLES = {"better": "green", "worse": "red"}
_FEW_DOCUMENTS = 30  # below, p values are too small too often: docs/compare.md has the measurement


def print_comparison(
    result: ModelComparison, names: dict[str, str], show: int, out: TextIO | None = None
) -> None:
    """F1 of both models by label and what it shows, then the paragraphs whose scores differ most."""
    screen = console(out)
    comparison = result.comparison
    table = Table(box=None, padding=(0, 0, 0, 1))
    table.add_column("label", overflow="fold")
    for title in ("n", "F1 A", "F1 B", "B - A", "95% interval", "p", "+ / -"):
        table.add_column(title, justify="right", no_wrap=True)
    table.add_column("B is", no_wrap=True)
    for entry in (*comparison.labels, comparison.micro, comparison.macro):
        table.add_row(*_cells(entry, names), style=None if entry.label in names else "bold")
    screen.print(table)
    screen.print(
        f"{comparison.paragraphs} paragraphs of {comparison.documents} documents; "
        f"{comparison.changed_paragraphs} paragraphs get other labels. + and - are decisions that B mends "
        f"and breaks. p is of {comparison.resamples} draws of documents; that of labels is corrected for "
        "their number (Holm), that of averages is not."
    )
    if comparison.effective_documents < _FEW_DOCUMENTS:
        screen.print(
            f"They tell as much as {comparison.effective_documents:.0f} documents of equal length. "
            f"Fewer than {_FEW_DOCUMENTS} documents: p values come out too small. Give gold rows of more."
        )
    for which, labels in (("A", result.only_first), ("B", result.only_second)):
        if labels:
            screen.print(f"only {which} has, so not compared: {safe(', '.join(labels))}")
    ordered = sorted(result.changed, key=_largest_change, reverse=True)
    for paragraph in ordered[:show]:
        _print_change(screen, paragraph)


def _cells(entry: LabelComparison, names: dict[str, str]) -> list[str | Text]:
    f1 = entry.f1
    return [
        safe(entry.label),
        str(entry.support) if entry.label in names else "",
        f"{f1.first:.3f}",
        f"{f1.second:.3f}",
        f"{f1.difference:+.3f}",
        f"{f1.low:+.3f} {f1.high:+.3f}",
        f"{entry.adjusted_p:.3f}" if entry.adjusted_p >= 0.001 else "<.001",
        f"{entry.fixed} / {entry.broken}",
        Text(entry.verdict, style=_STYLES.get(entry.verdict, "dim")),
    ]


def _print_change(screen: Console, paragraph: ChangedParagraph) -> None:
    """Where a paragraph stands, its beginning, and each decision that differs."""
    screen.print(Text(f"\nline {paragraph.line}, {safe(paragraph.document)}", style="bold"))
    screen.print(Text(shortened(paragraph.text, 2 * screen.width - 4)))
    for change in paragraph.changes:
        what = f"{'+' if change.given else '-'} {safe(change.label)}"
        scores = f"{change.first_score:.2f} -> {change.second_score:.2f}"
        verdict = "right now" if change.right else "wrong now"
        screen.print(Text(f"  {what}  {scores}  {verdict}", style="green" if change.right else "red"))


def _largest_change(paragraph: ChangedParagraph) -> float:
    return max(abs(change.second_score - change.first_score) for change in paragraph.changes)
