"""What makes two runs the same run: inputs, model and options; and how they differ."""

from __future__ import annotations

import hashlib
import itertools
import json
import os
from collections.abc import Iterable, Iterator
from pathlib import Path
from typing import Any, BinaryIO

from responsetag.batch.inputs import Input
from responsetag.batch.lines import STDIN
from responsetag.errors import ResumeError

_NAMES = {
    "model": "the model",
    "model_version": "the model's version",
    "model_digest": "the model's content",
    "form": "the format",
    "column": "--column",
    "encoding": "--encoding",
    "evidence": "evidence",
    "min_score": "--min-score",
    "part_rows": "--part-rows",
    "package": "the version of responsetag",
}


def write_list(inputs: Iterable[Input], out: BinaryIO) -> tuple[int, str]:
    """Write a list of inputs, a line each.

    Returns:
        Bytes of all inputs together, and the list's digest.
    """
    total, digest = 0, hashlib.sha256()
    for item in inputs:
        line = json.dumps(item).encode() + b"\n"
        digest.update(line)
        out.write(line)
        total += item.size or 0
    return total, digest.hexdigest()


def read_list(path: Path) -> Iterator[Input]:
    """The inputs of a list."""
    with path.open("rb") as lines:
        for line in lines:
            yield Input(*json.loads(line))


def check_repeatable(inputs: Iterable[Input], output: str) -> None:
    """Refuse what cannot be read a second time.

    Raises:
        ResumeError: a pipe, or standard input.
    """
    for item in inputs:
        if item.error is not None:
            continue  # there is nothing to read
        # What cannot be looked up is a row that says so.
        there = item.size is None and os.path.exists(item.path)  # noqa: PTH110 - Path's raises errors
        if item.path == STDIN or there:
            name = "standard input" if item.path == STDIN else item.path
            raise ResumeError(
                f"{output}: {name} cannot be read again, so the run cannot go on; --restart begins it anew"
            )


def check_same(before: dict[str, Any], now: dict[str, Any], old: Path, new: Path, output: str) -> None:
    """Compare a run with the one that it should go on with.

    Args:
        before, now: descriptions.
        old, new: their lists of inputs.
        output: what the runs write.

    Raises:
        ResumeError: they differ; it says in what.
    """
    differences = [
        f"{name} was {before.get(key)}, is {now[key]}"
        for key, name in _NAMES.items()
        if before.get(key) != now[key]
    ]
    if before.get("inputs") != now["inputs"]:
        differences.append(_changed(old, new))
    if differences:
        raise ResumeError(
            f"{output}: cannot go on with another run ({'; '.join(differences)}); put it as it was, "
            "or begin anew with --restart"
        )


def _changed(old: Path, new: Path) -> str:
    """The first difference between two lists of inputs."""
    if not old.exists():
        return "the input is another"
    pairs = itertools.zip_longest(read_list(old), read_list(new))
    before, now = next(((before, now) for before, now in pairs if before != now), (None, None))
    if before is None:
        return f"{now.path} is new among the inputs" if now else "the input is another"
    if now is None:
        return f"{before.path} is not among the inputs any more"
    if before.path != now.path:
        return f"{now.path} stands among the inputs where {before.path} did"
    if before.size != now.size:
        return f"{now.path} had {before.size} bytes, has {now.size}"
    return f"{now.path} was changed since"
