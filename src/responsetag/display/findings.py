"""What was found in rows to train on."""

from __future__ import annotations

from typing import TYPE_CHECKING, TextIO

from rich.table import Table

from responsetag.display.screen import console, safe

if TYPE_CHECKING:
    from responsetag.training.findings import Findings

_SHOWN = 20  # conflicts that are told one by one


def print_findings(findings: Findings, few: int, out: TextIO | None = None) -> None:
    """Counts of rows, and of paragraphs by label.

    Args:
        few: fewer paragraphs than this are marked.
    """
    screen = console(out)
    counts = (
        f"{findings.rows:,} rows: {findings.paragraphs:,} paragraphs ({findings.sentences:,} sentences) of "
        f"{findings.documents:,} documents, {findings.unlabelled:,} without a label"
    )
    facts = [counts]
    if findings.duplicates:
        facts.append(f"{findings.duplicates:,} duplicates left out")
    if findings.replaced:
        facts.append(
            f"{findings.replaced:,} paragraphs of the corpus extended stand in the rows too: the rows count"
        )
    if findings.unused:
        facts.append(f"columns not read: {', '.join(findings.unused)}")
    if findings.conflicts:
        facts.append(f"{len(findings.conflicts):,} texts with conflicting labels (--conflicts):")
        facts += [f"  {conflict}" for conflict in findings.conflicts[:_SHOWN]]
        facts += [f"  ... and {more:,} more"] if (more := len(findings.conflicts) - _SHOWN) > 0 else []
    for fact in facts:
        screen.print(safe(fact), soft_wrap=True)
    table = Table()
    table.add_column("label", overflow="fold")
    table.add_column("paragraphs", justify="right")
    table.add_column("")
    for label, count in findings.labels.items():
        table.add_row(safe(label), f"{count:,}", "none" if not count else "few" if count < few else "")
    screen.print(table)
    for warning in findings.warnings():
        screen.print(safe(f"warning: {warning}"), soft_wrap=True)
