"""Records of a data set that Hugging Face ``datasets`` wrote with ``save_to_disk``."""

from __future__ import annotations

from collections.abc import Iterator
from pathlib import Path
from typing import Any

from responsetag.batch.tables import Record
from responsetag.errors import InputError, MissingExtraError

_MARKS = ("dataset_dict.json", "dataset_info.json")


def is_saved(path: Path) -> bool:
    """Whether a folder is such a data set, of one split or several."""
    return any((path / mark).is_file() for mark in _MARKS)


def read_saved(path: Path) -> Iterator[Record]:
    """A record a row, splits one after another; label numbers become names.

    Raises:
        InputError: it is damaged.
        MissingExtraError: ``datasets`` is not installed.
    """
    try:
        import datasets
    except ImportError as error:
        raise MissingExtraError("datasets", "train", f"{path}: reading a saved data set") from error
    try:
        found = datasets.load_from_disk(str(path))
    except (OSError, ValueError, KeyError, TypeError, RuntimeError) as error:
        raise InputError(f"{path}: cannot be read as a saved data set ({error}); save it again") from error
    splits = found if isinstance(found, datasets.DatasetDict) else {"": found}
    for split, rows in splits.items():
        features = rows.features
        for number, values in enumerate(rows, 1):
            where = f"{path}[{split}]:{number}" if split else f"{path}:{number}"
            yield Record(number, where, {key: named(value, features[key]) for key, value in values.items()})


def named(value: Any, feature: Any) -> Any:
    """A value in which numbers of a ``ClassLabel`` are names; -1, which stands for no label, is None.

    Args:
        feature: what ``datasets`` says of the column; None where nothing is known.
    """
    if value is None or feature is None:
        return value
    if hasattr(feature, "int2str"):
        if not isinstance(value, int):
            return value
        return feature.int2str(value) if value >= 0 else None
    if isinstance(feature, dict):
        return {key: named(inner, feature.get(key)) for key, inner in value.items()}
    inner = getattr(feature, "feature", feature[0] if isinstance(feature, list) else None)
    if isinstance(value, list):
        return [named(item, inner) for item in value]
    return value
