"""How far a run is."""

from __future__ import annotations

import sys
import time
from typing import Self

from rich.progress import (
    BarColumn,
    Progress,
    TaskProgressColumn,
    TextColumn,
    TimeElapsedColumn,
    TimeRemainingColumn,
)

from responsetag.batch.session import Progress as RunState
from responsetag.display.screen import console


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
