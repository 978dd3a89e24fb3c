"""The report for everyone: languages, light and dark, keyboards, paper, telephones, no script."""

from __future__ import annotations

import re
from typing import Any

import pytest
from payloads import payload, with_summary

from conftest import OpenPage


@pytest.fixture(scope="module")
def made() -> dict[str, Any]:
    """Two pages of the reader, failures of both kinds, an empty paragraph."""
    made = payload(12, 6)
    made["documents"][3]["failed"] = "pages/0003.html: not UTF-8; save it as UTF-8"
    made["paragraphs"][7].update(st="error", m="line 8: no text", t="", tags=[])
    made["paragraphs"][8].update(st="empty", t="", tags=[])
    return with_summary(made)


def test_switches_language_at_once(open_page: OpenPage, made: dict[str, Any]) -> None:
    page = open_page(made)
    assert page.evaluate("document.documentElement.lang") == "zh-Hans"
    assert page.locator("h1").inner_text() == "应对行动报告"
    slug = page.locator(".chip").first.get_attribute("data-slug")
    label = next(label for label in made["labels"] if label["slug"] == slug)
    assert page.locator(".chip").first.locator("bdi").all_inner_texts() == [label["zh"], label["en"]]
    page.get_by_role("button", name="English").click()
    assert page.evaluate("document.documentElement.lang") == "en"
    assert page.title().startswith("Response actions report")
    assert page.locator("h1").inner_text() == "Response actions report"
    assert page.locator(".chip").first.locator("bdi").all_inner_texts() == [label["en"], label["zh"]]
    assert "paragraphs in 12 documents" in page.locator("#count").inner_text()
    assert page.locator("nav").first.get_attribute("aria-label") == "Contents"
    assert not any("\u4e00" <= c <= "\u9fff" for c in page.locator("#filters fieldset").first.inner_text())


def test_speaks_the_language_of_the_browser(open_page: OpenPage, made: dict[str, Any]) -> None:
    assert open_page(made, locale="fr-FR").locator("h1").inner_text() == "Response actions report"


def test_light_and_dark(open_page: OpenPage, made: dict[str, Any]) -> None:
    page = open_page(made, color_scheme="dark")
    paper = "getComputedStyle(document.body).backgroundColor"
    dark = page.evaluate(paper)
    page.locator("[data-theme-choice=light]").click()
    light = page.evaluate(paper)
    assert (dark, light) == ("rgb(20, 23, 26)", "rgb(251, 250, 247)")
    page.reload()
    page.wait_for_selector("html[data-ready]")
    assert page.evaluate(paper) == light
    page.locator("[data-theme-choice=auto]").click()
    assert page.evaluate(paper) == dark


@pytest.mark.parametrize("locale", ["zh-CN", "en-US"])
def test_fits_360_pixels(open_page: OpenPage, made: dict[str, Any], locale: str) -> None:
    made["documents"][0].update(name="x" * 400, title="长" * 400)
    page = open_page(made, locale=locale, viewport={"width": 360, "height": 700})
    page.locator(".pick > summary").click()
    page.locator("#time summary").click()
    assert page.evaluate("document.documentElement.scrollWidth") == 360
    wide = page.locator("#matrix-scroll")
    assert wide.evaluate("one => one.scrollWidth > one.clientWidth && one.tabIndex === 0")


def test_a_cell_with_the_focus_is_never_hidden_by_the_heads(
    open_page: OpenPage, made: dict[str, Any]
) -> None:
    page = open_page(made, viewport={"width": 360, "height": 500})
    hidden = """() => {
        const box = document.activeElement.getBoundingClientRect();
        const there = document.elementFromPoint(box.x + box.width / 2, box.y + box.height / 2);
        return there !== document.activeElement;
    }"""
    for table in ("#together-table", "#matrix-table"):
        page.locator(f"{table} td[tabindex='0']").focus()
        found = []
        for key in ("ArrowDown", "ArrowRight", "ArrowLeft", "ArrowUp"):
            for _ in range(11):
                page.keyboard.press(key)
                found.append(page.evaluate(hidden))
        assert not any(found), table


@pytest.mark.parametrize("scheme", ["light", "dark"])
@pytest.mark.parametrize("locale", ["zh-CN", "en-US"])
def test_axe_finds_nothing_serious(
    open_page: OpenPage, made: dict[str, Any], scheme: str, locale: str
) -> None:
    from axe_playwright_python.sync_playwright import Axe

    made = payload(3, 4, every=3)
    made["documents"][2]["failed"] = "pages/0002.html: not UTF-8; save it as UTF-8"
    made["paragraphs"][2].update(st="error", m="line 3: no text", t="", tags=[])
    made["paragraphs"][3].update(st="empty", t="", tags=[])
    page = open_page(with_summary(made), locale=locale, color_scheme=scheme)
    page.locator(".chip").first.click()
    found = Axe().run(page).response["violations"]
    serious = [
        (rule["id"], rule["nodes"][0]["html"][:200], rule["nodes"][0]["failureSummary"][:300])
        for rule in found
        if rule["impact"] in {"serious", "critical"}
    ]
    assert serious == []


@pytest.mark.parametrize("scheme", ["light", "dark"])
def test_numbers_can_be_read_on_every_step_of_a_heat_map(open_page: OpenPage, scheme: str) -> None:
    page = open_page(payload(1, 1, every=3), color_scheme=scheme)
    pairs = page.locator("[data-pair]").evaluate_all(
        "all => all.slice(0, 9).map((one, step) => { one.className = `h${step}`;"
        " const { color, backgroundColor } = getComputedStyle(one); return [color, backgroundColor]; })"
    )
    assert [contrast(*pair) >= 4.5 for pair in pairs] == [True] * 9
    assert len({paper for _, paper in pairs}) == 9


def contrast(ink: str, paper: str) -> float:
    """As WCAG 2.1 defines it."""
    darker, lighter = sorted(luminance(color) for color in (ink, paper))
    return (lighter + 0.05) / (darker + 0.05)


def luminance(color: str) -> float:
    parts = [int(part) / 255 for part in re.findall(r"\d+", color)[:3]]
    linear = [part / 12.92 if part <= 0.04045 else ((part + 0.055) / 1.055) ** 2.4 for part in parts]
    return 0.2126 * linear[0] + 0.7152 * linear[1] + 0.0722 * linear[2]


def test_prints_charts_and_all_filtered_rows(open_page: OpenPage, made: dict[str, Any]) -> None:
    page = open_page(made, "#actions=1", color_scheme="dark")
    with_actions = sum(bool(p["tags"]) for p in made["paragraphs"])
    page.evaluate(
        "addEventListener('beforeprint', () => { window.rows = document.querySelectorAll('.place').length; })"
    )
    assert page.pdf().startswith(b"%PDF")
    assert page.evaluate("window.rows") == with_actions > 50
    assert page.locator(".place").count() == 50
    page.emulate_media(media="print")
    assert page.locator(".bars").first.is_visible()
    assert page.locator("#together-table").is_visible()
    assert not page.locator("#filters").is_visible()
    assert page.evaluate("getComputedStyle(document.body).backgroundColor") == "rgb(255, 255, 255)"


def test_charts_stand_without_scripts_in_both_languages(open_page: OpenPage, made: dict[str, Any]) -> None:
    page = open_page(made, java_script_enabled=False)
    assert "应对行动报告" in page.locator("h1").inner_text()
    assert "Response actions report" in page.locator("h1").inner_text()
    assert str(made["summary"]["paragraphs"]) in page.locator(".figures").inner_text()
    assert page.locator(".bars .fill").first.is_visible()
    assert page.locator(".multiples svg").first.is_visible()
    assert "JavaScript" in page.locator(".warning").inner_text()
    assert not page.locator("#reader").is_visible()


def test_words_and_dates_may_be_missing(open_page: OpenPage) -> None:
    bare = payload(2, 2)
    for document in bare["documents"]:
        document.update(title=None, date=None)
    for label in bare["labels"]:
        label.update(zh="", en="", group="", definition_zh="", definition_en="")
    bare["groups"] = []
    for tag in (tag for paragraph in bare["paragraphs"] for tag in paragraph["tags"]):
        tag["e"] = None
    page = open_page(with_summary(bare))
    assert page.locator("#key").inner_text().startswith("没有记录依据。")
    assert page.locator("#time svg").count() == 0
    assert page.locator("#failures table").count() == 0
    assert page.locator("[data-label='0']").inner_text() == bare["labels"][0]["slug"]
    bare["labels"][1].update(zh="运沙袋", en="运沙袋")  # as labels of one's own are, which have one name
    page = open_page(bare)
    assert page.locator("[data-label='1']").inner_text() == "运沙袋"
    assert page.locator(".chip[data-slug='" + bare["labels"][1]["slug"] + "'] bdi").count() == sum(
        tag["l"] == 1 for paragraph in bare["paragraphs"] for tag in paragraph["tags"]
    )


def test_a_run_without_rows_has_a_page(open_page: OpenPage) -> None:
    page = open_page(payload(0, 0))
    assert page.locator("#count").inner_text() == "没有符合条件的段落。"
    assert page.locator("#csv").is_disabled()
