"""The report's reader in a real browser: filters, highlights, links, files."""

from __future__ import annotations

import csv
import io
import json
import re
from collections.abc import Callable
from pathlib import Path
from typing import TYPE_CHECKING, Any

import pytest
from payloads import LOW, payload, with_summary

from conftest import OpenPage
from responsetag.report import write_report

if TYPE_CHECKING:
    from playwright.sync_api import Page

Row = dict[str, Any]


@pytest.fixture
def small() -> dict[str, Any]:
    """45 paragraphs, one page of the reader, one of them failed and one empty."""
    made = payload(5, 9)
    made["paragraphs"][7].update(st="error", m="line 8: no text", t="", tags=[])
    made["paragraphs"][8].update(st="empty", t="", tags=[])
    return with_summary(made)


def shown(page: Page) -> list[str]:
    places = page.locator("#list .place").evaluate_all("all => all.map(one => one.getAttribute('href'))")
    return [str(place).removeprefix("#p=") for place in places]


def expected(made: dict[str, Any], wanted: Callable[[Row], bool]) -> list[str]:
    return [f"{p['d']}.{p['n']}" for p in made["paragraphs"] if wanted(p)]


def carries(row: Row, *labels: int) -> bool:
    return set(labels) <= {tag["l"] for tag in row["tags"]}


def check(page: Page, made: dict[str, Any], wanted: Callable[[Row], bool]) -> None:
    places = expected(made, wanted)
    assert 0 < len(places) < len(made["paragraphs"])
    page.wait_for_function(
        "n => document.querySelectorAll('#list .place').length === n", arg=len(places), timeout=5000
    )
    assert shown(page) == places
    assert page.locator("#count").inner_text().startswith(f"{len(places)} 段")


def frequent_pair(made: dict[str, Any]) -> tuple[int, int]:
    together = made["summary"]["together"]
    size = range(len(together))
    return max(((i, j) for i in size for j in size if i != j), key=lambda pair: together[pair[0]][pair[1]])


def test_shows_all_paragraphs_at_first(open_page: OpenPage, small: dict[str, Any]) -> None:
    page = open_page(small)
    assert shown(page) == expected(small, lambda _: True)
    assert page.locator("#list .paragraph.error").inner_text().startswith("8\n\n失败: line 8: no text")
    assert page.locator("#list .paragraph.empty").count() == 1


def test_filters_by_any_and_by_all_labels(open_page: OpenPage, small: dict[str, Any]) -> None:
    a, b = frequent_pair(small)
    page = open_page(small)
    page.locator(f"[data-l='{a}']").check()
    check(page, small, lambda row: carries(row, a))
    page.locator(f"[data-l='{b}']").check()
    check(page, small, lambda row: carries(row, a) or carries(row, b))
    page.locator("[name=match][value=all]").check()
    check(page, small, lambda row: carries(row, a, b))


def test_filters_by_document_score_and_text(open_page: OpenPage, small: dict[str, Any]) -> None:
    page = open_page(small)
    page.locator("#f-document").select_option("2")
    check(page, small, lambda row: row["d"] == 2)
    page.locator("#clear").click()
    page.locator("#f-score").fill("0.9")
    check(page, small, lambda row: any(tag["p"] >= 0.9 for tag in row["tags"]))
    page.locator("#clear").click()
    text = next(row["t"] for row in small["paragraphs"] if len(row["t"]) > 20)
    words = text[:3], text[-5:-1]
    page.locator("#f-text").fill(" ".join(words))
    check(page, small, lambda row: all(word in row["t"] for word in words))
    assert set(page.locator("mark.hit").all_inner_texts()) == set(words)


def test_filters_by_action_confidence_and_failure(open_page: OpenPage, small: dict[str, Any]) -> None:
    page = open_page(small)
    page.locator("#f-actions").check()
    check(page, small, lambda row: bool(row["tags"]))
    page.locator("#f-actions").uncheck()
    page.locator("#f-low").check()
    check(page, small, lambda row: any(tag["p"] < LOW for tag in row["tags"]))
    page.locator("#f-low").uncheck()
    page.locator("#show-failures").click()
    check(page, small, lambda row: row["st"] == "error")


def test_charts_filter_the_reader(open_page: OpenPage, small: dict[str, Any]) -> None:
    a, b = frequent_pair(small)
    page = open_page(small)
    page.locator(f"[data-label='{a}']").click()
    check(page, small, lambda row: carries(row, a))
    page.locator(f"[data-pair='{a} {b}']").click()
    check(page, small, lambda row: carries(row, a, b))
    assert str(small["summary"]["together"][a][b]) in page.locator("#pair").inner_text()
    first = next(row for row in small["paragraphs"] if carries(row, b))
    page.locator(f"[data-cell='{first['d']} {b}']").click()
    check(page, small, lambda row: row["d"] == first["d"] and carries(row, b))
    page.locator("[data-document='1']").click()
    check(page, small, lambda row: row["d"] == 1)


@pytest.fixture
def astral() -> dict[str, Any]:
    """Characters beyond the first plane before and inside the evidence, and a lone surrogate."""
    made = payload(1, 2)
    text = "𠮷野家😀\ud800旁，志愿者𡘙为老人送饭😷。"
    start, end = text.index("志"), text.index("。")
    words = [[start, start + 3, 0.5], [end - 3, end, 0.1]]
    tag = {"l": 13, "p": 0.55, "e": {"a": start, "b": end, "w": words}}
    made["paragraphs"][0].update(t=text, tags=[tag, {"l": 2, "p": 0.97, "e": None}])
    return with_summary(made)


def evidence(page: Page) -> str:
    return "".join(page.locator("mark.evidence").all_inner_texts())


def test_highlights_evidence_in_code_points_and_pins_it(open_page: OpenPage, astral: dict[str, Any]) -> None:
    page = open_page(astral)
    chip = page.locator(".chip").first
    assert evidence(page) == ""
    chip.hover()
    assert evidence(page) == "志愿者𡘙为老人送饭😷"
    assert page.locator(".w3").all_inner_texts() == ["志愿者"]
    assert page.locator(".w1").all_inner_texts() == ["送饭😷"]
    page.locator("h1").hover()
    assert evidence(page) == ""
    chip.click()
    page.locator("h1").hover()
    assert evidence(page) == "志愿者𡘙为老人送饭😷"
    assert chip.get_attribute("aria-pressed") == "true"
    assert "志愿者𡘙为老人送饭😷" in page.locator("#said").inner_text()
    page.locator(".chip").nth(1).hover()
    assert evidence(page) == ""
    chip.click()
    page.locator("h1").hover()
    assert evidence(page) == ""
    assert page.locator(".text").first.inner_text().startswith("𠮷野家😀U+D800旁")


def test_marks_low_confidence_by_shape_and_words(open_page: OpenPage, astral: dict[str, Any]) -> None:
    page = open_page(astral)
    low, sure = page.locator(".chip").nth(0), page.locator(".chip").nth(1)
    style = "one => getComputedStyle(one).borderTopStyle"
    assert (low.evaluate(style), sure.evaluate(style)) == ("dashed", "solid")
    assert "低把握" in (low.text_content() or "")
    assert "低把握" not in (sure.text_content() or "")


def test_a_keyboard_reaches_and_pins_a_chip(open_page: OpenPage, astral: dict[str, Any]) -> None:
    page = open_page(astral)
    page.locator("#jsonl").focus()
    for _ in range(5):
        page.keyboard.press("Tab")
        if page.evaluate("document.activeElement.matches('.chip')"):
            break
    assert evidence(page) == "志愿者𡘙为老人送饭😷"
    page.keyboard.press("Enter")
    assert page.locator(".chip").first.get_attribute("aria-pressed") == "true"
    page.locator("#together-table td[tabindex='0']").focus()
    for key in ("ArrowRight", "ArrowDown", "ArrowRight"):
        page.keyboard.press(key)
    assert page.evaluate("document.activeElement.dataset.pair") == "1 2"
    page.keyboard.press("Enter")
    assert "m=all" in page.url
    assert page.url.count("l=") == 2


def test_a_permalink_leads_back_to_its_paragraph(open_page: OpenPage) -> None:
    made = payload(30, 10)
    page = open_page(made)
    page.context.grant_permissions(["clipboard-read", "clipboard-write"])
    page.locator("#pager [data-to='1']").click()
    page.locator(".place").nth(20).click()
    page.wait_for_selector(".flash")
    link = str(page.evaluate("navigator.clipboard.readText()"))
    place = shown(page)[20]
    assert link.endswith(f"#p={place}")
    again = open_page(made, f"#p={place}")
    assert again.locator(".target .place").get_attribute("href") == f"#p={place}"
    assert again.evaluate("document.activeElement.matches('.target')")
    again.evaluate("location.hash = 'p=29.10'")
    again.wait_for_selector(".target [href='#p=29.10']")
    again.evaluate("location.hash = 'p=99.1'")
    again.wait_for_function("() => document.getElementById('said').textContent.includes('99.1')")


def test_a_permalink_wins_over_filters_that_hide_its_paragraph(
    open_page: OpenPage, small: dict[str, Any]
) -> None:
    tagged = next(i for i, row in enumerate(small["paragraphs"]) if row["tags"])
    for i, kept in ((tagged, True), (8, False)):  # the other is empty
        row = small["paragraphs"][i]
        page = open_page(small, f"#actions=1&p={row['d']}.{row['n']}")
        assert page.locator(".target").get_attribute("data-i") == str(i)
        assert page.locator("#f-actions").is_checked() == kept
        assert ("actions=1" in page.url) == kept


def test_documents_are_sorted_as_asked(open_page: OpenPage) -> None:
    made = payload(30, 4)
    page = open_page(made)
    tags = [sum(len(p["tags"]) for p in made["paragraphs"] if p["d"] == d) for d in range(30)]
    dates = [document["date"] or "9999" for document in made["documents"]]
    for key, order in (("date", lambda d: dates[d]), ("tags", lambda d: -tags[d]), ("order", lambda d: d)):
        page.locator("#matrix-sort").select_option(key)
        rows = page.locator("[data-document]").evaluate_all("all => all.map(one => +one.dataset.document)")
        assert rows == sorted(range(30), key=order), key
    page = open_page(payload(1, 60))
    assert "…" not in page.locator("#list h3").inner_text()
    page.locator("#pager [data-to='1']").click()
    assert "…" in page.locator("#list h3").inner_text()


def test_a_filter_begins_at_the_first_page(open_page: OpenPage) -> None:
    made = payload(30, 10)
    page = open_page(made, "#p=15.3")
    page.locator("#f-actions").check()
    assert shown(page) == expected(made, lambda row: bool(row["tags"]))[:50]
    assert page.url.endswith("#actions=1")


def test_rows_of_one_number_have_links_of_their_own(open_page: OpenPage) -> None:
    made = payload(2, 2)
    made["paragraphs"][1]["n"] = 1
    page = open_page(made, "#p=0.1.2")
    assert shown(page) == ["0.1", "0.1.2", "1.1", "1.2"]
    assert page.locator(".target").get_attribute("data-i") == "1"


def test_what_is_being_typed_stays(open_page: OpenPage, small: dict[str, Any]) -> None:
    page = open_page(small)
    score = page.locator("#f-score")
    score.press_sequentially("0.05", delay=200)  # slower than the filter waits
    page.wait_for_function("() => location.hash === '#s=0.05'")
    assert score.input_value() == "0.05"
    score.fill("7")
    score.blur()
    assert score.input_value() == "1"
    page.locator("#clear").click()
    assert score.input_value() == ""
    keyboard = page.context.new_cdp_session(page)
    page.locator("#f-text").focus()
    keyboard.send("Input.imeSetComposition", {"text": "zhi'yuan", "selectionStart": 8, "selectionEnd": 8})
    page.wait_for_timeout(300)
    assert page.locator("#count").inner_text().startswith(f"{len(small['paragraphs'])} 段")
    keyboard.send("Input.insertText", {"text": "志愿"})
    check(page, small, lambda row: "志愿" in row["t"])


def test_filters_are_kept_in_the_address(open_page: OpenPage, small: dict[str, Any]) -> None:
    page = open_page(small)
    page.locator("#f-text").fill("消毒")
    page.wait_for_function("() => location.hash.includes('q=')")
    page.locator("#f-actions").check()
    again = open_page(small, "#" + page.url.split("#")[1])
    assert again.locator("#f-text").input_value() == "消毒"
    assert again.locator("#f-actions").is_checked()
    check(again, small, lambda row: "消毒" in row["t"] and bool(row["tags"]))
    a, b = frequent_pair(small)
    one, other = (small["labels"][label]["slug"] for label in (a, b))
    check(open_page(small, f"#l={one}&l={other}&m=all"), small, lambda row: carries(row, a, b))
    check(open_page(small, "#d=2"), small, lambda row: row["d"] == 2)
    check(open_page(small, "#s=0.9"), small, lambda row: any(tag["p"] >= 0.9 for tag in row["tags"]))
    check(open_page(small, "#low=1"), small, lambda row: any(tag["p"] < LOW for tag in row["tags"]))
    check(open_page(small, "#failures=1"), small, lambda row: row["st"] == "error")


def test_downloads_are_the_filtered_rows(open_page: OpenPage, astral: dict[str, Any]) -> None:
    astral["documents"][0].update(name="=cmd()", title='@title,"quoted"')
    astral["paragraphs"][1].update(t="+1\n-2", m="＝1", tags=[{"l": 2, "p": 0.5, "e": None}])
    page = open_page(astral)
    raw = saved(page, "#csv")
    assert raw.startswith(b"\xef\xbb\xbf")
    rows = list(csv.DictReader(io.StringIO(raw.decode("utf-8-sig"), newline="")))
    assert [row["document"] for row in rows] == ["'=cmd()"] * 2
    assert rows[0]["title"] == '\'@title,"quoted"'
    assert rows[1]["text"] == "'+1\n-2"
    assert rows[1]["message"] == "'＝1"
    assert rows[0]["labels"].split(";") == [astral["labels"][13]["slug"], astral["labels"][2]["slug"]]
    assert rows[0]["evidence"] == "志愿者𡘙为老人送饭😷;"
    page.locator("[data-l='13']").check()
    page.wait_for_function("() => document.querySelectorAll('#list .place').length === 1")
    (row,) = [json.loads(line) for line in saved(page, "#jsonl").decode().splitlines()]
    assert row["text"] == astral["paragraphs"][0]["t"]
    found = row["evidence"][astral["labels"][13]["slug"]]
    assert row["text"][found["start"] - row["start"] : found["end"] - row["start"]] == found["text"]
    assert (row["document"], row["status"]) == ("=cmd()", "ok")


def test_a_download_is_a_finished_run(open_page: OpenPage, astral: dict[str, Any], tmp_path: Path) -> None:
    astral["run"]["models"].append({"name": "mine", "version": "2.0.0", "digest": None})
    astral["paragraphs"][0].update(id="=7")
    astral["paragraphs"][1].update(id="8", mo=1, t="＝1+1", tags=[])
    page = open_page(astral)
    assert "=7" in page.locator("[data-i='0'] .about").inner_text()
    for name in ("jsonl", "csv"):
        file = tmp_path / f"download.{name}"
        file.write_bytes(saved(page, f"#{name}"))
        write_report([file], tmp_path / "again.html", model="./no-such-model")
        block = re.search(
            r'id="data">(.*?)</script>', (tmp_path / "again.html").read_text("utf-8"), re.DOTALL
        )
        assert block
        again = json.loads(block[1])
        assert [(m["name"], m["version"]) for m in again["run"]["models"]] == [
            ("zh-response", "1.1.0"),
            ("mine", "2.0.0"),
        ]
        assert [d["name"] for d in again["documents"]] == [d["name"] for d in astral["documents"]]
        for old, new in zip(astral["paragraphs"], again["paragraphs"], strict=True):
            if name == "csv":  # which has no words, and no lone surrogates
                old["t"] = old["t"].replace("\ud800", "\ufffd")
            else:
                assert [t["e"] and t["e"]["w"] for t in new["tags"]] == [
                    t["e"] and t["e"]["w"] for t in old["tags"]
                ]
            assert {key: new[key] for key in ("n", "id", "s", "t", "mo")} == {
                key: old[key] for key in ("n", "id", "s", "t", "mo")
            }
            assert [places(again, tag) for tag in new["tags"]] == [places(astral, tag) for tag in old["tags"]]


def places(made: dict[str, Any], tag: Row) -> tuple[object, ...]:
    evidence = tag["e"] and (tag["e"]["a"], tag["e"]["b"])
    return made["labels"][tag["l"]]["slug"], tag["p"], evidence


def saved(page: Page, button: str) -> bytes:
    with page.expect_download() as download:
        page.locator(button).click()
    return Path(download.value.path()).read_bytes()


def test_twenty_thousand_paragraphs_stay_usable(open_page: OpenPage) -> None:
    made = payload(2000, 10)
    page = open_page(made)
    assert page.locator("#list .place").count() == 50
    assert page.locator("#matrix-table tbody tr").count() == 40
    page.locator("#f-text").fill("志愿者 抢修")
    wanted = expected(made, lambda row: "志愿者" in row["t"] and "抢修" in row["t"])
    page.wait_for_function(
        "n => document.getElementById('count').textContent.startsWith(n)", arg=f"{len(wanted):,}"
    )
    assert shown(page) == wanted[:50]
    page.locator("#pager [data-to='1']").click()
    assert shown(page) == wanted[50:100]
