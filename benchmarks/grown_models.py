"""Models with more features and more labels than the shipped one, to see how cost grows.

The only benchmark that knows how a model is laid out: it takes the parts of
:class:`responsetag.model.artifact.Model` and the numbering of :class:`responsetag.vocabulary.Vocabulary`
(words, pairs, then runs by length), and is to be adapted with them. Nothing is trained and no file is
written; such a model is as plausible as its cost needs, and its labels mean nothing.

Added features are first those that the given texts have and the model left out as too rare, which texts do
hit; then random ones made of the same characters and words, which they hit by chance. Each has the weights
and the idf of a feature of its kind drawn at random. Labels are those of the model several times over.
"""

from __future__ import annotations

from collections.abc import Callable, Sequence
from dataclasses import replace
from typing import Any

import numpy as np
from numpy.typing import NDArray

from responsetag.model import Calibration, Model
from responsetag.text import Segments, normalize, segment
from responsetag.tokenizer import tokenizer
from responsetag.vocabulary import Vocabulary, Words, pack, runs, words

_Keys = NDArray[Any]
# Han of the basic plane, of extension A and of B: what single characters can be drawn from.
_HAN = np.concatenate([np.arange(0x4E00, 0xA000), np.arange(0x3400, 0x4DC0), np.arange(0x20000, 0x2A6E0)])


def grow(model: Model, texts: Sequence[str], *, vocabulary: int = 1, labels: int = 1, seed: int = 1) -> Model:
    """A model of ``vocabulary`` times the features and ``labels`` times the labels of ``model``.

    Args:
        texts: paragraphs from which features are taken.
    """
    grown = model
    if vocabulary > 1:
        grown = _more_features(model, texts, vocabulary - 1, np.random.default_rng(seed))
    return _more_labels(grown, labels) if labels > 1 else grown


def n_features(model: Model) -> int:
    """How many features a model has."""
    return len(model.vocabulary)


def _more_features(model: Model, texts: Sequence[str], times: int, rng: np.random.Generator) -> Model:
    old = model.vocabulary
    segments = segment([normalize(text).text for text in texts])
    found = words(segments, tokenizer())
    new_words = _new_words(old.words, found, times * len(old.words), rng)
    all_words = [*old.words, *new_words]
    first, second = np.divmod(old.pairs, len(old.words))
    pairs = first * len(all_words) + second
    new_pairs = _new_pairs(all_words, pairs, found, times * len(pairs), rng)
    new_runs = [_new_runs(segments, keys, n, times * len(keys), rng) for n, keys in enumerate(old.runs, 1)]
    # Rows of the old model that stand for each feature of the new one, kind by kind.
    rows = [_rows(0, np.zeros(len(old.words)), np.zeros(len(new_words)), rng)]
    start = len(old.words)
    for keys, added in ((pairs, new_pairs), *zip(old.runs, new_runs, strict=True)):
        rows.append(_rows(start, keys, added, rng))
        start += len(keys)
    row = np.concatenate(rows)
    vocabulary = Vocabulary(
        all_words,
        np.sort(np.concatenate([pairs, new_pairs])),
        tuple(np.sort(np.concatenate(both)) for both in zip(old.runs, new_runs, strict=True)),
    )
    counts = {
        "words": len(all_words),
        "pairs": len(vocabulary.pairs),
        "runs": [len(k) for k in vocabulary.runs],
    }
    manifest = replace(model.manifest, features={**model.manifest.features, **counts})
    return Model(manifest, vocabulary, model.weights[row], model.scale, model.idf[row], model.bias)


def _rows(start: int, keys: _Keys, added: _Keys, rng: np.random.Generator) -> NDArray[np.int64]:
    """Rows of a kind that begins at ``start``, in the ascending order of its old and added keys together;
    an added key takes the row of a random old one."""
    of_key = np.concatenate([np.arange(len(keys)), rng.integers(0, len(keys), len(added))])
    return start + of_key[np.argsort(np.concatenate([keys, added]), kind="stable")]


def _new_words(old: Sequence[str], found: Words, count: int, rng: np.random.Generator) -> list[str]:
    seen = dict.fromkeys(found.tokens[i] for i in found.word)
    known = set(old)
    new = [word for word in seen if word not in known][:count]
    known.update(new)
    characters = np.array(list("".join(seen)))
    while len(new) < count:
        drawn = rng.choice(characters, (count, 4))
        lengths = rng.integers(2, 5, count)
        random = ("".join(row[:length]) for row, length in zip(drawn, lengths, strict=True))
        added = [word for word in dict.fromkeys(random) if word not in known][: count - len(new)]
        known.update(added)
        new += added
    return new


def _new_pairs(
    all_words: Sequence[str], old: _Keys, found: Words, count: int, rng: np.random.Generator
) -> _Keys:
    number = {word: i for i, word in enumerate(all_words)}
    numbers = np.array([number.get(found.tokens[i], -1) for i in found.word], dtype=np.int64)
    left, right = numbers[:-1], numbers[1:]
    together = (left >= 0) & (right >= 0) & (found.clause[:-1] == found.clause[1:])
    rare = left[together] * len(all_words) + right[together]
    return _filled(
        old, rare, count, lambda n: rng.choice(numbers, n) * len(all_words) + rng.choice(numbers, n), rng
    )


def _new_runs(segments: Segments, old: _Keys, n: int, count: int, rng: np.random.Generator) -> _Keys:
    rare, _ = runs(segments, n)
    codes = _HAN if n == 1 else segments.codes[segments.word_at]

    def draw(several: int) -> _Keys:
        return pack([rng.choice(codes, several).astype(np.uint64) for _ in range(n)])

    return _filled(old, rare, count, draw, rng)


def _filled(
    old: _Keys, rare: _Keys, count: int, draw: Callable[[int], _Keys], rng: np.random.Generator
) -> _Keys:
    """``count`` distinct keys that are not old: of the rare ones, and drawn ones where these are too few."""
    new = rng.permutation(np.setdiff1d(rare, old))[:count]
    while len(new) < count:
        drawn = np.setdiff1d(draw(count), np.concatenate([old, new]))
        new = np.concatenate([new, rng.permutation(drawn)[: count - len(new)]])
    return new


def _more_labels(model: Model, times: int) -> Model:
    manifest = model.manifest
    calibration = manifest.calibration
    labels = tuple(
        replace(label, slug=f"{label.slug}-{copy}") for copy in range(times) for label in manifest.labels
    )
    return replace(
        model,
        manifest=replace(
            manifest,
            labels=labels,
            thresholds=manifest.thresholds * times,
            calibration=Calibration(calibration.slope * times, calibration.intercept * times),
        ),
        weights=np.tile(model.weights, (1, times)),
        scale=np.tile(model.scale, times),
        bias=np.tile(model.bias, times),
        path=None,
    )
