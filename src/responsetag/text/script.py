"""Traditional to Simplified characters, by OpenCC."""

from __future__ import annotations

import re
from functools import cache
from typing import Protocol

_HAN = re.compile(r"[\u3400-\u4dbf\u4e00-\u9fff\uf900-\ufaff]+")


class _Converter(Protocol):
    def convert(self, text: str) -> str: ...


@cache
def _opencc() -> _Converter:
    from concurrent.futures import ThreadPoolExecutor

    # opencc takes Ctrl-C during its import for a missing part of its own, and is broken from then on. Signals
    # are handled in the main thread only, so nothing disturbs an import in another.
    with ThreadPoolExecutor(1) as pool:
        return pool.submit(_load_opencc).result()


def _load_opencc() -> _Converter:
    import opencc

    converter: _Converter = opencc.OpenCC("t2s")
    return converter


def is_simplified(text: str) -> bool:
    """Whether every Han character is in GB2312, which holds Simplified characters only."""
    try:
        text.encode("gb2312")  # most text, and faster than looking for its Han characters
    except UnicodeEncodeError:
        pass
    else:
        return True
    try:
        "".join(_HAN.findall(text)).encode("gb2312")
    except UnicodeEncodeError:
        return False
    return True


def to_simplified(text: str) -> str:
    """``text`` in Simplified characters, by OpenCC's ``t2s``; text that already is comes back unchanged.

    OpenCC also rewrites characters that Simplified text uses in their own right (乾 to 干), so text
    within GB2312 is left alone.
    """
    return text if is_simplified(text) else _opencc().convert(text)
