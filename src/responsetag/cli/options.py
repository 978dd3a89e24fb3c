"""Options that several commands share, and what their values mean."""

from __future__ import annotations

import os
from collections.abc import Callable, Sequence
from pathlib import Path
from typing import Any

import click

from responsetag.batch.lines import STDIN
from responsetag.model.registry import DEFAULT_MODEL, LATEST


def model_options(command: Callable[..., Any]) -> Callable[..., Any]:
    """Options that choose a model."""
    command = click.option(
        "--model",
        default=DEFAULT_MODEL,
        show_default=True,
        help="A shipped model, or the path of a directory.",
    )(command)
    return click.option(
        "--model-version", default=LATEST, show_default=True, help="1, 1.2, 1.2.0 or latest."
    )(command)


def model_name(model: str) -> str | Path:
    """A path where one was meant: a folder that is called like a shipped model does not replace it."""
    return Path(model) if "/" in model or os.sep in model else model


def json_option(command: Callable[..., Any]) -> Callable[..., Any]:
    """Plain data in place of what people read."""
    return click.option("--json", "as_json", is_flag=True, help="Print JSON.")(command)


def check_paths(paths: Sequence[str], *outputs: str) -> None:
    """No file is both read and written, or written twice, and none is called ``-``.

    Raises:
        click.UsageError: one is.
    """
    for place, output in enumerate(outputs):
        if output == STDIN:
            raise click.UsageError("- is no file, and this writes one; give a name (./- if it is to be that)")
        if any(same_file(path, output) for path in paths):
            raise click.UsageError(f"{output} is named as input and as output; give another name")
        if any(Path(output).resolve() == Path(other).resolve() for other in outputs[:place]):
            raise click.UsageError(f"{output} would be written twice; give another name")


def same_file(path: str, output: str) -> bool:
    """Whether an input is the file that is written."""
    try:
        return path != STDIN and Path(path).samefile(output)
    except OSError:  # one of them is not there, or is no path at all
        return False


def check_encoding(_context: click.Context, _parameter: click.Parameter, encoding: str | None) -> str | None:
    """The encoding, if Python knows it."""
    try:
        if encoding is not None:
            "".encode(encoding)
    except (LookupError, UnicodeError):
        known = "utf-8, gb18030, big5 or utf-16"
        raise click.BadParameter(f"unknown encoding {encoding!r}; try {known}") from None
    return encoding
