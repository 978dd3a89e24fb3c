"""Tag columns for data frames of pandas, polars and pyarrow, and for batches of Hugging Face ``datasets``.
Behind :meth:`Tagger.tag_frame` and :meth:`Tagger.map_batch`. Needs the extra ``frames``.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from typing import TYPE_CHECKING, Any, cast

from responsetag.errors import InputError, MissingExtraError
from responsetag.integrations.columns import tag_column_names
from responsetag.tagger import Frame, Tagger

if TYPE_CHECKING:
    import narwhals as nw
    import pyarrow as pa


def tag_frame(
    tagger: Tagger, df: Frame, column: str, *, prefix: str, evidence: bool, min_score: float | None
) -> Frame:
    """A new frame with the tag columns behind its own; see :meth:`Tagger.tag_frame`."""
    try:
        import narwhals as nw
    except ImportError as error:
        raise MissingExtraError("narwhals", "frames", "tagging a data frame") from error

    try:
        frame: Any = nw.from_native(cast("Any", df))
    except nw.exceptions.NarwhalsError as error:
        raise InputError(f"the frame cannot be used: {error}; rename columns that occur twice") from error
    except TypeError as error:
        raise InputError(
            f"{type(df).__name__} is no data frame; give one of pandas or polars, or a pyarrow.Table"
        ) from error
    if isinstance(frame, nw.LazyFrame):
        raise InputError(f"{type(df).__module__}.{type(df).__name__} is lazy; give df.collect()")
    names = tag_column_names(evidence=evidence, prefix=prefix)
    _check_columns(frame.columns, column, names)
    texts = frame.get_column(column).to_list()
    table = tag_table(tagger, texts, names=names, evidence=evidence, min_score=min_score)
    tagged: Frame = frame.with_columns(*_columns(table, frame.implementation)).to_native()
    return tagged


def _columns(table: pa.Table, backend: Any) -> list[nw.Series[Any]]:
    """The columns of a table as those of another kind of frame."""
    import narwhals as nw
    import pyarrow as pa

    if not backend.is_pandas_like():
        return list(nw.from_arrow(table, backend=backend).iter_columns())
    # As they come from Arrow, lists in pandas are numpy arrays.
    return [
        nw.new_series(
            field.name,
            table[field.name].to_pylist(),
            nw.Object() if pa.types.is_nested(field.type) else nw.String(),
            backend=backend,
        )
        for field in table.schema
    ]


def _check_columns(found: Sequence[object], column: str, added: Sequence[str]) -> None:
    """Raise InputError where the text column is missing or doubled, or a tag column's name is taken."""
    if column not in found:
        there = ", ".join(map(str, found)) or "none"
        raise InputError(f"no column {column!r}; there are: {there}. Name one of them")
    if taken := [name for name in added if name in found]:
        raise InputError(
            f"columns exist already: {', '.join(taken)}; rename them, or give a prefix for the tag columns"
        )


def map_batch(
    tagger: Tagger,
    batch: Mapping[str, Sequence[object]],
    column: str,
    *,
    prefix: str,
    evidence: bool,
    min_score: float | None,
) -> dict[str, list[Any]]:
    """The tag columns of a batch; see :meth:`Tagger.map_batch`."""
    names = tag_column_names(evidence=evidence, prefix=prefix)
    _check_columns(list(batch), column, names)
    if batch[column] is None or isinstance(batch[column], str):
        raise InputError(
            f"column {column!r} holds one text, not a batch of them; give map(..., batched=True)"
        )
    table = tag_table(tagger, list(batch[column]), names=names, evidence=evidence, min_score=min_score)
    return {name: TypedList(table[name].combine_chunks()) for name in names}


class TypedList(list[Any]):
    """The values of an Arrow array, which ``pyarrow.array`` gives the array's own type again: where all
    labels are empty and all messages None it could not tell it, and ``datasets`` fixes the types of a data
    set by its first batch.
    """

    def __init__(self, array: pa.Array) -> None:
        super().__init__(array.to_pylist())
        self._type = array.type

    def __arrow_array__(self, type: pa.DataType | None = None) -> pa.Array:  # noqa: A002 - Arrow's name
        import pyarrow as pa

        return pa.array(list(self), self._type if type is None else type)


def tag_table(
    tagger: Tagger, texts: Sequence[object], *, names: Sequence[str], evidence: bool, min_score: float | None
) -> pa.Table:
    """The tag columns of texts as a table, a row each.

    Args:
        texts: what is no string gives a row with status ``error``.
        names: of the columns.
    """
    try:
        import pyarrow as pa
    except ImportError as error:
        raise MissingExtraError("pyarrow", "frames", "tagging a data frame") from error

    from responsetag.integrations.arrow import ROWS_AT_ONCE, tag_rows, tag_struct

    tagger.tag_many([], min_score=min_score)  # refuses a wrong one here, and not in every row
    parts = []
    for start in range(0, max(len(texts), 1), ROWS_AT_ONCE):
        rows = texts[start : start + ROWS_AT_ONCE]
        outcomes = tag_rows(tagger, rows, evidence=evidence, min_score=min_score)
        parts.append(pa.RecordBatch.from_struct_array(tag_struct(tagger, outcomes, evidence=evidence)))
    return pa.Table.from_batches(parts).rename_columns(list(names))
