from __future__ import annotations

import random

import opencc
import pytest
from hypothesis import given
from hypothesis import strategies as st

from damage import shift_gbk
from responsetag.text import AlignedText
from responsetag.text.normalize import Rule, single_forms
from responsetag.text.repair import (
    byte_shifted_gbk,
    doubled_punctuation,
    html_entities,
    html_tags,
    invisible_characters,
    pinyin_glosses,
)


def mend(rule: Rule, text: str) -> str:
    return AlignedText(text, text).apply(rule(text)).text


@pytest.mark.parametrize(
    ("rule", "damaged", "sound"),
    [
        (pinyin_glosses, "新區(qū)黨組織服務(wù)群眾", "新區黨組織服務群眾"),
        (pinyin_glosses, "他們(men)在區(qū)里", "他們在區里"),
        (pinyin_glosses, "他們(men)來了", "他們(men)來了"),
        (pinyin_glosses, "详情见(附件)和官网(www)", "详情见(附件)和官网(www)"),
        (pinyin_glosses, "COVID(é)", "COVID(é)"),
        (html_entities, "&ldquo;双报到&rdquo;", "“双报到”"),
        (html_entities, "&amp;ldquo;双报到&#8221;&nbsp;", "“双报到”\xa0"),
        (html_entities, "R&D; 和 AT&T; 与 &未知;", "R&D; 和 AT&T; 与 &未知;"),
        (html_tags, "排查<br/>登记<p style='x'>消毒</p>", "排查登记消毒"),
        (html_tags, "体温<37.3℃且>36℃", "体温<37.3℃且>36℃"),
        (invisible_characters, "三\u200b道\ue123门\ufeff\u202e", "三道门"),
        (single_forms, "ＡＰＰ１２３⼈", "APP123人"),
        (single_forms, "，。！？（）", "，。！？（）"),
        (doubled_punctuation, "值守,,登记、,劝返，，消毒；；", "值守,登记、劝返，消毒；"),
        (doubled_punctuation, "完了……真的？！——。。。", "完了……真的？！——。。。"),
    ],
)
def test_rule(rule: Rule, damaged: str, sound: str) -> None:
    assert mend(rule, damaged) == sound


@pytest.fixture(scope="module")
def traditional(sentences: list[str]) -> list[str]:
    convert = opencc.OpenCC("s2t").convert
    return [convert(sentence) for sentence in sentences]


def test_shifted_gbk_of_every_length_comes_back(sentences: list[str], traditional: list[str]) -> None:
    chosen = random.Random(20261121)
    mended = checked = 0
    for _ in range(4000):
        first, second = chosen.sample(range(len(sentences)), 2)
        source = chosen.choice((sentences, traditional))
        stem = source[first].rstrip("。”")
        sound = f"{stem}。{chosen.choice('“”《')}{source[second]}"
        try:
            damaged = shift_gbk(sound, len(stem), half_width=chosen.random() < 0.5)
        except UnicodeError:
            continue  # no GBK decoder would have got through it either
        end = damaged.find("?", len(stem)) + 1
        run = damaged[end:]
        healed = next((i for i, c in enumerate(run[1:], 1) if ord(c) < 0x80), None)
        if healed is None or healed <= 6 or not 0x40 <= ord(run[healed]) <= 0x7E:
            continue
        checked += 1
        mended += mend(byte_shifted_gbk, damaged) == sound
    assert checked > 500
    assert mended >= 0.998 * checked


@given(st.data())
def test_sound_text_is_left_alone(sentences: list[str], data: st.DataObject) -> None:
    sentence = data.draw(st.sampled_from(sentences))
    at = data.draw(st.integers(0, len(sentence)))
    mark = data.draw(st.sampled_from(("?！", "?!", "?", "！")))
    text = sentence[:at] + mark + sentence[at:]
    assert mend(byte_shifted_gbk, text) == text


@given(st.text(alphabet=st.characters(codec="gb18030"), max_size=40))
def test_any_text_can_be_looked_at(text: str) -> None:
    for rule in (byte_shifted_gbk, html_entities, html_tags, pinyin_glosses, invisible_characters):
        edits = rule("?！" + text)
        assert edits == sorted(edits)


def test_the_end_of_a_paragraph_that_lost_its_bracket() -> None:
    assert mend(byte_shifted_gbk, "保护好每一名群众?！?/p>") == "保护好每一名群众。”"


def test_every_run_of_the_real_page_is_restored(shared: object) -> None:
    from pathlib import Path

    assert isinstance(shared, Path)
    (page,) = (shared / "real" / "pages").glob("002*")
    text = page.read_text(encoding="utf-8")
    edits = byte_shifted_gbk(text)
    assert len(edits) == text.count("?！") + text.count("?!")
    assert [edit.replacement[1] for edit in edits] == list("“”””“")
    assert all(edit.replacement[0] == "。" for edit in edits)
    mended = AlignedText(text, text).apply(edits)
    assert not byte_shifted_gbk(mended.text)
    assert mended.text.count("四支隊伍") == text.count("四支隊伍") + 1
