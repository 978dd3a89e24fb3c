"""Paragraphs a second through Spark, Parquet to Parquet, against one process on the same text.

    python benchmarks/spark_rate.py [--rows 20000] [--rounds 5] [--evidence]

Text comes from the corpus, its sentences drawn anew into paragraphs. In each round the process and
Spark with one core and with two take turns; start-up and a first small job are not counted.
"""

from __future__ import annotations

import argparse
import json
import os
import random
import statistics
import sys
import tempfile
import time
from pathlib import Path

import pyarrow as pa
import pyarrow.parquet as pq
from pyspark.sql import SparkSession

import responsetag
from responsetag.integrations.spark import add_tags
from responsetag.paths import shipped

PROCESS = "one process, `tag_many`"
CORES = (1, 2)


def paragraphs(count: int) -> list[str]:
    """Paragraphs of one to four sentences, 100 characters on average."""
    files = sorted((shipped("data") / "corpus").glob("*.jsonl"))
    rows = [json.loads(line) for file in files for line in file.read_text(encoding="utf-8").splitlines()]
    sentences = [sentence["text"] for row in rows for sentence in row["sentences"]]
    draw = random.Random(1)  # noqa: S311 - to be the same each time
    return ["".join(draw.sample(sentences, draw.randint(1, 4))) for _ in range(count)]


def seconds_in_process(texts: list[str], *, evidence: bool) -> float:
    """Tagging alone, model loaded."""
    tagger = responsetag.load()
    tagger.tag("消毒")
    start = time.perf_counter()
    for _ in tagger.tag_many(texts, evidence=evidence):
        pass
    return time.perf_counter() - start


def seconds_in_spark(source: Path, cores: int, *, evidence: bool) -> float:
    """From Parquet to Parquet, with the model loaded in the workers."""
    builder = SparkSession.builder.master(f"local[{cores}]").appName("spark-rate")
    spark = builder.config("spark.ui.enabled", "false").config("spark.log.level", "ERROR").getOrCreate()
    try:
        with tempfile.TemporaryDirectory() as folder:
            tagged = add_tags(spark.read.parquet(str(source)), evidence=evidence)
            # A few rows of each file: every worker has loaded the model, and Java has met the query.
            few = spark.read.parquet(str(source)).where("rand() < 0.01")
            add_tags(few, evidence=evidence).write.parquet(f"{folder}/first")
            start = time.perf_counter()
            tagged.write.parquet(f"{folder}/out")
            return time.perf_counter() - start
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
            found = {PROCESS: seconds_in_process(texts, evidence=options.evidence)}
            for cores in CORES:
                found[f"Spark, local[{cores}]"] = seconds_in_spark(source, cores, evidence=options.evidence)
            rounds.append(found)
            print(f"round {number + 1}: {found}", file=sys.stderr)
    print(f"{options.rows} paragraphs, {sum(map(len, texts)) // len(texts)} characters each\n")
    print("| | paragraphs/s | of one process |\n|---|---|---|")
    for name in rounds[0]:
        rate = statistics.median(options.rows / found[name] for found in rounds)
        ratio = statistics.median(found[PROCESS] / found[name] for found in rounds)
        print(f"| {name} | {rate:,.0f} | {ratio:.2f} |")


if __name__ == "__main__":
    main()
