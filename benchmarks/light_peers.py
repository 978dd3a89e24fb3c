"""fastText, a keyword dictionary, and cutting alone."""

from __future__ import annotations

import shutil
import tempfile
from collections.abc import Callable
from pathlib import Path
from typing import TYPE_CHECKING, Any

import numpy as np

from cutters import cut_jieba, cut_rjieba

if TYPE_CHECKING:
    from peers import Scores, Tag
    from responsetag.training.corpus import Corpus

_CUES = Path(__file__).with_name("cues.json")
_LABEL = "__label__"
# fastText leaves out lines without a label.
_NONE = "none"


class FastText:
    """fastText over jieba's words, one against all, trained on paragraphs."""

    cut: Callable[[str], list[str]] = staticmethod(cut_jieba)

    def fit(self, corpus: Corpus) -> Any:
        import fasttext

        with tempfile.NamedTemporaryFile("w", suffix=".txt", encoding="utf-8") as file:
            for text, row in zip(corpus.paragraphs, corpus.paragraph_labels, strict=True):
                names = [corpus.labels[j] for j in np.flatnonzero(row)] or [_NONE]
                print(*(_LABEL + name for name in names), self.line(text), file=file)
            file.flush()
            # A tenth of the usual buckets: the corpus has some hundred thousand pairs of words.
            return (
                fasttext.train_supervised(
                    input=file.name, loss="ova", wordNgrams=2, dim=100, lr=1.0, epoch=25, minCount=2,
                    bucket=200_000, thread=1, seed=1, verbose=0,
                ),
                _columns(corpus.labels),
            )  # fmt: skip

    def line(self, text: str) -> str:
        """Words with spaces between them, in one line."""
        return " ".join(type(self).cut(text.replace("\n", " ")))

    def save(self, model: Any, folder: Path) -> None:
        classifier, columns = model
        classifier.save_model(str(folder / "model.bin"))
        (folder / "labels.txt").write_text("\n".join(columns), encoding="utf-8")

    def open(self, folder: Path) -> Any:
        import fasttext

        labels = (folder / "labels.txt").read_text(encoding="utf-8").splitlines()
        return fasttext.load_model(str(folder / "model.bin")), {label: i for i, label in enumerate(labels)}

    def scores(self, model: Any, texts: list[str]) -> Scores:
        classifier, columns = model
        found, probabilities = classifier.predict([self.line(text) for text in texts], k=-1, threshold=0.0)
        scores = np.zeros((len(texts), len(columns) + 1))  # the last column takes what has no label
        for row, names, values in zip(scores, found, probabilities, strict=True):
            row[[columns.get(name, -1) for name in names]] = values
        return scores[:, :-1]


class FastTextRjieba(FastText):
    """The same model; rjieba cuts as jieba does."""

    cut = staticmethod(cut_rjieba)


def _columns(labels: tuple[str, ...]) -> dict[str, int]:
    return {_LABEL + label: i for i, label in enumerate(labels)}


class Keywords:
    """How many distinct cues of each label a paragraph has, found in one pass over it."""

    def fit(self, _corpus: Corpus) -> Any:
        return _automaton(_CUES)

    def save(self, _model: Any, folder: Path) -> None:
        shutil.copy(_CUES, folder / _CUES.name)

    def open(self, folder: Path) -> Any:
        return _automaton(folder / _CUES.name)

    def scores(self, model: Any, texts: list[str]) -> Scores:
        automaton, label_of, n_labels = model
        scores = np.zeros((len(texts), n_labels))
        for row, text in zip(scores, texts, strict=True):
            for cue in {number for _, number in automaton.iter(text)}:
                row[label_of[cue]] += 1
        return scores


def _automaton(file: Path) -> tuple[Any, list[list[int]], int]:
    """The automaton, the labels of each cue it knows, and the number of labels."""
    import json

    import ahocorasick

    cues: dict[str, list[str]] = json.loads(file.read_text(encoding="utf-8"))
    labels: dict[str, list[int]] = {}
    for column, words in enumerate(cues.values()):
        for word in words:
            labels.setdefault(word, []).append(column)
    automaton = ahocorasick.Automaton()
    for number, word in enumerate(labels):
        automaton.add_word(word, number)
    automaton.make_automaton()
    return automaton, list(labels.values()), len(cues)


def cut_alone() -> Tag:
    """Cutting, in the batches in which it is fastest: the limit of what reads words by rjieba."""

    def cut(texts: list[str]) -> None:
        for i in range(0, len(texts), 200):
            cut_rjieba("\n".join(texts[i : i + 200]))

    return cut
