"""A model directory: ``manifest.json``, ``vocabulary.json``, ``weights.safetensors``,
``golden.jsonl`` and the card. Read only after every check has passed; never unpickled."""

from __future__ import annotations

import hashlib
import json
import os
import shutil
import tempfile
from collections.abc import Mapping
from dataclasses import dataclass, replace
from pathlib import Path, PurePosixPath

import numpy as np
from numpy.typing import NDArray

from responsetag.errors import ModelError
from responsetag.model.manifest import Manifest
from responsetag.vocabulary import Vocabulary, unpack

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
        weights: shape ``(n_features, n_labels)``, whole steps of ``scale``.
        scale: shape ``(n_labels,)``: the size of a step.
        idf: shape ``(n_features,)``, positive.
        bias: shape ``(n_labels,)``.
        path: its directory; ``None`` before it is written.
    """

    manifest: Manifest
    vocabulary: Vocabulary
    weights: NDArray[np.int8]
    scale: NDArray[np.float32]
    idf: NDArray[np.float32]
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
    vocabulary_part = _read_vocabulary(data[VOCABULARY], str(directory / VOCABULARY))
    arrays = _read_arrays(data[WEIGHTS], str(directory / WEIGHTS))
    _check_shapes(manifest, vocabulary_part, arrays, str(directory))
    words, runs = vocabulary_part
    return Model(
        manifest=manifest,
        vocabulary=Vocabulary(words, arrays["pairs"], runs),
        weights=arrays["weights"],
        scale=arrays["scale"],
        idf=arrays["idf"],
        bias=arrays["bias"],
        path=directory,
    )


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
        raise ModelError(f"{file}: is missing or unreadable ({error.strerror}); fetch the model again") from error
    if len(data) != stated.get("bytes"):
        raise ModelError(f"{file}: has {len(data)} bytes, not {stated.get('bytes')}; fetch the model again")
    if hashlib.sha256(data).hexdigest() != stated.get("sha256"):
        raise ModelError(f"{file}: was altered (its SHA-256 does not match); fetch the model again")
    return data


def _read_vocabulary(data: bytes, where: str) -> tuple[list[str], tuple[NDArray[np.uint64], ...]]:
    try:
        content = json.loads(data)
        words = content["words"].split("\n") if content["words"] else []
        runs = tuple(_pack_all(text, n) for n, text in enumerate(content["runs"], start=1))
    except (AttributeError, KeyError, TypeError, ValueError) as error:
        raise ModelError(f"{where}: malformed ({error}); fetch the model again") from error
    if len(set(words)) != len(words):
        raise ModelError(f"{where}: a word occurs twice")
    if any(len(keys) > 1 and not (keys[1:] > keys[:-1]).all() for keys in runs):
        raise ModelError(f"{where}: runs of characters are not in ascending order")
    return words, runs


def _pack_all(text: str, n: int) -> NDArray[np.uint64]:
    """Runs of ``n`` characters written one behind the other, as integers."""
    codes = np.frombuffer(text.encode("utf-32-le"), dtype=np.uint32).reshape(-1, n).astype(np.uint64)
    keys = np.zeros(len(codes), dtype=np.uint64)
    for i in range(n):
        keys = (keys << np.uint64(21)) | codes[:, i]
    return keys


def _read_arrays(data: bytes, where: str) -> dict[str, NDArray[np.generic]]:
    from safetensors import SafetensorError
    from safetensors.numpy import load

    try:
        arrays = load(data)
    except (SafetensorError, ValueError, KeyError) as error:
        raise ModelError(f"{where}: is not a sound safetensors file ({error}); fetch the model again") from error
    wanted = {"weights": np.int8, "scale": np.float32, "idf": np.float32, "bias": np.float32, "pairs": np.int64}
    for name, dtype in wanted.items():
        if name not in arrays or arrays[name].dtype != dtype:
            raise ModelError(f"{where}: needs {name!r} as {np.dtype(dtype)}")
        if dtype is np.float32 and not np.isfinite(arrays[name]).all():
            raise ModelError(f"{where}: {name!r} has a value that is not a finite number")
    return arrays


def _check_shapes(
    manifest: Manifest,
    vocabulary: tuple[list[str], tuple[NDArray[np.uint64], ...]],
    arrays: Mapping[str, NDArray[np.generic]],
    where: str,
) -> None:
    words, runs = vocabulary
    pairs = arrays["pairs"]
    found = {"words": len(words), "pairs": len(pairs), "runs": [len(keys) for keys in runs]}
    for key, count in found.items():
        if manifest.features[key] != count:
            raise ModelError(f"{where}: has {count} {key}, and the manifest says {manifest.features[key]}")
    n_labels = len(manifest.labels)
    n_features = len(words) + len(pairs) + sum(map(len, runs))
    shapes = {
        "weights": (n_features, n_labels),
        "scale": (n_labels,),
        "idf": (n_features,),
        "bias": (n_labels,),
        "pairs": (len(pairs),),
    }
    for name, shape in shapes.items():
        if arrays[name].shape != shape:
            raise ModelError(f"{where}: {name!r} has shape {arrays[name].shape}, not {shape}")
    if len(pairs) and not (
        (pairs[1:] > pairs[:-1]).all() and pairs[0] >= 0 and pairs[-1] < len(words) ** 2  # type: ignore[operator]
    ):
        raise ModelError(f"{where}: pairs of words are not ascending pairs of its words")


def write_model(model: Model, directory: Path, *, golden: str, card: str) -> Model:
    """Write a model to ``directory``, which must not exist: all of it or nothing.

    Returns:
        The model with its manifest's file digests and its path.

    Raises:
        ModelError: the directory exists or cannot be written.
    """
    from safetensors.numpy import save

    if directory.exists():
        raise ModelError(f"{directory}: exists, and a released model is never changed; give another --version")
    arrays = {
        "weights": np.ascontiguousarray(model.weights),
        "scale": model.scale,
        "idf": model.idf,
        "bias": model.bias,
        "pairs": model.vocabulary.pairs,
    }
    files = {
        VOCABULARY: _vocabulary_json(model.vocabulary).encode(),
        WEIGHTS: save(arrays),
        GOLDEN: golden.encode(),
        CARD: card.encode(),
    }
    digests = {
        name: {"sha256": hashlib.sha256(data).hexdigest(), "bytes": len(data)} for name, data in files.items()
    }
    manifest = replace(model.manifest, files=digests)
    manifest.check()
    files[MANIFEST] = manifest.to_json().encode()
    try:
        directory.parent.mkdir(parents=True, exist_ok=True)
        temporary = Path(tempfile.mkdtemp(prefix=f".{directory.name}-", dir=directory.parent))
        try:
            for name, data in files.items():
                (temporary / name).write_bytes(data)
            temporary.chmod(0o755)
            temporary.rename(directory)
        except BaseException:
            shutil.rmtree(temporary, ignore_errors=True)
            raise
    except OSError as error:
        raise ModelError(f"{directory}: cannot be written: {error.strerror}; check space and rights") from error
    return replace(model, manifest=manifest, path=directory)


def _vocabulary_json(vocabulary: Vocabulary) -> str:
    runs = ["".join(unpack(int(key)) for key in keys) for keys in vocabulary.runs]
    content = {"words": "\n".join(vocabulary.words), "runs": runs}
    return json.dumps(content, ensure_ascii=False, indent=0) + "\n"
