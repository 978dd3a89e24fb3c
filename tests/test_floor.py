"""The ratchet, the digests of corpus files, and intervals."""

from __future__ import annotations

import json
import subprocess
from pathlib import Path

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st

from conftest import Run
from responsetag import CorpusError, FloorError
from responsetag.paths import shipped
from responsetag.training.digests import SUMS, write_sums
from responsetag.training.evaluation import Evaluation, evaluate
from responsetag.training.floor import Floor
from responsetag.training.intervals import bootstrap
from responsetag.training.loading import load_corpus


def judged(wrong: int) -> Evaluation:
    true = np.zeros((200, 2), dtype=bool)
    true[:100, 0] = true[50:150, 1] = True
    marked = true.copy()
    marked[:wrong, 0] = False
    return evaluate(true, marked, ("a", "b"))


def test_a_floor_is_kept_raised_and_lowered_only_on_demand(tmp_path: Path) -> None:
    path = tmp_path / "floor.json"
    with pytest.raises(FloorError, match="record one with --record-floor"):
        Floor(path).settle(judged(5), "corpus-1")
    Floor(path, record=True).settle(judged(5), "corpus-1")
    Floor(path).settle(judged(5), "corpus-1")  # as it was
    Floor(path).settle(judged(4), "corpus-1")  # better
    with pytest.raises(FloorError, match=r"fall below the recorded floor: micro_f1 0\.9"):
        Floor(path).settle(judged(9), "corpus-1")
    with pytest.raises(FloorError, match="measured on another corpus"):
        Floor(path).settle(judged(0), "corpus-2")
    before = path.read_text()
    with pytest.raises(FloorError, match=r"would be lowered: .*a 0\.9.*--lower-floor"):
        Floor(path, record=True).settle(judged(9), "corpus-2")
    assert path.read_text() == before
    Floor(path, record=True).settle(judged(0), "corpus-2")  # the ratchet rises
    assert json.loads(path.read_text())["figures"] == {
        "micro_f1": 0.999,
        "macro_f1": 0.999,
        "a": 0.995,
        "b": 0.995,
    }
    Floor(path, lower=True).settle(judged(9), "corpus-2")
    Floor(path).settle(judged(9), "corpus-2")
    path.write_text("[]")
    with pytest.raises(FloorError, match="cannot be read as a floor"):
        Floor(path).settle(judged(0), "corpus-2")


def test_one_label_that_falls_is_enough(tmp_path: Path) -> None:
    path = tmp_path / "floor.json"
    Floor(path, record=True).settle(judged(0), "c")
    content = json.loads(path.read_text())
    content["figures"]["b"] = 1.5
    path.write_text(json.dumps(content))
    with pytest.raises(FloorError, match=r"b 1\.000 \(floor 1\.500\)"):
        Floor(path).settle(judged(0), "c")


ROW = '{"id": "%s", "genre": "g", "origin": "written", "sentences": [{"text": "%s", "labels": []}]}\n'


@pytest.fixture
def listed(tmp_path: Path) -> Path:
    folder = tmp_path / "corpus"
    folder.mkdir()
    for name in "ab":
        (folder / f"{name}.jsonl").write_text(ROW % (name, f"文本{name}"), encoding="utf-8")
    write_sums(folder, sorted(folder.glob("*.jsonl")))
    return folder


def test_coreutils_check_the_digests_too(listed: Path) -> None:
    done = subprocess.run(["sha256sum", "--check", SUMS], cwd=listed, capture_output=True, check=False)
    assert done.returncode == 0, done.stderr


def test_a_corpus_that_was_altered_is_refused(listed: Path) -> None:
    assert len(load_corpus(listed, ())) == 2
    with (listed / "a.jsonl").open("a", encoding="utf-8") as out:
        out.write(ROW % ("c", "文本c"))
    (listed / "b.jsonl").rename(listed / "d.jsonl")
    with pytest.raises(CorpusError) as caught:
        load_corpus(listed, ())
    message = str(caught.value)
    for expected in (
        "a.jsonl: was altered",
        "d.jsonl: is not listed",
        "b.jsonl: is missing",
        "--allow-changed-corpus",
    ):
        assert expected in message
    with pytest.raises(CorpusError, match=r"a\.jsonl: was altered"):
        load_corpus(listed / "a.jsonl", ())
    assert len(load_corpus(listed, (), allow_changed=True)) == 3
    (listed / SUMS).write_text("nonsense\n")
    with pytest.raises(CorpusError, match="SHA256SUMS:1: is no line of"):
        load_corpus(listed, ())


def test_the_command_refuses_an_altered_corpus_unless_told(listed: Path, run: Run) -> None:
    (listed / "a.jsonl").write_text("".join(ROW % (i, f"第{i}段") for i in range(20)), encoding="utf-8")
    refused = run("train", "--corpus", listed, "--output", "out", "--name", "m", "--version", "0.0.1")
    assert refused.returncode == 2
    assert b"a.jsonl: was altered" in refused.stderr
    taken = run(
        "train", "--corpus", listed, "--output", "out", "--name", "m", "--version", "0.0.1", "--jobs", "1",
        "--allow-changed-corpus", "--taxonomy", shipped("data") / "taxonomy.json", "--floor", "floor.json", "--record-floor",
    )  # fmt: skip
    assert taken.returncode == 0, taken.stderr.decode()
    assert "--floor FILE" in run("train", "--corpus", listed, "--name", "m", "--lower-floor").stderr.decode()


def test_intervals_hold_the_figure_and_count_documents() -> None:
    rng = np.random.default_rng(0)
    true = rng.random((400, 3)) < 0.3
    marked = np.where(rng.random((400, 3)) < 0.15, ~true, true)
    documents = [str(i // 4) for i in range(400)]
    result = evaluate(true, marked, ("a", "b", "c"), documents=documents)
    found = result.intervals
    assert found is not None
    assert found.documents == 100
    assert found.micro.low < result.micro.f1 < found.micro.high
    assert found.macro.low < result.macro.f1 < found.macro.high
    assert all(
        i is not None and i.low < s.f1 < i.high for i, s in zip(found.labels, result.labels, strict=True)
    )
    assert result.summary()["documents"] == 100


def test_documents_that_are_alike_within_give_wider_intervals() -> None:
    rng = np.random.default_rng(1)
    true = np.repeat(rng.random((40, 2)) < 0.5, 10, axis=0)
    marked = np.repeat(rng.random((40, 2)) < 0.5, 10, axis=0)
    alone = bootstrap(true, marked, [str(i) for i in range(400)]).micro
    together = bootstrap(true, marked, [str(i // 10) for i in range(400)]).micro
    assert together.high - together.low > 2 * (alone.high - alone.low)


@given(st.lists(st.tuples(st.booleans(), st.booleans(), st.integers(0, 3)), min_size=1, max_size=30))
def test_intervals_are_bounds_between_0_and_1(rows: list[tuple[bool, bool, int]]) -> None:
    columns = np.array([[t] for t, _, _ in rows]), np.array([[g] for _, g, _ in rows])
    found = bootstrap(*columns, [str(d) for _, _, d in rows])
    for interval in (found.micro, found.macro, *filter(None, found.labels)):
        assert 0 <= interval.low <= interval.high <= 1


def test_intervals_need_a_document_for_each_paragraph() -> None:
    with pytest.raises(ValueError, match="2 paragraphs and 1 documents"):
        bootstrap(np.zeros((2, 1), dtype=bool), np.zeros((2, 1), dtype=bool), ["a"])
