"""A run from its inputs to its output: as a stream, or in parts that a later run can go on from."""

from __future__ import annotations

from collections.abc import Callable, Iterator, Sequence
from contextlib import AbstractContextManager
from dataclasses import dataclass
from pathlib import Path
from typing import Any, BinaryIO, NamedTuple

import responsetag
from responsetag.batch.assembly import Assembly, open_body
from responsetag.batch.description import check_repeatable, check_same, read_list, write_list
from responsetag.batch.inputs import RUN, Finder
from responsetag.batch.jobs import Chunk, Job, Output
from responsetag.batch.parts import INPUTS, TEMPORARY, Part, PartsFolder
from responsetag.batch.reader import Reader
from responsetag.errors import OutputError, ResponseTagError, ResumeError
from responsetag.types import ModelInfo

Work = Callable[[Iterator[Chunk]], Iterator[Output]]


class Progress(NamedTuple):
    """How far a run is.

    Attributes:
        rows: finished in all.
        resumed: how many of them by an earlier run.
        read: bytes of input.
        total: bytes of all inputs; None where that is not known.
    """

    rows: int
    resumed: int
    read: int
    total: int | None


@dataclass(frozen=True, slots=True)
class RunResult:
    """What a run did, with what runs before it had finished.

    Attributes:
        rows: rows written.
        failures: how many of them have status ``error``.
        resumed: rows that an earlier run had finished.
        already_complete: an earlier run had written all of it.
    """

    rows: int
    failures: int
    resumed: int = 0
    already_complete: bool = False


@dataclass(frozen=True, slots=True, kw_only=True)
class Run:
    """A run that is to be made; see :func:`responsetag.batch.run.tag_files`."""

    inputs: Sequence[str]
    job: Job
    model: ModelInfo
    labels: Sequence[str]
    working: Callable[[], AbstractContextManager[Work]]
    column: str | None
    encoding: str | None
    part_rows: int
    say: Callable[[str], None]
    progress: Callable[[Progress], None]

    def stream(self, out: BinaryIO) -> RunResult:
        """Write chunks as they are done; nothing is kept."""
        reader = Reader(Finder(out, self.say).find(self.inputs), self.column, self.encoding, self.part_rows)
        body = open_body(out, self.job.to, self.labels)
        rows = failures = 0
        try:
            with self.working() as work:
                for output in work(iter(reader)):
                    for data in output.data:
                        body.append(data)
                    out.flush()
                    rows, failures = rows + output.rows, failures + output.failures
                    self._tell(output, Progress(rows, 0, reader.marks.popleft().read, None))
            body.close()
            out.flush()
        except BaseException:
            body.abandon()
            raise
        return RunResult(rows, failures)

    def in_parts(self, target: Path, resume: bool, restart: bool) -> RunResult:
        """Write a file by way of its parts.

        Raises:
            OutputError: it cannot be written.
            ResumeError: there is an earlier run that cannot be gone on with, or that is not to be.
        """
        with PartsFolder(target, self.job.to.suffix) as folder:
            if restart or (folder.joined() and not resume):
                folder.discard()
            if folder.begun and not resume:
                raise ResumeError(
                    f"{folder.path}: an earlier run has finished rows there; go on with it by --resume, or "
                    "discard them by --restart"
                )
            total, description = self._describe(folder, target, resume)
            if summary := folder.joined():
                folder.clear()
                self.say(f"{target}: is already complete")
                return RunResult(summary["rows"], summary["failures"], summary["rows"], already_complete=True)
            finished, problem = folder.finished() if folder.begun else ([], None)
            if problem:
                self.say(problem)
            if resume and not finished:
                self.say(f"{target}: no part of it is finished, so the run begins with the first row")
            return self._finish(folder, total, description, finished)

    def _describe(self, folder: PartsFolder, target: Path, resume: bool) -> tuple[int, dict[str, Any]]:
        """Look for the inputs, and compare with the run that is gone on with."""
        listed = Path(f"{folder.path / INPUTS}{TEMPORARY}")
        with listed.open("wb") as out:
            total, inputs = write_list(Finder(target, self.say).find(self.inputs), out)
        description = {
            "package": responsetag.__version__,
            "model": self.model.name,
            "model_version": self.model.version,
            "model_digest": self.model.digest,
            "form": self.job.to.suffix,
            "column": self.column,
            "encoding": self.encoding,
            "evidence": self.job.evidence,
            "min_score": self.job.min_score,
            "part_rows": self.part_rows,
            "inputs": inputs,
        }
        if resume:
            check_repeatable(read_list(listed), str(target))
        if folder.begun:
            check_same(folder.read_json(RUN) or {}, description, folder.path / INPUTS, listed, str(target))
        return total, description

    def _finish(
        self, folder: PartsFolder, total: int, description: dict[str, Any], finished: list[Part]
    ) -> RunResult:
        listed = folder.path / INPUTS if finished else Path(f"{folder.path / INPUTS}{TEMPORARY}")

        def begin() -> None:
            with listed.open("rb+") as file:
                folder.commit(file, folder.path / INPUTS)
            folder.write_json(folder.path / RUN, description)

        reader = Reader(read_list(listed), self.column, self.encoding, self.part_rows)
        assembly = Assembly(folder, self.job.to, self.labels, self.part_rows, finished, begin)
        resumed = assembly.rows
        try:
            for part in finished:
                reader.skip(part.rows, part.texts, str(folder.target))
            with self.working() as work:
                for output in work(iter(reader)):
                    mark = reader.marks.popleft()
                    assembly.add(output, mark)
                    self._tell(output, Progress(assembly.rows, resumed, mark.read, total))
            assembly.finish()
        except OSError as error:
            reason = f"{folder.target}: cannot be written: {error.strerror or error}"
            raise OutputError(f"{reason}; {_kept(folder, assembly)}") from error
        except ResumeError:  # says itself what to do
            raise
        except (KeyboardInterrupt, ResponseTagError):
            self.say(_kept(folder, assembly))
            raise
        finally:
            assembly.close()
        return RunResult(assembly.rows, assembly.failures, resumed)

    def _tell(self, output: Output, progress: Progress) -> None:
        for message in output.messages:
            self.say(message)
        self.progress(progress)


def _kept(folder: PartsFolder, assembly: Assembly) -> str:
    if not assembly.kept:
        return "nothing of it was finished, and what stood there before is unchanged"
    return (
        f"{assembly.kept} finished rows stay in {folder.path}: go on with --resume, or discard them with "
        "--restart"
    )
