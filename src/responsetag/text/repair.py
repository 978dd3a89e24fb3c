"""Repairs of damaged text. Each is a pure function from a text to the edits that mend it.

A repair that finds nothing returns an empty list, and sound text gives nothing to find.
"""

from __future__ import annotations

import re

from responsetag.text.alignment import Edit
from responsetag.text.plausibility import implausibility

# GBK read one byte late: `。“四` (A1A3 A1B0 CBC4) loses its first byte, which shows as `?`, and goes on
# as A3A1 B0CB C4..., that is `！八...`. A mirror may have made the `！` a half-width `!`. The run heals
# at the first ASCII character, which is the second byte of the last character.
_SHIFTED = re.compile(r"\?[！!](?P<run>[^\x00-\x7f]*)(?P<heal>[\x40-\x7e]|(?=[\r\n]|\Z))")
# The same at the end of an HTML paragraph: the `<` of `。”</p>` was eaten with the quote's last byte.
_SHIFTED_CLOSE = re.compile(r"\?[！!]\?/(?:p|div|span|td|li)>")
# What follows the full stop in the mended text: a mark whose first byte is the one that was lost.
_AFTER_STOP = frozenset("“”‘’《》「」『』【】—…")
# How much likelier the mended reading must be, in log frequency ranks a character. Calibrated on the
# written corpus: with 0.3, 98 in 100 damaged sentences are mended (all that are longer than five
# characters), and none of 140,000 sound ones with `?！` put into them is changed.
_SHIFT_MARGIN = 0.3
# A run that nothing heals must be longer, for less speaks for it.
_LEAST_UNHEALED = 5


def byte_shifted_gbk(text: str) -> list[Edit]:
    """GBK runs that were decoded one byte late: ``?！八闹ш犖椤`` back to ``。“四支隊伍``."""
    if "?！" not in text and "?!" not in text:
        return []
    edits = [Edit(m.start(), m.end(), "。”") for m in _SHIFTED_CLOSE.finditer(text)]
    for match in _SHIFTED.finditer(text):
        mended = _unshift(match["run"], match["heal"])
        if mended is not None:
            edits.append(Edit(match.start(), match.end(), mended))
    return sorted(edits)


def _unshift(run: str, heal: str) -> str | None:
    """The run one byte earlier, or None where that is not GBK or not better Chinese."""
    try:
        tail = run.encode("gb18030")
        if len(tail) != 2 * len(run):  # a four-byte code cannot stem from a shifted two-byte one
            return None
        data = b"\xa1\xa3\xa1" + tail + heal.encode("ascii")
        # Without a healing byte the last lead byte has lost its partner for good.
        mended = (data if heal else data[:-1]).decode("gb18030")
    except UnicodeError:
        return None
    if len(mended) < 3 or mended[1] not in _AFTER_STOP or (not heal and len(run) < _LEAST_UNHEALED):
        return None
    # The stop and the mark are there by construction, so they prove nothing.
    if implausibility(mended[2:]) > implausibility(run) - _SHIFT_MARGIN:
        return None
    return mended


_ENTITY = re.compile(r"&(?:amp;)?(?:#[0-9]{1,7}|#[xX][0-9a-fA-F]{1,6}|[A-Za-z][A-Za-z0-9]{1,30});")


def html_entities(text: str) -> list[Edit]:
    """HTML entities left in the text: ``&ldquo;`` to ``“``, also escaped twice (``&amp;ldquo;``)."""
    if "&" not in text:
        return []
    import html  # a table of 2,000 names that most runs never need

    edits = []
    for match in _ENTITY.finditer(text):
        plain = html.unescape(html.unescape(match.group()))
        if plain != match.group():
            edits.append(Edit(match.start(), match.end(), plain))
    return edits


_TAG = re.compile(
    r"</?(?:a|b|br|center|div|em|font|h[1-6]|hr|i|img|li|ol|p|span|strong|table|tbody|td|th|tr|u|ul)"
    r"(?:\s[^<>]{0,300})?/?>",
    re.IGNORECASE,
)


def html_tags(text: str) -> list[Edit]:
    """Tags of text markup left in the text (``<br/>``, ``<p style="...">``), removed."""
    if "<" not in text:
        return []
    return [Edit(m.start(), m.end(), "") for m in _TAG.finditer(text)]


_HAN = "\u3400-\u4dbf\u4e00-\u9fff\uf900-\ufaff"
_TONED = "āáǎàēéěèīíǐìōóǒòūúǔùǖǘǚǜńňǹḿ"
_GLOSS = re.compile(rf"(?<=[{_HAN}])[(（](?P<syllable>[a-zü{_TONED}]{{1,6}})[)）]")
_IS_TONED = re.compile(f"[{_TONED}]")
# Syllables that are written without a tone mark.
_TONELESS = frozenset({
    "ba", "bo", "de", "di", "ge", "la", "le", "lo", "ma", "me", "men", "ne", "shi", "tou", "wa", "ya",
    "zhe", "zi",
})  # fmt: skip


def pinyin_glosses(text: str) -> list[Edit]:
    """Readings put after characters by Traditional mirrors: ``區(qū)`` to ``區``.

    A gloss without a tone mark goes only where others with one show that the text is glossed.
    """
    if "(" not in text and "（" not in text:
        return []
    found = list(_GLOSS.finditer(text))
    toned = [m for m in found if _IS_TONED.search(m["syllable"])]
    if not toned:
        return []
    keep = [m for m in found if _IS_TONED.search(m["syllable"]) or m["syllable"] in _TONELESS]
    return [Edit(m.start(), m.end(), "") for m in keep]


_INVISIBLE = re.compile(
    "[\u00ad\u034f\u061c\u115f\u1160\u17b4\u17b5\u180b-\u180e\u200b-\u200f\u202a-\u202e"
    "\u2060-\u206f\ufe00-\ufe0f\ufeff\ud800-\uf8ff\U000e0000-\U000e0fff\U000f0000-\U0010ffff]+"
)


def invisible_characters(text: str) -> list[Edit]:
    """Zero-width, direction-control and private-use characters and halves of broken ones (surrogates),
    removed."""
    return [Edit(m.start(), m.end(), "") for m in _INVISIBLE.finditer(text)]


_DOUBLED = re.compile(r"[,，、]{2,}|[;；]{2,}|[:：]{2,}|。{2}(?!。)(?<!。。。)")


def doubled_punctuation(text: str) -> list[Edit]:
    """Punctuation that mirrors double (``,,``, ``、,``, ``；；``), cut to its first mark.

    Dots of omission (``。。。``), ``？！`` and dashes are left, for writers mean them.
    """
    return [Edit(m.start() + 1, m.end(), "") for m in _DOUBLED.finditer(text)]
