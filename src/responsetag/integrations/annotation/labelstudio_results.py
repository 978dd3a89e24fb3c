"""Finished annotations out of Label Studio's JSON and JSON-MIN exports."""

from __future__ import annotations

import json
import os
import re
from collections.abc import Collection, Iterator
from pathlib import Path
from typing import Any

from responsetag.errors import InputError
from responsetag.integrations.annotation.answers import Answer, Span, problem_of
from responsetag.integrations.annotation.labelstudio import ACTIONS, DIGEST, DOCUMENT, EVIDENCE, ID

_NOT_LABELLED = "is not labelled yet"


def read_annotations(path: str | os.PathLike[str], known: Collection[str]) -> Iterator[Answer]:
    """The annotators' answers, task by task: one for each annotation, one for a task without any.

    An annotation that was cancelled (the task was skipped) has status ``skipped``; predictions and results
    of other controls than choices and labels are not looked at.

    Args:
        path: a file that Label Studio exported as JSON or JSON-MIN.
        known: the label set.

    Raises:
        InputError: the file is no such export.
    """
    try:
        tasks = json.loads(Path(path).read_bytes())
    except OSError as error:
        raise InputError(f"{path}: cannot be read: {error.strerror}; check the path") from error
    except (ValueError, RecursionError) as error:
        raise InputError(f"{path}: is not JSON ({error}); export the project as JSON or JSON-MIN") from error
    if not isinstance(tasks, list):
        raise InputError(f"{path}: is not a list of tasks; export the project as JSON or JSON-MIN")
    for number, task in enumerate(tasks, 1):
        where = f"{path}: task {number}"
        if not isinstance(task, dict):
            yield Answer(where, where, where, "", status="error", message="is not an object")
        elif isinstance(task.get("data"), dict):
            yield from _task(task, where, known)
        else:
            yield _least(task, where, known)


def _task(task: dict[str, Any], where: str, known: Collection[str]) -> Iterator[Answer]:
    annotations = task.get("annotations", task.get("completions"))
    if not annotations or not isinstance(annotations, list):
        yield _answer(task["data"], task, where, "", status="skipped", message=_NOT_LABELLED)
        return
    for annotation in annotations:
        if not isinstance(annotation, dict) or not isinstance(annotation.get("result", []), list):
            yield _answer(task["data"], task, where, "", status="error", message="has a broken annotation")
            continue
        who = _annotator(annotation.get("completed_by"))
        if annotation.get("was_cancelled") or annotation.get("skipped"):
            yield _answer(task["data"], task, where, who, status="skipped", message="was skipped")
            continue
        try:
            labels, spans = _results(annotation.get("result", []), task["data"].get("text"))
        except (KeyError, TypeError, ValueError) as error:
            message = f"has a result that cannot be read ({error}); label it again"
            yield _answer(task["data"], task, where, who, status="error", message=message)
            continue
        yield _judged(task["data"], task, where, who, labels, spans, known)


def _least(row: dict[str, Any], where: str, known: Collection[str]) -> Answer:
    """The answer of a JSON-MIN row, which has no skipped tasks, and one chosen label as a bare text."""
    who = _annotator(row.get("annotator"))
    if row.get("annotation_id") is None:
        return _answer(row, row, where, who, status="skipped", message=_NOT_LABELLED)
    chosen = row.get(ACTIONS, [])
    chosen = chosen.get("choices") if isinstance(chosen, dict) else chosen
    results = [{"type": "choices", "value": {"choices": [chosen] if isinstance(chosen, str) else chosen}}]
    try:
        results += [{"type": "labels", "value": value} for value in row.get(EVIDENCE, [])]
        labels, spans = _results(results, row.get("text"))
    except (KeyError, TypeError, ValueError) as error:
        message = f"has a result that cannot be read ({error}); label it again"
        return _answer(row, row, where, who, status="error", message=message)
    return _judged(row, row, where, who, labels, spans, known)


def _results(results: list[Any], text: object) -> tuple[tuple[str, ...], tuple[Span, ...]]:
    labels: list[str] = []
    spans: list[Span] = []
    for result in results:
        if not isinstance(result, dict) or not isinstance(value := result.get("value"), dict):
            raise TypeError(f"{result!r} is no result")
        kind = result.get("type")
        if kind == "choices":
            labels += _names(value["choices"])
        elif kind == "labels":
            start, end = value["start"], value["end"]
            if type(start) is not int or type(end) is not int:
                raise ValueError(f"span {start!r} to {end!r}")
            marked = value.get("text")
            if isinstance(text, str) and isinstance(marked, str) and _bare(marked) != _bare(text[start:end]):
                raise ValueError(f"span {start} to {end} is not {marked[:40]!r} in the text")
            spans += [Span(start, end, label) for label in _names(value["labels"])]
    return tuple(dict.fromkeys(labels)), tuple(dict.fromkeys(spans))


def _names(names: object) -> list[str]:
    if not isinstance(names, list) or not all(isinstance(name, str) for name in names):
        raise ValueError(f"labels {names!r}")
    return names


def _bare(text: str) -> str:
    r"""Text without white space: the editor writes line ends in what was marked as ``\n`` in two letters."""
    return re.sub(r"\s|\\n", "", text)


def _annotator(who: object) -> str:
    if isinstance(who, dict):
        who = who.get("email") or who.get("id")
    return "" if who is None else str(who)


def _judged(
    data: dict[str, Any],
    task: dict[str, Any],
    where: str,
    who: str,
    labels: tuple[str, ...],
    spans: tuple[Span, ...],
    known: Collection[str],
) -> Answer:
    problem = problem_of(data.get("text"), data.get(DIGEST), labels, spans, known)
    if problem:
        return _answer(data, task, where, who, status="error", message=problem)
    return _answer(data, task, where, who, labels=labels, spans=spans)


def _answer(data: dict[str, Any], task: dict[str, Any], where: str, who: str, **rest: Any) -> Answer:
    own = data.get(ID)
    name = own if isinstance(own, str) and own else f"task {task.get('id', where)}"
    document = data.get(DOCUMENT)
    text = data.get("text")
    return Answer(
        where,
        name,
        document if isinstance(document, str) and document else name,
        text if isinstance(text, str) else "",
        who,
        **rest,
    )
