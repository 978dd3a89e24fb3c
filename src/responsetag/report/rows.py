"""What the report keeps of a row, whether it was tagged now or by an earlier run."""

from __future__ import annotations

from typing import Any, NamedTuple


class Shown(NamedTuple):
    """A label that a paragraph carries.

    Attributes:
        label: its slug.
        name: in Chinese, as the model has it.
        score: calibrated probability, 0 to 1.
        evidence: the span and its words as ``{"a", "b", "w": [[start, end, share], ...]}``, offsets in the
            paragraph; None where there is none.
    """

    label: str
    name: str
    score: float
    evidence: dict[str, Any] | None


class ReportRow(NamedTuple):
    """A paragraph with its labels, or a place where one could not be read.

    Attributes:
        document: name of the document.
        paragraph: its number, from 1; 0 for the document as a whole.
        start: offset in the document; None where there is none.
        text: the paragraph.
        status: ``ok``, ``empty`` or ``error``.
        message: what went wrong, or what to know.
        shown: its labels, highest score first.
        id: what a table calls it; None where there is none.
    """

    document: str
    paragraph: int
    start: int | None = None
    text: str = ""
    status: str = "error"
    message: str | None = None
    shown: tuple[Shown, ...] = ()
    id: str | None = None


def evidence_of(span: dict[str, Any], start: int, length: int) -> dict[str, Any] | None:
    """The evidence of an output row as the report keeps it; None where it does not lie within the paragraph.

    Args:
        span: as :meth:`responsetag.Evidence.as_dict` gives it; offsets count in the document.
        start, length: of the paragraph.
    """
    try:
        a, b = _place(span, start, length)
        words = [(*_place(word, start, length), _share(word["share"])) for word in span["words"] or ()]
    except (AttributeError, KeyError, TypeError, ValueError):
        return None
    return {"a": a, "b": b, "w": words}


def _place(span: dict[str, Any], start: int, length: int) -> tuple[int, int]:
    a, b = span["start"] - start, span["end"] - start
    if not (type(a) is type(b) is int and 0 <= a <= b <= length):
        raise ValueError(span)
    return a, b


def _share(share: Any) -> float:
    value = round(float(share), 4)
    if not 0 <= value <= 1:
        raise ValueError(share)
    return value
