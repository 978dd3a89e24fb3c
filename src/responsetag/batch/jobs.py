"""What is done with a chunk of rows, here or in a worker: tagged, and put into the output's form."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import NamedTuple

from responsetag.batch.formats import Format, Lines
from responsetag.batch.parquet_output import Batches
from responsetag.batch.tables import InputRow
from responsetag.batch.tagging import OutputRow, tag_chunk
from responsetag.errors import ModelError
from responsetag.tagger import Tagger

Chunk = list[InputRow]


class Output(NamedTuple):
    """What became of a chunk.

    Attributes:
        data: its rows in the output's form, in pieces that follow one another.
        rows: how many there are.
        failures: how many of them have an error.
        messages: errors and warnings, in order.
    """

    data: tuple[bytes, ...]
    rows: int
    failures: int
    messages: tuple[str, ...]

    def __add__(self, other: Output) -> Output:  # type: ignore[override]
        return Output(
            self.data + other.data,
            self.rows + other.rows,
            self.failures + other.failures,
            self.messages + other.messages,
        )


@dataclass(frozen=True, slots=True)
class Job:
    """What to do with rows; small enough to send to workers.

    Attributes:
        to: form of the output.
        evidence: find the span and words that show each label.
        min_score: give labels from this score on; None for the model's thresholds.
    """

    to: Format
    evidence: bool
    min_score: float | None

    def encoder(self, tagger: Tagger) -> Callable[[Sequence[OutputRow]], bytes]:
        """The function that puts rows into the output's form.

        Raises:
            MissingExtraError: the form needs a package that is not installed.
        """
        if self.to.form == "parquet":
            return Batches(tagger.info, tagger.labels)
        return Lines(self.to, tagger.info, tagger.labels)

    def start(self, tagger: Tagger) -> Callable[[Chunk], Output]:
        """The function that does it."""
        encode = self.encoder(tagger)

        def work(chunk: Chunk) -> Output:
            rows = list(tag_chunk(tagger, chunk, self.evidence, self.min_score))
            failures = sum(row.error is not None for row in rows)
            messages = tuple(message for row in rows if (message := row.message))
            return Output((encode(rows),), len(rows), failures, messages)

        return work


@dataclass(frozen=True, slots=True)
class ModelSource:
    """How a worker comes by the model: from its directory, which processes then share in memory, or as
    it is where it has none.

    Attributes:
        tagger: None where there is a directory.
        path: the directory.
        digest: of the model that is wanted.
    """

    tagger: Tagger | None
    path: str
    digest: str

    @classmethod
    def of(cls, tagger: Tagger) -> ModelSource:
        """The source of a model that is loaded. A class of one's own is sent as it is."""
        whole = type(tagger) is not Tagger or not tagger.info.path
        return cls(tagger if whole else None, tagger.info.path, tagger.info.digest)

    def load(self) -> Tagger:
        """The model.

        Raises:
            ModelError: it cannot be read, or is another one by now.
        """
        if self.tagger is not None:
            return self.tagger
        from responsetag import load

        tagger = load(Path(self.path))
        if tagger.info.digest != self.digest:
            raise ModelError(f"{self.path}: has changed since the run began; start it again")
        return tagger
