"""Who is measured: this package, and the pipelines that a user would write in its place.

Every peer is trained on the corpus by :func:`train` and gives, for a list of paragraphs, labels and scores of
shape ``(n_texts, n_labels)``. Thresholds of all peers are chosen alike: by scores of a fifth of the corpus
that the model did not see. The model is then fitted again on all of it, and that fit is what is timed.

Peers read text as it stands. All but one cut words without jieba's hidden Markov model, as this package
does; the one shows what it costs.
"""

from __future__ import annotations

import time
from collections.abc import Callable
from importlib import import_module
from pathlib import Path
from typing import TYPE_CHECKING, Any, NamedTuple, Protocol

import numpy as np
from numpy.typing import NDArray

if TYPE_CHECKING:
    from responsetag.training.corpus import Corpus

Scores = NDArray[np.float64]
Tag = Callable[[list[str]], Any]
THRESHOLDS = "thresholds.npy"


class Peer(Protocol):
    """A pipeline. Methods import what they need, so that starting one does not import the others."""

    def fit(self, corpus: Corpus) -> Any:
        """Fit a model on all of ``corpus``."""

    def save(self, model: Any, folder: Path) -> None:
        """Write it into ``folder``, which exists."""

    def open(self, folder: Path) -> Any:
        """Read it again."""

    def scores(self, model: Any, texts: list[str]) -> Scores:
        """Scores of paragraphs, shape ``(n_texts, n_labels)``."""


class Entry(NamedTuple):
    """Where a contestant is: title in the table, module, name in it, and the peer whose model it uses."""

    title: str
    module: str
    name: str
    model: str | None = None


_WINDOWS = "scikit-learn, jieba, same features and windows"
PEERS: dict[str, Entry] = {
    "sklearn-windows": Entry(_WINDOWS, "sklearn_peers", "WindowPipeline", "sklearn-windows"),
    "sklearn-jieba": Entry(
        "scikit-learn, jieba, words of paragraphs", "sklearn_peers", "JiebaPipeline", "sklearn-jieba"
    ),
    "sklearn-jieba-hmm": Entry(
        "the same, `jieba.lcut` as it comes (HMM on)",
        "sklearn_peers",
        "JiebaAsItComesPipeline",
        "sklearn-jieba-hmm",
    ),
    "sklearn-rjieba": Entry(
        "scikit-learn, rjieba, words of paragraphs", "sklearn_peers", "RjiebaPipeline", "sklearn-rjieba"
    ),
    "fasttext-jieba": Entry("fastText, jieba", "light_peers", "FastText", "fasttext-jieba"),
    "fasttext-rjieba": Entry(
        "fastText, rjieba (the same model)", "light_peers", "FastTextRjieba", "fasttext-jieba"
    ),
    "keywords": Entry("keyword dictionary (Aho-Corasick)", "light_peers", "Keywords", "keywords"),
}
LIMIT = "rjieba"
OURS = "ours"
# Contestants that need no training here; their names are functions that give a Tag.
OTHERS: dict[str, Entry] = {
    OURS: Entry("**responsetag**, labels and scores", "ours", "arrays"),
    "ours-taggings": Entry("responsetag, Tagging objects", "ours", "taggings"),
    "ours-evidence": Entry("responsetag, with evidence", "ours", "taggings_with_evidence"),
    LIMIT: Entry("`rjieba.cut` alone, no labels", "light_peers", "cut_alone"),
}
ENTRIES = {**OTHERS, **PEERS}


def peer(name: str) -> Peer:
    """The peer of that name."""
    made: Peer = _find(PEERS[name])()
    return made


def _find(entry: Entry) -> Any:
    return getattr(import_module(entry.module), entry.name)


def train(name: str, corpus: Corpus, folder: Path) -> float:
    """Train a peer, write its model and thresholds into ``folder``, and give the seconds of its fit."""
    from responsetag.training.settings import Settings
    from responsetag.training.thresholds import choose_thresholds

    chosen = peer(name)
    held_out = np.random.default_rng(Settings().seed).permutation(len(corpus)) % 5 == 0
    judged = corpus.take(np.flatnonzero(held_out))
    found = chosen.scores(chosen.fit(corpus.take(np.flatnonzero(~held_out))), judged.paragraphs)
    thresholds = choose_thresholds(judged.paragraph_labels, found, Settings().shrinkage)
    started = time.process_time()
    model = chosen.fit(corpus)
    seconds = time.process_time() - started
    folder.mkdir(parents=True)
    chosen.save(model, folder)
    np.save(folder / THRESHOLDS, thresholds)
    return seconds


def load(name: str, folder: Path) -> Tag:
    """A function from paragraphs to labels and scores; ``ours-*`` give Taggings, the limit nothing."""
    if name in OTHERS:
        made: Tag = _find(OTHERS[name])()
        return made
    chosen = peer(name)
    model = chosen.open(folder)
    thresholds = np.load(folder / THRESHOLDS)

    def tag(texts: list[str]) -> tuple[NDArray[np.bool_], Scores]:
        scores = chosen.scores(model, texts)
        return scores >= thresholds, scores

    return tag
