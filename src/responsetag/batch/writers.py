"""Text files that are there whole or not at all."""

from __future__ import annotations

import contextlib
import os
import stat
import tempfile
from collections.abc import Iterator
from pathlib import Path
from typing import TextIO

from responsetag.errors import InputError


@contextlib.contextmanager
def atomic_output(path: str | os.PathLike[str]) -> Iterator[TextIO]:
    """A text file that takes its name when it is complete; on an error what stood there stays.

    Raises:
        InputError: the file cannot be written.
    """
    target = Path(path).resolve()  # a link stays one, and what it points to is written
    try:
        if target.exists() and not target.is_file():
            with target.open("w", encoding="utf-8", newline="") as out:  # a pipe or device takes no new name
                yield out
            return
        mode = stat.S_IMODE(target.stat().st_mode) if target.exists() else 0o666 & ~_umask()
        handle, temporary = tempfile.mkstemp(prefix=f".{target.name}-", dir=target.parent)
        try:
            with os.fdopen(handle, "w", encoding="utf-8", newline="") as out:
                yield out
            Path(temporary).chmod(mode)
            Path(temporary).replace(target)
        finally:
            Path(temporary).unlink(missing_ok=True)
    except BrokenPipeError:
        raise
    except OSError as error:
        reason = f"{path}: cannot be written: {error.strerror}; what stood there before is unchanged"
        raise InputError(reason) from error


def check_target(path: str | os.PathLike[str]) -> None:
    """Find out before the work what would stop a file from being written after it.

    Raises:
        InputError: its folder is missing, or it is a folder itself.
    """
    target = Path(path)
    if target.is_dir():
        raise InputError(f"{path}: is a folder; give the name of a file")
    if not target.parent.is_dir():
        raise InputError(f"{path}: there is no folder {target.parent}; make it, or give another path")


def _umask() -> int:
    """The rights that new files do not get; asking for it means setting it."""
    umask = os.umask(0)
    os.umask(umask)
    return umask
