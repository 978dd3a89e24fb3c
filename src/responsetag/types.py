"""What tagging returns. Everything is frozen; ``as_dict()`` gives plain data for JSON."""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from dataclasses import dataclass, replace
from typing import Any, Literal, NamedTuple

import numpy as np
from numpy.typing import NDArray

Status = Literal["ok", "empty", "error"]
# The figures of a span and of a word in it, in the order of columns.
FIGURES = {"span": ("score", "base", "rest"), "word": ("weight", "share")}


@dataclass(frozen=True, slots=True, eq=False)
class Scores(Mapping[str, float]):
    """Calibrated probability by label, in the model's order: a dictionary that cannot be changed.

    Attributes:
        labels: the slugs.
        probabilities: one a label, each 0 to 1.
    """

    labels: tuple[str, ...]
    probabilities: tuple[float, ...]

    def __getitem__(self, label: str) -> float:
        try:
            return self.probabilities[self.labels.index(label)]
        except ValueError:
            raise KeyError(label) from None

    def __hash__(self) -> int:
        return hash((self.labels, self.probabilities))

    def __iter__(self) -> Iterator[str]:
        return iter(self.labels)

    def __len__(self) -> int:
        return len(self.labels)


@dataclass(frozen=True, slots=True)
class ModelInfo:
    """Which model made a result.

    Attributes:
        name: for example ``zh-response``.
        version: its semantic version.
        digest: SHA-256 of its manifest, which holds those of all its files.
        path: its directory.
    """

    name: str
    version: str
    digest: str
    path: str

    def as_dict(self) -> dict[str, Any]:
        """Name, version and digest; the path belongs to the machine, not to the result."""
        return {"name": self.name, "version": self.version, "digest": self.digest}


class TermWeights(NamedTuple):
    """TF-IDF vectors of length 1, of several texts, as the numbers in them that are not 0; shapes ``(n,)``.

    Attributes:
        row: the text of each, non-decreasing.
        feature: its feature.
        weight: positive.
    """

    row: NDArray[np.int64]
    feature: NDArray[np.int64]
    weight: NDArray[np.float64]


@dataclass(frozen=True, slots=True)
class WordWeight:
    """A word of an evidence span and what it added to the label's score.

    Attributes:
        start, end: its place in the original text, in characters.
        text: the word as the model read it (Simplified, repaired).
        weight: its part of the span's log odds, positive.
        share: the same as a share, 0 to 1, of what all words of the span add that speak for the label.
    """

    start: int
    end: int
    text: str
    weight: float
    share: float

    def moved(self, by: int) -> WordWeight:
        """The same ``by`` characters further on."""
        return replace(self, start=self.start + by, end=self.end + by)

    def as_dict(self) -> dict[str, Any]:
        return {
            "start": self.start,
            "end": self.end,
            "text": self.text,
            "weight": round(self.weight, 4),
            "share": round(self.share, 4),
        }


@dataclass(frozen=True, slots=True)
class Evidence:
    """The window of clauses that shows a label best.

    Its log odds ``ln(score / (1 - score))`` are the sum of ``base``, ``rest`` and the weights of ``words``.

    Attributes:
        start, end: its place in the original text, in characters.
        text: ``original[start:end]``.
        score: its own calibrated probability, as if it stood alone, 0 to 1. A label's score is that of
            its best span, so the two are the same as long as the model takes the best of a paragraph.
        base: log odds of a text that says nothing, the label's own.
        rest: log odds that come from what is not among ``words``: lighter words, those that speak
            against the label, and marks that runs of characters go across.
        words: the words that weighed most for the label, heaviest first.
    """

    start: int
    end: int
    text: str
    score: float
    base: float
    rest: float
    words: tuple[WordWeight, ...]

    def moved(self, by: int) -> Evidence:
        """The same ``by`` characters further on."""
        words = tuple(word.moved(by) for word in self.words)
        return replace(self, start=self.start + by, end=self.end + by, words=words)

    def as_dict(self) -> dict[str, Any]:
        return {
            "start": self.start,
            "end": self.end,
            "text": self.text,
            "score": round(self.score, 4),
            "base": round(self.base, 4),
            "rest": round(self.rest, 4),
            "words": [word.as_dict() for word in self.words],
        }


@dataclass(frozen=True, slots=True)
class Tag:
    """A label that a paragraph carries.

    Attributes:
        label: its slug.
        name: its Chinese name.
        score: calibrated probability, 0 to 1.
        evidence: what shows it; ``None`` where evidence was not asked for.
    """

    label: str
    name: str
    score: float
    evidence: Evidence | None

    def moved(self, by: int) -> Tag:
        """The same with its evidence ``by`` characters further on."""
        return replace(self, evidence=self.evidence.moved(by)) if self.evidence else self

    def as_dict(self) -> dict[str, Any]:
        return {
            "label": self.label,
            "name": self.name,
            "score": round(self.score, 4),
            "evidence": self.evidence.as_dict() if self.evidence else None,
        }


@dataclass(frozen=True, slots=True)
class Tagging:
    """The labels of one paragraph.

    Attributes:
        text: the paragraph as it was given.
        tags: the labels it carries, highest score first; empty when it describes no action.
        scores: calibrated probability of every label of the model, in the model's order.
        status: ``ok``; ``empty`` where there is no letter, digit or Han character to judge;
            ``error`` where it is no text.
        model: the model that made it.
        start, end: the paragraph's place in its document; the whole text outside a document.
        message: what went wrong, with status ``error``.
    """

    text: str
    tags: tuple[Tag, ...]
    scores: Scores
    status: Status
    model: ModelInfo
    start: int
    end: int
    message: str | None = None

    @property
    def labels(self) -> tuple[str, ...]:
        """Slugs of the labels it carries, highest score first."""
        return tuple(tag.label for tag in self.tags)

    def moved(self, by: int) -> Tagging:
        """The same ``by`` characters further on in its document."""
        tags = tuple(tag.moved(by) for tag in self.tags)
        return replace(self, start=self.start + by, end=self.end + by, tags=tags)

    def as_dict(self) -> dict[str, Any]:
        return {
            "start": self.start,
            "end": self.end,
            "text": self.text,
            "labels": list(self.labels),
            "tags": [tag.as_dict() for tag in self.tags],
            "scores": {label: round(score, 4) for label, score in self.scores.items()},
            "status": self.status,
            "message": self.message,
            "model": self.model.as_dict(),
        }


@dataclass(frozen=True, slots=True)
class TaggedDocument:
    """The paragraphs of a document with their labels.

    Attributes:
        name: its path, or ``-`` for text that was given.
        text: its text; the offsets of paragraphs and evidence count its characters.
        encoding: how it was decoded.
        lost: characters that could not be decoded.
        paragraphs: one result a paragraph, in order.
    """

    name: str
    text: str
    encoding: str
    lost: int
    paragraphs: tuple[Tagging, ...]

    def as_dict(self) -> dict[str, Any]:
        return {
            "name": self.name,
            "encoding": self.encoding,
            "lost": self.lost,
            "paragraphs": [paragraph.as_dict() for paragraph in self.paragraphs],
        }
