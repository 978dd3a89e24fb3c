from __future__ import annotations

from hypothesis import given
from hypothesis import strategies as st

from responsetag.text import segment


def clauses(*texts: str) -> list[tuple[int, int, str]]:
    s = segment(texts)
    return [(int(s.paragraph[i]), int(s.sentence[i]), s.text[s.starts[i] : s.ends[i]]) for i in range(len(s))]


def test_clauses_and_sentences() -> None:
    assert clauses("入户排查，登记；“消毒”。三天：10:30起,1,200人") == [
        (0, 0, "入户排查"),
        (0, 0, "登记"),
        (0, 1, "消毒"),
        (0, 2, "三天"),
        (0, 2, "10:30起"),
        (0, 2, "1,200人"),
    ]


def test_texts_do_not_run_into_each_other() -> None:
    assert clauses("排查", "", "——", "登记") == [(0, 0, "排查"), (3, 1, "登记")]


def test_no_text() -> None:
    assert len(segment([])) == 0
    assert len(segment(["", "……"])) == 0


@given(st.lists(st.text(alphabet="防控,，。；\n:1“” a\U00020000\ud800", max_size=30), max_size=6))
def test_a_text_is_cut_the_same_alone_and_among_others(texts: list[str]) -> None:
    together = clauses(*texts)
    apart = [(i, clause) for i, text in enumerate(texts) for _, _, clause in clauses(text)]
    assert [(p, c) for p, _, c in together] == apart
    for p in range(len(texts)):
        mine = [s for q, s, _ in together if q == p]
        alone = [s for _, s, _ in clauses(texts[p])]
        assert [s - mine[0] for s in mine] == alone if mine else not alone
