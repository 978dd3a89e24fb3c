"""Designs of the classifier that the package does not have, to compare it with.

Written for freedom, not for speed: every window of clauses becomes a row of a sparse matrix.
"""

from __future__ import annotations

import json
import re
from collections.abc import Callable, Sequence
from dataclasses import dataclass
from itertools import pairwise
from pathlib import Path

import numpy as np
import scipy.sparse as sp
from joblib import Parallel, delayed
from numpy.typing import NDArray
from sklearn.linear_model import LogisticRegression, RidgeClassifier
from sklearn.svm import LinearSVC

from responsetag.text import Segments, normalize, segment
from responsetag.tokenizer import tokenizer
from responsetag.training.corpus import Corpus
from responsetag.vocabulary import words

CUES: dict[str, list[str]] = json.loads(Path(__file__).with_name("cues.json").read_text(encoding="utf-8"))
_NUMBER = re.compile(r"[0-9０-９]+")
_PLACES = re.compile(
    "北京|天津|上海|重庆|河北|山西|辽宁|吉林|黑龙江|江苏|浙江|安徽|福建|江西|山东|河南|湖北|湖南|广东|海南|四川|贵州|"
    "云南|陕西|甘肃|青海|台湾|内蒙古|广西|西藏|宁夏|新疆|香港|澳门|武汉|广州|深圳|成都|杭州|南京|西安|郑州|长沙|黄冈|"
    "孝感|美国|英国|法国|德国|意大利|西班牙|俄罗斯|日本|韩国|印度|伊朗|土耳其|加拿大|墨西哥|巴西|智利|澳大利亚|泰国|"
    "缅甸|菲律宾|巴基斯坦|尼泊尔"
)


@dataclass
class Clauses:
    """Texts cut into clauses: for each clause its text's number, sentence, words and characters."""

    text: NDArray[np.int64]
    sentence: NDArray[np.int64]
    words: list[list[str]]
    characters: list[str]
    n_texts: int

    @classmethod
    def of(cls, texts: Sequence[str]) -> Clauses:
        segments = segment([normalize(text).text for text in texts])
        found = words(segments, tokenizer())
        tokens: list[list[str]] = [[] for _ in range(len(segments))]
        for place, clause in zip(found.word, found.clause, strict=True):
            tokens[clause].append(found.tokens[place])
        characters: list[list[str]] = [[] for _ in range(len(segments))]
        for place, clause in zip(segments.word_at, segments.clause_at, strict=True):
            characters[clause].append(segments.text[place])
        joined = ["".join(part) for part in characters]
        return cls(np.asarray(segments.paragraph), _sentences(segments), tokens, joined, len(texts))

    def take(self, texts: NDArray[np.bool_]) -> Clauses:
        """The clauses of some texts, which are numbered anew."""
        kept = np.flatnonzero(texts[self.text])
        number = np.cumsum(texts) - 1
        return Clauses(
            number[self.text[kept]],
            self.sentence[kept],
            [self.words[i] for i in kept],
            [self.characters[i] for i in kept],
            int(texts.sum()),
        )


def _sentences(segments: Segments) -> NDArray[np.int64]:
    """The sentence of each clause."""
    ends = np.cumsum([character in "。！？；…!?;\n" for character in segments.text])
    return np.unique(ends[segments.starts], return_inverse=True)[1]


def _runs(n: int) -> Callable[[list[str], str], list[str]]:
    return lambda _words, chars: [chars[i : i + n] for i in range(len(chars) - n + 1)]


def _unordered(tokens: list[str], _chars: str) -> list[str]:
    kinds = sorted(set(tokens))
    return [f"{a}|{b}" for i, a in enumerate(kinds) for b in kinds[i + 1 :]]


def _cues(_words: list[str], chars: str) -> list[str]:
    return [f"cue:{label}" for label, cues in CUES.items() for cue in cues if cue in chars]


FAMILIES: dict[str, Callable[[list[str], str], list[str]]] = {
    "words": lambda tokens, _chars: list(tokens),
    "pairs": lambda tokens, _chars: [f"{a} {b}" for a, b in pairwise(tokens)],
    "any-order pairs": _unordered,
    "cues": _cues,
    **{f"runs of {n}": _runs(n) for n in (1, 2, 3, 4)},
}
USUAL = ("words", "runs of 1", "runs of 2", "runs of 3")


@dataclass(frozen=True)
class Design:
    """One way to build the classifier; the defaults are the package's."""

    families: tuple[str, ...] = USUAL
    min_df: int = 4
    most_features: int | None = None
    counting: str = "sublinear"
    power: float = 0.5
    mask: tuple[str, ...] = ()
    units: tuple[str, ...] = ("sentence", "paragraph")
    fit: str = "svm"
    c: float = 0.02
    balanced: bool = True
    windows: tuple[int | str, ...] = (1, 2, 3)
    pooling: str = "max"


def mask(clauses: Clauses, kinds: Sequence[str]) -> Clauses:
    """Numbers or place names as one symbol each."""
    rules = {"digits": (_NUMBER, "#"), "places": (_PLACES, "§")}
    tokens, chars = clauses.words, clauses.characters
    for kind in kinds:
        pattern, symbol = rules[kind]
        tokens = [[pattern.sub(symbol, token) for token in clause] for clause in tokens]
        chars = [pattern.sub(symbol, clause) for clause in chars]
    return Clauses(clauses.text, clauses.sentence, tokens, chars, clauses.n_texts)


def encode(clauses: Clauses, family: str, vocabulary: dict[str, int], *, grow: bool) -> sp.csr_array:
    """Counts of a family's features, shape ``(n_clauses, len(vocabulary))``; ``grow`` adds what is new."""
    extract = FAMILIES[family]
    indices: list[int] = []
    ends = [0]
    for tokens, chars in zip(clauses.words, clauses.characters, strict=True):
        found = extract(tokens, chars)
        if grow:
            indices += [vocabulary.setdefault(name, len(vocabulary)) for name in found]
        else:
            indices += [vocabulary[name] for name in found if name in vocabulary]
        ends.append(len(indices))
    ones = np.ones(len(indices), dtype=np.float32)
    return sp.csr_array(
        (ones, np.array(indices, dtype=np.int64), np.array(ends)), shape=(len(ends) - 1, len(vocabulary))
    )


def summed(rows: sp.csr_array, owner: NDArray[np.int64], n: int) -> sp.csr_array:
    """Rows of the same owner added up, shape ``(n, n_features)``."""
    member = sp.csr_array(
        (np.ones(len(owner), dtype=np.float32), (owner, np.arange(len(owner)))), shape=(n, len(owner))
    )
    out = sp.csr_array(member @ rows)
    out.sum_duplicates()
    return out


def window_matrix(clauses: Clauses, kinds: Sequence[int | str]) -> tuple[sp.csr_array, NDArray[np.int64]]:
    """Which clauses are in which window, shape ``(n_windows, n_clauses)``, and the text of each window."""
    rows: list[int] = []
    columns: list[int] = []
    owner: list[int] = []
    n = len(clauses.text)
    for kind in kinds:
        if isinstance(kind, int):
            spans = [
                (i, i + kind) for i in range(n - kind + 1) if clauses.text[i] == clauses.text[i + kind - 1]
            ]
        else:
            values = clauses.sentence if kind == "sentence" else clauses.text
            starts = np.flatnonzero(np.diff(values, prepend=-1))
            spans = list(zip(starts.tolist(), [*starts[1:].tolist(), n], strict=True))
        for first, last in spans:
            rows += [len(owner)] * (last - first)
            columns += range(first, last)
            owner.append(int(clauses.text[first]))
    ones = np.ones(len(rows), dtype=np.float32)
    return sp.csr_array((ones, (rows, columns)), shape=(len(owner), n)), np.array(owner)


class Trained:
    """A design fitted on the sentences of ``corpus`` that ``used`` names (shape ``(n_paragraphs,)``)."""

    def __init__(self, design: Design, sentences: Clauses, corpus: Corpus, used: NDArray[np.bool_]) -> None:
        self.design = design
        in_use = used[corpus.paragraph_of]
        clauses = mask(sentences.take(in_use), design.mask)
        paragraph = (np.cumsum(used) - 1)[corpus.paragraph_of[in_use]]
        labels = corpus.sentence_labels[in_use]
        self.vocabularies: list[dict[str, int]] = []
        blocks = []
        for family in design.families:
            vocabulary: dict[str, int] = {}
            block = summed(encode(clauses, family, vocabulary, grow=True), clauses.text, clauses.n_texts)
            kept = np.flatnonzero(np.bincount(block.indices, minlength=block.shape[1]) >= design.min_df)
            names = list(vocabulary)
            self.vocabularies.append({names[k]: i for i, k in enumerate(kept)})
            blocks.append(sp.csr_array(block[:, kept]))
        rows = sp.hstack(blocks, format="csr")
        self.kept = _strongest(rows, labels, design.most_features)
        rows = sp.csr_array(rows[:, self.kept])
        df = np.bincount(rows.indices, minlength=rows.shape[1])
        self.idf = np.log((1 + rows.shape[0]) / (1 + df)) + 1
        examples, targets = [], []
        if "sentence" in design.units:
            examples.append(rows)
            targets.append(labels)
        if "paragraph" in design.units:
            several = np.bincount(paragraph) > (1 if "sentence" in design.units else 0)
            examples.append(sp.csr_array(summed(rows, paragraph, int(used.sum()))[np.flatnonzero(several)]))
            targets.append(corpus.paragraph_labels[used][several])
        matrix = self._weigh(sp.csr_array(sp.vstack(examples, format="csr")))
        target = np.concatenate(targets)
        fits = Parallel(n_jobs=2)(delayed(_fit)(matrix, target[:, j], design) for j in range(target.shape[1]))
        self.weights = np.stack([w for w, _ in fits], axis=1)
        self.bias = np.array([b for _, b in fits])

    def __len__(self) -> int:
        return len(self.kept)

    def _weigh(self, counts: sp.csr_array) -> sp.csr_array:
        values = counts.astype(np.float64)
        by_counting = {"sublinear": lambda k: 1 + np.log(k), "binary": np.ones_like, "counts": lambda k: k}
        values.data = by_counting[self.design.counting](values.data) * self.idf[values.indices]
        squares = np.asarray(values.multiply(values).sum(axis=1)).ravel()
        values.data /= np.repeat(np.maximum(squares, 1e-6) ** (self.design.power / 2), np.diff(values.indptr))
        values.indices, values.indptr = values.indices.astype(np.int32), values.indptr.astype(np.int32)
        return values

    def margins(self, clauses: Clauses, pooling: str | None = None) -> NDArray[np.float64]:
        """Margins of whole texts, shape ``(n_texts, n_labels)``."""
        clauses = mask(clauses, self.design.mask)
        columns = zip(self.design.families, self.vocabularies, strict=True)
        rows = sp.hstack([encode(clauses, f, v, grow=False) for f, v in columns], format="csr")[:, self.kept]
        member, owner = window_matrix(clauses, self.design.windows)
        windows = sp.csr_array(member @ sp.csr_array(rows))
        windows.sum_duplicates()
        values = self._weigh(windows) @ self.weights + self.bias
        return pool(values, owner, clauses.n_texts, self.bias, pooling or self.design.pooling)


def pool(
    values: NDArray[np.float64], owner: NDArray[np.int64], n: int, bias: NDArray[np.float64], how: str
) -> NDArray[np.float64]:
    """One margin a text and label from those of its windows.

    ``max``; ``noisy-or`` over sigmoids of twice the margin, of which the logit is given; or ``softmax``, the
    mean weighted by the exponential of 8 times the margin.
    """
    best = np.full((n, values.shape[1]), -np.inf)
    np.maximum.at(best, owner, values)
    best = np.where(np.isfinite(best), best, bias)
    if how == "max":
        return best
    if how == "noisy-or":
        none = np.zeros_like(best)
        np.add.at(none, owner, -np.logaddexp(0, 2 * values))  # log of the chance that no window has it
        none = np.minimum(none, -1e-9)
        return np.log(-np.expm1(none)) - none
    weight = np.exp(8 * (values - best[owner]))
    total, mean = np.zeros_like(best), np.zeros_like(best)
    np.add.at(total, owner, weight)
    np.add.at(mean, owner, weight * values)
    return np.where(total > 0, mean / np.maximum(total, 1e-9), bias)


def _strongest(rows: sp.csr_array, labels: NDArray[np.bool_], most: int | None) -> NDArray[np.int64]:
    """The features with the highest chi-squared for any label (all of them where ``most`` is None)."""
    if most is None or most >= rows.shape[1]:
        return np.arange(rows.shape[1])
    from sklearn.feature_selection import chi2

    best = np.max([np.nan_to_num(chi2(rows, labels[:, j])[0]) for j in range(labels.shape[1])], axis=0)
    return np.sort(np.argsort(-best, kind="stable")[:most])


def _fit(
    examples: sp.csr_array, target: NDArray[np.bool_], design: Design
) -> tuple[NDArray[np.float64], float]:
    balance = "balanced" if design.balanced else None
    factor = None
    if design.fit == "nb-svm":
        factor = _log_count_ratio(examples, target)
        examples = examples.copy()
        examples.data = examples.data * factor[examples.indices]
    if design.fit == "logistic":
        model = LogisticRegression(
            C=design.c, class_weight=balance, solver="liblinear", random_state=0, max_iter=300
        )
    elif design.fit == "ridge":
        model = RidgeClassifier(alpha=1 / design.c, class_weight=balance, solver="sparse_cg", random_state=0)
    else:
        model = LinearSVC(C=design.c, class_weight=balance, random_state=0, tol=1e-3, max_iter=5000)
    model.fit(examples, target)
    weights = np.ravel(model.coef_)
    return (weights if factor is None else weights * factor), float(np.ravel(model.intercept_)[0])


def _log_count_ratio(examples: sp.csr_array, target: NDArray[np.bool_]) -> NDArray[np.float64]:
    """Wang and Manning, Baselines and bigrams (ACL 2012), a quarter of the way to no weights."""
    yes = np.asarray(examples[np.flatnonzero(target)].sum(axis=0)).ravel() + 1
    no = np.asarray(examples[np.flatnonzero(~target)].sum(axis=0)).ravel() + 1
    ratio = np.abs(np.log((yes / yes.sum()) / (no / no.sum())))
    return 0.75 * ratio / ratio.mean() + 0.25
