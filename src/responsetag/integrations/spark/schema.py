"""The tag columns as Spark types; imported where PySpark is known to be there."""

from __future__ import annotations

from collections.abc import Sequence

from pyspark.sql.types import ArrayType, DoubleType, IntegerType, StringType, StructField, StructType

from responsetag.integrations.columns import COMMENTS, tag_column_names
from responsetag.types import FIGURES

_SPAN = [
    StructField("start", IntegerType()),
    StructField("end", IntegerType()),
    StructField("text", StringType()),
]
_FIGURES = {kind: [StructField(name, DoubleType()) for name in names] for kind, names in FIGURES.items()}
_WORDS = ArrayType(StructType([*_SPAN, *_FIGURES["word"]]))
_EVIDENCE = ArrayType(
    StructType([StructField("label", StringType()), *_SPAN, *_FIGURES["span"], StructField("words", _WORDS)])
)


def tag_fields(labels: Sequence[str], *, evidence: bool) -> StructType:
    """What the workers give for a text. Without comments: Spark holds it against Arrow's types, which
    have none."""
    text = StringType()
    types = {
        "labels": ArrayType(text),
        "scores": StructType([StructField(label, DoubleType()) for label in labels]),
        "evidence": _EVIDENCE,
        "status": text,
        "message": text,
        "model": text,
        "model_version": text,
    }
    return StructType([StructField(name, types[name]) for name in tag_column_names(evidence=evidence)])


def tag_columns(labels: Sequence[str], *, evidence: bool, prefix: str) -> StructType:
    """The same as columns of a table, with names and comments."""
    return StructType(
        [
            StructField(prefix + field.name, field.dataType, metadata={"comment": COMMENTS[field.name]})
            for field in tag_fields(labels, evidence=evidence)
        ]
    )
