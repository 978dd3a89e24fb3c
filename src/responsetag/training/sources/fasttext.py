"""Records of fastText's training files: ``__label__a __label__b the text``, a line a row."""

from __future__ import annotations

import re
from collections.abc import Iterator

from responsetag.batch.tables import Record
from responsetag.errors import InputError
from responsetag.training.sources.text_tables import read_lines

PREFIX = "__label__"
_HAN = "\u2e80-\u9fff\uf900-\ufaff\uff00-\uffef\U00020000-\U000323af"
# Text for fastText is cut into words beforehand; between Chinese words nothing stands but this cut.
_CUT = re.compile(f"(?<=[{_HAN}“”‘’…—])\\s+|\\s+(?=[{_HAN}“”‘’…—])")


def read_fasttext(path: str, encoding: str | None) -> Iterator[Record]:
    """A record a line; a line without ``__label__`` has no labels.

    Raises:
        InputError: no line has any.
    """
    labelled = False
    for number, (where, line, reason) in enumerate(read_lines(path, encoding), 1):
        words = line.removeprefix("\ufeff").split()
        labels = [word.removeprefix(PREFIX) for word in words if word.startswith(PREFIX)]
        text = joined(" ".join(word for word in words if not word.startswith(PREFIX)))
        labelled = labelled or bool(labels)
        yield Record(number, where, {"text": text, "labels": labels}, reason)
    if not labelled:
        raise InputError(f"{path}: no line has a {PREFIX}name; this is no training file of fastText's form")


def joined(text: str) -> str:
    """Text whose Chinese words stood apart; spaces between words of other scripts stay."""
    return _CUT.sub("", text)
