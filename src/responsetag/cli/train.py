"""``responsetag train``."""

from __future__ import annotations

import os
import shlex
import sys
from typing import Any

import click

from responsetag.cli.options import check_encoding, check_paths
from responsetag.cli.running import ALL_GOOD, needs_extra, outcome, say, status
from responsetag.model.registry import DEFAULT_MODEL
from responsetag.paths import shipped

_OWN_OUTPUT, _OWN_VERSION = "my-models", "0.1.0"
# Options that taking a model's weights has a use for; all others are of training.
_OF_DERIVATION = frozenset({"source", "only", "output", "name", "version", "note", "jobs"})


@click.command()
@click.option(
    "--corpus",
    type=click.Path(),
    help="Labelled rows: .jsonl, .csv, .parquet, fastText's .txt, a folder of them, or a saved data set.  "
    "[default: data/corpus]",
)
@click.option(
    "--taxonomy", type=click.Path(), help="The labels, JSON or YAML.  [default: those that the rows have]"
)
@click.option("--extend", metavar="MODEL", help=f"Add the rows to the corpus of MODEL ({DEFAULT_MODEL}).")
@click.option("--from", "source", metavar="MODEL", help="Take the weights of MODEL; needs --only.")
@click.option("--only", metavar="LABEL,...", help="The labels to keep of --from.")
@click.option(
    "--output",
    type=click.Path(file_okay=False),
    help=f"Where models are kept.  [default: {_OWN_OUTPUT}; models for data/corpus]",
)
@click.option("--name", help=f"The model's name.  [default: {DEFAULT_MODEL} for data/corpus]")
@click.option("--version", help=f"Its version, as 1.2.3.  [default: {_OWN_VERSION}; that of data/corpus]")
@click.option("--text-column", help="Column of texts ('text' and the like are found).")
@click.option(
    "--label-column",
    multiple=True,
    help="Column of labels ('labels' and the like are found); given several times, columns of 0 and 1.",
)
@click.option("--id-column", help="Column of ids; rows of one id are of one document.  [default: id]")
@click.option("--document-column", help="Column of documents, which are held out whole.  [default: document]")
@click.option("--encoding", callback=check_encoding, help="Encoding of text files; detected if not given.")
@click.option("--skip-bad-rows", is_flag=True, help="Train without rows that cannot be used; exit code 1.")
@click.option(
    "--conflicts",
    type=click.Choice(["drop", "union", "first", "refuse"]),
    help="What a text that comes with different labels gets.  [default: drop; refuse for data/corpus]",
)
@click.option("--note", default="", help="What is different from the model before, for the inventory.")
@click.option(
    "--seed",
    type=click.IntRange(0, 2**32 - 1),  # what liblinear takes
    help="Of folds and fit; the model's settings have one.",
)
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
@click.option("--report", type=click.Path(), help="Page of curves and tables to write, as .html.")
@click.option(
    "--learning-curve/--no-learning-curve",
    "learning",
    default=None,
    help="Have a learning curve in the report, which takes more than twice as long.  "
    "[default: where there are fewer than 2,000 paragraphs]",
)
@click.option(
    "--jobs",
    default=os.cpu_count() or 1,
    show_default=True,
    type=click.IntRange(1),
    help="Labels fitted at once.",
)
def train(**options: Any) -> int:
    """Train a model and write it to OUTPUT/NAME/VERSION.

    A version that exists is never changed: the model is made again and compared with it.
    """
    if options["learning"] is not None and options["report"] is None:
        raise click.UsageError("--learning-curve and --no-learning-curve need --report FILE")
    if options["report"]:
        check_paths([path for path in (options["corpus"], options["taxonomy"]) if path], options["report"])
    own = any(options[key] for key in ("corpus", "extend", "source"))
    if own and not options["name"]:
        raise click.UsageError("give the model a --name")
    if options["source"] or options["only"]:
        return _keep_labels(**options)
    if options["extend"] and not options["corpus"]:
        raise click.UsageError("--extend adds rows to a corpus; give them with --corpus")
    return _train(own=own, **options)


def _train(own: bool, **options: Any) -> int:
    with needs_extra("train", "training"):
        from responsetag.training.findings import FEW
        from responsetag.training.floor import Floor
        from responsetag.training.loading import Reading, shown
        from responsetag.training.run import train as run_training
        from responsetag.training.settings import RELEASE
        from responsetag.training.sources.columns import Columns
    from responsetag.display.evaluation import print_evaluation
    from responsetag.display.findings import print_findings
    from responsetag.display.screen import console

    screen = console(sys.stderr)
    seed, taxonomy, floor = options["seed"], options["taxonomy"], options["floor"]
    if floor is None and not own and taxonomy is None and seed is None:
        floor = str(shipped("data") / "floor.json")
    if floor is None and (options["record_floor"] or options["lower_floor"]):
        raise click.UsageError("--record-floor and --lower-floor need --floor FILE for a corpus of your own")
    columns = Columns(
        options["text_column"], options["label_column"], options["id_column"], options["document_column"]
    )
    reading = Reading(
        columns,
        options["encoding"],
        options["skip_bad_rows"],
        options["conflicts"] or ("drop" if own else "refuse"),
        options["allow_changed_corpus"],
    )
    with status(screen) as progress:
        result = run_training(
            options["corpus"] or str(shipped("data") / "corpus"),
            taxonomy if own or taxonomy else shipped("data") / "taxonomy.json",
            options["output"] or (_OWN_OUTPUT if own else str(shipped("models"))),
            options["name"] or DEFAULT_MODEL,
            options["version"] or (_OWN_VERSION if own else RELEASE),
            seed=seed,
            jobs=options["jobs"],
            note=options["note"],
            reading=reading,
            extend=options["extend"],
            floor=Floor(floor, options["record_floor"], options["lower_floor"]) if floor else None,
            evaluations=shipped("data") / "evaluations.json",
            report=options["report"],
            learning=options["learning"],
            progress=progress,
            tell=lambda findings: print_findings(findings, FEW, sys.stderr),
        )
    names = {label.slug: label.zh for label in result.model.manifest.labels}
    print_evaluation(result.evaluation, names)
    if result.own is not None:
        click.echo("\nOn the rows added alone:")
        print_evaluation(result.own, names)
    if own and result.weakness:
        say(f"warning: {result.weakness}")
    if result.findings.bad:
        say(shown(result.findings.bad))
    click.echo(result.outcome)
    if own:
        _tell_next(result.directory)
    return outcome(len(result.findings.bad))


def _keep_labels(**options: Any) -> int:
    if not options["source"] or not options["only"]:
        raise click.UsageError("--from MODEL and --only LABEL,... go together")
    idle = [
        f"--{option.replace('_', '-')}"
        for option, value in options.items()
        if option not in _OF_DERIVATION and value not in (None, ()) and value is not False
    ]
    if idle:
        raise click.UsageError(f"--from takes a model as it is; leave out {', '.join(idle)}")
    from responsetag.cli.options import model_name

    with needs_extra("train", "making a model"):
        from responsetag.training.derivation import keep_labels

    model, said = keep_labels(
        model_name(options["source"]),
        [label.strip() for label in options["only"].split(",") if label.strip()],
        options["output"] or _OWN_OUTPUT,
        options["name"],
        options["version"] or _OWN_VERSION,
        note=options["note"],
    )
    click.echo(said)
    _tell_next(model.path)
    return ALL_GOOD


def _tell_next(directory: object) -> None:
    click.echo(f"next: responsetag tag page.txt --model {shlex.quote(str(directory))}")
