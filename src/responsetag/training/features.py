"""The vocabulary of a corpus and the matrices that weights are fitted on."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from typing import TypeVar

import numpy as np
import scipy.sparse as sp
from numpy.typing import NDArray

from responsetag.text.segment import Segments
from responsetag.tokenizer import Cut
from responsetag.training.settings import Settings
from responsetag.vocabulary import Vocabulary, Words, runs, words

_Key = TypeVar("_Key", np.int64, np.uint64)


@dataclass(frozen=True)
class Cutting:
    """Sentences, segmented and cut once for all folds.

    Attributes:
        segments: of all sentences, each a text of its own.
        words: of all sentences.
    """

    segments: Segments
    words: Words

    @classmethod
    def of(cls, segments: Segments, cut: Cut) -> Cutting:
        return cls(segments, words(segments, cut))


def build_vocabulary(cutting: Cutting, used: NDArray[np.bool_], settings: Settings) -> Vocabulary:
    """The features that occur in at least ``settings.min_df`` of the ``used`` sentences.

    Args:
        used: which sentences may be looked at, shape ``(n_sentences,)``.
    """
    segments, tokens = cutting.segments, cutting.words
    sentence_of_clause = segments.paragraph
    names, number = np.unique(np.array(tokens.tokens, dtype=object)[tokens.word], return_inverse=True)
    sentence = sentence_of_clause[tokens.clause]
    kept = _frequent(number, sentence, used, settings.min_df)
    kept = kept[np.argsort([len(names[i]) for i in kept], kind="stable")]  # shorter before longer
    known = [str(names[i]) for i in kept]
    found = []
    for n in range(1, settings.longest_run + 1):
        keys, at = runs(segments, n)
        found.append(_frequent(keys, sentence_of_clause[segments.clause_at[at]], used, settings.min_df))
    return Vocabulary(known, tuple(found))


def _frequent(
    keys: NDArray[_Key], sentence: NDArray[np.int64], used: NDArray[np.bool_], min_df: int
) -> NDArray[_Key]:
    """The keys that occur in at least ``min_df`` used sentences, ascending."""
    mask = used[sentence]
    keys, sentence = keys[mask], sentence[mask]
    order = np.lexsort((sentence, keys))
    keys, sentence = keys[order], sentence[order]
    # One entry a key and sentence.
    first = np.ones(len(keys), dtype=bool)
    first[1:] = (keys[1:] != keys[:-1]) | (sentence[1:] != sentence[:-1])
    distinct, counts = np.unique(keys[first], return_counts=True)
    return distinct[counts >= min_df]


def count_features(cutting: Cutting, vocabulary: Vocabulary, *, by_clause: bool = False) -> sp.csr_array:
    """How often each feature occurs in each sentence, shape ``(n_sentences, n_features)``; or in each
    clause of them."""
    segments = cutting.segments
    row_of = np.arange(len(segments)) if by_clause else segments.paragraph
    rows, columns = [], []
    for found in vocabulary.find(segments, cutting.words):
        rows.append(row_of[found.clause])
        columns.append(found.feature)
    row, column = np.concatenate(rows), np.concatenate(columns)
    ones = np.ones(len(row), dtype=np.float32)
    n = len(segments) if by_clause else len(segments.offsets)
    counts = sp.coo_array((ones, (row, column)), shape=(n, len(vocabulary))).tocsr()
    counts.sum_duplicates()
    return counts


def sum_by_paragraph(counts: sp.csr_array, paragraph_of: NDArray[np.int64]) -> sp.csr_array:
    """Counts of whole paragraphs from those of their sentences, shape ``(n_paragraphs, n_features)``."""
    n = int(paragraph_of.max()) + 1 if len(paragraph_of) else 0
    ones = np.ones(len(paragraph_of), dtype=np.float32)
    member = sp.csr_array((ones, (paragraph_of, np.arange(len(paragraph_of)))), shape=(n, len(paragraph_of)))
    return sp.csr_array(member @ counts)


def inverse_document_frequency(counts: sp.csr_array) -> NDArray[np.float32]:
    """Smoothed idf as in scikit-learn, ``ln((1 + n) / (1 + df)) + 1``, shape ``(n_features,)``."""
    n = counts.shape[0]
    df = np.bincount(counts.indices, minlength=counts.shape[1])
    return (np.log((1 + n) / (1 + df)) + 1).astype(np.float32)


def weigh(counts: sp.csr_array, idf: NDArray[np.floating], power: float) -> sp.csr_array:
    """Sublinear TF-IDF divided by its length to the power ``power``, as windows are scored."""
    values = counts.astype(np.float64)
    values.data = (1 + np.log(values.data)) * idf[values.indices]
    squares = np.asarray(values.multiply(values).sum(axis=1)).ravel()
    divisor = np.maximum(squares, 1e-6) ** (power / 2)
    values.data /= np.repeat(divisor, np.diff(values.indptr))
    values.sort_indices()
    # liblinear reads 32-bit indices only.
    values.indices, values.indptr = values.indices.astype(np.int32), values.indptr.astype(np.int32)
    return values


def stack(parts: Sequence[sp.csr_array]) -> sp.csr_array:
    """Matrices one below the other."""
    return sp.csr_array(sp.vstack(parts, format="csr"))
