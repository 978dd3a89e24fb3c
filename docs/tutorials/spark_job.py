"""Tag a Parquet table on Spark.

At the end a small table has tag columns, made by the same job that a cluster runs, and you have the command
for the cluster.

Takes about 30 seconds, most of it Java. Needs  pip install -e '.[spark]'  in a checkout and Java 17 or
newer (Debian: apt-get install openjdk-17-jre-headless), then

    python docs/tutorials/spark_job.py [FOLDER]

Without Java it says so and ends.
"""

from __future__ import annotations

import os
import re
import shutil
import subprocess
import sys
from pathlib import Path

import pyarrow as pa
import pyarrow.parquet as pq

import responsetag
from tutorial import go_to_folder, paragraphs, shell, step

# What Spark starts: the Java of JAVA_HOME, or else that of PATH.
home = os.environ.get("JAVA_HOME")
java = shutil.which(str(Path(home) / "bin" / "java") if home else "java")
said = subprocess.run([java, "-version"], capture_output=True, text=True, check=False).stderr if java else ""
version = re.search(r'version "(\d+)', said)
if version is None or int(version[1]) < 17:
    print("NOT RUN: Spark needs Java 17 or newer; install it, or set JAVA_HOME")
    sys.exit(0)

folder = go_to_folder()

step("1. A table")
# Any columns beside the text; they come back as they were. A null text is no failure: its status is
# `empty`.
rows = paragraphs(0, 200)
table = pa.table({"id": [row.id for row in rows] + ["none"], "text": [row.text for row in rows] + [None]})
Path("paragraphs").mkdir()
pq.write_table(table, "paragraphs/part-0.parquet")
print(table.schema)

step("2. The job, on this machine")
# On all cores of this machine, with no cluster. OUTPUT must not exist. Spark talks on the way; the last
# line is the job's own: how many rows were written, and how many of them failed.
shell("python -m responsetag.integrations.spark paragraphs tagged --column text --evidence --partitions 2")

step("3. Read the result")
# A folder of Parquet, for Spark, pandas, DuckDB or pyarrow. --partitions spread the rows, so their order is
# lost: keep an id. Scores are a struct, so reading one label does not read the others; pyarrow calls the
# column by the label.
tagged = pq.read_table(
    "tagged", columns=["id", "text", "labels", "scores.medical_treatment", "status"]
).to_pylist()
assert sorted(row["id"] for row in tagged) == sorted(table["id"].to_pylist())
assert [row["id"] for row in tagged if row["status"] == "empty"] == ["none"]
treated = [row for row in tagged if row["labels"] and "medical_treatment" in row["labels"]]
print(f"{len(treated)} of {len(tagged)} paragraphs tell of medical treatment, such as")
print(treated[0]["id"], round(treated[0]["medical_treatment"], 4), treated[0]["text"])
# It is what one process says of the same text.
tagger = responsetag.load()
for row in treated[:5]:
    assert list(tagger.tag(row["text"]).labels) == row["labels"]

step("4. The same on a cluster")
# The package has to be installed on the driver and on every executor, in the same version. Then:
print("""\
export PYSPARK_PYTHON=/opt/tagging/bin/python   # the Python with responsetag, on every machine
JOB=$($PYSPARK_PYTHON -c 'from responsetag.integrations.spark import job; print(job.__file__)')

spark-submit --master yarn --deploy-mode client \\
    --num-executors 10 --executor-cores 4 --executor-memory 4g \\
    --conf spark.executor.memoryOverhead=2g \\
    "$JOB" hdfs:///paragraphs hdfs:///tagged --column text --evidence --partitions 400""")
# With a model of your own add  --model my-models/desk/0.1.0 : a path on the driver, whose files are sent
# along. In a program or notebook of yours:
#     from responsetag.integrations.spark import add_tags
#     tagged = add_tags(spark.read.parquet("hdfs:///paragraphs"), "text", evidence=True)
#     tagged.where("array_contains(labels, 'medical_treatment')").show()

# docs/scale.md has every column, what to set, and what to expect of a core.
