from __future__ import annotations

import math
import re
import subprocess
import sys
from collections.abc import Callable
from pathlib import Path
from typing import Any, cast

import datasets
import pandas as pd
import polars as pl
import pyarrow as pa
import pytest
from datasets.fingerprint import Hasher

from conftest import ROOT
from responsetag import InputError, Tagger
from responsetag.integrations.arrow import ROWS_AT_ONCE
from responsetag.integrations.columns import COMMENTS

TEXTS = ["志愿者在卡口測溫登記。", None, "——", "给封控小区送去大米，并消毒。", ""]
COLUMNS = [name for name in COMMENTS if name != "evidence"]
STATUS = ["ok", "error", "empty", "ok", "empty"]


def made(kind: str, texts: list[Any]) -> Any:
    data = {"id": list(range(len(texts))), "text": texts}
    kinds: dict[str, Callable[[], Any]] = {
        "pandas": lambda: pd.DataFrame(data, index=[f"r{9 - i % 7}" for i in data["id"]]),
        "pandas objects": lambda: pd.DataFrame(data).astype(object),
        "pandas arrow": lambda: pd.DataFrame(data).convert_dtypes(dtype_backend="pyarrow"),
        "polars": lambda: pl.DataFrame(data),
        "arrow": lambda: pa.table(data),
    }
    return kinds[kind]()


def rows(frame: Any) -> list[dict[str, Any]]:
    if isinstance(frame, pd.DataFrame):
        return [
            {key: None if isinstance(value, type(pd.NA) | float) else value for key, value in row.items()}
            for row in frame.to_dict("records")
        ]
    return list(frame.to_dicts() if isinstance(frame, pl.DataFrame) else frame.to_pylist())


@pytest.mark.parametrize("kind", ["pandas", "pandas objects", "pandas arrow", "polars", "arrow"])
@pytest.mark.parametrize("evidence", [False, True])
def test_a_frame_gets_the_columns_that_spark_gets(tagger: Tagger, kind: str, evidence: bool) -> None:
    frame = made(kind, TEXTS)
    before = rows(frame)
    tagged = tagger.tag_frame(frame, evidence=evidence)
    assert type(tagged) is type(frame)
    assert rows(frame) == before
    expected = list(tagger.tag_many([text or "" for text in TEXTS], evidence=evidence))
    found = rows(tagged)
    names = list(COMMENTS) if evidence else COLUMNS
    assert [list(row) for row in found] == [["id", "text", *names]] * len(TEXTS)
    for i, (row, old, status, tagging) in enumerate(zip(found, before, STATUS, expected, strict=True)):
        assert {key: row[key] for key in old} == old
        assert row["labels"] == list(tagging.labels)
        assert type(row["labels"]) is list
        assert row["scores"] == (None if i == 1 else dict(tagging.scores))
        assert row["status"] == status
        assert bool(row["message"]) == (i == 1)
        assert (row["model"], row["model_version"]) == (tagger.info.name, tagger.info.version)
        if evidence:
            shown = [(item["label"], item["text"], len(item["words"])) for item in row["evidence"]]
            spans = [(tag.label, tag.evidence) for tag in tagging.tags]
            assert shown == [(label, span.text, len(span.words)) for label, span in spans if span]
    if isinstance(frame, pd.DataFrame):
        assert tagged.index.equals(frame.index)


@pytest.mark.parametrize("kind", ["pandas", "polars", "arrow"])
def test_many_rows_and_none(tagger: Tagger, kind: str) -> None:
    many = made(kind, ["消毒", None, "送去大米"] * (ROWS_AT_ONCE // 2))
    found = rows(tagger.tag_frame(many))
    assert [row["status"] for row in found] == ["ok", "error", "ok"] * (ROWS_AT_ONCE // 2)
    assert found[0]["scores"] == found[-3]["scores"] == dict(tagger.tag("消毒").scores)
    nothing = tagger.tag_frame(many[:0])
    assert rows(nothing) == []
    columns = nothing.column_names if kind == "arrow" else list(nothing.columns)
    assert columns == ["id", "text", *COLUMNS]


def test_what_pandas_may_hold(tagger: Tagger) -> None:
    frame = pd.DataFrame(
        {"text": ["消毒", math.nan, 3, pd.NA, ["消毒"], "a\ud800消毒", "消\x00毒"]}, dtype=object
    )
    tagged = tagger.tag_frame(frame, evidence=True)
    assert tagged["status"].tolist() == ["ok", "error", "error", "error", "error", "ok", "ok"]
    assert tagged["message"].tolist()[1:3] == ["is float, not a text", "is int, not a text"]
    category = pd.DataFrame({"text": pd.Categorical(["消毒", None])})
    assert tagger.tag_frame(category)["status"].tolist() == ["ok", "error"]


def test_names_and_thresholds_of_ones_own(tagger: Tagger) -> None:
    frame = pl.DataFrame({"本文": ["给封控小区送去大米。"], "labels": [1]})
    tagged = tagger.tag_frame(frame, "本文", prefix="t_", min_score=0)
    assert tagged.columns == ["本文", "labels", *(f"t_{name}" for name in COLUMNS)]
    assert len(tagged["t_labels"][0]) == len(tagger.labels)


def test_columns_of_pandas_may_have_numbers_for_names(tagger: Tagger) -> None:
    tagged = tagger.tag_frame(pd.DataFrame({0: ["给封控小区送去大米。"]}), cast("str", 0))
    assert tagged.loc[0, "status"] == "ok"


@pytest.mark.parametrize(
    ("frame", "settings", "message"),
    [
        (["消毒"], {}, "list is no data frame"),
        (pd.Series(["消毒"]), {}, "Series is no data frame"),
        (pl.LazyFrame({"text": ["消毒"]}), {}, r"is lazy; give df.collect\(\)"),
        (pd.DataFrame({"body": ["消毒"]}), {}, "no column 'text'; there are: body"),
        (pd.DataFrame([["a", "b"]], columns=["text", "text"]), {}, "occur twice"),
        (pl.DataFrame({"text": ["a"], "scores": [1]}), {}, "exist already: scores"),
        (pl.DataFrame({"text": ["a"]}), {"min_score": 2}, "between 0 and 1"),
    ],
)
def test_what_cannot_be_used_is_refused(
    tagger: Tagger, frame: Any, settings: dict[str, Any], message: str
) -> None:
    with pytest.raises(InputError, match=message):
        tagger.tag_frame(frame, **settings)


def test_a_batch_of_datasets(tagger: Tagger) -> None:
    found = tagger.map_batch({"text": TEXTS, "id": [1] * 5})
    assert list(found) == COLUMNS
    assert found["status"] == STATUS
    assert found["labels"] == [
        list(t.labels) for t in tagger.tag_many([text or "" for text in TEXTS], evidence=False)
    ]
    with pytest.raises(InputError, match="no column 'body'; there are: text"):
        tagger.map_batch({"text": TEXTS}, "body")
    with pytest.raises(InputError, match="exist already: labels"):
        tagger.map_batch({"text": TEXTS, "labels": TEXTS})
    # What map() gives without batched=True would be tagged letter by letter.
    with pytest.raises(InputError, match=r"holds one text, .* batched=True"):
        tagger.map_batch({"text": "对公共场所消毒。"})


def test_datasets_map(tagger: Tagger, tmp_path: Path) -> None:
    # The first batches have no label and no message: their types must be known all the same.
    texts = ["——", "今天天气很好。", "——", "消毒", None, "志愿者在卡口測溫登記。"]
    data = datasets.Dataset.from_dict({"body": texts, "id": list(range(6))})
    data.save_to_disk(tmp_path / "data")
    data = datasets.load_from_disk(tmp_path / "data")
    settings: dict[str, Any] = {"batched": True, "batch_size": 2, "fn_kwargs": {"column": "body"}}
    one = data.map(tagger.map_batch, **settings)
    assert one["status"][:] == ["empty", "ok", "empty", "ok", "error", "ok"]
    assert one[5]["labels"] == list(tagger.tag(texts[5] or "").labels)
    assert one[4]["scores"] is None
    assert one.features["labels"] == datasets.List(datasets.Value("string"))
    assert one.features["message"] == datasets.Value("string")
    assert set(one.features["scores"]) == set(tagger.labels)
    two = data.map(tagger.map_batch, num_proc=2, **settings)
    assert two.features == one.features
    assert two[:] == one[:]
    settings["fn_kwargs"] |= {"evidence": True, "prefix": "t_"}
    shown = data.map(tagger.map_batch, **settings)
    assert shown[5]["t_evidence"][0]["text"] == "志愿者在卡口測溫登記"
    streamed = data.to_iterable_dataset().map(tagger.map_batch, batched=True, fn_kwargs={"column": "body"})
    assert [row["labels"] for row in streamed] == one["labels"][:]


def test_the_cache_of_datasets_knows_the_model(tagger: Tagger) -> None:
    """The same fingerprint in another process and after use, so that nothing is tagged twice."""
    code = (
        "import responsetag\n"
        "from datasets.fingerprint import Hasher\n"
        "tagger = responsetag.load()\n"
        "print(Hasher.hash(tagger.map_batch))\n"
    )
    done = subprocess.run([sys.executable, "-c", code], capture_output=True, text=True, check=True)
    tagger.tag("消毒")
    assert done.stdout.strip() == Hasher.hash(tagger.map_batch)


def test_tagging_frames_needs_an_extra_and_no_more() -> None:
    code = (
        "import sys\n"
        "import polars, responsetag\n"
        "responsetag.load().tag_frame(polars.DataFrame({'text': ['消毒']}))\n"
        "assert not {'datasets', 'sklearn', 'scipy', 'pyspark'} & set(sys.modules)\n"
        "sys.modules['narwhals'] = None\n"
        "try: responsetag.load().tag_frame(polars.DataFrame({'text': ['消毒']}))\n"
        "except responsetag.MissingExtraError as error: print(error)\n"
    )
    done = subprocess.run([sys.executable, "-c", code], capture_output=True, text=True, check=True)
    assert "pip install 'responsetag[frames]'" in done.stdout


def test_the_documented_examples_run(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.chdir(tmp_path)
    blocks = re.findall(
        r"```python\n(.*?)```", (ROOT / "docs" / "integrations.md").read_text(encoding="utf-8"), re.DOTALL
    )
    assert len(blocks) == 6
    space: dict[str, Any] = {}
    for block in blocks:
        exec(block, space)
        if "pandas" in block:
            assert space["tagged"].loc["a", "labels"] == ["volunteer_mobilisation", "access_control"]
            assert space["tagged"].loc["a", "scores"]["access_control"] == pytest.approx(0.938, abs=1e-3)
            assert space["tagged"]["status"].tolist() == ["ok", "ok", "error"]
        elif "datasets" in block:
            assert "donation" in space["tagged"][1]["labels"]
    assert space["classifier"].predict(["民警给菜场消毒。"]).tolist() == [[1, 0]]
    assert space["pipeline"].predict_proba(["给封控小区配送大米。"]).shape == (1, 23)
    assert space["own"].predict(["民警给菜场消毒。"]).shape == (1, 2)
    assert (tmp_path / "my-models" / "mine" / "0.1.0" / "manifest.json").is_file()
