"""A paragraph with its evidence coloured."""

from __future__ import annotations

from rich.console import Console
from rich.table import Table
from rich.text import Text

from responsetag.display.screen import console, safe
from responsetag.types import Evidence, Tag, Tagging

# One colour a label in the order of scores: distinct also to colour-blind eyes on dark and light ground.
_COLOURS = ("bold cyan", "bold yellow", "bold magenta", "bold blue", "bold green", "bold red")
# In fewer columns of a terminal, what a table would hold stands line under line.
_LEAST_TABLE = 80


def print_explanation(tagging: Tagging, screen: Console | None = None) -> None:
    """A paragraph with its evidence coloured and the words that weighed most underlined; and for each
    label its score, the span that shows it, and the share of these words in it."""
    screen = screen or console()
    screen.print(_coloured(tagging))
    if tagging.tags:
        screen.print()
        (_print_table if screen.width >= _LEAST_TABLE else _print_lines)(tagging, screen)
    elif tagging.status == "empty":
        screen.print("nothing to judge: no letter, digit or Han character")
    else:
        best = max(tagging.scores, key=lambda label: tagging.scores[label])
        screen.print(f"no label (nearest: {safe(best)} {tagging.scores[best]:.2f})")


def _coloured(tagging: Tagging) -> Text:
    text = Text(safe(tagging.text))
    # Colours are laid from the weakest label to the strongest, which so stays visible where they overlap.
    for i, tag in reversed(list(enumerate(tagging.tags))):
        if tag.evidence:
            text.stylize(_colour(i), tag.evidence.start, tag.evidence.end)
            for word in tag.evidence.words:
                text.stylize("underline", word.start, word.end)
    return text


def _print_table(tagging: Tagging, screen: Console) -> None:
    table = Table(expand=True)
    table.add_column("label", overflow="fold")
    table.add_column("score", no_wrap=True)
    table.add_column("evidence", overflow="fold", ratio=3)
    table.add_column("words, share", overflow="fold", ratio=2)
    for i, tag in enumerate(tagging.tags):
        shown = (_span(tag.evidence), _words(tag.evidence)) if tag.evidence else ("", "")
        table.add_row(_name(i, tag, "\n"), f"{tag.score:.2f}", *shown)
    screen.print(table)


def _print_lines(tagging: Tagging, screen: Console) -> None:
    for i, tag in enumerate(tagging.tags):
        screen.print(_name(i, tag, " ").append(f" {tag.score:.2f}", "default"))
        if tag.evidence:
            screen.print(_span(tag.evidence))
            screen.print(_words(tag.evidence))


def _name(number: int, tag: Tag, between: str) -> Text:
    return Text(safe(tag.name) + between + safe(tag.label), style=_colour(number))


def _colour(number: int) -> str:
    return _COLOURS[number % len(_COLOURS)]


def _span(evidence: Evidence) -> Text:
    text = Text(safe(evidence.text))
    for word in evidence.words:
        text.stylize("underline", word.start - evidence.start, word.end - evidence.start)
    return text


def _words(evidence: Evidence) -> Text:
    return Text("  ".join(f"{safe(word.text)}({word.share:.0%})" for word in evidence.words))
