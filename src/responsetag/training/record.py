"""Figures measured apart from training, kept with the recipe of the model they belong to.

The sets that they were measured on need not be part of the project; the figures are, so that a card
made from the data alone can show them.
"""

from __future__ import annotations

import datetime as dt
import json
import os
from pathlib import Path
from typing import Any

from responsetag.batch.writers import atomic_output
from responsetag.errors import InputError
from responsetag.training.evaluation import Evaluation


def read_records(path: str | os.PathLike[str], recipe: str) -> list[dict[str, Any]]:
    """What was measured of the model with this recipe (``Manifest.recipe``), oldest first."""
    rows: list[dict[str, Any]] = _content(path).get(recipe, [])
    return rows


def _content(path: str | os.PathLike[str]) -> dict[str, Any]:
    file = Path(path)
    if not file.exists():
        return {}
    try:
        content = json.loads(file.read_text(encoding="utf-8"))
    except (OSError, ValueError) as error:
        raise InputError(f"{file}: cannot be read as records of evaluation: {error}") from error
    if not isinstance(content, dict):
        raise InputError(f"{file}: holds no records of evaluation; name another file")
    return content


def add_record(
    path: str | os.PathLike[str], recipe: str, model: str, measured_on: str, evaluation: Evaluation
) -> None:
    """Note an evaluation; one of the same model on the same set takes its place.

    Args:
        model: name and version, for readers.
        measured_on: what the set is.
    """
    content = _content(path)
    rows = [row for row in content.get(recipe, []) if row["set"] != measured_on]
    date = dt.datetime.now(tz=dt.UTC).date().isoformat()
    rows.append({"set": measured_on, "date": date, "model": model, **evaluation.summary()})
    content[recipe] = rows
    with atomic_output(path) as out:
        out.write(json.dumps(content, ensure_ascii=False, indent=2) + "\n")
