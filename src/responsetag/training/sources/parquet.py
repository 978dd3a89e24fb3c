"""Records of Parquet files."""

from __future__ import annotations

from collections.abc import Iterator

from responsetag.batch.tables import Record
from responsetag.errors import InputError, MissingExtraError
from responsetag.training.sources.saved import named

_ROWS = 1024  # decoded at once


def read_parquet(path: str, _encoding: str | None) -> Iterator[Record]:
    """A record a row. Label numbers that Hugging Face ``datasets`` wrote get their names back.

    Raises:
        InputError: the file is damaged.
        MissingExtraError: pyarrow is not installed.
    """
    try:
        import pyarrow as pa
        from pyarrow import parquet
    except ImportError as error:
        raise MissingExtraError("pyarrow", "train", f"{path}: reading Parquet") from error
    number = 0
    try:
        with parquet.ParquetFile(path, page_checksum_verification=True) as file:
            features = _features(file.schema_arrow)
            for batch in file.iter_batches(_ROWS):
                for values in batch.to_pylist():
                    number += 1
                    fields = {key: named(v, features.get(key)) for key, v in values.items()}
                    yield Record(number, f"{path}:{number}", fields)
    except (pa.ArrowException, OSError, ValueError) as error:
        raise InputError(
            f"{path}: cannot be read after row {number} ({error}); fetch or write the file anew"
        ) from error


def _features(schema: object) -> dict[str, object]:
    """What ``datasets`` noted of its columns in a file that it wrote."""
    if b"huggingface" not in (getattr(schema, "metadata", None) or {}):
        return {}
    import datasets

    return dict(datasets.Features.from_arrow_schema(schema))
