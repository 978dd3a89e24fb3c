"""Tables as lines of text, decoded as they are read."""

from __future__ import annotations

import io
import sys
from pathlib import Path

from responsetag.errors import InputError
from responsetag.text.reading import detect_encoding

_DETECTED = 1 << 16  # bytes that the encoding is judged by
# What the decoder leaves for a byte that it cannot read (PEP 383).
UNDECODED = "[\udc80-\udcff]"


class _Rest(io.RawIOBase):
    """Bytes that were read already, and then those that follow: a pipe cannot be wound back."""

    def __init__(self, head: bytes, rest: io.BufferedReader) -> None:
        self._head, self._rest = head, rest

    def readable(self) -> bool:
        return True

    def readinto(self, buffer: bytearray | memoryview) -> int:  # type: ignore[override]
        if self._head:
            part, self._head = self._head[: len(buffer)], self._head[len(buffer) :]
        else:
            part = self._rest.read1(len(buffer))
        buffer[: len(part)] = part
        return len(part)

    def close(self) -> None:
        self._rest.close()
        super().close()


def open_lines(path: str, encoding: str | None) -> io.TextIOWrapper:
    """The lines of a file, or of standard input for ``-``. Bytes that are not of the encoding become
    characters of ``UNDECODED``.

    Raises:
        InputError: the encoding is unknown.
        OSError: the file cannot be read.
    """
    file = sys.stdin.buffer if path == "-" else Path(path).open("rb")  # noqa: SIM115 - the wrapper closes it
    assert isinstance(file, io.BufferedReader)
    head = file.read(_DETECTED)
    if encoding is None:
        # A cut in the middle of a character must not look like another encoding.
        encoding = detect_encoding(head[: head.rfind(b"\n") + 1] or head)
    try:
        rest = io.BufferedReader(_Rest(head, file))
        return io.TextIOWrapper(rest, encoding=encoding, errors="surrogateescape", newline="")
    except LookupError:
        file.close()
        known = "utf-8, gb18030, big5 or utf-16"
        raise InputError(f"{path}: unknown encoding {encoding!r}; try {known}") from None
