"""The features that a model knows, and where they occur in cut text.

A feature is a word, or a run of one to three characters in a clause. The number of a feature is its place
in the order words, runs of 1, 2, ... characters. Runs and short words are integers, so that whole batches
are looked up at once.
"""

from __future__ import annotations

from bisect import bisect_left
from collections.abc import Iterator, Sequence
from dataclasses import dataclass, field
from itertools import pairwise
from typing import NamedTuple

import numpy as np
from numpy.typing import NDArray

from responsetag.lookup import KeyTable
from responsetag.text.segment import Segments, code_points
from responsetag.tokenizer import Cut

# A code point has 21 bits, so that three fit in a 64-bit integer.
CODE_BITS = 21
MAX_RUN = 3


class Spans(NamedTuple):
    """Offsets in ``Segments.text`` of words or of characters, shapes ``(n,)``."""

    starts: NDArray[np.int64]
    ends: NDArray[np.int64]


class Occurrences(NamedTuple):
    """Features of one kind found in segmented text, in text order.

    Attributes:
        feature: numbers of the features, shape ``(n,)``.
        clause: the clause of each, shape ``(n,)``, non-decreasing.
        at: which of ``units`` each begins with, shape ``(n,)``.
        size: how many units each takes.
        units: the words, or the characters that words are made of.
    """

    feature: NDArray[np.int64]
    clause: NDArray[np.int64]
    at: NDArray[np.int64]
    size: int
    units: Spans

    def spans(self, which: NDArray[np.int64]) -> Spans:
        """From the start of the first unit to the end of the last, of some occurrences."""
        at = self.at[which]
        return Spans(self.units.starts[at], self.units.ends[at + self.size - 1])


class Words(NamedTuple):
    """The words of segmented text: the tokens that start with a letter, digit or Han character.

    Attributes:
        tokens: all tokens, words or not.
        word: which of them are words, shape ``(n,)``.
        clause: the clause of each word, shape ``(n,)``, non-decreasing.
        spans: where each word stands.
    """

    tokens: list[str]
    word: NDArray[np.int64]
    clause: NDArray[np.int64]
    spans: Spans


# Between tokens that are joined to see how long each is; normalised text has no such character.
_SEPARATOR = "\uf8ff"


def words(segments: Segments, cut: Cut) -> Words:
    """Cut the whole of ``segments`` once and keep the words of its clauses."""
    tokens = cut(segments.text)
    lengths = _lengths(tokens)
    ends = np.cumsum(lengths)
    starts = ends - lengths
    # A token is a word where its first character is one that words are made of.
    clause_of = np.full(len(segments.text) + 1, -1, dtype=np.int64)
    clause_of[segments.word_at] = segments.clause_at
    clause = clause_of[starts]
    kept = np.flatnonzero(clause >= 0)
    return Words(tokens, kept, clause[kept], Spans(starts[kept], ends[kept]))


def _lengths(tokens: Sequence[str]) -> NDArray[np.int64]:
    """Characters of each token. Joining them and looking for the joints is twice as fast as asking each."""
    codes = code_points(_SEPARATOR.join(tokens))
    joints = np.flatnonzero(codes == ord(_SEPARATOR))
    if len(joints) != len(tokens) - 1:
        return np.fromiter(map(len, tokens), dtype=np.int64, count=len(tokens))
    return np.diff(joints, prepend=-1, append=len(codes)) - 1


def runs(segments: Segments, n: int) -> tuple[NDArray[np.uint64], NDArray[np.int64]]:
    """Every run of ``n`` word characters within a clause (marks and spaces between them skipped).

    Returns:
        The runs packed into integers, and where in ``segments.word_at`` each begins.
    """
    keys = pack(segments.codes[segments.word_at].astype(np.uint64), n)
    within = _within_clause(segments.clause_at, n)
    return keys[within], within


def _within_clause(clause: NDArray[np.int64], n: int) -> NDArray[np.int64]:
    """Where ``n`` neighbouring units stand in one clause."""
    count = max(len(clause) - n + 1, 0)
    return np.flatnonzero(clause[:count] == clause[n - 1 : n - 1 + count])


def pack(codes: NDArray[np.uint64], n: int) -> NDArray[np.uint64]:
    """Every run of ``n`` of the code points ``codes`` as an integer, shape ``(len(codes) - n + 1,)``."""
    count = max(len(codes) - n + 1, 0)
    keys = codes[:count]
    for i in range(1, n):
        keys = (keys << np.uint64(CODE_BITS)) | codes[i : i + count]
    return keys


def pack_all(text: str, n: int) -> NDArray[np.uint64]:
    """Runs of ``n`` characters that stand one behind the other, as integers.

    Raises:
        ValueError: the text is not made of runs of ``n``.
    """
    if len(text) % n:
        raise ValueError(f"{len(text)} characters do not make runs of {n}")
    codes = code_points(text).reshape(-1, n)
    keys = codes[:, 0].astype(np.uint64)
    for i in range(1, n):
        keys = (keys << np.uint64(CODE_BITS)) | codes[:, i]
    return keys


def unpack(key: int) -> str:
    """The run of characters that ``key`` stands for."""
    characters = []
    while key:
        characters.append(chr(key & ((1 << CODE_BITS) - 1)))
        key >>= CODE_BITS
    return "".join(reversed(characters))


class WordTable:
    """Numbers of words. Those of up to three characters, nearly all, are looked up as integers.

    Args:
        words: distinct, shorter before longer.
    """

    def __init__(self, words: Sequence[str]) -> None:
        edges = [bisect_left(words, n, key=len) for n in range(1, MAX_RUN + 2)]
        keys = [pack_all("".join(words[a:b]), n) for n, (a, b) in enumerate(pairwise(edges), start=1)]
        self._first = edges[0]
        self._table = KeyTable(np.concatenate(keys))
        self._number = {words[i]: i for i in (*range(edges[0]), *range(edges[-1], len(words)))}

    def find(self, segments: Segments, found: Words) -> NDArray[np.int64]:
        """The number of each word of ``found``, -1 where it is not known, shape ``(n_words,)``."""
        starts, ends = found.spans
        lengths = ends - starts
        last = len(segments.codes) - 1
        keys = np.zeros(len(starts), dtype=np.uint64)
        for i in range(MAX_RUN):
            codes = segments.codes[np.minimum(starts + i, last)].astype(np.uint64)
            keys = np.where(lengths > i, (keys << np.uint64(CODE_BITS)) | codes, keys)
        place, which = self._table.find(keys)
        numbers = np.full(len(starts), -1, dtype=np.int64)
        numbers[which] = place + self._first
        long = np.flatnonzero(lengths > MAX_RUN)
        numbers[long] = [self._number.get(found.tokens[i], -1) for i in found.word[long].tolist()]
        return numbers


@dataclass(frozen=True, slots=True)
class Vocabulary:
    """Features with their numbers.

    Attributes:
        words: the known words, distinct, shorter before longer.
        runs: for each length from 1 on, the runs of that length packed into integers, ascending.
    """

    words: Sequence[str]
    runs: tuple[NDArray[np.uint64], ...]
    _words: WordTable = field(init=False, repr=False, compare=False)
    _runs: tuple[KeyTable, ...] = field(init=False, repr=False, compare=False)

    def __post_init__(self) -> None:
        object.__setattr__(self, "_words", WordTable(self.words))
        object.__setattr__(self, "_runs", tuple(map(KeyTable, self.runs)))

    def __len__(self) -> int:
        return len(self.words) + sum(map(len, self.runs))

    def find(self, segments: Segments, found: Words) -> Iterator[Occurrences]:
        """Where the features of each kind occur, one kind after the other.

        Args:
            found: the words of ``segments``.
        """
        numbers = self._words.find(segments, found)
        known = np.flatnonzero(numbers >= 0)
        yield Occurrences(numbers[known], found.clause[known], known, 1, found.spans)
        first = len(self.words)
        characters = Spans(segments.word_at, segments.word_at + 1)
        codes = segments.codes[segments.word_at].astype(np.uint64)
        clause = segments.clause_at
        for n, table in enumerate(self._runs, start=1):
            keys = pack(codes, n)
            if n > 1:  # 0 is no run
                keys = np.where(clause[: len(keys)] == clause[n - 1 :], keys, np.uint64(0))
            place, at = table.find(keys)
            yield Occurrences(place + first, clause[at], at, n, characters)
            first += len(self.runs[n - 1])

    def name(self, feature: int) -> str:
        """The feature as text: a word or a run of characters."""
        if feature < len(self.words):
            return self.words[feature]
        feature -= len(self.words)
        for keys in self.runs:
            if feature < len(keys):
                return unpack(int(keys[feature]))
            feature -= len(keys)
        raise IndexError(feature)
