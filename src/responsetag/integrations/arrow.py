"""Results as Arrow arrays: the tag columns of Spark, data frames and datasets. Needs pyarrow."""

from __future__ import annotations

from collections.abc import Sequence
from typing import cast

import numpy as np
import pyarrow as pa

from responsetag.batch.formats import storable
from responsetag.tagger import Tagger
from responsetag.types import FIGURES, Evidence, Tag, Tagging, WordWeight

# Rows tagged at once: a batch or frame may hold millions, and their results are larger than they are.
ROWS_AT_ONCE = 1024

_LABELS = pa.list_(pa.string())

# A result, or what went wrong.
Outcome = Tagging | str


def tag_rows(
    tagger: Tagger, texts: Sequence[object], *, evidence: bool, min_score: float | None
) -> list[Outcome]:
    """One result each, whatever the texts are."""
    try:
        return list(tagger.tag_many(cast("Sequence[str]", texts), evidence=evidence, min_score=min_score))
    except Exception as error:  # whatever one text meets must not take the others with it
        if len(texts) == 1:
            return [f"tagging failed ({type(error).__name__}: {error})"]
        return [
            outcome
            for text in texts
            for outcome in tag_rows(tagger, [text], evidence=evidence, min_score=min_score)
        ]


def tag_struct(tagger: Tagger, outcomes: Sequence[Outcome], *, evidence: bool) -> pa.Array:
    """A struct array with the tag columns, named as in ``columns.COMMENTS``, as long as ``outcomes``."""
    taggings = [None if isinstance(outcome, str) else outcome for outcome in outcomes]
    columns = {
        "labels": pa.array([tagging.labels if tagging else () for tagging in taggings], _LABELS),
        "scores": _scores(tagger.labels, taggings),
    }
    if evidence:
        columns["evidence"] = _evidence([tagging.tags if tagging else () for tagging in taggings])
    columns |= {
        "status": pa.array([tagging.status if tagging else "error" for tagging in taggings], pa.string()),
        "message": pa.array([o if isinstance(o, str) else o.message for o in outcomes], pa.string()),
        "model": pa.repeat(tagger.info.name, len(outcomes)),
        "model_version": pa.repeat(tagger.info.version, len(outcomes)),
    }
    return pa.StructArray.from_arrays(list(columns.values()), names=list(columns))


def _scores(labels: Sequence[str], taggings: Sequence[Tagging | None]) -> pa.Array:
    """A struct with a score a label; null where tagging failed."""
    missing = (0.0,) * len(labels)
    rows = [tagging.scores.probabilities if tagging else missing for tagging in taggings]
    table = np.array(rows, dtype=np.float64).reshape(len(rows), len(labels))
    columns = [pa.array(column) for column in np.ascontiguousarray(table.T)]
    failed = pa.array([tagging is None or tagging.status == "error" for tagging in taggings], pa.bool_())
    return pa.StructArray.from_arrays(columns, names=list(labels), mask=failed)


def _evidence(rows: Sequence[Sequence[Tag]]) -> pa.Array:
    """Lists of structs, built column by column: a third of the time that a dictionary each takes."""
    shown = [[(tag.label, tag.evidence) for tag in tags if tag.evidence] for tags in rows]
    labels = [label for row in shown for label, _ in row]
    spans = [evidence for row in shown for _, evidence in row]
    words = [word for span in spans for word in span.words]
    word_lists = _lists([span.words for span in spans], _span(words, FIGURES["word"]))
    columns = _span(spans, FIGURES["span"])
    return _lists(shown, {"label": pa.array(labels, pa.string()), **columns, "words": word_lists})


def _span(found: Sequence[Evidence | WordWeight], figures: Sequence[str]) -> dict[str, pa.Array]:
    return {
        "start": pa.array([span.start for span in found], pa.int32()),
        "end": pa.array([span.end for span in found], pa.int32()),
        "text": pa.array([storable(span.text) for span in found], pa.string()),
    } | {figure: pa.array([getattr(span, figure) for span in found], pa.float64()) for figure in figures}


def _lists(rows: Sequence[Sequence[object]], columns: dict[str, pa.Array]) -> pa.Array:
    """Structs of ``columns`` in lists as long as those of ``rows``."""
    ends = np.cumsum([0, *map(len, rows)], dtype=np.int32)
    return pa.ListArray.from_arrays(
        pa.array(ends), pa.StructArray.from_arrays([*columns.values()], [*columns])
    )
