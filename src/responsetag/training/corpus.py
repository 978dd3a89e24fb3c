"""Labelled paragraphs in memory. The sentences of a paragraph, joined, give its text, and their labels its
labels."""

from __future__ import annotations

import hashlib
import json
from collections.abc import Sequence
from dataclasses import dataclass
from functools import cached_property
from typing import Any, NamedTuple

import numpy as np
from numpy.typing import NDArray

from responsetag.training.indicator import indicator


class Sentence(NamedTuple):
    """A sentence and its labels; or a whole paragraph, where only that is labelled."""

    text: str
    labels: tuple[str, ...]


@dataclass(frozen=True, slots=True)
class Row:
    """A paragraph: its sentences, joined, and what else was said of it.

    Attributes:
        document: paragraphs of one resemble each other, so none is judged by a model that saw another.
    """

    sentences: tuple[Sentence, ...]
    id: str | None = None
    document: str | None = None
    genre: str | None = None
    origin: str | None = None

    @property
    def text(self) -> str:
        return "".join(sentence.text for sentence in self.sentences)

    @property
    def labels(self) -> frozenset[str]:
        return frozenset(label for sentence in self.sentences for label in sentence.labels)

    @property
    def digest(self) -> str:
        """SHA-256 of what was given: the same whichever format it stood in."""
        content: dict[str, Any] = {
            key: value
            for key in ("id", "document", "genre", "origin")
            if (value := getattr(self, key)) is not None
        }
        content["sentences"] = [{"text": text, "labels": list(labels)} for text, labels in self.sentences]
        return hashlib.sha256(json.dumps(content, ensure_ascii=False, sort_keys=True).encode()).hexdigest()


@dataclass(frozen=True)
class Corpus:
    """Paragraphs with labelled sentences.

    Attributes:
        rows: one a paragraph, in the order of files and lines.
        labels: the label set, in output order.
        digest: SHA-256 of the rows' content; the order of files and spacing do not matter.
        known: which labels each paragraph was labelled with or without, shape ``(n_paragraphs, n_labels)``;
            all of them where None.
    """

    rows: tuple[Row, ...]
    labels: tuple[str, ...]
    digest: str
    known: NDArray[np.bool_] | None = None

    @classmethod
    def of(cls, rows: Sequence[Row], labels: Sequence[str], known: NDArray[np.bool_] | None = None) -> Corpus:
        """A corpus with its digest."""
        digests = sorted(row.digest for row in rows)
        return cls(tuple(rows), tuple(labels), hashlib.sha256("\n".join(digests).encode()).hexdigest(), known)

    @classmethod
    def from_texts(
        cls,
        texts: Sequence[str],
        labels: Sequence[Sequence[str]],
        label_set: Sequence[str],
        documents: Sequence[str] | None = None,
    ) -> Corpus:
        """Paragraphs that are labelled as a whole.

        Args:
            texts: the paragraphs.
            labels: those of each paragraph, all in ``label_set``.
            label_set: in output order.
            documents: the document of each paragraph; one of its own when None.

        Raises:
            ValueError: lengths differ.
            KeyError: a label is not in ``label_set``; raised where the labels are first used.
        """
        names = documents if documents is not None else [None] * len(texts)
        rows = [
            Row((Sentence(text, tuple(own)),), document=document)
            for text, own, document in zip(texts, labels, names, strict=True)
        ]
        return cls.of(rows, label_set)

    def __len__(self) -> int:
        return len(self.rows)

    def take(self, paragraphs: Sequence[int] | NDArray[np.int64]) -> Corpus:
        """Some of the paragraphs, by their places. The digest stays that of the whole."""
        known = None if self.known is None else self.known[np.asarray(paragraphs, dtype=np.int64)]
        return Corpus(tuple(self.rows[i] for i in paragraphs), self.labels, self.digest, known)

    @cached_property
    def sentences(self) -> list[str]:
        """The sentences of all paragraphs, in order."""
        return [sentence.text for row in self.rows for sentence in row.sentences]

    @cached_property
    def paragraph_of(self) -> NDArray[np.int64]:
        """The paragraph of each sentence, shape ``(n_sentences,)``."""
        return np.repeat(np.arange(len(self)), [len(row.sentences) for row in self.rows])

    @cached_property
    def paragraphs(self) -> list[str]:
        """The text of each paragraph."""
        return [row.text for row in self.rows]

    @cached_property
    def documents(self) -> tuple[str, ...]:
        """The document of each paragraph: the one that it names, or else its id, or else one of its own."""
        return tuple(
            next((name for name in (row.document, row.id) if name is not None), f"row {number}")
            for number, row in enumerate(self.rows, 1)
        )

    @cached_property
    def sentence_labels(self) -> NDArray[np.bool_]:
        """Shape ``(n_sentences, n_labels)``."""
        return indicator([sentence.labels for row in self.rows for sentence in row.sentences], self.labels)

    @cached_property
    def paragraph_labels(self) -> NDArray[np.bool_]:
        """Shape ``(n_paragraphs, n_labels)``: a label of any sentence is one of the paragraph."""
        out = np.zeros((len(self), len(self.labels)), dtype=bool)
        np.logical_or.at(out, self.paragraph_of, self.sentence_labels)
        return out
