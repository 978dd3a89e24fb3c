"""What runs in Spark's Python workers: Arrow arrays of texts in, Arrow arrays of tags out.

pandas has no part in it: nulls stay nulls, and scores go from numpy to Arrow by column.
"""

from __future__ import annotations

from collections.abc import Callable, Iterator

import pyarrow as pa

from responsetag.integrations.arrow import ROWS_AT_ONCE, Outcome, tag_rows, tag_struct
from responsetag.integrations.spark.shipping import ModelSource, tagger_of
from responsetag.tagger import Tagger

TagBatches = Callable[[Iterator[pa.Array]], Iterator[pa.Array]]


def batch_function(source: ModelSource, *, evidence: bool, min_score: float | None) -> TagBatches:
    """The function that Spark sends to its workers, with what it needs."""

    # Spark reads from the annotations that it is to be given one iterator a task.
    def tag_batches(batches: Iterator[pa.Array]) -> Iterator[pa.Array]:
        tagger = tagger_of(source)
        for texts in batches:
            yield tag_array(tagger, texts, evidence=evidence, min_score=min_score)

    return tag_batches


def tag_array(tagger: Tagger, texts: pa.Array, *, evidence: bool, min_score: float | None) -> pa.Array:
    """Tag an array of strings.

    Returns:
        A struct array as long as ``texts`` with the fields of ``tag_schema``.
    """
    parts = []
    for start in range(0, max(len(texts), 1), ROWS_AT_ONCE):
        outcomes = _outcomes(tagger, texts.slice(start, ROWS_AT_ONCE), evidence, min_score)
        parts.append(tag_struct(tagger, outcomes, evidence=evidence))
    return parts[0] if len(parts) == 1 else pa.concat_arrays(parts)


def _outcomes(tagger: Tagger, array: pa.Array, evidence: bool, min_score: float | None) -> list[Outcome]:
    try:
        texts = [text or "" for text in array.to_pylist()]
        problems: dict[int, str] = {}
    except UnicodeDecodeError:  # a cast from binary gives Spark strings that are none
        texts, problems = _decode(array)
    outcomes = tag_rows(tagger, texts, evidence=evidence, min_score=min_score)
    for row, problem in problems.items():
        outcomes[row] = problem
    return outcomes


def _decode(array: pa.Array) -> tuple[list[str], dict[int, str]]:
    """The texts, empty where they are no UTF-8, and what is wrong with those by row."""
    texts, problems = [], {}
    binary = pa.large_binary() if pa.types.is_large_string(array.type) else pa.binary()
    for row, data in enumerate(array.view(binary).to_pylist()):
        try:
            texts.append((data or b"").decode())
        except UnicodeDecodeError as error:
            texts.append("")
            problems[row] = f"the text is not UTF-8 (byte {error.start}); decode it with its own encoding"
    return texts, problems
