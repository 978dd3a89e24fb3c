"""Consoles, and text that is safe to show on one."""

from __future__ import annotations

import re
from typing import TextIO

from rich.cells import cell_len
from rich.console import Console

_CONTROL = re.compile("[\x00-\x09\x0b-\x1f\x7f-\x9f\u202a-\u202e\u2066-\u2069\ud800-\udfff]")


def safe(text: str) -> str:
    """Text that a terminal shows and does not obey: control characters and halves of broken ones become
    U+FFFD, one for one, so that offsets hold."""
    return _CONTROL.sub("\ufffd", text.replace("\r", " ").replace("\t", " "))


def shortened(text: str, room: int) -> str:
    """The beginning of a text on one line, as much as takes about ``room`` columns."""
    text = " ".join(safe(text).split())
    if cell_len(text) > room:
        while cell_len(text) > room:
            text = text[: max(1, int(len(text) * room / cell_len(text)) - 1)]
        text += "…"
    return text


def console(out: TextIO | None = None) -> Console:
    """A console that colours on terminals only."""
    return Console(file=out, highlight=False, emoji=False, markup=False)
