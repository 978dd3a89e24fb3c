"""The evaluation report: one HTML page that shows how well a model does, for ``evaluate`` and ``train``."""

from __future__ import annotations

import os
from dataclasses import dataclass, replace

from responsetag.batch.writers import atomic_output
from responsetag.display.screen import safe
from responsetag.model.manifest import Manifest
from responsetag.training.confusion import confusion
from responsetag.training.curves import RECALLS, label_curves, threshold_choices
from responsetag.training.evaluation import Evaluation, Judged
from responsetag.training.learning import LearningCurve
from responsetag.training.panels import pictured
from responsetag.training.pictures import confused_labels
from responsetag.training.report.page import render_page


@dataclass(frozen=True)
class Subject:
    """What was judged, and on what.

    Attributes:
        manifest: of the model.
        judged_on: what the paragraphs are, in words.
        cross_validated: whether they are the model's own training paragraphs, each judged by a model that
            saw nothing of it.
        unusable: rows of the set that could not be used.
    """

    manifest: Manifest
    judged_on: str
    cross_validated: bool = False
    unusable: int = 0


def render_report(
    subject: Subject, judged: Judged, evaluation: Evaluation, learning: LearningCurve | None = None
) -> str:
    """The page. The same figures give the same bytes.

    Args:
        judged: paragraphs, one at least.
        evaluation: of ``judged``, with intervals.
    """
    manifest = subject.manifest
    curves = label_curves(judged, evaluation, manifest.thresholds)
    found = confusion(judged)
    return render_page(
        subject=replace(subject, judged_on=safe(subject.judged_on)),
        labels={
            label.slug: {"slug": safe(label.slug), "zh": safe(label.zh), "en": safe(label.en)}
            for label in manifest.labels
        },
        slugs=manifest.slugs,
        evaluation=evaluation,
        curves=curves,
        pictured=pictured(curves),
        recalls=RECALLS,
        choices=threshold_choices(judged, evaluation),
        confusion=found,
        confused=confused_labels(found),
        learning=learning,
    )


def write_report(
    path: str | os.PathLike[str],
    subject: Subject,
    judged: Judged,
    evaluation: Evaluation,
    learning: LearningCurve | None = None,
) -> None:
    """Write the page: all of it or nothing.

    Raises:
        InputError: the file cannot be written.
    """
    page = render_report(subject, judged, evaluation, learning)
    with atomic_output(path) as out:
        out.write(page)
