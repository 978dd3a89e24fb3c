"""The labels: names, definitions and their place in three published taxonomies.

Kept as data in ``data/taxonomy.json``, after the project's codebook. A file of one's own, JSON or YAML, needs
only a list of names; see docs/train-your-own.md.
"""

from __future__ import annotations

import json
import os
import re
from collections.abc import Mapping
from dataclasses import dataclass
from pathlib import Path
from typing import Any

from responsetag.errors import MissingExtraError, TaxonomyError
from responsetag.paths import shipped

# Title of each crosswalk, by its key in the file.
CROSSWALKS = {
    "oxcgrt": "Oxford COVID-19 Government Response Tracker",
    "who_phsm": "WHO public health and social measures",
    "coronanet": "CoronaNet policy types",
}
# Labels are joined by commas in CSV and on the terminal.
SLUG = re.compile(r"[^\s,;|\x00-\x1f\x7f\ud800-\udfff]{1,64}")
YAML_SUFFIXES = frozenset({".yaml", ".yml"})


@dataclass(frozen=True, slots=True)
class Bilingual:
    """A text in Chinese and English."""

    zh: str
    en: str


@dataclass(frozen=True, slots=True)
class Label:
    """One label. In a taxonomy of one's own, all but ``slug`` may be empty.

    Attributes:
        slug: the name in code and data.
        name: its short name.
        group: the group's letter.
        definition: what it covers, in a sentence.
        includes, excludes: what counts, and what looks like it and does not.
        example: a sentence of our own that carries this label alone.
        crosswalk: by taxonomy (the keys of ``CROSSWALKS``), the codes and names it maps to; an
            empty tuple where nothing there fits.
        note: how well the crosswalk fits.
    """

    slug: str
    name: Bilingual
    group: str
    definition: Bilingual
    includes: tuple[Bilingual, ...]
    excludes: tuple[Bilingual, ...]
    example: Bilingual
    crosswalk: dict[str, tuple[str, ...]]
    note: str


@dataclass(frozen=True, slots=True)
class Taxonomy:
    """Labels in their order, and the groups they belong to."""

    name: str
    version: str
    groups: dict[str, Bilingual]
    labels: tuple[Label, ...]

    @property
    def slugs(self) -> tuple[str, ...]:
        """The labels' slugs, in order."""
        return tuple(label.slug for label in self.labels)

    def __getitem__(self, slug: str) -> Label:
        for label in self.labels:
            if label.slug == slug:
                return label
        raise TaxonomyError(f"no label {slug!r}; there are: {', '.join(self.slugs)}")


def load_taxonomy(path: str | os.PathLike[str] | None = None) -> Taxonomy:
    """Read a taxonomy from JSON, or YAML by its name's ending; the project's own when no path is given.

    Raises:
        MissingExtraError: the file is YAML and PyYAML is not installed.
        TaxonomyError: the file is missing or malformed; the message says where.
    """
    file = Path(path) if path is not None else shipped("data") / "taxonomy.json"
    try:
        content = file.read_text(encoding="utf-8-sig")
    except OSError as error:
        raise TaxonomyError(f"{file}: cannot be read: {error.strerror}; check the path") from error
    except UnicodeError as error:
        raise TaxonomyError(f"{file}: is not UTF-8 ({error}); save it as UTF-8") from error
    data = _parsed(content, file)
    if isinstance(data, list):
        data = {"labels": data}
    if not isinstance(data, dict) or not isinstance(data.get("labels"), list) or not data["labels"]:
        raise TaxonomyError(f"{file}: needs a list 'labels' of one label or more")
    try:
        groups = {str(g["id"]): Bilingual(g["zh"], g["en"]) for g in data.get("groups", [])}
        labels = tuple(
            _label(entry, f"{file}: label {i}", groups) for i, entry in enumerate(data["labels"], 1)
        )
    except (AttributeError, KeyError, TypeError, ValueError, RecursionError) as error:
        raise TaxonomyError(
            f"{file}: a group or label is malformed ({error}); see data/taxonomy.json"
        ) from error
    slugs = [label.slug for label in labels]
    if twice := sorted({slug for slug in slugs if slugs.count(slug) > 1}):
        raise TaxonomyError(f"{file}: labels that occur twice: {', '.join(twice)}")
    return Taxonomy(str(data.get("name", file.stem)), str(data.get("version", "0")), groups, labels)


def taxonomy_of(names: Mapping[str, str], title: str = "labels found in the data") -> Taxonomy:
    """A taxonomy of labels that have nothing but a name.

    Args:
        names: what each label is called in full, by slug.
    """
    entries = [{"slug": slug, "zh": name, "en": name} for slug, name in names.items()]
    return Taxonomy(title, "0", {}, tuple(_label(entry, title, {}) for entry in entries))


def _parsed(content: str, file: Path) -> Any:
    if file.suffix.lower() not in YAML_SUFFIXES:
        try:
            return json.loads(content)
        except (ValueError, RecursionError) as error:
            raise TaxonomyError(f"{file}: is not JSON: {error}") from error
    try:
        import yaml
    except ImportError as error:
        raise MissingExtraError("PyYAML", "train", f"{file}: reading YAML") from error
    try:
        return yaml.safe_load(content)
    except (yaml.YAMLError, ValueError, RecursionError) as error:
        raise TaxonomyError(f"{file}: is not YAML: {error}") from error


def _label(entry: Any, where: str, groups: dict[str, Bilingual]) -> Label:
    entry = {"slug": entry} if isinstance(entry, str) else entry
    slug = entry.get("slug") if isinstance(entry, dict) else None
    if not isinstance(slug, str) or not SLUG.fullmatch(slug):
        raise TaxonomyError(
            f"{where}: 'slug' must be a name of 1 to 64 characters without spaces and commas, not {slug!r}; "
            "in YAML, quote names like 'no', 'on' or 12"
        )
    group = str(entry.get("group", ""))
    if group and group not in groups:
        raise TaxonomyError(f"{where} ({slug}): group {group!r} is not one of {', '.join(groups)}")
    crosswalk = entry.get("crosswalk", {})
    return Label(
        slug=slug,
        name=Bilingual(_text(entry.get("zh", slug)), _text(entry.get("en", slug))),
        group=group,
        definition=_bilingual(entry.get("definition", {})),
        includes=_items(entry.get("includes", {})),
        excludes=_items(entry.get("excludes", {})),
        example=_bilingual(entry.get("example", {})),
        crosswalk={
            key: tuple(" ".join(filter(None, (c.get("code"), c["name"]))) for c in crosswalk.get(key, []))
            for key in CROSSWALKS
        },
        note=str(crosswalk.get("note", {}).get("en", "")),
    )


def _bilingual(value: dict[str, str]) -> Bilingual:
    return Bilingual(_text(value.get("zh", "")), _text(value.get("en", "")))


def _text(value: object) -> str:
    if not isinstance(value, str):
        raise TypeError(f"{value!r} stands where a text should")
    return value


def _items(value: dict[str, list[str]]) -> tuple[Bilingual, ...]:
    zh, en = value.get("zh", []), value.get("en", [])
    if not isinstance(zh, list) or not isinstance(en, list) or len(zh) != len(en):
        raise TypeError("'includes' and 'excludes' need as many items in 'zh' as in 'en'")
    return tuple(Bilingual(_text(a), _text(b)) for a, b in zip(zh, en, strict=True))
