"""Text that came from outside, in markup: escaped, apart from what is around it, hidden characters shown."""

from __future__ import annotations

import re
from typing import TYPE_CHECKING
from unicodedata import category

if TYPE_CHECKING:
    from markupsafe import Markup

LONGEST = 300  # characters of a name, a title or a message that are shown
_HIDDEN = {"Cc", "Cf", "Cs", "Zl", "Zp"}  # control, format (marks of direction), surrogates, separators
# Long runs of spaces; fillers and tags, which have no shape; any other character. text.js says the same.
_PIECES = re.compile(
    r"(?P<spaces>\s{9,})"
    r"|(?P<filler>[\u034f\u115f\u1160\u17b4\u17b5\u2065\u3164\uffa0\ufff0-\ufff8"
    r"\U000e0000-\U000e00ff\U000e01f0-\U000e0fff])"
    r"|(?P<other>.)",
    re.DOTALL,
)


def visible(text: str) -> Markup:
    """``text`` as markup in a ``<bdi>``: hidden characters as marks, long runs of spaces as their number."""
    from markupsafe import Markup

    pieces = [_piece(found) for found in _PIECES.finditer(text[:LONGEST])]
    return Markup("<bdi>{}{}</bdi>").format(Markup("").join(pieces), "…" if len(text) > LONGEST else "")


def _piece(found: re.Match[str]) -> Markup | str:
    from markupsafe import Markup

    character = found.group()
    if found["spaces"]:
        mark = f"␣×{len(character)}"
    elif found["filler"] or (category(character) in _HIDDEN and character not in "\t\n\r"):
        mark = f"U+{ord(character):04X}"
    else:
        return character
    return Markup("<span class='mark'>{}</span>").format(mark)
