"""Which files a corpus has, and the records in them."""

from __future__ import annotations

import os
from collections.abc import Iterator
from pathlib import Path

from responsetag.batch.compression import split_suffix
from responsetag.batch.tables import Record
from responsetag.errors import CorpusError, InputError
from responsetag.training.sources import fasttext, parquet, saved, text_tables

_READERS = {
    ".jsonl": text_tables.read_jsonl,
    ".csv": text_tables.read_csv,
    ".parquet": parquet.read_parquet,
    ".txt": fasttext.read_fasttext,
    ".ft": fasttext.read_fasttext,
}
FORMATS = (
    ".jsonl, .csv, .parquet, .txt or .ft (fastText's __label__ lines), .gz or .zst of the text formats, "
    "or a folder that Hugging Face datasets' save_to_disk wrote"
)


def corpus_files(path: str | os.PathLike[str]) -> list[Path]:
    """The file, or those of the folder that can hold rows, in the order of their names; a data set that
    ``save_to_disk`` wrote is its folder.

    Raises:
        CorpusError: there is none.
    """
    given = Path(path)
    if given.is_file():
        files = [given] if _readable(given) else []
    elif saved.is_saved(given):
        files = [given]
    elif given.is_dir():
        files = sorted(file for file in given.iterdir() if file.is_file() and _readable(file))
    else:
        raise CorpusError(f"{given}: is not there; check the path")
    if not files:
        raise CorpusError(f"{given}: holds no file of rows; give {FORMATS}")
    return files


def read_records(files: list[Path], encoding: str | None = None) -> Iterator[Record]:
    """The records of files one after another.

    Args:
        encoding: of text files. When None, JSONL is UTF-8, as its standard says, and others are detected.

    Raises:
        CorpusError: a file cannot be read at all.
    """
    for file in files:
        try:
            if file.is_dir():
                yield from saved.read_saved(file)
            else:
                yield from _READERS[split_suffix(str(file))[0]](str(file), encoding)
        except (InputError, OSError) as error:
            raise CorpusError(f"{error}" if str(file) in str(error) else f"{file}: {error}") from error


def _readable(file: Path) -> bool:
    return not file.name.startswith(".") and split_suffix(file.name)[0] in _READERS
