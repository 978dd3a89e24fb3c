"""Outputs of chunks put into parts, and parts into the output."""

from __future__ import annotations

import contextlib
from collections.abc import Callable, Sequence
from typing import BinaryIO, Protocol

from responsetag.batch.formats import Format, LinesFile
from responsetag.batch.jobs import Output
from responsetag.batch.parquet_output import ParquetFile
from responsetag.batch.parts import Part, PartsFolder
from responsetag.batch.reader import Mark

PART_ROWS = 8192
_PART_CHARACTERS = 2_000_000


class Body(Protocol):
    """A file in the making."""

    def append(self, data: bytes) -> None:
        """Add rows."""

    def append_file(self, data: bytes) -> None:
        """Add another file of the same format."""

    def close(self) -> None:
        """Nothing follows."""

    def abandon(self) -> None:
        """It will not be finished: write no more."""


def open_body(out: BinaryIO, to: Format, labels: Sequence[str], first: bool = True) -> Body:
    """A file of the format ``to``; ``first`` where it begins the output."""
    return ParquetFile(out, labels) if to.form == "parquet" else LinesFile(out, to, first)


class Assembly:
    """The output in the making.

    Args:
        folder: of the parts.
        to: their format.
        labels: of the model.
        part_rows: from how many rows on a part is finished.
        finished: parts of an earlier run.
        begin: called before the first part counts.

    Attributes:
        rows, failures: of all parts and of what is not one yet.
        kept: rows of finished parts.
    """

    def __init__(
        self,
        folder: PartsFolder,
        to: Format,
        labels: Sequence[str],
        part_rows: int,
        finished: list[Part],
        begin: Callable[[], None],
    ) -> None:
        self._folder, self._to, self._labels, self._part_rows = folder, to, labels, part_rows
        self._parts, self._begin = finished, begin
        self.kept = self.rows = sum(part.rows for part in finished)
        self.failures = sum(part.failures for part in finished)
        self._part_failures = self._part_characters = 0
        self._file: BinaryIO | None = None
        self._body: Body | None = None
        self._texts = ""

    def add(self, output: Output, mark: Mark) -> None:
        """Add a chunk's rows."""
        body = self._open()[1]
        for data in output.data:
            body.append(data)
        self.rows += output.rows
        self.failures += output.failures
        self._part_failures += output.failures
        self._part_characters += mark.characters
        self._texts = mark.texts
        if self.rows - self.kept >= self._part_rows or self._part_characters >= _PART_CHARACTERS:
            self._commit()

    def _open(self) -> tuple[BinaryIO, Body]:
        if self._file is None or self._body is None:
            number = len(self._parts)
            self._file = self._folder.open_new(self._folder.part_path(number))
            self._body = open_body(self._file, self._to, self._labels, first=number == 0)
        return self._file, self._body

    def _close(self) -> BinaryIO:
        file, body = self._open()
        body.close()
        file.flush()  # where the disk is full, nothing has begun yet
        self._file = self._body = None
        return file

    def _commit(self) -> None:
        file = self._close()
        if not self._parts:
            self._begin()
        number, rows = len(self._parts), self.rows - self.kept
        self._parts.append(self._folder.commit_part(file, number, rows, self._part_failures, self._texts))
        self.kept = self.rows
        self._part_failures = self._part_characters = 0

    def finish(self) -> None:
        """Make the output of what was added."""
        folder = self._folder
        if not self._parts:  # all of it is in a single part that nothing was kept of
            folder.deliver(self._close(), folder.part_path(0), None)
            return
        if self.rows > self.kept:
            self._commit()
        path = folder.path / "joined"
        self._file = folder.open_new(path)
        self._body = open_body(self._file, self._to, self._labels, first=False)
        for number, part in enumerate(self._parts):
            self._body.append_file(folder.read_part(number, part))
        folder.deliver(self._close(), path, {"rows": self.rows, "failures": self.failures})

    def close(self) -> None:
        """Give up what is not finished."""
        if self._file is not None and self._body is not None:
            self._body.abandon()
            with contextlib.suppress(OSError):  # a full disk has been said
                self._file.close()
