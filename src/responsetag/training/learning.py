"""What more paragraphs would give: models of an eighth, a quarter, half and all of a corpus's training part,
judged on the paragraphs that were held out."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray

from responsetag.errors import CorpusError
from responsetag.text import normalize, segment
from responsetag.tokenizer import tokenizer
from responsetag.training.corpus import Corpus
from responsetag.training.evaluation import evaluate
from responsetag.training.fit import Progress, Trainer, numbered
from responsetag.training.settings import Settings
from responsetag.training.thresholds import choose_thresholds

# Corpora of fewer paragraphs than SMALL are drawn from so often: there a single draw is mostly chance.
SMALL = 2000
_DRAWS = 3
_PARTS = (8, 4, 2, 1)
_HELD_OUT = 5
_LEAST_PARAGRAPHS = 10


@dataclass(frozen=True)
class Step:
    """F1 of held-out paragraphs with one size of the training part.

    Attributes:
        paragraphs: trained on; of draws that differ, the mean.
        micro, macro: one value a draw.
    """

    paragraphs: int
    micro: tuple[float, ...]
    macro: tuple[float, ...]


@dataclass(frozen=True)
class LearningCurve:
    """Steps by rising size, how many paragraphs judged them (of draws that differ, the mean), and how often
    each was drawn."""

    steps: tuple[Step, ...]
    held_out: int
    draws: int


def learning_curve(
    corpus: Corpus, settings: Settings, *, jobs: int = 1, progress: Progress = lambda _: None
) -> LearningCurve:
    """Hold out a fifth of the paragraphs, and train on an eighth, a quarter, half and all of the others.

    Whole documents are held out, so that it is about a fifth where they are large. Every size has thresholds
    from cross-validation on its own paragraphs. Small corpora are split three times, others once. A size that
    leaves too few paragraphs, or no feature, is left out. It takes about one and a half times as long as
    training, and for small corpora three times that.

    Args:
        jobs: labels fitted at once.
        progress: told what is being done.
    """
    draws = _DRAWS if len(corpus) < SMALL else 1
    held: list[int] = []
    found: dict[int, list[tuple[int, float, float]]] = {}
    for draw in range(draws):
        places, rest = _split(corpus, np.random.default_rng([settings.seed, draw]))
        held_out = corpus.take(places)
        held.append(len(held_out))
        for parts in _PARTS:
            size = len(rest) // parts
            if size < _LEAST_PARAGRAPHS:
                continue
            progress(f"learning curve: {size} paragraphs, draw {draw + 1} of {draws}")
            try:
                part = corpus.take(np.sort(rest[:size]))
                margins, thresholds = fit_part(part, held_out.paragraphs, settings, jobs)
            except CorpusError:  # no feature in so few paragraphs
                continue
            given = margins >= thresholds
            evaluation = evaluate(held_out.paragraph_labels, given, corpus.labels, known=held_out.known)
            found.setdefault(parts, []).append((size, evaluation.micro.f1, evaluation.macro.f1))
    steps = []
    for _, drawn in sorted(found.items(), reverse=True):
        sizes, micro, macro = zip(*drawn, strict=True)
        steps.append(Step(round(np.mean(sizes)), micro, macro))
    return LearningCurve(tuple(steps), round(np.mean(held)), draws)


def _split(corpus: Corpus, rng: np.random.Generator) -> tuple[NDArray[np.int64], NDArray[np.int64]]:
    """The paragraphs of documents drawn, as near to a fifth of all as they come, in the corpus's order, and
    the others in an order by chance."""
    member = numbered(corpus.documents)
    order = rng.permutation(int(member.max()) + 1)
    ends = np.cumsum(np.bincount(member)[order])[:-1]
    count = int(ends[np.argmin(np.abs(ends - len(corpus) // _HELD_OUT))])
    drawn = np.argsort(np.argsort(order)[member], kind="stable")
    return np.sort(drawn[:count]), drawn[count:]


def fit_part(
    part: Corpus, texts: Sequence[str], settings: Settings, jobs: int
) -> tuple[NDArray[np.float32], NDArray[np.float64]]:
    """Margins of ``texts`` by a model of ``part``, shape ``(n_texts, n_labels)``, and its thresholds, which
    come from cross-validation on ``part``.

    Raises:
        CorpusError: ``part`` has no feature.
    """
    cut = tokenizer()
    trainer = Trainer(part, settings, cut, jobs)
    out_of_fold, _ = trainer.cross_validate(lambda _: None)
    thresholds = choose_thresholds(part.paragraph_labels, out_of_fold, settings.shrinkage, part.known)
    scorer = trainer.fit(np.ones(len(part), dtype=bool)).scorer(settings, cut)
    margins = scorer.score(segment([normalize(text).text for text in texts]))
    # A text without words has no window, and so no feature: the bias alone.
    return np.where(np.isfinite(margins), margins, scorer.bias), thresholds
