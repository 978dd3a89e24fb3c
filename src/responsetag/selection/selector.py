"""Suggestions from a stream of paragraphs, in memory that does not grow with it."""

from __future__ import annotations

import itertools
from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from typing import Any, Generic, Literal, NamedTuple, TypeVar, get_args

import numpy as np
from numpy.typing import NDArray

from responsetag.errors import InputError
from responsetag.selection.diversity import Vectors, pick_diverse
from responsetag.selection.doubt import doubt, expected_errors
from responsetag.selection.reasons import Reason, explain_picks
from responsetag.tagger import Tagger

# Paragraphs kept for the choice, for each that is wanted, and at least so many: the most useful ones.
_KEPT_FOR_EACH, _KEPT = 20, 2000
_ROWS_AT_ONCE = 1024
# What turning to a paragraph costs beside reading it, in characters.
_OPENING = 30

Key = TypeVar("Key")
Cost = Literal["paragraph", "character"]


@dataclass(frozen=True, slots=True)
class Suggestion(Generic[Key]):
    """A paragraph worth labelling.

    Attributes:
        rank: its place among the suggestions, from 1.
        key: what it was given with: its place among the paragraphs, for :func:`suggest`.
        text: the paragraph.
        labels: what the model would give it.
        scores: calibrated probability of each label, shape ``(n_labels,)``.
        reason: why it is worth labelling.
    """

    rank: int
    key: Key
    text: str
    labels: tuple[str, ...]
    scores: NDArray[np.float64]
    reason: Reason

    def as_dict(self) -> dict[str, Any]:
        return {
            "rank": self.rank,
            "text": self.text,
            "labels": list(self.labels),
            "reason": str(self.reason),
            **self.reason.as_dict(),
        }


class _Candidate(NamedTuple):
    use: float
    order: int
    key: Any
    text: str
    scores: NDArray[np.float64]


class Selector(Generic[Key]):
    """Takes paragraphs and keeps those that the model is most unsure about.

    Args:
        tagger: the model whose next training the labels are for.
        n: how many suggestions are wanted.
        labelled: texts that need not be labelled again.
        per: what labelling costs.

    Raises:
        InputError: ``n`` is below 1, ``per`` is neither cost, or ``labelled`` is a single string.
    """

    def __init__(
        self, tagger: Tagger, n: int, *, labelled: Iterable[str] = (), per: Cost = "paragraph"
    ) -> None:
        if n < 1:
            raise InputError(f"n must be 1 or more, not {n}")
        if isinstance(labelled, str):
            raise InputError("labelled is a single text; give a list of them")
        if per not in get_args(Cost):
            raise InputError(f"per must be one of {', '.join(get_args(Cost))}, not {per!r}")
        self._tagger, self._n, self._per = tagger, n, per
        self._limit = max(_KEPT, _KEPT_FOR_EACH * n)
        # Numbers in place of texts: of two different texts in 2**64 being one, nobody will hear.
        self._seen = {hash(text.strip()) for text in labelled}
        self._kept: list[_Candidate] = []
        self.seen = 0

    def add(self, keys: Sequence[Key], texts: Sequence[str]) -> None:
        """Take some paragraphs. Those without words, and those that came before, are left out."""
        tagger = self._tagger
        scores = tagger.predict_proba(texts)
        errors = expected_errors(doubt(scores, tagger.decide(scores)))
        for key, text, row, error in zip(keys, texts, scores, errors.tolist(), strict=True):
            self.seen += 1
            mark = hash(text.strip())
            if error > 0 and mark not in self._seen:
                self._seen.add(mark)
                use = error if self._per == "paragraph" else error / (len(text) + _OPENING)
                self._kept.append(_Candidate(use, -self.seen, key, text, row))
        if len(self._kept) >= 2 * self._limit:
            self._trim()

    def select(self) -> list[Suggestion[Key]]:
        """The suggestions of what was taken so far, first what is most useful."""
        self._trim()
        kept, tagger = self._kept, self._tagger
        if not kept:
            return []
        scores = np.stack([candidate.scores for candidate in kept])
        given = tagger.decide(scores)
        doubts = doubt(scores, given)
        weights = tagger.term_weights([candidate.text for candidate in kept])
        vectors = Vectors(weights, len(kept), int(weights.feature.max(initial=-1)) + 1)
        use = np.array([candidate.use for candidate in kept])
        picks = pick_diverse(use, vectors, self._n)
        reasons = explain_picks(picks, doubts, scores, tagger.labels, tagger.thresholds)
        return [
            Suggestion(
                rank,
                kept[pick.row].key,
                kept[pick.row].text,
                tuple(itertools.compress(tagger.labels, given[pick.row])),
                scores[pick.row],
                reason,
            )
            for rank, (pick, reason) in enumerate(zip(picks, reasons, strict=True), 1)
        ]

    def _trim(self) -> None:
        # Most useful first, of equal ones those that came first.
        self._kept.sort(key=lambda candidate: (candidate.use, candidate.order), reverse=True)
        del self._kept[self._limit :]


def suggest(
    tagger: Tagger,
    texts: Iterable[str],
    n: int = 50,
    *,
    labelled: Iterable[str] = (),
    per: Cost = "paragraph",
) -> list[Suggestion[int]]:
    """Choose the paragraphs whose labels would teach the model most.

    On each of them the model expects to be wrong, by its calibrated scores, and they differ from each other:
    ranked batches (Cardoso et al. 2017) of expected multi-label loss (Yang et al., KDD 2009). Two that say
    nearly the same never come together. The same texts in the same order give the same suggestions.

    Args:
        texts: unlabelled paragraphs; any number, they are read once and not kept.
        n: how many are wanted. Fewer come where there are no more.
        labelled: texts that were labelled already.
        per: what labelling costs: as much for each ``paragraph``, which favours long ones that say much;
            or by the ``character`` to be read (Settles, Craven and Friedland, Active Learning with Real
            Annotation Costs, NIPS workshop 2008).

    Returns:
        First what is most useful; ``key`` is the place in ``texts``, from 0.

    Raises:
        InputError: ``n`` is below 1, ``per`` is neither cost, ``texts`` or ``labelled`` is a single string,
            or an item of ``texts`` is none.
    """
    if isinstance(texts, str):
        raise InputError("texts is a single text; give a list of them")
    selector: Selector[int] = Selector(tagger, n, labelled=labelled, per=per)
    stream = enumerate(texts)
    while chunk := list(itertools.islice(stream, _ROWS_AT_ONCE)):
        selector.add(*zip(*chunk, strict=True))
    return selector.select()
