"""The features that a model knows, and where they occur in cut text.

A feature is a word, a pair of neighbouring words in a clause, or a run of one to ``n`` characters in
a clause. The number of a feature is its place in the order words, pairs, runs of 1, 2, ... characters.
Runs and pairs are integers, so that whole batches are looked up at once.
"""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from dataclasses import dataclass, field
from itertools import repeat
from typing import NamedTuple

import numpy as np
from numpy.typing import NDArray

from responsetag.lookup import KeyTable
from responsetag.text.segment import Segments
from responsetag.tokenizer import Cut

# A code point has 21 bits, so that three fit in a 64-bit integer.
CODE_BITS = 21
MAX_RUN = 3


class Occurrences(NamedTuple):
    """Features of one kind found in segmented text, in text order.

    Attributes:
        feature: numbers of the features, shape ``(n,)``.
        clause: the clause of each, shape ``(n,)``, non-decreasing.
        starts, ends: offsets in ``Segments.text`` of each, shape ``(n,)``.
    """

    feature: NDArray[np.int64]
    clause: NDArray[np.int64]
    starts: NDArray[np.int64]
    ends: NDArray[np.int64]


class Words(NamedTuple):
    """The words of segmented text: the tokens that start with a letter, digit or Han character.

    Attributes:
        tokens: all tokens, words or not.
        word: which of them are words, shape ``(n,)``.
        clause, starts, ends: as in :class:`Occurrences`, shapes ``(n,)``.
    """

    tokens: list[str]
    word: NDArray[np.int64]
    clause: NDArray[np.int64]
    starts: NDArray[np.int64]
    ends: NDArray[np.int64]


def words(segments: Segments, cut: Cut) -> Words:
    """Cut the whole of ``segments`` once and keep the words of its clauses."""
    tokens = cut(segments.text)
    ends = np.cumsum(np.fromiter(map(len, tokens), dtype=np.int64, count=len(tokens)))
    starts = np.concatenate(([0], ends[:-1])).astype(np.int64) if len(tokens) else ends
    # A token is a word where its first character is one that words are made of.
    clause_of = np.full(len(segments.text) + 1, -1, dtype=np.int64)
    clause_of[segments.word_at] = segments.clause_at
    clause = clause_of[starts]
    kept = np.flatnonzero(clause >= 0)
    return Words(tokens, kept, clause[kept], starts[kept], ends[kept])


def runs(segments: Segments, n: int) -> tuple[NDArray[np.uint64], NDArray[np.int64]]:
    """Every run of ``n`` word characters within a clause (marks and spaces between them skipped).

    Returns:
        The runs packed into integers, and where in ``segments.word_at`` each begins.
    """
    count = max(len(segments.word_at) - n + 1, 0)
    codes = segments.codes[segments.word_at].astype(np.uint64)
    keys = pack([codes[i : i + count] for i in range(n)])
    within = np.flatnonzero(segments.clause_at[:count] == segments.clause_at[n - 1 : n - 1 + count])
    return keys[within], within


def pack(columns: Sequence[NDArray[np.uint64]]) -> NDArray[np.uint64]:
    """Runs as integers: the code points of their first, second, ... characters, each of shape ``(n,)``,
    to keys of shape ``(n,)``."""
    keys = np.zeros(len(columns[0]), dtype=np.uint64)
    for codes in columns:
        keys = (keys << np.uint64(CODE_BITS)) | codes
    return keys


def unpack(key: int) -> str:
    """The run of characters that ``key`` stands for."""
    characters = []
    while key:
        characters.append(chr(key & ((1 << CODE_BITS) - 1)))
        key >>= CODE_BITS
    return "".join(reversed(characters))


@dataclass(frozen=True, slots=True)
class Vocabulary:
    """Features with their numbers.

    Attributes:
        words: the known words.
        pairs: pairs of neighbouring words, as ``first * len(words) + second`` by their numbers,
            ascending.
        runs: for each length from 1 on, the runs of that length packed into integers, ascending.
    """

    words: Sequence[str]
    pairs: NDArray[np.int64]
    runs: tuple[NDArray[np.uint64], ...]
    _word_number: dict[str, int] = field(init=False, repr=False, compare=False)
    _pair_table: KeyTable = field(init=False, repr=False, compare=False)
    _run_tables: tuple[KeyTable, ...] = field(init=False, repr=False, compare=False)

    def __post_init__(self) -> None:
        object.__setattr__(self, "_word_number", dict(zip(self.words, range(len(self.words)), strict=True)))
        object.__setattr__(self, "_pair_table", KeyTable(self.pairs.astype(np.uint64)))
        object.__setattr__(self, "_run_tables", tuple(map(KeyTable, self.runs)))

    def __len__(self) -> int:
        return len(self.words) + len(self.pairs) + sum(map(len, self.runs))

    def find(self, segments: Segments, found: Words) -> Iterator[Occurrences]:
        """Where the features of each kind occur, one kind after the other.

        Args:
            found: the words of ``segments``.
        """
        looked_up = map(self._word_number.get, found.tokens, repeat(-1))
        numbers = np.fromiter(looked_up, dtype=np.int64, count=len(found.tokens))[found.word]
        known = np.flatnonzero(numbers >= 0)
        yield Occurrences(numbers[known], found.clause[known], found.starts[known], found.ends[known])
        first = len(self.words)
        if len(self.pairs):
            yield self._find_pairs(found, numbers)
            first += len(self.pairs)
        for n, keys in enumerate(self.runs, start=1):
            packed, at = runs(segments, n)
            index, hit = self._run_tables[n - 1].find(packed)
            at = at[hit]
            word_at = segments.word_at
            yield Occurrences(index + first, segments.clause_at[at], word_at[at], word_at[at + n - 1] + 1)
            first += len(keys)

    def _find_pairs(self, found: Words, numbers: NDArray[np.int64]) -> Occurrences:
        left, right = numbers[:-1], numbers[1:]
        together = (left >= 0) & (right >= 0) & (found.clause[:-1] == found.clause[1:])
        at = np.flatnonzero(together)
        wanted = (left[at] * len(self.words) + right[at]).astype(np.uint64)
        index, hit = self._pair_table.find(wanted)
        at = at[hit]
        return Occurrences(index + len(self.words), found.clause[at], found.starts[at], found.ends[at + 1])

    def name(self, feature: int) -> str:
        """The feature as text: a word, two words with a space between them, or a run of characters."""
        if feature < len(self.words):
            return self.words[feature]
        feature -= len(self.words)
        if feature < len(self.pairs):
            first, second = divmod(int(self.pairs[feature]), len(self.words))
            return f"{self.words[first]} {self.words[second]}"
        feature -= len(self.pairs)
        for keys in self.runs:
            if feature < len(keys):
                return unpack(int(keys[feature]))
            feature -= len(keys)
        raise IndexError(feature)
