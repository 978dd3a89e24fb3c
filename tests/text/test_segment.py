from __future__ import annotations

from hypothesis import given
from hypothesis import strategies as st

from responsetag.text import segment


def clauses(*texts: str) -> list[tuple[int, str]]:
    s = segment(texts)
    return [(int(s.paragraph[i]), s.text[s.starts[i] : s.ends[i]]) for i in range(len(s))]


def test_clauses() -> None:
    assert clauses("入户排查，登记；“消毒”。三天：10:30起,1,200人") == [
        (0, "入户排查"),
        (0, "登记"),
        (0, "消毒"),
        (0, "三天"),
        (0, "10:30起"),
        (0, "1,200人"),
    ]


def test_texts_do_not_run_into_each_other() -> None:
    assert clauses("排查", "", "——", "登记") == [(0, "排查"), (3, "登记")]


def test_no_text() -> None:
    assert len(segment([])) == 0
    assert len(segment(["", "……"])) == 0


@given(st.lists(st.text(alphabet="防控,，。；\n:1“” a\U00020000\ud800", max_size=30), max_size=6))
def test_a_text_is_cut_the_same_alone_and_among_others(texts: list[str]) -> None:
    apart = [(i, clause) for i, text in enumerate(texts) for _, clause in clauses(text)]
    assert clauses(*texts) == apart
