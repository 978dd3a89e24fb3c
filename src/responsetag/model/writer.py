"""Writing a model directory: all of it or nothing."""

from __future__ import annotations

import hashlib
import json
import os
import shutil
import tempfile
from collections.abc import Mapping
from dataclasses import replace
from pathlib import Path
from typing import Any

import numpy as np
from numpy.typing import NDArray

from responsetag.errors import ModelError
from responsetag.model.artifact import CARD, GOLDEN, MANIFEST, VOCABULARY, WEIGHTS, Model
from responsetag.vocabulary import Vocabulary, unpack


def check_place(directory: Path) -> None:
    """Find out before the work what would stop a model from being written to ``directory`` after it.

    Raises:
        ModelError: what it would stand in is no folder, or may not be written to.
    """
    there = next((parent for parent in directory.parents if parent.exists()), Path())
    if not there.is_dir():
        raise ModelError(f"{directory}: cannot be written: {there} is no folder; give another --output")
    if not os.access(there, os.W_OK | os.X_OK):
        raise ModelError(f"{directory}: cannot be written: {there} may not be written to; check its rights")


def write_model(
    model: Model, directory: Path, *, golden: str, card: str, pictures: Mapping[str, str] | None = None
) -> Model:
    """Write a model to ``directory``, which must not exist: all of it or nothing.

    Args:
        golden: predictions that replays are compared with, as JSONL.
        card: the model card, as Markdown.
        pictures: SVG that the card shows, by file name.

    Returns:
        The model with its manifest's file digests and its path.

    Raises:
        ModelError: the directory exists or cannot be written.
    """
    from safetensors.numpy import save

    if directory.exists():
        raise ModelError(
            f"{directory}: exists, and a released model is never changed; give another --version"
        )
    arrays: dict[str, NDArray[Any]] = {
        "weights": np.ascontiguousarray(model.weights),
        "scale": model.scale,
        "bias": model.bias,
    }
    files = {
        VOCABULARY: _vocabulary_json(model.vocabulary).encode(),
        WEIGHTS: save(arrays),
        GOLDEN: golden.encode(),
        CARD: card.encode(),
        **{name: picture.encode() for name, picture in (pictures or {}).items()},
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
        raise ModelError(
            f"{directory}: cannot be written: {error.strerror}; check space and rights"
        ) from error
    return replace(model, manifest=manifest, path=directory)


def _vocabulary_json(vocabulary: Vocabulary) -> str:
    runs = ["".join(unpack(int(key)) for key in keys) for keys in vocabulary.runs]
    content = {"words": "\n".join(vocabulary.words), "runs": runs}
    return json.dumps(content, ensure_ascii=False, indent=0) + "\n"
