"""What documents carry stays text: nothing of it runs, reorders the page or breaks it."""

from __future__ import annotations

import json
import re
import sys
from typing import Any
from unicodedata import category

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from payloads import payload, with_summary

from conftest import OpenPage
from responsetag.report import page as report_page
from responsetag.report.visible import visible

EVIL = (
    "</script><script>hacked=1</script><!--<script>", "</style><style>*{display:none}</style>",
    "<img src=x onerror=hacked=1>", "javascript:hacked=1", "{{ 7 * 7 }}{% raw %}", "\"'><svg onload=hacked=1>",
    "甲\u202e乙\u2066丙", "行\u2028段\u2029", "孤\ud800立\udc00", "\x00\x1b[31m\x7f", "零\u200b宽\ufeff", "]]>&amp;&lt;",
)  # fmt: skip
ALL = "".join(EVIL)
FILLERS = "\u115f\u1160\u17b4\u2065\u3164\uffa0\ufff0\ufff8\U000e0000\U000e0fff"


@pytest.fixture(scope="module")
def hostile() -> dict[str, Any]:
    made = payload(len(EVIL), 3)
    made["run"].update(inputs=list(EVIL), models=[{"name": ALL, "version": ALL, "digest": ALL}])
    for i, evil in enumerate(EVIL):
        made["documents"][i].update(name=f"{evil}.html", title=evil, failed=evil if i % 3 == 0 else None)
        made["labels"][i].update(slug=f"{evil}{i}", zh=evil, en=evil, definition_zh=evil, definition_en=evil)
        tag = {"l": i, "p": 0.5, "e": {"a": 0, "b": len(evil), "w": [[0, 2, 0.9]]}}
        made["paragraphs"][3 * i].update(t=evil, tags=[tag], m=evil)
        made["paragraphs"][3 * i + 1].update(st="error", m=evil, tags=[], t="")
    made["groups"][0].update(zh=ALL, en=ALL)
    made["paragraphs"][2].update(t=" " * 10_000_000, tags=[])
    end = {"l": 3, "p": 0.9, "e": {"a": 900_000, "b": 900_004, "w": []}}
    made["paragraphs"][5].update(t="x" * 900_000 + "送医救治", tags=[end])
    return with_summary(made)


def test_hostile_text_is_shown_as_text(open_page: OpenPage, hostile: dict[str, Any]) -> None:
    page = open_page(hostile, "#q=<img src=x onerror=hacked=1>", viewport={"width": 1000, "height": 700})
    assert page.locator("#f-text").input_value() == "<img src=x onerror=hacked=1>"
    assert page.locator(".text").all_inner_texts() == ["<img src=x onerror=hacked=1>"]
    page.locator("#clear").click()
    for name in ("中文", "English"):
        page.get_by_role("button", name=name).click()
    for chip in page.locator(".chip").all():
        chip.click()
    assert page.evaluate("typeof hacked") == "undefined"
    assert page.evaluate("document.scripts.length") == 3
    assert (
        page.locator("img, style ~ style, [onload], [onerror], [style], iframe, a[href^=javascript]").count()
        == 0
    )
    hidden = (
        "[\\u0000\\u001b\\u007f\\u200b\\u2028\\u2029\\u202a-\\u202e\\u2066-\\u2069\\ufeff]|[\\ud800-\\udfff]"
    )
    seen = page.evaluate(
        "pattern => [document.body.innerText, ...[...document.querySelectorAll('body *')].flatMap("
        "(one) => ['title', 'aria-label'].map((name) => one.getAttribute(name) ?? ''))]"
        ".filter((text) => new RegExp(pattern, 'u').test(text))",
        hidden,
    )
    assert seen == []
    assert page.get_by_text("甲U+202E乙U+2066丙").count() > 3
    assert page.evaluate("document.documentElement.scrollWidth") == 1000


def test_endless_paragraphs_are_cut_and_shown_in_steps(open_page: OpenPage, hostile: dict[str, Any]) -> None:
    page = open_page(hostile, viewport={"width": 360, "height": 700})
    spaces = page.locator("[data-i='2']")
    assert spaces.locator(".text").inner_text() == "␣×3,000"
    spaces.locator(".more").click()
    assert spaces.locator(".text").inner_text() == "␣×23,000"
    assert "9,977,000" in spaces.locator(".more").inner_text()
    far = page.locator("[data-i='5']")
    far.locator(".chip").click()
    assert far.locator("mark.evidence").inner_text() == "送医救治"
    assert len(far.locator(".text").inner_text()) < 4000
    assert page.evaluate("document.documentElement.scrollWidth") == 360


def test_hidden_characters_are_the_same_in_markup_and_script(open_page: OpenPage) -> None:
    """Of those that this Python knows (a browser may know younger ones): all in question and some that are not."""
    kinds = {"Cc", "Cf", "Cs", "Zl", "Zp", "Zs", "Mn"}
    every = map(chr, [*range(sys.maxunicode + 1)])
    known = [
        c for c in every if category(c) in kinds or c in FILLERS or (ord(c) % 97 == 0 and category(c) != "Cn")
    ]
    made = payload(1, 1)
    source = (report_page.ASSETS / "text.js").read_text(encoding="utf-8")
    found = re.search(r"const HIDDEN =\s+/(.+)/gu;", source)
    assert found
    page = open_page(made)
    by_script = page.evaluate(
        "([pattern, points]) => { const hidden = new RegExp(pattern, 'u');"
        " return points.filter((p) => hidden.test(String.fromCodePoint(p))); }",
        [found[1], [ord(c) for c in known]],
    )
    assert by_script == [ord(c) for c in known if "mark" in visible(c)]


def test_the_policy_allows_only_the_style_and_the_script_of_the_page() -> None:
    text = report_page.render(payload(1, 1))
    policy = re.search(r'http-equiv="Content-Security-Policy" content="([^"]+)"', text)
    assert policy
    assert re.fullmatch(
        r"default-src 'none'; style-src 'sha256-[\w+/]{43}='; script-src 'sha256-[\w+/]{43}='; base-uri 'none'; form-action 'none'",
        policy[1],
    )
    assert not re.search(r"""(src|href)=["']?(https?:)?//""", text)


json_values = st.recursive(
    st.none()
    | st.integers()
    | st.text(st.characters(exclude_categories=()) | st.sampled_from("<>&\u2028\u2029\ud800\udc00")),
    lambda inner: st.lists(inner) | st.dictionaries(st.text(), inner),
)


@settings(max_examples=40)
@given(json_values)
def test_a_json_block_holds_any_value_and_cannot_end_early(value: Any) -> None:
    block = report_page.json_block(value)
    assert not re.search("[<>&\u2028\u2029\ud800-\udfff]", block)
    pairs = re.compile("[\ud800-\udbff][\udc00-\udfff]")
    plain = json.dumps(value, ensure_ascii=False)
    assert json.loads(block) == json.loads(pairs.sub("\ufffd\ufffd", plain))


@given(st.text(st.characters(exclude_categories=()), max_size=400))
def test_a_name_in_markup_has_no_markup_of_its_own(text: str) -> None:
    markup = str(visible(text))
    assert markup.startswith("<bdi>")
    inner = re.sub(r"<span class='mark'>(U\+[0-9A-F]{4,6}|␣×\d+)</span>", "", markup[5:-6])
    assert not re.search("[<>\"'\u202a-\u202e\u2066-\u2069\ud800-\udfff]", inner)
