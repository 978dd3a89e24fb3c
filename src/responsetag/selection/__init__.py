"""Which paragraphs to label next: those that the model is unsure about, and that differ from each other."""

from __future__ import annotations

from responsetag.selection.selector import Selector, Suggestion, suggest

__all__ = ["Selector", "Suggestion", "suggest"]
