"""From fitted weights to a portable model, and the proof that it is the same one again."""

from __future__ import annotations

import json
from collections.abc import Sequence
from dataclasses import asdict
from typing import Any

import numpy as np
from numpy.typing import NDArray

from responsetag.errors import ModelError
from responsetag.model.artifact import GOLDEN, Model
from responsetag.model.manifest import Calibration, LabelInfo, Manifest
from responsetag.tagger import Tagger
from responsetag.taxonomy import Taxonomy
from responsetag.text.normalize import NORMALIZATION_VERSION
from responsetag.tokenizer import Cut, fingerprint
from responsetag.training.fit import Fitted
from responsetag.training.settings import Settings

# How many stored weights may differ by one step between two processors' models: one in ten thousand.
_ROUNDING_SHARE = 1e-4
_GOLDEN_TOLERANCE = 2e-3


def build_model(
    fitted: Fitted,
    *,
    name: str,
    version: str,
    taxonomy: Taxonomy,
    thresholds: NDArray[np.float64],
    platt: tuple[NDArray[np.float64], NDArray[np.float64]],
    settings: Settings,
    corpus: dict[str, Any],
    metrics: dict[str, Any],
    cut: Cut,
) -> Model:
    """Round weights to steps and describe them in a manifest."""
    rounded = fitted.rounded()
    slope, intercept = platt
    vocabulary = fitted.vocabulary
    manifest = Manifest(
        name=name,
        version=version,
        labels=tuple(LabelInfo(label.slug, label.name.zh, label.name.en) for label in taxonomy.labels),
        thresholds=_rounded(thresholds),
        calibration=Calibration(_rounded(slope), _rounded(intercept)),
        tokenizer={"name": "jieba", "hmm": False, "fingerprint": fingerprint(cut)},
        normalization=NORMALIZATION_VERSION,
        features={
            "words": len(vocabulary.words),
            "runs": [len(keys) for keys in vocabulary.runs],
            "power": settings.power,
            "windows": list(settings.windows),
            "pooling": "max",
        },
        corpus=corpus,
        training={key: list(v) if isinstance(v, tuple) else v for key, v in asdict(settings).items()},
        metrics=metrics,
    )
    return Model(
        manifest=manifest,
        vocabulary=vocabulary,
        weights=rounded.weights,
        scale=rounded.scale,
        bias=fitted.bias.astype(np.float32),
    )


def _rounded(values: NDArray[np.float64]) -> tuple[float, ...]:
    # Significant digits: where all paragraphs or none carry a label, scores hardly differ.
    return tuple(float(f"{value:.9g}") for value in values)


def golden_predictions(model: Model, texts: Sequence[str]) -> str:
    """JSONL of ``{"text", "labels", "scores", "status"}`` as the model gives them now."""
    rows = []
    for tagging in Tagger(model).tag_many(texts, evidence=False):
        scores = {label: round(score, 4) for label, score in tagging.scores.items()}
        rows.append(
            {
                "text": tagging.text,
                "labels": list(tagging.labels),
                "scores": scores,
                "status": tagging.status,
            }
        )
    return "".join(json.dumps(row, ensure_ascii=False) + "\n" for row in rows)


def compare_models(model: Model, golden: str, released: Model) -> str:
    """How a model that was just trained compares with the released one of its name and version.

    Returns:
        A sentence that says whether they are the same or differ in the last bits only.

    Raises:
        ModelError: they are different models.
    """
    assert released.path is not None
    ours, theirs = model.manifest, released.manifest
    where = f"{ours.name} {ours.version} in {released.path}"
    differing = [
        part
        for part, same in (
            ("corpus", ours.corpus == theirs.corpus),
            ("labels", ours.labels == theirs.labels),
            ("settings", ours.training == theirs.training),
            ("tokenizer", ours.tokenizer == theirs.tokenizer),
            ("vocabulary", ours.features == theirs.features and _same_vocabulary(model, released)),
        )
        if not same
    ]
    if differing:
        raise ModelError(
            f"{where} has different {' and '.join(differing)}, and a released model is never changed; give "
            "another --version"
        )
    steps = np.abs(model.weights.astype(np.int16) - released.weights)
    changed = int((steps > 0).sum())
    golden_released = (released.path / GOLDEN).read_text(encoding="utf-8")
    if changed == 0 and golden == golden_released and _same_numbers(model, released):
        return f"{where} made again: same digests"
    if (
        steps.max(initial=0) > 1
        or changed > _ROUNDING_SHARE * steps.size
        or not _same_golden(golden, golden_released)
    ):
        raise ModelError(
            f"{where} was not made again: {changed} of {steps.size} weights differ, by up to "
            f"{steps.max(initial=0)} steps; a released model is never changed; give another --version"
        )
    return (
        f"{where} made again but for the processor's last bits: {changed} of {steps.size} weights differ by "
        "one step, and golden predictions are the same"
    )


def _same_vocabulary(a: Model, b: Model) -> bool:
    ours, theirs = a.vocabulary, b.vocabulary
    return list(ours.words) == list(theirs.words) and all(map(np.array_equal, ours.runs, theirs.runs))


def _same_numbers(a: Model, b: Model) -> bool:
    arrays = all(np.array_equal(getattr(a, key), getattr(b, key)) for key in ("scale", "bias"))
    ours, theirs = a.manifest, b.manifest
    return (
        arrays
        and ours.thresholds == theirs.thresholds
        and ours.calibration == theirs.calibration
        and ours.metrics == theirs.metrics
    )


def _same_golden(ours: str, theirs: str) -> bool:
    """Equal labels, and scores within a tolerance."""
    rows = [
        (json.loads(a), json.loads(b))
        for a, b in zip(ours.split("\n")[:-1], theirs.split("\n")[:-1], strict=True)
    ]
    return all(
        a["text"] == b["text"]
        and a["labels"] == b["labels"]
        and all(abs(a["scores"][k] - b["scores"][k]) <= _GOLDEN_TOLERANCE for k in b["scores"])
        for a, b in rows
    )
