from __future__ import annotations

import json
from pathlib import Path

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from responsetag.tokenizer import fingerprint, tokenizer

pytest.importorskip("rjieba", reason="NOT CHECKED AGAINST RJIEBA: its wheel is not installed")
JIEBA, RJIEBA = tokenizer("jieba"), tokenizer("rjieba")


@settings(max_examples=500)
@given(st.text(max_size=80))
def test_both_cut_any_text_alike(text: str) -> None:
    words = RJIEBA(text)
    assert words == JIEBA(text)
    assert "".join(words) == text


@settings(max_examples=500)
@given(
    st.lists(
        st.sampled_from([*"新冠疫情防控物资保障AZ09.%-_+# ，。\n", "肺炎", "２", "龥", "𠮷"]), max_size=40
    )
)
def test_both_cut_dense_text_alike(parts: list[str]) -> None:
    text = "".join(parts)
    assert RJIEBA(text) == JIEBA(text)


def test_both_cut_the_written_corpus_alike(sentences: list[str]) -> None:
    for sentence in sentences[::5]:
        assert RJIEBA(sentence) == JIEBA(sentence)


def test_both_cut_real_text_alike(shared: Path) -> None:
    for line in (shared / "real" / "dev.jsonl").read_text(encoding="utf-8").splitlines():
        text = json.loads(line)["text"]
        assert RJIEBA(text) == JIEBA(text)


def test_fingerprints_are_equal_and_see_another_dictionary() -> None:
    assert fingerprint(JIEBA) == fingerprint(RJIEBA)
    assert fingerprint(list) != fingerprint(JIEBA)


def test_words_added_to_the_global_dictionary_change_nothing() -> None:
    import jieba

    before = JIEBA("联防联控机制")
    jieba.add_word("联防联控机制")
    try:
        assert JIEBA("联防联控机制") == before
    finally:
        jieba.del_word("联防联控机制")
