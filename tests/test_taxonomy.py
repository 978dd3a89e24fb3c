from __future__ import annotations

import json
from pathlib import Path

import pytest

from responsetag import Tagger, TaxonomyError, load_taxonomy
from responsetag.taxonomy import CROSSWALKS


def test_every_label_is_described_in_both_languages() -> None:
    taxonomy = load_taxonomy()
    assert len(taxonomy.labels) == 23
    assert list(taxonomy.groups) == list("ABCDEF")
    for label in taxonomy.labels:
        texts = [label.name, label.definition, label.example, *label.includes, *label.excludes]
        assert len(label.includes) >= 3
        assert label.excludes
        assert all(text.zh and text.en for text in texts)
        assert label.group in taxonomy.groups
        assert set(label.crosswalk) == set(CROSSWALKS)
        assert label.note
    assert taxonomy["donation"].crosswalk["oxcgrt"] == ()
    assert taxonomy["vaccination"].crosswalk["who_phsm"] == ("7.2 Using vaccines for prevention",)


def test_the_model_has_the_labels_of_the_taxonomy(tagger: Tagger) -> None:
    taxonomy = load_taxonomy()
    assert tagger.labels == taxonomy.slugs
    assert tagger.names == {label.slug: label.name.zh for label in taxonomy.labels}


def test_examples_carry_their_label(tagger: Tagger) -> None:
    right = [label.slug in tagger.tag(label.example.zh).labels for label in load_taxonomy().labels]
    assert sum(right) >= 21


def test_crosswalk_codes_are_those_of_the_sources(shared: Path) -> None:
    sources = (shared / "crosswalk-sources.md").read_text(encoding="utf-8")
    for label in load_taxonomy().labels:
        for codes in label.crosswalk.values():
            for code in codes:
                first = code.split()[0]
                assert first in sources, code


@pytest.mark.parametrize(
    ("content", "message"),
    [
        ("{", "is not JSON"),
        ("[]", "one label or more"),
        ('{"labels": []}', "one label or more"),
        ('{"labels": [{"slug": "a b"}]}', "label 1: 'slug'"),
        ('{"labels": [{"slug": "a"}, {"slug": "a"}]}', "occur twice: a"),
        (
            '{"labels": [{"slug": "a", "group": "Z"}], "groups": [{"id": "A", "zh": "", "en": ""}]}',
            "group 'Z'",
        ),
        ('{"labels": [{"slug": "a", "crosswalk": 3}]}', "malformed"),
        ('{"labels": [{"slug": "a", "zh": null}]}', "malformed"),
        ('{"labels": [{"slug": "a", "group": "Z"}]}', "group 'Z'"),
        ('{"labels": [{"slug": "a", "includes": {"zh": ["x"], "en": []}}]}', "as many items"),
        ('{"labels": [{"slug": "a", "example": {"zh": 5}}]}', "malformed"),
    ],
)
def test_malformed_files_are_refused(tmp_path: Path, content: str, message: str) -> None:
    file = tmp_path / "labels.json"
    file.write_text(content, encoding="utf-8")
    with pytest.raises(TaxonomyError, match=message):
        load_taxonomy(file)


def test_a_label_set_of_ones_own_needs_slugs_only(tmp_path: Path) -> None:
    file = tmp_path / "labels.json"
    file.write_text(json.dumps({"labels": [{"slug": "保供"}, {"slug": "其他"}]}), encoding="utf-8")
    assert load_taxonomy(file).slugs == ("保供", "其他")
    with pytest.raises(TaxonomyError, match="no label 'x'; there are: 保供, 其他"):
        load_taxonomy(file)["x"]


def test_a_missing_file_is_named(tmp_path: Path) -> None:
    with pytest.raises(TaxonomyError, match=r"none\.json: cannot be read"):
        load_taxonomy(tmp_path / "none.json")
