"""Runs that are killed, at every step they take on the disk and at random times, and gone on with."""

from __future__ import annotations

import contextlib
import json
import os
import random
import signal
import subprocess
import sys
import time
from pathlib import Path

import pytest

from responsetag import Tagger
from responsetag.batch.run import RunResult, tag_files

_STEPS = {"open", "os.rename", "os.remove", "os.mkdir", "os.rmdir"}
_KILLS = 20


def write_rows(file: Path, texts: list[str]) -> None:
    lines = [json.dumps({"id": i, "text": text}, ensure_ascii=False) for i, text in enumerate(texts)]
    file.write_text("\n".join([*lines, "{broken"]) + "\n", encoding="utf-8")


def tag(folder: Path, output: str, tagger: Tagger, *, resume: bool = False) -> RunResult:
    source, target = folder / "in.jsonl", folder / output
    return tag_files(
        [source], target, model=tagger, evidence=False, resume=resume, restart=not resume, part_rows=8
    )


def run_killed_at(step: int, folder: Path, output: str, tagger: Tagger) -> bool:
    """A run in a process of its own that kills itself before its ``step``-th step on the disk; whether
    there was one."""
    child = os.fork()
    if child == 0:
        steps = 0

        def watch(event: str, arguments: tuple[object, ...]) -> None:
            nonlocal steps
            if event in _STEPS and any(str(folder / output) in str(argument) for argument in arguments[:2]):
                steps += 1
                if steps == step:
                    os.kill(os.getpid(), signal.SIGKILL)

        with contextlib.suppress(BaseException):
            sys.addaudithook(watch)
            tag(folder, output, tagger)
            os._exit(0)
        os._exit(1)
    _, status = os.waitpid(child, 0)
    if os.WIFSIGNALED(status):
        assert os.WTERMSIG(status) == signal.SIGKILL
        return True
    assert status == 0
    return False


@pytest.mark.parametrize(
    ("output", "stride"), [("out.jsonl", 1), ("out.csv.gz", 5), ("out.jsonl.zst", 6), ("out.parquet", 4)]
)
def test_a_kill_at_any_step_loses_and_doubles_nothing(
    output: str, stride: int, tmp_path: Path, tagger: Tagger, sentences: list[str]
) -> None:
    write_rows(tmp_path / "in.jsonl", sentences[:28])
    assert tag(tmp_path, output, tagger) == RunResult(29, 1)
    whole = (tmp_path / output).read_bytes()
    step, resumed = 1, set()
    while run_killed_at(step, tmp_path, output, tagger):
        result = tag(tmp_path, output, tagger, resume=True)
        assert (result.rows, result.failures) == (29, 1), step
        assert (tmp_path / output).read_bytes() == whole, step
        assert sorted(path.name for path in tmp_path.iterdir()) == ["in.jsonl", output]
        resumed.add(-1 if result.already_complete else result.resumed)
        (tmp_path / output).unlink()
        step += stride
    assert step > 30
    if stride == 1:
        assert resumed == {0, 8, 16, 24, 29, -1}


def test_twenty_kills_at_random_times(tmp_path: Path, sentences: list[str]) -> None:
    write_rows(tmp_path / "in.jsonl", sentences[:1000])
    command = [str(Path(sys.executable).parent / "responsetag"), "tag", "in.jsonl", "--no-evidence"]
    command += ["--part-rows", "100"]
    started = time.monotonic()
    assert subprocess.run([*command, "-o", "whole.jsonl"], cwd=tmp_path, check=False).returncode == 1
    length = time.monotonic() - started
    whole = (tmp_path / "whole.jsonl").read_bytes()
    assert [json.loads(line)["paragraph"] for line in whole.splitlines()] == list(range(1, 1002))
    output = tmp_path / "out.jsonl"
    chance = random.Random(20)
    kills, finished = 0, False
    while kills < _KILLS or not finished:
        workers = str(chance.choice([1, 1, 2]))
        process = subprocess.Popen(
            [*command, "-o", str(output), "--resume", "--workers", workers],
            cwd=tmp_path,
            stderr=subprocess.DEVNULL,
            start_new_session=True,
        )
        with contextlib.suppress(subprocess.TimeoutExpired):
            process.wait(chance.uniform(0, 1.2 * length) if kills < _KILLS else None)
        process.kill()  # nothing where it has ended
        kills += process.wait() == -signal.SIGKILL
        wait_for_group(process.pid)
        finished = process.returncode != -signal.SIGKILL
        if finished:
            assert process.returncode == 1
            assert output.read_bytes() == whole
            if kills < _KILLS:
                output.unlink()
    assert sorted(path.name for path in tmp_path.iterdir()) == ["in.jsonl", "out.jsonl", "whole.jsonl"]


def wait_for_group(group: int) -> None:
    """Workers go with the run that they work for, however it ends."""
    for _ in range(600):
        try:
            os.killpg(group, 0)
        except ProcessLookupError:
            return
        time.sleep(0.05)
    raise AssertionError("workers outlive their run")
