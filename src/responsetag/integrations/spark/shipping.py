"""A model on its way from the driver to the Python workers."""

from __future__ import annotations

import json
import os
import socket
import tempfile
from dataclasses import dataclass, field
from functools import lru_cache
from pathlib import Path
from typing import Self

import responsetag
from responsetag.errors import ModelError
from responsetag.tagger import Tagger

_MANIFEST = "manifest.json"


@dataclass(frozen=True, slots=True)
class ModelSource:
    """Which model the workers load, and from where.

    Attributes:
        name, version: of the model, the version in full.
        digest: what the driver read; a worker that reads anything else refuses it.
        package: version of responsetag on the driver, for messages.
        files: content of a model of one's own by file name, as executors have no such directory;
            None for a shipped model, which comes with the package.
    """

    name: str
    version: str
    digest: str
    package: str
    # What the files hold is in the digest.
    files: dict[str, bytes] | None = field(default=None, compare=False, repr=False)

    @classmethod
    def of(cls, tagger: Tagger, name: str | os.PathLike[str]) -> Self:
        """The source of a model that ``responsetag.load(name)`` gave.

        Raises:
            ModelError: a file of its directory can no longer be read.
        """
        info = tagger.info
        # A bare name is a shipped model, as in ``load``; the digest would show if it were not.
        files = None if name == info.name else _files(Path(info.path))
        return cls(info.name, info.version, info.digest, responsetag.__version__, files)


@lru_cache(maxsize=4)
def tagger_of(source: ModelSource) -> Tagger:
    """The tagger of a source, loaded once a process and read with all checks.

    Raises:
        ModelError: it cannot be loaded here, or is another model than the driver's.
    """
    try:
        if source.files is None:
            tagger = responsetag.load(source.name, version=source.version)
        else:
            tagger = _load_files(source.files)
    except ModelError as error:
        raise ModelError(_on_executor(source, str(error))) from error
    if tagger.info.digest != source.digest:
        reason = f"{source.name} {source.version} is not the model that the driver has"
        raise ModelError(_on_executor(source, reason))
    return tagger


def _on_executor(source: ModelSource, reason: str) -> str:
    return (
        f"executor {socket.gethostname()}, responsetag {responsetag.__version__}: {reason}. "
        f"Install responsetag {source.package}, which the driver has, on every executor"
    )


def _files(directory: Path) -> dict[str, bytes]:
    """The manifest and the files it lists; what else lies in the directory stays there."""
    try:
        manifest = (directory / _MANIFEST).read_bytes()
        listed = json.loads(manifest)["files"]
        return {_MANIFEST: manifest, **{name: (directory / name).read_bytes() for name in listed}}
    except (OSError, ValueError, KeyError, TypeError) as error:
        raise ModelError(f"{directory}: changed while it was read ({error}); start again") from error


def _load_files(files: dict[str, bytes]) -> Tagger:
    with tempfile.TemporaryDirectory(prefix="responsetag-") as folder:
        for name, data in files.items():
            (Path(folder) / name).write_bytes(data)
        return responsetag.load(Path(folder))
