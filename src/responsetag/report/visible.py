"""Text that came from outside, in markup: escaped, kept apart from its surroundings, with hidden characters shown."""

from __future__ import annotations

import re
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from markupsafe import Markup

LONGEST = 300  # characters of a name, a title or a message that are shown
# Characters that have no shape of their own or move their neighbours: control characters but the tab and the ends of
# lines, soft hyphens, joiners, fillers, marks of direction, separators, surrogates, tags. text.js has the same by
# property.
_MARKED = re.compile(
    r"(?P<spaces>\s{9,})|["
    "\0-\x08\x0b\x0c\x0e-\x1f\x7f-\x9f\xad\u034f\u061c\u115f\u1160\u17b4\u17b5\u180e\u200b-\u200f\u2028-\u202e"
    "\u2060-\u206f\u3164\ud800-\udfff\ufeff\uffa0\ufff0-\ufffb\U0001bca0-\U0001bca3\U0001d173-\U0001d17a"
    "\U000e0000-\U000e00ff\U000e01f0-\U000e0fff]"
)


def visible(text: str) -> Markup:
    """``text`` as markup in a ``<bdi>``: hidden characters as small marks, long runs of spaces as their number."""
    from markupsafe import Markup

    cut, done = text[:LONGEST], 0
    pieces = []
    for found in _MARKED.finditer(cut):
        pieces.append(Markup("{}<span class='mark'>{}</span>").format(cut[done : found.start()], _mark(found)))
        done = found.end()
    end = cut[done:] + ("…" if len(text) > LONGEST else "")
    return Markup("<bdi>{}{}</bdi>").format(Markup("").join(pieces), end)


def _mark(found: re.Match[str]) -> str:
    return f"␣×{len(found.group())}" if found["spaces"] else f"U+{ord(found.group()):04X}"
