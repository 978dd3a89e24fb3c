"""Records of JSONL and CSV."""

from __future__ import annotations

import re
from collections.abc import Iterator

from responsetag.batch.lines import UNDECODED, Meter, open_lines
from responsetag.batch.tables import Record, csv_records, jsonl_records
from responsetag.errors import InputError

_UNDECODED = re.compile(UNDECODED)


def read_lines(path: str, encoding: str | None) -> Iterator[tuple[str, str, str | None]]:
    """Each line that is not empty with where it stands, and what is wrong with its encoding."""
    with open_lines(path, encoding, Meter()) as lines:
        for number, line in enumerate(lines, 1):
            if line.strip():
                reason = f"is not {lines.encoding.upper()}; mend the line, or give --encoding"
                yield f"{path}:{number}", line, reason if _UNDECODED.search(line) else None


def read_jsonl(path: str, encoding: str | None) -> Iterator[Record]:
    """A record a line."""
    for record in jsonl_records(path, encoding or "utf-8", Meter()):
        if record.fields is not None or record.error is not None:
            yield _checked(record, (encoding or "UTF-8").upper())


def read_csv(path: str, encoding: str | None) -> Iterator[Record]:
    """A record a row under a header."""
    for record in csv_records(path, encoding, Meter(), _check_header):
        yield _checked(record, encoding.upper() if encoding else "of the file's encoding")


def _checked(record: Record, form: str) -> Record:
    error = record.error.removeprefix(f"{record.where}: ") if record.error else None
    cells = [record.line] if record.line else (record.fields or {}).values()
    if any(isinstance(cell, str) and _UNDECODED.search(cell) for cell in cells):
        error = f"is not {form}; mend the row, or give --encoding"
    return record._replace(error=error)


def _check_header(names: list[str], where: str) -> None:
    if twice := sorted({name for name in names if name and names.count(name) > 1}):
        raise InputError(f"{where}: several columns {', '.join(twice)}; rename all but one")
