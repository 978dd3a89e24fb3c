"""``responsetag explain``, ``labels`` and ``models``: what people look at."""

from __future__ import annotations

import sys

import click

from responsetag import load, models
from responsetag.cli.options import json_option, model_name, model_options
from responsetag.cli.running import ALL_GOOD, print_json
from responsetag.taxonomy import load_taxonomy
from responsetag.text import read_text


@click.command()
@click.argument("text")
@click.option("--min-score", type=click.FloatRange(0, 1), help="Explain labels from this score on.")
@json_option
@model_options
def explain(text: str, min_score: float | None, as_json: bool, model: str, model_version: str) -> int:
    """Show which words of TEXT ('-' for standard input) give which labels."""
    if text == "-":
        text = read_text(sys.stdin.buffer.read()).text
    tagging = load(model_name(model), version=model_version).tag(text, min_score=min_score)
    if as_json:
        print_json(tagging.as_dict())
    else:
        from responsetag.display.explanation import print_explanation

        print_explanation(tagging)
    return ALL_GOOD


@click.command()
@click.option("--taxonomy", type=click.Path(), help="A label file of your own.")
@json_option
def labels(taxonomy: str | None, as_json: bool) -> int:
    """Print the labels: names, definitions, examples, and their place in three published taxonomies."""
    loaded = load_taxonomy(taxonomy)
    if as_json:
        from dataclasses import asdict

        print_json(asdict(loaded))
    else:
        from responsetag.display.lists import print_labels

        print_labels(loaded)
    return ALL_GOOD


@click.command("models")
@json_option
def list_models(as_json: bool) -> int:
    """List the shipped models."""
    found = models()
    if as_json:
        print_json([{**info.as_dict(), "path": info.path} for info in found])
    else:
        from responsetag.display.lists import print_models

        print_models(found)
    return ALL_GOOD
