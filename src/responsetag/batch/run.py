"""Runs over files: read, tagged, written in parts, and gone on with after a kill."""

from __future__ import annotations

import functools
import os
from collections.abc import Callable, Iterator, Sequence
from contextlib import AbstractContextManager, contextmanager, nullcontext
from typing import BinaryIO, get_args

import responsetag
from responsetag.batch.assembly import PART_ROWS
from responsetag.batch.formats import Form, format_of
from responsetag.batch.inputs import resolve_output
from responsetag.batch.jobs import Job, ModelSource
from responsetag.batch.session import Progress, Run, RunResult, Work
from responsetag.errors import InputError, OutputError
from responsetag.model.registry import DEFAULT_MODEL, LATEST
from responsetag.tagger import Tagger

__all__ = ["Progress", "RunResult", "tag_files"]


def tag_files(
    inputs: Sequence[str | os.PathLike[str]],
    output: str | os.PathLike[str] | BinaryIO,
    *,
    model: str | os.PathLike[str] | Tagger = DEFAULT_MODEL,
    version: str = LATEST,
    form: Form | None = None,
    column: str | None = None,
    encoding: str | None = None,
    evidence: bool = True,
    min_score: float | None = None,
    workers: int = 1,
    resume: bool = False,
    restart: bool = False,
    part_rows: int = PART_ROWS,
    say: Callable[[str], None] | None = None,
    progress: Callable[[Progress], None] | None = None,
) -> RunResult:
    """Tag the paragraphs of files and write a row for each, in order; memory does not grow with them.

    The output takes its name when it is whole. What is finished before stands in the folder
    ``OUTPUT.parts``, and a run that was killed is gone on with by ``resume``; ``docs/scale.md`` says how.

    Args:
        inputs: files, folders, globs, and ``-`` for standard input.
        output: a path that ends in ``.jsonl``, ``.csv`` (``.gz`` or ``.zst`` may follow) or ``.parquet``; or
            a binary stream, which is written to as chunks are done (512 rows or 100,000 characters), as is a
            path that is a pipe or device.
        model: a model's name, directory, or a tagger.
        version: of a model that is named.
        form: the format, where the output's name does not say it.
        column: of the text, in tables; found when not given.
        encoding: of the files; detected when not given.
        evidence: find the span and words that show each label.
        min_score: give labels from this score on, in place of the model's thresholds.
        workers: processes that tag. With 1 it is this process; with more, a row that kills its process
            becomes one with an error. The program must then be importable, as for all of ``multiprocessing``.
        resume: go on with an earlier run of the same inputs, model and options.
        restart: discard what an earlier run finished.
        part_rows: rows of a part, from 1; it has fewer where they reach 2 million characters.
        say: is told of each failure and warning, and of what else people should know.
        progress: is told how far the run is, after each chunk.

    Raises:
        InputError: an argument makes no sense.
        MissingExtraError: the output needs a package that is not installed.
        ModelError: the model cannot be read.
        OutputError: the output cannot be written, or another run writes it.
        ResumeError: an earlier run is there and neither ``resume`` nor ``restart`` was given; or it cannot
            be gone on with, because input, model or options are others now.
        WorkerError: processes cannot be started, or die whatever they do.
    """
    if isinstance(inputs, str | os.PathLike):
        raise InputError("one path was given where several are wanted; give a list of them")
    if workers < 1 or part_rows < 1:
        raise InputError(f"workers={workers}, part_rows={part_rows}: both must be 1 or more")
    if form not in (None, *get_args(Form)):
        raise InputError(f"form={form!r}: must be one of {', '.join(get_args(Form))}")
    path = os.fspath(output) if isinstance(output, str | os.PathLike) else None
    job = Job(format_of(path, form), evidence, min_score)
    tagger = model if isinstance(model, Tagger) else responsetag.load(model, version=version)
    tagger.tag_many((), min_score=min_score)  # refuses one that makes no sense
    job.encoder(tagger)  # refuses what cannot be written here
    run = Run(
        inputs=[os.fspath(item) for item in inputs],
        job=job,
        model=tagger.info,
        labels=tagger.labels,
        working=_working(tagger, job, workers),
        column=column,
        encoding=encoding,
        part_rows=part_rows,
        say=say or _nothing,
        progress=progress or _nothing,
    )
    del model, tagger  # workers load their own
    if path is None:
        assert not isinstance(output, str | os.PathLike)
        return run.stream(output)
    try:
        target = resolve_output(path)
        if target.exists() and not target.is_file():
            with target.open("wb") as out:  # a pipe or device takes no new name
                return run.stream(out)
        return run.in_parts(target, resume, restart)
    except BrokenPipeError:
        raise
    except OSError as error:
        raise OutputError(f"{path}: cannot be written: {error.strerror or error}") from error


def _working(tagger: Tagger, job: Job, workers: int) -> Callable[[], AbstractContextManager[Work]]:
    """What gives, while it is needed, a function from chunks to their outputs, in order."""
    if workers == 1:
        return lambda: nullcontext(functools.partial(map, job.start(tagger)))
    from responsetag.batch.workers import WorkerPool

    source = ModelSource.of(tagger)

    @contextmanager
    def pool() -> Iterator[Work]:
        with WorkerPool(source, job, workers) as started:
            yield started.map

    return pool


def _nothing(_: object) -> None:
    """Told, and does nothing."""
