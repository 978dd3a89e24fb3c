"""Pipelines of scikit-learn: with this package's features and windows, and plain ones over words."""

from __future__ import annotations

import re
from collections.abc import Callable
from pathlib import Path
from typing import TYPE_CHECKING, Any

import numpy as np

from cutters import cut_jieba, cut_jieba_as_it_comes, cut_rjieba

if TYPE_CHECKING:
    from peers import Scores
    from responsetag.training.corpus import Corpus

_CLAUSE = re.compile(r"[^，。；！？：\n]+[，。；！？：\n]?")
_MIN_DF = 3
# Paragraphs whose windows are rows of one matrix: more at once are no faster and need gigabytes.
_PARAGRAPHS = 256


class _Saved:
    """A pipeline in one file of joblib's."""

    def save(self, model: Any, folder: Path) -> None:
        import joblib

        joblib.dump(model, folder / "pipeline.joblib")

    def open(self, folder: Path) -> Any:
        import joblib

        return joblib.load(folder / "pipeline.joblib")


class WindowPipeline(_Saved):
    """TF-IDF of words and runs of 1-3 characters; the best of a paragraph's windows."""

    def fit(self, corpus: Corpus) -> Any:
        import scipy.sparse as sp
        from sklearn.feature_extraction.text import TfidfVectorizer
        from sklearn.pipeline import FeatureUnion, make_pipeline

        words = TfidfVectorizer(
            tokenizer=cut_jieba,
            token_pattern=None,
            lowercase=False,
            sublinear_tf=True,
            min_df=_MIN_DF,
        )
        runs = TfidfVectorizer(
            analyzer="char", lowercase=False, ngram_range=(1, 3), sublinear_tf=True, min_df=_MIN_DF
        )
        union = FeatureUnion([("words", words), ("runs", runs)])
        several = np.flatnonzero(np.bincount(corpus.paragraph_of) > 1)
        sentences = union.fit_transform(corpus.sentences)
        wholes = union.transform([corpus.paragraphs[i] for i in several])
        labels = np.concatenate([corpus.sentence_labels, corpus.paragraph_labels[several]])
        classifier = _one_vs_rest(0.5).fit(sp.vstack([sentences, wholes], format="csr"), labels)
        return make_pipeline(union, classifier)

    def scores(self, model: Any, texts: list[str]) -> Scores:
        parts = [_best_windows(model, texts[i : i + _PARAGRAPHS]) for i in range(0, len(texts), _PARAGRAPHS)]
        return np.concatenate(parts)


def _best_windows(model: Any, texts: list[str]) -> Scores:
    several = [windows(text) for text in texts]
    margins = model.decision_function([window for found in several for window in found])
    starts = np.cumsum([0, *map(len, several[:-1])])
    best: Scores = np.maximum.reduceat(margins, starts, axis=0)
    return best


def windows(text: str) -> list[str]:
    """All runs of one, two and three clauses, each once; the text where it has none."""
    clauses = _CLAUSE.findall(text)
    found = ["".join(clauses[i : i + size]) for size in (1, 2, 3) for i in range(len(clauses) - size + 1)]
    return list(dict.fromkeys(found)) or [text]


class _WordPipeline(_Saved):
    """TF-IDF of a paragraph's words."""

    cut: Callable[[str], list[str]]

    def fit(self, corpus: Corpus) -> Any:
        from sklearn.feature_extraction.text import TfidfVectorizer
        from sklearn.pipeline import make_pipeline

        words = TfidfVectorizer(
            tokenizer=type(self).cut, token_pattern=None, lowercase=False, sublinear_tf=True, min_df=2
        )
        return make_pipeline(words, _one_vs_rest(0.5)).fit(corpus.paragraphs, corpus.paragraph_labels)

    def scores(self, model: Any, texts: list[str]) -> Scores:
        margins: Scores = model.decision_function(texts)
        return margins


class JiebaPipeline(_WordPipeline):
    """With jieba."""

    cut = staticmethod(cut_jieba)


class JiebaAsItComesPipeline(_WordPipeline):
    """With jieba as most call it."""

    cut = staticmethod(cut_jieba_as_it_comes)


class RjiebaPipeline(_WordPipeline):
    """With rjieba."""

    cut = staticmethod(cut_rjieba)


def _one_vs_rest(c: float) -> Any:
    from sklearn.multiclass import OneVsRestClassifier
    from sklearn.svm import LinearSVC

    return OneVsRestClassifier(LinearSVC(C=c, class_weight="balanced", random_state=0))
