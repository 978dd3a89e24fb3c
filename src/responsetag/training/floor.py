"""The ratchet: figures of the cross-validation that a corpus once gave, and no change may fall below.

A floor holds for one corpus, by digest. With another corpus it must be recorded anew. Recording raises it,
and lowers it only where that is asked for in so many words.
"""

from __future__ import annotations

import json
import os
from dataclasses import dataclass
from pathlib import Path
from typing import Any

from responsetag.batch.writers import atomic_output
from responsetag.errors import FloorError
from responsetag.training.evaluation import Evaluation

# Floors lie this far below what was measured: room for the last bits of another processor, which can turn
# a paragraph or two of thousands in the averages and of hundreds in a label.
_AVERAGE_ROOM = 0.001
_LABEL_ROOM = 0.005
_AVERAGES = ("micro_f1", "macro_f1")


@dataclass(frozen=True, slots=True)
class Floor:
    """A file of floors and what is to be done with it.

    Attributes:
        path: the file.
        record: write the figures as the new floor, where none of them is lower than the present one.
        lower: write them even if some are lower.
    """

    path: str | os.PathLike[str]
    record: bool = False
    lower: bool = False

    def settle(self, evaluation: Evaluation, corpus: str) -> None:
        """Check figures against the floor, or make them the floor.

        Args:
            corpus: the digest of the corpus they were measured on.

        Raises:
            FloorError: they fall below it, it belongs to another corpus, or it would be lowered.
        """
        found = _figures(evaluation)
        if not (self.record or self.lower):
            floor = self._read()
            if floor["corpus"] != corpus:
                raise FloorError(
                    f"{self.path}: the floor was measured on another corpus (digest {floor['corpus'][:12]}, "
                    f"not {corpus[:12]}); record one for this corpus with --record-floor"
                )
            if low := _falls(found, floor["figures"]):
                raise FloorError(f"{self.path}: figures fall below the recorded floor: {low}; find out why")
            return
        if (
            Path(self.path).exists()
            and not self.lower
            and (low := _falls(_floors(found), self._read()["figures"]))
        ):
            raise FloorError(f"{self.path}: the floor would be lowered: {low}; if meant, say --lower-floor")
        content = {"corpus": corpus, "paragraphs": evaluation.paragraphs, "figures": _floors(found)}
        with atomic_output(self.path) as out:
            out.write(json.dumps(content, indent=2) + "\n")

    def _read(self) -> dict[str, Any]:
        try:
            content: dict[str, Any] = json.loads(Path(self.path).read_text(encoding="utf-8"))
            content["corpus"][:1], dict(content["figures"])
        except (OSError, ValueError, KeyError, TypeError) as error:
            raise FloorError(
                f"{self.path}: cannot be read as a floor ({error}); record one with --record-floor"
            ) from error
        return content


def _figures(evaluation: Evaluation) -> dict[str, float]:
    """Micro and macro F1 and that of each label."""
    averages = {"micro_f1": evaluation.micro.f1, "macro_f1": evaluation.macro.f1}
    return averages | {score.label: score.f1 for score in evaluation.labels}


def _floors(figures: dict[str, float]) -> dict[str, float]:
    return {
        key: round(max(value - (_AVERAGE_ROOM if key in _AVERAGES else _LABEL_ROOM), 0.0), 4)
        for key, value in figures.items()
    }


def _falls(found: dict[str, float], floor: dict[str, float]) -> str:
    """Which figures are lower than the floor, in words."""
    return ", ".join(
        f"{key} {found.get(key, 0.0):.3f} (floor {least:.3f})"
        for key, least in floor.items()
        if found.get(key, 0.0) < least
    )
