"""A smaller model from the weights of another: some of its labels, and nothing trained."""

from __future__ import annotations

import difflib
import json
import os
from collections.abc import Sequence
from dataclasses import replace
from importlib import resources
from pathlib import Path
from string import Template
from typing import Any

from responsetag.errors import TaxonomyError
from responsetag.model.artifact import GOLDEN, Model, read_model
from responsetag.model.inventory import add_to_inventory, read_inventory
from responsetag.model.manifest import Calibration, Manifest, check_name
from responsetag.model.registry import open_model
from responsetag.model.writer import write_model
from responsetag.training.export import compare_models, golden_predictions


def keep_labels(
    source: str | os.PathLike[str],
    only: Sequence[str],
    output: str | os.PathLike[str],
    name: str,
    version: str,
    *,
    note: str = "",
) -> tuple[Model, str]:
    """Write a model with some labels of another to ``output/name/version``.

    Their scores are the same to the bit: a score depends on nothing of other labels.

    Args:
        source: a shipped model's name, or the path of a model directory.
        only: the labels to keep, in any order.
        note: for the inventory.

    Returns:
        The model, and in words where it is.

    Raises:
        ModelError: there is no such model, or ``output/name/version`` holds another.
        TaxonomyError: it has no such label.
    """
    check_name(name, version)
    read_inventory(Path(output))
    model = open_model(source)
    assert model.path is not None
    smaller = _cut(model, _columns(model.manifest, only), name, version)
    lines = (model.path / GOLDEN).read_text(encoding="utf-8").split("\n")
    golden = golden_predictions(smaller, [json.loads(line)["text"] for line in lines if line])
    directory = Path(output) / name / version
    if directory.exists():
        released = read_model(directory)
        return released, compare_models(smaller, golden, released)
    written = write_model(smaller, directory, golden=golden, card=_card(smaller, model.manifest))
    add_to_inventory(Path(output), written.manifest, note or _made_from(model.manifest))
    return written, f"written to {directory}"


def _columns(manifest: Manifest, only: Sequence[str]) -> list[int]:
    for label in only:
        if label not in manifest.slugs:
            close = difflib.get_close_matches(label, manifest.slugs, n=1)
            meant = f" (is {close[0]} meant?)" if close else ""
            raise TaxonomyError(
                f"{manifest.name} has no label {label!r}{meant}; it has: {', '.join(manifest.slugs)}"
            )
    if not only:
        raise TaxonomyError("no label is to be kept; name one or more")
    return [column for column, slug in enumerate(manifest.slugs) if slug in set(only)]


def _cut(model: Model, columns: Sequence[int], name: str, version: str) -> Model:
    manifest = model.manifest
    with_squares = [*columns, len(manifest.labels)]

    def kept(values: Sequence[Any]) -> tuple[Any, ...]:
        return tuple(values[column] for column in columns)

    slugs = kept(manifest.slugs)
    f1 = {slug: manifest.metrics["f1"][slug] for slug in slugs}
    smaller = replace(
        manifest,
        name=name,
        version=version,
        labels=kept(manifest.labels),
        thresholds=kept(manifest.thresholds),
        calibration=Calibration(kept(manifest.calibration.slope), kept(manifest.calibration.intercept)),
        corpus={**manifest.corpus, "derived_from": {"model": _named(manifest), "digest": manifest.digest}},
        # What was measured of all labels together does not hold for some of them.
        metrics={
            "micro_f1": None,
            "macro_f1": round(sum(f1.values()) / len(f1), 4),
            "paragraphs": manifest.metrics.get("paragraphs"),
            "f1": f1,
        },
        files={},
    )
    return Model(
        manifest=smaller,
        vocabulary=model.vocabulary,
        weights=model.weights[:, with_squares],
        scale=model.scale[with_squares],
        bias=model.bias[list(columns)],
    )


def _card(model: Model, source: Manifest) -> str:
    template = resources.files(__package__).joinpath("derived_card.md").read_text(encoding="utf-8")
    manifest = model.manifest
    rows = [
        f"| `{label.slug}` | {label.zh} | {manifest.metrics['f1'][label.slug]:.3f} | {threshold:.3f} |"
        for label, threshold in zip(manifest.labels, manifest.thresholds, strict=True)
    ]
    return Template(template).substitute(
        name=manifest.name,
        version=manifest.version,
        n_labels=len(manifest.labels),
        n_source=len(source.labels),
        source=_named(source),
        digest=source.digest,
        dropped=", ".join(f"`{slug}`" for slug in source.slugs if slug not in manifest.slugs) or "none",
        macro=f"{manifest.metrics['macro_f1']:.3f}",
        table="\n".join(rows),
    )


def _named(manifest: Manifest) -> str:
    return f"{manifest.name} {manifest.version}"


def _made_from(manifest: Manifest) -> str:
    return f"labels of {_named(manifest)}"
