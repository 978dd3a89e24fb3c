"""Records of JSONL and CSV."""

from __future__ import annotations

import json
import re
from collections.abc import Iterator

from responsetag.batch.lines import UNDECODED, Meter, open_lines
from responsetag.batch.tables import Record, csv_records
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
    for where, line, reason in read_lines(path, encoding or "utf-8"):
        if reason:
            yield Record(where, {}, reason)
            continue
        try:
            values = json.loads(line.removeprefix("\ufeff"))
        except (ValueError, RecursionError) as error:
            yield Record(where, {}, f"is not JSON: {error}")
            continue
        if isinstance(values, dict):
            yield Record(where, values)
        else:
            yield Record(where, {}, "is not an object")


def read_csv(path: str, encoding: str | None) -> Iterator[Record]:
    """A record a row under a header."""
    for record in csv_records(path, encoding, Meter(), _check_header):
        error = record.error.removeprefix(f"{record.where}: ") if record.error else None
        if any(isinstance(value, str) and _UNDECODED.search(value) for value in record.values.values()):
            error = "is not of the file's encoding; mend the row, or give --encoding"
        yield record._replace(error=error)


def _check_header(names: list[str], where: str) -> None:
    if twice := sorted({name for name in names if name and names.count(name) > 1}):
        raise InputError(f"{where}: several columns {', '.join(twice)}; rename all but one")
