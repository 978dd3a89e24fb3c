"""The features of this package's models as a scikit-learn transformer."""

from __future__ import annotations

from typing import Any, NamedTuple, Self

import numpy as np
import scipy.sparse as sp
from numpy.typing import NDArray
from sklearn.base import BaseEstimator, TransformerMixin
from sklearn.utils import Tags
from sklearn.utils.validation import check_is_fitted

from responsetag.errors import ArgumentError
from responsetag.integrations.sklearn.data import read_texts
from responsetag.text import normalize, segment
from responsetag.tokenizer import tokenizer
from responsetag.training.features import (
    Cutting,
    build_vocabulary,
    count_features,
    inverse_document_frequency,
    weigh,
)
from responsetag.training.settings import Settings
from responsetag.vocabulary import Vocabulary
from responsetag.windows import windows

_DEFAULT = Settings()


class WindowRows(NamedTuple):
    """TF-IDF of windows of clauses.

    Attributes:
        rows: shape ``(n_windows, n_features)``.
        text: which text each window is of, shape ``(n_windows,)``.
    """

    rows: sp.csr_array
    text: NDArray[np.int64]


class ResponseTagVectorizer(TransformerMixin, BaseEstimator):  # type: ignore[misc] # scikit-learn has no types
    """Sublinear TF-IDF of words and character runs, of Chinese text that is repaired, simplified and cut as
    models of this package have it. Put it before a classifier of your own.

    Args:
        min_df: a feature is kept from this many texts on.
        longest_run: character runs of 1 to this length (3 at most) are features.
        power: of the Euclidean length that rows are divided by; 1 gives rows of length 1, as scikit-learn's
            ``TfidfVectorizer`` does.
        windows: sizes in clauses of the rows that :meth:`transform_windows` gives.

    Attributes:
        vocabulary_: the features.
        idf_: inverse document frequency, ``ln((1 + n) / (1 + df)) + 1``, shape ``(n_features,)``.
    """

    def __init__(
        self,
        *,
        min_df: int = _DEFAULT.min_df,
        longest_run: int = _DEFAULT.longest_run,
        power: float = _DEFAULT.power,
        windows: tuple[int, ...] = _DEFAULT.windows,
    ) -> None:
        self.min_df = min_df
        self.longest_run = longest_run
        self.power = power
        self.windows = windows

    def fit(self, X: Any, y: object = None) -> Self:  # noqa: N803, ARG002 - scikit-learn's names
        """Find features and their frequencies.

        Args:
            X: texts: a list, an array, a series, or a frame of one column.

        Raises:
            ArgumentError: these are no texts, or no feature is in ``min_df`` of them.
        """
        cutting = _cut(X)
        used = np.ones(len(cutting.segments.offsets), dtype=bool)
        settings = Settings(min_df=self.min_df, longest_run=self.longest_run)
        vocabulary = build_vocabulary(cutting, used, settings)
        if not len(vocabulary):
            raise ArgumentError(f"no word or run of characters is in {self.min_df} texts; give more texts")
        return self.take(vocabulary, inverse_document_frequency(count_features(cutting, vocabulary)))

    def take(self, vocabulary: Vocabulary, idf: NDArray[np.floating]) -> Self:
        """Use features and frequencies that are known, in place of fitting."""
        self.vocabulary_, self.idf_ = vocabulary, idf
        return self

    def transform(self, X: Any) -> sp.csr_array:  # noqa: N803
        """A row a text, shape ``(n_texts, n_features)``."""
        check_is_fitted(self)
        return weigh(count_features(_cut(X), self.vocabulary_), self.idf_, self.power)

    def transform_windows(self, X: Any) -> WindowRows:  # noqa: N803
        """A row for every window of clauses, which models score one by one, keeping the best a label. A text
        without words has none."""
        check_is_fitted(self)
        cutting = _cut(X)
        segments = cutting.segments
        clauses = count_features(cutting, self.vocabulary_, by_clause=True)
        spans = [windows(segments, size) for size in self.windows]
        first = np.concatenate([span.first for span in spans])
        size = np.concatenate([span.last - span.first for span in spans])
        ends = np.concatenate(([0], np.cumsum(size)))
        clause = np.arange(ends[-1]) + np.repeat(first - ends[:-1], size)
        member = sp.csr_array((np.ones(len(clause)), clause, ends), shape=(len(first), len(segments)))
        rows = weigh(sp.csr_array(member @ clauses), self.idf_, self.power)
        return WindowRows(rows, segments.paragraph[first])

    def get_feature_names_out(self, input_features: object = None) -> NDArray[Any]:  # noqa: ARG002
        """``word__`` or ``run__`` and the feature, shape ``(n_features,)``."""
        check_is_fitted(self)
        vocabulary: Vocabulary = self.vocabulary_
        kinds = ["word"] * len(vocabulary.words) + ["run"] * (len(vocabulary) - len(vocabulary.words))
        return np.array([f"{kind}__{vocabulary.name(i)}" for i, kind in enumerate(kinds)], dtype=object)

    def __sklearn_tags__(self) -> Tags:
        tags = super().__sklearn_tags__()
        text_tags(tags)
        return tags


def text_tags(tags: Tags) -> None:
    """What is put in is texts."""
    tags.input_tags.string, tags.input_tags.one_d_array, tags.input_tags.two_d_array = True, True, False


def _cut(texts: Any) -> Cutting:
    return Cutting.of(segment([normalize(text).text for text in read_texts(texts)]), tokenizer())
