"""The command line. Thin: options in, calls, output; the work is done elsewhere."""

from __future__ import annotations

import contextlib
import functools
import json
import math
import os
import signal
import sys
from collections.abc import Callable, Iterator, Sequence
from pathlib import Path
from typing import Any, BinaryIO, Literal

import click

from responsetag import Tagger, __version__, load, models
from responsetag.batch.assembly import PART_ROWS
from responsetag.batch.compression import split_suffix
from responsetag.batch.inputs import Finder, resolve_output
from responsetag.batch.lines import STDIN
from responsetag.batch.session import Progress
from responsetag.batch.tagging import OutputRow
from responsetag.errors import MissingExtraError, OutputError, ResponseTagError
from responsetag.model.registry import DEFAULT_MODEL, LATEST
from responsetag.paths import shipped
from responsetag.taxonomy import load_taxonomy
from responsetag.text import read_text
from responsetag.text.reading import TABLE_SUFFIXES

ALL_GOOD, SOME_FAILED, FAILED = 0, 1, 2


@click.group(context_settings={"help_option_names": ["-h", "--help"]})
@click.version_option(__version__, prog_name="responsetag")
def cli() -> None:
    """Which emergency response actions do Chinese paragraphs describe, and which words show it?

    Exit codes: 0 all good, 1 some rows failed, 2 usage, model or output error,
    130 interrupted.
    """


def model_options(command: Callable[..., Any]) -> Callable[..., Any]:
    """Options that choose a model."""
    command = click.option(
        "--model",
        default=DEFAULT_MODEL,
        show_default=True,
        help="A shipped model, or the path of a directory.",
    )(command)
    return click.option(
        "--model-version", default=LATEST, show_default=True, help="1, 1.2, 1.2.0 or latest."
    )(command)


def json_option(command: Callable[..., Any]) -> Callable[..., Any]:
    """Plain data in place of what people read."""
    return click.option("--json", "as_json", is_flag=True, help="Print JSON.")(command)


def _check_encoding(_context: click.Context, _parameter: click.Parameter, encoding: str | None) -> str | None:
    try:
        if encoding is not None:
            "".encode(encoding)
    except (LookupError, UnicodeError):
        known = "utf-8, gb18030, big5 or utf-16"
        raise click.BadParameter(f"unknown encoding {encoding!r}; try {known}") from None
    return encoding


@cli.command()
@click.argument("paths", nargs=-1, metavar="[PATH]...")
@click.option(
    "-o",
    "--output",
    type=click.Path(dir_okay=False),
    help="File to write: .jsonl, .csv (.gz or .zst may follow) or .parquet; standard output if not given.",
)
@click.option(
    "--format",
    "form",
    type=click.Choice(["jsonl", "csv", "parquet", "table"]),
    help="By default what the output's name ends in, a table on a terminal, JSONL in a pipe.",
)
@click.option(
    "--column",
    help="Text column of tables ('text' and the like are found). With '-', input is JSONL.",
)
@click.option("--encoding", callback=_check_encoding, help="Encoding of the input; detected if not given.")
@click.option(
    "--min-score",
    type=click.FloatRange(0, 1),
    help="Give labels from this score on, not from the model's thresholds.",
)
@click.option("--no-evidence", is_flag=True, help="Leave out spans and words: several times as fast.")
@click.option(
    "--workers", default=1, show_default=True, type=click.IntRange(1), help="Processes that tag at once."
)
@click.option("--resume", is_flag=True, help="Go on with a run that was ended before it had written -o FILE.")
@click.option("--restart", is_flag=True, help="Discard what such a run had finished.")
@click.option(
    "--part-rows",
    default=PART_ROWS,
    show_default=True,
    type=click.IntRange(1),
    help="Rows that are kept together, for --resume; fewer where paragraphs are long.",
)
@model_options
def tag(
    paths: tuple[str, ...],
    output: str | None,
    form: Literal["jsonl", "csv", "parquet", "table"] | None,
    column: str | None,
    encoding: str | None,
    min_score: float | None,
    no_evidence: bool,
    workers: int,
    resume: bool,
    restart: bool,
    part_rows: int,
    model: str,
    model_version: str,
) -> int:
    """Tag the paragraphs of files, folders, globs or standard input ('-')."""
    if not paths:
        if sys.stdin is None or sys.stdin.isatty():
            raise click.UsageError("give files or folders, or '-' for standard input")
        paths = (STDIN,)
    if min_score is not None and math.isnan(min_score):
        raise click.UsageError("--min-score must lie between 0 and 1")
    output = None if output == STDIN else output
    _check_output(output, form)
    if output is not None and any(_same_file(path, output) for path in paths):
        raise click.UsageError(f"{output} is named as input and as output; give another -o")
    if form is None and output is None and sys.stdout.isatty():
        form = "table"
    if (resume or restart) and (output is None or form == "table"):
        raise click.UsageError("--resume and --restart need -o FILE and a format that is kept in parts")
    if workers > 1 and form == "table":
        raise click.UsageError(
            "a table is made in one process; leave out --workers, or give another --format"
        )
    if resume and restart:
        raise click.UsageError("--resume goes on with a run and --restart discards it; give one of them")
    if form == "table":
        tagger = load(_model_name(model), version=model_version)
        return _tag_to_table(tagger, paths, output, column, encoding, not no_evidence, min_score)
    from responsetag.batch.run import tag_files

    with _terminable(), _progress_shown(paths, output) as progress, _output(output) as target:
        result = tag_files(
            paths,
            target,
            model=_model_name(model),
            version=model_version,
            form=form,
            column=column,
            encoding=encoding,
            evidence=not no_evidence,
            min_score=min_score,
            workers=workers,
            resume=resume,
            restart=restart,
            part_rows=part_rows,
            say=_say,
            progress=progress,
        )
    return _outcome(result.failures)


def _check_output(output: str | None, form: str | None) -> None:
    if output is None:
        if sys.stdout is None:
            raise OutputError("standard output is closed; open it, or give -o FILE")
        return
    suffix, compression = split_suffix(output)
    if form == "table" and (compression or suffix in TABLE_SUFFIXES):
        raise click.UsageError(f"{output}: a table is plain text for people; give a name that ends in .txt")


def _same_file(path: str, output: str) -> bool:
    try:
        return path != STDIN and Path(path).samefile(output)
    except OSError:  # one of them is not there, or is no path at all
        return False


def _say(message: str) -> None:
    click.echo(f"responsetag: {message}", err=True)


def _outcome(failures: int) -> int:
    if failures:
        _say(f"{failures} rows failed")
    return SOME_FAILED if failures else ALL_GOOD


@contextlib.contextmanager
def _output(path: str | None) -> Iterator[str | BinaryIO]:
    """A path, or standard output; a reader of it that has gone, as with ``| head``, is no error."""
    try:
        yield sys.stdout.buffer if path is None else path
    except OSError as error:
        # What is left in the buffer cannot be written either when Python ends.
        if path is None:
            os.dup2(os.open(os.devnull, os.O_WRONLY), sys.stdout.fileno())
        if not isinstance(error, BrokenPipeError):
            raise
        sys.exit(ALL_GOOD)


@contextlib.contextmanager
def _terminable() -> Iterator[None]:
    """A run that is told to end (SIGTERM) puts things in order as after Ctrl-C."""

    def interrupt(_number: int, _frame: object) -> None:
        raise KeyboardInterrupt

    before = signal.signal(signal.SIGTERM, interrupt)
    try:
        yield
    finally:
        signal.signal(signal.SIGTERM, before)


@contextlib.contextmanager
def _progress_shown(paths: Sequence[str], output: str | None) -> Iterator[Callable[[Progress], None] | None]:
    if sys.stderr is None or not sys.stderr.isatty():
        yield None
        return
    from responsetag.display import RunProgress

    # A run that writes a file says itself how much there is to read.
    total = sum(item.size or 0 for item in Finder().find(paths)) if output is None else None
    with RunProgress(total) as shown:
        yield shown.update


def _tag_to_table(
    tagger: Tagger,
    paths: Sequence[str],
    output: str | None,
    column: str | None,
    encoding: str | None,
    evidence: bool,
    min_score: float | None,
) -> int:
    from responsetag.batch.rows import read_inputs
    from responsetag.batch.tagging import tag_rows
    from responsetag.batch.writers import atomic_output
    from responsetag.display import print_rows

    failures = 0
    target = resolve_output(output) if output else sys.stdout
    rows = read_inputs(Finder(target, _say).find(paths), column=column, encoding=encoding)

    def tagged() -> Iterator[OutputRow]:
        nonlocal failures
        for row in tag_rows(tagger, rows, evidence=evidence, min_score=min_score):
            failures += row.error is not None
            if row.message:
                _say(row.message)
            yield row

    with atomic_output(output) if output else contextlib.nullcontext(sys.stdout) as out:
        print_rows(tagged(), out)
    return _outcome(failures)


def _model_name(model: str) -> str | Path:
    """A path where one was meant: a folder that is called like a shipped model does not replace it."""
    return Path(model) if "/" in model or os.sep in model else model


@cli.command()
@click.argument("text")
@click.option("--min-score", type=click.FloatRange(0, 1), help="Explain labels from this score on.")
@json_option
@model_options
def explain(text: str, min_score: float | None, as_json: bool, model: str, model_version: str) -> int:
    """Show which words of TEXT ('-' for standard input) give which labels."""
    if text == "-":
        text = read_text(sys.stdin.buffer.read()).text
    tagging = load(_model_name(model), version=model_version).tag(text, min_score=min_score)
    if as_json:
        _print_json(tagging.as_dict())
    else:
        from responsetag.display import print_explanation

        print_explanation(tagging)
    return ALL_GOOD


@cli.command()
@click.option("--taxonomy", type=click.Path(), help="A label file of your own.")
@json_option
def labels(taxonomy: str | None, as_json: bool) -> int:
    """Print the labels: names, definitions, examples, and their place in three published taxonomies."""
    loaded = load_taxonomy(taxonomy)
    if as_json:
        from dataclasses import asdict

        _print_json(asdict(loaded))
    else:
        from responsetag.display import print_labels

        print_labels(loaded)
    return ALL_GOOD


@cli.command("models")
@json_option
def list_models(as_json: bool) -> int:
    """List the shipped models."""
    found = models()
    if as_json:
        _print_json([{**info.as_dict(), "path": info.path} for info in found])
    else:
        from responsetag.display import print_models

        print_models(found)
    return ALL_GOOD


@cli.command()
@click.argument("gold", type=click.Path())
@click.option("--record", type=click.Path(dir_okay=False), help="File of figures to note the result in.")
@click.option("--set-name", help="What GOLD is, for the record.  [default: its file name]")
@json_option
@model_options
def evaluate(
    gold: str, record: str | None, set_name: str | None, as_json: bool, model: str, model_version: str
) -> int:
    """Compare the model with the labels of GOLD, a .jsonl file of {"text", "labels"} rows."""
    with _needs_extra("evaluating"):
        from responsetag.training.gold import evaluate_gold
        from responsetag.training.record import add_record, read_records
    tagger = load(_model_name(model), version=model_version)
    if record:
        read_records(record, tagger.recipe)  # a broken one must not be met after the work is done
    evaluation, problems = evaluate_gold(tagger, gold)
    for problem in problems:
        click.echo(f"responsetag: {problem}", err=True)
    if as_json:
        _print_json({"model": tagger.info.as_dict(), "problems": problems, **evaluation.as_dict()})
    else:
        from responsetag.display import print_evaluation

        print_evaluation(evaluation, tagger.names)
    if record:
        name = f"{tagger.info.name} {tagger.info.version}"
        add_record(record, tagger.recipe, name, set_name or Path(gold).name, evaluation)
    return SOME_FAILED if problems else ALL_GOOD


@cli.command()
@click.option(
    "--corpus", type=click.Path(), help="A .jsonl file, or a folder of them.  [default: data/corpus]"
)
@click.option("--taxonomy", type=click.Path(), help="The labels.  [default: data/taxonomy.json]")
@click.option("--output", type=click.Path(file_okay=False), help="Where models are kept.  [default: models]")
@click.option("--name", default=DEFAULT_MODEL, show_default=True, help="The model's name.")
@click.option("--version", help="Its version, as 1.2.3.  [default: the one that data/ makes]")
@click.option("--note", default="", help="What is different from the model before, for the inventory.")
@click.option("--seed", type=int, help="Of folds and fit; the model's settings have one.")
@click.option(
    "--allow-changed-corpus", is_flag=True, help="Take files that SHA256SUMS beside them does not list."
)
@click.option(
    "--floor",
    type=click.Path(dir_okay=False),
    help="Figures that may not be fallen below.  [default: data/floor.json, for our corpus and seed]",
)
@click.option("--record-floor", is_flag=True, help="Make this model's figures the floor, if none is lower.")
@click.option("--lower-floor", is_flag=True, help="Make this model's figures the floor even if lower.")
@click.option(
    "--jobs",
    default=os.cpu_count() or 1,
    show_default=True,
    type=click.IntRange(1),
    help="Labels fitted at once.",
)
def train(
    corpus: str | None,
    taxonomy: str | None,
    output: str | None,
    name: str,
    version: str | None,
    note: str,
    seed: int | None,
    allow_changed_corpus: bool,
    floor: str | None,
    record_floor: bool,
    lower_floor: bool,
    jobs: int,
) -> int:
    """Train a model and write it to OUTPUT/NAME/VERSION.

    A version that exists is never changed: the model is made again and compared with it.
    """
    with _needs_extra("training"):
        from responsetag.training.floor import Floor
        from responsetag.training.run import train as run_training
        from responsetag.training.settings import RELEASE, Settings
    from responsetag.display import console, print_evaluation

    screen = console(sys.stderr)
    settings = Settings() if seed is None else Settings(seed=seed)
    if floor is None and corpus is None and taxonomy is None and seed is None:
        floor = str(shipped("data") / "floor.json")
    if floor is None and (record_floor or lower_floor):
        raise click.UsageError("--record-floor and --lower-floor need --floor FILE for a corpus of your own")
    corpus = corpus or str(shipped("data") / "corpus")
    output = output or str(shipped("models"))
    with _status(screen) as progress:
        result = run_training(
            corpus,
            taxonomy,
            output,
            name,
            version or RELEASE,
            settings=settings,
            jobs=jobs,
            note=note,
            allow_changed_corpus=allow_changed_corpus,
            floor=Floor(floor, record_floor, lower_floor) if floor else None,
            evaluations=shipped("data") / "evaluations.json",
            progress=progress,
        )
    names = {label.slug: label.zh for label in result.model.manifest.labels}
    print_evaluation(result.evaluation, names)
    click.echo(result.outcome)
    return ALL_GOOD


@contextlib.contextmanager
def _status(screen: Any) -> Iterator[Callable[[str], None]]:
    """Steps as a spinner on a terminal, as lines elsewhere."""
    if screen.is_terminal:
        with screen.status("starting") as status:
            yield status.update
    else:
        yield functools.partial(click.echo, err=True)


@contextlib.contextmanager
def _needs_extra(purpose: str) -> Iterator[None]:
    try:
        yield
    except ModuleNotFoundError as error:
        raise MissingExtraError(str(error.name), "train", purpose) from error


def _print_json(content: object) -> None:
    click.echo(json.dumps(content, ensure_ascii=False, indent=2))


def main(arguments: list[str] | None = None) -> None:
    """Run the command line and exit: what the installed command calls."""
    run_command(cli, "responsetag", arguments)


def run_command(command: click.Command, name: str, arguments: list[str] | None) -> None:
    """Run a command that gives its exit code, say what is wrong in a line, and exit."""
    try:
        code = command.main(arguments, prog_name=name, standalone_mode=False)
    except click.exceptions.Abort:
        code = 130
    except click.ClickException as error:
        error.show()
        code = FAILED
    except ResponseTagError as error:
        click.echo(f"responsetag: {error}", err=True)
        code = FAILED
    except (OSError, UnicodeError) as error:
        click.echo(f"responsetag: output cannot be written: {error}", err=True)
        code = FAILED
    sys.exit(code)
