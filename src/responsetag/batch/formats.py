"""Output rows as the bytes of JSONL and CSV; what a run writes by the name of its output."""

from __future__ import annotations

import csv
import io
import json
from collections.abc import Iterator, Sequence
from typing import BinaryIO, Literal, NamedTuple

import numpy as np

from responsetag.batch.compression import compressor, split_suffix
from responsetag.batch.tagging import OutputRow
from responsetag.errors import InputError
from responsetag.types import ModelInfo

COLUMNS = (
    "document", "paragraph", "id", "start", "end", "text", "labels", "names", "scores", "evidence",
    "status", "message", "model", "model_version",
)  # fmt: skip
STEPS = 10_000  # scores are written in these, which is more than their calibration can tell apart
_json = json.JSONEncoder(ensure_ascii=False).encode

Form = Literal["jsonl", "csv", "parquet"]


class Format(NamedTuple):
    """How rows are written.

    Attributes:
        form: ``jsonl``, ``csv`` or ``parquet``.
        compression: ``.gz``, ``.zst`` or nothing.
    """

    form: Form
    compression: str = ""

    @property
    def suffix(self) -> str:
        """The end of the name of a file of this format."""
        return f".{self.form}{self.compression}"


def format_of(output: str | None, form: Form | None) -> Format:
    """The format that an output's name stands for; ``form`` overrules its first ending.

    Raises:
        InputError: the ending is of no format that is written, and ``form`` is not given; or it is Parquet
            behind ``.gz`` or ``.zst``, which is packed in itself.
    """
    suffix, compression = split_suffix(output or "")
    named: dict[str, Form] = {"": "jsonl", ".jsonl": "jsonl", ".csv": "csv", ".parquet": "parquet"}
    if form is None and suffix not in named:
        raise InputError(
            f"{output}: no format ends in {suffix}; give a name that ends in .jsonl, .csv (.gz or .zst may "
            "follow) or .parquet, or give the format"
        )
    form = form or named[suffix]
    if form == "parquet" and compression:
        raise InputError(f"{output}: Parquet is packed in itself; give a name that ends in .parquet")
    return Format(form, compression)


class Lines:
    """Rows to lines, packed as the format says. Pieces can be put one after another.

    Args:
        to: JSONL or CSV.
        model: what tags.
        labels: of the model, in its order.
    """

    def __init__(self, to: Format, model: ModelInfo, labels: Sequence[str]) -> None:
        self._pack = compressor(to.compression)
        self._lines = self._csv if to.form == "csv" else self._jsonl
        self._steps = [str(step / STEPS) for step in range(STEPS + 1)]
        self._model = model
        self._scores = "{" + ", ".join(f"{_json(label).replace('%', '%%')}: %s" for label in labels) + "}"
        self._places = {label: i for i, label in enumerate(labels)}
        self._end = f'"model": {_json(model.name)}, "model_version": {_json(model.version)}' + "}\n"

    def __call__(self, rows: Sequence[OutputRow]) -> bytes:
        return self._pack(b"".join(self._lines(rows)))

    def _jsonl(self, rows: Sequence[OutputRow]) -> Iterator[bytes]:
        for (row, tagging, error), output, steps in zip(rows, rows, score_steps(rows), strict=True):
            tags = tagging.tags if tagging else ()
            scores = self._scores % tuple([self._steps[step] for step in steps]) if steps else "{}"
            line = (
                f'{{"document": {_json(row.document)}, "paragraph": {row.paragraph}, "id": {_text(row.id)}, '
                f'"start": {row.start}, "end": {row.end}, "text": {_json(row.text)}, '
                f'"labels": {_list([tag.label for tag in tags])}, "names": {_list([t.name for t in tags])}, '
                f'"scores": {scores}, "evidence": {_json(output.evidence) if tags else "{}"}, '
                f'"status": "{output.status}", "message": {_text(error or row.warning)}, {self._end}'
            )
            try:
                yield line.encode()
            except UnicodeEncodeError:
                # A lone surrogate, which broken JSON may hold, has no UTF-8: it is written escaped.
                yield json.dumps(json.loads(line)).encode() + b"\n"

    def _csv(self, rows: Sequence[OutputRow]) -> Iterator[bytes]:
        out = io.StringIO()
        writer = csv.writer(out, lineterminator="\r\n")
        for output, steps in zip(rows, score_steps(rows), strict=True):
            row, tags = output.row, output.tagging.tags if output.tagging else ()
            shown = output.evidence
            values = (
                row.document, row.paragraph, row.id, row.start, row.end, row.text,
                ";".join(tag.label for tag in tags),
                ";".join(tag.name for tag in tags),
                ";".join(f"{steps[self._places[tag.label]] / STEPS:.4f}" for tag in tags),
                ";".join(shown[t.label]["text"].replace(";", "；") for t in tags if t.label in shown),
                output.status, output.message, self._model.name, self._model.version,
            )  # fmt: skip
            writer.writerow(["" if value is None else _plain(value) for value in values])
        yield out.getvalue().encode()


class LinesFile:
    """A file of lines in the making.

    Args:
        out: where to.
        to: its format.
        first: whether it begins the output.
    """

    def __init__(self, out: BinaryIO, to: Format, first: bool) -> None:
        self._out = out
        if first and to.form == "csv":
            out.write(compressor(to.compression)((",".join(COLUMNS) + "\r\n").encode()))

    def append(self, data: bytes) -> None:
        """Add what ``Lines`` gave."""
        self._out.write(data)

    append_file = append  # another file of the same format can be put behind this one

    def close(self) -> None:
        """Nothing follows."""

    def abandon(self) -> None:
        """It will not be finished."""


def _text(text: str | None) -> str:
    return "null" if text is None else _json(text)


def _list(texts: list[str]) -> str:
    # The encoder is quick with single strings only.
    return f"[{', '.join([_json(text) for text in texts])}]"


def score_steps(rows: Sequence[OutputRow]) -> list[list[int]]:
    """The scores of each row in ``STEPS``, in the model's order; none where there is an error."""
    known = [row.tagging.scores.probabilities for row in rows if row.tagging]
    steps = iter(np.rint(np.array(known) * STEPS).astype(int).tolist() if known else ())
    return [next(steps) if row.tagging else [] for row in rows]


def _plain(value: object) -> object:
    """Text that a spreadsheet does not take for a formula, and that UTF-8 can hold."""
    if not isinstance(value, str):
        return value
    value = storable(value)
    return f"'{value}" if value[:1] in {"=", "+", "-", "@", "\t", "\r"} else value


def storable(text: str) -> str:
    """Text that UTF-8 can hold: halves of broken characters become ``?``, so that offsets hold."""
    return text.encode("utf-8", "replace").decode()
