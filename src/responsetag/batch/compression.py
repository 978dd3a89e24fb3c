"""gzip and Zstandard behind a file's own ending, as in ``rows.jsonl.gz``: read and written in pieces."""

from __future__ import annotations

import io
import zlib
from collections.abc import Callable
from pathlib import PurePath
from typing import Any, BinaryIO

from responsetag.errors import InputError, MissingExtraError

COMPRESSIONS = frozenset({".gz", ".zst"})
# Compressed bytes unpacked at once. Small, so that little before a damaged place is lost with it, and that a
# file of nothing but repetition does not fill the memory: Zstandard packs 128 KB into 4 bytes.
_SLICE = 1 << 10
_GZIP = 31  # zlib's number for: with the header and checksum of gzip


def split_suffix(path: str) -> tuple[str, str]:
    """What a file is and how it is packed, in small letters: ``(".jsonl", ".gz")``, ``(".csv", "")``."""
    suffixes = [suffix.lower() for suffix in PurePath(path).suffixes[-2:]]
    last = suffixes[-1] if suffixes else ""
    if last in COMPRESSIONS:
        return (suffixes[0] if len(suffixes) > 1 else ""), last
    return last, ""


def compressor(compression: str) -> Callable[[bytes], bytes]:
    """A function that packs bytes as a member or frame of its own: packed pieces can be put one after
    another. The same bytes give the same bytes.

    Raises:
        MissingExtraError: ``.zst`` without the package for it.
    """
    if compression == ".gz":
        return _gzip
    if compression == ".zst":
        packer = _zstandard("writing .zst").ZstdCompressor(write_checksum=True)
        return lambda data: bytes(packer.compress(data))
    return bytes


def _gzip(data: bytes) -> bytes:
    packer = zlib.compressobj(level=6, wbits=_GZIP)
    return packer.compress(data) + packer.flush()


class Unpacked(io.RawIOBase):
    """The content of a packed file. Members and frames follow one another, as ``cat`` puts them.

    Args:
        path: the file's name, for errors.
        file: the packed bytes.
        compression: ``.gz`` or ``.zst``.

    Raises:
        MissingExtraError: ``.zst`` without the package for it.
    """

    def __init__(self, path: str, file: BinaryIO, compression: str) -> None:
        self._path, self._file = path, file
        self._errors: tuple[type[Exception], ...] = (zlib.error,)
        if compression == ".gz":
            self._start: Callable[[], Any] = lambda: zlib.decompressobj(_GZIP)
        else:
            zstandard = _zstandard(f"{path}: reading .zst")
            self._errors = (zstandard.ZstdError,)
            self._start = zstandard.ZstdDecompressor().decompressobj
        self._member: Any = None
        self._packed = b""
        self._ready = b""
        self._given = 0

    def readable(self) -> bool:
        return True

    def readinto(self, buffer: bytearray | memoryview) -> int:  # type: ignore[override]
        """Fill ``buffer``; 0 at the end.

        Raises:
            InputError: the file is damaged or cut off here; what was read before is sound.
        """
        while not self._ready:
            if not self._packed:
                self._packed = self._file.read(_SLICE)
            if not self._packed:
                if self._member is not None:
                    raise self._damaged("it ends too early")
                return 0
            self._ready = self._unpack()
        part, self._ready = self._ready[: len(buffer)], self._ready[len(buffer) :]
        buffer[: len(part)] = part
        self._given += len(part)
        return len(part)

    def _unpack(self) -> bytes:
        if self._member is None:
            self._packed = self._packed.lstrip(b"\0")  # a gzip file may be filled up with zeros
            if not self._packed:
                return b""
            self._member = self._start()
        try:
            content: bytes = self._member.decompress(self._packed)
        except self._errors as error:
            raise self._damaged(str(error)) from None
        self._packed = b""
        if self._member.eof:
            self._packed, self._member = self._member.unused_data, None
        return content

    def _damaged(self, reason: str) -> InputError:
        return InputError(
            f"{self._path}: cannot be unpacked after {self._given} bytes of content ({reason}); "
            "what stands before is read; fetch the file anew"
        )

    def close(self) -> None:
        self._file.close()
        super().close()


def _zstandard(purpose: str) -> Any:
    try:
        import zstandard
    except ImportError as error:
        raise MissingExtraError("zstandard", "zstd", purpose) from error
    return zstandard
