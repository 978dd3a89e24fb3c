"""``responsetag train``."""

from __future__ import annotations

import os
import sys

import click

from responsetag.cli.running import ALL_GOOD, needs_extra, status
from responsetag.model.registry import DEFAULT_MODEL
from responsetag.paths import shipped


@click.command()
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
@click.option("--report", type=click.Path(), help="Page of curves and tables to write, as .html.")
@click.option(
    "--learning-curve/--no-learning-curve",
    "learning",
    default=None,
    help="Have a learning curve in the report, which takes more than twice as long.  "
    "[default: where there are fewer than 2,000 paragraphs]",
)
@click.option("--pictures", type=click.Path(file_okay=False), help="Folder for the card's pictures alone.")
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
    report: str | None,
    learning: bool | None,
    pictures: str | None,
    jobs: int,
) -> int:
    """Train a model and write it to OUTPUT/NAME/VERSION.

    A version that exists is never changed: the model is made again and compared with it.
    """
    if learning is not None and report is None:
        raise click.UsageError("--learning-curve and --no-learning-curve need --report FILE")
    with needs_extra("train", "training"):
        from responsetag.training.floor import Floor
        from responsetag.training.run import train as run_training
        from responsetag.training.settings import RELEASE, Settings
    from responsetag.display.evaluation import print_evaluation
    from responsetag.display.screen import console

    screen = console(sys.stderr)
    settings = Settings() if seed is None else Settings(seed=seed)
    if floor is None and corpus is None and taxonomy is None and seed is None:
        floor = str(shipped("data") / "floor.json")
    if floor is None and (record_floor or lower_floor):
        raise click.UsageError("--record-floor and --lower-floor need --floor FILE for a corpus of your own")
    corpus = corpus or str(shipped("data") / "corpus")
    output = output or str(shipped("models"))
    with status(screen) as progress:
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
            report=report,
            learning=learning,
            pictures=pictures,
            progress=progress,
        )
    names = {label.slug: label.zh for label in result.model.manifest.labels}
    print_evaluation(result.evaluation, names)
    click.echo(result.outcome)
    return ALL_GOOD
