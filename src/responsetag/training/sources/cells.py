"""What a cell says: labels, yes or no, a name."""

from __future__ import annotations

import ast
import json
import math
import re
from collections.abc import Collection, Mapping, Sequence
from typing import Any

_SEPARATORS = re.compile(r"[,;|，；、\n]")
_MARKS = {
    "1": True,
    "true": True,
    "yes": True,
    "是": True,
    "0": False,
    "false": False,
    "no": False,
    "否": False,
}
_MARKS |= {"1.0": True, "0.0": False, "": False}
# numpy has no commas between items, and Python would join what stands in quotes side by side.
_BETWEEN_QUOTES = re.compile(r"(?<=['\"])\s+(?=['\"])")
_UNSETTLED = ("skipped", "conflict", "error")
_SURROGATE = re.compile("[\ud800-\udfff]")


def read_labels(cell: Any, known: Collection[str] = ()) -> list[str]:
    """The labels that a cell names: a list; a name or number; or text with several of them, parted by
    commas, semicolons or bars, Chinese or not, or written as a list. Spaces in a name become ``_``.

    Args:
        known: names that are never parted.

    Raises:
        ValueError: it holds something else.
    """
    if isinstance(cell, str):
        content = cell.strip()
        if _name(content) in known:
            return [_name(content)]
        if content.startswith("["):
            return read_labels(_written_list(content), known)
        return [_name(part) for part in _SEPARATORS.split(content) if part.strip()]
    if cell is None or (isinstance(cell, float) and math.isnan(cell)):
        return []
    if isinstance(cell, Sequence) and not isinstance(cell, bytes):
        return [name for item in cell for name in _item(item)]
    return _item(cell)


def _item(item: Any) -> list[str]:
    """A name in a list, which may hold any character; None stands for none."""
    if item is None:
        return []
    if isinstance(item, float) and item.is_integer():
        item = int(item)
    if isinstance(item, bool) or not isinstance(item, str | int):
        raise ValueError(f"a label must be a name, not {type(item).__name__}")  # noqa: TRY004 - one kind is caught
    if not str(item).strip():
        raise ValueError("a label is empty")
    return [_name(str(item))]


def _name(text: str) -> str:
    return "_".join(text.split())


def _written_list(content: str) -> list[Any]:
    """A list as JSON, Python or numpy writes it: pandas puts lists and arrays into CSV like that."""
    for read in (json.loads, lambda text: ast.literal_eval(_BETWEEN_QUOTES.sub(", ", text))):
        try:
            found = read(content)
        except (ValueError, SyntaxError, RecursionError, MemoryError):
            continue
        if isinstance(found, list):
            return found
    raise ValueError(f"{content[:40]!r} is no list; mend the brackets and quotation marks")


def read_mark(cell: Any) -> bool | None:
    """Whether a cell of a label's own column says that the row carries it; None where it says neither."""
    if cell is None or (isinstance(cell, float) and math.isnan(cell)):
        return False
    return _MARKS.get(str(cell).strip().lower())


def read_name(cell: Any, column: str) -> str | None:
    """An id, a document, a genre: a text or whole number; None where the cell is empty.

    Raises:
        ValueError: it holds something else, or half a character.
    """
    if cell is None or (isinstance(cell, float) and math.isnan(cell)):
        return None
    if isinstance(cell, float) and cell.is_integer():
        cell = int(cell)
    if isinstance(cell, bool) or not isinstance(cell, str | int):
        raise ValueError(f"'{column}' must be a text or a whole number, not {type(cell).__name__}")  # noqa: TRY004 - as above
    return whole(str(cell).strip(), column) or None


def unsettled(row: Mapping[str, Any]) -> str | None:
    """Why a row that ``annotate import`` wrote has no labels to go by; None for all others."""
    if "annotators" not in row or row.get("status") not in _UNSETTLED:
        return None
    return f"is not labelled (status {row['status']}); label it, or leave it out"


def whole(text: str, column: str) -> str:
    """The text, if it has no half of a surrogate pair, which no file can hold."""
    if _SURROGATE.search(text):
        raise ValueError(f"'{column}' has half a character (a lone surrogate); mend the row")
    return text
