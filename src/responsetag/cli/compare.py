"""``responsetag compare``."""

from __future__ import annotations

import json

import click

from responsetag import Tagger, load
from responsetag.cli.options import check_paths, json_option, model_name
from responsetag.cli.running import ALL_GOOD, SOME_FAILED, print_json, say
from responsetag.model.registry import LATEST


@click.command()
@click.argument("model_a")
@click.argument("model_b")
@click.argument("gold", type=click.Path())
@click.option(
    "--changed", type=click.Path(dir_okay=False), help=".jsonl file for all paragraphs that changed."
)
@click.option(
    "--show", default=5, show_default=True, type=click.IntRange(0), help="Of them, how many to print."
)
@click.option(
    "--resamples", default=10_000, show_default=True, type=click.IntRange(100), help="Draws of documents."
)
@click.option("--seed", default=20261121, show_default=True, type=click.IntRange(0), help="Of the draws.")
@json_option
def compare(
    model_a: str,
    model_b: str,
    gold: str,
    changed: str | None,
    show: int,
    resamples: int,
    seed: int,
    as_json: bool,
) -> int:
    """Compare two models by the labels of GOLD: rows of text and labels, in any format that train takes.

    A model is NAME, NAME@VERSION or the path of a directory. Differences are those of MODEL_B less
    MODEL_A, with 95% intervals and p values of a paired bootstrap over documents.
    """
    if changed:
        check_paths([gold], changed)
    from responsetag.training.compare import compare_models

    taggers = _load(model_a), _load(model_b)
    result = compare_models(*taggers, gold, resamples=resamples, seed=seed)
    for problem in result.problems:
        say(problem)
    if result.repeated:
        say(
            f"{result.repeated} gold rows have the text of one of another document; p values are too small "
            "where they are copies, so leave those out"
        )
    infos = [tagger.info.as_dict() for tagger in taggers]
    if changed:
        from responsetag.batch.formats import storable
        from responsetag.batch.writers import atomic_output

        with atomic_output(changed) as out:
            for paragraph in result.changed:
                out.write(storable(json.dumps(paragraph.as_dict(), ensure_ascii=False)) + "\n")
    if as_json:
        rest = {"only_a": result.only_first, "only_b": result.only_second, "problems": result.problems}
        rows = [paragraph.as_dict() for paragraph in result.changed[:show]]
        print_json(
            {"model_a": infos[0], "model_b": infos[1], **rest, **result.comparison.as_dict(), "changed": rows}
        )
    else:
        from responsetag.display.comparison import print_comparison

        print_comparison(result, taggers[0].names, show)
    return SOME_FAILED if result.problems else ALL_GOOD


def _load(model: str) -> Tagger:
    """The model that NAME, NAME@VERSION or a path stands for."""
    name = model_name(model)
    if isinstance(name, str) and "@" in name:
        name, _, version = name.partition("@")
        return load(name, version=version or LATEST)
    return load(name)
