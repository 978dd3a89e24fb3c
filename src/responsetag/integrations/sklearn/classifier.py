"""The classifier: what ``train.py`` trains, with scikit-learn's methods."""

from __future__ import annotations

import os
from collections.abc import Iterable, Sequence
from dataclasses import replace
from numbers import Integral, Real
from pathlib import Path
from typing import Any, Self

import numpy as np
from joblib import effective_n_jobs
from sklearn.pipeline import Pipeline
from sklearn.utils import check_random_state
from sklearn.utils.validation import check_is_fitted
from threadpoolctl import threadpool_limits

from responsetag.errors import ArgumentError, CorpusError
from responsetag.integrations.sklearn.data import read_target, read_texts
from responsetag.integrations.sklearn.prediction import TaggerClassifier
from responsetag.model.artifact import Model
from responsetag.model.manifest import check_name
from responsetag.model.writer import write_model
from responsetag.tagger import Tagger
from responsetag.taxonomy import taxonomy_of
from responsetag.training.card import card_pictures, render_card
from responsetag.training.corpus import Corpus
from responsetag.training.export import golden_predictions
from responsetag.training.pipeline import fit_model
from responsetag.training.run import golden_texts
from responsetag.training.settings import Settings

_DEFAULT = Settings()
_UNNAMED = ("unnamed", "0.0.0")


class ResponseTagClassifier(TaggerClassifier):
    """Labels of Chinese paragraphs, by linear support vector machines on their best windows of clauses.

    ``fit`` trains what ``train.py`` trains on paragraphs that are labelled as a whole, to the same weights.
    ``score`` is the mixin's: the share of texts whose labels are all right. For others give
    ``scoring="f1_micro"`` or the like.

    Args:
        labels: names of the columns of ``y``, or all labels there are where ``y`` has lists of them.
        min_df: a feature is kept from this many texts on; what training takes for so many texts when None.
        longest_run: character runs of 1 to this length (3 at most) are features.
        power: of the length that TF-IDF rows are divided by, 0 to 1.
        windows: sizes in clauses (1 to 16, and 1 among them) that a text is scored by.
        C: inverse of regularisation, as of ``LinearSVC``.
        folds: of the cross-validation inside ``fit``, for thresholds and calibration; None as for ``min_df``.
        shrinkage: 0 for one threshold common to all labels, 1 for each label's own best.
        random_state: of folds and fit.
        n_jobs: labels fitted at once.

    Attributes:
        classes_: shape ``(n_labels,)``: names of labels, numbers of columns that have none, or classes.
        tagger_: the :class:`~responsetag.Tagger`, with evidence and all else that it gives.
        model_: the parts of its model.
        evaluation_: figures of the cross-validation inside ``fit``; not after ``Tagger.to_sklearn``.
    """

    def __init__(
        self,
        *,
        labels: Sequence[str] | None = None,
        min_df: int | None = None,
        longest_run: int = _DEFAULT.longest_run,
        power: float = _DEFAULT.power,
        windows: tuple[int, ...] = _DEFAULT.windows,
        C: float = _DEFAULT.inverse_regularisation,  # noqa: N803 - scikit-learn's name
        folds: int | None = None,
        shrinkage: float = _DEFAULT.shrinkage,
        random_state: int | np.random.RandomState | None = _DEFAULT.seed,
        n_jobs: int | None = None,
    ) -> None:
        self.labels = labels
        self.min_df = min_df
        self.longest_run = longest_run
        self.power = power
        self.windows = windows
        self.C = C
        self.folds = folds
        self.shrinkage = shrinkage
        self.random_state = random_state
        self.n_jobs = n_jobs

    def fit(self, X: Any, y: Any, groups: Sequence[object] | None = None) -> Self:  # noqa: N803
        """Cross-validate for thresholds and calibration, and fit on all texts.

        Args:
            X: texts: a list, an array, a series, or a frame of one column.
            y: an indicator matrix or frame of 0 and 1, shape ``(n_texts, n_labels)``; or a list of labels (or
                a set) a text, which scikit-learn's own cross-validation does not take; or a class a text.
            groups: the document of each text; texts of one are held out together inside ``fit``.

        Raises:
            ArgumentError: a parameter, a text or a label cannot be used, or there are too few texts.
        """
        texts = read_texts(X)
        settings = self._settings(len(texts))
        target = read_target(y, self.labels)
        documents = None if groups is None else [str(group) for group in groups]
        for what, size in (
            ("y", len(target.true)),
            ("groups", len(texts if documents is None else documents)),
        ):
            if size != len(texts):
                raise ArgumentError(f"X has {len(texts)} texts, and {what} {size}; give one for each text")
        taxonomy = taxonomy_of({str(label): str(label) for label in target.classes})
        corpus = Corpus.from_texts(texts, target.label_lists, taxonomy.slugs, documents)
        try:
            # Calibration fits two numbers a label, over which threads of BLAS take six times as long as one.
            with threadpool_limits(1, user_api="blas"):
                fitted = fit_model(
                    corpus, taxonomy, *_UNNAMED, settings=settings, jobs=effective_n_jobs(self.n_jobs)
                )
        except CorpusError as error:
            raise ArgumentError(str(error)) from error
        self.evaluation_ = fitted.evaluation
        self._held_out = fitted.held_out
        self._golden_texts = golden_texts(corpus, taxonomy)
        self._take(Tagger(fitted.model), fitted.model, target.classes, target.kind)
        return self

    def _settings(self, n_texts: int) -> Settings:
        usual = Settings.for_size(n_texts)
        min_df = usual.min_df if self.min_df is None else self.min_df
        folds = usual.folds if self.folds is None else self.folds
        sizes = tuple(self.windows) if isinstance(self.windows, Iterable) else ()
        needs = (
            ("min_df", isinstance(min_df, Integral) and min_df >= 1, "a whole number, 1 or more"),
            ("longest_run", self.longest_run in {1, 2, 3}, "1, 2 or 3"),
            ("power", isinstance(self.power, Real) and 0 <= self.power <= 1, "from 0 to 1"),
            (
                "windows",
                1 in sizes and all(isinstance(size, Integral) and 1 <= size <= 16 for size in sizes),
                "whole numbers of 1 to 16, and 1 among them",
            ),
            ("C", isinstance(self.C, Real) and 0 < self.C < np.inf, "a number above 0"),
            ("folds", isinstance(folds, Integral) and folds >= 2, "a whole number, 2 or more"),
            ("shrinkage", isinstance(self.shrinkage, Real) and 0 <= self.shrinkage <= 1, "from 0 to 1"),
        )
        for name, sound, wanted in needs:
            if not sound:
                raise ArgumentError(f"{name} must be {wanted}, not {getattr(self, name)!r}")
        seed = self.random_state
        if seed is None or isinstance(seed, np.random.RandomState):
            seed = check_random_state(seed).randint(2**31 - 1)
        elif not isinstance(seed, Integral) or not 0 <= seed < 2**32:  # what liblinear takes
            raise ArgumentError(f"random_state must be a whole number from 0 to 2**32 - 1, not {seed!r}")
        # Plain numbers: grids have numpy's, which the model's manifest cannot hold.
        return Settings(
            min_df=int(min_df),
            longest_run=int(self.longest_run),
            power=float(self.power),
            windows=tuple(int(size) for size in sizes),
            inverse_regularisation=float(self.C),
            folds=int(folds),
            shrinkage=float(self.shrinkage),
            seed=int(seed),
        )

    def save(self, output: str | os.PathLike[str], *, name: str, version: str) -> Path:
        """Write a model directory ``output/name/version`` with its card: plain data that
        :func:`responsetag.load` and every command take. (A pickle of the estimator is for your own use.)

        Raises:
            ArgumentError: it was not fitted here, but comes from a model directory.
            ModelError: the directory exists or cannot be written, or name or version is malformed.
        """
        check_is_fitted(self)
        check_name(name, version)
        if not hasattr(self, "evaluation_"):
            raise ArgumentError("this is a saved model already: copy its directory, tagger_.info.path")
        model = replace(self.model_, manifest=replace(self.model_.manifest, name=name, version=version))
        directory = Path(output) / name / version
        write_model(
            model,
            directory,
            golden=golden_predictions(model, self._golden_texts),
            card=render_card(model, self.evaluation_, []),
            pictures=card_pictures(model, self._held_out, self.evaluation_, []),
        )
        return directory


def to_sklearn(tagger: Tagger, model: Model) -> Pipeline:
    """A fitted pipeline; see :meth:`Tagger.to_sklearn`."""
    names = {"inverse_regularisation": "C", "seed": "random_state"}
    known = {names.get(key, key): value for key, value in model.manifest.training.items()}
    settings = {key: known[key] for key in ResponseTagClassifier().get_params() if key in known}
    if "windows" in settings:
        settings["windows"] = tuple(settings["windows"])
    classifier = ResponseTagClassifier(labels=tagger.labels, **settings)
    classifier._take(tagger, model, np.array(tagger.labels), "indicator")  # noqa: SLF001 - made here
    return Pipeline([("classifier", classifier)])
