"""The input of a run as chunks of rows, with what is known where each ends."""

from __future__ import annotations

import hashlib
from collections import deque
from collections.abc import Iterable, Iterator
from typing import NamedTuple

from responsetag.batch.inputs import Input
from responsetag.batch.jobs import Chunk
from responsetag.batch.lines import Meter
from responsetag.batch.rows import read_inputs
from responsetag.batch.tables import InputRow
from responsetag.errors import ResumeError

_CHUNK_ROWS = 512
_CHUNK_CHARACTERS = 100_000


class Mark(NamedTuple):
    """The end of a chunk.

    Attributes:
        texts: digest of all rows up to here.
        read: bytes of input up to here, as they lie on the disk.
        characters: of the chunk.
        place: its last row, for people.
    """

    texts: str
    read: int
    characters: int
    place: str


class Reader:
    """Reads inputs one after another. Iterate it once.

    Args:
        inputs: the files.
        column, encoding: as for :func:`responsetag.batch.rows.read_rows`.
        most: rows of a chunk.

    Attributes:
        marks: the ends of chunks that were given and not yet asked for.
    """

    def __init__(
        self, inputs: Iterable[Input], column: str | None, encoding: str | None, most: int = _CHUNK_ROWS
    ) -> None:
        self.marks: deque[Mark] = deque()
        self._meter = Meter()
        self._digest = hashlib.sha256()
        rows = read_inputs(inputs, column=column, encoding=encoding, meter=self._meter)
        self._chunks = self._cut(rows, min(most, _CHUNK_ROWS))

    def __iter__(self) -> Iterator[Chunk]:
        return self._chunks

    def skip(self, rows: int, texts: str, output: str) -> None:
        """Pass over rows that are finished.

        Raises:
            ResumeError: they are not those that the digest ``texts`` was made of.
        """
        first = ""
        while rows > 0:
            chunk = next(self._chunks, None)
            if chunk is None:
                reason = "the input has fewer rows than it had; begin anew with --restart"
                raise ResumeError(f"{output}: {reason}")
            mark = self.marks.popleft()
            first = first or _place(chunk[0])
            rows -= len(chunk)
            if rows < 0 or (rows == 0 and mark.texts != texts):
                raise ResumeError(
                    f"{output}: what is read between {first} and {mark.place} is not what it was; "
                    "put it as it was, or begin anew with --restart"
                )

    def _cut(self, rows: Iterable[InputRow], most: int) -> Iterator[Chunk]:
        """Rows in lists that do not depend on where among them a run goes on."""
        chunk: Chunk = []
        characters = 0
        for row in rows:
            chunk.append(row)
            characters += len(row.text)
            if len(chunk) >= most or characters >= _CHUNK_CHARACTERS:
                self._mark(chunk, characters)
                yield chunk
                chunk, characters = [], 0
        if chunk:
            self._mark(chunk, characters)
            yield chunk

    def _mark(self, chunk: Chunk, characters: int) -> None:
        content = "".join(
            f"{r.document}\x1f{r.paragraph}\x1f{r.start}\x1f{r.id}\x1f{r.error}\x1f{r.warning}\x1f{r.text}\x1e"
            for r in chunk
        )
        self._digest.update(content.encode("utf-8", "surrogatepass"))
        mark = Mark(self._digest.hexdigest(), self._meter.read, characters, _place(chunk[-1]))
        self.marks.append(mark)


def _place(row: InputRow) -> str:
    return f"{row.document}:{row.paragraph}"
