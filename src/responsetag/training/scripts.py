"""Which script texts are written in, and what becomes of those that jieba does not cut."""

from __future__ import annotations

import re
from collections.abc import Iterable

_LATIN = "Latin letters"
_SCRIPTS = {
    "Han": re.compile("[\u3400-\u4dbf\u4e00-\u9fff\uf900-\ufaff\U00020000-\U000323af]"),
    "kana": re.compile("[\u3041-\u30ff]"),
    "Hangul": re.compile("[\u1100-\u11ff\uac00-\ud7a3]"),
    _LATIN: re.compile("[A-Za-z\u00c0-\u024f]"),
    "Cyrillic": re.compile("[\u0400-\u052f]"),
    "Greek": re.compile("[\u0370-\u03ff]"),
}
_LETTER = re.compile(r"[^\W\d_]")
_LOOKED_AT = 1_000_000  # characters
# Japanese has about as many kana as Han; Chinese has next to none.
_KANA_SHARE = 0.15
_UNREAD = "letters that are not read"


def foreign_script(texts: Iterable[str]) -> str | None:
    """What to tell of texts that are mostly not in Han characters, or that are Japanese; None for Chinese."""
    count = dict.fromkeys((*_SCRIPTS, _UNREAD), 0)
    seen = 0
    for text in texts:
        letters = len(_LETTER.findall(text))
        for name, pattern in _SCRIPTS.items():
            count[name] += (found := len(pattern.findall(text)))
            letters -= found
        count[_UNREAD] += max(letters, 0)
        seen += len(text)
        if seen > _LOOKED_AT:
            break
    total = sum(count.values())
    main = max(count, key=lambda name: count[name])
    if count["kana"] > _KANA_SHARE * (count["Han"] + count["kana"]):
        main = max(("kana", main), key=lambda name: count[name] if name != "Han" else 0)
    if not total or main == "Han":
        return None
    return f"the texts are not Chinese: {count[main] / total:.0%} of their letters are {main}. {_told(main)}"


def _told(script: str) -> str:
    if script == _UNREAD:
        return (
            "Neither Han, kana, Hangul, Latin, Greek nor Cyrillic letters: they are not read at all, "
            "and such a text comes back as empty"
        )
    if script == _LATIN:
        return (
            "jieba cuts Chinese; here words are what stands between spaces, letters with accents stand "
            "alone, inflected forms and small and capital letters differ, and a full stop ends no clause: "
            "expect less"
        )
    return (
        "jieba cuts Chinese; these letters it takes one by one, so that runs of one to three letters are all "
        "that a model learns from: expect less"
    )
