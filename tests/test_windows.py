"""Window scores against scikit-learn's own TF-IDF of each window's text."""

from __future__ import annotations

from collections import Counter

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from numpy.typing import NDArray

from responsetag.lanes import LaneTable
from responsetag.linear import WindowScorer
from responsetag.text import Segments, segment
from responsetag.tokenizer import tokenizer
from responsetag.training.features import Cutting, build_vocabulary, count_features, weigh
from responsetag.training.fit import Fitted
from responsetag.training.settings import Settings
from responsetag.vocabulary import Vocabulary, pack, runs, unpack, words
from responsetag.windows import windows

CUT = tokenizer()
CORPUS = [
    "入户排查登记返乡人员，测量体温，登记造册",
    "登记登记再登记，消毒消毒",
    "志愿者在卡口登记、测温，劝返外来车辆",
    "物资保障有力；物资供应充足，物资调运顺畅。",
    "消毒、登记、测温；排查、登记",
]
SIZES = (1, 2, 3)


@pytest.fixture(scope="module")
def vocabulary() -> Vocabulary:
    cutting = Cutting.of(segment(CORPUS), CUT)
    return build_vocabulary(cutting, np.ones(len(CORPUS), dtype=bool), Settings(min_df=1))


@pytest.fixture(scope="module", params=[0.0, 0.5, 1.0])
def scorer(vocabulary: Vocabulary, request: pytest.FixtureRequest) -> WindowScorer:
    return WindowScorer(vocabulary, *random_weights(vocabulary), request.param, SIZES, CUT)


def random_weights(vocabulary: Vocabulary) -> tuple[LaneTable, NDArray[np.float32], NDArray[np.float32]]:
    """Table, scale and bias."""
    rng = np.random.default_rng(7)
    codes = rng.integers(-127, 127, (len(vocabulary), 5), dtype=np.int8, endpoint=True)
    codes[:, -1] = rng.integers(1, 127, len(vocabulary), endpoint=True)
    scale = np.array([0.01, 0.02, 0.005, 0.01, 0.06], dtype=np.float32)
    return LaneTable(codes), scale, rng.normal(size=4).astype(np.float32)


def features(vocabulary: Vocabulary, clauses: list[str]) -> Counter[int]:
    """Feature counts of a window, straight from the definition."""
    number = {vocabulary.name(i): i for i in range(len(vocabulary.words))}
    run = {vocabulary.name(i): i for i in range(len(number), len(vocabulary))}
    found: Counter[int] = Counter()
    for clause in clauses:
        tokens = [token for token in CUT(clause) if token[0].isalnum()]
        characters = "".join(c for c in clause if c.isalnum())
        keys = [number.get(t) for t in tokens]
        keys += [run.get(characters[i : i + n]) for n in (1, 2, 3) for i in range(len(characters) - n + 1)]
        found.update(key for key in keys if key is not None)
    return found


def expected(scorer: WindowScorer, segments: Segments, first: int, last: int) -> NDArray[np.float64]:
    clauses = [segments.text[segments.starts[i] : segments.ends[i]] for i in range(first, last)]
    total, squares = np.zeros(4), 0.0
    for feature, count in features(scorer.vocabulary, clauses).items():
        tf = 1 + np.log(count)
        row = scorer.table.rows(np.array([feature]))[0] * scorer.scale.astype(np.float64)
        total += tf * row[:-1]
        squares += tf**2 * row[-1]
    result: NDArray[np.float64] = total / max(squares, 1e-6) ** (scorer.power / 2) + scorer.bias
    return result


TEXTS = st.lists(
    st.lists(
        st.sampled_from(["登记", "消毒", "排查", "物资", "，", "。", "；", "人", "“测温”", "x"]), max_size=25
    ).map("".join),
    min_size=1,
    max_size=4,
)


@settings(max_examples=60)
@given(TEXTS)
def test_every_window_has_its_sublinear_tfidf_score(scorer: WindowScorer, texts: list[str]) -> None:
    segments = segment(texts)
    for spans, raw in scorer.score_windows(segments, scorer.find(segments).features):
        margins = scorer.margins(raw)
        for i, (first, last) in enumerate(zip(*spans, strict=True)):
            assert np.allclose(margins[i], expected(scorer, segments, int(first), int(last)), atol=1e-4)


@settings(max_examples=60)
@given(TEXTS)
def test_scores_do_not_depend_on_the_batch(scorer: WindowScorer, texts: list[str]) -> None:
    together = scorer.score(segment(texts))
    apart = np.concatenate([scorer.score(segment([text])) for text in texts])
    assert np.array_equal(together, apart)


def test_scores_do_not_depend_on_a_neighbour_that_repeats_much(scorer: WindowScorer) -> None:
    # More features of one rank in a clause than may be added in 16 bits.
    neighbour = "，".join(["、".join(CORPUS).translate(str.maketrans("，；。", "、、、"))] * 2)
    rng = np.random.default_rng(3)
    for _ in range(40):
        text = "".join(rng.choice(["登记", "消毒", "排查", "物资", "，", "人员", "测温"], 40))
        assert np.array_equal(scorer.score(segment([text])), scorer.score(segment([text, neighbour]))[:1])


def test_a_feature_that_comes_ten_thousand_times(scorer: WindowScorer) -> None:
    segments = segment(["登记消毒" * 10_000])
    ((_, raw),) = scorer.score_windows(segments, scorer.find(segments).features)[:1]
    assert np.allclose(scorer.margins(raw)[0], expected(scorer, segments, 0, 1), rtol=1e-3, atol=1e-3)


def test_windows_are_all_runs_of_clauses_in_a_text() -> None:
    segments = segment(["一，二，三。四，五", "六"])
    spans = {kind: list(zip(*(a.tolist() for a in windows(segments, kind)), strict=True)) for kind in SIZES}
    assert spans[1] == [(i, i + 1) for i in range(6)]
    assert spans[2] == [(0, 2), (1, 3), (2, 4), (3, 5)]
    assert spans[3] == [(0, 3), (1, 4), (2, 5)]


def test_training_weighs_as_scoring_does(vocabulary: Vocabulary) -> None:
    idf = np.linspace(1, 3, len(vocabulary)).astype(np.float32)
    weights = np.random.default_rng(1).normal(size=(len(vocabulary), 2))
    fitted = Fitted(vocabulary, weights, idf, np.zeros(2))
    scorer = fitted.scorer(Settings(power=0.5, windows=(1,)), CUT)
    # Training's own matrices, with the weights that were stored.
    stored = scorer.table.rows(np.arange(len(vocabulary))) * scorer.scale.astype(np.float64)
    idf = np.sqrt(stored[:, -1])
    weights = stored[:, :-1] / idf[:, None]
    one_clause = [text.translate(str.maketrans("，；。", "、、、")) for text in CORPUS]
    segments = segment(one_clause)
    cutting = Cutting.of(segments, CUT)
    training = weigh(count_features(cutting, vocabulary), idf, 0.5) @ weights
    assert np.allclose(scorer.score(segments), training, atol=1e-5)


def test_runs_skip_marks_within_a_clause_and_stop_at_its_end() -> None:
    keys, at = runs(segment(["四“包”一，好"]), 2)
    assert [unpack(int(k)) for k in keys] == ["四包", "包一"]
    assert at.tolist() == [0, 1]


@given(
    st.text(
        min_size=1, max_size=3, alphabet=st.characters(exclude_categories=["Cs"], exclude_characters="\0")
    )
)
def test_runs_are_packed_without_loss(run: str) -> None:
    (key,) = pack(np.array([ord(c) for c in run], dtype=np.uint64), len(run))
    assert unpack(int(key)) == run


@given(st.lists(st.text(max_size=4), max_size=12))
def test_words_stand_where_their_tokens_do(tokens: list[str]) -> None:
    # A cut of any kind, with marks, separators and empty tokens in it.
    segments = segment(["".join(tokens)])
    found = words(segments, lambda _: tokens)
    for token, start, end in zip(found.word, *found.spans, strict=True):
        assert segments.text[start:end] == tokens[token]


def test_words_are_the_tokens_that_can_be_read() -> None:
    found = words(segment(["“党员”——登记20人!"]), CUT)
    assert [found.tokens[i] for i in found.word] == ["党员", "登记", "20", "人"]
