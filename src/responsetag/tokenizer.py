"""Words, by jieba's dictionary without its hidden Markov model. The only importer of jieba and rjieba.

``rjieba`` (Rust) cuts as ``jieba.lcut(..., HMM=False)`` does and is 12 to 18 times as fast; where it
is not installed, jieba itself is used. Both cut alike, which a property test shows.
"""

from __future__ import annotations

import hashlib
from collections.abc import Callable
from functools import cache
from typing import Literal

Cut = Callable[[str], list[str]]
Backend = Literal["rjieba", "jieba"]

# Ambiguous runs, numbers, Latin words and marks: two dictionaries that cut these alike are the same
# for our purpose, and an edited user dictionary is very likely to cut one of them otherwise.
_PROBE = (
    "全县组织党员干部下沉社区开展摸底排查、体温测量、消毒消杀等工作",
    "国务院联防联控机制召开新闻发布会介绍新冠病毒疫苗接种有关情况",
    "消防救援人员连夜转移被困群众1200名，抢修受损公路35.6公里",
    "对居家隔离人员实行“四包一”，由网格员代购生活必需品",
    "减免中小微企业房租、缓缴社会保险费，发放稳岗返还资金2.3亿元",
    "COVID-19核酸检测APP上线，A+B方案",
    "结合成分子时的和服务员工资格外卖出去",
)


@cache
def _rjieba() -> Cut | None:
    try:
        import rjieba
    except ImportError:
        return None
    # Its default instance: another one would read the dictionary again, which takes a tenth of a second.
    cut = rjieba.cut
    return lambda text: cut(text, False)


@cache
def _jieba() -> Cut:
    import logging

    import jieba

    # An own instance: words that a program adds to jieba's global dictionary do not change ours.
    jieba.setLogLevel(logging.WARNING)
    lcut = jieba.Tokenizer().lcut
    return lambda text: lcut(text, HMM=False)


def tokenizer(backend: Backend | None = None) -> Cut:
    """A function from a text to its words and marks; joined they give the text.

    Args:
        backend: which implementation; ``rjieba`` where installed when not given.

    Raises:
        ImportError: the backend asked for is not installed.
    """
    if backend == "jieba":
        return _jieba()
    fast = _rjieba()
    if fast is None and backend == "rjieba":
        raise ImportError("rjieba is not installed: run  pip install rjieba")
    return fast or _jieba()


def fingerprint(cut: Cut) -> str:
    """SHA-256 of how ``cut`` cuts a fixed set of sentences: equal for equal dictionaries."""
    words = "\n".join("/".join(cut(sentence)) for sentence in _PROBE)
    return hashlib.sha256(words.encode()).hexdigest()
