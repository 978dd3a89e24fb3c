"""The data of a report: what the page shows, as plain JSON."""

from __future__ import annotations

from collections.abc import Sequence
from datetime import date
from typing import Any

import responsetag
from responsetag.report.collect import Collection
from responsetag.report.summary import summarize

LOW = 0.6  # a label below this calibrated score is marked: two in five such are wrong, or more


def make_payload(
    collection: Collection, inputs: Sequence[str], min_score: float | None, today: date
) -> dict[str, Any]:
    """The payload of a finished collection.

    Offsets count characters (code points) of a paragraph's text, from 0, half open.

    Args:
        collection: documents and paragraphs; the numbers of its labels become places in the list of labels.
        inputs: as they were named.
        min_score: that labels were given from where files were tagged now; None for the model's thresholds.
        today: the date of the report.
    """
    labels, groups, places = collection.labels.finished()
    for paragraph in collection.paragraphs:
        for tag in paragraph["tags"]:
            tag["l"] = places[tag["l"]]
    return {
        "run": {
            "date": today.isoformat(),
            "tool": responsetag.__version__,
            "models": collection.models,
            "inputs": list(inputs),
            "min_score": min_score,
            "tagged": collection.tagged,
            "runs": collection.runs,
        },
        "groups": groups,
        "labels": labels,
        "low": LOW,
        "documents": collection.documents,
        "paragraphs": collection.paragraphs,
        "summary": summarize(collection.documents, collection.paragraphs, len(labels)),
    }
