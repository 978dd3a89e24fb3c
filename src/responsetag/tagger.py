"""The tagger: paragraphs in, labels with scores and evidence out."""

from __future__ import annotations

import os
from collections.abc import Iterable, Iterator, Mapping, Sequence
from functools import cached_property
from itertools import islice, repeat
from typing import TYPE_CHECKING, Any, TypeVar

import numpy as np
from numpy.typing import NDArray

from responsetag.errors import InputError, ModelError
from responsetag.evidence import Calibration, explain
from responsetag.lanes import LaneTable
from responsetag.linear import WindowScorer, sigmoid
from responsetag.model.artifact import Model
from responsetag.model.manifest import Manifest
from responsetag.text import Source, normalize_many, paragraphs, read_file, segment
from responsetag.text.alignment import AlignedText
from responsetag.tokenizer import fingerprint, tokenizer
from responsetag.types import Evidence, ModelInfo, Scores, Status, Tag, TaggedDocument, Tagging, TermWeights

if TYPE_CHECKING:
    from sklearn.pipeline import Pipeline

Frame = TypeVar("Frame")
# Characters scored at once: enough to make Python's share small, few enough to stay in cache.
_BATCH_CHARACTERS = 20_000


class Tagger:
    """Says which labels a paragraph carries. Made by :func:`responsetag.load`; safe to share between
    threads, and to pickle to worker processes.

    Args:
        model: a model that was read and checked.

    Raises:
        ModelError: the tokenizer here cuts otherwise than the one that the model was trained with.
    """

    def __init__(self, model: Model) -> None:
        manifest = model.manifest
        cut = tokenizer()
        if fingerprint(cut) != manifest.tokenizer["fingerprint"]:
            raise ModelError(
                f"{manifest.name} {manifest.version}: words are cut otherwise here than in training; "
                "install the versions of jieba and rjieba that its card names, or train it again"
            )
        self._model = model
        self._scorer = WindowScorer(
            model.vocabulary,
            LaneTable(model.weights),
            model.scale,
            model.bias,
            manifest.features["power"],
            manifest.features["windows"],
            cut,
        )
        slope, intercept = manifest.calibration.slope, manifest.calibration.intercept
        self._calibration = Calibration(np.array(slope), np.array(intercept))
        self._thresholds = np.array(manifest.thresholds)

    def __repr__(self) -> str:
        return f"Tagger({self.info.name!r}, version={self.info.version!r}, {len(self.labels)} labels)"

    def __reduce__(self) -> tuple[type[Tagger], tuple[Model]]:
        return Tagger, (self._model,)

    @cached_property
    def info(self) -> ModelInfo:
        """Name, version and digest of the model."""
        manifest = self._model.manifest
        return ModelInfo(manifest.name, manifest.version, manifest.digest, str(self._model.path or ""))

    @property
    def recipe(self) -> str:
        """Digest of what the model was made from; figures measured of it are kept under this."""
        return self._model.manifest.recipe

    @cached_property
    def labels(self) -> tuple[str, ...]:
        """Slugs of the model's labels, in output order."""
        return self._model.manifest.slugs

    @cached_property
    def names(self) -> dict[str, str]:
        """Chinese name of each label."""
        return {label.slug: label.zh for label in self._model.manifest.labels}

    @property
    def manifest(self) -> Manifest:
        """All that is written of the model: labels in Chinese and English, thresholds, settings, figures."""
        return self._model.manifest

    @property
    def thresholds(self) -> dict[str, float]:
        """Per label, the calibrated score from which a paragraph carries it."""
        return dict(zip(self.labels, self._model.manifest.thresholds, strict=True))

    def predict_proba(self, texts: Iterable[str]) -> NDArray[np.float64]:
        """Calibrated scores of many paragraphs, shape ``(n_texts, n_labels)``, values 0 to 1.

        The fast way where evidence is not needed. A text without words scores 0 throughout.

        Raises:
            InputError: an item is not a string, or one string was given in place of several.
        """
        _check_several(texts)
        texts = list(texts)
        if not all(isinstance(text, str) for text in texts):
            for i, text in enumerate(texts):
                _check_text(text, f"item {i}")
        parts = [self._proba(self._margins(batch)) for batch in _batches(texts)]
        return np.concatenate(parts) if parts else np.zeros((0, len(self.labels)))

    def predict(self, texts: Iterable[str]) -> NDArray[np.bool_]:
        """Which labels each paragraph carries, shape ``(n_texts, n_labels)``."""
        return self.decide(self.predict_proba(texts))

    def decide(self, scores: NDArray[np.float64]) -> NDArray[np.bool_]:
        """Which labels calibrated scores amount to, shape ``(n_texts, n_labels)``."""
        decided: NDArray[np.bool_] = (scores >= self._thresholds) & (scores > 0)
        return decided

    def term_weights(self, texts: Sequence[str]) -> TermWeights:
        """What whole texts say, by the model's features and their idf: for telling which are alike.

        A text without known features has no entry.
        """
        parts: list[TermWeights] = []
        first = 0
        for batch in _batches(texts):
            row, feature, weight = self._scorer.weigh(segment(normalize_many(batch)[0]))
            parts.append(TermWeights(row + first, feature, weight))
            first += len(batch)
        empty = TermWeights(np.zeros(0, np.int64), np.zeros(0, np.int64), np.zeros(0))
        return TermWeights(*map(np.concatenate, zip(*(parts or [empty]), strict=True)))

    def tag(self, text: str, *, evidence: bool = True, min_score: float | None = None) -> Tagging:
        """Tag one paragraph.

        Args:
            text: the paragraph as it stands in its source.
            evidence: find the span and words that show each label.
            min_score: give labels from this score on, in place of the model's thresholds.

        Raises:
            InputError: ``text`` is not a string, or ``min_score`` is not between 0 and 1.
        """
        _check_text(text, "text")
        return next(self.tag_many([text], evidence=evidence, min_score=min_score))

    def tag_many(
        self, texts: Iterable[str], *, evidence: bool = True, min_score: float | None = None
    ) -> Iterator[Tagging]:
        """Tag paragraphs as they come, in order, one result each. Results do not depend on which
        others are in the run. What is not a string comes back with status ``error``.

        Raises:
            InputError: one string was given in place of several, or ``min_score`` is not between 0
                and 1.
        """
        _check_several(texts)
        if min_score is not None and not 0 <= min_score <= 1:
            raise InputError(f"min_score must lie between 0 and 1, not {min_score}")
        return self._tag_all(texts, evidence, min_score)

    def _tag_all(self, stream: Iterable[str], evidence: bool, min_score: float | None) -> Iterator[Tagging]:
        for batch in _batches(stream):
            texts = [text if isinstance(text, str) else "" for text in batch]
            plain, aligned = normalize_many(texts)
            segments = segment(plain)
            found = self._scorer.find(segments)
            scored = self._scorer.score_windows(segments, found.features)
            margins = self._scorer.best(segments, scored)
            scores = self._proba(margins)
            has_words = np.zeros(len(batch), dtype=bool)
            has_words[segments.paragraph] = True
            carried = scores >= (self._thresholds if min_score is None else min_score)
            carried &= has_words[:, None]
            # Text after text, highest score first, equal ones in the model's order.
            where, label = np.nonzero(carried)
            order = np.lexsort((label, -scores[where, label], where))
            where, label = where[order], label[order]
            shown: Iterator[Evidence | None] = repeat(None)
            if evidence:
                origin = [aligned.get(i) or AlignedText(text, text) for i, text in enumerate(texts)]
                shown = explain(
                    self._scorer, segments, found, scored, (where, label), self._calibration, origin
                )
            tags = map(self._tag, label.tolist(), scores[where, label].tolist(), shown)
            counts = np.bincount(where, minlength=len(batch)).tolist()
            for text, row, count, judged in zip(batch, scores.tolist(), counts, has_words, strict=True):
                yield self._tagging(text, row, tuple(islice(tags, count)), "ok" if judged else "empty")

    def tag_document(
        self,
        document: str | os.PathLike[str] | Source,
        *,
        encoding: str | None = None,
        evidence: bool = True,
        min_score: float | None = None,
    ) -> TaggedDocument:
        """Cut a document into paragraphs and tag each.

        Args:
            document: its text as a ``str``; or a path object (``pathlib.Path``) of a ``.txt``, ``.md``
                or ``.html`` file; or what :func:`responsetag.text.read_file` gave.
            encoding: of the file; detected when not given.

        Raises:
            InputError: the file cannot be read.
        """
        if isinstance(document, str):
            source = Source("-", document, "unicode")
        elif isinstance(document, Source):
            source = document
        else:
            source = read_file(document, encoding=encoding)
        spans = paragraphs(source.text, markdown=source.markdown)
        taggings = self.tag_many((source.text[a:b] for a, b in spans), evidence=evidence, min_score=min_score)
        moved = tuple(t.moved(span.start) for t, span in zip(taggings, spans, strict=True))
        return TaggedDocument(source.name, source.text, source.encoding, source.lost, moved)

    def tag_frame(
        self,
        df: Frame,
        column: str = "text",
        *,
        prefix: str = "",
        evidence: bool = False,
        min_score: float | None = None,
    ) -> Frame:
        """A new frame with tag columns behind its own. Index and order stay.

        The columns are those that Spark gets (:func:`responsetag.integrations.spark.tag_schema`): ``labels``
        (a list of slugs, highest score first), ``scores`` (probability by label: a struct, in pandas a
        ``dict``), ``evidence`` (a list of structs, only with ``evidence``), ``status``, ``message``,
        ``model``, ``model_version``. Every row comes back once; what is not a string (None, NaN) has status
        ``error``, a message, no labels and no scores.

        Args:
            df: a pandas or polars ``DataFrame``, or a ``pyarrow.Table``; the result is of the same kind.
            column: of texts, a paragraph a row.
            prefix: put before the names of the tag columns, where names are taken.
            evidence: add the spans and words that show each label; several times slower.
            min_score: give labels from this score on (0 to 1), in place of the model's thresholds.

        Raises:
            InputError: ``df`` is no such frame; there is no such column, or two; a tag column's name is
                taken; ``min_score`` is not between 0 and 1.
            MissingExtraError: narwhals or pyarrow is not installed.
        """
        from responsetag.integrations.frames import tag_frame

        return tag_frame(self, df, column, prefix=prefix, evidence=evidence, min_score=min_score)

    def map_batch(
        self,
        batch: Mapping[str, Sequence[object]],
        column: str = "text",
        *,
        prefix: str = "",
        evidence: bool = False,
        min_score: float | None = None,
    ) -> dict[str, list[Any]]:
        """Tag columns for ``map`` of Hugging Face ``datasets``::

            dataset.map(tagger.map_batch, batched=True, fn_kwargs={"column": "body"})

        Arguments and columns are those of :meth:`tag_frame`, and errors too; the lists tell ``datasets``
        their types, so that the first batch need not have a label.
        """
        from responsetag.integrations.frames import map_batch

        return map_batch(self, batch, column, prefix=prefix, evidence=evidence, min_score=min_score)

    def to_sklearn(self) -> Pipeline:
        """A fitted scikit-learn pipeline with equal scores.

        Its one step, ``classifier``, is a fitted ``ResponseTagClassifier`` (of
        :mod:`responsetag.integrations.sklearn`), which has the features and weights to look at. A clone is
        not fitted, and has the settings that the model was trained with.

        Raises:
            MissingExtraError: scikit-learn is not installed.
        """
        from responsetag.integrations.sklearn import to_sklearn

        return to_sklearn(self, self._model)

    def _margins(self, batch: Sequence[str]) -> NDArray[np.float32]:
        return self._scorer.score(segment(normalize_many(batch)[0]))

    def _proba(self, margins: NDArray[np.float32]) -> NDArray[np.float64]:
        return sigmoid(margins.astype(np.float64) * self._calibration.slope + self._calibration.intercept)

    def _tag(self, label: int, score: float, evidence: Evidence | None) -> Tag:
        slug = self.labels[label]
        return Tag(slug, self.names[slug], score, evidence)

    def _tagging(self, text: object, scores: list[float], tags: tuple[Tag, ...], status: Status) -> Tagging:
        message = None
        if not isinstance(text, str):
            text, status, message = "", "error", f"is {type(text).__name__}, not a text"
        return Tagging(
            text, tags, Scores(self.labels, tuple(scores)), status, self.info, 0, len(text), message
        )


def _check_text(text: object, what: str) -> None:
    if not isinstance(text, str):
        raise InputError(f"{what} is {type(text).__name__}, not a text; give a str")


def _check_several(texts: object) -> None:
    if isinstance(texts, str | bytes):
        raise InputError("one text was given where several are wanted; give a list of them, or use tag()")


def _batches(texts: Iterable[str]) -> Iterator[list[str]]:
    """Lists of texts of about ``_BATCH_CHARACTERS`` together."""
    batch: list[str] = []
    size = 0
    for text in texts:
        batch.append(text)
        size += (len(text) if isinstance(text, str) else 0) + 1
        if size >= _BATCH_CHARACTERS:
            yield batch
            batch, size = [], 0
    if batch:
        yield batch
