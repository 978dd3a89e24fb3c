"""Input paragraphs from documents, tables and standard input; bad input becomes a row with its reason."""

from __future__ import annotations

from collections.abc import Iterable, Iterator

from responsetag.batch.compression import split_suffix
from responsetag.batch.inputs import Input
from responsetag.batch.lines import STDIN, Meter, open_bytes, read_whole
from responsetag.batch.parquet_rows import read_parquet
from responsetag.batch.tables import InputRow, read_csv, read_jsonl
from responsetag.errors import InputError, ResponseTagError
from responsetag.text import Source, paragraphs, read_file, read_text
from responsetag.text.reading import HTML_SUFFIXES, MARKDOWN_SUFFIXES


def read_rows(
    path: str, *, column: str | None = None, encoding: str | None = None, meter: Meter | None = None
) -> Iterator[InputRow]:
    """The paragraphs of a document or table, in order.

    What cannot be read is a row with ``error``; the rows around it come all the same. A file that is
    damaged in its middle gives its rows up to there.

    Args:
        path: a file, or ``-``.
        column: of the text, in tables; found when not given. With ``-``, input is JSONL.
        encoding: of the file; detected when not given.
        meter: counts the bytes that are read.
    """
    last = 0
    try:
        for row in _read(path, column, encoding, meter or Meter()):
            last = row.paragraph
            yield row
    except (ResponseTagError, OSError) as error:
        yield InputRow(path, last + 1 if last else 0, error=str(error))
    except (ValueError, RecursionError) as error:
        reason = f"{path}: cannot be read ({error}); check file and encoding"
        yield InputRow(path, last + 1 if last else 0, error=reason)


def read_inputs(
    inputs: Iterable[Input],
    *,
    column: str | None = None,
    encoding: str | None = None,
    meter: Meter | None = None,
) -> Iterator[InputRow]:
    """The rows of files one after another; see :func:`read_rows`."""
    meter = meter or Meter()
    before = 0
    for item in inputs:
        if item.error is None:
            yield from read_rows(item.path, column=column, encoding=encoding, meter=meter)
        else:
            yield InputRow(item.path, 0, error=item.error)
        before += item.size or 0
        meter.read = before  # not all is read that is passed over, and pages are not counted


def _read(path: str, column: str | None, encoding: str | None, meter: Meter) -> Iterator[InputRow]:
    suffix, compression = split_suffix(path)
    if path == STDIN and column is None:
        return _page(path, "", encoding, meter)
    if path == STDIN or suffix == ".jsonl":
        return read_jsonl(path, column, encoding, meter)
    if suffix == ".csv":
        return read_csv(path, column, encoding, meter)
    if suffix == ".parquet":
        if compression:
            raise InputError(f"{path}: Parquet is packed in itself; unpack the file ({compression}) first")
        return read_parquet(path, column, meter)
    if compression:
        return _page(path, suffix, encoding, meter)
    return _document(read_file(path, encoding=encoding), None)


def _page(path: str, suffix: str, encoding: str | None, meter: Meter) -> Iterator[InputRow]:
    """A document that comes as a stream: packed, or on standard input."""
    with open_bytes(path, meter) as file:
        data, trouble = read_whole(file)
    if trouble is not None and not data:
        raise trouble
    html, markdown = suffix in HTML_SUFFIXES, suffix in MARKDOWN_SUFFIXES
    source = read_text(data, name=path, encoding=encoding, html=html, markdown=markdown)
    yield from _document(source, trouble)


def _document(source: Source, trouble: Exception | None) -> Iterator[InputRow]:
    """The paragraphs of a document, and at last what kept it from being read whole."""
    spans = paragraphs(source.text, markdown=source.markdown)
    if not spans and trouble is None:
        yield InputRow(source.name, 0)
    for number, (start, end) in enumerate(spans, 1):
        text = source.text[start:end]
        warning = None
        if source.lost and "\ufffd" in text:
            where = f"{source.name}: paragraph {number}"
            warning = f"{where}: has characters that are not {source.encoding}; try another --encoding"
        yield InputRow(source.name, number, start, end, text, warning=warning)
    if trouble is not None:
        raise trouble
