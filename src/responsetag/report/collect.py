"""Documents and paragraphs of a report, from files that are tagged now and from finished runs."""

from __future__ import annotations

from collections.abc import Callable, Iterable
from datetime import date
from itertools import groupby
from operator import itemgetter
from typing import Any

from responsetag.batch.compression import split_suffix
from responsetag.batch.finished import is_finished_run
from responsetag.batch.formats import STEPS, score_steps
from responsetag.batch.inputs import Input
from responsetag.batch.rows import read_inputs
from responsetag.batch.tagging import OutputRow, tag_rows
from responsetag.report.labels import LabelList
from responsetag.report.metadata import Metadata, of_html, of_text
from responsetag.report.rows import ReportRow, Shown, evidence_of
from responsetag.report.runs import read_run
from responsetag.tagger import Tagger
from responsetag.text.reading import TABLE_SUFFIXES


class Collection:
    """What a report shows, in the form of its payload.

    Args:
        latest: later dates are none.
        say: is told of each failure and warning.

    Attributes:
        documents: ``{"name", "title", "date", "failed"}``.
        paragraphs: ``{"d", "n", "id", "s", "t", "st", "m", "mo", "tags"}``.
        models: ``{"name", "version", "digest"}``, each once; the digest is None for a finished run.
        labels: of all models.
        tagged, runs: whether files were tagged now, and whether there were finished runs.
    """

    def __init__(self, latest: date, say: Callable[[str], None]) -> None:
        self.documents: list[dict[str, Any]] = []
        self.paragraphs: list[dict[str, Any]] = []
        self.models: list[dict[str, str | None]] = []
        self.labels = LabelList()
        self.tagged = self.runs = False
        self._latest, self._say = latest, say
        self._tables: set[int] = set()

    def add_tagged(
        self, item: Input, tagger: Tagger, rows: Iterable[OutputRow], encoding: str | None
    ) -> None:
        """The rows of a file that were tagged now."""
        self.tagged = True
        model = self._model(tagger.info.as_dict())
        self.labels.add_model(tagger.labels, tagger.names)
        known: dict[str, int] = {}
        for row in rows:
            self._add(known, shown_row(row), model)
        if item.error is None and known:
            title, day = of_html(item.path, encoding, self._latest)
            self.documents[known[item.path]] |= {"title": title, "date": day}

    def add_run(self, path: str, encoding: str | None) -> None:
        """The rows of a finished run."""
        self.runs = True
        known: dict[str, int] = {}
        for row, model, labels in read_run(path, encoding):
            named = model and self._model({"name": model[0], "version": model[1], "digest": None})
            if labels:
                self.labels.add_model(labels)
            self._add(known, row, named)

    def finish(self) -> None:
        """Put the paragraphs of each document together, and look for titles and dates in their text."""
        self.paragraphs.sort(key=itemgetter("d"))
        for index, paragraphs in groupby(self.paragraphs, key=itemgetter("d")):
            document = self.documents[index]
            if index not in self._tables and None in (document["title"], document["date"]):
                texts = [paragraph["t"] for paragraph in paragraphs]
                self._describe(document, of_text(texts, document["name"], self._latest))

    def _describe(self, document: dict[str, Any], found: Metadata) -> None:
        document["title"] = document["title"] or found.title
        document["date"] = document["date"] or found.date

    def _model(self, model: dict[str, str | None]) -> int:
        """The place of a model among ``models``."""
        if model not in self.models:
            self.models.append(model)
        return self.models.index(model)

    def _add(self, known: dict[str, int], row: ReportRow, model: int | None) -> None:
        """Add a row to its document; ``known`` has the documents of this file or run."""
        if row.document not in known:
            known[row.document] = len(self.documents)
            self.documents.append({"name": row.document, "title": None, "date": None, "failed": None})
            if split_suffix(row.document)[0] in TABLE_SUFFIXES:
                self._tables.add(known[row.document])
        index = known[row.document]
        # Paragraphs of a page follow each other in its text; rows of a table each begin with their cell.
        if row.paragraph > 1 and row.start == 0:
            self._tables.add(index)
        if row.message:
            self._say(row.message)
        if row.paragraph == 0 and row.status == "empty":
            return  # a document without paragraphs
        if row.paragraph == 0 and row.status == "error":
            self.documents[index]["failed"] = row.message
        tags = [
            {"l": self.labels.number(label, name), "p": score, "e": evidence}
            for label, name, score, evidence in row.shown
        ]
        self.paragraphs.append(
            {
                "d": index,
                "n": row.paragraph,
                "id": row.id,
                "s": row.start,
                "t": row.text,
                "st": row.status,
                "m": row.message,
                "mo": model,
                "tags": tags,
            }
        )


def collect(
    collection: Collection,
    inputs: Iterable[Input],
    load: Callable[[], Tagger],
    *,
    column: str | None,
    encoding: str | None,
    min_score: float | None,
) -> None:
    """Read inputs one after another: runs as they are, all else through the model.

    Args:
        collection: is filled.
        inputs: the files.
        load: gives the model; not called where there are only runs.
        column, encoding, min_score: as for :func:`responsetag.report.write_report`.
    """
    for item in inputs:
        if is_finished_run(item, column, encoding):
            collection.add_run(item.path, encoding)
        else:
            tagger = load()
            rows = read_inputs([item], column=column, encoding=encoding)
            collection.add_tagged(item, tagger, tag_rows(tagger, rows, min_score=min_score), encoding)
    collection.finish()


def shown_row(output: OutputRow) -> ReportRow:
    """A row that was tagged now, with scores as a run would write them."""
    row, tagging, error = output
    if tagging is None:
        return ReportRow(row.document, row.paragraph, message=error, id=row.id)
    steps = dict(zip(tagging.scores, score_steps([output])[0], strict=True))
    shown = tuple(
        Shown(
            tag.label,
            tag.name,
            steps[tag.label] / STEPS,
            evidence_of(tag.evidence.as_dict(), 0, len(row.text)) if tag.evidence else None,
        )
        for tag in tagging.tags
    )
    return ReportRow(
        row.document, row.paragraph, row.start, row.text, tagging.status, row.warning, shown, row.id
    )
