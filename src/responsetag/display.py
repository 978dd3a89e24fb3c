"""What people see on a terminal: tables and coloured evidence. Needs rich; nothing else imports it."""

from __future__ import annotations

import re
import sys
import time
from collections.abc import Iterable
from typing import TYPE_CHECKING, Self, TextIO

from rich.cells import cell_len
from rich.console import Console
from rich.progress import (
    BarColumn,
    Progress,
    TaskProgressColumn,
    TextColumn,
    TimeElapsedColumn,
    TimeRemainingColumn,
)
from rich.table import Table
from rich.text import Text

from responsetag.batch.session import Progress as RunState
from responsetag.batch.tagging import OutputRow
from responsetag.taxonomy import CROSSWALKS, Taxonomy
from responsetag.types import ModelInfo, Tagging

if TYPE_CHECKING:
    from responsetag.training.evaluation import Evaluation

# One colour a label in the order of scores: distinct also to colour-blind eyes on dark and light ground.
_COLOURS = ("bold cyan", "bold yellow", "bold magenta", "bold blue", "bold green", "bold red")
_TEXT_LINES = 3
_CONTROL = re.compile("[\x00-\x09\x0b-\x1f\x7f-\x9f\u202a-\u202e\u2066-\u2069\ud800-\udfff]")


def safe(text: str) -> str:
    """Text that a terminal shows and does not obey: control characters and halves of broken ones become
    U+FFFD, one for one, so that offsets hold."""
    return _CONTROL.sub("\ufffd", text.replace("\r", " ").replace("\t", " "))


def console(out: TextIO | None = None) -> Console:
    """A console that colours on terminals only."""
    return Console(file=out, highlight=False, emoji=False, markup=False)


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
    text = " ".join(safe(output.row.text).split())
    if cell_len(text) > room:
        while cell_len(text) > room:
            text = text[: max(1, int(len(text) * room / cell_len(text)) - 1)]
        text += "…"
    return Text(text)


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


def print_labels(taxonomy: Taxonomy, out: TextIO | None = None) -> None:
    """Every label with its names, definition, example and crosswalk."""
    screen = console(out)
    group = None
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
        for key, title in CROSSWALKS.items():
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


class RunProgress:
    """How far a run is, on a terminal's standard error: rows, their rate, share of the input, time left."""

    def __init__(self, total: int | None) -> None:
        columns = (
            BarColumn(),
            TaskProgressColumn(),
            TextColumn("{task.fields[rows]} rows"),
            TextColumn("{task.fields[rate]:.0f}/s"),
            TimeRemainingColumn(),
            TimeElapsedColumn(),
        )
        self._shown = Progress(*columns, console=console(sys.stderr), transient=True)
        self._total = total or None
        self._task = self._shown.add_task("", total=self._total, rows=0, rate=0.0)
        self._started: float | None = None

    def __enter__(self) -> Self:
        self._shown.start()
        return self

    def __exit__(self, *_: object) -> None:
        self._shown.stop()

    def update(self, progress: RunState) -> None:
        """Show how far it is."""
        now = time.monotonic()
        if self._started is None:
            # What an earlier run finished is passed over in no time, and says nothing of what is left.
            self._shown.reset(self._task, completed=progress.read)
            self._started, self._before = now, progress.rows
        rate = (progress.rows - self._before) / max(now - self._started, 1e-9)
        total = progress.total or self._total
        self._shown.update(self._task, total=total, completed=progress.read, rows=progress.rows, rate=rate)
