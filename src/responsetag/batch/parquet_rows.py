"""Rows of Parquet files. Only the text and id columns are read, a few rows at a time."""

from __future__ import annotations

from collections.abc import Callable, Iterator
from pathlib import Path
from typing import Any, NamedTuple

from responsetag.batch.lines import Meter
from responsetag.batch.tables import InputRow, find_column, make_row
from responsetag.errors import MissingExtraError

_ROWS = 256  # rows decoded at once
_UNREADABLE = "\udcff"  # what a byte that is not of the encoding becomes in other tables
_BUFFER = 1 << 16  # bytes of a column read at once; the whole of a row group would be held without


def read_parquet(path: str, column: str | None, meter: Meter) -> Iterator[InputRow]:
    """A row a record. Where a row group is damaged, its sound rows come, then a row with an error for
    the rest of it, then the other row groups.

    Raises:
        InputError: there is no text column.
        MissingExtraError: pyarrow is not installed.
        OSError, ValueError: the file cannot be read at all.
    """

    def choose(names: list[str]) -> list[str]:
        text = find_column(names, column, path)
        return [text, "id"] if names.count("id") == 1 else [text]

    number = 0
    for number, values, error in parquet_records(path, choose, meter):
        yield _row(path, number, values) if values else InputRow(path, number, error=error)
    if number == 0:
        yield InputRow(path, 0)


class ParquetRecord(NamedTuple):
    """The cells of a row, or an error for all rows from here to the end of a row group."""

    number: int
    values: tuple[Any, ...]
    error: str | None = None


def parquet_records(
    path: str, choose: Callable[[list[str]], list[str]], meter: Meter
) -> Iterator[ParquetRecord]:
    """The cells of some columns, row by row.

    Args:
        path, meter: as for :func:`read_parquet`, which says what is raised.
        choose: which of the columns there are.
    """
    try:
        import pyarrow as pa
        from pyarrow import parquet
    except ImportError as error:
        raise MissingExtraError("pyarrow", "parquet", f"{path}: reading Parquet") from error
    size = Path(path).stat().st_size
    try:
        file = parquet.ParquetFile(
            path, buffer_size=_BUFFER, pre_buffer=False, page_checksum_verification=True
        )
    except pa.ArrowException as error:
        raise ValueError(str(error)) from error
    with file:
        columns = choose(file.schema_arrow.names)
        number, total = 0, file.metadata.num_rows
        for group in range(file.num_row_groups):
            end = number + file.metadata.row_group(group).num_rows
            reason: object = "there are fewer than it says"
            for values in _values(file, group, columns, pa.ArrowException):
                if isinstance(values, Exception):
                    reason = values
                    break
                number += 1
                meter.read += size * number // total - size * (number - 1) // total
                yield ParquetRecord(number, values)
            if number < end:
                lost = f"{path}:{number + 1}: rows to {end} cannot be read ({reason}); fetch the file anew"
                yield ParquetRecord(number + 1, (), lost)
                meter.read += size * end // total - size * number // total
                number = end
    if number == 0:
        meter.read += size


def _values(file: Any, group: int, columns: list[str], error: type[Exception]) -> Iterator[Any]:
    """Text and id of each row, and at last the exception if there is one."""
    given = 0
    # Where a batch cannot be read, those of its rows before the damage are read one by one.
    for rows in (_ROWS, 1):
        seen = 0
        try:
            for batch in file.iter_batches(rows, row_groups=[group], columns=columns, use_threads=False):
                if seen >= given:
                    yield from zip(*(_cells(batch.column(name)) for name in columns), strict=True)
                    given += batch.num_rows
                seen += batch.num_rows
        except (error, OSError, ValueError) as trouble:
            reason = trouble
        else:
            return
    yield reason


def _cells(column: Any) -> list[Any]:
    try:
        return list(column.to_pylist())
    except Exception:  # days, moments and time zones that Python has not raise many kinds
        return [_cell(value) for value in column]


def _cell(value: Any) -> object:
    try:
        return value.as_py()
    except UnicodeDecodeError:
        return _UNREADABLE
    except Exception:  # as above
        return Unreadable()


class Unreadable:
    """A cell that Python has no value for."""

    def __str__(self) -> str:
        return _UNREADABLE


def _row(path: str, number: int, values: tuple[object, ...]) -> InputRow:
    own_id = values[1] if len(values) > 1 else None
    return make_row(path, number, values[0], own_id, f"{path}:{number}")
