"""The manifest of a model: everything about it but its vocabulary and weights."""

from __future__ import annotations

import hashlib
import json
import math
import re
from dataclasses import asdict, dataclass, field
from typing import Any

from responsetag.errors import ModelError
from responsetag.text.normalize import NORMALIZATION_VERSION
from responsetag.vocabulary import MAX_RUN

# Raise this when a reader of the present version would misread or refuse what a newer writer writes:
#   1. add 1 here; 2. keep reading the old format in ``read_model`` and keep a small model of it under
#   tests/; 3. say in CHANGELOG.md which package version first reads the new one.
# A field that old readers may ignore needs no new number.
FORMAT_VERSION = 2

SEMANTIC_VERSION = re.compile(r"(0|[1-9]\d*)\.(0|[1-9]\d*)\.(0|[1-9]\d*)")
MODEL_NAME = re.compile(r"[A-Za-z0-9][A-Za-z0-9._-]{0,63}")


@dataclass(frozen=True, slots=True)
class LabelInfo:
    """A label as the model knows it: slug, and names in Chinese and English."""

    slug: str
    zh: str
    en: str


@dataclass(frozen=True, slots=True)
class Calibration:
    """Platt's sigmoid per label: ``probability = 1 / (1 + exp(-(slope * margin + intercept)))``
    (Platt, Advances in Large Margin Classifiers, 1999)."""

    slope: tuple[float, ...]
    intercept: tuple[float, ...]


@dataclass(frozen=True, slots=True)
class Manifest:
    """What ``manifest.json`` holds.

    Attributes:
        name, version: of the model; the version is semantic.
        labels: in output order.
        thresholds: per label, the calibrated probability from which a paragraph carries it.
        calibration: from margins to probabilities.
        tokenizer: ``{"name", "hmm", "fingerprint"}``.
        normalization: version of the text rules.
        features: ``{"words", "runs", "power", "windows", "pooling"}``: counts and settings.
        corpus: ``{"digest", "paragraphs", "sentences"}`` of the training data.
        training: settings of the fit, with the seed.
        metrics: figures from cross-validation.
        files: for each other file of the model, ``{"sha256", "bytes"}``.
    """

    name: str
    version: str
    labels: tuple[LabelInfo, ...]
    thresholds: tuple[float, ...]
    calibration: Calibration
    tokenizer: dict[str, Any]
    normalization: int
    features: dict[str, Any]
    corpus: dict[str, Any]
    training: dict[str, Any]
    metrics: dict[str, Any]
    files: dict[str, dict[str, Any]] = field(default_factory=dict)

    @property
    def slugs(self) -> tuple[str, ...]:
        return tuple(label.slug for label in self.labels)

    @property
    def digest(self) -> str:
        """SHA-256 of the content, the same wherever and however it is laid out."""
        return content_digest({"format": FORMAT_VERSION, **asdict(self)})

    @property
    def recipe(self) -> str:
        """SHA-256 of what the model was made from: corpus, settings, labels, tokenizer, text rules.

        Two trainings of one recipe give the same model but for a processor's last bits.
        """
        parts = (self.slugs, self.corpus, self.training, self.tokenizer, self.normalization)
        return content_digest({"recipe": parts})

    def to_json(self) -> str:
        content = {"format": FORMAT_VERSION, "digest": self.digest, **asdict(self)}
        return json.dumps(content, ensure_ascii=False, indent=2, allow_nan=False) + "\n"

    @classmethod
    def from_json(cls, text: str, where: str) -> Manifest:
        """Parse and check; ``where`` names the file in errors.

        Raises:
            ModelError: not a manifest, of another format, altered, or inconsistent.
        """
        try:
            data = json.loads(text)
        except (ValueError, RecursionError) as error:
            raise ModelError(f"{where}: is not JSON ({error}); fetch the model again") from error
        if not isinstance(data, dict):
            raise ModelError(f"{where}: is not a model manifest; fetch the model again")
        found = data.pop("format", None)
        if not isinstance(found, int) or isinstance(found, bool) or found < 1:
            raise ModelError(f"{where}: has no format number; this is not a responsetag model")
        if found > FORMAT_VERSION:
            raise ModelError(
                f"{where}: is of format {found} and this package reads up to {FORMAT_VERSION}: "
                "run  pip install --upgrade responsetag"
            )
        if found < FORMAT_VERSION:
            raise ModelError(
                f"{where}: is of format {found}, which no released package wrote and this one does not read; "
                "train it again"
            )
        stated = data.pop("digest", None)
        try:
            if stated != content_digest({"format": found, **data}):
                raise ModelError(f"{where}: was altered (its digest does not match); fetch the model again")
            data["labels"] = tuple(LabelInfo(**label) for label in data["labels"])
            data["thresholds"] = tuple(data["thresholds"])
            calibration = data["calibration"]
            data["calibration"] = Calibration(tuple(calibration["slope"]), tuple(calibration["intercept"]))
            manifest = cls(**data)
            manifest.check()
        except (AttributeError, KeyError, OverflowError, RecursionError, TypeError, ValueError) as error:
            raise ModelError(f"{where}: malformed: {error}") from error
        return manifest

    def check(self) -> None:
        """Raise ValueError where the parts do not fit each other or this package."""
        check_name(self.name, self.version)
        if not self.labels or len(set(self.slugs)) != len(self.labels):
            raise ValueError("labels must be one or more and distinct")
        if not all(isinstance(v, str) for label in self.labels for v in (label.slug, label.zh, label.en)):
            raise ValueError("labels must have names that are text")
        per_label = {
            "thresholds": self.thresholds,
            "calibration.slope": self.calibration.slope,
            "calibration.intercept": self.calibration.intercept,
        }
        for key, values in per_label.items():
            if len(values) != len(self.labels):
                raise ValueError(f"{key} has {len(values)} values for {len(self.labels)} labels")
            if not all(isinstance(v, int | float) and math.isfinite(v) for v in values):
                raise ValueError(f"{key} has a value that is not a finite number")
        if not all(0 <= threshold <= 1 for threshold in self.thresholds):
            raise ValueError("thresholds must lie between 0 and 1")
        if not all(slope > 0 for slope in self.calibration.slope):
            raise ValueError("calibration.slope must be positive")
        if self.normalization != NORMALIZATION_VERSION:
            raise ValueError(
                f"was trained with text rules {self.normalization}, and this package has "
                f"{NORMALIZATION_VERSION}; use the package that trained it, or train it again"
            )
        _check_features(self.features)
        texts = [self.tokenizer["fingerprint"], *(entry["sha256"] for entry in self.files.values())]
        if not all(isinstance(text, str) for text in texts) or any("\0" in name for name in self.files):
            raise ValueError("tokenizer.fingerprint, names of files and their sha256 must be text")


def check_name(name: str, version: str) -> None:
    """Raise ModelError where ``name`` or ``version`` cannot be a model's."""
    if not MODEL_NAME.fullmatch(name):
        raise ModelError(f"name {name!r} must be letters, digits, '.', '_' and '-', 64 at most")
    if not SEMANTIC_VERSION.fullmatch(version):
        raise ModelError(f"version {version!r} is not of the form 1.2.3")


def _check_features(features: dict[str, Any]) -> None:
    counts = [features["words"], *features["runs"]]
    if not all(isinstance(n, int) and 0 <= n < 2**31 for n in counts) or len(features["runs"]) > MAX_RUN:
        raise ValueError("features: counts must be whole numbers, and runs at most three")
    if not isinstance(features["power"], int | float) or not 0 <= features["power"] <= 1:
        raise ValueError("features.power must lie between 0 and 1")
    windows = features["windows"]
    if 1 not in windows or not all(isinstance(size, int) and 1 <= size <= 16 for size in windows):
        raise ValueError(f"features.windows must be sizes from 1 to 16, and 1 among them, not {windows!r}")
    if features["pooling"] != "max":
        raise ValueError(f"features.pooling must be 'max', not {features['pooling']!r}")


def content_digest(content: dict[str, Any]) -> str:
    """SHA-256 of JSON with sorted keys and no spaces."""
    text = json.dumps(content, ensure_ascii=False, sort_keys=True, separators=(",", ":"))
    return hashlib.sha256(text.encode()).hexdigest()
