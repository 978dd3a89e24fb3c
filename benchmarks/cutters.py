"""Words by jieba and by rjieba, as functions that a pickled pipeline finds by name."""

from __future__ import annotations

import logging
from functools import cache
from typing import Any


@cache
def _jieba() -> Any:
    import jieba

    jieba.setLogLevel(logging.WARNING)
    return jieba


def cut_jieba(text: str) -> list[str]:
    """``jieba.lcut`` without the hidden Markov model."""
    found: list[str] = _jieba().lcut(text, HMM=False)
    return found


def cut_jieba_as_it_comes(text: str) -> list[str]:
    """``jieba.lcut`` as it is called by most, with the model that guesses words it does not know."""
    found: list[str] = _jieba().lcut(text)
    return found


@cache
def _rjieba() -> Any:
    import rjieba

    return rjieba


def cut_rjieba(text: str) -> list[str]:
    """``rjieba.cut`` without the hidden Markov model: the same words."""
    found: list[str] = _rjieba().cut(text, False)
    return found
