"""Label Studio: labelling interface, tasks with predictions, and its JSON exports read back.

Checked against label-studio-sdk 2.1.2 and label-studio 1.23.2. Spans count code points, as Python does: the
editor turns offsets of JavaScript's UTF-16 into them on purpose (``charsToCodePoints`` in its
``selection-tools.js``).
"""

from __future__ import annotations

import math
from collections.abc import Iterable, Iterator
from itertools import groupby
from typing import Any
from xml.etree import ElementTree as ET

from responsetag.integrations.annotation.items import Item
from responsetag.taxonomy import Label, Taxonomy
from responsetag.types import Tagging

# Names of the parts of the interface, by which results refer to them.
TEXT, ACTIONS, EVIDENCE = "text", "actions", "evidence"
# What a task carries beside its text. JSON-MIN writes Label Studio's own number over an `id`.
ID, DOCUMENT, DIGEST = "paragraph_id", "document", "text_digest"
# Okabe and Ito's palette without black and yellow, distinct to colour-blind eyes: one for each group.
COLOURS = ("#0072B2", "#D55E00", "#009E73", "#CC79A7", "#56B4E9", "#E69F00")


def label_config(taxonomy: Taxonomy) -> str:
    """The labelling interface as XML, for a project's settings: a box to tick for each label, grouped as in
    the label set, and a marker for the words that show it. Results hold slugs."""
    view = ET.Element("View")
    ET.SubElement(view, "Text", name=TEXT, value="$text", granularity="symbol")
    choices = ET.SubElement(view, "Choices", name=ACTIONS, toName=TEXT, choice="multiple", layout="inline")
    markers = ET.SubElement(view, "Labels", name=EVIDENCE, toName=TEXT, choice="single")
    groups = list(taxonomy.groups)
    # Labels of a group may stand apart in the output order.
    ordered = sorted(taxonomy.labels, key=lambda label: groups.index(label.group) if label.group else -1)
    for group, members in groupby(ordered, key=lambda label: label.group):
        place = groups.index(group) if group else 0
        name = taxonomy.groups.get(group)
        parts = [ET.SubElement(parent, "View") for parent in (choices, markers)]
        for part in parts:
            if name:
                ET.SubElement(part, "Header", value=f"{name.zh} {name.en}", size="6")
        for label in members:
            ET.SubElement(parts[0], "Choice", _attributes(label))
            background = {"background": COLOURS[place % len(COLOURS)]}
            ET.SubElement(parts[1], "Label", _attributes(label) | background)
    ET.indent(view)
    return ET.tostring(view, encoding="unicode") + "\n"


def _attributes(label: Label) -> dict[str, str]:
    names = dict.fromkeys(
        (label.name.zh, label.name.en)
    )  # they are one where a label has no names of its own
    hint = label.definition.zh or label.definition.en
    return {"value": " ".join(names), "alias": label.slug} | ({"hint": hint} if hint else {})


def tasks(items: Iterable[Item]) -> Iterator[dict[str, Any]]:
    """A task for each paragraph, as Label Studio imports them, with a prediction where there is a tagging."""
    for item in items:
        data = {
            "text": item.text,
            ID: item.id,
            DOCUMENT: item.document,
            "paragraph": item.paragraph,
            "start": item.start,
            "end": item.end,
            DIGEST: item.digest,
        }
        yield {"data": data} | ({"predictions": [prediction(item.tagging)]} if item.tagging else {})


def prediction(tagging: Tagging) -> dict[str, Any]:
    """What the model says, as a Label Studio prediction.

    Its score is the probability that all decisions are right, by calibrated scores taken as independent:
    sorted by it, the tasks that the model is least sure about come first. A span has its own score; the
    chosen labels, which Label Studio keeps as one result, have that of the least sure of them.
    """
    result: list[dict[str, Any]] = []
    if tagging.tags:
        chosen = {"choices": [tag.label for tag in tagging.tags]}
        least = min(tag.score for tag in tagging.tags)
        result.append(_region(ACTIONS, ACTIONS, "choices", chosen, least))
    for tag in tagging.tags:
        if span := tag.evidence:
            value = {"start": span.start, "end": span.end, "text": span.text, "labels": [tag.label]}
            result.append(_region(f"{EVIDENCE}-{tag.label}", EVIDENCE, "labels", value, span.score))
    given = set(tagging.labels)
    sure = math.prod(score if label in given else 1 - score for label, score in tagging.scores.items())
    version = f"{tagging.model.name} {tagging.model.version}"
    return {"model_version": version, "score": round(sure, 4), "result": result}


def _region(name: str, control: str, kind: str, value: dict[str, Any], score: float) -> dict[str, Any]:
    return {
        "id": name,
        "from_name": control,
        "to_name": TEXT,
        "type": kind,
        "value": value,
        "score": round(score, 4),
    }
