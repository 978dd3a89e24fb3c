"""Paragraphs a second through Spark, Parquet to Parquet, against one process on the same text.

    python benchmarks/spark_rate.py [--rows 20000] [--rounds 5] [--evidence]

Text comes from the corpus, its sentences drawn anew into paragraphs. In each round the process and
Spark with one core and with two take turns; start-up and the first of two jobs are not counted. Processor
time is that of all processes, Java too: on a busy machine it says more than the clock.
"""

from __future__ import annotations

import argparse
import contextlib
import json
import os
import random
import sys
import tempfile
import time
from collections import deque
from collections.abc import Callable
from pathlib import Path
from statistics import median
from typing import NamedTuple

import pyarrow as pa
import pyarrow.parquet as pq
from pyspark.sql import SparkSession

import responsetag
from responsetag.integrations.spark import add_tags
from responsetag.paths import shipped

PROCESS = "one process, `tag_many`"
CORES = (1, 2)


class Seconds(NamedTuple):
    """What something took."""

    clock: float
    processor: float


def paragraphs(count: int) -> list[str]:
    """Paragraphs of one to four sentences, 100 characters on average."""
    files = sorted((shipped("data") / "corpus").glob("*.jsonl"))
    rows = [json.loads(line) for file in files for line in file.read_text(encoding="utf-8").splitlines()]
    sentences = [sentence["text"] for row in rows for sentence in row["sentences"]]
    draw = random.Random(1)  # noqa: S311 - to be the same each time
    return ["".join(draw.sample(sentences, draw.randint(1, 4))) for _ in range(count)]


def processor_seconds() -> float:
    """What this process and those below it have used so far, from /proc (Linux)."""
    parents, used = {}, {}
    for stat in Path("/proc").glob("[0-9]*/stat"):
        with contextlib.suppress(OSError):  # it has ended meanwhile
            fields = stat.read_text(encoding="utf-8", errors="replace").rpartition(")")[2].split()
            pid = int(stat.parent.name)
            # Of its own and of children that have ended: user and system time, in ticks.
            parents[pid], used[pid] = int(fields[1]), sum(map(int, fields[11:15]))
    below = {os.getpid()}
    while more := {pid for pid, parent in parents.items() if parent in below} - below:
        below |= more
    return sum(used[pid] for pid in below) / os.sysconf("SC_CLK_TCK")


def timed(work: Callable[[], object]) -> Seconds:
    """How long it takes, and what it uses of the processor."""
    used, start = processor_seconds(), time.perf_counter()
    work()
    clock = time.perf_counter() - start
    return Seconds(clock, processor_seconds() - used)


def in_process(texts: list[str], *, evidence: bool) -> Seconds:
    """Tagging alone, model loaded."""
    tagger = responsetag.load()
    tagger.tag("消毒")
    return timed(lambda: deque(tagger.tag_many(texts, evidence=evidence), maxlen=0))


def in_spark(source: Path, cores: int, *, evidence: bool) -> Seconds:
    """From Parquet to Parquet, with the model loaded in the workers."""
    builder = SparkSession.builder.master(f"local[{cores}]").appName("spark-rate")
    spark = builder.config("spark.ui.enabled", "false").config("spark.log.level", "ERROR").getOrCreate()
    try:
        with tempfile.TemporaryDirectory() as folder:
            tagged = add_tags(spark.read.parquet(str(source)), evidence=evidence)
            # Uncounted: the workers load the model, and Java compiles what the query becomes.
            tagged.write.parquet(f"{folder}/first")
            return timed(lambda: tagged.write.parquet(f"{folder}/second"))
    finally:
        spark.stop()


def main() -> None:
    """Measure and print a table."""
    parser = argparse.ArgumentParser(description=__doc__.partition("\n")[0] if __doc__ else None)
    parser.add_argument("--rows", type=int, default=20_000)
    parser.add_argument("--rounds", type=int, default=5)
    parser.add_argument("--evidence", action="store_true")
    options = parser.parse_args()
    os.environ.setdefault("PYSPARK_PYTHON", sys.executable)
    texts = paragraphs(options.rows)
    with tempfile.TemporaryDirectory() as folder:
        source = Path(folder)
        # A file a core: Spark gives a small file of one row group to one task.
        for part in range(max(CORES)):
            pq.write_table(pa.table({"text": texts[part :: max(CORES)]}), source / f"{part}.parquet")
        rounds = []
        for number in range(options.rounds):
            found = {PROCESS: in_process(texts, evidence=options.evidence)}
            for cores in CORES:
                found[f"Spark, local[{cores}]"] = in_spark(source, cores, evidence=options.evidence)
            rounds.append(found)
            print(f"round {number + 1}: {found}", file=sys.stderr)
    print(f"{options.rows} paragraphs, {sum(map(len, texts)) // len(texts)} characters each\n")
    print("| | paragraphs/s | of one process | processor time of one process |\n|---|---|---|---|")
    for name in rounds[0]:
        rate = median(options.rows / found[name].clock for found in rounds)
        speed = median(found[PROCESS].clock / found[name].clock for found in rounds)
        cost = median(found[name].processor / found[PROCESS].processor for found in rounds)
        print(f"| {name} | {rate:,.0f} | {speed:.2f} | {cost:.2f} |")


if __name__ == "__main__":
    main()
