"""Answers of several annotators to one row."""

from __future__ import annotations

from collections import Counter
from collections.abc import Iterable, Iterator, Sequence
from typing import Literal

from responsetag.integrations.annotation.answers import Answer, LabelledRow, Span

Rule = Literal["refuse", "majority", "union"]


def merge(answers: Iterable[Answer], labels: Sequence[str], rule: Rule = "refuse") -> Iterator[LabelledRow]:
    """A row for each paragraph, in the order in which paragraphs come first.

    Args:
        answers: any number for a paragraph; those with one ``id`` belong together.
        labels: the label set, in output order.
        rule: where annotators give different labels, ``refuse`` makes it a row with status ``conflict``;
            ``majority`` keeps what more than half of them gave, ``union`` what any of them gave. Spans
            are kept by the same rule; where labels agree, ``refuse`` keeps those that all gave.
    """
    by_id: dict[str, list[Answer]] = {}
    for answer in answers:
        by_id.setdefault(answer.id, []).append(answer)
    texts: dict[str, str] = {}
    for group in by_id.values():
        row = _row(group, labels, rule)
        if row.status == "ok" and (first := texts.setdefault(row.text, row.id)) != row.id:
            row = _refused(group, f"has the same text as {first!r}; label one of them")
        yield row


def _row(group: list[Answer], labels: Sequence[str], rule: Rule) -> LabelledRow:
    if errors := [answer for answer in group if answer.status == "error"]:
        return _refused(group, errors[0].message or "cannot be used")
    given = [answer for answer in group if answer.status == "ok"]
    if not given:
        head = group[0]
        return LabelledRow(head.id, head.document, head.text, (), (), 0, "skipped", head.message)
    if any(answer.text != given[0].text for answer in given):
        return _refused(group, "comes with different texts; give each paragraph an id of its own")
    votes = Counter(label for answer in given for label in set(answer.labels))
    least = {"refuse": len(given), "majority": len(given) // 2 + 1, "union": 1}[rule]
    kept = tuple(label for label in labels if votes[label] >= least)
    marked = Counter(span for answer in given for span in set(answer.spans))
    spans = tuple(sorted(span for span, count in marked.items() if count >= least and span.label in kept))
    message = _differences(votes, marked, labels, len(given))
    differ = any(count < len(given) for count in votes.values())
    head = given[0]
    status: Literal["ok", "conflict"] = "conflict" if differ and rule == "refuse" else "ok"
    if status == "conflict":
        message = f"{message}; settle it, or give --several majority or union"
    return LabelledRow(head.id, head.document, head.text, kept, spans, len(given), status, message)


def _refused(group: Sequence[Answer], message: str) -> LabelledRow:
    head = group[0]
    return LabelledRow(head.id, head.document, head.text, (), (), len(group), "error", message)


def _differences(votes: Counter[str], marked: Counter[Span], labels: Sequence[str], n: int) -> str | None:
    """What the annotators do not agree on."""
    parts = [f"{label} by {votes[label]} of {n}" for label in labels if 0 < votes[label] < n]
    if parts:
        return f"annotators differ: {', '.join(parts)}"
    return "annotators differ in spans only" if any(count < n for count in marked.values()) else None
