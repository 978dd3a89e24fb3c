"""Models with more features and more labels than the shipped one, to see how cost grows.

The only benchmark that knows how a model is laid out: it takes the parts of
:class:`responsetag.model.artifact.Model` and the numbering of :class:`responsetag.vocabulary.Vocabulary`
(words, shorter before longer, then runs by length), and is to be adapted with them. Nothing is trained and
no file is written; such a model is as plausible as its cost needs, and its labels mean nothing.

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
    new_runs = [_new_runs(segments, keys, n, times * len(keys), rng) for n, keys in enumerate(old.runs, 1)]
    # Rows of the old model that stand for each feature of the new one, kind by kind.
    lengths = [np.array([len(word) for word in several]) for several in (old.words, new_words)]
    rows = [_rows(0, *lengths, rng)]
    start = len(old.words)
    for keys, added in zip(old.runs, new_runs, strict=True):
        rows.append(_rows(start, keys, added, rng))
        start += len(keys)
    row = np.concatenate(rows)
    vocabulary = Vocabulary(
        sorted([*old.words, *new_words], key=len),
        tuple(np.sort(np.concatenate(both)) for both in zip(old.runs, new_runs, strict=True)),
    )
    counts = {
        "words": len(vocabulary.words),
        "runs": [len(k) for k in vocabulary.runs],
    }
    manifest = replace(model.manifest, features={**model.manifest.features, **counts})
    return Model(manifest, vocabulary, model.weights[row], model.scale, model.bias)


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


def _new_runs(segments: Segments, old: _Keys, n: int, count: int, rng: np.random.Generator) -> _Keys:
    rare, _ = runs(segments, n)
    codes = _HAN if n == 1 else segments.codes[segments.word_at]

    def draw(several: int) -> _Keys:
        return pack(rng.choice(codes, several * n).astype(np.uint64), n)[::n]

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
        weights=np.concatenate([np.tile(model.weights[:, :-1], (1, times)), model.weights[:, -1:]], axis=1),
        scale=np.append(np.tile(model.scale[:-1], times), model.scale[-1]),
        bias=np.tile(model.bias, times),
        path=None,
    )
