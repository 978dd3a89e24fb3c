"""The shipped corpus with rows of one's own added."""

from __future__ import annotations

from dataclasses import replace

import numpy as np

from responsetag.errors import CorpusError
from responsetag.model.registry import DEFAULT_MODEL
from responsetag.paths import shipped
from responsetag.taxonomy import Taxonomy
from responsetag.training.corpus import Corpus
from responsetag.training.loading import load_corpus


def base_corpus(name: str, taxonomy: Taxonomy) -> Corpus:
    """The corpus that a shipped model was trained on.

    Raises:
        CorpusError: none is kept of that name, or it is not here.
    """
    if name != DEFAULT_MODEL:
        raise CorpusError(f"there is no corpus of {name!r} to extend; there is: {DEFAULT_MODEL}")
    folder = shipped("data") / "corpus"
    if not folder.is_dir():
        raise CorpusError(
            f"{folder}: is not there: the installed package leaves the corpus out; extend it in a checkout"
        )
    return load_corpus(folder, taxonomy.slugs)


def join_taxonomies(base: Taxonomy, own: Taxonomy | None) -> Taxonomy:
    """The labels of ``base``, then those of ``own`` that are new."""
    if own is None:
        return base
    new = tuple(replace(label, group="") for label in own.labels if label.slug not in base.slugs)
    return replace(base, labels=(*base.labels, *new))


def join_corpora(base: Corpus, own: Corpus) -> tuple[Corpus, int]:
    """One corpus, the rows of ``own`` last, and how many of ``base`` they take the place of.

    A paragraph of one says nothing about labels that only the other has: these are not known of it, and
    neither fitted nor judged on it.
    """
    texts = {row.text.strip() for row in own.rows}
    kept = [row for row in base.rows if row.text.strip() not in texts]
    labels = (*base.labels, *(label for label in own.labels if label not in base.labels))
    known = None
    if set(base.labels) != set(own.labels):
        of_base, of_own = (np.isin(labels, corpus.labels) for corpus in (base, own))
        known = np.vstack([np.tile(of_base, (len(kept), 1)), np.tile(of_own, (len(own), 1))])
    return Corpus.of([*kept, *own.rows], labels, known), len(base) - len(kept)
