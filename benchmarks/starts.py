"""How long contestants take from process start to exit on one paragraph, and how long ``load()`` takes."""

from __future__ import annotations

import os
import subprocess
import sys
import time
from collections.abc import Callable, Sequence
from pathlib import Path
from statistics import median
from typing import NamedTuple

from race import CONTESTANT

BARE = "`python -c pass`"
IMPORTS = '`python -c "import numpy, rjieba"`'
_PARAGRAPH = (
    "县里连夜调运大米20吨、蔬菜15吨，保障封控小区居民生活；志愿者在卡口测温登记，为独居老人送药上门。"
)
# Modules that load() itself imports are imported before it is timed.
_MODULES = """
import sys; before = set(sys.modules)
import responsetag; responsetag.load()
import json; print(json.dumps(sorted(set(sys.modules) - before)))
"""
_LOAD = """
import importlib, json, sys, time
for name in json.loads(sys.argv[1]):
    importlib.import_module(name)
import responsetag
started = time.process_time()
responsetag.load()
print(time.process_time() - started)
"""


class Start(NamedTuple):
    """Seconds from process start to exit: median, least, and median of processor time."""

    median: float
    least: float
    cpu: float


def starts(
    ours: str, peers: Sequence[str], folder_of: Callable[[str], Path], work: Path, rounds: int
) -> dict[str, Start]:
    """How long starting takes, in turns.

    Returns:
        For ``ours`` (the installed command), each of ``peers``, and Python with and without the imports
        that this package cannot do without.
    """
    file = work / "paragraph.txt"
    file.write_text(_PARAGRAPH + "\n", encoding="utf-8")
    command = Path(sys.executable).parent / "responsetag"
    commands: dict[str, list[str | Path]] = {
        BARE: [sys.executable, "-c", "pass"],
        IMPORTS: [sys.executable, "-c", "import numpy, rjieba"],
        ours: [command, "tag", file, "-o", work / "ours.jsonl"],
    }
    for name in peers:
        commands[name] = [
            sys.executable, CONTESTANT, "tag", name, folder_of(name), file, work / f"{name}.jsonl"
        ]  # fmt: skip
    for line in commands.values():
        _run(line)  # files into the system's cache, byte code, jieba's own cache
    times: dict[str, list[tuple[float, float]]] = {name: [] for name in commands}
    for _ in range(rounds):
        for name, line in commands.items():
            times[name].append(_run(line))
    found = {}
    for name, pairs in times.items():
        wall, cpu = zip(*pairs, strict=True)
        found[name] = Start(median(wall), min(wall), median(cpu))
    return found


def _run(line: Sequence[str | Path]) -> tuple[float, float]:
    """Seconds from start to exit, and of the processor."""
    started = time.perf_counter()
    process = subprocess.Popen(line, stdout=subprocess.DEVNULL, stderr=subprocess.DEVNULL)
    _, status, used = os.wait4(process.pid, 0)
    seconds = time.perf_counter() - started
    process.returncode = os.waitstatus_to_exitcode(status)
    if process.returncode:
        raise subprocess.CalledProcessError(process.returncode, line)
    return seconds, used.ru_utime + used.ru_stime


def load_seconds(rounds: int) -> float:
    """Median processor seconds of a process's first ``load()``, where all that it imports is imported."""
    modules = subprocess.run(
        [sys.executable, "-c", _MODULES], stdout=subprocess.PIPE, text=True, check=True
    ).stdout
    times = []
    for _ in range(rounds):
        done = subprocess.run(
            [sys.executable, "-c", _LOAD, modules], stdout=subprocess.PIPE, text=True, check=True
        )
        times.append(float(done.stdout))
    return median(times)
