"""The model card and its pictures, made from the manifest and the cross-validation."""

from __future__ import annotations

import contextlib
from collections.abc import Iterator, Mapping, Sequence
from importlib import metadata, resources
from string import Template
from typing import Any

from responsetag.model.artifact import Model
from responsetag.training.confusion import confusion
from responsetag.training.curves import label_curves
from responsetag.training.evaluation import Evaluation, Judged
from responsetag.training.intervals import Interval
from responsetag.training.panels import BY_THRESHOLD, PRECISION_RECALL, sheet_svg
from responsetag.training.pictures import confusion_svg, reliability_svg

CALIBRATION_PICTURE = "calibration.svg"
PRECISION_RECALL_PICTURE = "precision-recall.svg"
THRESHOLD_PICTURE = "thresholds.svg"
CONFUSION_PICTURE = "confusion.svg"
_NO_ABOUT = "Nothing was noted about the corpus: a file CARD.md beside it would stand here."
_NO_RECORDS = "Not measured on other text yet."


def render_card(
    model: Model, evaluation: Evaluation, records: Sequence[Mapping[str, Any]], about: str = ""
) -> str:
    """The card as Markdown. The same model gives the same card, to the byte.

    Args:
        about: what is to be said of the corpus, in Markdown.
        records: figures of the model on other sets, as :mod:`responsetag.training.record` keeps them.
    """
    manifest = model.manifest
    features = manifest.features
    template = resources.files(__package__).joinpath("card.md").read_text(encoding="utf-8")
    corpus, training, intervals = manifest.corpus, manifest.training, evaluation.intervals
    values = {
        "name": manifest.name,
        "version": manifest.version,
        "n_labels": len(manifest.labels),
        "paragraphs": f"{corpus['paragraphs']:,}",
        "sentences": f"{corpus['sentences']:,}",
        "digest": corpus["digest"],
        "labelled": "sentence by sentence" if corpus["sentences"] > corpus["paragraphs"] else "as wholes",
        "unit": "document" if "documents" in corpus else "paragraph",
        "own_documents": "" if "documents" in corpus else " (here each paragraph is a document of its own)",
        "words": f"{features['words']:,}",
        "runs": ", ".join(f"{n:,}" for n in features["runs"]),
        "min_df": training["min_df"],
        "windows": ", ".join(str(w) for w in features["windows"]),
        "power": features["power"],
        "c": training["inverse_regularisation"],
        "folds": training["folds"],
        "shrinkage": training["shrinkage"],
        "seed": training["seed"],
        "tokenizers": ", ".join(_installed("jieba", "rjieba")),
        "fingerprint": manifest.tokenizer["fingerprint"][:16],
        "normalization": manifest.normalization,
        "micro": f"{evaluation.micro.f1:.3f}{_bounds(intervals.micro if intervals else None)}",
        "macro": f"{evaluation.macro.f1:.3f}{_bounds(intervals.macro if intervals else None)}",
        "precision": f"{evaluation.micro.precision:.3f}",
        "recall": f"{evaluation.micro.recall:.3f}",
        "exact": f"{evaluation.exact_match:.3f}",
        "calibration": f"{evaluation.calibration_error or 0:.3f}",
        "calibration_picture": CALIBRATION_PICTURE,
        "precision_recall_picture": PRECISION_RECALL_PICTURE,
        "threshold_picture": THRESHOLD_PICTURE,
        "confusion_picture": CONFUSION_PICTURE,
        "about": about.strip() or _NO_ABOUT,
        "table": _table(model, evaluation),
        "records": "\n\n".join(_record(model, record) for record in records) or _NO_RECORDS,
    }
    return Template(template).substitute(values)


def card_pictures(
    model: Model, held_out: Judged, evaluation: Evaluation, records: Sequence[Mapping[str, Any]]
) -> dict[str, str]:
    """The card's pictures as SVG, by file name.

    Args:
        held_out: the paragraphs of the cross-validation, and ``evaluation`` its figures.
        records: those that have a calibration get a line in its picture.
    """
    curves = label_curves(held_out, evaluation, model.manifest.thresholds)
    return {
        CALIBRATION_PICTURE: _calibration(evaluation, records),
        PRECISION_RECALL_PICTURE: sheet_svg(curves, PRECISION_RECALL),
        THRESHOLD_PICTURE: sheet_svg(curves, BY_THRESHOLD),
        CONFUSION_PICTURE: confusion_svg(confusion(held_out), model.manifest.slugs),
    }


def _calibration(evaluation: Evaluation, records: Sequence[Mapping[str, Any]]) -> str:
    sets = {"cross-validation": evaluation.reliability or ()}
    sets |= {record["set"]: record.get("reliability", ()) for record in records}
    return reliability_svg({name: bins for name, bins in sets.items() if bins})


def _installed(*packages: str) -> Iterator[str]:
    for package in packages:
        with contextlib.suppress(metadata.PackageNotFoundError):
            yield f"{package} {metadata.version(package)}"


def _bounds(interval: Interval | Sequence[float] | None) -> str:
    return f" ({interval[0]:.3f} to {interval[1]:.3f})" if interval else ""


def _table(model: Model, evaluation: Evaluation) -> str:
    rows = [
        "| label | 中文 | precision | recall | F1 | paragraphs | threshold |",
        "|---|---|---|---|---|---|---|",
    ]
    manifest = model.manifest
    intervals = evaluation.intervals.labels if evaluation.intervals else (None,) * len(manifest.labels)
    columns = (manifest.labels, evaluation.labels, intervals, manifest.thresholds)
    for label, score, interval, threshold in zip(*columns, strict=True):
        rows.append(
            f"| `{label.slug}` | {label.zh} | {score.precision:.3f} | {score.recall:.3f} "
            f"| {score.f1:.3f}{_bounds(interval)} | {score.support} | {threshold:.3f} |"
        )
    return "\n".join(rows)


def _record(model: Model, record: Mapping[str, Any]) -> str:
    weakest = sorted(model.manifest.slugs, key=lambda slug: record["f1"][slug])
    by_label = ", ".join(f"`{slug}` {record['f1'][slug]:.2f}" for slug in weakest)
    bounds = {key: _bounds(values) for key, values in record.get("intervals", {}).items()}
    return (
        f"On {record['set']} ({record['paragraphs']} paragraphs, {record['date']}), with thresholds "
        f"that never saw them: **micro F1 {record['micro_f1']:.3f}{bounds.get('micro_f1', '')}, "
        f"macro F1 {record['macro_f1']:.3f}{bounds.get('macro_f1', '')}** "
        f"(precision {record['micro_precision']:.3f}, recall {record['micro_recall']:.3f}; all labels right "
        f"in {record['exact_match']:.1%}; calibration error {record['calibration_error']:.3f}). "
        f"F1 by label, weakest first: {by_label}."
    )
