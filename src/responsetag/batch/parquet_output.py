"""Output rows as Parquet: typed columns, in row groups that are joined without being made anew."""

from __future__ import annotations

import io
from collections.abc import Sequence
from typing import Any, BinaryIO

import numpy as np

from responsetag.batch.formats import COLUMNS, STEPS, score_steps, storable
from responsetag.batch.tagging import OutputRow
from responsetag.errors import MissingExtraError
from responsetag.types import FIGURES, ModelInfo

_GROUP_ROWS = 8192
_GROUP_BYTES = 1 << 25  # of record batches; a group is held in memory until it is written


def arrow() -> Any:
    """pyarrow, with its Parquet part.

    Raises:
        MissingExtraError: it is not installed.
    """
    try:
        import pyarrow as pa
        import pyarrow.parquet
    except ImportError as error:
        raise MissingExtraError("pyarrow", "parquet", "writing Parquet") from error
    return pa


def schema(labels: Sequence[str]) -> Any:
    """The columns of the output, whose ``scores`` have a field a label."""
    pa = arrow()
    place = [pa.field("start", pa.int32()), pa.field("end", pa.int32()), pa.field("text", pa.string())]
    figures = {kind: [pa.field(name, pa.float32()) for name in names] for kind, names in FIGURES.items()}
    words = pa.list_(pa.struct([*place, *figures["word"]]))
    types = {
        "paragraph": pa.int32(),
        "start": pa.int32(),
        "end": pa.int32(),
        "labels": pa.list_(pa.string()),
        "names": pa.list_(pa.string()),
        "scores": pa.struct([(label, pa.float32()) for label in labels]),
        "evidence": pa.list_(pa.struct([("label", pa.string()), *place, *figures["span"], ("words", words)])),
    }
    return pa.schema([(name, types.get(name, pa.string())) for name in COLUMNS])


class Batches:
    """Rows to the bytes of an Arrow record batch, in a worker.

    Args:
        model: what tags.
        labels: of the model, in its order.
    """

    def __init__(self, model: ModelInfo, labels: Sequence[str]) -> None:
        self._model, self._labels, self._schema = model, labels, schema(labels)

    def __call__(self, rows: Sequence[OutputRow]) -> bytes:
        pa = arrow()
        tags = [row.tagging.tags if row.tagging else () for row in rows]
        columns = {
            **{name: [getattr(row.row, name) for row in rows] for name in ("paragraph", "start", "end")},
            **{name: [_text(getattr(row.row, name)) for row in rows] for name in ("document", "id", "text")},
            "labels": [[tag.label for tag in some] for some in tags],
            "names": [[tag.name for tag in some] for some in tags],
            "scores": self._scores(rows),
            "evidence": [_evidence(row) for row in rows],
            "status": [row.status for row in rows],
            "message": [_text(row.message) for row in rows],
            "model": [self._model.name] * len(rows),
            "model_version": [self._model.version] * len(rows),
        }
        arrays = [
            columns[field.name]
            if isinstance(columns[field.name], pa.Array)
            else pa.array(columns[field.name], field.type)
            for field in self._schema
        ]
        batch = pa.RecordBatch.from_arrays(arrays, schema=self._schema)
        return bytes(batch.serialize().to_pybytes())

    def _scores(self, rows: Sequence[OutputRow]) -> Any:
        pa = arrow()
        nothing = [0] * len(self._labels)
        steps = np.array([steps or nothing for steps in score_steps(rows)], dtype=np.float64)
        values = (steps / STEPS).astype(np.float32)
        missing = pa.array([row.tagging is None for row in rows])
        fields = [pa.array(np.ascontiguousarray(column)) for column in values.T]
        return pa.StructArray.from_arrays(
            fields, fields=list(self._schema.field("scores").type), mask=missing
        )


def _text(text: str | None) -> str | None:
    return None if text is None else storable(text)


def _evidence(row: OutputRow) -> list[dict[str, Any]]:
    return [{"label": label, **_storable(shown)} for label, shown in row.evidence.items()]


def _storable(content: dict[str, Any]) -> dict[str, Any]:
    content["text"] = storable(content["text"])
    for word in content.get("words", ()):
        _storable(word)
    return content


class ParquetFile:
    """A Parquet file in the making; row groups are complete as they are written.

    Args:
        out: where to; only written to, never wound back, so that it may be a pipe.
        labels: of the model, in its order.
    """

    def __init__(self, out: BinaryIO, labels: Sequence[str]) -> None:
        self._schema = schema(labels)
        plain = [name for name in COLUMNS if name not in {"text", "evidence", "scores", "id"}]
        self._out = _Forward(out)
        self._writer = arrow().parquet.ParquetWriter(
            arrow().PythonFile(self._out, "w"), self._schema, compression="zstd", use_dictionary=plain
        )
        self._batches: list[Any] = []
        self._rows = self._bytes = 0

    def append(self, data: bytes) -> None:
        """Add what ``Batches`` gave."""
        pa = arrow()
        batch = pa.ipc.read_record_batch(pa.py_buffer(data), self._schema)
        self._batches.append(batch)
        self._rows += batch.num_rows
        self._bytes += len(data)
        if self._rows >= _GROUP_ROWS or self._bytes >= _GROUP_BYTES:
            self._write_group()

    def append_file(self, data: bytes) -> None:
        """Add the row groups of another file of the same schema."""
        with arrow().parquet.ParquetFile(io.BytesIO(data)) as file:
            for group in range(file.num_row_groups):
                self._writer.write_table(
                    file.read_row_group(group, use_threads=False), row_group_size=1 << 30
                )

    def _write_group(self) -> None:
        if self._batches:
            table = arrow().Table.from_batches(self._batches)
            self._writer.write_table(table, row_group_size=1 << 30)
        self._batches, self._rows, self._bytes = [], 0, 0

    def close(self) -> None:
        """Write what is left, and the footer."""
        self._write_group()
        self._writer.close()

    def abandon(self) -> None:
        """It will not be finished. Its writer would add an end to it, now or when it is collected."""
        self._out.muted = True
        self._writer.close()


class _Forward(io.RawIOBase):
    """A stream that counts what is written to it: a pipe cannot tell its place."""

    def __init__(self, out: BinaryIO) -> None:
        self._out, self._place = out, 0
        self.muted = False

    def writable(self) -> bool:
        return True

    def write(self, data: Any) -> int:
        size = memoryview(data).nbytes
        if not self.muted:
            self._out.write(data)
        self._place += size
        return size

    def tell(self) -> int:
        return self._place
