"""Which emergency response actions does a Chinese paragraph describe, and which words show it?

>>> import responsetag
>>> tagger = responsetag.load()
>>> tagger.tag("县里紧急调运大米20吨，保障封控小区居民生活。").labels
('supply_guarantee',)
"""

from __future__ import annotations

import os
from typing import TYPE_CHECKING, Any

from responsetag.errors import (
    ArgumentError,
    CorpusError,
    FloorError,
    InputError,
    MissingExtraError,
    ModelError,
    OutputError,
    ResponseTagError,
    ResumeError,
    TaxonomyError,
    WorkerError,
)
from responsetag.model.registry import DEFAULT_MODEL, LATEST, list_models, open_model
from responsetag.tagger import Tagger
from responsetag.taxonomy import Label, Taxonomy, load_taxonomy
from responsetag.types import Evidence, ModelInfo, Scores, Tag, TaggedDocument, Tagging, WordWeight

if TYPE_CHECKING:
    from responsetag.selection import Suggestion, suggest

__version__ = "0.1.0"

__all__ = [
    "ArgumentError",
    "CorpusError",
    "Evidence",
    "FloorError",
    "InputError",
    "Label",
    "MissingExtraError",
    "ModelError",
    "ModelInfo",
    "OutputError",
    "ResponseTagError",
    "ResumeError",
    "Scores",
    "Suggestion",
    "Tag",
    "TaggedDocument",
    "Tagger",
    "Tagging",
    "Taxonomy",
    "TaxonomyError",
    "WordWeight",
    "WorkerError",
    "load",
    "load_taxonomy",
    "models",
    "suggest",
]


def __getattr__(name: str) -> Any:
    # Imported when asked for: tagging starts without it.
    if name in {"Suggestion", "suggest"}:
        from responsetag import selection

        return getattr(selection, name)
    raise AttributeError(f"module {__name__!r} has no attribute {name!r}")


def load(name: str | os.PathLike[str] = DEFAULT_MODEL, *, version: str = LATEST) -> Tagger:
    """Load a model.

    Args:
        name: a shipped model's name, or the path of a model directory (a ``pathlib.Path``, or a
            string with a slash).
        version: ``"1.2.0"``, the newest of ``"1.2"`` or ``"1"``, or ``"latest"``.

    Raises:
        ModelError: there is no such model, or it was altered, is damaged or of a newer format.
    """
    return Tagger(open_model(name, version))


def models() -> list[ModelInfo]:
    """The shipped models, by name, newest version first. Each is read and checked.

    Raises:
        ModelError: one of them was altered or is damaged.
    """
    found = []
    for name, versions in list_models().items():
        for version in versions:
            model = open_model(name, version)
            found.append(ModelInfo(name, version, model.manifest.digest, str(model.path)))
    return found
