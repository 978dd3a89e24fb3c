"""Tagged rows as tables."""

from __future__ import annotations

from collections.abc import Iterable
from typing import TextIO

from rich.table import Table
from rich.text import Text

from responsetag.batch.tagging import OutputRow
from responsetag.display.screen import console, safe, shortened

_TEXT_LINES = 3


def print_rows(rows: Iterable[OutputRow], out: TextIO | None = None) -> None:
    """A table a document: paragraph, labels with their Chinese names and scores, and its beginning."""
    screen = console(out)
    table: Table | None = None
    document: str | None = None
    for output in rows:
        if table is None or output.row.document != document:
            if table is not None:
                screen.print(table)
            document = output.row.document
            table = Table(title=Text(safe(document)), title_justify="left", show_lines=False, expand=True)
            table.add_column("段", justify="right", no_wrap=True)
            table.add_column("行动", ratio=2, overflow="fold")
            table.add_column("正文", ratio=5, overflow="fold")
        table.add_row(str(output.row.paragraph or ""), _labels(output), _snippet(output, screen.width))
    if table is not None:
        screen.print(table)


def _labels(output: OutputRow) -> Text:
    if output.tagging is None:
        return Text("错误", style="bold red")
    if output.status == "empty":
        return Text("（空）", style="dim")
    lines = [f"{safe(tag.name)} {tag.score:.2f}" for tag in output.tagging.tags]
    return Text("\n".join(lines) or "—", style="bold" if lines else "dim")


def _snippet(output: OutputRow, width: int) -> Text:
    """The beginning of a paragraph, about as many lines as it has labels."""
    if output.error:
        return Text(safe(output.error))
    lines = max(_TEXT_LINES, len(output.tagging.tags) if output.tagging else 0)
    room = max(20, int(width * 5 / 8)) * lines - 4
    return Text(shortened(output.row.text, room))
