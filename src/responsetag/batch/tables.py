"""Rows of JSONL and CSV tables, and the column that holds their text."""

from __future__ import annotations

import csv
import json
import re
from collections.abc import Callable, Iterable, Iterator, Sequence
from itertools import islice, zip_longest
from typing import Any, NamedTuple

from responsetag.batch.lines import UNDECODED, Meter, open_lines
from responsetag.errors import InputError

# Names that a text column is looked for under when none is given.
TEXT_COLUMNS = ("text", "content", "paragraph", "正文", "文本", "内容")
_UNDECODED = re.compile(UNDECODED)
_CELL = 1 << 26  # characters; a quotation mark that is never closed must not fill the memory
_NAMES, _NAME = 20, 40  # columns that a message lists, and characters of each


class Origin(NamedTuple):
    """Where a table row says that its paragraph is from, as rows that this package wrote do.

    Attributes:
        document: its name.
        paragraph: its number there, from 1; 0 where the row does not say.
        start, end: its offsets there.
    """

    document: str
    paragraph: int
    start: int
    end: int


class InputRow(NamedTuple):
    """A paragraph to tag, or a place where one could not be read.

    Attributes:
        document: the file's path, or ``-``.
        paragraph: number of the paragraph or table row in it, from 1; 0 for the file as a whole.
        start, end: offsets of the paragraph in the document's text; of the whole cell in a table.
        text: the paragraph; empty with an error.
        id: the row's own id, where a table has one.
        error: what went wrong, where and what to do.
        warning: what to know about a paragraph that can be tagged all the same.
        origin: where a row of JSONL says that it is from.
    """

    document: str
    paragraph: int
    start: int = 0
    end: int = 0
    text: str = ""
    id: str | None = None
    error: str | None = None
    warning: str | None = None
    origin: Origin | None = None


class Record(NamedTuple):
    """A row of a table with all its fields, or a place where one could not be read.

    Attributes:
        number: of the row, from 1.
        where: it stands, for people.
        fields: by column; None with an error, and for a blank line.
        error: what went wrong, where and what to do.
        line: the JSON it was made of.
    """

    number: int
    where: str
    fields: dict[str, Any] | None = None
    error: str | None = None
    line: str | None = None


def jsonl_records(path: str, encoding: str | None, meter: Meter) -> Iterator[Record]:
    """A record a line. A line that is no row is one with an error."""
    with open_lines(path, encoding, meter) as lines:
        for number, line in enumerate(lines, 1):
            where = f"{path}:{number}"
            if not line.strip():
                yield Record(number, where)
                continue
            try:
                row = json.loads(line.removeprefix("\ufeff"))
            except (ValueError, RecursionError) as error:
                reason = f"{where}: is not JSON ({error}); mend the line"
                yield Record(number, where, error=reason, line=line)
                continue
            if isinstance(row, dict):
                yield Record(number, where, row, line=line)
            else:
                reason = f"{where}: is not an object with a text column; mend the line"
                yield Record(number, where, error=reason)


def csv_records(
    path: str, encoding: str | None, meter: Meter, check: Callable[[list[str], str], object]
) -> Iterator[Record]:
    """A record a row under a header.

    Args:
        path, encoding, meter: as for :func:`responsetag.batch.rows.read_rows`.
        check: is told the header and where it stands before the first row.
    """
    csv.field_size_limit(_CELL)
    with open_lines(path, encoding, meter) as lines:
        reader = csv.reader(lines, strict=True)
        header: list[str] = []
        try:
            for names in reader:
                header = [name.removeprefix("\ufeff").strip() for name in names]
                if any(header):
                    break
        except csv.Error as error:
            where = f"{path}:{reader.line_num}"
            raise InputError(f"{where}: the header is no CSV ({error}); mend its quotation marks") from None
        if not any(header):
            return
        check(header, f"{path}:{reader.line_num}")
        number = 0
        while True:
            number += 1
            where = f"{path}:{reader.line_num + 1}"
            try:
                values = next(reader)
            except StopIteration:
                return
            except csv.Error as error:
                reason = f"{where}: no CSV up to line {reader.line_num} ({error}); mend the quotation marks"
                yield Record(number, where, error=reason)
                continue
            if len(values) > len(header):
                reason = f"{where}: {len(values)} fields for {len(header)} columns; mend the row"
                yield Record(number, where, error=reason)
                continue
            yield Record(number, where, dict(zip_longest(header, values)))


def read_jsonl(path: str, column: str | None, encoding: str | None, meter: Meter) -> Iterator[InputRow]:
    """A row a line. A line that is no row is one with an error."""
    yield from _rows(path, column, jsonl_records(path, encoding, meter))


def read_csv(path: str, column: str | None, encoding: str | None, meter: Meter) -> Iterator[InputRow]:
    """A row a record under a header."""

    # A missing column is the whole file's trouble, so it is said once.
    def check(header: list[str], where: str) -> None:
        find_column(header, column, where)

    yield from _rows(path, column, csv_records(path, encoding, meter, check))


def _rows(path: str, column: str | None, records: Iterable[Record]) -> Iterator[InputRow]:
    number = 0
    for number, where, fields, error, line in records:
        if fields is None:
            yield InputRow(path, number, error=error)
        else:
            yield _row(path, number, fields, column, where, line)
    if number == 0:
        yield InputRow(path, 0)


def _row(
    path: str, number: int, row: dict[str, Any], column: str | None, where: str, line: str | None = None
) -> InputRow:
    try:
        text = row[_text_column(row.keys(), column, where)]
    except InputError as error:
        return make_row(path, number, None, row.get("id"), where, line)._replace(error=str(error))
    made = make_row(path, number, text, row.get("id"), where, line)
    return made._replace(origin=_origin(row, len(made.text))) if row.get("document") else made


def _origin(row: dict[str, Any], length: int) -> Origin | None:
    document = row["document"]
    if not isinstance(document, str):
        return None
    place = [value for key in ("paragraph", "start", "end") if isinstance(value := row.get(key), int)]
    return Origin(document, *place) if len(place) == 3 else Origin(document, 0, 0, length)


def make_row(
    path: str, number: int, text: object, own_id: object, where: str, line: str | None = None
) -> InputRow:
    """The row of a text cell, which may hold anything.

    Args:
        path, number: of the row.
        text, own_id: its cells.
        where: it stands, for people.
        line: the JSON it was made of, in which half a surrogate pair may be written escaped.
    """
    own_id = None if own_id is None else str(own_id)
    warning = None
    if own_id is not None and _is_undecoded(own_id, line):
        own_id, warning = None, f"{where}: the id cannot be read, so it is left out"
    if text is None:
        return InputRow(path, number, id=own_id, warning=warning)
    if not isinstance(text, str):
        reason = f"{where}: the text is {type(text).__name__}, not a string"
        return InputRow(path, number, id=own_id, error=reason)
    if _is_undecoded(text, line):
        reason = f"{where}: the text is not of the file's encoding; mend the line, or give --encoding"
        return InputRow(path, number, id=own_id, error=reason)
    return InputRow(path, number, 0, len(text), text, own_id, warning=warning)


def _is_undecoded(text: str, line: str | None) -> bool:
    return bool(_UNDECODED.search(text)) and (line is None or bool(_UNDECODED.search(line)))


def find_column(names: Sequence[str], column: str | None, where: str) -> str:
    """The text column of a table whose columns have ``names``.

    Raises:
        InputError: there is none, or there are several of its name.
    """
    name = _text_column(names, column, where)
    if names.count(name) > 1:
        raise InputError(f"{where}: several columns {name!r}; rename all but one")
    return name


def _text_column(names: Any, column: str | None, where: str) -> str:
    wanted = (column,) if column else TEXT_COLUMNS
    for name in wanted:
        if name in names:
            return name
    shown = [name if len(name) <= _NAME else f"{name[:_NAME]}…" for name in islice(names, _NAMES)]
    if len(names) > _NAMES:
        shown.append(f"and {len(names) - _NAMES} more")
    looked = f"no column {column!r}" if column else f"no text column (looked for {', '.join(TEXT_COLUMNS)})"
    raise InputError(f"{where}: {looked}; there are: {', '.join(shown) or 'none'}. Give one with --column")
