from __future__ import annotations

import json
from pathlib import Path

import numpy as np
import pytest

from conftest import Run
from responsetag import InputError, Tagger, suggest
from responsetag.selection import Selector
from responsetag.selection.diversity import NEAR_DUPLICATE
from responsetag.selection.doubt import doubt, expected_errors


@pytest.fixture(scope="module")
def pool(sentences: list[str]) -> list[str]:
    return ["".join(sentences[i : i + 3]) for i in range(0, 3000, 3)]


def test_suggestions_are_unsure_and_differ(tagger: Tagger, pool: list[str]) -> None:
    found = suggest(tagger, pool, 30)
    assert [s.rank for s in found] == list(range(1, 31))
    assert [s.text for s in found] == [pool[s.key] for s in found]
    scores = tagger.predict_proba(pool)
    errors = expected_errors(doubt(scores, tagger.decide(scores)))
    assert all(s.reason.expected_errors == pytest.approx(errors[s.key]) for s in found)
    assert min(errors[[s.key for s in found]]) > np.quantile(errors, 0.9)
    vectors = tagger.term_weights([s.text for s in found])
    dense = np.zeros((30, vectors.feature.max() + 1))
    dense[vectors.row, vectors.feature] = vectors.weight
    cosine = dense @ dense.T
    assert np.diag(cosine) == pytest.approx(1)
    for i, suggestion in enumerate(found[1:], 1):
        assert suggestion.reason.similarity < NEAR_DUPLICATE
        assert suggestion.reason.similarity == pytest.approx(cosine[i, :i].max())
        nearest = suggestion.reason.nearest
        assert nearest is not None
        assert cosine[i, nearest - 1] == pytest.approx(suggestion.reason.similarity)
    for suggestion in found:
        label, score, threshold = suggestion.reason.doubts[0]
        assert score == pytest.approx(scores[suggestion.key, tagger.labels.index(label)])
        assert threshold == tagger.thresholds[label]
        assert label in str(suggestion.reason)
        assert suggestion.labels == tuple(np.array(tagger.labels)[tagger.decide(scores)[suggestion.key]])


def test_expected_errors_are_what_scores_say() -> None:
    scores = np.array([[0.9, 0.4, 0.4], [0.0, 1.0, 0.5]])
    given = np.array([[True, True, False], [False, True, True]])
    assert expected_errors(doubt(scores, given)) == pytest.approx([0.1 + 0.6 + 0.4, 0.5])


def test_near_duplicates_never_come_together(tagger: Tagger, pool: list[str]) -> None:
    first = suggest(tagger, pool, 5)[0].text
    reprint = f"{first}（记者 王某）"
    found = suggest(tagger, [first, reprint, f" {first}", first, *pool[:40]], 44)
    assert len([s for s in found if s.key < 4]) == 1
    assert len({s.text for s in found}) == len(found)


def test_the_same_texts_give_the_same_suggestions(tagger: Tagger, pool: list[str]) -> None:
    keys = [s.key for s in suggest(tagger, pool, 20)]
    assert keys == [s.key for s in suggest(tagger, iter(pool), 20)]
    selector: Selector[str] = Selector(tagger, 20)
    for start in range(0, len(pool), 7):
        part = pool[start : start + 7]
        selector.add([f"row {start + i}" for i in range(len(part))], part)
    assert [s.key for s in selector.select()] == [f"row {key}" for key in keys]


def test_what_is_not_suggested(tagger: Tagger, pool: list[str]) -> None:
    first = suggest(tagger, pool, 3)[0]
    found = suggest(tagger, ["……", "", *pool], len(pool) + 9, labelled=[first.text])
    assert {"……", "", first.text}.isdisjoint(s.text for s in found)
    assert 900 < len(found) <= len(pool)
    assert suggest(tagger, [], 3) == []
    with pytest.raises(InputError, match="n must be 1"):
        suggest(tagger, pool, 0)
    with pytest.raises(InputError, match="texts is a single text"):
        suggest(tagger, "消毒")
    with pytest.raises(InputError, match="labelled is a single text"):
        suggest(tagger, ["消毒"], labelled="消毒")
    with pytest.raises(InputError, match="per must be one of paragraph, character"):
        suggest(tagger, pool, 1, per="word")  # type: ignore[arg-type]
    with pytest.raises(InputError, match="NoneType"):
        suggest(tagger, [None])  # type: ignore[list-item]


def test_memory_does_not_grow_with_the_input(tagger: Tagger, pool: list[str]) -> None:
    selector: Selector[int] = Selector(tagger, 5)
    for turn in range(5):
        selector.add(range(len(pool)), [f"{text}第{turn}次" for text in pool])
        assert len(selector._kept) < 4500  # twice those that the choice is made from, and a batch
    assert selector.seen == 5 * len(pool)
    assert len(selector.select()) == 5


def test_by_the_character_shorter_ones_come(tagger: Tagger, pool: list[str]) -> None:
    lengths = {
        per: np.mean([len(s.text) for s in suggest(tagger, pool, 30, per=per)])
        for per in ("paragraph", "character")
    }
    assert lengths["character"] < lengths["paragraph"]


def test_the_command_and_what_goes_on_from_it(run: Run, tmp_path: Path, pool: list[str]) -> None:
    (tmp_path / "page.txt").write_text("\n\n".join(pool[:30]), encoding="utf-8")
    lines = [json.dumps({"id": f"r{i}", "text": text}) for i, text in enumerate(pool[30:60])]
    (tmp_path / "rows.jsonl").write_text("\n".join([*lines, "broken"]), encoding="utf-8")
    done = run("suggest", "page.txt", "rows.jsonl", "-n", "12", "-o", "next.jsonl")
    assert done.returncode == 1
    assert "rows.jsonl:31: is not JSON" in done.stderr.decode()
    assert "12 of 60 paragraphs" in done.stderr.decode()
    rows = [json.loads(line) for line in (tmp_path / "next.jsonl").read_text(encoding="utf-8").splitlines()]
    assert [row["rank"] for row in rows] == list(range(1, 13))
    assert {row["document"] for row in rows} == {"page.txt", "rows.jsonl"}
    assert all(row["reason"].startswith("unsure about ") for row in rows)
    assert rows[0].keys() >= {
        "id",
        "paragraph",
        "start",
        "end",
        "labels",
        "doubts",
        "expected_errors",
        "model",
    }
    done = run(
        "suggest", "page.txt", "rows.jsonl", "--labelled", "next.jsonl", "-n", "60", "-o", "more.jsonl"
    )
    more = [json.loads(line) for line in (tmp_path / "more.jsonl").read_text(encoding="utf-8").splitlines()]
    assert not {row["text"] for row in more} & {row["text"] for row in rows}
    done = run("annotate", "export", "next.jsonl", "--to", "label-studio", "-o", "tasks.json")
    assert done.returncode == 0, done.stderr
    tasks = json.loads((tmp_path / "tasks.json").read_text(encoding="utf-8"))
    kept = ("paragraph", "start", "end", "text")
    assert [[task["data"][key] for key in kept] for task in tasks] == [
        [row[key] for key in kept] for row in rows
    ]
    assert [task["data"]["paragraph_id"] for task in tasks] == [row["id"] for row in rows]


@pytest.mark.parametrize(
    ("arguments", "said"),
    [
        (["-o", "out.jsonl"], "Missing argument"),
        (["in.jsonl", "-o", "in.jsonl"], "named as input and as output"),
        (["in.jsonl", "-n", "0", "-o", "out.jsonl"], "Invalid value for '-n'"),
        (["in.jsonl", "-o", "nowhere/out.jsonl"], "cannot be written"),
        (["in.jsonl", "--labelled", "gone.jsonl", "-o", "out.jsonl"], "--labelled: "),
    ],
)
def test_wrong_use_of_the_command(run: Run, tmp_path: Path, arguments: list[str], said: str) -> None:
    (tmp_path / "in.jsonl").write_text('{"text": "县里调运大米。"}\n', encoding="utf-8")
    done = run("suggest", *arguments)
    assert done.returncode == 2
    assert said in done.stderr.decode()
    assert not (tmp_path / "out.jsonl").exists()
