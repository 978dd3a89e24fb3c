"""The labels of a report: those of its models, with what the shipped taxonomy says of them."""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from typing import Any

from responsetag.taxonomy import Label, Taxonomy, load_taxonomy


class LabelList:
    """Labels as they are met, each with a number, and at last in the order of their models."""

    def __init__(self) -> None:
        self._numbers: dict[str, int] = {}
        self._names: dict[str, str] = {}
        self._complete: dict[tuple[str, ...], None] = {}

    def number(self, label: str, name: str) -> int:
        """The number of a label for now."""
        self._names.setdefault(label, name)
        return self._numbers.setdefault(label, len(self._numbers))

    def add_model(self, labels: Iterable[str], names: Mapping[str, str] | None = None) -> None:
        """All labels of a model, in its order."""
        self._complete[tuple(labels)] = None
        self._names |= {label: name for label, name in (names or {}).items() if label not in self._names}

    def finished(self) -> tuple[list[dict[str, str]], list[dict[str, str]], list[int]]:
        """The labels and groups of the payload, and for each number the place in the list of labels."""
        taxonomy = load_taxonomy()
        known = {label.slug: label for label in taxonomy.labels if self._is(label)}
        order = dict.fromkeys(label for labels in self._complete for label in labels)
        if any(label not in order for label in self._numbers) and self._numbers.keys() <= known.keys():
            order |= dict.fromkeys(taxonomy.slugs)  # CSV names only labels that occur
        order |= dict.fromkeys(self._numbers)
        places = {label: place for place, label in enumerate(order)}
        labels = [self._described(label, known.get(label)) for label in order]
        return labels, _groups(taxonomy, labels), [places[label] for label in self._numbers]

    def _is(self, label: Label) -> bool:
        """Whether it is the taxonomy's label, not one of a set of one's own that has the same slug."""
        return self._names.get(label.slug, label.name.zh) == label.name.zh

    def _described(self, slug: str, label: Label | None) -> dict[str, str]:
        if label is None:
            name = self._names.get(slug) or slug
            texts = {"zh": name, "en": name, "group": ""}
            return {"slug": slug, **texts, "definition_zh": "", "definition_en": ""}
        return {
            "slug": slug,
            "zh": label.name.zh,
            "en": label.name.en,
            "group": label.group,
            "definition_zh": label.definition.zh,
            "definition_en": label.definition.en,
        }


def _groups(taxonomy: Taxonomy, labels: list[dict[str, Any]]) -> list[dict[str, str]]:
    used = {label["group"] for label in labels}
    return [{"id": id_, "zh": name.zh, "en": name.en} for id_, name in taxonomy.groups.items() if id_ in used]
