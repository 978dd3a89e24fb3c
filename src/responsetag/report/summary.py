"""Counts over the documents and paragraphs of a report."""

from __future__ import annotations

from collections import Counter
from collections.abc import Callable, Sequence
from datetime import date, timedelta
from itertools import combinations
from typing import Any

_MOST_BINS = 60


def summarize(
    documents: Sequence[dict[str, Any]], paragraphs: Sequence[dict[str, Any]], labels: int
) -> dict[str, Any]:
    """The ``summary`` of the payload.

    Args:
        documents, paragraphs: of the payload.
        labels: how many there are.

    Returns:
        ``paragraphs`` counts all rows, of which ``empty`` have no words and ``failed`` could not be read or
        tagged; ``labels``, ``together`` and the bins of ``time`` count paragraphs, ``documents_by_label``
        documents.
    """
    carried = [sorted({tag["l"] for tag in paragraph["tags"]}) for paragraph in paragraphs]
    status = Counter(paragraph["st"] for paragraph in paragraphs)
    together = [[0] * labels for _ in range(labels)]
    for pair, count in Counter(pair for some in carried for pair in combinations(some, 2)).items():
        a, b = pair
        together[a][b] = together[b][a] = count
    each = Counter(label for some in carried for label in some)
    for label, count in each.items():
        together[label][label] = count
    of_document = Counter(
        (p["d"], label) for p, some in zip(paragraphs, carried, strict=True) for label in some
    )
    having = Counter(label for _, label in of_document)
    return {
        "documents": len(documents),
        "paragraphs": len(paragraphs),
        "with_action": sum(map(bool, carried)),
        "empty": status["empty"],
        "failed": status["error"],
        "labels": [each[label] for label in range(labels)],
        "documents_by_label": [having[label] for label in range(labels)],
        "together": together,
        "time": _over_time([document["date"] for document in documents], of_document, labels),
    }


def _over_time(
    dates: Sequence[str | None], of_document: Counter[tuple[int, int]], labels: int
) -> dict[str, Any]:
    days = {index: date.fromisoformat(day) for index, day in enumerate(dates) if day}
    unit, starts = bins(min(days.values()), max(days.values())) if days else ("day", [])
    found: dict[date, dict[str, Any]] = {
        start: {"start": start.isoformat(), "documents": 0, "counts": [0] * labels} for start in starts
    }
    floor = _UNITS[unit][0]
    for day in days.values():
        found[floor(day)]["documents"] += 1
    for (index, label), count in of_document.items():
        if index in days:
            found[floor(days[index])]["counts"][label] += count
    return {"unit": unit, "bins": list(found.values()), "unknown": len(dates) - len(days)}


def bins(first: date, last: date) -> tuple[str, list[date]]:
    """The finest unit of which 60 reach from ``first`` to ``last`` (years, if none does), and the first day
    of each. Weeks begin on Monday; units in which nothing happened are there too."""
    for unit, (floor, following) in _UNITS.items():
        starts = [floor(first)]
        while len(starts) <= _MOST_BINS and following(starts[-1]) <= last:
            starts.append(following(starts[-1]))
        if len(starts) <= _MOST_BINS:
            return unit, starts
    while following(starts[-1]) <= last:
        starts.append(following(starts[-1]))
    return unit, starts


# The first day of the unit that a day lies in, and that of the next one.
_UNITS: dict[str, tuple[Callable[[date], date], Callable[[date], date]]] = {
    "day": (lambda day: day, lambda day: day + timedelta(1)),
    "week": (lambda day: day - timedelta(day.weekday()), lambda day: day + timedelta(7)),
    "month": (lambda day: day.replace(day=1), lambda day: (day + timedelta(31)).replace(day=1)),
    "year": (lambda day: day.replace(month=1, day=1), lambda day: day.replace(year=day.year + 1)),
}
