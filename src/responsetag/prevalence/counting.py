"""Counting what a model says of files: texts, which are tagged, or finished runs, which are read."""

from __future__ import annotations

import os
from collections.abc import Callable, Iterable, Iterator, Sequence
from itertools import islice
from pathlib import Path
from typing import NamedTuple

import numpy as np
from numpy.typing import NDArray

from responsetag.batch.compression import split_suffix
from responsetag.batch.finished import is_finished_run, read_finished
from responsetag.batch.finished_rows import FinishedRow, is_score
from responsetag.batch.inputs import Finder, Input
from responsetag.batch.rows import read_inputs
from responsetag.batch.tagging import tag_rows
from responsetag.errors import InputError
from responsetag.prevalence.collection import By, Collection, Counter
from responsetag.tagger import Tagger
from responsetag.text.reading import TABLE_SUFFIXES
from responsetag.training.gold import document_of

_ROWS = 1024
_ROUNDED = 0.5001e-4  # what rounding to four places moves a score by


class Counted(NamedTuple):
    """A collection, and rows that are not part of it.

    Attributes:
        collection: the sums.
        empty: rows without words.
        failures: rows that could not be read or tagged.
    """

    collection: Collection
    empty: int
    failures: int


class _Row(NamedTuple):
    """A row that can be counted: its document, the scores, and the labels that its run gave, if any."""

    document: str
    scores: Sequence[float]
    labels: Sequence[str] | None


def count_files(
    inputs: Sequence[str | os.PathLike[str]],
    tagger: Tagger,
    *,
    by: By = "paragraph",
    column: str | None = None,
    encoding: str | None = None,
    output: str | os.PathLike[str] | None = None,
    say: Callable[[str], None] = lambda _: None,
) -> Counted:
    """Count labels in files.

    Rows of a table are from the document that their ``id`` names, as in gold rows (``news-12-3`` is of
    ``news-12``), and documents of their own where there is none.

    Args:
        inputs: files, folders, globs and ``-``, as ``tag`` takes them; and runs that ``tag`` has written as
            JSONL or Parquet, which are not tagged again. Labels are given by the model's thresholds, whatever
            ``--min-score`` a run had.
        by: what is counted.
        column, encoding: of texts, see :func:`responsetag.batch.run.tag_files`.
        output: a file that is written, so that no folder or glob gives it as an input.
        say: is told what people should know.

    Raises:
        InputError: a run is by another model, or is CSV, which has no scores of labels that were not given.
    """
    counter = Counter(len(tagger.labels), by)
    counting = _Counting(tagger, column, say)
    finder = Finder(None if output is None else Path(output).resolve(), say)
    rows = counting.rows(finder.find([os.fspath(path) for path in inputs]), encoding)
    while chunk := list(islice(rows, _ROWS)):
        scores = np.array([row.scores for row in chunk])
        counter.add([row.document for row in chunk], counting.decide(chunk, scores), scores)
    if counting.other_labels:
        say(
            f"{counting.other_labels} rows have labels by another score (--min-score); thresholds decide here"
        )
    return Counted(counter.collection(), counting.empty, counting.failures)


class _Counting:
    """The rows of inputs, and how many cannot be counted."""

    def __init__(self, tagger: Tagger, column: str | None, say: Callable[[str], None]) -> None:
        self._tagger, self._column, self._say = tagger, column, say
        self._thresholds = np.array([tagger.thresholds[label] for label in tagger.labels])
        self.empty = self.failures = self.other_labels = 0

    def rows(self, inputs: Iterable[Input], encoding: str | None) -> Iterator[_Row]:
        for item in inputs:
            if is_finished_run(item, self._column, encoding):
                yield from self._of_run(item.path, encoding)
            else:
                yield from self._tagged(item, encoding)

    def decide(self, rows: Sequence[_Row], scores: NDArray[np.float64]) -> NDArray[np.bool_]:
        """Labels by the thresholds; where rounding hides on which side a run's score lay, its own."""
        decided = self._tagger.decide(scores)
        near = np.abs(scores - self._thresholds) <= _ROUNDED
        for i, row in enumerate(rows):
            if row.labels is None:
                continue
            given = np.isin(self._tagger.labels, row.labels)
            self.other_labels += bool((given != decided[i])[~near[i]].any())
            decided[i] = np.where(near[i], given, decided[i])
        return decided

    def _tagged(self, item: Input, encoding: str | None) -> Iterator[_Row]:
        rows = read_inputs([item], column=self._column, encoding=encoding)
        for output in tag_rows(self._tagger, rows, evidence=False):
            row = output.row
            if output.message:
                self._say(output.message)
            if output.tagging is None:
                self.failures += 1
            elif output.status == "empty":
                self.empty += 1
            else:
                document = self._document(row.document, row.id, row.paragraph)
                yield _Row(document, output.tagging.scores.probabilities, None)

    def _of_run(self, path: str, encoding: str | None) -> Iterator[_Row]:
        if split_suffix(path)[0] == ".csv":
            raise InputError(
                f"{path}: is a run written as CSV, which keeps only the scores of given labels; write it as "
                ".jsonl or .parquet, or name the texts themselves"
            )
        for row in read_finished(path, encoding):
            if row.status == "error":
                self.failures += 1
                self._say(row.message or f"{row.where}: failed in the run")
                continue
            if not all(map(is_score, row.scores.values())):
                self.failures += 1
                self._say(f"{row.where}: is no row of a run (a score is not 0 to 1); mend it")
                continue
            self._check(path, row)
            if row.status == "empty":
                self.empty += 1
            else:
                document = self._document(row.document, row.id, row.paragraph)
                yield _Row(document, [row.scores[label] for label in self._tagger.labels], list(row.names))

    def _check(self, path: str, row: FinishedRow) -> None:
        info = self._tagger.info
        if row.model != (info.name, info.version):
            raise InputError(
                f"{path}: {row.document}:{row.paragraph} was tagged by {' '.join(row.model or ())}, not "
                f"by {info.name} {info.version}; name that model by --model, or tag the texts again"
            )
        if row.scores.keys() != set(self._tagger.labels):
            raise InputError(
                f"{path}: {row.document}:{row.paragraph} has scores of other labels than {info.name}"
            )

    def _document(self, document: str, own_id: str | None, number: int) -> str:
        table = split_suffix(document)[0] in TABLE_SUFFIXES or (document == "-" and self._column)
        return f"{document}: {document_of(None, own_id, number)}" if table else document
