"""From a corpus to a model directory."""

from __future__ import annotations

import os
from dataclasses import dataclass
from pathlib import Path

import numpy as np
from numpy.typing import NDArray

from responsetag.errors import CorpusError
from responsetag.linear import sigmoid
from responsetag.model.artifact import Model, read_model
from responsetag.model.inventory import add_to_inventory, read_inventory
from responsetag.model.manifest import check_name
from responsetag.model.writer import write_model
from responsetag.taxonomy import Taxonomy, load_taxonomy
from responsetag.tokenizer import tokenizer
from responsetag.training.card import CALIBRATION_PICTURE, calibration_picture, render_card
from responsetag.training.corpus import Corpus, load_corpus, read_about
from responsetag.training.evaluation import Evaluation, evaluate
from responsetag.training.export import build_model, compare_models, golden_predictions
from responsetag.training.fit import Progress, Trainer
from responsetag.training.floor import Floor
from responsetag.training.record import read_records
from responsetag.training.settings import Settings
from responsetag.training.thresholds import choose_thresholds, fit_platt

# Fewer paragraphs than this give no cross-validation worth the name.
_LEAST_PARAGRAPHS = 10


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
    if len(corpus) < _LEAST_PARAGRAPHS:
        raise CorpusError(
            f"{corpus_path}: {len(corpus)} paragraphs; training needs {_LEAST_PARAGRAPHS} at least"
        )
    progress(f"cutting {len(corpus)} paragraphs")
    cut = tokenizer()
    trainer = Trainer(corpus, settings, cut, jobs)
    margins, fold = trainer.cross_validate(progress)
    evaluation = _cross_evaluate(corpus, margins, fold, settings)
    if floor is not None:
        floor.settle(evaluation, corpus.digest)
    thresholds = choose_thresholds(corpus.paragraph_labels, margins, settings.shrinkage)
    slope, intercept = fit_platt(corpus.paragraph_labels, margins)
    progress("fitting on the whole corpus")
    fitted = trainer.fit(np.ones(len(corpus), dtype=bool))
    model = build_model(
        fitted,
        name=name,
        version=version,
        taxonomy=taxonomy,
        thresholds=sigmoid(slope * thresholds + intercept),
        platt=(slope, intercept),
        settings=settings,
        corpus={"digest": corpus.digest, "paragraphs": len(corpus), "sentences": len(corpus.sentences)},
        metrics=evaluation.summary(),
        cut=cut,
    )
    progress("making golden predictions")
    golden = golden_predictions(model, _golden_texts(corpus, taxonomy))
    if directory.exists():
        released = read_model(directory)
        return TrainingResult(released, evaluation, compare_models(model, golden, released))
    records = read_records(evaluations, model.manifest.recipe) if evaluations else []
    card = render_card(model, evaluation, records, read_about(corpus_path))
    pictures = {CALIBRATION_PICTURE: calibration_picture(evaluation, records)}
    written = write_model(model, directory, golden=golden, card=card, pictures=pictures)
    add_to_inventory(Path(output), written.manifest, note)
    return TrainingResult(written, evaluation, f"written to {directory}")


def _cross_evaluate(
    corpus: Corpus, margins: NDArray[np.float32], fold: NDArray[np.int64], settings: Settings
) -> Evaluation:
    """Judge each fold with thresholds and calibration chosen on the others."""
    true = corpus.paragraph_labels
    given = np.zeros_like(true)
    scores = np.zeros(true.shape)
    for k in np.unique(fold):
        others, here = fold != k, fold == k
        given[here] = margins[here] >= choose_thresholds(true[others], margins[others], settings.shrinkage)
        slope, intercept = fit_platt(true[others], margins[others])
        scores[here] = sigmoid(slope * margins[here].astype(np.float64) + intercept)
    return evaluate(true, given, corpus.labels, scores, documents=corpus.rows["id"])


# Damaged text and text without words, so that replays pass through the repairs.
_GOLDEN_EXTRA = (
    "全鎮(zhèn)黨員(yuán)幹部,,連夜入戶排查返鄉(xiāng)人員(yuán)。",
    "&ldquo;志愿者&rdquo;在卡口测温、登记,、劝返外来车辆。",
    "——",
    "",
)
_GOLDEN_PARAGRAPHS = 60


def _golden_texts(corpus: Corpus, taxonomy: Taxonomy) -> list[str]:
    """The taxonomy's examples, damaged text, and paragraphs spread over the corpus."""
    examples = [label.example.zh for label in taxonomy.labels if label.example.zh]
    count = min(_GOLDEN_PARAGRAPHS, len(corpus))
    spread = np.linspace(0, len(corpus) - 1, count).astype(int)
    return [*examples, *_GOLDEN_EXTRA, *(corpus.paragraphs[i] for i in spread)]
