"""What comes back from annotation tools: one annotator's answer, and a row of labels made of answers."""

from __future__ import annotations

from collections.abc import Collection
from dataclasses import dataclass
from typing import Any, Literal, NamedTuple

from responsetag.integrations.annotation.items import text_digest

Status = Literal["ok", "skipped", "conflict", "error"]


class Span(NamedTuple):
    """Characters ``start:end`` of a text that show a label."""

    start: int
    end: int
    label: str


@dataclass(frozen=True, slots=True)
class Answer:
    """What one annotator said of one paragraph.

    Attributes:
        where: it was read, for people.
        id, document, text: of the paragraph.
        annotator: a name or number; empty where the tool does not say.
        labels, spans: what was marked; offsets count characters.
        status: ``ok``; ``skipped`` where nobody labelled it; ``error`` where it cannot be used.
        message: what is wrong and what to do.
    """

    where: str
    id: str
    document: str
    text: str
    annotator: str = ""
    labels: tuple[str, ...] = ()
    spans: tuple[Span, ...] = ()
    status: Status = "ok"
    message: str | None = None


@dataclass(frozen=True, slots=True)
class LabelledRow:
    """A paragraph with its labels, as ``evaluate`` and ``train`` read it.

    Attributes:
        id, document, text: of the paragraph.
        labels: in the order of the label set.
        spans: what shows them, offsets in characters; in text order.
        annotators: how many answered.
        status: ``ok``; ``skipped`` where nobody labelled it; ``conflict`` where annotators differ and the
            rule is to refuse; ``error`` where it cannot be used.
        message: what is wrong, or what to know all the same.
    """

    id: str
    document: str
    text: str
    labels: tuple[str, ...]
    spans: tuple[Span, ...]
    annotators: int
    status: Status
    message: str | None = None

    def as_dict(self) -> dict[str, Any]:
        return {
            "id": self.id,
            "document": self.document,
            "text": self.text,
            "labels": list(self.labels),
            "spans": [span._asdict() for span in self.spans],
            "annotators": self.annotators,
            "status": self.status,
            "message": self.message,
        }


def problem_of(
    text: object, digest: object, labels: Collection[str], spans: Collection[Span], known: Collection[str]
) -> str | None:
    """Why an answer cannot be used.

    Args:
        digest: of the text that was sent; None where the paragraph was not sent by this package.
    """
    if not isinstance(text, str) or not text.strip():
        return "has no text; export it with its data"
    if isinstance(digest, str) and digest != text_digest(text):
        return "the text was changed after it was sent; send it again, or put the old text back"
    if unknown := sorted({*labels, *(span.label for span in spans)} - set(known)):
        return f"labels that are not in the label set: {', '.join(unknown)}; give their file with --taxonomy"
    for start, end, label in spans:
        if not 0 <= start < end <= len(text):
            return f"span {start} to {end} ({label}) lies outside the text of {len(text)} characters"
    if without := sorted({span.label for span in spans} - set(labels)):
        return (
            f"spans for labels that were not chosen: {', '.join(without)}; choose them, or remove the spans"
        )
    return None
