"""From a corpus to a model in memory: cross-validation, thresholds, calibration, fit."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray

from responsetag.errors import CorpusError
from responsetag.linear import sigmoid
from responsetag.model.artifact import Model
from responsetag.taxonomy import Taxonomy
from responsetag.tokenizer import tokenizer
from responsetag.training.corpus import Corpus
from responsetag.training.evaluation import Evaluation, Judged
from responsetag.training.export import build_model
from responsetag.training.fit import Progress, Trainer
from responsetag.training.settings import Settings
from responsetag.training.thresholds import choose_thresholds, fit_platt

# Fewer paragraphs than this give no cross-validation worth the name.
_LEAST_PARAGRAPHS = 10


@dataclass(frozen=True)
class FittedModel:
    """A model that was fitted on a whole corpus, and what its cross-validation gave."""

    model: Model
    evaluation: Evaluation
    held_out: Judged


def fit_model(
    corpus: Corpus,
    taxonomy: Taxonomy,
    name: str,
    version: str,
    *,
    settings: Settings,
    jobs: int = 1,
    check: Callable[[Evaluation], None] | None = None,
    progress: Progress = lambda _: None,
) -> FittedModel:
    """Cross-validate, choose thresholds and calibration by it, and fit on the whole corpus.

    Args:
        jobs: labels fitted at once.
        check: looks at the figures before the last fit; what it raises ends the training.
        progress: told what is being done.

    Raises:
        CorpusError: there are too few paragraphs.
    """
    if len(corpus) < _LEAST_PARAGRAPHS:
        raise CorpusError(f"{len(corpus)} paragraphs; training needs {_LEAST_PARAGRAPHS} at least")
    progress(f"cutting {len(corpus)} paragraphs")
    cut = tokenizer()
    trainer = Trainer(corpus, settings, cut, jobs)
    margins, fold = trainer.cross_validate(progress)
    held_out = _judge(corpus, margins, fold, settings)
    evaluation = held_out.evaluate(corpus.labels)
    if check:
        check(evaluation)
    thresholds = choose_thresholds(corpus.paragraph_labels, margins, settings.shrinkage)
    slope, intercept = fit_platt(corpus.paragraph_labels, margins)
    progress("fitting on the whole corpus")
    fitted = trainer.fit(np.ones(len(corpus), dtype=bool))
    model = build_model(
        fitted,
        name=name,
        version=version,
        taxonomy=taxonomy,
        thresholds=sigmoid(slope * thresholds + intercept),
        platt=(slope, intercept),
        settings=settings,
        corpus={"digest": corpus.digest, "paragraphs": len(corpus), "sentences": len(corpus.sentences)},
        metrics=evaluation.summary(),
        cut=cut,
    )
    return FittedModel(model, evaluation, held_out)


def _judge(
    corpus: Corpus, margins: NDArray[np.float32], fold: NDArray[np.int64], settings: Settings
) -> Judged:
    """Each fold by thresholds and calibration that were chosen on the others."""
    true = corpus.paragraph_labels
    given = np.zeros_like(true)
    scores = np.zeros(true.shape)
    for k in np.unique(fold):
        others, here = fold != k, fold == k
        given[here] = margins[here] >= choose_thresholds(true[others], margins[others], settings.shrinkage)
        slope, intercept = fit_platt(true[others], margins[others])
        scores[here] = sigmoid(slope * margins[here].astype(np.float64) + intercept)
    return Judged(true, scores, given, corpus.documents)
