"""The folder ``FILE.parts`` of a run that writes FILE: finished parts, and what is needed to go on with it.

Files take their names when they are whole and on the disk, in an order that leaves a folder to go on from
wherever a run is killed:

    lock            held by the run; the kernel lets go of it when the run ends, however it does
    inputs.jsonl    what the run reads, a file a line
    run.json        what the run is; with it and a first part the folder is one that can be gone on with
    part-00000.csv  rows
    part-00000.json says that they are all there, and of which input
    joined.json     which file the parts became; the folder is not needed any more
"""

from __future__ import annotations

import contextlib
import hashlib
import itertools
import json
import os
import re
import stat
from pathlib import Path
from typing import Any, BinaryIO, NamedTuple, Self

from responsetag.batch.inputs import RUN, parts_of
from responsetag.errors import OutputError

LOCK, INPUTS, JOINED, TEMPORARY = "lock", "inputs.jsonl", "joined.json", ".tmp"
_OURS = re.compile(
    r"part-\d{5,}\.(jsonl|csv|parquet|json)(\.gz|\.zst)?(\.tmp)?|(inputs|run|joined)\.\w+(\.tmp)?"
)
_ATTEMPTS = 10


class Part(NamedTuple):
    """A finished part.

    Attributes:
        rows: how many it has.
        failures: how many of them have an error.
        texts: digest of all input rows up to its end.
        digest: of its file.
    """

    rows: int
    failures: int
    texts: str
    digest: str


class PartsFolder:
    """The folder, held by this run. Use it with ``with``; it is gone at the end if nothing in it is
    worth keeping.

    Args:
        target: the file that is written, without links.
        suffix: of the parts.

    Raises:
        OutputError: another run holds it.
        OSError: it cannot be made.
    """

    def __init__(self, target: Path, suffix: str) -> None:
        self.target, self.path, self._suffix = target, parts_of(target), suffix
        self._gone = False
        self._lock = self._hold()

    def _hold(self) -> BinaryIO:
        for _ in range(_ATTEMPTS):
            self.path.mkdir(exist_ok=True)
            try:
                file = (self.path / LOCK).open("ab")
            except FileNotFoundError:
                continue  # the run before removed its folder just now
            try:
                _lock(file)
                # A lock on a file that was removed meanwhile keeps nobody out.
                if os.path.samestat(os.fstat(file.fileno()), (self.path / LOCK).stat()):
                    return file
            except FileNotFoundError:
                pass
            except BlockingIOError:
                file.close()
                reason = "another run is writing it; wait for its end, or give another -o"
                raise OutputError(f"{self.target}: {reason}") from None
            file.close()
        raise OutputError(f"{self.path}: is removed again and again; give another -o")

    def __enter__(self) -> Self:
        return self

    def __exit__(self, *_: object) -> None:
        with self._lock, contextlib.suppress(OSError):  # what ended the run is said, not this
            if self._gone:  # what stands there now would be another run's
                return
            for file in self.path.glob(f"*{TEMPORARY}"):
                if _OURS.fullmatch(file.name):
                    file.unlink()
            if not self.begun and self.joined() is None:
                self.clear()

    @property
    def begun(self) -> bool:
        """Whether there is a run to go on with."""
        return (self.path / RUN).exists() and self._record(0).exists()

    def part_path(self, number: int) -> Path:
        """The file of a part."""
        return self.path / f"part-{number:05}{self._suffix}"

    def _record(self, number: int) -> Path:
        return self.path / f"part-{number:05}.json"

    def open_new(self, path: Path) -> BinaryIO:
        """A file to write that has no name of its own yet; :meth:`commit` gives it."""
        return Path(f"{path}{TEMPORARY}").open("wb")

    def commit(self, file: BinaryIO, path: Path) -> None:
        """Close a file, see it onto the disk, and give it its name."""
        with file:
            file.flush()
            os.fsync(file.fileno())
        Path(f"{path}{TEMPORARY}").replace(path)
        _sync_folder(path.parent)

    def commit_part(self, file: BinaryIO, number: int, rows: int, failures: int, texts: str) -> Part:
        """Make a part count, whose rows were written to ``file``."""
        path = self.part_path(number)
        self.commit(file, path)
        part = Part(rows, failures, texts, _digest(path))
        self.write_json(self._record(number), part._asdict())
        return part

    def write_json(self, path: Path, content: dict[str, Any]) -> None:
        """Write a small file whole."""
        file = self.open_new(path)
        file.write(json.dumps(content, ensure_ascii=False, indent=1).encode() + b"\n")
        self.commit(file, path)

    def read_json(self, name: str) -> dict[str, Any] | None:
        """What a small file says; None where it is not there, or cannot be read."""
        try:
            content = json.loads((self.path / name).read_bytes())
        except (OSError, ValueError):
            return None
        return content if isinstance(content, dict) else None

    def finished(self) -> tuple[list[Part], str | None]:
        """The parts that are there as they were written, and what is wrong with the one behind them."""
        parts: list[Part] = []
        problem = None
        for number in itertools.count():
            content = self.read_json(self._record(number).name)
            if content is None:
                break
            path, part = self.part_path(number), _part(content)
            if part is None or not path.exists() or _digest(path) != part.digest:
                problem = f"{path}: is not as it was written; it and what follows it are made again"
                break
            parts.append(part)
        for number in itertools.count(len(parts)):  # what counts no more must not seem to later
            record = self._record(number)
            if not record.exists():
                break
            record.unlink()
        return parts, problem

    def read_part(self, number: int, part: Part) -> bytes:
        """The content of a part.

        Raises:
            OutputError: it was removed or altered while the run went on.
        """
        path = self.part_path(number)
        data = path.read_bytes() if path.exists() else b""
        if hashlib.sha256(data).hexdigest() != part.digest:
            raise OutputError(f"{path}: was altered or removed; --resume makes it again")
        return data

    def deliver(self, file: BinaryIO, path: Path, summary: dict[str, Any] | None) -> None:
        """Make a whole output that was written to ``file`` the target.

        Args:
            file: as :meth:`open_new` gave it for ``path``.
            path: where it would stand in this folder.
            summary: of the run, kept until the folder is gone; None where there is nothing to go on with.
        """
        with file:
            file.flush()
            if self.target.exists():
                Path(file.name).chmod(stat.S_IMODE(self.target.stat().st_mode))
            os.fsync(file.fileno())
            status = os.fstat(file.fileno())
        if summary is not None:
            self.write_json(self.path / JOINED, {**summary, "file": _identity(status)})
        Path(f"{path}{TEMPORARY}").replace(self.target)
        _sync_folder(self.target.parent)
        self.clear()

    def joined(self) -> dict[str, Any] | None:
        """The summary of the run, where its output has been delivered and only the folder is left."""
        content = self.read_json(JOINED)
        try:
            delivered = content is not None and content["file"] == _identity(self.target.stat())
        except (OSError, KeyError):
            delivered = False
        return content if delivered else None

    def discard(self) -> None:
        """Remove all that was finished."""
        for name in (JOINED, RUN):  # in this order nothing half removed looks like a run
            (self.path / name).unlink(missing_ok=True)
        self._remove_files()

    def clear(self) -> None:
        """Remove the folder. That its output is delivered stays known until nothing else is left."""
        self._remove_files()
        (self.path / RUN).unlink(missing_ok=True)
        (self.path / JOINED).unlink(missing_ok=True)
        (self.path / LOCK).unlink(missing_ok=True)
        with contextlib.suppress(OSError):  # somebody keeps something of their own in it
            self.path.rmdir()
        self._gone = True

    def _remove_files(self) -> None:
        for file in sorted(self.path.iterdir()):
            if _OURS.fullmatch(file.name) and file.name not in {RUN, JOINED}:
                file.unlink()


def _part(content: dict[str, Any]) -> Part | None:
    """What a record says of a part; None where it says something else."""
    if content.keys() != set(Part._fields):
        return None
    part = Part(**content)
    return part if [type(value) for value in part] == [int, int, str, str] else None


def _identity(status: os.stat_result) -> list[int]:
    """What tells a file from all others and from its own past; a new name changes none of it."""
    return [status.st_dev, status.st_ino, status.st_size, status.st_mtime_ns]


def _digest(path: Path) -> str:
    with path.open("rb") as file:
        return hashlib.file_digest(file, "sha256").hexdigest()


def _sync_folder(folder: Path) -> None:
    """See new names onto the disk, where folders can be opened."""
    with contextlib.suppress(OSError):
        handle = os.open(folder, os.O_RDONLY)
        try:
            os.fsync(handle)
        finally:
            os.close(handle)


def _lock(file: BinaryIO) -> None:
    try:
        import fcntl
    except ImportError:  # Windows: two runs at once are not noticed
        return
    try:
        fcntl.flock(file, fcntl.LOCK_EX | fcntl.LOCK_NB)
    except BlockingIOError:
        raise
    except OSError:  # a file system that has no locks
        return
