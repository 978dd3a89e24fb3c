"""This package with its shipped model, by its public functions; and the time of its training."""

from __future__ import annotations

import time
from pathlib import Path
from typing import TYPE_CHECKING

import responsetag

if TYPE_CHECKING:
    from peers import Tag
    from responsetag.training.corpus import Corpus


def arrays() -> Tag:
    """Labels and scores as arrays."""
    tagger = responsetag.load()

    def tag(texts: list[str]) -> object:
        scores = tagger.predict_proba(texts)
        return tagger.decide(scores), scores

    return tag


def taggings() -> Tag:
    """Tagging objects, without evidence."""
    tagger = responsetag.load()
    return lambda texts: list(tagger.tag_many(texts, evidence=False))


def taggings_with_evidence() -> Tag:
    """Tagging objects with evidence."""
    tagger = responsetag.load()
    return lambda texts: list(tagger.tag_many(texts, evidence=True))


def model_folder() -> Path:
    """Where the shipped model is."""
    return Path(responsetag.load().info.path)


def training_seconds(corpus: Corpus, jobs: int) -> float:
    """How long one fit on all of ``corpus`` takes, cutting included, without the cross-validation: seconds of
    the processor for one job, of the clock for several."""
    import numpy as np

    from responsetag.tokenizer import tokenizer
    from responsetag.training.fit import Trainer
    from responsetag.training.settings import Settings

    clock = time.process_time if jobs == 1 else time.perf_counter
    started = clock()
    Trainer(corpus, Settings(), tokenizer(), jobs).fit(np.ones(len(corpus), dtype=bool))
    return clock() - started
