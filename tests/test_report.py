"""The report's data: the same from pages and from finished runs, whatever they hold."""

from __future__ import annotations

import datetime as dt
import html
import json
import re
import sys
from collections.abc import Callable
from pathlib import Path
from typing import Any

import pyarrow as pa
import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st
from pyarrow import parquet

from conftest import Run
from responsetag import InputError, MissingExtraError, ModelError, OutputError, Tagger
from responsetag.batch.run import tag_files
from responsetag.cli import main
from responsetag.report import write_report
from responsetag.report.dates import EARLIEST, date_in_name, date_line, published
from responsetag.report.lines import Line, edges
from responsetag.report.metadata import of_html
from responsetag.report.summary import bins, summarize
from responsetag.report.titles import title_of
from responsetag.taxonomy import load_taxonomy

LATEST = dt.date(2024, 6, 2)
ACTION = "全镇党员干部连夜入户排查返乡人员，逐户登记造册。"
BODY = (
    "连日来，全镇党员干部连夜入户排查返乡人员，逐户登记造册；村医上门测体温，超市把蔬菜和药品送到隔离户门口。"
)
PAGES = {
    "a.txt": f"您的位置: 首页 > 乡镇 > 正文\n\n柳河镇三天走遍八千户\n\n2020-02-06 09:42 来源: 雲嶺週刊\n\n{BODY}\n{ACTION}\n",
    "b.txt": f"關於做好防汛工作的通知\n{BODY}\n「{ACTION}」\n二〇二一年七月三十日\n",
    "c.md": f"# 防疫日记\n\n{BODY}\n\n* {ACTION}\n\n𠮷😀{ACTION}\n",
    "empty.txt": "",
}  # fmt: skip
HOSTILE = "</script><script>alert(1)</script>\u202e\u2028 ' onload=x ]]> <!-- {{ 7*7 }} {% x %} =1+1 全镇排查返乡人员，逐户登记造册。"
Outcome = tuple[dict[str, Any], list[str]]


def data(page: Path) -> dict[str, Any]:
    """The payload that a report carries."""
    found = re.search(
        r'<script type="application/json" id="data">(.*?)</script>', page.read_text("utf-8"), re.DOTALL
    )
    assert found
    payload: dict[str, Any] = json.loads(found[1])
    return payload


def write_pages(folder: Path) -> Path:
    folder.mkdir()
    for name, text in PAGES.items():
        (folder / name).write_text(text, encoding="utf-8")
    return folder


@pytest.fixture
def report(tmp_path: Path, tagger: Tagger) -> Callable[..., Outcome]:
    """The payload of a report of some inputs, and what was said."""

    def call(*inputs: Path, **options: Any) -> Outcome:
        said: list[str] = []
        write_report(inputs, tmp_path / "r.html", say=said.append, **{"model": tagger, **options})
        return data(tmp_path / "r.html"), said

    return call


def run_row(**values: Any) -> dict[str, Any]:
    """A row as a run writes it."""
    row = {
        "document": "a.txt", "paragraph": 1, "id": None, "start": 0, "end": len(ACTION), "text": ACTION,
        "labels": ["screening"], "names": ["人员排查"], "scores": {"screening": 0.9, "other": 0.1},
        "evidence": {"screening": {"start": 0, "end": 4, "text": ACTION[:4], "score": 0.9, "base": -1.0, "rest": 0.1, "words": [
            {"start": 1, "end": 3, "text": ACTION[1:3], "weight": 2.0, "share": 0.75}]}},
        "status": "ok", "message": None, "model": "mine", "model_version": "2.0.0",
    }  # fmt: skip
    return row | values


def write_rows(file: Path, *rows: object) -> Path:
    lines = [row if isinstance(row, str) else json.dumps(row, ensure_ascii=False) for row in rows]
    file.write_text("\n".join(lines) + "\n", encoding="utf-8")
    return file


def comparable(payload: dict[str, Any], *, words: bool = True) -> dict[str, Any]:
    """Without where it is from and what a run does not keep: the model's digest, and in CSV the words."""
    models = [model | {"digest": None} for model in payload["run"]["models"]]
    for paragraph in payload["paragraphs"] if not words else ():
        for tag in paragraph["tags"]:
            assert tag["e"]
            tag["e"]["w"] = []
    return payload | {"run": payload["run"] | {"models": models, "inputs": [], "tagged": None, "runs": None}}


def test_pages_and_finished_runs_give_the_same(run: Run, tmp_path: Path, tagger: Tagger) -> None:
    folder = write_pages(tmp_path / "pages")
    done = run("report", folder, "-o", "pages.html")
    assert done.returncode == 0, done.stderr
    expected = data(tmp_path / "pages.html")
    assert [(Path(d["name"]).name, d["title"], d["date"], d["failed"]) for d in expected["documents"]] == [
        ("a.txt", "柳河镇三天走遍八千户", "2020-02-06", None),
        ("b.txt", "關於做好防汛工作的通知", "2021-07-30", None),
        ("c.md", "防疫日记", None, None),
        ("empty.txt", None, None, None),
    ]
    assert [group["id"] for group in expected["groups"]] == list("ABCDEF")
    assert [label["slug"] for label in expected["labels"]] == list(tagger.labels)
    summary = expected["summary"]
    assert (summary["documents"], summary["paragraphs"], summary["failed"]) == (4, 13, 0)
    assert summary["with_action"] == sum(bool(p["tags"]) for p in expected["paragraphs"]) >= 5
    assert summary["time"]["unknown"] == 2
    for paragraph in expected["paragraphs"]:
        text = PAGES[Path(expected["documents"][paragraph["d"]]["name"]).name]
        assert text[paragraph["s"] :].startswith(paragraph["t"])
        taggings = tagger.tag(paragraph["t"])
        for tag, own in zip(paragraph["tags"], taggings.tags, strict=True):
            assert expected["labels"][tag["l"]]["slug"] == own.label
            assert own.evidence
            assert (tag["e"]["a"], tag["e"]["b"]) == (own.evidence.start, own.evidence.end)
            assert [w[:2] for w in tag["e"]["w"]] == [[w.start, w.end] for w in own.evidence.words]
    for name in ("out.jsonl", "out.csv", "out.parquet", "out.jsonl.gz", "out.csv.zst"):
        output = tmp_path / name
        tag_files([folder], output, model=tagger)
        if name.endswith("l"):
            done = run("report", name, "-o", "run.html", "--model", "./no-such-model")
            assert done.returncode == 0, done.stderr
        else:
            write_report([output], tmp_path / "run.html", model="./no-such-model")
        words = ".csv" not in name
        assert comparable(data(tmp_path / "run.html"), words=words) == comparable(
            data(tmp_path / "pages.html"), words=words
        ), name


def test_a_run_may_come_through_a_pipe(run: Run, tmp_path: Path) -> None:
    for separators in ((", ", ": "), (",", ":")):  # of the command, and of a report's download
        line = json.dumps(run_row(document="甲.txt"), ensure_ascii=False, separators=separators).encode()
        done = run("report", "-", "-o", "r.html", stdin=line + b"\nnot a row\n")
        assert done.returncode == 1
        assert b"-:2: is not JSON" in done.stderr
        payload = data(tmp_path / "r.html")
        assert [d["name"] for d in payload["documents"]] == ["甲.txt", "-"]


def test_what_is_wrong_is_said(
    run: Run, tmp_path: Path, monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
) -> None:
    monkeypatch.chdir(tmp_path)
    (tmp_path / "bad.txt").write_bytes(b"\0\1\2" * 500)
    (tmp_path / "a.txt").write_text(ACTION, encoding="utf-8")
    done = run("report", "bad.txt", "a.txt", "gone.txt", "-o", "r.html")
    assert done.returncode == 1
    assert b"2 rows failed" in done.stderr
    payload = data(tmp_path / "r.html")
    assert [bool(d["failed"]) for d in payload["documents"]] == [True, False, True]
    assert [p["st"] for p in payload["paragraphs"]] == ["error", "ok", "error"]
    assert payload["summary"]["failed"] == 2
    assert "does not look like text" in payload["paragraphs"][0]["m"]
    for arguments, reason in (
        (("a.txt", "-o", "."), "is a directory"),
        (("a.txt", "-o", "no/r.html"), "cannot be written"),
        (("a.txt", "-o", "./a.txt"), "named as input and as output"),
        (("a.txt",), "Missing option"),
        (("a.txt", "-o", "-"), "a report is a file"),
        (("a.txt", "-o", "r.html", "--min-score", "nan"), "between 0 and 1"),
    ):
        with pytest.raises(SystemExit) as stop:
            main(["report", *arguments])
        assert stop.value.code == 2, arguments
        assert reason in capsys.readouterr().err, arguments
    assert (tmp_path / "a.txt").read_text("utf-8") == ACTION


def test_the_output_is_replaced_only_when_complete(tmp_path: Path, tagger: Tagger) -> None:
    page = tmp_path / "r.html"
    page.write_text("before", encoding="utf-8")
    (tmp_path / "a.txt").write_text(ACTION, encoding="utf-8")
    with pytest.raises(ModelError):
        write_report([tmp_path / "a.txt"], page, model="./no-such-model")
    assert page.read_text("utf-8") == "before"
    with pytest.raises(InputError, match="between 0 and 1"):
        write_report([tmp_path / "a.txt"], page, model=tagger, min_score=2)
    with pytest.raises(InputError, match="list of them"):
        write_report(str(tmp_path / "a.txt"), page)
    with pytest.raises(OutputError, match="is a folder"):
        write_report([tmp_path / "a.txt"], tmp_path)
    assert {file.name for file in tmp_path.iterdir()} == {"a.txt", "r.html"}
    # The page lies among its inputs: it is written, not read.
    said: list[str] = []
    result = write_report([tmp_path], page, model=tagger, say=said.append)
    assert (result.documents, result.failures) == (1, 0)
    assert "is the output" in said[0]
    assert len(data(page)["documents"]) == 1


def test_malformed_rows_of_a_run_fail_where_they_stand(
    tmp_path: Path, report: Callable[..., Outcome]
) -> None:
    bad: list[object] = [
        "{broken", "[1]", '"text"', "null", run_row(text=7), run_row(labels="screening"), run_row(scores={}),
        run_row(scores={"screening": 1.5}), run_row(scores=None), run_row(status="maybe"), run_row(names=[1]),
        run_row(labels=["screening", "more"]), run_row(paragraph="x"), run_row(paragraph=-1), run_row(document=None),
        run_row(paragraph=10**30), {"text": ACTION}, run_row(evidence=[1]), run_row(labels=[None]),
        '{"document": "a.txt", "paragraph": 1e999, "text": "x"}', run_row(scores={"screening": float("nan")}),
    ]  # fmt: skip
    file = write_rows(tmp_path / "out.jsonl", *bad[:3], run_row(), *bad[3:], run_row(paragraph=2))
    payload, said = report(file)
    rows = payload["paragraphs"]
    assert len(rows) == len(bad) + 2
    assert sum(row["st"] == "ok" for row in rows) == 2
    lines = [n for n in range(1, len(bad) + 3) if n not in {4, len(bad) + 2}]
    told = sorted(int(re.search(rf"{file}:(\d+): ", row["m"])[1]) for row in rows if row["st"] == "error")  # type: ignore[index]
    assert told == lines
    assert len(said) == len(bad)
    assert payload["summary"]["failed"] == len(bad)


def test_rows_that_failed_stay_failed(tmp_path: Path, report: Callable[..., Outcome]) -> None:
    rows = [
        run_row(),
        run_row(paragraph=2, status="error", message="a.txt:2: lost", text="", labels=[], names=[], scores={}, evidence={}),
        run_row(paragraph=3, status="empty", text="——", labels=[], names=[], evidence={}),
        run_row(document="b.txt", paragraph=0, status="error", message="b.txt: gone", text="", labels=[], scores={}),
    ]  # fmt: skip
    payload, said = report(write_rows(tmp_path / "out.jsonl", *rows))
    assert [p["st"] for p in payload["paragraphs"]] == ["ok", "error", "empty", "error"]
    assert [d["failed"] for d in payload["documents"]] == [None, "b.txt: gone"]
    assert said == ["a.txt:2: lost", "b.txt: gone"]
    assert (payload["summary"]["empty"], payload["summary"]["failed"]) == (1, 2)


def test_evidence_that_does_not_fit_is_left_out(tmp_path: Path, report: Callable[..., Outcome]) -> None:
    span = run_row()["evidence"]["screening"]
    word = span["words"][0]
    wrong = [
        span | {"end": 999}, span | {"start": -1}, span | {"start": "0"}, span | {"words": 3}, span | {"words": [3]},
        span | {"words": [word | {"end": 99}]}, span | {"words": [word | {"share": float("inf")}]}, {"text": "x"}, [1],
    ]  # fmt: skip
    rows = [run_row(paragraph=i, evidence={"screening": one}) for i, one in enumerate([span, *wrong], 1)]
    payload, said = report(write_rows(tmp_path / "out.jsonl", *rows))
    first, *others = payload["paragraphs"]
    assert first["tags"] == [{"l": 0, "p": 0.9, "e": {"a": 0, "b": 4, "w": [[1, 3, 0.75]]}}]
    assert len(others) == len(wrong) == len(said)
    assert all(p["st"] == "ok" and p["tags"][0]["e"] is None and "does not fit" in p["m"] for p in others)
    moved = write_rows(tmp_path / "moved.jsonl", run_row(start=100, evidence={"screening": span | {
        "start": 100, "end": 104, "words": [word | {"start": 101, "end": 103}]}}))  # fmt: skip
    assert report(moved)[0]["paragraphs"][0]["tags"] == first["tags"]


def test_labels_of_a_set_of_ones_own(tmp_path: Path, report: Callable[..., Outcome]) -> None:
    ours = load_taxonomy().labels[3]
    rows = [
        run_row(labels=["x-1", ours.slug], names=["自己的", "别的意思"], scores={"y": 0.1, ours.slug: 0.5, "x-1": 0.9}, evidence={}),
    ]  # fmt: skip
    rows.append(rows[0] | {"paragraph": 2, "labels": [], "names": []})
    payload, _ = report(write_rows(tmp_path / "out.jsonl", *rows))
    assert [(label["slug"], label["zh"], label["group"]) for label in payload["labels"]] == [
        ("y", "y", ""), (ours.slug, "别的意思", ""), ("x-1", "自己的", ""),
    ]  # fmt: skip
    assert payload["groups"] == []
    assert payload["summary"]["labels"] == [0, 1, 1]
    assert payload["summary"]["together"] == [[0, 0, 0], [0, 1, 1], [0, 1, 1]]
    header = (
        "document,paragraph,id,start,end,text,labels,names,scores,evidence,status,message,model,model_version"
    )
    line = f"a.txt,1,,0,{len(ACTION)},{ACTION},x-1;z,自己的;末,0.9000;0.3000,,ok,,mine,2"
    payload, _ = report(write_rows(tmp_path / "out.csv", header, line))
    assert [label["zh"] for label in payload["labels"]] == ["自己的", "末"]
    assert [tag["e"] for tag in payload["paragraphs"][0]["tags"]] == [None, None]


def test_runs_and_pages_may_be_mixed(tmp_path: Path, report: Callable[..., Outcome], tagger: Tagger) -> None:
    (tmp_path / "2020-02-10_x.txt").write_text(ACTION, encoding="utf-8")
    one = write_rows(tmp_path / "one.jsonl", run_row(document="20210304.txt"), run_row(document="b.txt"))
    two = write_rows(tmp_path / "two.jsonl", run_row(model_version="2.1.0", labels=["other"], names=["其他"]))
    table = write_rows(
        tmp_path / "20200101.jsonl", {"text": ACTION, "date": "2020-01-01"}, {"text": "", "labels": []}
    )
    payload, _ = report(tmp_path / "2020-02-10_x.txt", one, two, table)
    assert [(d["name"], d["date"]) for d in payload["documents"]] == [
        (str(tmp_path / "2020-02-10_x.txt"), "2020-02-10"), ("20210304.txt", "2021-03-04"), ("b.txt", None),
        ("a.txt", None), (str(table), None),
    ]  # fmt: skip
    models = payload["run"]["models"]
    assert [(m["name"], m["version"]) for m in models] == [
        ("zh-response", tagger.info.version), ("mine", "2.0.0"), ("mine", "2.1.0"),
    ]  # fmt: skip
    assert [m["digest"] for m in models] == [tagger.info.digest, None, None]
    assert (
        len(payload["labels"])
        == len({label["slug"] for label in payload["labels"]})
        == len(tagger.labels) + 2
    )
    assert [p["d"] for p in payload["paragraphs"]] == [0, 1, 2, 3, 4, 4]
    assert [p["mo"] for p in payload["paragraphs"]] == [0, 1, 1, 2, 0, 0]
    for inputs, score, wanted in (
        ([one], None, "finished runs as they are"),
        ([one, table], 0.25, "0.25; finished runs as they are"),
        ([table], None, "each label's own threshold"),
    ):
        report(*inputs, min_score=score)
        page = (tmp_path / "r.html").read_text("utf-8")
        shown = html.unescape(re.sub("<[^>]*>", "", page.split("Minimum score")[1].split("</dd>")[0]))
        chinese = ("各标签自己的阈值", "已有结果照原样")
        assert re.sub("|".join(chinese), "", shown).strip() == wanted


def test_rows_keep_the_names_that_a_table_gave_them(
    tmp_path: Path, report: Callable[..., Outcome], tagger: Tagger
) -> None:
    table = write_rows(
        tmp_path / "t.jsonl", {"id": "=甲", "text": ACTION}, {"id": 7, "text": ""}, {"id": 8, "text": 3}
    )
    assert [p["id"] for p in report(table)[0]["paragraphs"]] == ["=甲", "7", "8"]
    for name in ("run.jsonl", "run.csv", "run.parquet"):
        tag_files([table], tmp_path / name, model=tagger)
        assert [p["id"] for p in report(tmp_path / name)[0]["paragraphs"]] == ["=甲", "7", "8"], name


def test_a_run_may_say_that_there_is_no_evidence(tmp_path: Path, report: Callable[..., Outcome]) -> None:
    payload, said = report(write_rows(tmp_path / "run.jsonl", run_row(evidence=None)))
    assert said == []
    assert [(p["st"], p["tags"][0]["e"]) for p in payload["paragraphs"]] == [("ok", None)]


def test_damaged_runs_give_what_is_sound(tmp_path: Path, report: Callable[..., Outcome]) -> None:
    table = pa.Table.from_pylist(
        [run_row(paragraph=n, evidence=[], text=ACTION + str(n)) for n in range(1, 500)]
    )
    file = tmp_path / "out.parquet"
    parquet.write_table(table, file, row_group_size=100, compression="none")
    assert report(file)[0]["summary"]["paragraphs"] == 499
    broken = file.read_bytes().replace((ACTION + "250").encode(), b"\xff" * len((ACTION + "250").encode()))
    file.write_bytes(broken)
    payload, _ = report(file)
    assert payload["summary"]["failed"] >= 1
    assert payload["summary"]["paragraphs"] - payload["summary"]["failed"] >= 399
    lines = "\n".join(json.dumps(run_row(paragraph=n)) for n in range(1, 50))
    cut = tmp_path / "out.jsonl"
    cut.write_text(lines[:-9], encoding="utf-8")
    assert [p["st"] for p in report(cut)[0]["paragraphs"]] == ["ok"] * 48 + ["error"]


@settings(max_examples=8, suppress_health_check=[HealthCheck.function_scoped_fixture])
@given(
    text=st.text(max_size=60),
    name=st.text(min_size=1, max_size=20),
    form=st.sampled_from(["jsonl", "csv", "parquet"]),
)
def test_any_text_is_shown_as_it_is(
    text: str, name: str, form: Any, tmp_path: Path, tagger: Tagger, report: Callable[..., Outcome]
) -> None:
    text = HOSTILE + text
    source = write_rows(tmp_path / "in.jsonl", json.dumps({"text": text}))
    tag_files([source], tmp_path / f"out.{form}", model=tagger, form=form)
    payload, _ = report(tmp_path / f"out.{form}")
    shown = payload["paragraphs"][0]["t"]
    assert shown == text if form == "jsonl" else shown == text.encode("utf-8", "replace").decode()
    assert payload["paragraphs"][0]["tags"]
    assert (tmp_path / "r.html").read_text("utf-8").count("alert(1)</script>") == 0
    own = write_rows(tmp_path / "own.jsonl", json.dumps(run_row(document=name, names=[HOSTILE], model=name)))
    assert report(own)[0]["documents"][0]["name"] == name


def test_extras_are_named(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    for package in ("jinja2", "htmldate"):
        with monkeypatch.context() as patch:
            patch.setitem(sys.modules, package, None)
            with pytest.raises(MissingExtraError, match=rf"needs {package}.*'responsetag\[report\]'"):
                write_report([tmp_path], tmp_path / "r.html")


def line(text: str) -> dt.date | None:
    return published(edges([text]), LATEST)


@pytest.mark.parametrize(
    "text",
    [
        "2020-02-10 10:19:25 來源:   編輯:陶一鳴", "2020年2月10日", "2020/02/10", "发布时间：2020-02-10 08:00",
        "二〇二〇年二月十日", "２０２０年２月１０日", "（二○二○年二月十日）", "发布日期:2020.02.10", "【2020-02-10】",
        "云岭在线 2020-02-10 09:12", "来源：云岭日报 作者：陶一鸣 时间：2020-02-10", "2020年02月10日 星期一 云岭日报",
        "日期：2020-02-10 浏览次数：88", "date: 2020-02-10", "2020-02-10T10:19:25+08:00", "2020 年 2 月 10 日",
        "信息来源：县政府办 发布时间：2020-02-10 更新时间：2020-02-12",
    ],
)  # fmt: skip
def test_dates_of_publication(text: str) -> None:
    assert line(text) == dt.date(2020, 2, 10)


@pytest.mark.parametrize(
    "text",
    [
        "2020-13-45 10:00:00", "发布时间：2030-01-01", "1948年12月31日", "2020年2月30日", "2024-06-03 10:00", "3020-02-10",
        "2020年2月10日，全县启动一级响应。", "截至2020年2月10日24时累计报告病例三十例", "2020年2月1日至2020年2月10日",
        "会议时间：2020年2月10日", "云岭县2020年2月10日疫情通报", "电话 2020-02-1012", "版本 1.2020.02.10", "2020-02-10 - 2020-02-12",
        "• 油菜花节定于三月中旬开幕邀您来赏花 2020-02-10", "二〇二〇年十三月十日", "二〇二〇年二月四十日", "2020-2", "",
    ],
)  # fmt: skip
def test_what_is_no_date_of_publication(text: str) -> None:
    assert line(text) is None


def test_the_line_that_says_most_gives_the_date() -> None:
    def of(*lines: str) -> str:
        return str(published(edges(lines), LATEST))

    assert of("题目", "2020-02-12", "发布时间：2020-02-10") == "2020-02-10"
    assert of("题目", "2020-02-12", "2020-02-10 来源：云岭在线") == "2020-02-10"
    assert of("题目", "发布时间：2020-13-45", "2020-02-10") == "2020-02-10"
    assert of("2020年1月20日", "一级响应", "2020年1月22日", "封闭管理") == "None"
    assert of("关于防汛的通知", *[BODY] * 40, "县防汛办", "2020年2月10日") == "2020-02-10"
    assert of("题目", "2020-02-10", *[BODY] * 40, "2020-02-08", "2020-02-09") == "2020-02-10"
    assert of(BODY, f"2020年2月10日{BODY}") == "None"


@pytest.mark.parametrize(
    ("name", "expected"),
    [
        ("pages/2020-02-10_x.txt", "2020-02-10"), ("20200210.html", "2020-02-10"), ("t20200210_77.html", "2020-02-10"),
        ("通报2020年2月10日.txt", "2020-02-10"), ("2020-13-45.txt", "None"), ("202002101.txt", "None"), ("20990101.txt", "None"),
        ("2020-02-10/x.txt", "None"), ("2020-0210.txt", "None"), ("99991231_20200210.txt", "2020-02-10"), ("-", "None"),
    ],
)  # fmt: skip
def test_dates_in_file_names(name: str, expected: str) -> None:
    assert str(date_in_name(name, LATEST)) == expected


DIGITS = dict(zip("0123456789", "〇一二三四五六七八九", strict=True))


def chinese(number: int) -> str:
    """A number below 100 in Chinese numerals."""
    tens, ones = divmod(number, 10)
    return (
        ("" if tens < 2 else DIGITS[str(tens)]) + ("十" if tens else "") + (DIGITS[str(ones)] if ones else "")
    )


FORMS: list[Callable[[int, int, int], str]] = [
    lambda y, m, d: f"{y}-{m:02}-{d:02}",
    lambda y, m, d: f"{y}/{m}/{d}",
    lambda y, m, d: f"{y}年{m}月{d}日",
    lambda y, m, d: f"{y}年{m:02}月{d:02}日".translate(
        dict(zip(range(48, 58), "０１２３４５６７８９", strict=True))
    ),
    lambda y, m, d: "".join(DIGITS[c] for c in str(y)) + f"年{chinese(m)}月{chinese(d)}日",
]


@given(
    year=st.integers(1900, 2099), month=st.integers(1, 14), day=st.integers(1, 33), form=st.sampled_from(FORMS),
    around=st.sampled_from(["{}", "发布时间：{}", "{} 10:19:25", "　{}　", "{} 来源：云岭在线", "({})", "{} 08:00 编辑：陶一鸣"]),
)  # fmt: skip
def test_a_day_is_found_in_any_form_if_there_is_one(
    year: int, month: int, day: int, form: Callable[[int, int, int], str], around: str
) -> None:
    try:
        expected = dt.date(year, month, day)
    except ValueError:
        expected = None
    if expected and not EARLIEST <= expected <= LATEST:
        expected = None
    text = around.format(form(year, month, day))
    assert line(text) == expected
    assert line(f"{text}{BODY}") is None


@given(
    st.lists(
        st.text(st.sampled_from("2019年月日-/.:：一二十〇发布时间来源 \n至，。>|首页#*（")) | st.text(),
        max_size=8,
    )
)
def test_any_text_gives_a_possible_date_and_a_plain_title(lines: list[str]) -> None:
    page = edges(lines)
    day = published(page, LATEST)
    assert day is None or EARLIEST <= day <= LATEST
    title = title_of(page.top, LATEST)
    assert title is None or (title == " ".join(title.split()) and 0 < len(title) <= 200)
    assert len(page.top) <= 20
    assert len(page.end) <= 10


def test_long_lines_take_no_time() -> None:
    for piece in (" ", "_", "<", "2020-02-10 ", "&", "（", "-", "一", " - a"):
        long = piece * (2_000_000 // len(piece))
        assert title_of(edges([long, "题目", long]).top, LATEST) is None
        assert date_line(Line(long[:300], long[:300]), LATEST) is None


@pytest.mark.parametrize(
    ("lines", "expected"),
    [
        (["您的位置: 首页 > 24H > 正文", "柳河镇三道门守平安", "2020-02-06 09:42 来源: x", BODY], "柳河镇三道门守平安"),
        (["雲嶺熱線 - 雲嶺最專業的資訊網站!", "當前位置: 主頁 > 新聞 柳河鎮守平安", "柳河鎮守平安年", "發布時間: 2020-02-06 作者: -1", BODY], "柳河鎮守平安年"),
        (["首页 要闻 民生 视频", "柳河镇守平安", BODY], "柳河镇守平安"),
        (["柳河鎮(zhèn)：三道“安全門”", "——記疫情中的干部", "2020-02-06 來源:x", BODY], "柳河鎮：三道“安全門”"),
        (["2020-02-06 09:42 来源：云岭在线", "柳河镇三道门守平安", BODY], "柳河镇三道门守平安"),
        (["关于做好防汛工作的通知", "云政发〔2021〕5号", "各乡镇人民政府：", BODY], "关于做好防汛工作的通知"),
        ([BODY, "小标题在后面", BODY], None), ([ACTION, ACTION], None), (["柳河镇三道门守平安"], None), ([], None),
        (["来源：云岭在线", "编辑：陶一鸣", "一、基本情况", BODY], None), (["# 防疫 日记", BODY], "防疫 日记"),
        (["<b>柳河镇</b>&ldquo;守&rdquo;平安", BODY], "柳河镇“守”平安"),
        (["标题：关于防汛的通知", "日期：2020-02-06", BODY], "关于防汛的通知"),
        (["云岭日报", "2021年3月5日 星期五 A03版 要闻", "某镇抗旱保苗见闻", BODY], "某镇抗旱保苗见闻"),
        (["第4版：要闻", "2021年3月5日全镇抗旱保苗", BODY], "2021年3月5日全镇抗旱保苗"),
    ],
)  # fmt: skip
def test_titles(lines: list[str], expected: str | None) -> None:
    assert title_of(edges(lines).top, LATEST) == expected


def page(head: str, body: str) -> str:
    return (
        f"<html><head>{head}</head><body>{body}<p>{BODY}1999年9月9日发生。</p><p>{ACTION}</p></body></html>"
    )


@pytest.mark.parametrize(
    ("markup", "expected"),
    [
        (page('<title>柳河镇守平安_云岭在线</title><meta property="article:published_time" content="2020-02-06T08:00:00+08:00">', ""), ("柳河镇守平安", "2020-02-06")),
        (page('<title>站</title><meta property="og:title" content="柳河镇守平安"><meta name="pubdate" content="2020-02-06">', ""), ("柳河镇守平安", "2020-02-06")),
        (page("<title>柳河镇守平安 - 云岭在线</title>", "<ul><li>首页</li></ul><div><span>发布时间：2020年2月6日 10:19</span><span>来源：本站</span></div>"), ("柳河镇守平安", "2020-02-06")),
        (page('<script type="application/ld+json">{"@type": "NewsArticle", "datePublished": "2020-02-06"}</script>', "<h1>柳河镇守平安</h1>"), ("柳河镇守平安", "2020-02-06")),
        (page("", "<time datetime='2020-02-06'>前天</time><footer>Copyright 2018-03-02</footer>"), (None, "2020-02-06")),
        (page('<meta name="pubdate" content="2050-01-01">', ""), (None, None)),
        (page('<meta name="pubdate" content="2020-13-45">', "<footer>版权所有 2018-03-02</footer>"), (None, None)),
        (page("<title></title>", ""), (None, None)), ("", (None, None)), ("<p>片段</p>", (None, None)), ("<<<>>>\0", (None, None)),
    ],
)  # fmt: skip
def test_html_pages_say_their_title_and_date(markup: str, expected: tuple[Any, Any], tmp_path: Path) -> None:
    file = tmp_path / "x.html"
    file.write_text(markup, encoding="utf-8")
    assert tuple(of_html(str(file), None, LATEST)) == expected


def test_nothing_is_said_of_html_that_cannot_be_read(tmp_path: Path) -> None:
    assert tuple(of_html(str(tmp_path / "gone.html"), None, LATEST)) == (None, None)
    (tmp_path / "x.html.gz").write_bytes(b"no gzip")
    assert tuple(of_html(str(tmp_path / "x.html.gz"), None, LATEST)) == (None, None)


@given(st.dates(EARLIEST, LATEST), st.dates(EARLIEST, LATEST))
def test_bins_reach_from_the_first_day_to_the_last(a: dt.date, b: dt.date) -> None:
    first, last = min(a, b), max(a, b)
    unit, starts = bins(first, last)
    assert starts == sorted(set(starts))
    assert starts[0] <= first
    assert starts[-1] <= last
    assert len(starts) <= 60 or unit == "year"
    assert all(start.weekday() == 0 for start in starts if unit == "week")
    # One unit finer would be too many.
    spans = {"day": 0, "week": 60, "month": 59 * 7, "year": 59 * 28}
    assert (last - first).days >= spans[unit]


@given(
    st.lists(st.none() | st.dates(EARLIEST, LATEST), min_size=1, max_size=6),
    st.lists(st.tuples(st.integers(0, 5), st.sets(st.integers(0, 3), max_size=3)), max_size=20),
)
def test_counts_are_those_of_the_rows(dates: list[dt.date | None], rows: list[tuple[int, set[int]]]) -> None:
    documents = [{"date": day and day.isoformat()} for day in dates]
    rows = [(d, some) for d, some in rows if d < len(dates)]
    paragraphs = [{"d": d, "st": "ok", "tags": [{"l": label} for label in some]} for d, some in rows]
    found = summarize(documents, paragraphs, 4)
    for i in range(4):
        assert found["labels"][i] == sum(i in some for _, some in rows) == found["together"][i][i]
        assert found["documents_by_label"][i] == len({d for d, some in rows if i in some})
        for j in range(4):
            assert found["together"][i][j] == sum({i, j} <= some for _, some in rows)
        dated = sum(i in some for d, some in rows if dates[d])
        assert sum(one["counts"][i] for one in found["time"]["bins"]) == dated
    assert found["with_action"] == sum(bool(some) for _, some in rows)
    assert found["time"]["unknown"] == dates.count(None)
    assert sum(one["documents"] for one in found["time"]["bins"]) == len(dates) - dates.count(None)
