"""Output rows as JSONL, CSV or a table for people."""

from __future__ import annotations

import contextlib
import csv
import json
import os
import stat
import tempfile
from collections.abc import Callable, Iterator
from pathlib import Path
from typing import TextIO

from responsetag.batch.run import OutputRow
from responsetag.errors import InputError
from responsetag.tagger import Tagger

Write = Callable[[OutputRow], None]

_CSV_COLUMNS = (
    "document", "paragraph", "id", "start", "end", "text", "labels", "names", "scores", "evidence",
    "status", "message", "model", "model_version",
)  # fmt: skip


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


def _umask() -> int:
    """The rights that new files do not get; asking for it means setting it."""
    umask = os.umask(0)
    os.umask(umask)
    return umask


def jsonl_writer(out: TextIO, tagger: Tagger) -> Write:
    """One JSON object a row."""

    def write(row: OutputRow) -> None:
        # A lone surrogate, which broken JSON may hold, has no UTF-8: it is written escaped.
        content = row.as_dict(tagger)
        line = json.dumps(content, ensure_ascii=False)
        try:
            line.encode()
        except UnicodeEncodeError:
            line = json.dumps(content)
        out.write(line + "\n")

    return write


def csv_writer(out: TextIO, tagger: Tagger) -> Write:
    """One record a row: labels and names joined by ``;``, scores and evidence of the labels given."""
    writer = csv.writer(out, lineterminator="\r\n")
    writer.writerow(_CSV_COLUMNS)

    def write(row: OutputRow) -> None:
        content = row.as_dict(tagger)
        labels = content["labels"]
        content["scores"] = ";".join(f"{content['scores'][label]:.4f}" for label in labels)
        content["evidence"] = ";".join(
            content["evidence"][label]["text"].replace(";", "；")
            for label in labels
            if label in content["evidence"]
        )
        content["labels"], content["names"] = ";".join(labels), ";".join(content["names"])
        values = (content[column] for column in _CSV_COLUMNS)
        writer.writerow(["" if v is None else _plain(v) for v in values])

    return write


def _plain(value: object) -> object:
    """Text that a spreadsheet does not take for a formula, and that UTF-8 can hold."""
    if not isinstance(value, str):
        return value
    value = value.encode("utf-8", "replace").decode()
    return f"'{value}" if value[:1] in {"=", "+", "-", "@", "\t", "\r"} else value
