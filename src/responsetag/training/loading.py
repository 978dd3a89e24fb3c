"""From files of labelled rows to a corpus: every row checked, duplicates and conflicts settled."""

from __future__ import annotations

import os
from collections.abc import Iterator, Sequence
from dataclasses import dataclass, field, replace
from pathlib import Path
from typing import Literal

from responsetag.batch.tables import Record
from responsetag.errors import CorpusError
from responsetag.taxonomy import Taxonomy, taxonomy_of
from responsetag.training.corpus import Corpus, Row, Sentence
from responsetag.training.digests import check_sums
from responsetag.training.findings import Findings
from responsetag.training.sources.columns import Columns, RowReader, columns_of_marks
from responsetag.training.sources.files import corpus_files, read_records

# More than this many complaints are counted, not listed.
_SHOWN_PROBLEMS = 200
Conflicts = Literal["drop", "union", "first", "refuse"]


@dataclass(frozen=True, slots=True)
class Reading:
    """How rows are read.

    Attributes:
        columns: which columns hold what.
        encoding: of text files; see :func:`responsetag.training.sources.files.read_records`.
        skip_bad_rows: go on without rows that cannot be used.
        conflicts: what becomes of a text that stands there with different labels: all its rows are left out
            (``drop``), or it gets the labels of all (``union``) or of the first, or the corpus is refused.
        allow_changed: take files that are not those which ``SHA256SUMS`` beside them lists.
    """

    columns: Columns = field(default_factory=Columns)
    encoding: str | None = None
    skip_bad_rows: bool = False
    conflicts: Conflicts = "drop"
    allow_changed: bool = False


def read_about(path: str | os.PathLike[str]) -> str:
    """What ``CARD.md`` beside the corpus has to say in the cards of models; empty where there is none.

    Raises:
        CorpusError: it cannot be read.
    """
    folder = Path(path) if Path(path).is_dir() else Path(path).parent
    file = folder / "CARD.md"
    try:
        return file.read_text(encoding="utf-8") if file.is_file() else ""
    except (OSError, UnicodeError) as error:
        raise CorpusError(f"{file}: cannot be read ({error}); save it as UTF-8, or take it away") from error


def load_corpus(
    path: str | os.PathLike[str], labels: Sequence[str], *, allow_changed: bool = False
) -> Corpus:
    """Read a corpus in which nothing is wrong.

    Raises:
        CorpusError: rows that cannot be used, or that contradict each other: each with its file, line and
            reason; or files that are not those listed.
    """
    taxonomy = taxonomy_of({label: label for label in labels})
    return read_corpus(path, taxonomy, Reading(conflicts="refuse", allow_changed=allow_changed))[0]


def read_corpus(
    path: str | os.PathLike[str], taxonomy: Taxonomy | None = None, reading: Reading | None = None
) -> tuple[Corpus, Findings]:
    """Check every row and make a corpus of the good ones.

    Args:
        path: a file, or a folder of files; see :data:`responsetag.training.sources.files.FORMATS`.
        taxonomy: the label set; the labels that the rows have, in alphabetical order, when None.

    Raises:
        CorpusError: rows that cannot be used: each with its file, line and reason; or files that are not
            those listed; or there is no row.
    """
    reading = reading or Reading()
    files = corpus_files(path)
    if not reading.allow_changed:
        check_sums(Path(path), [file for file in files if file.is_file()])
    records = list(read_records(files, reading.encoding))
    names = {label.slug: label.name.zh for label in taxonomy.labels} if taxonomy else None
    marks = columns_of_marks((r.fields or {} for r in records), reading.columns) if names is None else ()
    reader = RowReader(reading.columns, names, marks)
    bad: list[str] = []
    rows = list(_rows(records, reader, bad))
    if records and not rows and len({problem.split(": ", 1)[1] for problem in bad}) == 1:
        raise CorpusError(f"{path}: no row can be used: {bad[0].split(': ', 1)[1]}")
    settled = _settle(rows, reading.conflicts)
    if reading.conflicts == "refuse":
        bad += settled.conflicts
    if bad and not reading.skip_bad_rows:
        raise CorpusError(
            f"{len(bad)} rows of the corpus cannot be used; mend or remove them, or train without them "
            f"(--skip-bad-rows):\n{shown(bad)}"
        )
    if not settled.rows:
        raise CorpusError(f"{path}: holds no rows" + (f" that can be used:\n{shown(bad)}" if bad else ""))
    slugs = (
        list(names) if names is not None else sorted({name for row in settled.rows for name in row.labels})
    )
    if taxonomy is None and not slugs:
        raise CorpusError(f"{path}: no row has a label; give rows with labels, or the columns they stand in")
    corpus = Corpus.of(settled.rows, slugs)
    return corpus, Findings.of(
        corpus,
        rows=len(records),
        duplicates=settled.duplicates,
        conflicts=tuple(settled.conflicts),
        bad=tuple(bad),
        unused=tuple(reader.unused),
    )


def shown(problems: Sequence[str]) -> str:
    """Complaints, a line each; the first of very many."""
    more = len(problems) - _SHOWN_PROBLEMS
    return "\n".join(problems[:_SHOWN_PROBLEMS]) + (f"\n... and {more} more" if more > 0 else "")


def _rows(records: Sequence[Record], reader: RowReader, bad: list[str]) -> Iterator[tuple[str, Row]]:
    for record in records:
        if record.error is not None or record.fields is None:
            bad.append(f"{record.where}: {record.error}")
            continue
        try:
            yield record.where, reader.read(record.fields)
        except ValueError as error:
            bad.append(f"{record.where}: {error}")


@dataclass(slots=True)
class _Settled:
    rows: list[Row]
    duplicates: int
    conflicts: list[str]


def _settle(rows: Sequence[tuple[str, Row]], way: Conflicts) -> _Settled:
    """One row a text. Outer spaces do not tell texts apart."""
    of_text: dict[str, list[tuple[str, Row]]] = {}
    for where, row in rows:
        of_text.setdefault(row.text.strip(), []).append((where, row))
    settled = _Settled([], 0, [])
    for same in of_text.values():
        (first_at, first), *others = same
        other = next(((where, row) for where, row in others if row.labels != first.labels), None)
        if other is None:
            settled.rows.append(first)
            settled.duplicates += len(others)
            continue
        settled.conflicts.append(
            f"{other[0]}: text again with other labels, first at {first_at} "
            f"({_listed(other[1])} here, {_listed(first)} there)"
        )
        if way == "first":
            settled.rows.append(first)
        elif way == "union":
            settled.rows.append(_union([row for _, row in same]))
    return settled


def _union(rows: Sequence[Row]) -> Row:
    """The first row, with the labels of all: sentence by sentence where they are cut alike."""
    first = rows[0]
    if any([s.text for s in row.sentences] != [s.text for s in first.sentences] for row in rows):
        parts: list[tuple[Sentence, ...]] = [tuple(s for row in rows for s in row.sentences)]
        texts = [first.text]
    else:
        parts = list(zip(*(row.sentences for row in rows), strict=True))
        texts = [sentence.text for sentence in first.sentences]
    merged = tuple(
        Sentence(text, tuple(dict.fromkeys(name for sentence in part for name in sentence.labels)))
        for text, part in zip(texts, parts, strict=True)
    )
    return replace(first, sentences=merged)


def _listed(row: Row) -> str:
    return ", ".join(sorted(row.labels)) or "no label"
