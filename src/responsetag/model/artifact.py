"""Reading a model directory: ``manifest.json``, ``vocabulary.json``, ``weights.safetensors``,
``golden.jsonl`` and the card. Nothing is built before every check has passed; nothing is unpickled."""

from __future__ import annotations

import hashlib
import json
import os
from collections.abc import Mapping
from dataclasses import dataclass
from pathlib import Path, PurePosixPath
from typing import NamedTuple

import numpy as np
from numpy.typing import NDArray

from responsetag.errors import ModelError
from responsetag.model.manifest import Manifest
from responsetag.vocabulary import Vocabulary, pack_all

MANIFEST = "manifest.json"
VOCABULARY = "vocabulary.json"
WEIGHTS = "weights.safetensors"
GOLDEN = "golden.jsonl"
CARD = "MODEL_CARD.md"
_NEEDED = (VOCABULARY, WEIGHTS, GOLDEN, CARD)


@dataclass(frozen=True, slots=True)
class Model:
    """The parts of a model.

    Attributes:
        manifest: settings, labels, thresholds.
        vocabulary: its features.
        weights: codes of idf times weight for each label, and last of idf squared, shape
            ``(n_features, n_labels + 1)``; see :func:`responsetag.lanes.decode`.
        scale: the size of a step of each column, positive, shape ``(n_labels + 1,)``.
        bias: shape ``(n_labels,)``.
        path: its directory; ``None`` before it is written.
    """

    manifest: Manifest
    vocabulary: Vocabulary
    weights: NDArray[np.int8]
    scale: NDArray[np.float32]
    bias: NDArray[np.float32]
    path: Path | None = None


def read_model(path: str | os.PathLike[str]) -> Model:
    """Read and check a model directory.

    Raises:
        ModelError: a file is missing, altered, truncated or outside the directory; a shape or a
            value is wrong; or the format is newer than this package.
    """
    directory = Path(path)
    where = str(directory / MANIFEST)
    try:
        manifest = Manifest.from_json((directory / MANIFEST).read_text(encoding="utf-8"), where)
    except (OSError, UnicodeDecodeError) as error:
        raise ModelError(f"{where}: cannot be read ({error}); is {directory} a model directory?") from error
    data = {name: _checked(directory, name, manifest.files[name]) for name in _checked_names(manifest, where)}
    words, runs = _read_vocabulary(data[VOCABULARY], str(directory / VOCABULARY))
    arrays = _read_arrays(data[WEIGHTS], str(directory / WEIGHTS))
    vocabulary = Vocabulary(words, runs)
    _check_shapes(manifest, vocabulary, arrays, str(directory))
    return Model(manifest, vocabulary, arrays.weights, arrays.scale, arrays.bias, directory)


def _checked_names(manifest: Manifest, where: str) -> list[str]:
    for name in _NEEDED:
        if name not in manifest.files:
            raise ModelError(f"{where}: does not list {name}; fetch the model again")
    for name in manifest.files:
        pure = PurePosixPath(name)
        if pure.is_absolute() or len(pure.parts) != 1 or name in {".", ".."} or "\\" in name or ":" in name:
            raise ModelError(f"{where}: lists {name!r}, which is not a plain file name of its own folder")
    return list(manifest.files)


def _checked(directory: Path, name: str, stated: Mapping[str, object]) -> bytes:
    file = directory / name
    if not file.resolve().is_relative_to(directory.resolve()):
        raise ModelError(f"{file}: leads out of the model's folder; fetch the model again")
    try:
        data = file.read_bytes()
    except OSError as error:
        raise ModelError(
            f"{file}: is missing or unreadable ({error.strerror}); fetch the model again"
        ) from error
    if data.startswith(b"version https://git-lfs"):
        raise ModelError(f"{file}: is a pointer of Git LFS, not the file; run  git lfs pull")
    if len(data) != stated.get("bytes"):
        raise ModelError(f"{file}: has {len(data)} bytes, not {stated.get('bytes')}; fetch the model again")
    if hashlib.sha256(data).hexdigest() != stated.get("sha256"):
        raise ModelError(f"{file}: was altered (its SHA-256 does not match); fetch the model again")
    return data


def _read_vocabulary(data: bytes, where: str) -> tuple[list[str], tuple[NDArray[np.uint64], ...]]:
    try:
        content = json.loads(data)
        words = content["words"].split("\n") if content["words"] else []
        runs = tuple(pack_all(text, n) for n, text in enumerate(content["runs"], start=1))
    except (AttributeError, KeyError, TypeError, ValueError, RecursionError) as error:
        raise ModelError(f"{where}: malformed ({error}); fetch the model again") from error
    if any(len(keys) and keys[0] == 0 for keys in runs):  # ascending; 0 stands for no run
        raise ModelError(f"{where}: a run of characters that no text has")
    lengths = list(map(len, words))
    if len(set(words)) != len(words) or lengths != sorted(lengths):
        raise ModelError(f"{where}: a word occurs twice, or before a shorter one")
    if any(len(keys) > 1 and not (keys[1:] > keys[:-1]).all() for keys in runs):
        raise ModelError(f"{where}: runs of characters are not in ascending order")
    return words, runs


class _Arrays(NamedTuple):
    """What ``weights.safetensors`` holds."""

    weights: NDArray[np.int8]
    scale: NDArray[np.float32]
    bias: NDArray[np.float32]


_TYPES = _Arrays(np.int8, np.float32, np.float32)  # type: ignore[arg-type]


def _read_arrays(data: bytes, where: str) -> _Arrays:
    from safetensors import SafetensorError
    from safetensors.numpy import load

    try:
        arrays = load(data)
    except (SafetensorError, ValueError, KeyError) as error:
        raise ModelError(f"{where}: is not sound safetensors ({error}); fetch the model again") from error
    for name, dtype in _TYPES._asdict().items():
        if name not in arrays or arrays[name].dtype != dtype:
            raise ModelError(f"{where}: needs {name!r} as {np.dtype(dtype)}")
        if dtype is np.float32 and not np.isfinite(arrays[name]).all():
            raise ModelError(f"{where}: {name!r} has a value that is not a finite number")
    return _Arrays(**{name: arrays[name] for name in _Arrays._fields})


def _check_shapes(manifest: Manifest, vocabulary: Vocabulary, arrays: _Arrays, where: str) -> None:
    found = {"words": len(vocabulary.words), "runs": [len(keys) for keys in vocabulary.runs]}
    for key, count in found.items():
        if manifest.features[key] != count:
            raise ModelError(f"{where}: has {count} {key}, and the manifest says {manifest.features[key]}")
    n_labels = len(manifest.labels)
    shapes = {
        "weights": (len(vocabulary), n_labels + 1),
        "scale": (n_labels + 1,),
        "bias": (n_labels,),
    }
    for name, shape in shapes.items():
        if getattr(arrays, name).shape != shape:
            raise ModelError(f"{where}: {name!r} has shape {getattr(arrays, name).shape}, not {shape}")
    if not (arrays.scale > 0).all():
        raise ModelError(f"{where}: 'scale' has a step that is not positive")
    if not (arrays.weights[:, -1] > 0).all():
        raise ModelError(f"{where}: 'weights' has a square that is not positive")
    if arrays.weights.min(initial=0) == -128:
        raise ModelError(f"{where}: 'weights' has a code below -127")
