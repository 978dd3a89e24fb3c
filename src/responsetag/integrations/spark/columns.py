"""Tag columns: their types, and a DataFrame with them."""

from __future__ import annotations

import os
from collections.abc import Sequence
from typing import TYPE_CHECKING

from responsetag import load
from responsetag.errors import InputError, MissingExtraError
from responsetag.integrations.spark.shipping import ModelSource
from responsetag.model.registry import DEFAULT_MODEL, LATEST

if TYPE_CHECKING:
    from pyspark.sql import DataFrame
    from pyspark.sql.types import StructType

# The struct that the workers give, before its fields become columns.
_STRUCT = "__responsetag__"


def add_tags(
    df: DataFrame,
    column: str = "text",
    *,
    model: str | os.PathLike[str] = DEFAULT_MODEL,
    version: str = LATEST,
    evidence: bool = False,
    min_score: float | None = None,
    prefix: str = "",
) -> DataFrame:
    """A DataFrame with tag columns behind its own, which stay as they are. Lazy, as Spark is.

    The columns are those of :func:`tag_schema`. Every row comes back once: a null or wordless text
    with status ``empty``, one that cannot be tagged with status ``error``, a ``message``, no labels
    and null scores. Only the text column goes to Python, in Arrow batches of
    ``spark.sql.execution.arrow.maxRecordsPerBatch`` rows. Each Python worker loads the model once.

    Args:
        df: classic, Connect or streaming.
        column: the name of a column of strings, a paragraph a row.
        model: a shipped model's name, which executors have with the package; or the path of a model
            directory on the driver, whose files (7 MB for ours) are sent along.
        version: of a shipped model, as in :func:`responsetag.load`.
        evidence: add the spans and words that show each label; several times slower.
        min_score: give labels from this score on (0 to 1), in place of the model's thresholds.
        prefix: put before the names of the tag columns, where names are taken.

    Raises:
        InputError: there is no such column, or two, or it is not of strings; a tag column's name is
            taken; ``min_score`` is not between 0 and 1.
        ModelError: there is no such model, or it was altered. Where an executor has another model
            than the driver, Spark's own error says so when the query runs.
        MissingExtraError: PySpark 4.1 or pyarrow is not installed.
    """
    need_spark()
    from pyspark.sql.functions import arrow_udf, col  # type: ignore[attr-defined] # its types lack arrow_udf

    from responsetag.integrations.spark.schema import tag_columns, tag_fields
    from responsetag.integrations.spark.worker import batch_function

    tagger = load(model, version=version)
    tagger.tag_many([], min_score=min_score)  # refuses a wrong one here, and not in every row
    added = tag_columns(tagger.labels, evidence=evidence, prefix=prefix)
    _check_columns(df, column, added.fieldNames())
    tag_batches = batch_function(ModelSource.of(tagger, model), evidence=evidence, min_score=min_score)
    fields = tag_fields(tagger.labels, evidence=evidence)
    # A filter on tags would otherwise be moved below them, and every text tagged once more for it.
    tags = arrow_udf(tag_batches, fields).asNondeterministic()
    text = col("`" + column.replace("`", "``") + "`")
    columns = [
        col(f"{_STRUCT}.{field.name}").alias(named.name, metadata=named.metadata)
        for field, named in zip(fields, added, strict=True)
    ]
    return df.select("*", tags(text).alias(_STRUCT)).select("*", *columns).drop(_STRUCT)


def tag_schema(
    model: str | os.PathLike[str] = DEFAULT_MODEL,
    *,
    version: str = LATEST,
    evidence: bool = False,
    prefix: str = "",
) -> StructType:
    """The columns that :func:`add_tags` adds, given the same arguments.

    In this order, each with a comment that tables keep:

    - ``labels array<string>``: slugs of the labels carried, highest score first;
    - ``scores struct<label: double, ...>``: calibrated probability of every label, 0 to 1, in the
      model's order; null with status ``error``;
    - ``evidence array<struct<label, start, end, text, score, base, rest, words>>``, only with
      ``evidence``: an item a label, its ``words array<struct<start, end, text, weight, share>>``;
      ``start`` and ``end`` count characters of the text from 0, figures are those of
      :class:`responsetag.types.Evidence`;
    - ``status string``: ``ok``, ``empty`` or ``error``;
    - ``message string``: what went wrong, null with other statuses;
    - ``model string``, ``model_version string``.

    Raises:
        ModelError: there is no such model, or it was altered.
        MissingExtraError: PySpark 4.1 or pyarrow is not installed.
    """
    need_spark()
    from responsetag.integrations.spark.schema import tag_columns

    return tag_columns(load(model, version=version).labels, evidence=evidence, prefix=prefix)


def need_spark() -> None:
    """Raise MissingExtraError where PySpark is missing or too old."""
    try:
        import pyarrow as pa  # noqa: F401 - the workers need it
        from pyspark.sql.functions import arrow_udf  # type: ignore[attr-defined]  # noqa: F401
    except ImportError as error:
        missing = "PySpark 4.1 or newer with pyarrow"
        raise MissingExtraError(missing, "spark", "tagging a DataFrame") from error


def _check_columns(df: DataFrame, column: str, added: Sequence[str]) -> None:
    from pyspark.sql.types import StringType

    exact = df.sparkSession.conf.get("spark.sql.caseSensitive") == "true"
    fold = str if exact else str.lower  # names as Spark compares them
    found = [field for field in df.schema if fold(field.name) == fold(column)]
    if not found:
        there = ", ".join(df.columns) or "none"
        raise InputError(f"no column {column!r}; there are: {there}. Name one of them")
    if len(found) > 1:
        raise InputError(f"several columns {column!r}; rename all but one")
    kind = found[0].dataType
    if not isinstance(kind, StringType):
        raise InputError(f"column {column!r} is {kind.simpleString()}, not string; cast it, or name another")
    names = {fold(name) for name in df.columns}
    taken = [name for name in added if fold(name) in names]
    if taken:
        raise InputError(
            f"columns exist already: {', '.join(taken)}; rename them, or give a prefix for the tag columns"
        )
