"""The installed command on a large input: rate and peak memory with one worker and with two.

    python benchmarks/large_run.py [--size 2e9] [--rounds 3] [-o docs/large-run.md]

The input is made of paragraphs of data/corpus, drawn at random. Rounds of one and of two workers follow in
turn, so that what else the machine does hits both; figures are medians. Memory is that of the run and all its
processes together, where a page that several share counts once (PSS).
"""

from __future__ import annotations

import argparse
import datetime as dt
import itertools
import json
import os
import platform
import random
import statistics
import subprocess
import sys
import tempfile
import time
from pathlib import Path

import responsetag

ROOT = Path(__file__).parent.parent
_SAMPLING = 0.2  # seconds between two looks at the memory


def corpus_paragraphs() -> list[str]:
    """Paragraphs of the corpus, their sentences joined."""
    found = []
    for file in sorted((ROOT / "data" / "corpus").glob("*.jsonl")):
        rows = map(json.loads, file.read_text(encoding="utf-8").splitlines())
        found += ["".join(sentence["text"] for sentence in row["sentences"]) for row in rows]
    return found


def write_input(path: Path, size: int) -> int:
    """Write about ``size`` bytes of JSONL rows; how many rows."""
    paragraphs, chance = corpus_paragraphs(), random.Random(1)  # noqa: S311 - no secret
    written = 0
    with path.open("wb") as out:
        for number in itertools.count():
            if written >= size:
                return number
            row = {"id": number, "text": chance.choice(paragraphs)}
            written += out.write(json.dumps(row, ensure_ascii=False).encode() + b"\n")
    raise AssertionError


def memory(process: int) -> int:
    """Bytes that a process and its children have in memory now."""
    total = 0
    children = {process}
    for folder in Path("/proc").glob("[0-9]*"):
        try:
            parent = int(folder.joinpath("stat").read_text().rpartition(")")[2].split()[1])
        except OSError:  # it has ended meanwhile
            continue
        if parent == process:
            children.add(int(folder.name))
    for child in children:
        try:
            lines = Path(f"/proc/{child}/smaps_rollup").read_text().splitlines()
        except OSError:
            continue
        total += sum(int(line.split()[1]) * 1024 for line in lines if line.startswith("Pss:"))
    return total


def measure(source: Path, workers: int, options: list[str]) -> tuple[float, int]:
    """Seconds that a run takes from start to exit, and its peak memory in bytes."""
    command = Path(sys.executable).parent / "responsetag"
    with tempfile.TemporaryDirectory(dir=source.parent) as folder:
        arguments = [command, "tag", source, "-o", Path(folder) / "out.jsonl", "--workers", str(workers)]
        started = time.monotonic()
        peak = 0
        with subprocess.Popen([*arguments, *options]) as process:
            while process.poll() is None:
                peak = max(peak, memory(process.pid))
                time.sleep(_SAMPLING)
        seconds = time.monotonic() - started
    if process.returncode:
        raise SystemExit(f"the run failed with exit code {process.returncode}")
    return seconds, peak


def table(result: dict[str, object], rows: list[dict[str, float]]) -> str:
    """The result as Markdown."""
    lines = [
        "# A large run",
        "",
        f"Made by `benchmarks/large_run.py` on {result['date']}: {result['rows']:,} rows,",
        (
            f"{result['size']:,} bytes, options `{result['options']}`, "
            f"responsetag {result['version']}, Python {result['python']}, {result['cores']} cores. "
            f"Medians of {result['rounds']} rounds, in turn."
        ),
        "",
        "| workers | seconds | rows/s | MB/s | peak memory, MB | times one worker |",
        "|---|---|---|---|---|---|",
    ]
    lines += [
        f"| {row['workers']} | {row['seconds']:.1f} | {row['rate']:.0f} | {row['megabytes']:.2f} | "
        f"{row['memory']:.0f} | {row['ratio']:.2f} |"
        for row in rows
    ]
    return "\n".join(lines) + "\n"


def main() -> None:
    """Measure, print, and write where it is asked for."""
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawTextHelpFormatter)
    parser.add_argument("--size", type=float, default=2e9, help="bytes of input")
    parser.add_argument("--workers", type=int, nargs="+", default=[1, 2])
    parser.add_argument("--rounds", type=int, default=3)
    parser.add_argument("--evidence", action="store_true", help="with spans and words")
    parser.add_argument("--folder", type=Path, help="where input and output are kept meanwhile")
    parser.add_argument("-o", "--output", type=Path, help=".md file; a .json file is put beside it")
    given = parser.parse_args()
    options = [] if given.evidence else ["--no-evidence"]
    with tempfile.TemporaryDirectory(dir=given.folder) as folder:
        source = Path(folder) / "in.jsonl"
        count = write_input(source, int(given.size))
        size = source.stat().st_size
        found: dict[int, list[tuple[float, int]]] = {workers: [] for workers in given.workers}
        for turn in range(given.rounds):
            for workers, runs in found.items():
                runs.append(measure(source, workers, options))
                print(f"round {turn + 1}, {workers} workers: {runs[-1][0]:.1f} s", file=sys.stderr)
    first = [seconds for seconds, _ in found[given.workers[0]]]
    rows = []
    for workers, runs in found.items():
        seconds = statistics.median(seconds for seconds, _ in runs)
        rows.append(
            {
                "workers": workers,
                "seconds": seconds,
                "rate": count / seconds,
                "megabytes": size / seconds / 1e6,
                "memory": max(peak for _, peak in runs) / 1e6,
                "ratio": statistics.median(one / these[0] for one, these in zip(first, runs, strict=True)),
            }
        )
    result: dict[str, object] = {
        "date": dt.datetime.now(dt.UTC).date().isoformat(),
        "rows": count,
        "size": size,
        "options": " ".join(options),
        "rounds": given.rounds,
        "version": responsetag.__version__,
        "python": platform.python_version(),
        "cores": os.cpu_count(),
    }
    text = table(result, rows)
    print(text)
    if given.output:
        given.output.write_text(text, encoding="utf-8")
        content = json.dumps({**result, "runs": rows}, indent=1)
        given.output.with_suffix(".json").write_text(content + "\n", encoding="utf-8")


if __name__ == "__main__":
    main()
