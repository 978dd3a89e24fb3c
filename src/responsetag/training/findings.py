"""What was found in a corpus, before anything is trained on it."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import asdict, dataclass
from typing import Any

from responsetag.training.corpus import Corpus
from responsetag.training.evaluation import Evaluation
from responsetag.training.scripts import foreign_script

# A label with fewer paragraphs than this has too few for its figures to mean much.
FEW = 10
# Below this many paragraphs a model is called weak; docs/train-your-own.md has figures.
_WEAK = 1000
_WIDE = 0.1  # an interval of F1 that says little


@dataclass(frozen=True, slots=True)
class Findings:
    """Counts of a corpus.

    Attributes:
        rows: read, sound or not.
        paragraphs, sentences, documents: trained on.
        unlabelled: paragraphs that carry no label.
        labels: how many paragraphs carry each label, in output order.
        duplicates: rows left out because text and labels stood before.
        conflicts: texts that stood there with different labels, each with its places and what was done.
        bad: rows that cannot be used: where and why.
        unused: columns that nothing was read from.
        replaced: paragraphs of the corpus extended that rows of one's own took the place of.
        script: what to know of texts that are not Chinese.
    """

    rows: int
    paragraphs: int
    sentences: int
    documents: int
    unlabelled: int
    labels: Mapping[str, int]
    duplicates: int = 0
    conflicts: tuple[str, ...] = ()
    bad: tuple[str, ...] = ()
    unused: tuple[str, ...] = ()
    replaced: int = 0
    script: str | None = None

    @classmethod
    def of(cls, corpus: Corpus, **counted: Any) -> Findings:
        """Count a corpus.

        Args:
            counted: what reading counted; the other attributes.
        """
        carried = corpus.paragraph_labels
        counts = dict(zip(corpus.labels, (int(n) for n in carried.sum(axis=0)), strict=True))
        return cls(
            **{"rows": len(corpus), **counted},
            paragraphs=len(corpus),
            sentences=len(corpus.sentences),
            documents=len(set(corpus.documents)),
            unlabelled=int((~carried.any(axis=1)).sum()),
            labels=counts,
            script=foreign_script(corpus.paragraphs),
        )

    @property
    def absent(self) -> tuple[str, ...]:
        """Labels that no paragraph carries: a model never gives them."""
        return tuple(label for label, count in self.labels.items() if not count)

    @property
    def few(self) -> tuple[str, ...]:
        """Labels with some examples, but too few."""
        return tuple(label for label, count in self.labels.items() if 0 < count < FEW)

    def as_dict(self) -> dict[str, Any]:
        return {**asdict(self), "labels": dict(self.labels), "absent": self.absent, "few": self.few}

    def warnings(self) -> list[str]:
        """What is to be known of labels and texts, in sentences."""
        found = []
        if self.absent:
            found.append(
                f"no paragraph carries {', '.join(self.absent)}: never given, and 0 in the macro average"
            )
        if self.few:
            found.append(f"fewer than {FEW} paragraphs carry {', '.join(self.few)}: their figures say little")
        if everywhere := [label for label, count in self.labels.items() if count == self.paragraphs]:
            found.append(f"every paragraph carries {', '.join(everywhere)}: always given; add rows without")
        if self.script:
            found.append(self.script)
        return found


def weakness(corpus_size: int, interval: tuple[float, float] | None, *, added: bool = False) -> str | None:
    """Whether a model is weak, in a sentence.

    Args:
        corpus_size: paragraphs that it was trained on.
        interval: of its micro F1.
        added: both are of rows added to another corpus.
    """
    reasons = []
    if corpus_size < _WEAK:
        reasons.append(f"{corpus_size} paragraphs are few")
    if interval and interval[1] - interval[0] > _WIDE:
        reasons.append(f"its micro F1 may be anything from {interval[0]:.2f} to {interval[1]:.2f}")
    if not reasons:
        return None
    where = "on the rows added " if added else ""
    return f"{where}this model is weak: {', and '.join(reasons)}. More labelled paragraphs help most"


def describe(findings: Findings, own: Evaluation | None, extends: str | None, weak: str | None) -> str:
    """What a model card has to say of the rows, in Markdown; empty where nothing is out of the ordinary."""
    said = []
    left = findings.rows - findings.paragraphs
    if left:
        said.append(
            f"{findings.rows:,} rows were read and {findings.paragraphs:,} used; left out: "
            f"{findings.duplicates} duplicates, rows of {len(findings.conflicts)} texts with conflicting "
            f"labels, and {len(findings.bad)} rows that could not be used."
        )
    if own is not None:
        said.append(
            f"{findings.paragraphs:,} paragraphs were added to the corpus of {extends}, in place of "
            f"{findings.replaced}. On these alone the cross-validation gives micro F1 {own.micro.f1:.3f}"
            + (
                f" ({own.intervals.micro.low:.3f} to {own.intervals.micro.high:.3f})."
                if own.intervals
                else "."
            )
        )
    said += [f"{sentence[0].upper()}{sentence[1:]}." for sentence in (*findings.warnings(), weak) if sentence]
    return "\n\n".join(said)
