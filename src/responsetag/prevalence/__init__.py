"""How much of a collection carries each label, corrected for the model's errors."""

from responsetag.prevalence.collection import By, Collection, Counter
from responsetag.prevalence.estimate import estimate_prevalence
from responsetag.prevalence.results import LabelPrevalence, Method, Prevalences

__all__ = [
    "By",
    "Collection",
    "Counter",
    "LabelPrevalence",
    "Method",
    "Prevalences",
    "estimate_prevalence",
]
