"""The shipped models' golden predictions over every entry point."""

from __future__ import annotations

import json
from collections.abc import Mapping
from pathlib import Path
from typing import Any

import pytest

import responsetag
from conftest import Run
from responsetag import Tagger
from responsetag.tokenizer import tokenizer

TOLERANCE = 1e-4  # golden scores have four digits


def golden(info: responsetag.ModelInfo) -> list[dict[str, Any]]:
    lines = (Path(info.path) / "golden.jsonl").read_text(encoding="utf-8").splitlines()
    return [json.loads(line) for line in lines]


@pytest.fixture(params=responsetag.models(), ids=lambda info: f"{info.name}-{info.version}")
def replay(request: pytest.FixtureRequest) -> tuple[Tagger, list[dict[str, Any]]]:
    info = request.param
    return responsetag.load(info.name, version=info.version), golden(info)


def agrees(scores: Mapping[str, float], row: dict[str, Any]) -> bool:
    return all(abs(scores[label] - score) <= TOLERANCE for label, score in row["scores"].items())


def test_golden_rows_cover_every_label(replay: tuple[Tagger, list[dict[str, Any]]]) -> None:
    tagger, rows = replay
    assert {label for row in rows for label in row["labels"]} == set(tagger.labels)
    assert {row["status"] for row in rows} == {"ok", "empty"}


def test_one_by_one_and_many(replay: tuple[Tagger, list[dict[str, Any]]]) -> None:
    tagger, rows = replay
    many = tagger.tag_many(row["text"] for row in rows)
    for row, tagging in zip(rows, many, strict=True):
        assert list(tagging.labels) == row["labels"]
        assert tagging.status == row["status"]
        assert agrees(tagging.scores, row)
        assert tagger.tag(row["text"]) == tagging


def test_scores_without_evidence(replay: tuple[Tagger, list[dict[str, Any]]]) -> None:
    tagger, rows = replay
    scores = tagger.predict_proba([row["text"] for row in rows])
    for row, values in zip(rows, scores, strict=True):
        assert agrees(dict(zip(tagger.labels, values, strict=True)), row)


def test_a_document(replay: tuple[Tagger, list[dict[str, Any]]]) -> None:
    tagger, rows = replay
    rows = [row for row in rows if row["text"].strip() and "\n" not in row["text"]]
    document = tagger.tag_document("\n".join(row["text"] for row in rows))
    assert [list(p.labels) for p in document.paragraphs] == [row["labels"] for row in rows]


def test_jieba_in_place_of_rjieba(
    replay: tuple[Tagger, list[dict[str, Any]]], monkeypatch: pytest.MonkeyPatch
) -> None:
    _, rows = replay
    monkeypatch.setattr("responsetag.tagger.tokenizer", lambda: tokenizer("jieba"))
    tagger = Tagger(replay[0]._model)
    for row, tagging in zip(rows, tagger.tag_many(row["text"] for row in rows), strict=True):
        assert list(tagging.labels) == row["labels"]
        assert agrees(tagging.scores, row)


@pytest.mark.parametrize("form", ["jsonl", "csv"])
def test_the_command_line(
    replay: tuple[Tagger, list[dict[str, Any]]], run: Run, tmp_path: Path, form: str
) -> None:
    tagger, rows = replay
    if form == "jsonl":
        content = "".join(json.dumps({"text": row["text"]}, ensure_ascii=False) + "\n" for row in rows)
    else:
        import csv
        import io

        out = io.StringIO()
        csv.writer(out).writerows([["text"], *([row["text"]] for row in rows)])
        content = out.getvalue()
    (tmp_path / f"in.{form}").write_text(content, encoding="utf-8", newline="")
    done = run("tag", f"in.{form}", "--model", tagger.info.name, "--model-version", tagger.info.version)
    assert done.returncode == 0, done.stderr.decode()
    result = [json.loads(line) for line in done.stdout.decode().splitlines()]
    assert [r["labels"] for r in result] == [row["labels"] for row in rows]
    assert all(agrees(r["scores"], row) for r, row in zip(result, rows, strict=True) if r["status"] == "ok")


def test_explain(replay: tuple[Tagger, list[dict[str, Any]]], run: Run) -> None:
    tagger, rows = replay
    row = next(row for row in rows if row["labels"])
    done = run("explain", "-", "--json", "--model-version", tagger.info.version, stdin=row["text"].encode())
    assert json.loads(done.stdout)["labels"] == row["labels"]
