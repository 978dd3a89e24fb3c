"""The labels and the models that there are."""

from __future__ import annotations

from collections.abc import Iterable
from typing import TextIO

from rich.table import Table
from rich.text import Text

from responsetag.display.screen import console, safe
from responsetag.taxonomy import CROSSWALKS, Taxonomy
from responsetag.types import ModelInfo


def print_labels(taxonomy: Taxonomy, out: TextIO | None = None) -> None:
    """Every label with its names, definition, example and crosswalk."""
    screen = console(out)
    group = None
    titles = CROSSWALKS if any(any(label.crosswalk.values()) for label in taxonomy.labels) else {}
    for label in taxonomy.labels:
        if label.group and label.group != group:
            group = label.group
            name = taxonomy.groups[group]
            screen.print(Text(safe(f"\n{group} {name.zh} {name.en}"), style="bold underline"))
        screen.print(Text(safe(f"\n{label.slug}  {label.name.zh}  {label.name.en}"), style="bold"))
        for line in (label.definition.zh, label.definition.en):
            if line:
                screen.print(safe(f"  {line}"), soft_wrap=True)
        for title, items in (("includes", label.includes), ("excludes", label.excludes)):
            if items:
                screen.print(safe(f"  {title}: " + "; ".join(item.en for item in items)), soft_wrap=True)
                screen.print(safe(f"  {title}: " + "；".join(item.zh for item in items)), soft_wrap=True)
        if label.example.zh:
            screen.print(safe(f"  例 {label.example.zh}"), soft_wrap=True)
        for key, title in titles.items():
            codes = "; ".join(label.crosswalk[key]) or "none"
            screen.print(safe(f"  {title}: {codes}"), soft_wrap=True)
        if label.note:
            screen.print(safe(f"  note: {label.note}"), soft_wrap=True)


def print_models(models: Iterable[ModelInfo], out: TextIO | None = None) -> None:
    """Name, version, digest and place of each model."""
    table = Table()
    for title in ("model", "version", "digest", "path"):
        table.add_column(title, overflow="fold")
    for info in models:
        table.add_row(info.name, info.version, info.digest[:16], info.path)
    console(out).print(table)
