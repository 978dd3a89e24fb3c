"""Input paragraphs from documents, tables and standard input; bad input becomes a row with its reason."""

from __future__ import annotations

import csv
import glob
import json
import re
import sys
from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from itertools import zip_longest
from pathlib import Path
from typing import Any

from responsetag.batch.lines import UNDECODED, open_lines
from responsetag.errors import InputError, ResponseTagError
from responsetag.text import Source, paragraphs, read_file, read_text
from responsetag.text.reading import PAGE_SUFFIXES, TABLE_SUFFIXES

# Names that a text column is looked for under when none is given.
TEXT_COLUMNS = ("text", "content", "paragraph", "正文", "文本", "内容")
STDIN = "-"


@dataclass(frozen=True, slots=True)
class InputRow:
    """A paragraph to tag, or a place where one could not be read.

    Attributes:
        document: the file's path, or ``-``.
        paragraph: number of the paragraph or table row in it, from 1; 0 for the file as a whole.
        start, end: offsets of the paragraph in the document's text; of the whole cell in a table.
        text: the paragraph; empty with an error.
        id: the row's own id, where a table has one.
        error: what went wrong, where and what to do.
        warning: what to know about a paragraph that can be tagged all the same.
    """

    document: str
    paragraph: int
    start: int = 0
    end: int = 0
    text: str = ""
    id: str | None = None
    error: str | None = None
    warning: str | None = None


def find_inputs(paths: Sequence[str]) -> Iterator[tuple[str, str | None]]:
    """The files that ``paths`` name: files, folders (searched through, in the order of names),
    globs, and ``-``; with an error where there is nothing.

    A file that is named comes each time it is named; one that is found in a folder or by a glob, once.
    """
    found: set[str] = set()
    for path in paths:
        try:
            names = _expand(path)
        except OSError as error:
            yield path, f"{path[:80]}: cannot be looked up: {error.strerror}; check the path"
            continue
        if names is None:
            yield path, None
        elif not names:
            yield path, f"{path}: nothing to read here; check the path, or name the files"
        for name in names or ():
            if name not in found:
                found.add(name)
                yield name, None


def _expand(path: str) -> list[str] | None:
    """The files that a folder or glob stands for; None for a file of its own."""
    file = Path(path)
    if path == STDIN or (path and file.exists() and not file.is_dir()):
        return None
    if path and file.is_dir():
        return _pages(file)
    names = []
    for match in sorted(glob.glob(path, recursive=True)):  # noqa: PTH207 - a pattern may be absolute
        place = Path(match)
        if place.is_dir():
            names += _pages(place)
        elif place.exists():
            names.append(match)
    return names


def _pages(folder: Path) -> list[str]:
    """The documents and tables in a folder and those below it."""
    suffixes = PAGE_SUFFIXES | TABLE_SUFFIXES
    found = (file for file in folder.rglob("*") if file.suffix.lower() in suffixes)
    return [str(file) for file in sorted(found) if file.is_file()]


def read_rows(path: str, *, column: str | None = None, encoding: str | None = None) -> Iterator[InputRow]:
    """The paragraphs of a document or table, in order.

    What cannot be read is a row with ``error``; the rows around it come all the same.
    """
    try:
        suffix = Path(path).suffix.lower()
        if path == STDIN and column is None:
            yield from _document(read_text(sys.stdin.buffer.read(), encoding=encoding))
        elif path == STDIN or suffix == ".jsonl":
            yield from _jsonl(path, column, encoding)
        elif suffix == ".csv":
            yield from _csv(path, column, encoding)
        else:
            yield from _document(read_file(path, encoding=encoding))
    except (ResponseTagError, OSError) as error:
        yield InputRow(path, 0, error=str(error))
    except (ValueError, RecursionError) as error:
        yield InputRow(path, 0, error=f"{path}: cannot be read ({error}); check file and encoding")


def _document(source: Source) -> Iterator[InputRow]:
    spans = paragraphs(source.text, markdown=source.markdown)
    if not spans:
        yield InputRow(source.name, 0)
    for number, (start, end) in enumerate(spans, 1):
        text = source.text[start:end]
        warning = None
        if source.lost and "\ufffd" in text:
            where = f"{source.name}: paragraph {number}"
            warning = f"{where}: has characters that are not {source.encoding}; try another --encoding"
        yield InputRow(source.name, number, start, end, text, warning=warning)


def _jsonl(path: str, column: str | None, encoding: str | None) -> Iterator[InputRow]:
    number = 0
    with open_lines(path, encoding) as lines:
        for number, line in enumerate(lines, 1):
            where = f"{path}:{number}"
            if not line.strip():
                yield InputRow(path, number)
                continue
            try:
                row = json.loads(line.removeprefix("\ufeff"))
            except (ValueError, RecursionError) as error:
                yield InputRow(path, number, error=f"{where}: is not JSON ({error}); mend the line")
                continue
            yield _row(path, number, row if isinstance(row, dict) else None, column, where)
    if number == 0:
        yield InputRow(path, 0)


def _csv(path: str, column: str | None, encoding: str | None) -> Iterator[InputRow]:
    csv.field_size_limit(sys.maxsize)
    with open_lines(path, encoding) as lines:
        reader = csv.reader(lines, strict=True)
        header: list[str] = []
        for names in reader:
            header = [name.removeprefix("\ufeff").strip() for name in names]
            if any(header):
                break
        if not any(header):
            yield InputRow(path, 0)
            return
        # A missing column is the whole file's trouble, so it is said once.
        wanted = _text_column(header, column, f"{path}:{reader.line_num}")
        if header.count(wanted) > 1:
            raise InputError(f"{path}:{reader.line_num}: several columns {wanted!r}; rename all but one")
        number = 0
        while True:
            number += 1
            where = f"{path}:{reader.line_num + 1}"
            try:
                values = next(reader)
            except StopIteration:
                break
            except csv.Error as error:
                yield InputRow(path, number, error=f"{where}: no CSV from here on ({error}); mend the row")
                continue
            if len(values) > len(header):
                reason = f"{where}: {len(values)} fields for {len(header)} columns; mend the row"
                yield InputRow(path, number, error=reason)
                continue
            yield _row(path, number, dict(zip_longest(header, values)), column, where)
        if number == 1:
            yield InputRow(path, 0)


def _row(path: str, number: int, row: dict[str, Any] | None, column: str | None, where: str) -> InputRow:
    if row is None:
        return InputRow(path, number, error=f"{where}: is not an object with a text column; mend the line")
    own_id = None if row.get("id") is None else str(row["id"])
    try:
        text = row.get(_text_column(list(row), column, where))
    except InputError as error:
        return InputRow(path, number, id=own_id, error=str(error))
    if text is None:
        return InputRow(path, number, id=own_id)
    if not isinstance(text, str):
        reason = f"{where}: the text is {type(text).__name__}, not a string"
        return InputRow(path, number, id=own_id, error=reason)
    if re.search(UNDECODED, text):
        reason = f"{where}: the text is not of the file's encoding; mend the line, or give --encoding"
        return InputRow(path, number, id=own_id, error=reason)
    return InputRow(path, number, 0, len(text), text, own_id)


def _text_column(names: Sequence[str], column: str | None, where: str) -> str:
    wanted = (column,) if column else TEXT_COLUMNS
    for name in wanted:
        if name in names:
            return name
    looked = f"no column {column!r}" if column else f"no text column (looked for {', '.join(TEXT_COLUMNS)})"
    raise InputError(f"{where}: {looked}; there are: {', '.join(names) or 'none'}. Give one with --column")
