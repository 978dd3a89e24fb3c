"""Damage as mirrors do it, to be undone by the repairs."""

from __future__ import annotations


def shift_gbk(text: str, at: int, *, half_width: bool = False) -> str:
    """Read ``text`` as GBK one byte late from ``at`` on, until an ASCII byte heals the reading.

    ``text[at:]`` must start with a full stop and a mark of the same lead byte (``。“``, ``。”``).
    """
    data = text[at:].encode("gb18030")
    out = "?"  # the first lead byte is lost
    i = 1
    while i < len(data):
        if data[i] < 0x80:
            rest = data[i:].decode("gb18030")
            return text[:at] + _mark(out, half_width) + rest
        pair = data[i : i + 2]
        if len(pair) < 2:
            break
        out += pair.decode("gb18030")
        i += 2
    return text[:at] + _mark(out, half_width)


def _mark(run: str, half_width: bool) -> str:
    return run.replace("?！", "?!", 1) if half_width else run
