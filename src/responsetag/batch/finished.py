"""Finished runs: what ``responsetag tag -o`` wrote, read again as it is."""

from __future__ import annotations

from collections.abc import Iterator
from itertools import islice

from responsetag.batch.compression import split_suffix
from responsetag.batch.finished_rows import KEYS, FinishedRow, as_it_is, checked_row, from_csv, from_parquet
from responsetag.batch.formats import COLUMNS
from responsetag.batch.inputs import Input
from responsetag.batch.lines import STDIN, Meter, open_bytes
from responsetag.batch.parquet_output import arrow
from responsetag.batch.parquet_rows import parquet_records
from responsetag.batch.tables import Record, csv_records, jsonl_records
from responsetag.errors import ResponseTagError

_LINES = 20  # looked at for a sound row

_BEGINNINGS = (
    b'{"document": "',
    b'{"document":"',
)  # of JSONL, by ``responsetag tag`` and by a report's download


def is_finished_run(item: Input, column: str | None, encoding: str | None) -> bool:
    """Whether an input is a finished run, by its columns; standard input, by how it begins.

    Only regular files can be asked: what cannot be read twice is taken for what ``responsetag tag`` takes.

    Args:
        item: the file.
        column: of its texts; standard input of which one is named is a table.
        encoding: of the file; detected if None.
    """
    path = item.path
    if item.error is not None or (item.size is None and (path != STDIN or column is not None)):
        return False
    try:
        if path == STDIN:
            return open_bytes(path, Meter()).peek(16).startswith(_BEGINNINGS)
        return any(names >= KEYS for names in _columns(path, encoding))
    except (ResponseTagError, OSError, ValueError, RecursionError):
        return False  # reading it as a table says what is wrong


def _columns(path: str, encoding: str | None) -> Iterator[set[str]]:
    """The names of columns, or of the keys of the first rows."""
    form = split_suffix(path)[0]
    if form == ".jsonl":
        for record in islice(jsonl_records(path, encoding, Meter()), _LINES):
            yield set(record.fields or ())
    elif form == ".csv":
        header: list[str] = []
        next(csv_records(path, encoding, Meter(), lambda names, _where: header.extend(names)), None)
        yield set(header)
    elif form == ".parquet":
        yield set(arrow().parquet.read_schema(path).names)


def read_finished(path: str, encoding: str | None) -> Iterator[FinishedRow]:
    """The rows of a run, in order. One that is malformed is a failed row that says where it stands.

    A run that is damaged in its middle gives its rows up to there.
    """
    last, form = 0, split_suffix(path)[0]
    convert = {".csv": from_csv, ".parquet": from_parquet}.get(form, as_it_is)
    try:
        for record in _records(path, encoding):
            last = record.number
            if record.error is not None:
                yield FinishedRow(path, record.number, record.where, message=record.error)
            elif record.fields is not None:
                yield checked_row(path, record, record.fields, convert)
    except (ResponseTagError, OSError, ValueError, RecursionError) as error:
        reason = str(error).removeprefix(f"{path}: ")
        yield FinishedRow(path, last + 1 if last else 0, path, message=f"{path}: {reason}")


def _records(path: str, encoding: str | None) -> Iterator[Record]:
    form = split_suffix(path)[0]
    if form == ".csv":
        yield from csv_records(path, encoding, Meter(), lambda _header, _where: None)
    elif form == ".parquet":
        names: list[str] = []

        def choose(there: list[str]) -> list[str]:
            names.extend(name for name in COLUMNS if there.count(name) == 1)
            return names

        for number, values, error in parquet_records(path, choose, Meter()):
            fields = dict(zip(names, values, strict=True)) if values else None
            yield Record(number, f"{path}:{number}", fields, error)
    else:
        yield from jsonl_records(path, encoding, Meter())
