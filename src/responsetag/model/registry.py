"""From a name and a version to a model directory."""

from __future__ import annotations

import os
import re
from pathlib import Path

from responsetag.errors import ModelError
from responsetag.model.artifact import MANIFEST, Model, read_model
from responsetag.model.inventory import check_inventory
from responsetag.model.manifest import MODEL_NAME, SEMANTIC_VERSION
from responsetag.paths import shipped

DEFAULT_MODEL = "zh-response"
LATEST = "latest"
_PARTIAL = re.compile(r"\d+(\.\d+){0,2}")


def list_models(folder: Path | None = None) -> dict[str, tuple[str, ...]]:
    """Names of the models in ``folder`` (the shipped ones when not given), each with its versions,
    newest first."""
    root = folder if folder is not None else shipped("models")
    found = {}
    for directory in sorted(root.iterdir()) if root.is_dir() else []:
        if directory.is_dir() and MODEL_NAME.fullmatch(directory.name):
            versions = [d.name for d in directory.iterdir() if SEMANTIC_VERSION.fullmatch(d.name)]
            if versions:
                found[directory.name] = tuple(sorted(versions, key=_order, reverse=True))
    return found


def find_model(name: str | os.PathLike[str] = DEFAULT_MODEL, version: str = LATEST) -> Path:
    """The directory of a model.

    Args:
        name: a shipped model's name, or the path of a model directory.
        version: ``"1.2.0"``, the newest of ``"1.2"`` or ``"1"``, or ``"latest"``.

    Raises:
        ModelError: there is no such model or version; the message lists those there are.
    """
    if _is_path(name):
        if version != LATEST:
            raise ModelError(f"{name}: a path names one model, so version {version!r} does not apply")
        return _checked(Path(name))
    available = list_models()
    if str(name) not in available:
        raise ModelError(
            f"no model {str(name)!r}; there are: {', '.join(available) or 'none'}. "
            "For a directory of your own give its path, as ./my-model"
        )
    versions = available[str(name)]
    if version != LATEST and not _PARTIAL.fullmatch(version):
        raise ModelError(f"version {version!r} is not of the form 1, 1.2, 1.2.0 or {LATEST}")
    for candidate in versions:
        if version in {LATEST, candidate} or candidate.startswith(version + "."):
            return shipped("models") / str(name) / candidate
    raise ModelError(f"{name} has no version {version}; there are: {', '.join(versions)}")


def open_model(name: str | os.PathLike[str] = DEFAULT_MODEL, version: str = LATEST) -> Model:
    """Find, read and check a model; a shipped one also against the inventory.

    Raises:
        ModelError: there is no such model, or it was altered, is damaged or of a newer format.
    """
    model = read_model(find_model(name, version))
    if not _is_path(name):
        check_inventory(shipped("models"), model.manifest)
    return model


def _checked(directory: Path) -> Path:
    """The directory, unless it is one of versions."""
    try:
        names = [] if (directory / MANIFEST).exists() else os.listdir(directory)  # noqa: PTH208 - names
    except OSError:
        return directory  # reading it says what is wrong
    versions = sorted(filter(SEMANTIC_VERSION.fullmatch, names), key=_order)
    if versions:
        raise ModelError(
            f"{directory}: holds versions {', '.join(versions)}; name one, as {directory / versions[-1]}"
        )
    return directory


def _is_path(name: str | os.PathLike[str]) -> bool:
    """Whether a path was meant: anything but a bare name, so that a folder that happens to be called
    like a model in the working directory does not replace it."""
    return not isinstance(name, str) or os.sep in name or "/" in name or name in {".", ".."}


def _order(version: str) -> tuple[int, ...]:
    return tuple(int(part) for part in version.split("."))
