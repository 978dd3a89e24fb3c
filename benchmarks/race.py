"""Measuring contestants side by side: each in processes of its own, pinned to a core, turn by turn."""

from __future__ import annotations

import json
import math
import os
import subprocess
import sys
from collections.abc import Callable, Sequence
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any

CONTESTANT = Path(__file__).with_name("contestant.py")
# Arithmetic on one thread: one core is measured.
ONE_THREAD = dict.fromkeys(("OMP_NUM_THREADS", "OPENBLAS_NUM_THREADS", "MKL_NUM_THREADS"), "1")
_LEAST_SECONDS = 1.0


def cores() -> list[int]:
    """The cores this process may use."""
    return sorted(os.sched_getaffinity(0))


def command(script: Path, *arguments: str | Path | int, pin: Sequence[int]) -> list[str]:
    """A command line that runs a script of ours on the cores ``pin``."""
    return [
        "taskset",
        "--cpu-list",
        ",".join(map(str, pin)),
        sys.executable,
        str(script),
        *map(str, arguments),
    ]


def call(script: Path, *arguments: str | Path | int, pin: Sequence[int]) -> dict[str, Any]:
    """Run a script of ours to its end on the cores ``pin`` and give the JSON of its last line."""
    done = subprocess.run(
        command(script, *arguments, pin=pin),
        env={**os.environ, **ONE_THREAD},
        stdout=subprocess.PIPE,
        text=True,
        check=True,
    )
    answer: dict[str, Any] = json.loads(done.stdout.splitlines()[-1])
    return answer


class Server:
    """A contestant that waits, on one core."""

    def __init__(self, name: str, folder: Path, texts: Path, core: int) -> None:
        self._process = subprocess.Popen(
            command(CONTESTANT, "serve", name, folder, texts, pin=[core]),
            env={**os.environ, **ONE_THREAD},
            stdin=subprocess.PIPE,
            stdout=subprocess.PIPE,
            text=True,
        )

    def ask(self, first: int, last: int, passes: int) -> None:
        """Start to read texts ``first`` to ``last``, so many times."""
        assert self._process.stdin is not None
        print(
            json.dumps({"first": first, "last": last, "passes": passes}), file=self._process.stdin, flush=True
        )

    def answer(self) -> dict[str, float]:
        """Wait for the figures."""
        assert self._process.stdout is not None
        line = self._process.stdout.readline()
        if not line:
            raise RuntimeError(f"{self._process.args!r} ended with code {self._process.wait()}")
        answer: dict[str, float] = json.loads(line)
        return answer

    def close(self) -> None:
        """End it."""
        assert self._process.stdin is not None
        self._process.stdin.close()
        self._process.wait()


@dataclass
class Turns:
    """What a contestant's turns gave.

    Attributes:
        single: seconds of its core for all texts, one a round: what it would take on an idle one.
        share: how much of its core it had meanwhile, 0 to 1.
        double: the same for the slower of two processes at once, each with half of the texts on a core of
            its own; empty where there is one core.
        peak: the most memory of its first process, in bytes.
    """

    single: list[float] = field(default_factory=list)
    share: list[float] = field(default_factory=list)
    double: list[float] = field(default_factory=list)
    peak: int = 0


def race(
    names: Sequence[str], folder_of: Callable[[str], Path], texts: Path, n_texts: int, rounds: int
) -> dict[str, Turns]:
    """Let contestants read the same texts in turns, round after round.

    A turn repeats the texts as often as makes it last a second, and counts the mean of its passes.
    """
    pinned = cores()[:2]
    servers = {name: [Server(name, folder_of(name), texts, core) for core in pinned] for name in names}
    turns = {name: Turns() for name in names}
    passes = {name: _warm_up(servers[name], n_texts) for name in names}
    for number in range(rounds):
        print(f"round {number + 1} of {rounds}", file=sys.stderr, flush=True)
        for name in names:
            first = servers[name][0]
            first.ask(0, n_texts, passes[name])
            answer = first.answer()
            turns[name].single.append(answer["cpu"] / passes[name])
            turns[name].share.append(answer["cpu"] / answer["seconds"])
            turns[name].peak = int(answer["peak"])
            if len(pinned) > 1:
                turns[name].double.append(_both(servers[name], n_texts, passes[name]))
    for several in servers.values():
        for server in several:
            server.close()
    return turns


def _warm_up(servers: Sequence[Server], n_texts: int) -> int:
    """Read an eighth of the texts; how many passes over all of them make a turn."""
    part = max(n_texts // 8, 1)
    for server in servers:
        server.ask(0, part, 1)
    for server in servers:
        server.answer()
    servers[0].ask(0, part, 1)
    seconds = servers[0].answer()["cpu"] * n_texts / part
    return max(math.ceil(_LEAST_SECONDS / seconds), 1)


def _both(servers: Sequence[Server], n_texts: int, passes: int) -> float:
    """Read half of the texts with each at once; seconds of its core that the slower one took."""
    half = n_texts // 2
    servers[0].ask(0, half, passes)
    servers[1].ask(half, n_texts, passes)
    return max([server.answer()["cpu"] for server in servers]) / passes
