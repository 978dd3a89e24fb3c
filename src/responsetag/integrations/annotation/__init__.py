"""Paragraphs to annotation tools, and finished labels back.

Needs no package of theirs: both Label Studio and doccano read and write JSON.
"""

from __future__ import annotations

from responsetag.integrations.annotation import doccano
from responsetag.integrations.annotation.agreement import Rule, merge
from responsetag.integrations.annotation.answers import Answer, LabelledRow, Span
from responsetag.integrations.annotation.items import Item, make_items
from responsetag.integrations.annotation.labelstudio import label_config, prediction, tasks
from responsetag.integrations.annotation.labelstudio_results import read_annotations

__all__ = [
    "Answer",
    "Item",
    "LabelledRow",
    "Rule",
    "Span",
    "doccano",
    "label_config",
    "make_items",
    "merge",
    "prediction",
    "read_annotations",
    "tasks",
]
