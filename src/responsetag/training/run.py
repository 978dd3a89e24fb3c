"""From a corpus to a model directory."""

from __future__ import annotations

import os
from collections.abc import Callable
from dataclasses import dataclass, replace
from pathlib import Path

import numpy as np

from responsetag.batch.writers import check_target
from responsetag.errors import CorpusError
from responsetag.model.artifact import Model, read_model
from responsetag.model.inventory import add_to_inventory, read_inventory
from responsetag.model.manifest import check_name
from responsetag.model.writer import check_place, write_model
from responsetag.taxonomy import Taxonomy, load_taxonomy, taxonomy_of
from responsetag.training.card import card_pictures, render_card
from responsetag.training.corpus import Corpus
from responsetag.training.evaluation import Evaluation
from responsetag.training.export import compare_models, golden_predictions
from responsetag.training.extension import base_corpus, join_corpora, join_taxonomies
from responsetag.training.findings import Findings, describe, weakness
from responsetag.training.fit import Progress
from responsetag.training.floor import Floor
from responsetag.training.learning import SMALL, learning_curve
from responsetag.training.loading import Reading, read_about, read_corpus
from responsetag.training.pipeline import fit_model
from responsetag.training.record import read_records
from responsetag.training.report import Subject, write_report
from responsetag.training.settings import Settings


@dataclass(frozen=True)
class TrainingResult:
    """What training made.

    Attributes:
        model: as written, or the released one that it makes again.
        evaluation: by cross-validation, each fold with thresholds and calibration from the others.
        outcome: in words: where it was written, or how it compares with the released one.
        directory: of the model.
        findings: what the rows were.
        own: as ``evaluation``, of the rows alone that were added to the corpus extended and the labels that
            these were labelled with; or None.
        weakness: that the model is weak, and why, in a sentence; or None.
    """

    model: Model
    evaluation: Evaluation
    outcome: str
    directory: Path
    findings: Findings
    own: Evaluation | None = None
    weakness: str | None = None


def train(
    corpus_path: str | os.PathLike[str],
    taxonomy_path: str | os.PathLike[str] | None,
    output: str | os.PathLike[str],
    name: str,
    version: str,
    *,
    settings: Settings | None = None,
    seed: int | None = None,
    jobs: int = 1,
    evaluations: str | os.PathLike[str] | None = None,
    note: str = "",
    reading: Reading | None = None,
    extend: str | None = None,
    floor: Floor | None = None,
    report: str | os.PathLike[str] | None = None,
    learning: bool | None = None,
    progress: Progress = lambda _: None,
    tell: Callable[[Findings], None] = lambda _: None,
) -> TrainingResult:
    """Train a model and write it to ``output/name/version``.

    Where that exists already it is not touched: the new model is compared with it instead.

    Args:
        corpus_path: a file or folder of labelled rows; see docs/train-your-own.md.
        taxonomy_path: the labels, JSON or YAML; those that the rows have when None.
        settings: those for so many paragraphs when None.
        seed: of folds and fit, in place of that of the settings.
        jobs: labels fitted at once.
        evaluations: file of figures measured before, for the card.
        note: what is different from the model before, for the inventory.
        reading: which columns are read, and what becomes of rows that cannot be used.
        extend: the model whose corpus the rows are added to. Its labels are the label set then, with those
            of ``taxonomy_path`` added; the rows are taken to be labelled with all labels of
            ``taxonomy_path``, or with all of the model's when None.
        floor: figures of the cross-validation that may not be fallen below.
        report: page of the cross-validation to write, as HTML.
        learning: whether it has a learning curve; where the corpus is small when None.
        progress: told what is being done.
        tell: told what was found, before training starts.

    Raises:
        CorpusError: rows that cannot be used, or files that were altered.
        FloorError: the cross-validation falls below ``floor``; nothing is written.
        TaxonomyError: the label file is malformed.
        ModelError: ``output/name/version`` holds another model, or cannot be written.
        InputError: the report cannot be written.
    """
    directory = Path(output) / name / version
    check_name(name, version)
    # What would stop the writing must not be met after the work is done.
    if not directory.exists():
        check_place(directory)
    read_inventory(Path(output))
    about = read_about(corpus_path).strip()
    if report:
        check_target(report)
    progress("reading the corpus")
    taxonomy, corpus, findings = _read(corpus_path, taxonomy_path, reading or Reading(), extend)
    tell(findings)
    settings = settings or Settings.for_size(len(corpus))
    if seed is not None:
        settings = replace(settings, seed=seed)
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
    own = None
    if extend:
        added = np.arange(len(corpus)) >= len(corpus) - findings.paragraphs
        # Labels that nothing is known of there would count 0 in the macro average.
        places = [corpus.labels.index(label) for label in findings.labels]
        own = fitted.held_out.take(added, places).evaluate(tuple(findings.labels))
        described = {
            **model.manifest.corpus,
            "extends": extend,
            "own_paragraphs": findings.paragraphs,
            "own_labels": list(findings.labels),
        }
        model = replace(model, manifest=replace(model.manifest, corpus=described))
    progress("making golden predictions")
    golden = golden_predictions(model, golden_texts(corpus, taxonomy))
    judged_on = own or evaluation
    interval = judged_on.intervals.micro if judged_on.intervals else None
    weak = weakness(findings.paragraphs, interval, added=own is not None)
    if directory.exists():
        model = read_model(directory)
        outcome = compare_models(fitted.model, golden, model)
    else:
        records = read_records(evaluations, model.manifest.recipe) if evaluations else []
        told = [about, describe(findings, own, extend, weak)]
        card = render_card(model, evaluation, records, "\n\n".join(filter(None, told)))
        drawn = card_pictures(model, fitted.held_out, evaluation, records)
        model = write_model(model, directory, golden=golden, card=card, pictures=drawn)
        add_to_inventory(Path(output), model.manifest, note)
        outcome = f"written to {directory}"
    if report:
        learning = len(corpus) < SMALL if learning is None else learning
        curve = learning_curve(corpus, settings, jobs=jobs, progress=progress) if learning else None
        judged = f"its own corpus, by cross-validation in {settings.folds} folds"
        subject = Subject(model.manifest, judged, cross_validated=True)
        write_report(report, subject, fitted.held_out, evaluation, curve)
    return TrainingResult(model, evaluation, outcome, directory, findings, own, weak)


def _read(
    corpus_path: str | os.PathLike[str],
    taxonomy_path: str | os.PathLike[str] | None,
    reading: Reading,
    extend: str | None,
) -> tuple[Taxonomy, Corpus, Findings]:
    """The label set, the paragraphs to train on, and what the rows given were."""
    given = load_taxonomy(taxonomy_path) if taxonomy_path is not None else None
    if extend is None:
        corpus, findings = read_corpus(corpus_path, given, reading)
        return given or taxonomy_of({label: label for label in corpus.labels}), corpus, findings
    shipped_labels = load_taxonomy()
    base = base_corpus(extend, shipped_labels)
    try:
        own, findings = read_corpus(corpus_path, given or shipped_labels, reading)
    except CorpusError as error:
        if given is not None:
            raise
        raise CorpusError(
            f"{error}\n(without a taxonomy the rows have the labels of {extend}; give one to add your own)"
        ) from error
    corpus, replaced = join_corpora(base, own)
    return join_taxonomies(shipped_labels, given), corpus, replace(findings, replaced=replaced)


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
