"""Worker processes: the same bytes as one process, whatever happens to them."""

from __future__ import annotations

import json
import multiprocessing
import shutil
import signal
import subprocess
import sys
import time
from dataclasses import replace
from multiprocessing.context import SpawnProcess
from pathlib import Path
from typing import Any

import pytest

from deadly import DEADLY, DeadlyTagger, StarvedTagger, StillbornTagger
from responsetag import ModelError, Tagger, WorkerError
from responsetag.batch import workers as workers_module
from responsetag.batch.formats import Format
from responsetag.batch.jobs import Job, ModelSource
from responsetag.batch.run import Progress, RunResult, tag_files
from responsetag.batch.tables import InputRow
from responsetag.batch.workers import WorkerPool


def write_texts(file: Path, texts: list[str]) -> None:
    lines = (json.dumps({"text": text}, ensure_ascii=False) for text in texts)
    file.write_text("\n".join(lines), encoding="utf-8")


def rows(file: Path) -> list[dict[str, Any]]:
    return [json.loads(line) for line in file.read_text(encoding="utf-8").splitlines()]


@pytest.mark.parametrize("name", ["out.jsonl", "out.csv.gz", "out.parquet"])
def test_workers_write_the_same_bytes(
    name: str, tmp_path: Path, tagger: Tagger, sentences: list[str]
) -> None:
    source = tmp_path / "in.jsonl"
    write_texts(source, [*sentences[:700], "", "……"])
    with source.open("a", encoding="utf-8") as file:
        file.write('\n{"text": "\\ud800"}\n{broken\n')
    said: dict[int, list[str]] = {1: [], 2: []}
    for workers, messages in said.items():
        (tmp_path / str(workers)).mkdir()
        result = tag_files(
            [source],
            tmp_path / str(workers) / name,
            model=tagger,
            evidence=name != "out.csv.gz",
            workers=workers,
            part_rows=100,
            say=messages.append,
        )
        assert result == RunResult(704, 1)
    assert (tmp_path / "1" / name).read_bytes() == (tmp_path / "2" / name).read_bytes()
    assert said[1] == said[2]
    assert "in.jsonl:704: is not JSON" in said[1][0]


def test_a_worker_that_dies_once_costs_nothing(tmp_path: Path, tagger: Tagger, sentences: list[str]) -> None:
    source, output = tmp_path / "in.jsonl", tmp_path / "out.jsonl"
    texts = [*sentences[:60], DEADLY, *sentences[60:120]]
    write_texts(source, texts)
    deadly = DeadlyTagger(tagger, tmp_path / "died")
    result = tag_files([source], output, model=deadly, evidence=False, workers=2, part_rows=20)
    assert (tmp_path / "died").exists()
    assert result == RunResult(121, 0)
    assert [row["text"] for row in rows(output)] == texts


def workers_alive() -> list[SpawnProcess]:
    """The run's workers; training in other tests leaves processes of another kind."""
    return [child for child in multiprocessing.active_children() if isinstance(child, SpawnProcess)]


def test_a_worker_that_is_killed_from_outside_costs_nothing(
    tmp_path: Path, tagger: Tagger, sentences: list[str]
) -> None:
    source = tmp_path / "in.jsonl"
    write_texts(source, sentences[:1000])
    killed: set[int | None] = set()

    def kill(_: Progress) -> None:
        for victim in workers_alive():
            if len(killed) < 2 and victim.pid not in killed:
                killed.add(victim.pid)
                victim.kill()
                return

    result = tag_files(
        [source],
        tmp_path / "out.jsonl",
        model=tagger,
        evidence=False,
        workers=2,
        part_rows=50,
        progress=kill,
    )
    assert len(killed) == 2
    assert result == RunResult(1000, 0)
    assert [row["text"] for row in rows(tmp_path / "out.jsonl")] == sentences[:1000]
    assert workers_alive() == []


def test_a_row_that_always_kills_is_the_only_one_that_fails(
    tmp_path: Path, tagger: Tagger, sentences: list[str]
) -> None:
    source, output = tmp_path / "in.jsonl", tmp_path / "out.jsonl"
    texts = [*sentences[:21], f"{DEADLY}的一行", *sentences[21:40]]
    write_texts(source, texts)
    said: list[str] = []
    result = tag_files(
        [source],
        output,
        model=DeadlyTagger(tagger),
        evidence=False,
        workers=2,
        part_rows=8,
        say=said.append,
    )
    assert result == RunResult(41, 1)
    found = rows(output)
    assert [row["text"] for row in found] == texts
    assert [row["paragraph"] for row in found if row["status"] == "error"] == [22]
    assert found[21]["message"] in said
    assert "in.jsonl:22: the worker process died of it each time (signal 9, Killed)" in found[21]["message"]


def test_a_run_whose_rows_all_kill_is_given_up(
    tmp_path: Path, tagger: Tagger, sentences: list[str], monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(workers_module, "_DEADLY_ROWS", 3)  # each takes a second
    write_texts(tmp_path / "in.jsonl", [*sentences[:112], *[DEADLY] * 4])  # 112: more than is under way
    options: dict[str, Any] = {"model": DeadlyTagger(tagger), "evidence": False, "workers": 2, "part_rows": 8}
    said: list[str] = []
    with pytest.raises(WorkerError, match=r"in\.jsonl:115: worker processes died of 3 rows in succession"):
        tag_files([tmp_path / "in.jsonl"], tmp_path / "o.jsonl", say=said.append, **options)
    assert "finished rows stay in" in said[-1]


GUARDLESS = 'from responsetag.batch.run import tag_files; tag_files(["in.jsonl"], "out.jsonl", workers=2)'


@pytest.mark.parametrize("by", ["file", "standard input"])
def test_a_program_that_workers_cannot_import_is_told_how(by: str, tmp_path: Path) -> None:
    write_texts(tmp_path / "in.jsonl", ["消毒"])
    (tmp_path / "run.py").write_text(GUARDLESS, encoding="utf-8")
    with (tmp_path / "run.py").open("rb") as program:
        done = subprocess.run(
            [sys.executable, "run.py" if by == "file" else "-"],
            stdin=program,
            cwd=tmp_path,
            capture_output=True,
            check=False,
        )
    message = done.stderr.decode().splitlines()[-1]
    assert 'must be a file, and do so under `if __name__ == "__main__":`' in message


def test_a_model_that_vanishes_leaves_what_is_finished(
    tmp_path: Path, tagger: Tagger, sentences: list[str]
) -> None:
    write_texts(tmp_path / "in.jsonl", sentences[:1000])
    shutil.copytree(tagger.info.path, tmp_path / "model")

    def harm(_: Progress) -> None:
        shutil.rmtree(tmp_path / "model", ignore_errors=True)
        for worker in workers_alive():
            worker.kill()

    said: list[str] = []
    with pytest.raises(ModelError):
        tag_files(
            [tmp_path / "in.jsonl"],
            tmp_path / "out.jsonl",
            model=tmp_path / "model",
            evidence=False,
            workers=2,
            part_rows=50,
            say=said.append,
            progress=harm,
        )
    assert "0 finished rows stay in" in said[-1]


def test_workers_that_never_begin_are_given_up(tmp_path: Path, tagger: Tagger) -> None:
    write_texts(tmp_path / "in.jsonl", ["消毒"])
    with pytest.raises(WorkerError, match="die before they have loaded the model"):
        tag_files([tmp_path / "in.jsonl"], tmp_path / "o.jsonl", model=StillbornTagger(tagger), workers=2)
    assert [path.name for path in tmp_path.iterdir()] == ["in.jsonl"]


def test_a_chunk_that_a_worker_has_no_memory_to_receive_ends_it(tagger: Tagger) -> None:
    row = InputRow(document="in.jsonl", paragraph=1, start=0, end=1, text="x" * 300_000_000)
    source, job = ModelSource.of(StarvedTagger(tagger)), Job(Format("jsonl"), evidence=False, min_score=None)
    with WorkerPool(source, job, 1) as pool, pytest.raises(WorkerError, match="exit code 1"):
        list(pool.map(iter([[row]])))


def test_a_model_that_changes_under_a_run_is_refused(tmp_path: Path, tagger: Tagger) -> None:
    write_texts(tmp_path / "in.jsonl", ["消毒"])
    other = DeadlyTagger(tagger)
    source = replace(ModelSource.of(tagger), digest="0" * 64)
    with pytest.raises(ModelError, match="has changed since the run began"):
        source.load()
    assert ModelSource.of(other).load() is other
    assert ModelSource.of(tagger).tagger is None


@pytest.mark.parametrize("number", [signal.SIGINT, signal.SIGTERM])
@pytest.mark.parametrize("workers", ["1", "2"])
def test_an_interrupted_run_puts_things_in_order(
    number: signal.Signals, workers: str, tmp_path: Path, sentences: list[str]
) -> None:
    write_texts(tmp_path / "in.jsonl", sentences[:20000])
    command = Path(sys.executable).parent / "responsetag"
    options = ["-o", "out.jsonl", "--no-evidence", "--part-rows", "50", "--workers", workers]
    with subprocess.Popen(
        [str(command), "tag", "in.jsonl", *options],
        cwd=tmp_path,
        stderr=subprocess.PIPE,
        process_group=0,
        # A shell's background jobs ignore it, and what they start does.
        preexec_fn=lambda: signal.signal(signal.SIGINT, signal.SIG_DFL),  # noqa: PLW1509 - no threads here
    ) as process:
        while not (tmp_path / "out.jsonl.parts" / "part-00001.json").exists():
            assert process.poll() is None
            time.sleep(0.02)
        if number == signal.SIGINT:  # a terminal sends it to all processes of the run
            subprocess.run(["kill", "-INT", "--", f"-{process.pid}"], check=True)
        else:
            process.terminate()
        errors = process.communicate()[1].decode()
    assert process.returncode == 130, errors
    assert "finished rows stay in" in errors
    assert "--resume" in errors
    assert "Traceback" not in errors
    assert not list((tmp_path / "out.jsonl.parts").glob("*.tmp"))
    assert (tmp_path / "out.jsonl.parts" / "run.json").exists()
