"""A paragraph with its evidence coloured."""

from __future__ import annotations

from typing import TextIO

from rich.table import Table
from rich.text import Text

from responsetag.display.screen import console, safe
from responsetag.types import Tagging

# One colour a label in the order of scores: distinct also to colour-blind eyes on dark and light ground.
_COLOURS = ("bold cyan", "bold yellow", "bold magenta", "bold blue", "bold green", "bold red")


def print_explanation(tagging: Tagging, out: TextIO | None = None) -> None:
    """A paragraph with its evidence coloured, and a table of labels, scores and weighty words."""
    screen = console(out)
    text = Text(safe(tagging.text))
    table = Table(expand=False)
    for title in ("label", "名称", "score"):
        table.add_column(title, overflow="fold")
    table.add_column("words that weighed most", overflow="fold", ratio=1)
    # Colours are laid from the weakest label to the strongest, which so stays visible where they overlap.
    for i in range(len(tagging.tags) - 1, -1, -1):
        evidence = tagging.tags[i].evidence
        if evidence:
            text.stylize(_COLOURS[i % len(_COLOURS)], evidence.start, evidence.end)
    for i, tag in enumerate(tagging.tags):
        words = tag.evidence.words if tag.evidence else ()
        colour = _COLOURS[i % len(_COLOURS)]
        shown = "  ".join(f"{safe(word.text)} {word.weight:+.2f}" for word in words)
        table.add_row(Text(safe(tag.label), style=colour), safe(tag.name), f"{tag.score:.2f}", Text(shown))
    screen.print(text)
    if tagging.tags:
        screen.print(table)
    elif tagging.status == "empty":
        screen.print("nothing to judge: no letter, digit or Han character")
    else:
        best = max(tagging.scores, key=lambda label: tagging.scores[label])
        screen.print(f"no label (nearest: {safe(best)} {tagging.scores[best]:.2f})")
