"""Input paragraphs from documents, tables and standard input; bad input becomes a row with its reason."""

from __future__ import annotations

import csv
import glob
import io
import json
import sys
from collections.abc import Iterator, Sequence
from dataclasses import dataclass, field
from itertools import zip_longest
from pathlib import Path
from typing import Any

from responsetag.errors import InputError, ResponseTagError
from responsetag.text import Source, paragraphs, read_file, read_text
from responsetag.text.reading import PAGE_SUFFIXES, detect_encoding

TABLE_SUFFIXES = frozenset({".jsonl", ".csv"})
# Names that a text column is looked for under when none is given.
TEXT_COLUMNS = ("text", "content", "paragraph", "正文", "文本", "内容")
STDIN = "-"
_DETECTED = 1 << 16  # bytes of a table that its encoding is judged by


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
    """

    document: str
    paragraph: int
    start: int = 0
    end: int = 0
    text: str = ""
    id: str | None = None
    error: str | None = field(default=None)


def find_inputs(paths: Sequence[str]) -> Iterator[tuple[str, str | None]]:
    """The files that ``paths`` name: files, folders (searched through, in the order of names),
    globs, and ``-``; with an error where there is nothing."""
    for path in paths:
        file = Path(path)
        if path == STDIN or file.is_file():
            yield path, None
        elif file.is_dir():
            suffixes = PAGE_SUFFIXES | TABLE_SUFFIXES
            found = sorted(f for f in file.rglob("*") if f.suffix.lower() in suffixes and f.is_file())
            if not found:
                yield path, f"{path}: no {', '.join(sorted(suffixes))} file in this folder"
            yield from ((str(f), None) for f in found)
        elif matches := sorted(glob.glob(path, recursive=True)):  # noqa: PTH207 - a pattern may be absolute
            yield from find_inputs(matches)
        else:
            yield path, f"{path}: does not exist; check the path"


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


def _document(source: Source) -> Iterator[InputRow]:
    spans = paragraphs(source.text, markdown=source.markdown)
    if not spans:
        yield InputRow(source.name, 0)
    for number, (start, end) in enumerate(spans, 1):
        yield InputRow(source.name, number, start, end, source.text[start:end])


def _open_table(path: str, encoding: str | None) -> io.TextIOWrapper:
    """A table as text, decoded line by line; detection looks at its beginning only."""
    # The wrapper that is returned closes what it wraps, hence no `with`.
    file = sys.stdin.buffer if path == STDIN else Path(path).open("rb", buffering=_DETECTED)  # noqa: SIM115
    assert isinstance(file, io.BufferedReader)
    if encoding is None:
        # Looked at without being taken, for standard input cannot be wound back.
        head = file.peek(_DETECTED)
        # A cut in the middle of a character must not look like another encoding.
        encoding = detect_encoding(head[: head.rfind(b"\n") + 1] or head)
    try:
        return io.TextIOWrapper(file, encoding=encoding, errors="replace", newline="")
    except LookupError:
        file.close()
        raise InputError(
            f"{path}: unknown encoding {encoding!r}; try utf-8, gb18030, big5 or utf-16"
        ) from None


def _jsonl(path: str, column: str | None, encoding: str | None) -> Iterator[InputRow]:
    number = 0
    with _open_table(path, encoding) as lines:
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
    with _open_table(path, encoding) as lines:
        reader = csv.reader(lines)
        header = [name.removeprefix("\ufeff").strip() for name in next(reader, [])]
        if not header:
            yield InputRow(path, 0)
            return
        # A missing column is the whole file's trouble, so it is said once.
        _text_column(header, column, f"{path}:1")
        number = 0
        while True:
            number += 1
            try:
                values = next(reader)
            except StopIteration:
                return
            except csv.Error as error:
                yield InputRow(
                    path, number, error=f"{path}:{reader.line_num}: is not CSV ({error}); mend the row"
                )
                continue
            where = f"{path}:{reader.line_num}"
            if len(values) > len(header):
                yield InputRow(
                    path,
                    number,
                    error=f"{where}: {len(values)} fields for {len(header)} columns; mend the row",
                )
                continue
            yield _row(path, number, dict(zip_longest(header, values)), column, where)


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
        return InputRow(
            path, number, id=own_id, error=f"{where}: the text is {type(text).__name__}, not a string"
        )
    return InputRow(path, number, 0, len(text), text, own_id)


def _text_column(names: Sequence[str], column: str | None, where: str) -> str:
    wanted = (column,) if column else TEXT_COLUMNS
    for name in wanted:
        if name in names:
            return name
    looked = f"no column {column!r}" if column else f"no text column (looked for {', '.join(TEXT_COLUMNS)})"
    raise InputError(f"{where}: {looked}; there are: {', '.join(names) or 'none'}. Give one with --column")
