"""How a model is trained. The values were chosen by cross-validation on the corpus and on real
paragraphs that are not part of the project; docs/choices.md has the tables."""

from __future__ import annotations

from dataclasses import dataclass

# The model that data/ and the settings below make. Raised with either; see CONTRIBUTING.md.
RELEASE = "1.2.0"
_SMALL = 1000


@dataclass(frozen=True, slots=True)
class Settings:
    """Settings of features and fit.

    Attributes:
        min_df: a feature is kept from this many sentences on.
        longest_run: character runs of 1 to this length are features.
        power: of the length that TF-IDF vectors are divided by.
        windows: sizes in clauses that a paragraph is scored by.
        inverse_regularisation: liblinear's C.
        folds: of the cross-validation by paragraph.
        shrinkage: how far a label's threshold moves from the common one to its own best.
        seed: of folds and fit.
    """

    min_df: int = 3
    longest_run: int = 3
    power: float = 0.5
    windows: tuple[int, ...] = (1, 2, 3)
    inverse_regularisation: float = 0.02
    folds: int = 5
    shrinkage: float = 0.25
    seed: int = 20261121

    @classmethod
    def for_size(cls, paragraphs: int) -> Settings:
        """What is best for so many paragraphs: in a small corpus a feature that two sentences have counts,
        and a fold less of it is missed. docs/train-your-own.md has the figures."""
        return cls(min_df=2, folds=10) if paragraphs < _SMALL else cls()
