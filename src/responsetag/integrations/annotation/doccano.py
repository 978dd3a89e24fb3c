"""doccano: label types, JSONL for its three kinds of text projects, and its JSONL exports read back.

Checked against doccano 1.8.4. Its editor counts spans in JavaScript's UTF-16 code units, of which a character
beyond U+FFFF has two; here they are turned into characters and back. In projects that count grapheme clusters
(an option that is off unless chosen) offsets mean something else, and spans come back displaced.
"""

from __future__ import annotations

import json
import os
import string
from collections.abc import Collection, Iterable, Iterator
from pathlib import Path
from typing import Any, Literal

from responsetag.errors import InputError
from responsetag.integrations.annotation.answers import Answer, Span, problem_of
from responsetag.integrations.annotation.items import Item
from responsetag.integrations.annotation.labelstudio import COLOURS
from responsetag.taxonomy import Taxonomy

Task = Literal["labels", "spans", "both"]
# doccano's project types, and the columns that hold labels and spans in each.
PROJECTS: dict[Task, str] = {
    "labels": "DocumentClassification",
    "spans": "SequenceLabeling",
    "both": "IntentDetectionAndSlotFilling",
}
_DIGEST = "text_digest"
_KEYS = string.digits[1:] + "0" + string.ascii_lowercase


def label_types(taxonomy: Taxonomy) -> list[dict[str, Any]]:
    """The label types, as doccano imports them from a JSON file: the slug with the Chinese name behind it."""
    groups = list(taxonomy.groups)
    types = []
    for place, label in enumerate(taxonomy.labels):
        colour = COLOURS[groups.index(label.group) % len(COLOURS)] if label.group else COLOURS[0]
        types.append(
            {
                "text": _shown(label.slug, label.name.zh),
                "prefixKey": None,
                "suffixKey": _KEYS[place] if place < len(_KEYS) else None,
                "backgroundColor": colour,
                "textColor": "#ffffff",
            }
        )
    return types


def rows(items: Iterable[Item], taxonomy: Taxonomy, task: Task = "labels") -> Iterator[dict[str, Any]]:
    """A row for each paragraph, as doccano imports JSONL, with the model's labels where it has a tagging."""
    shown = {label.slug: _shown(label.slug, label.name.zh) for label in taxonomy.labels}
    for item in items:
        tags = item.tagging.tags if item.tagging else ()
        names = [shown[tag.label] for tag in tags]
        place = _units(item.text)
        spans = [
            [place[tag.evidence.start], place[tag.evidence.end], shown[tag.label]]
            for tag in tags
            if tag.evidence
        ]
        columns: dict[Task, dict[str, Any]] = {
            "labels": {"label": names},
            "spans": {"label": spans},
            "both": {"cats": names, "entities": spans},
        }
        yield {
            "text": item.text,
            **columns[task],
            "id": item.id,
            "document": item.document,
            _DIGEST: item.digest,
        }


def read_annotations(path: str | os.PathLike[str], known: Collection[str]) -> Iterator[Answer]:
    """The rows of a JSONL export, one answer each, of any of the three kinds of projects.

    doccano does not say which rows somebody has looked at: export approved ones only. Where a project has
    spans only, a row's labels are those of its spans.

    Args:
        path: a file of the archive that doccano exported: ``all.jsonl``, or one annotator's.
        known: the label set.

    Raises:
        InputError: the file cannot be read.
    """
    try:
        lines = Path(path).read_bytes().splitlines()
    except OSError as error:
        raise InputError(f"{path}: cannot be read: {error.strerror}; check the path") from error
    for number, line in enumerate(lines, 1):
        if not line.strip():
            continue
        where = f"{path}:{number}"
        try:
            row = json.loads(line)
            if not isinstance(row, dict):
                raise TypeError("is not an object")  # noqa: TRY301 - it is a row as broken as others
        except (TypeError, ValueError, RecursionError) as error:
            message = f"is no row of doccano ({error}); export the project as JSONL"
            yield Answer(where, where, where, "", status="error", message=message)
            continue
        yield _answer(row, where, Path(path).stem, known)


def _answer(row: dict[str, Any], where: str, annotator: str, known: Collection[str]) -> Answer:
    name = str(row["id"]) if row.get("id") is not None else where
    document = row["document"] if isinstance(row.get("document"), str) else name
    text = row["text"] if isinstance(row.get("text"), str) else ""
    head = Answer(where, name, document, text, annotator)
    try:
        labels, spans = _marks(row, text)
    except (KeyError, TypeError, ValueError) as error:
        return _with(head, "error", f"has a label that cannot be read ({error}); label it again")
    if problem := problem_of(row.get("text"), row.get(_DIGEST), labels, spans, known):
        return _with(head, "error", problem)
    comments = row.get("Comments") or []
    said = f"comment: {'; '.join(map(str, comments))}" if isinstance(comments, list) and comments else None
    return Answer(where, name, document, text, annotator, labels, spans, "ok", said)


def _with(head: Answer, status: Literal["error"], message: str) -> Answer:
    return Answer(head.where, head.id, head.document, head.text, head.annotator, (), (), status, message)


def _marks(row: dict[str, Any], text: str) -> tuple[tuple[str, ...], tuple[Span, ...]]:
    found = row.get("label", row.get("cats"))
    marks = row.get("entities", [])
    if found is None and "entities" not in row:
        raise ValueError("there is no 'label', 'cats' or 'entities'")
    found = found or []
    if found and not all(isinstance(name, str) for name in found):  # a project of spans
        marks, found = found, None
    characters = {unit: place for place, unit in enumerate(_units(text))}
    spans = tuple(sorted({_span(mark, characters) for mark in marks}))
    if found is None or ("cats" not in row and "entities" in row):
        found = [span.label for span in spans]
    return tuple(dict.fromkeys(_slug(name) for name in found)), spans


def _span(mark: Any, characters: dict[int, int]) -> Span:
    if isinstance(mark, dict):
        mark = [mark["start_offset"], mark["end_offset"], mark["label"]]
    start, end, label = mark
    if start not in characters or end not in characters:
        raise ValueError(f"span {start!r} to {end!r} does not begin and end between characters of the text")
    return Span(characters[start], characters[end], _slug(label))


def _units(text: str) -> list[int]:
    """The place of each character, and of the end, in UTF-16 code units."""
    places = [0]
    for character in text:
        places.append(places[-1] + (2 if ord(character) > 0xFFFF else 1))
    return places


def _shown(slug: str, name: str) -> str:
    return f"{slug} {name}"[:100] if name != slug else slug  # doccano keeps 100 characters


def _slug(shown: object) -> str:
    if not isinstance(shown, str):
        raise TypeError(f"{shown!r} is no label")
    # A slug has no space.
    return shown.split(" ", 1)[0]
