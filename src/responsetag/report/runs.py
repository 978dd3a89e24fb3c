"""Finished runs: what ``responsetag tag -o`` wrote, read again as it is."""

from __future__ import annotations

from collections.abc import Callable, Iterator
from itertools import islice
from typing import Any, NamedTuple

from responsetag.batch.compression import split_suffix
from responsetag.batch.formats import COLUMNS
from responsetag.batch.lines import STDIN, Meter, open_bytes
from responsetag.batch.parquet_output import arrow
from responsetag.batch.parquet_rows import parquet_records
from responsetag.batch.tables import Record, csv_records, jsonl_records, make_row
from responsetag.errors import InputError, ResponseTagError
from responsetag.report.rows import ReportRow, Shown, evidence_of

# What tells a run from a table that is to be tagged.
_KEYS = frozenset({"document", "paragraph", "text", "labels", "scores", "status", "model", "model_version"})
_LINES = 20  # looked at for a sound row
_MOST = 2**53  # what JavaScript counts to
_FORMULA = ("'=", "'+", "'-", "'@", "'\t", "'\r")  # how CSV writes text that begins like a formula


class RunRow(NamedTuple):
    """A row of a run with the model that made it (name and version; None where the row does not say) and,
    where the format keeps them, all its labels."""

    row: ReportRow
    model: tuple[str, str] | None = None
    labels: tuple[str, ...] = ()


def is_run(path: str, encoding: str | None) -> bool:
    """Whether a file is a finished run, by its columns; standard input, by how it begins.

    Only regular files can be asked: what cannot be read twice is taken for what ``responsetag tag`` takes.
    """
    try:
        if path == STDIN:
            return open_bytes(path, Meter()).peek(16).startswith(b'{"document": "')
        return any(names >= _KEYS for names in _columns(path, encoding))
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


def read_run(path: str, encoding: str | None) -> Iterator[RunRow]:
    """The rows of a run, in order. One that is malformed is a failed row that says where it stands.

    A run that is damaged in its middle gives its rows up to there.
    """
    last, form = 0, split_suffix(path)[0]
    convert = {".csv": _from_csv, ".parquet": _from_parquet}.get(form, _as_it_is)
    try:
        for record in _records(path, encoding):
            last = record.number
            if record.error is not None:
                yield RunRow(ReportRow(path, record.number, message=record.error))
            elif record.fields is not None:
                row = _checked(path, record, record.fields, convert)
                yield row._replace(labels=()) if form == ".csv" else row
    except (ResponseTagError, OSError, ValueError, RecursionError) as error:
        reason = str(error).removeprefix(f"{path}: ")
        yield RunRow(ReportRow(path, last + 1 if last else 0, message=f"{path}: {reason}"))


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


def _as_it_is(fields: dict[str, Any]) -> dict[str, Any]:
    return fields


def _from_parquet(fields: dict[str, Any]) -> dict[str, Any]:
    """The row as JSONL has it."""
    spans = {span["label"]: span for span in fields.get("evidence") or ()}
    scores = {label: None if p is None else round(p, 4) for label, p in (fields["scores"] or {}).items()}
    return fields | {"scores": scores, "evidence": spans}


def _from_csv(fields: dict[str, Any]) -> dict[str, Any]:
    """The row as JSONL has it, but that it has scores of its labels only, and evidence without words."""
    row: dict[str, Any] = {
        name: _unquoted(value) for name, value in fields.items() if name in COLUMNS and name != "text"
    }
    for name in ("paragraph", "start", "end"):
        row[name] = int(row.get(name) or 0)
    text = fields["text"] or ""
    # An apostrophe that was put before the text makes it longer than it was.
    row["text"] = text[1:] if text.startswith(_FORMULA) and row["end"] - row["start"] < len(text) else text
    labels, names, spans = (_split(row.get(name)) for name in ("labels", "names", "evidence"))
    if len(names) != len(labels):
        names = labels
    scores = dict(zip(labels, map(float, _split(row["scores"])), strict=True))
    places = dict(zip(labels, spans, strict=True)) if len(spans) == len(labels) else {}
    evidence = {label: _found(span, row) for label, span in places.items()}
    message = row.get("message") or None
    return row | {
        "labels": labels,
        "names": names,
        "scores": scores,
        "evidence": evidence,
        "message": message,
    }


def _found(span: str, row: dict[str, Any]) -> dict[str, Any]:
    """Where the text of a span stands in its paragraph, the first time."""
    place = row["text"].replace(";", "；").find(span)
    at = row["start"] + place
    return {"start": at, "end": at + len(span), "words": []} if place >= 0 and span else {}


def _split(cell: str | None) -> list[str]:
    return cell.split(";") if cell else []


def _unquoted(cell: str | None) -> str | None:
    return cell[1:] if cell and cell.startswith(_FORMULA) else cell


def _checked(
    path: str, record: Record, fields: dict[str, Any], convert: Callable[[dict[str, Any]], dict[str, Any]]
) -> RunRow:
    document, number = path, record.number
    try:
        fields = _complete(fields, convert)
        document, number = fields["document"], fields["paragraph"]
        return _parsed(document, number, record, fields)
    except (InputError, AttributeError, KeyError, TypeError, ValueError, OverflowError) as error:
        reason = str(error) if isinstance(error, InputError) else f"{type(error).__name__}: {error}"
        where = record.where
        message = reason if reason.startswith(where) else f"{where}: is no row of a run ({reason}); mend it"
        return RunRow(ReportRow(document, number, message=message))


def _complete(fields: dict[str, Any], convert: Callable[[dict[str, Any]], dict[str, Any]]) -> dict[str, Any]:
    """The row as JSONL has it, with all that a run has, and a place that can be told."""
    if missing := sorted(_KEYS - fields.keys()):
        raise InputError(f"it has no {', '.join(missing)}")
    fields = convert(fields)
    document, number = fields["document"], fields["paragraph"]
    if not isinstance(document, str) or type(number) is not int or not 0 <= number <= _MOST:
        raise InputError("its document is no name, or its paragraph no number")
    return fields


def _parsed(document: str, number: int, record: Record, fields: dict[str, Any]) -> RunRow:
    status, message, start = fields["status"], fields.get("message"), fields.get("start")
    if status not in {"ok", "empty", "error"}:
        raise InputError(f"its status is {str(status)[:40]!r}")
    row = make_row(document, number, fields["text"], None, record.where, record.line)
    if row.error:
        raise InputError(row.error)
    model = (str(fields["model"] or ""), str(fields["model_version"] or ""))
    if status == "error":
        return RunRow(
            ReportRow(document, number, message=str(message or "it failed, without a reason")), model
        )
    start = start if type(start) is int and 0 <= start <= _MOST else None
    shown = tuple(_shown(fields, start or 0, len(row.text)))
    if lost := [
        one.label for one in shown if one.evidence is None and fields.get("evidence", {}).get(one.label)
    ]:
        message = (
            f"{record.where}: the evidence of {', '.join(lost)} does not fit the text, so it is left out"
        )
    found = ReportRow(document, number, start, row.text, status, message and str(message), shown)
    return RunRow(found, model, tuple(fields["scores"]))


def _shown(fields: dict[str, Any], start: int, length: int) -> Iterator[Shown]:
    labels, scores, evidence = fields["labels"], fields["scores"], fields.get("evidence") or {}
    names = fields.get("names") or labels
    if not (isinstance(labels, list) and isinstance(scores, dict) and isinstance(evidence, dict)):
        raise InputError("its labels, scores or evidence have another form")
    for label, name in zip(labels, names, strict=True):
        score = scores[label]
        if not isinstance(label, str) or not isinstance(name, str):
            raise InputError("a label is no text")
        if type(score) not in {int, float} or not 0 <= score <= 1:
            raise InputError(f"the score of {label[:40]} is {str(score)[:40]!r}, not 0 to 1")
        span = evidence.get(label)
        yield Shown(label, name, float(score), evidence_of(span, start, length) if span else None)
