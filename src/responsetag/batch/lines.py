"""Files as streams of bytes and of lines, unpacked and decoded as they are read."""

from __future__ import annotations

import codecs
import io
import sys
from pathlib import Path

from responsetag.batch.compression import Unpacked, split_suffix
from responsetag.errors import InputError, ResponseTagError
from responsetag.text.reading import detect_encoding

STDIN = "-"
_DETECTED = 1 << 16  # bytes that the encoding is judged by
# What the decoder leaves for a byte that it cannot read (PEP 383).
UNDECODED = "[\udc80-\udcff]"


class Meter:
    """How many bytes of input were read, as they lie on the disk.

    Attributes:
        read: bytes so far, over all files.
    """

    def __init__(self) -> None:
        self.read = 0


class _Metered(io.RawIOBase):
    """A file whose bytes are counted."""

    def __init__(self, file: io.RawIOBase | io.BufferedReader, meter: Meter) -> None:
        self._file, self._meter = file, meter

    def readable(self) -> bool:
        return True

    def readinto(self, buffer: bytearray | memoryview) -> int | None:  # type: ignore[override]
        size = self._file.readinto(buffer)
        self._meter.read += size or 0
        return size

    def close(self) -> None:
        self._file.close()
        super().close()


class _Rest(io.RawIOBase):
    """Bytes that were read already, and then those that follow: a pipe cannot be wound back. What went
    wrong behind the head is raised where the head ends."""

    def __init__(self, head: bytes, rest: io.BufferedReader, trouble: Exception | None) -> None:
        self._head, self._rest, self._trouble = head, rest, trouble

    def readable(self) -> bool:
        return True

    def readinto(self, buffer: bytearray | memoryview) -> int:  # type: ignore[override]
        if self._head:
            part, self._head = self._head[: len(buffer)], self._head[len(buffer) :]
        elif self._trouble:
            raise self._trouble
        else:
            part = self._rest.read1(len(buffer))
        buffer[: len(part)] = part
        return len(part)

    def close(self) -> None:
        self._rest.close()
        super().close()


def open_bytes(path: str, meter: Meter) -> io.BufferedReader:
    """The content of a file, unpacked where its name ends in ``.gz`` or ``.zst``, or of standard input.

    Raises:
        MissingExtraError: the file is packed and the package for it is not installed.
        OSError: the file cannot be read.
        InputError: standard input is closed.
    """
    if path == STDIN:
        if sys.stdin is None:
            raise InputError(f"{path}: standard input is closed; open it, or name files")
        assert isinstance(sys.stdin.buffer, io.BufferedReader)
        return sys.stdin.buffer
    raw = Path(path).open("rb", buffering=0)  # noqa: SIM115 - what is returned closes it
    file: io.BufferedReader = io.BufferedReader(_Metered(raw, meter), 1 << 16)
    compression = split_suffix(path)[1]
    if not compression:
        return file
    try:
        return io.BufferedReader(Unpacked(path, file, compression))
    except ResponseTagError:
        file.close()
        raise


def read_whole(file: io.BufferedReader, limit: int | None = None) -> tuple[bytes, Exception | None]:
    """The content of a file, or about ``limit`` bytes of it; up to where it cannot be read, with the
    reason."""
    parts, size = [], 0
    try:
        while limit is None or size < limit:
            part = file.read1(_DETECTED)
            if not part:
                break
            parts.append(part)
            size += len(part)
    except (InputError, OSError) as error:
        return b"".join(parts), error
    return b"".join(parts), None


def open_lines(path: str, encoding: str | None, meter: Meter) -> io.TextIOWrapper:
    """The lines of a file, or of standard input for ``-``. Bytes that are not of the encoding become
    characters of ``UNDECODED``.

    Raises:
        InputError: the encoding is unknown.
        OSError: the file cannot be read.
    """
    file = open_bytes(path, meter)
    head, trouble = read_whole(file, _DETECTED)
    if encoding is None:
        # A cut in the middle of a character must not look like another encoding.
        encoding = detect_encoding(head[: head.rfind(b"\n") + 1] or head)
    try:
        if head.startswith(codecs.BOM_UTF8) and codecs.lookup(encoding).name == "utf-8":
            encoding = "utf-8-sig"  # a mark would hide that the header behind it is quoted
        rest = io.BufferedReader(_Rest(head, file, trouble))
        return io.TextIOWrapper(rest, encoding=encoding, errors="surrogateescape", newline="")
    except LookupError:
        file.close()
        known = "utf-8, gb18030, big5 or utf-16"
        raise InputError(f"{path}: unknown encoding {encoding!r}; try {known}") from None
