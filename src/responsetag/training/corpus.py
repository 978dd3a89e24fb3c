"""Labelled paragraphs: JSONL rows, checked all at once.

A row is a paragraph: ``{"id", "genre", "origin", "sentences": [{"text", "labels"}, ...]}``. The
sentences joined give the paragraph, whose labels are those of its sentences.
"""

from __future__ import annotations

import hashlib
import json
import os
from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from functools import cached_property
from pathlib import Path
from typing import Any, NamedTuple

import numpy as np
from numpy.typing import NDArray

from responsetag.errors import CorpusError
from responsetag.training.digests import check_sums

# More than this many complaints are counted, not listed.
_SHOWN_PROBLEMS = 200


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


def indicator(label_sets: Sequence[Sequence[str]], labels: Sequence[str]) -> NDArray[np.bool_]:
    """Label lists as a matrix, shape ``(n, n_labels)``."""
    column = {label: i for i, label in enumerate(labels)}
    out = np.zeros((len(label_sets), len(labels)), dtype=bool)
    for row, names in enumerate(label_sets):
        out[row, [column[name] for name in names]] = True
    return out


def corpus_files(path: str | os.PathLike[str]) -> list[Path]:
    """The ``.jsonl`` file, or those of the folder, in the order of their names."""
    given = Path(path)
    files = [given] if given.is_file() else sorted(given.glob("*.jsonl"))
    if not files:
        raise CorpusError(f"{given}: no .jsonl file here; give a corpus file or a folder of them")
    return files


def read_about(path: str | os.PathLike[str]) -> str:
    """What ``CARD.md`` beside the corpus has to say in the cards of models; empty where there is none."""
    folder = Path(path) if Path(path).is_dir() else Path(path).parent
    file = folder / "CARD.md"
    return file.read_text(encoding="utf-8") if file.is_file() else ""


def load_corpus(
    path: str | os.PathLike[str], labels: Sequence[str], *, allow_changed: bool = False
) -> Corpus:
    """Check every row, then read them.

    Args:
        allow_changed: take files that are not those which ``SHA256SUMS`` beside them lists.

    Raises:
        CorpusError: rows that cannot be used: each with its file, line and reason; or other files than
            those listed.
    """
    files = corpus_files(path)
    if not allow_changed:
        check_sums(Path(path), files)
    problems: list[str] = []
    rows: list[Row] = []
    seen_ids: dict[str, str] = {}
    seen_texts: dict[str, str] = {}
    for where, row, reason in _rows(files):
        reasons = [reason] if reason else list(_problems(row, set(labels)))
        if not reasons:
            text = "".join(sentence["text"] for sentence in row["sentences"])
            reasons = [
                f"{what} again, first at {seen[key]}"
                for what, key, seen in (("id", row["id"], seen_ids), ("text", text, seen_texts))
                if key in seen
            ]
            seen_ids.setdefault(row["id"], where)
            seen_texts.setdefault(text, where)
            rows.append(_made(row))
        problems += [f"{where}: {reason}" for reason in reasons]
    if problems:
        shown = "\n".join(problems[:_SHOWN_PROBLEMS])
        more = len(problems) - _SHOWN_PROBLEMS
        raise CorpusError(
            f"{len(problems)} problems in the corpus; mend or remove these rows:\n{shown}"
            + (f"\n... and {more} more" if more > 0 else "")
        )
    if not rows:
        raise CorpusError(f"{path}: holds no rows")
    return Corpus.of(rows, labels)


def _made(row: dict[str, Any]) -> Row:
    sentences = tuple(Sentence(s["text"], tuple(s["labels"])) for s in row["sentences"])
    return Row(sentences, row["id"], None, row["genre"], row["origin"])


def _rows(files: Sequence[Path]) -> Iterator[tuple[str, Any, str | None]]:
    """Each row with its place, or why it cannot be parsed."""
    for file in files:
        with file.open("rb") as lines:
            for number, line in enumerate(lines, 1):
                where = f"{file}:{number}"
                try:
                    yield where, json.loads(line), None
                except UnicodeDecodeError as error:
                    yield where, None, f"is not UTF-8: {error.reason} at byte {error.start}"
                except (ValueError, RecursionError) as error:
                    yield where, None, f"is not JSON: {error}"


def _problems(row: Any, labels: set[str]) -> Iterator[str]:
    if not isinstance(row, dict):
        yield "is not an object"
        return
    for key in ("id", "genre", "origin"):
        if not isinstance(row.get(key), str) or not row[key].strip():
            yield f"'{key}' must be a text that is not empty"
    if extra := sorted(set(row) - {"id", "genre", "origin", "sentences"}):
        yield f"unknown keys: {', '.join(extra)}"
    sentences = row.get("sentences")
    if not isinstance(sentences, list) or not sentences:
        yield "'sentences' must be a list of one sentence or more"
        return
    for number, sentence in enumerate(sentences, 1):
        yield from (f"sentence {number}: {problem}" for problem in _sentence_problems(sentence, labels))


def _sentence_problems(sentence: Any, labels: set[str]) -> Iterator[str]:
    if not isinstance(sentence, dict) or set(sentence) != {"text", "labels"}:
        yield "must have just 'text' and 'labels'"
        return
    if not isinstance(sentence["text"], str) or not sentence["text"].strip():
        yield "'text' must be a text that is not empty"
    names = sentence["labels"]
    if not isinstance(names, list) or not all(isinstance(name, str) for name in names):
        yield "'labels' must be a list of names"
    elif unknown := sorted(set(names) - labels):
        yield f"labels not in the taxonomy: {', '.join(unknown)}"
    elif len(set(names)) != len(names):
        yield "a label twice"
