"""Consoles, and text that is safe to show on one."""

from __future__ import annotations

import re
from typing import TextIO

from rich.console import Console

_CONTROL = re.compile("[\x00-\x09\x0b-\x1f\x7f-\x9f\u202a-\u202e\u2066-\u2069\ud800-\udfff]")


def safe(text: str) -> str:
    """Text that a terminal shows and does not obey: control characters and halves of broken ones become
    U+FFFD, one for one, so that offsets hold."""
    return _CONTROL.sub("\ufffd", text.replace("\r", " ").replace("\t", " "))


def console(out: TextIO | None = None) -> Console:
    """A console that colours on terminals only."""
    return Console(file=out, highlight=False, emoji=False, markup=False)
