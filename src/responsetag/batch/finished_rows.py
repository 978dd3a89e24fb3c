"""What a row of a finished run holds, checked, whichever format it was written in."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any, NamedTuple

from responsetag.batch.formats import COLUMNS
from responsetag.batch.tables import Record, make_row
from responsetag.errors import InputError

# What tells a run from a table that is to be tagged.
KEYS = frozenset({"document", "paragraph", "text", "labels", "scores", "status", "model", "model_version"})
_MOST = 2**53  # what JavaScript counts to
# How CSV writes text that begins like a formula: that of a run, and the larger set of a report's download.
_FORMULA = tuple(f"'{sign}" for sign in "=+-@\t\r\n＝＋－＠")
_Convert = Callable[[dict[str, Any]], dict[str, Any]]


class FinishedRow(NamedTuple):
    """A row of a run, or a place where one could not be read.

    Attributes:
        document: its name; of a row that does not say, the run's.
        paragraph: its number there, from 1; 0 for the document as a whole.
        where: the row stands in the run, for people.
        id: its own, where it has one.
        start: offset in the document; None where there is none.
        text: the paragraph.
        status: ``ok``, ``empty`` or ``error``.
        message: what went wrong, or what to know.
        model: name and version of what tagged it; None where the row does not say.
        names: of the labels that were given, by slug, highest score first.
        scores: 0 to 1 for labels that were given; of the others as the run has them, and none in CSV.
        evidence: by label, as the run has it.
    """

    document: str
    paragraph: int
    where: str
    id: str | None = None
    start: int | None = None
    text: str = ""
    status: str = "error"
    message: str | None = None
    model: tuple[str, str] | None = None
    names: dict[str, str] = {}  # noqa: RUF012 - never written to
    scores: dict[str, Any] = {}  # noqa: RUF012
    evidence: dict[str, Any] = {}  # noqa: RUF012


def is_score(value: object) -> bool:
    """Whether it is a number of 0 to 1."""
    return type(value) in {int, float} and 0 <= value <= 1  # type: ignore[operator]


def checked_row(path: str, record: Record, fields: dict[str, Any], convert: _Convert) -> FinishedRow:
    """The row that a record holds; a failed one that says where it stands if the record is malformed.

    Args:
        path: of the run.
        record: where it stands.
        fields: its cells.
        convert: gives them the form that they have in JSONL.
    """
    document, number = path, record.number
    try:
        fields = _complete(fields, convert)
        document, number = fields["document"], fields["paragraph"]
        return _parsed(document, number, record, fields)
    except (InputError, AttributeError, KeyError, TypeError, ValueError, OverflowError) as error:
        reason = str(error) if isinstance(error, InputError) else f"{type(error).__name__}: {error}"
        where = record.where
        message = reason if reason.startswith(where) else f"{where}: is no row of a run ({reason}); mend it"
        return FinishedRow(document, number, where, message=message)


def _complete(fields: dict[str, Any], convert: _Convert) -> dict[str, Any]:
    """The row as JSONL has it, with all that a run has, and a place that can be told."""
    if missing := sorted(KEYS - fields.keys()):
        raise InputError(f"it has no {', '.join(missing)}")
    fields = convert(fields)
    document, number = fields["document"], fields["paragraph"]
    if not isinstance(document, str) or type(number) is not int or not 0 <= number <= _MOST:
        raise InputError("its document is no name, or its paragraph no number")
    return fields


def _parsed(document: str, number: int, record: Record, fields: dict[str, Any]) -> FinishedRow:
    status, message, start = fields["status"], fields.get("message"), fields.get("start")
    if status not in {"ok", "empty", "error"}:
        raise InputError(f"its status is {str(status)[:40]!r}")
    row = make_row(document, number, fields["text"], fields.get("id"), record.where, record.line)
    if row.error:
        raise InputError(row.error)
    model = (str(fields["model"] or ""), str(fields["model_version"] or ""))
    found = FinishedRow(document, number, record.where, row.id, message=message and str(message), model=model)
    if status == "error":
        return found._replace(message=found.message or "it failed, without a reason")
    start = start if type(start) is int and 0 <= start <= _MOST else None
    scores, evidence = fields["scores"], fields.get("evidence") or {}
    names = _names(fields["labels"], fields.get("names"), scores, evidence)
    return found._replace(
        start=start, text=row.text, status=status, names=names, scores=scores, evidence=evidence
    )


def _names(labels: Any, names: Any, scores: Any, evidence: Any) -> dict[str, str]:
    if not (isinstance(labels, list) and isinstance(scores, dict) and isinstance(evidence, dict)):
        raise InputError("its labels, scores or evidence have another form")
    for label, name in zip(labels, names or labels, strict=True):
        score = scores[label]
        if not isinstance(label, str) or not isinstance(name, str):
            raise InputError("a label is no text")
        if not is_score(score):
            raise InputError(f"the score of {label[:40]} is {str(score)[:40]!r}, not 0 to 1")
    return dict(zip(labels, names or labels, strict=True))


def as_it_is(fields: dict[str, Any]) -> dict[str, Any]:
    """The row as JSONL has it."""
    return fields


def from_parquet(fields: dict[str, Any]) -> dict[str, Any]:
    """The row as JSONL has it."""
    spans = {span["label"]: span for span in fields.get("evidence") or ()}
    scores = {label: None if p is None else round(p, 4) for label, p in (fields["scores"] or {}).items()}
    return fields | {"scores": scores, "evidence": spans}


def from_csv(fields: dict[str, Any]) -> dict[str, Any]:
    """The row as JSONL has it, but that it has scores of its labels only, and evidence without words."""
    row: dict[str, Any] = {
        name: _unquoted(value) for name, value in fields.items() if name in COLUMNS and name != "text"
    }
    for name in ("paragraph", "start", "end"):
        row[name] = int(row.get(name) or 0)
    text = fields["text"] or ""
    # An apostrophe that was put before the text makes it longer than it was.
    row["text"] = text[1:] if text.startswith(_FORMULA) and row["end"] - row["start"] < len(text) else text
    row["id"] = row.get("id") or None
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
