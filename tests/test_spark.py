from __future__ import annotations

import dataclasses
import json
import os
import random
import re
import shutil
import subprocess
import sys
from collections.abc import Callable, Iterator
from pathlib import Path
from typing import Any, cast

import pyarrow as pa
import pyarrow.parquet as pq
import pytest

from responsetag import InputError, ModelError, Tagger, load
from responsetag.model.manifest import content_digest

pyspark = pytest.importorskip("pyspark", reason="NOT TESTED ON SPARK: no pyspark; pip install '.[spark]'")

from pyspark.errors import PythonException  # noqa: E402 - after the check that it is there
from pyspark.sql import DataFrame, SparkSession  # noqa: E402
from pyspark.sql.functions import arrow_udf, col, expr  # type: ignore[attr-defined] # noqa: E402

from responsetag.integrations.spark import add_tags, tag_schema  # noqa: E402
from responsetag.integrations.spark.schema import tag_fields  # noqa: E402
from responsetag.integrations.spark.shipping import ModelSource  # noqa: E402
from responsetag.integrations.spark.worker import batch_function, tag_array  # noqa: E402

BIN = Path(sys.executable).parent
ROWS = 100_000
TEXTS = (
    "镇里连夜抽调三十名党员入户排查返乡人员。",
    "志愿者在卡口測溫登記，為居家隔離群眾代購配送生活用品。",
    "😀縣裏緊急調運大米20噸，保障封控小區居民生活。",
    "今天天气很好。",
)
NOT_UTF8 = "CAST(X'E68A97E7' AS STRING)"


def java_version() -> int:
    """Major version of the Java that Spark would start; 0 where there is none."""
    home = os.environ.get("JAVA_HOME")
    java = str(Path(home) / "bin" / "java") if home else shutil.which("java")
    if java is None or not Path(java).exists():
        return 0
    said = subprocess.run([java, "-version"], capture_output=True, text=True, check=False).stderr
    found = re.search(r'version "(?:1\.)?(\d+)', said)
    return int(found[1]) if found else 0


pytestmark = [
    pytest.mark.spark,
    pytest.mark.skipif(
        java_version() < 17, reason="NOT TESTED ON SPARK: no Java 17 or newer; set JAVA_HOME or PATH"
    ),
    # PySpark says so of itself whenever it starts; the columns here never pass through pandas.
    pytest.mark.filterwarnings("ignore:PySpark does not yet fully support pandas:FutureWarning"),
]


@pytest.fixture(scope="module")
def environment() -> Iterator[dict[str, str]]:
    """What a session and its workers run in: this Python, no network but this machine, and a Java that
    starts fast and is not made for long runs."""
    settings = {
        "PYSPARK_PYTHON": sys.executable,
        "SPARK_LOCAL_IP": "127.0.0.1",
        "JAVA_TOOL_OPTIONS": "-XX:TieredStopAtLevel=1 -XX:+UseSerialGC",
    }
    with pytest.MonkeyPatch.context() as patch:
        for name, value in settings.items():
            patch.setenv(name, value)
        yield {**os.environ, **settings}


@pytest.fixture(scope="module")
def spark(environment: dict[str, str], tmp_path_factory: pytest.TempPathFactory) -> Iterator[SparkSession]:
    del environment
    folder = tmp_path_factory.mktemp("spark")
    settings: dict[str, Any] = {
        "spark.ui.enabled": "false",
        "spark.ui.showConsoleProgress": "false",
        "spark.log.level": "OFF",
        "spark.sql.shuffle.partitions": "2",
        "spark.local.dir": str(folder / "local"),
        "spark.sql.warehouse.dir": str(folder / "warehouse"),
    }
    builder = SparkSession.builder.master("local[2]").appName("responsetag-tests")
    session = builder.config(map=settings).getOrCreate()
    yield session
    session.stop()


@pytest.fixture
def page(spark: SparkSession) -> DataFrame:
    """A few texts with a null, blank ones and one that is no UTF-8 among them."""
    rows = [(i, text) for i, text in enumerate([*TEXTS, None, "", " …… "])]
    good = spark.createDataFrame(rows, "id int, text string")
    return good.unionAll(spark.sql(f"SELECT {len(rows)}, {NOT_UTF8}")).coalesce(1)


@pytest.fixture
def own_model(tmp_path: Path, tagger: Tagger) -> Path:
    """The shipped model under another name, as one that executors do not have."""
    directory = tmp_path / "own"
    shutil.copytree(tagger.info.path, directory)
    manifest = json.loads((directory / "manifest.json").read_text(encoding="utf-8"))
    del manifest["digest"]
    manifest |= {"name": "own", "version": "7.1.0"}
    content = {"digest": content_digest(manifest), **manifest}
    (directory / "manifest.json").write_text(json.dumps(content), encoding="utf-8")
    return directory


def test_a_hundred_thousand_paragraphs_come_out_as_from_one_process(
    spark: SparkSession, tagger: Tagger, sentences: list[str], tmp_path: Path
) -> None:
    draw = random.Random(7)
    texts: list[str | None] = ["".join(draw.sample(sentences, draw.choice((1, 1, 2)))) for _ in range(ROWS)]
    texts[::1000] = [None] * len(texts[::1000])
    texts[5::1000] = [" \n"] * len(texts[5::1000])
    ids = list(range(ROWS))
    draw.shuffle(ids)
    given = pa.table({"id": pa.array(ids, pa.int64()), "text": pa.array([texts[i] for i in ids])})
    source, target = tmp_path / "in", tmp_path / "out"
    source.mkdir()
    for part in range(4):
        pq.write_table(given.slice(part * ROWS // 4, ROWS // 4), source / f"{part}.parquet")

    add_tags(spark.read.parquet(str(source))).write.parquet(str(target))

    found = pq.read_table(target).sort_by("id")
    assert found.column_names == ["id", "text", *tag_schema().fieldNames()]
    assert found["id"].to_pylist() == list(range(ROWS))
    assert found["text"].to_pylist() == texts
    assert set(found["model"].to_pylist()) == {tagger.info.name}
    assert set(found["model_version"].to_pylist()) == {tagger.info.version}
    rows = zip(*(found[name].to_pylist() for name in ("labels", "scores", "status", "message")), strict=True)
    expected = tagger.tag_many((text or "" for text in texts), evidence=False)
    labelled = 0
    for row, (tagging, (labels, scores, status, message)) in enumerate(zip(expected, rows, strict=True)):
        assert labels == list(tagging.labels), row
        assert scores == dict(tagging.scores), row
        assert (status, message) == (tagging.status, None), row
        labelled += bool(labels)
    assert labelled > ROWS / 10


def test_the_columns_are_those_of_the_schema(page: DataFrame) -> None:
    for evidence, prefix in ((False, ""), (True, "tag_")):
        schema = tag_schema(evidence=evidence, prefix=prefix)
        tagged = add_tags(page, evidence=evidence, prefix=prefix)
        assert tagged.schema.fields == [*page.schema.fields, *schema.fields]
        assert all(field.metadata["comment"] for field in schema.fields)
        assert [field.name for field in schema] == [
            prefix + name
            for name in ("labels", "scores", "evidence", "status", "message", "model", "model_version")
            if evidence or name != "evidence"
        ]


def test_a_row_that_fails_does_not_take_the_others_with_it(page: DataFrame, tagger: Tagger) -> None:
    rows = add_tags(page).collect()
    assert [row.id for row in rows] == list(range(8))
    assert [row.status for row in rows] == ["ok"] * 4 + ["empty"] * 3 + ["error"]
    assert rows[7].message == "the text is not UTF-8 (byte 3); decode it with its own encoding"
    assert [row.message for row in rows[:7]] == [None] * 7
    assert (rows[7].labels, rows[7].scores) == ([], None)
    for row, tagging in zip(rows, tagger.tag_many(TEXTS, evidence=False), strict=False):
        assert row.labels == list(tagging.labels)
        assert row.scores.asDict() == dict(tagging.scores)


class Failing:
    """A tagger that meets what it cannot take."""

    def __init__(self, tagger: Tagger) -> None:
        self._tagger = tagger

    def __getattr__(self, name: str) -> Any:
        return getattr(self._tagger, name)

    def tag_many(self, texts: list[str], **options: Any) -> Iterator[Any]:
        if "坏行" in texts:
            raise RuntimeError("broken")
        return self._tagger.tag_many(texts, **options)


def test_a_text_on_which_tagging_fails_is_an_error_of_its_row(tagger: Tagger) -> None:
    texts = pa.array(["消毒", "坏行", None, "排查"] * 400)
    found = tag_array(cast("Tagger", Failing(tagger)), texts, evidence=True, min_score=None).to_pylist()
    assert [row["status"] for row in found] == ["ok", "error", "empty", "ok"] * 400
    assert found[1]["message"] == "tagging failed (RuntimeError: broken)"
    assert (found[1]["labels"], found[1]["scores"], found[1]["evidence"]) == ([], None, [])
    assert found[0]["labels"] == list(tagger.tag("消毒").labels)
    assert tag_array(tagger, pa.array([], pa.string()), evidence=True, min_score=None).to_pylist() == []


def test_evidence_and_min_score(page: DataFrame, tagger: Tagger) -> None:
    tagged = add_tags(page, evidence=True, min_score=0.05).where("size(labels) > 0")
    cut = expr("transform(evidence, e -> substring(text, e.start + 1, e.end - e.start))")
    rows = tagged.withColumn("cut", cut).collect()
    assert rows
    for row in rows:
        tagging = tagger.tag(row.text, min_score=0.05)
        assert row.labels == list(tagging.labels)
        assert len(row.evidence) == len(tagging.tags)
        for item, tag in zip(row.evidence, tagging.tags, strict=True):
            assert tag.evidence is not None
            shown = {"label": tag.label, **dataclasses.asdict(tag.evidence)}
            assert item.asDict(recursive=True) == {**shown, "words": list(shown["words"])}
        assert row.cut == [item.text for item in row.evidence]


def test_other_columns_of_any_type_stay_as_they_are(spark: SparkSession) -> None:
    df = spark.sql(
        """
        SELECT id, IF(id % 2 = 0, NULL, value) AS value, '消毒' AS text, value AS again
        FROM (
          SELECT id, named_struct(
            'tiny', CAST(id AS TINYINT), 'nan', CAST('NaN' AS FLOAT), 'zero', CAST(-0.0D AS DOUBLE),
            'money', CAST('12345678901234567890.123456789' AS DECIMAL(38, 9)),
            'day', DATE'0001-01-01', 'moment', TIMESTAMP'2020-01-23 10:00:00.123456',
            'local', TIMESTAMP_NTZ'1582-10-04 23:59:59.999999', 'bytes', X'00FF',
            'month', INTERVAL '1-2' YEAR TO MONTH, 'time', INTERVAL '3 04:05:06.000007' DAY TO SECOND,
            'any', parse_json('{"a": [1, null]}'), 'bad', CAST(X'FF' AS STRING),
            'nested', array(NULL, map('k', named_struct('x', CAST(NULL AS INT), 'y', array(1, NULL))))
          ) AS value FROM range(4)
        )
        """
    ).withColumn("noted", col("id").alias("noted", metadata={"comment": "kept"}))
    df = df.withColumn("span", expr("make_interval(1, 2, 3, 4)"))
    tagged = add_tags(df)
    assert tagged.columns[: len(df.columns)] == df.columns
    assert tagged.schema.fields[: len(df.columns)] == df.schema.fields

    names = df.select("value.*").columns
    # Compared as Spark writes them: Python has no type for some, and rounds others.
    shown = [f"CAST(value.{name} AS STRING)" for name in names if name not in {"any", "bytes", "bad"}]
    shown += [
        "to_json(value.any)",
        "hex(value.bytes)",
        "hex(value.bad)",
        "noted",
        "CAST(span AS STRING)",
        "id",
    ]

    def plain(frame: DataFrame) -> list[Any]:
        return frame.selectExpr(*shown).collect()

    assert plain(df)[1][0] == "1"
    assert plain(tagged) == plain(df)
    assert tagged.where("size(labels) = 1").count() == 4


def test_a_filter_on_tags_does_not_tag_twice(page: DataFrame, capsys: pytest.CaptureFixture[str]) -> None:
    add_tags(page).where("status = 'ok'").select("id", "scores.donation").explain()
    assert capsys.readouterr().out.count("ArrowEvalPython") == 1


def test_names_of_columns(spark: SparkSession, page: DataFrame) -> None:
    odd = page.select("id", "id", col("text").alias("a.`b"), col("text").alias("正文"))
    assert add_tags(odd, "a.`b").columns[:4] == ["id", "id", "a.`b", "正文"]
    assert [row.status for row in add_tags(odd, "正文").select("status").collect()].count("ok") == 4
    both = add_tags(add_tags(page), prefix="again_")
    assert both.columns[-6:] == [f"again_{name}" for name in tag_schema().fieldNames()]
    assert add_tags(page, "TEXT").columns[:2] == ["id", "text"]  # as Spark finds columns
    spark.conf.set("spark.sql.caseSensitive", "true")
    try:
        with pytest.raises(InputError, match="no column 'TEXT'; there are: id, text"):
            add_tags(page, "TEXT")
    finally:
        spark.conf.unset("spark.sql.caseSensitive")


def test_what_cannot_be_tagged_is_refused_at_once(page: DataFrame) -> None:
    cases: tuple[tuple[DataFrame, str, dict[str, Any], str], ...] = (
        (page, "body", {}, "no column 'body'; there are: id, text"),
        (page, "id", {}, "column 'id' is int, not string"),
        (page.select("text", "text"), "text", {}, "several columns 'text'"),
        (page.withColumn("Status", col("id")), "text", {}, "columns exist already: status; rename"),
        (page, "text", {"min_score": 1.5}, "min_score"),
    )
    for given, column, options, message in cases:
        with pytest.raises(InputError, match=message):
            add_tags(given, column, **options)
    for wrong in ("nothing", "./nothing"):
        with pytest.raises(ModelError, match="nothing"):
            add_tags(page, model=wrong)


def test_a_model_of_ones_own_goes_along(page: DataFrame, own_model: Path, tagger: Tagger) -> None:
    (own_model / "notes.bin").write_bytes(b"not part of the model")
    tagged = add_tags(page, model=own_model)
    shutil.rmtree(own_model)  # as on an executor
    rows = tagged.collect()
    assert {(row.model, row.model_version) for row in rows} == {("own", "7.1.0")}
    assert rows[0].labels == list(tagger.tag(TEXTS[0]).labels)


def test_an_executor_with_another_model_says_so(page: DataFrame, tagger: Tagger) -> None:
    def broken(change: Callable[[ModelSource], ModelSource], name: str | Path) -> str:
        source = change(ModelSource.of(load(name), name))
        function = batch_function(source, evidence=False, min_score=None)
        fields = tag_fields(tagger.labels, evidence=False)
        with pytest.raises(PythonException) as caught:
            page.select(arrow_udf(function, fields)("text")).collect()
        return str(caught.value)

    other = broken(lambda source: dataclasses.replace(source, digest="0", package="9.9"), "zh-response")
    assert f"zh-response {tagger.info.version} is not the model that the driver has" in other
    assert "Install responsetag 9.9, which the driver has, on every executor" in other
    missing = broken(lambda source: dataclasses.replace(source, version="99.0.0"), "zh-response")
    assert "zh-response has no version 99.0.0" in missing

    def altered(source: ModelSource) -> ModelSource:
        assert source.files
        files = {**source.files, "golden.jsonl": source.files["golden.jsonl"][:-1]}
        return dataclasses.replace(source, files=files, digest="1")

    assert "golden.jsonl: has" in broken(altered, Path(tagger.info.path))


def test_batches_of_any_size(spark: SparkSession, page: DataFrame) -> None:
    whole = add_tags(page, evidence=True).collect()
    for name, value in (
        ("spark.sql.execution.arrow.maxRecordsPerBatch", "3"),
        ("spark.sql.execution.arrow.useLargeVarTypes", "true"),
    ):
        spark.conf.set(name, value)
        try:
            assert add_tags(page, evidence=True).collect() == whole
        finally:
            spark.conf.unset(name)


def test_the_job_as_a_cluster_starts_it(
    environment: dict[str, str], page: DataFrame, own_model: Path, tagger: Tagger, tmp_path: Path
) -> None:
    page.withColumnRenamed("text", "正文").write.parquet(str(tmp_path / "in"))
    script = Path(sys.modules[add_tags.__module__].__file__ or "").with_name("job.py")
    command = [BIN / "spark-submit", "--master", "local[2]", "--conf", "spark.ui.enabled=false", script]
    options = ["--column", "正文", "--model", own_model, "--evidence", "--partitions", "3"]
    done = run_job([*command, tmp_path / "in", tmp_path / "out", *options], environment)
    assert done.returncode == 1, done.stderr
    # spark-submit passes on what a script says to either as its own output.
    assert f"responsetag: 8 rows in {tmp_path / 'out'}, 1 failed\n" in done.stdout
    table = pq.read_table(tmp_path / "out").sort_by("id")
    assert table["id"].to_pylist() == list(range(8))
    assert table["status"].to_pylist() == ["ok"] * 4 + ["empty"] * 3 + ["error"]
    assert set(table["model"].to_pylist()) == {"own"}
    assert table["labels"].to_pylist()[0] == list(tagger.tag(TEXTS[0]).labels)
    assert [item["label"] for item in table["evidence"].to_pylist()[0]] == table["labels"].to_pylist()[0]


def test_the_job_on_this_machine(environment: dict[str, str], tmp_path: Path, tagger: Tagger) -> None:
    # The command itself sees to the workers.
    environment = {name: value for name, value in environment.items() if name != "PYSPARK_PYTHON"}
    pq.write_table(pa.table({"text": list(TEXTS)}), tmp_path / "in.parquet")
    command = [BIN / "python", "-m", "responsetag.integrations.spark", tmp_path / "in.parquet"]
    done = run_job([*command, tmp_path / "out", "--prefix", "tag_"], environment)
    assert done.returncode == 0, done.stderr
    assert f"4 rows in {tmp_path / 'out'}, 0 failed" in done.stderr
    table = pq.read_table(tmp_path / "out")
    assert table["text"].to_pylist() == list(TEXTS)
    expected = [list(tagging.labels) for tagging in tagger.tag_many(TEXTS, evidence=False)]
    assert table["tag_labels"].to_pylist() == expected
    again = run_job([*command, tmp_path / "out"], environment)
    assert again.returncode == 2
    assert "already exists" in again.stderr
    assert pq.read_table(tmp_path / "out").equals(table)


def run_job(command: list[Any], environment: dict[str, str]) -> subprocess.CompletedProcess[str]:
    return subprocess.run(
        [str(part) for part in command], capture_output=True, text=True, env=environment, check=False
    )
