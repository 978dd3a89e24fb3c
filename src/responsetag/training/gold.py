"""Labelled paragraphs to judge a model by, in any of the formats that training takes.

A row may name its ``document``; or its ``id`` does, up to the last hyphen and number (``news-12-3`` is
paragraph 3 of ``news-12``; ``row-3`` stands alone). A row with neither is a document of its own.
"""

from __future__ import annotations

import os
import re
from collections.abc import Sequence
from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray

from responsetag.errors import CorpusError, InputError
from responsetag.tagger import Tagger
from responsetag.training.evaluation import Judged
from responsetag.training.indicator import indicator
from responsetag.training.sources.columns import Columns, RowReader
from responsetag.training.sources.files import corpus_files, read_records


@dataclass(frozen=True)
class Gold:
    """Labelled paragraphs.

    Attributes:
        texts: the paragraphs.
        true: their labels, shape ``(n_texts, n_labels)``.
        documents: the document of each.
        lines: the row of each in its file, from 1; in JSONL its line.
        problems: rows that cannot be used, and why.
    """

    texts: list[str]
    true: NDArray[np.bool_]
    documents: list[str]
    lines: list[int]
    problems: list[str]

    @property
    def repeated(self) -> int:
        """Rows whose text a row of another document before them has: copies, that tell nothing new."""
        first: dict[str, str] = {}
        pairs = zip(self.texts, self.documents, strict=True)
        return sum(first.setdefault(text.strip(), document) != document for text, document in pairs)


def read_gold(path: str | os.PathLike[str], known: Sequence[str]) -> Gold:
    """Read the rows of a file, folder or saved data set.

    Args:
        known: the labels, in the order of columns.

    Raises:
        InputError: the file cannot be read, or no row can be used.
    """
    try:
        records = read_records(corpus_files(path))
        reader = RowReader(Columns(), {label: label for label in known})
        texts, labels, documents, used, problems = [], [], [], [], []
        for record in records:
            if record.error is not None or record.fields is None:
                problems.append(f"{record.where}: {record.error}")
                continue
            try:
                row = reader.read(record.fields)
            except ValueError as error:
                problems.append(f"{record.where}: {error}")
                continue
            texts.append(row.text)
            labels.append(sorted(row.labels))
            documents.append(document_of(row.document, row.id, record.where))
            used.append(record.number)
    except CorpusError as error:
        raise InputError(str(error)) from error
    if not texts:
        shown = "\n".join(problems[:5]) or "it is empty"
        raise InputError(f"{path}: holds no row that can be used:\n{shown}")
    return Gold(texts, indicator(labels, known), documents, used, problems)


def judge_gold(tagger: Tagger, gold: Gold) -> Judged:
    """What ``tagger`` says of the paragraphs."""
    scores = tagger.predict_proba(gold.texts)
    return Judged(gold.true, scores, tagger.decide(scores), tuple(gold.documents))


def document_of(document: str | None, own_id: str | None, where: object) -> str:
    """The document that a row of a table is from: the one it names, or that its id names; else itself."""
    if document:
        return document
    found = re.fullmatch(r"(.+-.+)-\d+", own_id or "", re.DOTALL)
    return found[1] if found else own_id or f"row {where}"
