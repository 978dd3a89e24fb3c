"""Around a command: messages, exit codes, standard output, signals, missing extras."""

from __future__ import annotations

import contextlib
import functools
import json
import os
import signal
import sys
from collections.abc import Callable, Iterator
from typing import Any, BinaryIO

import click

from responsetag.errors import MissingExtraError, ResponseTagError

ALL_GOOD, SOME_FAILED, FAILED = 0, 1, 2


def run_command(command: click.Command, name: str, arguments: list[str] | None) -> None:
    """Run a command that gives its exit code, say what is wrong in a line, and exit."""
    try:
        code = command.main(arguments, prog_name=name, standalone_mode=False)
    except click.exceptions.Abort:
        code = 130
    except click.ClickException as error:
        error.show()
        code = FAILED
    except ResponseTagError as error:
        click.echo(f"responsetag: {error}", err=True)
        code = FAILED
    except (OSError, UnicodeError) as error:
        click.echo(f"responsetag: output cannot be written: {error}", err=True)
        code = FAILED
    sys.exit(code)


def say(message: str) -> None:
    """A message for people, on standard error."""
    click.echo(f"responsetag: {message}", err=True)


def outcome(failures: int) -> int:
    """The exit code for so many failed rows, and a word on them."""
    if failures:
        say(f"{failures} rows failed")
    return SOME_FAILED if failures else ALL_GOOD


def print_json(content: object) -> None:
    """Plain data on standard output."""
    click.echo(json.dumps(content, ensure_ascii=False, indent=2))


@contextlib.contextmanager
def output_or_stdout(path: str | None) -> Iterator[str | BinaryIO]:
    """A path, or standard output; a reader of it that has gone, as with ``| head``, is no error."""
    try:
        yield sys.stdout.buffer if path is None else path
    except OSError as error:
        # What is left in the buffer cannot be written either when Python ends.
        if path is None:
            os.dup2(os.open(os.devnull, os.O_WRONLY), sys.stdout.fileno())
        if not isinstance(error, BrokenPipeError):
            raise
        sys.exit(ALL_GOOD)


@contextlib.contextmanager
def terminable() -> Iterator[None]:
    """A run that is told to end (SIGTERM) puts things in order as after Ctrl-C."""

    def interrupt(_number: int, _frame: object) -> None:
        raise KeyboardInterrupt

    before = signal.signal(signal.SIGTERM, interrupt)
    try:
        yield
    finally:
        signal.signal(signal.SIGTERM, before)


@contextlib.contextmanager
def status(screen: Any) -> Iterator[Callable[[str], None]]:
    """Steps as a spinner on a terminal, as lines elsewhere."""
    if screen.is_terminal:
        with screen.status("starting") as status:
            yield status.update
    else:
        yield functools.partial(click.echo, err=True)


@contextlib.contextmanager
def needs_extra(extra: str, purpose: str) -> Iterator[None]:
    """Say which extra to install where a library is missing."""
    try:
        yield
    except ModuleNotFoundError as error:
        raise MissingExtraError(str(error.name), extra, purpose) from error
