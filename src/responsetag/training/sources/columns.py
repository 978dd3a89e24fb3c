"""From a record's columns to a row: which column holds the text, which the labels, which the document."""

from __future__ import annotations

import difflib
import json
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass
from typing import Any

from responsetag.batch.tables import TEXT_COLUMNS
from responsetag.taxonomy import SLUG
from responsetag.training.corpus import Row, Sentence
from responsetag.training.sources.cells import read_labels, read_mark, read_name, unsettled, whole

LABEL_COLUMNS = ("labels", "label", "标签", "类别", "分类", "category")
ID_COLUMNS = ("id", "编号")
DOCUMENT_COLUMNS = ("document", "document_id", "doc_id", "doc", "文档", "文章")
_OTHERS = ("sentences", "genre", "origin")
_SHOWN = 20  # columns that a message names
_ALIKE = 0.5  # from here on a label is taken for a slip of another: one character of two


class MissingColumnError(ValueError):
    """A record has no column of text or of labels."""


@dataclass(frozen=True, slots=True)
class Columns:
    """Which columns to read; found by their names where None.

    Attributes:
        labels: one column of labels, or several columns of 0 and 1, one a label.
    """

    text: str | None = None
    labels: tuple[str, ...] = ()
    id: str | None = None
    document: str | None = None


class RowReader:
    """Makes rows of records.

    Args:
        columns: which were named.
        labels: the label set and what its labels are called in full; any label is taken when None.
        marks: columns of 0 and 1 that were found to be labels.
    """

    def __init__(self, columns: Columns, labels: Mapping[str, str] | None, marks: Sequence[str] = ()) -> None:
        self._columns, self._labels, self._marks = columns, labels, marks
        self.unused: dict[str, None] = {}
        self._meant: dict[str, str] = {}

    def read(self, values: Mapping[str, Any]) -> Row:
        """The row of a record.

        Raises:
            ValueError: every reason why there is none.
        """
        problems = [reason] if (reason := unsettled(values)) else []
        used: dict[str, str | None] = {}

        def name(key: str, given: str | None, looked_for: Sequence[str]) -> str | None:
            used[key] = column = given or next((n for n in looked_for if n in values), None)
            if column is None:  # a column without a name, as an index of pandas has, is none of these
                return None
            try:
                return read_name(values.get(column), column)
            except ValueError as error:
                problems.append(str(error))
                return None

        own = name("id", self._columns.id, ID_COLUMNS)
        document = name("document", self._columns.document, DOCUMENT_COLUMNS)
        genre, origin = name("genre", None, ("genre",)), name("origin", None, ("origin",))
        if "sentences" in values and not self._columns.text:
            sentences = self._sentences(values["sentences"], problems)
            taken: set[str] = {"sentences"}
        else:
            sentences, taken = self._paragraph(values, problems)
        self.unused |= dict.fromkeys(key for key in values if key not in taken and key not in used.values())
        if problems:
            raise ValueError("; ".join(problems))
        return Row(tuple(sentences), own, document, genre, origin)

    def _paragraph(self, values: Mapping[str, Any], problems: list[str]) -> tuple[list[Sentence], set[str]]:
        text = _column(
            values, (self._columns.text,) if self._columns.text else TEXT_COLUMNS, "text", "--text-column"
        )
        marks = self._marks_of(values)
        if marks:
            problems += [
                f"column {column!r} holds {str(values[column])[:20]!r}, not 0 or 1"
                for column in marks
                if read_mark(values[column]) is None
            ]
            labels: Any = [column for column in marks if read_mark(values[column])]
            taken = {text, *marks}
        else:
            column = _column(values, self._columns.labels or LABEL_COLUMNS, "label", "--label-column")
            labels, taken = values[column], {text, column}
        return [self._sentence(values[text], labels, problems)], taken

    def _marks_of(self, values: Mapping[str, Any]) -> list[str]:
        given = self._columns.labels
        if len(given) > 1:
            if missing := [column for column in given if column not in values]:
                raise MissingColumnError(f"no column {', '.join(map(repr, missing))}")
            return list(given)
        if given and given[0] not in (self._labels or ()):
            return []
        if given:
            return [given[0]] if given[0] in values else []
        if any(column in values for column in LABEL_COLUMNS):
            return []
        if self._labels is not None:
            return [slug for slug in self._labels if slug in values]
        return [column for column in self._marks if column in values]

    def _sentences(self, cell: Any, problems: list[str]) -> list[Sentence]:
        if isinstance(cell, str):
            try:
                cell = json.loads(cell)
            except (ValueError, RecursionError) as error:
                raise ValueError(f"'sentences' is not JSON: {error}") from None
        if isinstance(cell, dict) and set(cell) == {"text", "labels"}:  # lists side by side
            if not all(isinstance(part, list) for part in cell.values()):
                raise ValueError("'sentences' must be a list, or hold a list of texts and one of labels")
            if len(cell["text"]) != len(cell["labels"]):
                raise ValueError("'sentences' must have as many labels as texts")
            cell = [{"text": t, "labels": n} for t, n in zip(cell["text"], cell["labels"], strict=True)]
        if not isinstance(cell, list) or not cell:
            problems.append("'sentences' must be a list of one sentence or more")
            return []
        found = []
        for number, sentence in enumerate(cell, 1):
            inner: list[str] = []
            if not isinstance(sentence, dict) or set(sentence) != {"text", "labels"}:
                inner.append("must have just 'text' and 'labels'")
            elif not isinstance(sentence["labels"], list):
                inner.append("'labels' must be a list of names")
            else:
                found.append(self._sentence(sentence["text"], sentence["labels"], inner))
            problems += [f"sentence {number}: {problem}" for problem in inner]
        return found

    def _sentence(self, text: Any, cell: Any, problems: list[str]) -> Sentence:
        if not isinstance(text, str) or not text.strip():
            problems.append("'text' must be a text that is not empty")
            text = ""
        try:
            names = read_labels(cell, self._labels or ())
            whole(text, "text")
        except ValueError as error:
            problems.append(str(error))
            return Sentence("", ())
        if len(set(names)) != len(names):
            problems.append("a label twice")
        if self._labels is None:
            problems += [
                f"label {name[:80]!r} has commas or bars, or more than 64 characters"
                for name in names
                if not SLUG.fullmatch(name)
            ]
        elif unknown := sorted(set(names) - set(self._labels)):
            shown = ", ".join(name + self._nearest(name) for name in unknown)
            problems.append(f"labels not in the label set: {shown}")
        return Sentence(text, tuple(names))

    def _nearest(self, name: str) -> str:
        """What a label was perhaps meant to be; looked for once, as all rows may have the same slip."""
        if name not in self._meant:
            self._meant[name] = self._find_nearest(name)
        return self._meant[name]

    def _find_nearest(self, name: str) -> str:
        full = {title.casefold(): slug for slug, title in (self._labels or {}).items()}
        full |= {slug.casefold(): slug for slug in (self._labels or {})}
        close = difflib.get_close_matches(name.casefold(), full, n=1, cutoff=_ALIKE)
        return f" (is {full[close[0]]} meant?)" if close else ""


def columns_of_marks(records: Iterable[Mapping[str, Any]], columns: Columns) -> list[str]:
    """The columns that hold nothing but 0 and 1, and a 1 somewhere: labels, where no column is called so."""
    reserved = {*TEXT_COLUMNS, *LABEL_COLUMNS, *ID_COLUMNS, *DOCUMENT_COLUMNS, *_OTHERS}
    reserved |= {name for name in (columns.text, columns.id, columns.document) if name}
    found: dict[str, bool] = {}
    for values in records:
        for column, value in values.items():
            if column in reserved:
                continue
            mark = read_mark(value)
            if mark is None:
                reserved.add(column)
                found.pop(column, None)
            else:
                found[column] = found.get(column, False) or mark
    return [column for column, marked in found.items() if marked]


def _column(values: Mapping[str, Any], names: Sequence[str], what: str, option: str) -> str:
    for name in names:
        if name in values:
            return name
    there = ", ".join(str(key)[:40] for key in list(values)[:_SHOWN]) or "none"
    raise MissingColumnError(
        f"no {what} column (looked for {', '.join(names)}); there are: {there}. Name one with {option}"
    )
