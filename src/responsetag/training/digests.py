"""The digests of a corpus's files, in ``SHA256SUMS`` beside them.

The format is that of coreutils, so ``sha256sum --check SHA256SUMS`` checks them too.
"""

from __future__ import annotations

import hashlib
import re
from collections.abc import Sequence
from pathlib import Path

from responsetag.batch.writers import atomic_output
from responsetag.errors import CorpusError

SUMS = "SHA256SUMS"
_LINE = re.compile(r"(?P<digest>[0-9a-f]{64}) [ *](?P<name>[^/\\]+)")


def write_sums(folder: Path, files: Sequence[Path]) -> Path:
    """Write the digests of ``files``, which lie in ``folder``; returns the file written."""
    target = folder / SUMS
    with atomic_output(target) as out:
        out.writelines(f"{_digest(file)}  {file.name}\n" for file in files)
    return target


def check_sums(given: Path, files: Sequence[Path]) -> None:
    """Refuse files that are not those which ``SHA256SUMS`` beside them lists.

    A corpus without ``SHA256SUMS`` is taken as it is.

    Args:
        given: the corpus as the caller named it: a folder, where no listed file may be missing, or a file.
        files: its files.

    Raises:
        CorpusError: a file was altered, is not listed, or is missing; or the list is malformed.
    """
    sums = (given if given.is_dir() else given.parent) / SUMS
    if not sums.is_file():
        return
    listed = _read(sums)
    problems = []
    for file in files:
        if file.name not in listed:
            problems.append(f"{file}: is not listed")
        elif _digest(file) != listed[file.name]:
            problems.append(f"{file}: was altered")
    if given.is_dir():
        problems += [f"{given / name}: is missing" for name in sorted(set(listed) - {f.name for f in files})]
    if problems:
        raise CorpusError(
            f"the corpus is not the one that {sums} lists:\n" + "\n".join(problems) + "\n"
            "fetch it again; or, where the change is meant, train with --allow-changed-corpus"
        )


def _read(sums: Path) -> dict[str, str]:
    listed = {}
    for number, line in enumerate(sums.read_text(encoding="utf-8").splitlines(), 1):
        found = _LINE.fullmatch(line)
        if not found:
            raise CorpusError(f"{sums}:{number}: is no line of '<sha256>  <file name>'; fetch the file again")
        listed[found["name"]] = found["digest"]
    return listed


def _digest(file: Path) -> str:
    with file.open("rb") as data:
        return hashlib.file_digest(data, "sha256").hexdigest()
