"""Fitting weights, and cross-validation by paragraph."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from dataclasses import dataclass

import numpy as np
import scipy.sparse as sp
from joblib import Parallel, delayed
from numpy.typing import NDArray
from sklearn.svm import LinearSVC

from responsetag.errors import CorpusError
from responsetag.lanes import LaneTable
from responsetag.linear import WindowScorer
from responsetag.text import normalize, segment
from responsetag.text.segment import Segments
from responsetag.tokenizer import Cut
from responsetag.training import features
from responsetag.training.corpus import Corpus
from responsetag.training.rounding import Rounded, round_weights
from responsetag.training.settings import Settings
from responsetag.vocabulary import Vocabulary

Progress = Callable[[str], None]


@dataclass(frozen=True)
class Fitted:
    """What a fit gives: shapes ``(n_features, n_labels)``, ``(n_features,)`` and ``(n_labels,)``."""

    vocabulary: Vocabulary
    weights: NDArray[np.float64]
    idf: NDArray[np.float32]
    bias: NDArray[np.float64]

    def rounded(self) -> Rounded:
        """The weights as they are stored."""
        return round_weights(self.weights, self.idf)

    def scorer(self, settings: Settings, cut: Cut) -> WindowScorer:
        """The scorer that tagging uses."""
        weights, scale = self.rounded()
        bias = self.bias.astype(np.float32)
        table = LaneTable(weights)
        return WindowScorer(self.vocabulary, table, scale, bias, settings.power, settings.windows, cut)


class Trainer:
    """A corpus that was normalised and cut once, for fits on any part of it."""

    def __init__(self, corpus: Corpus, settings: Settings, cut: Cut, jobs: int) -> None:
        self.corpus, self.settings, self.cut, self.jobs = corpus, settings, cut, jobs
        sentences = segment([normalize(text).text for text in corpus.sentences])
        self._cutting = features.Cutting.of(sentences, cut)

    def fit(self, paragraphs: NDArray[np.bool_]) -> Fitted:
        """Fit on the sentences of ``paragraphs`` (shape ``(n_paragraphs,)``) and on those of them
        that have several sentences as a whole; nothing of the other paragraphs is looked at."""
        corpus = self.corpus
        used = paragraphs[corpus.paragraph_of]
        vocabulary = features.build_vocabulary(self._cutting, used, self.settings)
        if not len(vocabulary):
            least = self.settings.min_df
            raise CorpusError(f"no word or run of characters is in {least} sentences; give more paragraphs")
        counts = features.count_features(self._cutting, vocabulary)
        idf = features.inverse_document_frequency(counts[np.flatnonzero(used)])
        several = paragraphs & (np.bincount(corpus.paragraph_of, minlength=len(corpus)) > 1)
        whole = features.sum_by_paragraph(counts, corpus.paragraph_of)
        examples = features.stack([counts[np.flatnonzero(used)], whole[np.flatnonzero(several)]])
        targets = np.concatenate([corpus.sentence_labels[used], corpus.paragraph_labels[several]])
        weights, bias = self._fit_labels(features.weigh(examples, idf, self.settings.power), targets)
        return Fitted(vocabulary, weights, idf, bias)

    def _fit_labels(
        self, examples: sp.csr_array, targets: NDArray[np.bool_]
    ) -> tuple[NDArray[np.float64], NDArray[np.float64]]:
        # Processes, not threads: liblinear draws from one random state a process, so that fits side by
        # side in one would depend on each other's timing.
        results = Parallel(n_jobs=self.jobs, backend="loky")(
            delayed(_fit_label)(examples, targets[:, j], self.settings) for j in range(targets.shape[1])
        )
        return np.stack([w for w, _ in results], axis=1), np.array([b for _, b in results])

    def segments(self, paragraphs: NDArray[np.int64]) -> Segments:
        """Whole paragraphs as tagging would see them."""
        return segment([normalize(self.corpus.paragraphs[i]).text for i in paragraphs])

    def cross_validate(self, progress: Progress) -> tuple[NDArray[np.float32], NDArray[np.int64]]:
        """Margins of every paragraph from a model that saw nothing of it, shape
        ``(n_paragraphs, n_labels)``, and the fold of each paragraph.

        Folds are drawn by document, so all paragraphs of one stay together.
        """
        n = len(self.corpus)
        member = numbered(self.corpus.documents)
        documents = int(member.max(initial=-1)) + 1
        folds = min(self.settings.folds, documents)
        fold = (np.random.default_rng(self.settings.seed).permutation(documents) % folds)[member]
        margins = np.zeros((n, len(self.corpus.labels)), dtype=np.float32)
        for k in range(folds):
            progress(f"fold {k + 1} of {folds}")
            scorer = self.fit(fold != k).scorer(self.settings, self.cut)
            held_out = np.flatnonzero(fold == k)
            scored = scorer.score(self.segments(held_out))
            # A paragraph without words has no window, and so no feature: the bias alone.
            margins[held_out] = np.where(np.isfinite(scored), scored, scorer.bias)
        return margins, fold


def numbered(names: Sequence[str]) -> NDArray[np.int64]:
    """The number of each name, in the order in which they first come."""
    numbers: dict[str, int] = {}
    return np.array([numbers.setdefault(name, len(numbers)) for name in names], dtype=np.int64)


def _fit_label(
    examples: sp.csr_array, target: NDArray[np.bool_], settings: Settings
) -> tuple[NDArray[np.float64], float]:
    """Weights and bias of one label; a label without examples of both kinds is never given."""
    if target.all() or not target.any():
        return np.zeros(examples.shape[1]), 1.0 if target.all() else -1.0
    model = LinearSVC(
        C=settings.inverse_regularisation,
        class_weight="balanced",
        random_state=settings.seed,
        tol=1e-3,
        max_iter=5000,
    )
    model.fit(examples, target)
    return model.coef_[0], float(model.intercept_[0])
