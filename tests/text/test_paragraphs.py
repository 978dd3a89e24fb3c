from __future__ import annotations

from itertools import pairwise

from hypothesis import given
from hypothesis import strategies as st

from responsetag.text import paragraphs


def cut(text: str, *, markdown: bool = False) -> list[str]:
    return [text[a:b] for a, b in paragraphs(text, markdown=markdown)]


def test_lines_are_paragraphs() -> None:
    assert cut("标题\r\n\r\n  第一段。\n　　第二段。\u2028第三段") == [
        "标题",
        "第一段。",
        "第二段。",
        "第三段",
    ]


def test_blank_text_has_none() -> None:
    assert cut(" \n\u3000\n\ufeff\n") == []


FLAT = (
    "柳河镇筑牢三道防线    镇里连夜开会，成立了由书记任组长的领导小组，分片包干到户到人。    "
    "第一道防线设在路口，党员民兵轮班值守，过往车辆逐一登记测温，外地车辆劝返。    "
    "“缺什么在群里喊一声。”网格员说，镇上的大喇叭每天三遍讲防疫知识，家家都听得见。"
)


def test_runs_of_spaces_stand_for_line_breaks_in_a_flattened_page() -> None:
    found = cut(FLAT)
    assert len(found) == 4
    assert found[0] == "柳河镇筑牢三道防线"
    assert found[3].startswith("“缺什么")


def test_a_byline_keeps_its_spaces() -> None:
    assert cut("2020-02-10 10:19:25  来源:   编辑:张三") == ["2020-02-10 10:19:25  来源:   编辑:张三"]


def test_a_gap_inside_brackets_is_no_break() -> None:
    line = (
        "信报讯（记者 王某  通讯员 李某）"
        + "面对疫情，全镇干部闻令而动。" * 10
        + "大家都很安心。  "
        + "群众说好。"
    )
    assert cut(line)[0].startswith("信报讯（记者 王某  通讯员 李某）面对")


def test_markdown_joins_lines_and_keeps_blocks_apart() -> None:
    text = "# 通知\n各村（社区）要\n落实值守。\n\n- 登记\n- 测温\n  并上报\n> 引文\n"
    assert cut(text, markdown=True) == [
        "# 通知",
        "各村（社区）要\n落实值守。",
        "- 登记",
        "- 测温\n  并上报",
        "> 引文",
    ]


@given(st.text(alphabet="甲乙。，（）( )\n\r\t\u3000 #-1.>", max_size=300), st.booleans())
def test_nothing_but_white_space_is_lost(text: str, markdown: bool) -> None:
    spans = paragraphs(text, markdown=markdown)
    kept = "".join(text[a:b] for a, b in spans)
    assert "".join(kept.split()) == "".join(text.split())
    assert all(a < b for a, b in spans)
    assert all(x.end <= y.start for x, y in pairwise(spans))
    assert all(text[a:b] == text[a:b].strip() for a, b in spans)


@given(st.integers(2, 8), st.lists(st.integers(45, 90), min_size=3, max_size=6))
def test_flattening_is_undone(gap: int, lengths: list[int]) -> None:
    lines = ["值" * n + "。" for n in lengths]
    assert cut((" " * gap).join(lines)) == lines
