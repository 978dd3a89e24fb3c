"""The order in which a text is repaired and brought to one form before it is cut."""

from __future__ import annotations

import re
import unicodedata
from collections.abc import Callable, Sequence
from functools import cache

from responsetag.text.alignment import AlignedText, Edit
from responsetag.text.repair import (
    byte_shifted_gbk,
    doubled_punctuation,
    html_entities,
    html_tags,
    invisible_characters,
    pinyin_glosses,
)
from responsetag.text.script import to_simplified
from responsetag.text.soundness import suspicious

# Raised whenever a rule below changes what any text becomes: a model is bound to the rules it was
# trained with, and refuses to load under others.
NORMALIZATION_VERSION = 1


@cache
def _single_forms() -> dict[int, str]:
    """Characters that have a plain form of their own: ``Ａ`` to ``A``, ``⼈`` (radical) to ``人``."""
    blocks = (
        range(0xFF10, 0xFF1A),  # full-width digits
        range(0xFF21, 0xFF3B),  # full-width letters
        range(0xFF41, 0xFF5B),
        range(0x2F00, 0x2FE0),  # Kangxi radicals, which PDF readers give in place of characters
        range(0xF900, 0xFB00),  # compatibility ideographs
    )
    forms = {code: unicodedata.normalize("NFKC", chr(code)) for block in blocks for code in block}
    return {code: form for code, form in forms.items() if len(form) == 1 and form != chr(code)}


_ODD_FORM = re.compile("[\uff10-\uff19\uff21-\uff3a\uff41-\uff5a\u2f00-\u2fdf\uf900-\ufaff]")


def single_forms(text: str) -> list[Edit]:
    """Full-width letters and digits, Kangxi radicals and compatibility ideographs in their plain form."""
    if not _ODD_FORM.search(text):
        return []
    return _differences(text, text.translate(_single_forms()))


def simplified(text: str) -> list[Edit]:
    """Traditional characters in their Simplified form."""
    converted = to_simplified(text)
    if len(converted) == len(text):
        return _differences(text, converted)
    # A phrase changed its length, so offsets hold a character at a time only.
    return [Edit(i, i + 1, to_simplified(c)) for i, c in enumerate(text) if to_simplified(c) != c]


def _differences(before: str, after: str) -> list[Edit]:
    if before == after:
        return []
    return [Edit(i, i + 1, b) for i, (a, b) in enumerate(zip(before, after, strict=True)) if a != b]


Rule = Callable[[str], list[Edit]]

# Shifted bytes come first, for they can hold anything the other rules would touch. Glosses come after
# them, since a run may end inside the character that a gloss follows, and after invisible characters,
# which may stand between the two.
RULES: tuple[Rule, ...] = (
    byte_shifted_gbk,
    html_entities,
    html_tags,
    invisible_characters,
    pinyin_glosses,
    single_forms,
    simplified,
    doubled_punctuation,
)


def normalize(text: str) -> AlignedText:
    """Repair ``text`` and bring it to Simplified characters and plain forms, offsets kept.

    Returns:
        The normalised text with the place of each character in ``text``. Sound text within GB2312
        comes back unchanged.
    """
    aligned = AlignedText(text, text)
    for rule in RULES:
        aligned = aligned.apply(rule(aligned.text))
    return aligned


def normalize_many(texts: Sequence[str]) -> tuple[list[str], dict[int, AlignedText]]:
    """Normalise many texts; sound ones, which are most, all at once.

    Returns:
        Each text normalised; and by their numbers those that were looked at, with offsets.
    """
    aligned = {i: normalize(texts[i]) for i in suspicious(texts)}
    plain = list(texts)
    for i, text in aligned.items():
        plain[i] = text.text
    return plain, aligned
