"""Paragraphs to measure speed on, made from the corpus in any number and in an order that a seed fixes."""

from __future__ import annotations

import json
from collections.abc import Iterator
from itertools import islice
from pathlib import Path

import numpy as np

ROOT = Path(__file__).parent.parent
CORPUS = ROOT / "data" / "corpus"


def paragraphs(seed: int = 1) -> Iterator[str]:
    """Paragraphs without end: first those of the corpus, shuffled; then new ones, pass after pass.

    In later passes every sentence gives its place to one from another paragraph of as many sentences, so
    that lengths stay as they are in the corpus; paragraphs of one sentence so come again in every pass.
    One pass is in memory at a time.
    """
    rows = [
        [sentence["text"] for sentence in json.loads(line)["sentences"]]
        for file in sorted(CORPUS.glob("*.jsonl"))
        for line in file.read_text(encoding="utf-8").splitlines()
    ]
    number = 0
    while True:
        rng = np.random.default_rng([seed, number])
        source = rows if number == 0 else _recombined(rows, rng)
        for i in rng.permutation(len(rows)):
            yield "".join(source[i])
        number += 1


def _recombined(rows: list[list[str]], rng: np.random.Generator) -> list[list[str]]:
    lengths = np.array([len(row) for row in rows])
    out: list[list[str]] = [[] for _ in rows]
    for length in np.unique(lengths):
        members = np.flatnonzero(lengths == length)
        # Column by column, so that a first sentence stays a first one.
        for place in range(length):
            for i, j in zip(members, rng.permutation(members), strict=True):
                out[i].append(rows[j][place])
    return out


def first_paragraphs(count: int, seed: int = 1) -> list[str]:
    """The first ``count`` of :func:`paragraphs`."""
    return list(islice(paragraphs(seed), count))


def megabytes(texts: list[str]) -> float:
    """Millions of bytes of UTF-8."""
    return sum(len(text.encode()) for text in texts) / 1e6
