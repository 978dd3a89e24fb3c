"""The names of the tag columns, the same in Spark, data frames and datasets."""

from __future__ import annotations

# The tag columns in their order, with what tables say of them.
COMMENTS = {
    "labels": "labels carried, highest score first",
    "scores": "calibrated probability of every label, 0 to 1; null with status error",
    "evidence": "span and words that show each label; offsets in characters from 0",
    "status": "ok, empty or error",
    "message": "what went wrong, with status error",
    "model": "name of the model",
    "model_version": "version of the model",
}


def tag_column_names(*, evidence: bool, prefix: str = "") -> list[str]:
    """The tag columns in their order, with ``prefix`` before each."""
    return [prefix + name for name in COMMENTS if evidence or name != "evidence"]
