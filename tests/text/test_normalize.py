from __future__ import annotations

import sys

import opencc
from hypothesis import given
from hypothesis import strategies as st

from responsetag.text import normalize, normalize_many
from responsetag.text.script import to_simplified


def test_simplified_text_comes_back_unchanged(sentences: list[str]) -> None:
    changed = [s for s in sentences if to_simplified(s) != s]
    # A few characters that Simplified text has beyond GB2312 (喆, 堃, 冇) make OpenCC look at a sentence.
    assert len(changed) < len(sentences) / 500


def test_words_that_simplified_text_spells_so_are_kept() -> None:
    assert to_simplified("乾隆年间，朱元璋著有此书") == "乾隆年间，朱元璋著有此书"


def test_traditional_text_reads_as_its_simplified_source(sentences: list[str]) -> None:
    convert = opencc.OpenCC("s2t").convert
    same = sum(normalize(convert(s)).text == normalize(s).text for s in sentences[:3000])
    assert same >= 0.97 * 3000


def test_a_gloss_behind_an_invisible_character_goes_too() -> None:
    for between in ("\u200b", "\ue000", "&#8203;"):
        assert normalize(f"互聯網{between}(wǎng)").text == "互联网"


def test_all_damage_at_once_and_offsets_into_the_source() -> None:
    source = "&ldquo;黨員(yuán)&rdquo;連夜\u200b入戶,,排查ＡＰＰ登記"
    aligned = normalize(source)
    assert aligned.text == "“党员”连夜入户,排查APP登记"
    start = aligned.text.index("党员")
    assert source[slice(*aligned.original_span(start, start + 2))] == "黨員"
    start = aligned.text.index("入户")
    assert source[slice(*aligned.original_span(start, start + 2))] == "入戶"
    start = aligned.text.index("登记")
    assert source[slice(*aligned.original_span(start, start + 2))] == "登記"


@given(st.text(max_size=60))
def test_any_text_is_normalised_with_offsets_in_it(text: str) -> None:
    aligned = normalize(text)
    assert aligned.original == text
    for i in range(len(aligned.text)):
        start, end = aligned.original_span(i, i + 1)
        assert 0 <= start < end <= len(text)


@given(st.text(alphabet="新區(qū)黨，,、。“”&lt;;ldquo 的\u200b１Ａ", max_size=40))
def test_offsets_stay_in_order(text: str) -> None:
    aligned = normalize(text)
    spans = [aligned.original_span(i, i + 1) for i in range(len(aligned.text))]
    assert spans == sorted(spans)


DAMAGED = (
    "".join(chr(code) for code in range(0x20, 0x3000))
    + "新區(qū)黨,,;；;:：：、。。“”?！!&lt;;ldquo<br>的\u200b１Ａ\ue000\ufeff㐀乾"
)


@given(st.lists(st.text(max_size=12) | st.text(alphabet=DAMAGED, max_size=12), max_size=8))
def test_many_are_normalised_as_each_is(texts: list[str]) -> None:
    assert normalize_many(texts)[0] == [normalize(text).text for text in texts]


def test_every_character_that_a_repair_looks_for_is_looked_for_in_many_texts() -> None:
    every = [chr(code) for code in (*range(0x34000), *range(0x34000, sys.maxunicode + 1, 97))]
    changed, _ = normalize_many(every)
    assert changed == [normalize(character).text for character in every]
    assert sum(a != b for a, b in zip(changed, every, strict=True)) > 10_000


def test_the_corpus_is_normalised_at_once_as_one_by_one(sentences: list[str]) -> None:
    plain, aligned = normalize_many(sentences[::7])
    one_by_one = [normalize(sentence) for sentence in sentences[::7]]
    assert plain == [each.text for each in one_by_one]
    assert all(aligned[i].original == sentences[::7][i] for i in aligned)
    assert 0 < len(aligned) < len(plain) / 50
