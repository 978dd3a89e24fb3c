from __future__ import annotations

import dataclasses
import math
import pickle
from pathlib import Path

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st

import responsetag
from responsetag import Tagger
from responsetag.evidence import best_windows, character_sums
from responsetag.text import normalize, segment

PARAGRAPH = "志願者(zhě)在卡口測溫登記(jì)，&ldquo;勸返&rdquo;外來車輛；為居家隔離群眾代購配送生活用品。去年我縣糧食總產再創新高。"


def test_labels_come_in_score_order_with_names(tagger: Tagger) -> None:
    tagging = tagger.tag(PARAGRAPH)
    assert {"volunteer_mobilisation", "access_control", "resident_care"} <= set(tagging.labels)
    scores = [tag.score for tag in tagging.tags]
    assert scores == sorted(scores, reverse=True)
    assert all(tagging.scores[tag.label] == tag.score for tag in tagging.tags)
    assert tuple(tagging.scores) == tagger.labels
    assert all(tag.score >= tagger.thresholds[tag.label] for tag in tagging.tags)
    assert all(
        tagging.scores[label] < tagger.thresholds[label] for label in set(tagger.labels) - set(tagging.labels)
    )
    assert tagging.tags[0].name == tagger.names[tagging.tags[0].label]
    assert tagging.model == tagger.info
    assert tagging.status == "ok"


def test_evidence_lies_in_the_original_text(tagger: Tagger) -> None:
    for tag in tagger.tag(PARAGRAPH).tags:
        assert tag.evidence is not None
        assert PARAGRAPH[tag.evidence.start : tag.evidence.end] == tag.evidence.text
        assert tag.evidence.words
        for word in tag.evidence.words:
            assert tag.evidence.start <= word.start < word.end <= tag.evidence.end
            assert normalize(PARAGRAPH[word.start : word.end]).text.startswith(word.text[0])
        weights = [word.weight for word in tag.evidence.words]
        assert weights == sorted(weights, reverse=True)
        assert "粮食" not in {word.text for word in tag.evidence.words}


def log_odds(score: float) -> float:
    return math.log(score / (1 - score))


def test_the_parts_of_evidence_add_up_to_its_score(tagger: Tagger, sentences: list[str]) -> None:
    glossed = "全鎮(zhèn)黨員(yuán)幹部,,連夜入戶排查返鄉(xiāng)人員(yuán)，開展消毒C++"
    texts = [
        PARAGRAPH,
        glossed,
        "消毒消毒消毒，登记",
        "C#",
        *("".join(sentences[i : i + 4]) for i in range(200)),
    ]
    seen = 0
    for tagging in tagger.tag_many(texts, min_score=1e-4):
        for tag in tagging.tags:
            evidence = tag.evidence
            assert evidence is not None
            # The span alone has the score that it is said to have, and here the label's.
            assert evidence.score == tag.score
            total = evidence.base + evidence.rest + sum(word.weight for word in evidence.words)
            if tag.score < 0.9999:
                assert total == pytest.approx(log_odds(tag.score), abs=1e-3)
                seen += 1
            assert 1 / (1 + math.exp(-total)) == pytest.approx(tag.score, abs=1e-5)
            assert sum(word.share for word in evidence.words) <= 1 + 1e-9
            shares = [word.share for word in evidence.words]
            weights = [word.weight for word in evidence.words]
            assert all(share > 0 for share in shares)
            assert [share * weights[0] for share in shares] == pytest.approx([w * shares[0] for w in weights])
    assert seen > 1000


def test_a_span_alone_has_the_score_it_is_said_to_have(tagger: Tagger, sentences: list[str]) -> None:
    texts = ["".join(sentences[i : i + 4]) for i in range(0, 400, 4)]
    tags = [tag for tagging in tagger.tag_many(texts) for tag in tagging.tags]
    spans = [tag.evidence.text for tag in tags if tag.evidence]
    assert len(spans) > 50
    for tag, alone in zip(tags, tagger.tag_many(spans, evidence=False), strict=True):
        assert alone.scores[tag.label] == pytest.approx(tag.score, abs=1e-5)


def test_evidence_points_at_the_sentence_that_says_it(tagger: Tagger) -> None:
    text = "今天天气晴好。消防救援人员转移被困群众三百人。市里举行了油菜花节。"
    (tag,) = tagger.tag(text).tags
    assert tag.label == "rescue_evacuation"
    assert tag.evidence is not None
    assert "转移被困群众" in tag.evidence.text
    assert "天气" not in tag.evidence.text


def test_a_word_that_ends_in_marks_can_stand_last(tagger: Tagger) -> None:
    # jieba knows C++ and C#, and neither + nor # is a character that words are made of.
    for text in ("开展消毒消杀C++", "开展消毒消杀C#，登记", "C++", "会c++。消毒C++"):
        for tag in tagger.tag(text, min_score=0.0).tags:
            assert tag.evidence is not None
            assert all(w.start < w.end <= tag.evidence.end for w in tag.evidence.words)
    together = list(tagger.tag_many(["开展消毒消杀C#", "开展消毒消杀。"]))
    assert together == [tagger.tag("开展消毒消杀C#"), tagger.tag("开展消毒消杀。")]


def test_the_parts_of_characters_add_up_to_the_margin(tagger: Tagger, sentences: list[str]) -> None:
    scorer = tagger._scorer
    texts = [
        PARAGRAPH,
        "消毒消毒消毒，登记",
        "开展消毒C++",
        "C#",
        *("".join(sentences[i : i + 3]) for i in range(0, 60, 3)),
    ]
    segments = segment([normalize(text).text for text in texts])
    found = scorer.find(segments)
    scored = scorer.score_windows(segments, found.features)
    n, labels = len(texts), len(tagger.labels)
    text, label = np.repeat(np.arange(n), labels), np.tile(np.arange(labels), n)
    shown = best_windows(segments, scored, text, label)
    total, shift = character_sums(scorer, segments, found, shown)
    parts = total[segments.ends[shown.last - 1] + shift] - total[segments.starts[shown.first] + shift]
    assert np.allclose(parts + scorer.bias[label], scorer.best(segments, scored)[text, label], atol=1e-4)


def test_nothing_to_judge_is_empty(tagger: Tagger) -> None:
    for text in ("", "  \n", "……", "\u200b", "——！"):
        tagging = tagger.tag(text)
        assert (tagging.status, tagging.labels) == ("empty", ())
        assert set(tagging.scores.values()) == {0.0}
        assert tagger.tag(text, min_score=0.0).labels == ()


def test_unknown_words_give_no_label(tagger: Tagger) -> None:
    assert tagger.tag("Ωψξ").labels == ()
    assert tagger.tag("Ωψξ").status == "ok"


def test_min_score_replaces_the_thresholds(tagger: Tagger) -> None:
    everything = tagger.tag(PARAGRAPH, min_score=0.0)
    assert len(everything.labels) == len(tagger.labels)
    assert all(tag.evidence for tag in everything.tags)
    assert len(tagger.tag(PARAGRAPH, min_score=0.99).labels) < len(tagger.tag(PARAGRAPH).labels)


def test_results_are_frozen_and_plain_data(tagger: Tagger) -> None:
    import json

    tagging = tagger.tag(PARAGRAPH)
    with pytest.raises(dataclasses.FrozenInstanceError):
        tagging.text = "x"  # type: ignore[misc]
    with pytest.raises(TypeError):
        tagging.scores["donation"] = 1.0  # type: ignore[index]
    with pytest.raises(KeyError):
        tagging.scores["flying"]
    assert hash(tagging) == hash(tagger.tag(PARAGRAPH))
    assert dict(tagging.scores) == {label: tagging.scores[label] for label in tagger.labels}
    content = json.loads(json.dumps(tagging.as_dict()))
    assert content["labels"] == list(tagging.labels)
    assert content["model"]["digest"] == tagger.info.digest


def test_many_come_back_once_and_in_order(tagger: Tagger, sentences: list[str]) -> None:
    texts = ["", *sentences[:400], "……", *sentences[400:500]]
    together = list(tagger.tag_many(iter(texts)))
    assert [tagging.text for tagging in together] == texts
    for text, tagging in list(zip(texts, together, strict=True))[::25]:
        assert tagger.tag(text) == tagging
    scores = tagger.predict_proba(texts)
    assert np.array_equal(scores, [list(tagging.scores.values()) for tagging in together])
    given_labels = tagger.predict(texts)
    assert [set(tagging.labels) for tagging in together] == [
        {label for label, yes in zip(tagger.labels, row, strict=True) if yes} for row in given_labels
    ]


def test_what_is_no_text_is_said(tagger: Tagger, tmp_path: Path) -> None:
    found = list(tagger.tag_many(["消毒", None, "排查"]))  # type: ignore[list-item]
    assert [tagging.status for tagging in found] == ["ok", "error", "ok"]
    assert found[1].message == "is NoneType, not a text"
    with pytest.raises(responsetag.InputError, match="text is int"):
        tagger.tag(5)  # type: ignore[arg-type]
    with pytest.raises(responsetag.InputError, match="item 1 is float"):
        tagger.predict_proba(["消毒", 1.5])  # type: ignore[list-item]
    with pytest.raises(responsetag.InputError, match="one text was given"):
        tagger.tag_many("消毒")
    with pytest.raises(responsetag.InputError, match="one text was given"):
        tagger.predict_proba("消毒")
    with pytest.raises(responsetag.InputError, match="min_score"):
        tagger.tag("消毒", min_score=2.0)
    (tmp_path / "rows.csv").touch()
    with pytest.raises(responsetag.InputError, match="is a table"):
        tagger.tag_document(tmp_path / "rows.csv")


def test_texts_may_come_from_anything_that_gives_them(tagger: Tagger) -> None:
    texts = ["消毒", "排查", PARAGRAPH]
    assert np.array_equal(tagger.predict_proba(text for text in texts), tagger.predict_proba(texts))
    assert np.array_equal(tagger.predict(iter(texts)), tagger.predict(texts))


def test_no_text_at_all(tagger: Tagger) -> None:
    assert list(tagger.tag_many([])) == []
    assert tagger.predict_proba([]).shape == (0, len(tagger.labels))
    assert tagger.tag_document("").paragraphs == ()


@given(st.text(max_size=80))
def test_any_text_can_be_tagged(tagger: Tagger, text: str) -> None:
    tagging = tagger.tag(text)
    assert tagging.text == text
    assert all(0 <= score <= 1 for score in tagging.scores.values())
    for tag in tagger.tag(text, min_score=0.0).tags:
        assert tag.evidence is not None
        assert text[tag.evidence.start : tag.evidence.end] == tag.evidence.text


def test_a_document_keeps_offsets(tagger: Tagger, tmp_path: Path) -> None:
    text = f"首页 > 新闻\n\n  {PARAGRAPH}\n分享到：\n"
    file = tmp_path / "page.txt"
    file.write_bytes(text.encode("gb18030"))
    from_text, from_file = tagger.tag_document(text), tagger.tag_document(file)
    assert from_text.paragraphs == from_file.paragraphs
    assert from_file.encoding == "gb18030"
    assert [p.text for p in from_file.paragraphs] == ["首页 > 新闻", PARAGRAPH, "分享到："]
    for paragraph in from_file.paragraphs:
        assert text[paragraph.start : paragraph.end] == paragraph.text
        for tag in paragraph.tags:
            assert tag.evidence is not None
            assert text[tag.evidence.start : tag.evidence.end] == tag.evidence.text
            assert paragraph.start <= tag.evidence.start < tag.evidence.end <= paragraph.end
    assert from_file.as_dict()["paragraphs"][1]["labels"] == list(from_file.paragraphs[1].labels)


def test_a_tagger_can_be_sent_to_a_worker(tagger: Tagger) -> None:
    again = pickle.loads(pickle.dumps(tagger))
    assert again.tag(PARAGRAPH) == tagger.tag(PARAGRAPH)


def test_the_public_names_are_these() -> None:
    assert sorted(responsetag.__all__) == [
        "ArgumentError",
        "CorpusError",
        "Evidence",
        "FloorError",
        "InputError",
        "Label",
        "MissingExtraError",
        "ModelError",
        "ModelInfo",
        "OutputError",
        "ResponseTagError",
        "ResumeError",
        "Scores",
        "Suggestion",
        "Tag",
        "TaggedDocument",
        "Tagger",
        "Tagging",
        "Taxonomy",
        "TaxonomyError",
        "WordWeight",
        "WorkerError",
        "load",
        "load_taxonomy",
        "models",
        "suggest",
    ]
    assert all(hasattr(responsetag, name) for name in responsetag.__all__)
