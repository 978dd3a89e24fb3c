from __future__ import annotations

import pytest
from hypothesis import given
from hypothesis import strategies as st

from responsetag.text import AlignedText, Edit


@st.composite
def text_and_edits(draw: st.DrawFn) -> tuple[str, list[Edit]]:
    text = draw(st.text(alphabet="天地玄黄ab", max_size=30))
    cuts = sorted(draw(st.lists(st.integers(0, len(text)), max_size=8)))
    spans = list(zip(cuts[::2], cuts[1::2], strict=False))
    return text, [Edit(a, b, draw(st.text(alphabet="宇宙xy", max_size=4))) for a, b in spans]


@given(text_and_edits())
def test_untouched_characters_keep_their_place(case: tuple[str, list[Edit]]) -> None:
    text, edits = case
    aligned = AlignedText(text, text).apply(edits)
    for i, character in enumerate(aligned.text):
        start, end = aligned.original_span(i, i + 1)
        assert 0 <= start <= end <= len(text)
        if character in "天地玄黄ab":  # no replacement holds these
            assert text[start:end] == character


@given(text_and_edits(), st.data())
def test_two_rounds_of_edits_point_into_the_first_text(
    case: tuple[str, list[Edit]], data: st.DataObject
) -> None:
    text, edits = case
    once = AlignedText(text, text).apply(edits)
    at = data.draw(st.integers(0, len(once.text)))
    twice = once.apply([Edit(0, at, "※")])
    assert twice.text == "※" + once.text[at:]
    for i in range(1, len(twice.text)):
        assert twice.original_span(i, i + 1) == once.original_span(at + i - 1, at + i)


@given(text_and_edits())
def test_spans_are_ordered(case: tuple[str, list[Edit]]) -> None:
    text, edits = case
    aligned = AlignedText(text, text).apply(edits)
    spans = [aligned.original_span(i, i + 1) for i in range(len(aligned.text))]
    assert spans == sorted(spans)


def test_a_replacement_stands_for_all_it_replaced() -> None:
    aligned = AlignedText("a&ldquo;b", "a&ldquo;b").apply([Edit(1, 8, "“")])
    assert aligned.text == "a“b"
    assert aligned.original_span(1, 2) == (1, 8)
    assert aligned.original_span(2, 3) == (8, 9)
    assert aligned.original_span(2, 2) == (8, 8)
    assert aligned.original_span(3, 3) == (9, 9)


def test_overlapping_edits_are_refused() -> None:
    with pytest.raises(ValueError, match="overlaps"):
        AlignedText("abc", "abc").apply([Edit(0, 2, "x"), Edit(1, 3, "y")])
