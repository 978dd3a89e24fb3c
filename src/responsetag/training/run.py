"""From a corpus to a model directory."""

from __future__ import annotations

import os
from dataclasses import dataclass
from pathlib import Path

import numpy as np

from responsetag.model.artifact import Model, read_model
from responsetag.model.inventory import add_to_inventory, read_inventory
from responsetag.model.manifest import check_name
from responsetag.model.writer import write_model
from responsetag.taxonomy import Taxonomy, load_taxonomy
from responsetag.training.card import CALIBRATION_PICTURE, calibration_picture, render_card
from responsetag.training.corpus import Corpus, load_corpus, read_about
from responsetag.training.evaluation import Evaluation
from responsetag.training.export import compare_models, golden_predictions
from responsetag.training.fit import Progress
from responsetag.training.floor import Floor
from responsetag.training.pipeline import fit_model
from responsetag.training.record import read_records
from responsetag.training.settings import Settings


@dataclass(frozen=True)
class TrainingResult:
    """What training made.

    Attributes:
        model: as written, or the released one that it makes again.
        evaluation: by cross-validation, each fold with thresholds and calibration from the others.
        outcome: in words: where it was written, or how it compares with the released one.
    """

    model: Model
    evaluation: Evaluation
    outcome: str


def train(
    corpus_path: str | os.PathLike[str],
    taxonomy_path: str | os.PathLike[str] | None,
    output: str | os.PathLike[str],
    name: str,
    version: str,
    *,
    settings: Settings | None = None,
    jobs: int = 1,
    evaluations: str | os.PathLike[str] | None = None,
    note: str = "",
    allow_changed_corpus: bool = False,
    floor: Floor | None = None,
    progress: Progress = lambda _: None,
) -> TrainingResult:
    """Train a model and write it to ``output/name/version``.

    Where that exists already it is not touched: the new model is compared with it instead.

    Args:
        corpus_path: a ``.jsonl`` file or a folder of them.
        taxonomy_path: the labels; the project's own when None.
        jobs: labels fitted at once.
        evaluations: file of figures measured before, for the card.
        note: what is different from the model before, for the inventory.
        allow_changed_corpus: train on files that are not those which ``SHA256SUMS`` beside them lists.
        floor: figures of the cross-validation that may not be fallen below.
        progress: told what is being done.

    Raises:
        CorpusError: rows that cannot be used, or files that were altered.
        FloorError: the cross-validation falls below ``floor``; nothing is written.
        TaxonomyError: the label file is malformed.
        ModelError: ``output/name/version`` holds another model, or cannot be written.
    """
    settings = settings or Settings()
    directory = Path(output) / name / version
    check_name(name, version)
    read_inventory(Path(output))  # a broken one must not be met after the work is done
    progress("reading the corpus")
    taxonomy = load_taxonomy(taxonomy_path)
    corpus = load_corpus(corpus_path, taxonomy.slugs, allow_changed=allow_changed_corpus)
    fitted = fit_model(
        corpus,
        taxonomy,
        name,
        version,
        settings=settings,
        jobs=jobs,
        check=(lambda evaluation: floor.settle(evaluation, corpus.digest)) if floor else None,
        progress=progress,
    )
    model, evaluation = fitted.model, fitted.evaluation
    progress("making golden predictions")
    golden = golden_predictions(model, golden_texts(corpus, taxonomy))
    if directory.exists():
        released = read_model(directory)
        return TrainingResult(released, evaluation, compare_models(model, golden, released))
    records = read_records(evaluations, model.manifest.recipe) if evaluations else []
    card = render_card(model, evaluation, records, read_about(corpus_path))
    pictures = {CALIBRATION_PICTURE: calibration_picture(evaluation, records)}
    written = write_model(model, directory, golden=golden, card=card, pictures=pictures)
    add_to_inventory(Path(output), written.manifest, note)
    return TrainingResult(written, evaluation, f"written to {directory}")


# Damaged text and text without words, so that replays pass through the repairs.
_GOLDEN_EXTRA = (
    "全鎮(zhèn)黨員(yuán)幹部,,連夜入戶排查返鄉(xiāng)人員(yuán)。",
    "&ldquo;志愿者&rdquo;在卡口测温、登记,、劝返外来车辆。",
    "——",
    "",
)
_GOLDEN_PARAGRAPHS = 60


def golden_texts(corpus: Corpus, taxonomy: Taxonomy) -> list[str]:
    """The taxonomy's examples, damaged text, and paragraphs spread over the corpus."""
    examples = [label.example.zh for label in taxonomy.labels if label.example.zh]
    count = min(_GOLDEN_PARAGRAPHS, len(corpus))
    spread = np.linspace(0, len(corpus) - 1, count).astype(int)
    return [*examples, *_GOLDEN_EXTRA, *(corpus.paragraphs[i] for i in spread)]
