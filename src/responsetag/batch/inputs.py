"""Which files a run reads: those that are named, and those that folders and globs hold."""

from __future__ import annotations

import glob
import os
import stat
from collections.abc import Callable, Iterable, Iterator, Sequence
from pathlib import Path
from typing import IO, Any, NamedTuple

from responsetag.batch.compression import split_suffix
from responsetag.batch.lines import STDIN
from responsetag.errors import OutputError
from responsetag.text.reading import PAGE_SUFFIXES, TABLE_SUFFIXES

_PARTS, RUN = ".parts", "run.json"  # the folder of a run, and the file that tells it from others


class Input(NamedTuple):
    """A file to read.

    Attributes:
        path: as it is named in the output.
        error: why there is nothing to read, and what to do.
        size: bytes; None for what is no regular file, and cannot be read twice.
        modified: when it was last changed, in nanoseconds.
    """

    path: str
    error: str | None = None
    size: int | None = None
    modified: int | None = None


class Finder:
    """Looks for inputs, and leaves out what the run itself writes.

    Args:
        output: the file that is written, by its path or open: neither it nor the folder of its parts is an
            input.
        say: is told of each file that is left out.
    """

    def __init__(
        self, output: Path | IO[Any] | None = None, say: Callable[[str], None] | None = None
    ) -> None:
        self._output = _identity(output)
        self._parts = parts_of(output) if isinstance(output, Path) else None
        self._say = say

    def find(self, paths: Sequence[str]) -> Iterator[Input]:
        """The files that ``paths`` name: files, folders (searched through, in the order of names),
        globs, and ``-``; with an error where there is nothing.

        A file that is named comes each time it is named; one that is found in a folder or by a glob, once.
        """
        found: set[str] = set()
        for path in paths:
            try:
                named = path == STDIN or (path != "" and Path(path).exists() and not Path(path).is_dir())
                inputs = self._look_at([path] if named else self._expand(path))
            except OSError as error:
                yield Input(path, f"{path[:80]}: cannot be looked up: {error.strerror}; check the path")
                continue
            empty = True
            for item in inputs:
                empty = False
                # A folder alone gives no file twice, and a million names need not be kept.
                if named or (len(paths) == 1 and Path(path).is_dir()):
                    yield item
                elif item.path not in found:
                    found.add(item.path)
                    yield item
            if empty and not named:
                yield Input(path, f"{path}: nothing to read here; check the path, or name the files")

    def _expand(self, path: str) -> Iterator[str]:
        if path and Path(path).is_dir():
            yield from self._pages(path)
            return
        for match in sorted(glob.glob(path, recursive=True)):  # noqa: PTH207 - a pattern may be absolute
            try:
                mode = Path(match).stat().st_mode
            except FileNotFoundError:
                continue
            except OSError:
                yield match  # reading it says what is wrong
                continue
            if self._parts and self._parts in (real := Path(match).resolve(), *real.parents):
                continue
            spelled = Path(path).parts
            if any(
                _is_parts(place) for place in (Path(match), *Path(match).parents) if place.name not in spelled
            ):
                continue
            if stat.S_ISDIR(mode):
                yield from self._pages(match)
            else:
                yield match

    def _pages(self, folder: str) -> Iterator[str]:
        """The documents and tables in a folder and those below it, but for hidden ones and what other runs
        keep. Links to folders are not followed."""
        try:
            with os.scandir(folder) as found:
                entries = sorted(found, key=lambda entry: entry.name)
        except OSError:
            yield folder
            return
        for entry in entries:
            if entry.name.startswith("."):
                continue
            if entry.is_dir(follow_symlinks=False):
                own = self._parts is not None and Path(entry.path).resolve() == self._parts
                if not own and not _is_parts(Path(entry.path)):
                    yield from self._pages(entry.path)
            elif split_suffix(entry.name)[0] in PAGE_SUFFIXES | TABLE_SUFFIXES and _may_be_file(entry):
                yield str(Path(folder, entry.name))

    def _look_at(self, paths: Iterable[str]) -> Iterator[Input]:
        for path in paths:
            if path == STDIN:
                yield Input(path)
                continue
            try:
                status = Path(path).stat()
            except OSError:
                yield Input(path)  # reading it says what is wrong
                continue
            if self._output == (status.st_dev, status.st_ino):
                if self._say:
                    self._say(f"{path}: is the output, so it is not read")
            elif stat.S_ISDIR(status.st_mode):
                yield Input(path, f"{path}: cannot be searched through; check its rights")
            elif stat.S_ISREG(status.st_mode):
                yield Input(path, None, status.st_size, status.st_mtime_ns)
            else:
                yield Input(path)


def resolve_output(output: str) -> Path:
    """The file that is written: a link stays one, and what it points to is written.

    Raises:
        OutputError: it is a link that leads to itself.
    """
    try:
        return Path(output).resolve()
    except RuntimeError as error:
        raise OutputError(f"{output}: cannot be written: {error}; give another -o") from None


def parts_of(output: Path) -> Path:
    """The folder that a run keeps its finished parts in."""
    return output.with_name(output.name + _PARTS)


def _is_parts(path: Path) -> bool:
    """Whether it is the folder of a run that is under way or was ended."""
    return path.name.endswith(_PARTS) and os.path.lexists(path / RUN)


def _may_be_file(entry: os.DirEntry[str]) -> bool:
    """Whether it is a file, or a link that leads nowhere else but to itself: reading it says so."""
    try:
        return entry.is_file()
    except OSError:
        return True


def _identity(output: Path | IO[Any] | None) -> tuple[int, int] | None:
    """What tells a file from all others; None where it is not there yet, or no file on a disk."""
    if output is None:
        return None
    try:
        status = output.stat() if isinstance(output, Path) else os.fstat(output.fileno())
    except (OSError, ValueError, AttributeError):  # a stream of one's own may have no number
        return None
    return (status.st_dev, status.st_ino) if stat.S_ISREG(status.st_mode) else None
