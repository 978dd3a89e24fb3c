from __future__ import annotations

import json
import subprocess
import sys
from pathlib import Path
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

from conftest import ROOT, Run
from responsetag import Evidence, InputError, ModelInfo, Scores, Tag, Tagger, Tagging, load_taxonomy
from responsetag.integrations import annotation
from responsetag.integrations.annotation import Answer, Item, LabelledRow, Span, doccano
from responsetag.training.gold import read_gold

SLUGS = load_taxonomy().slugs
LABEL_STUDIO = Path(sys.prefix) / "label-studio" / "bin" / "python"
# Characters of one and of two UTF-16 code units, and what joins with those before.
TEXT = st.text(st.sampled_from('县里调运大米。👩🏽‍🚒𠮷𪚥é\u0301 \n\t"\\'), min_size=1, max_size=40)


def tagging(text: str, spans: list[Span]) -> Tagging:
    tags = tuple(
        Tag(label, "名", 0.75, Evidence(start, end, text[start:end], 0.5, 0.0, 0.0, ()))
        for start, end, label in spans
    )
    scores = Scores(SLUGS, tuple(0.75 if slug in {tag.label for tag in tags} else 0.1 for slug in SLUGS))
    return Tagging(text, tags, scores, "ok", ModelInfo("zh-response", "1.1.0", "", ""), 0, len(text))


@st.composite
def marked(draw: st.DrawFn) -> tuple[str, list[Span]]:
    text = draw(TEXT.filter(lambda text: bool(text.strip())))
    spans = []
    for label in draw(st.lists(st.sampled_from(SLUGS), unique=True, max_size=4)):
        start = draw(st.integers(0, len(text) - 1))
        spans.append(Span(start, draw(st.integers(start + 1, len(text))), label))
    return text, spans


def annotate(task: dict[str, Any], **annotation_: Any) -> dict[str, Any]:
    """The task as Label Studio exports it once its prediction was submitted."""
    result = task["predictions"][0]["result"]
    return {
        "id": 1,
        "data": task["data"],
        "annotations": [{"completed_by": 3, "result": result, **annotation_}],
    }


def answers(tmp_path: Path, export: object) -> list[Answer]:
    file = tmp_path / "export.json"
    file.write_text(json.dumps(export), encoding="utf-8")
    return list(annotation.read_annotations(file, SLUGS))


@given(marked())
def test_spans_come_back_from_label_studio(tmp_path_factory: pytest.TempPathFactory, case: Any) -> None:
    text, spans = case
    item = Item("a-1", "a", 1, 0, len(text), text, tagging(text, spans))
    [answer] = answers(tmp_path_factory.mktemp("ls"), [annotate(task) for task in annotation.tasks([item])])
    assert (answer.status, answer.message) == ("ok", None)
    assert (answer.id, answer.document, answer.text, answer.annotator) == ("a-1", "a", text, "3")
    assert answer.spans == tuple(spans)
    assert answer.labels == tuple(span.label for span in spans)


@given(marked(), st.sampled_from(["labels", "spans", "both"]))
def test_spans_come_back_from_doccano(
    tmp_path_factory: pytest.TempPathFactory, case: Any, task: doccano.Task
) -> None:
    text, spans = case
    item = Item("a-1", "a", 1, 0, len(text), text, tagging(text, spans))
    [row] = doccano.rows([item], load_taxonomy(), task)
    units = text.encode("utf-16-le")
    marks = [] if task == "labels" else row["label"] if task == "spans" else row["entities"]
    for (start, end, _), span in zip(marks, spans, strict=task != "labels"):
        assert units[2 * start : 2 * end].decode("utf-16-le") == text[span.start : span.end]
    file = tmp_path_factory.mktemp("doccano") / "all.jsonl"
    file.write_text(json.dumps({**row, "Comments": []}) + "\n", encoding="utf-8")
    [answer] = doccano.read_annotations(file, SLUGS)
    assert (answer.status, answer.message, answer.id, answer.document) == ("ok", None, "a-1", "a")
    assert set(answer.labels) == {span.label for span in spans}
    assert answer.spans == (() if task == "labels" else tuple(sorted(spans)))


@pytest.fixture
def pages(tmp_path: Path, sentences: list[str]) -> Path:
    rows = [
        {
            "id": f"news-{i // 2}-{i % 2}",
            "text": ("🚒𠮷" if i % 3 else "") + "".join(sentences[3 * i : 3 * i + 3]),
        }
        for i in range(40)
    ]
    lines = [json.dumps(row, ensure_ascii=False) for row in rows]
    (tmp_path / "in.jsonl").write_text("\n".join(lines), encoding="utf-8")
    return tmp_path


def gold(path: Path) -> list[dict[str, Any]]:
    return [json.loads(line) for line in path.read_text(encoding="utf-8").splitlines()]


def test_round_trip_through_label_studios_own_package(run: Run, pages: Path, tagger: Tagger) -> None:
    if not LABEL_STUDIO.exists():
        pytest.skip("NOT CHECKED AGAINST LABEL STUDIO: no .venv/label-studio; run  make .venv/.label-studio")
    done = run("annotate", "export", "in.jsonl", "--to", "label-studio", "-o", "tasks.json")
    assert done.returncode == 0, done.stderr
    checker = ROOT / "tests" / "label_studio_check.py"
    checked = subprocess.run(
        [LABEL_STUDIO, checker, "tasks.xml", "tasks.json", "."], cwd=pages, capture_output=True, check=False
    )
    assert checked.returncode == 0, checked.stderr.decode()
    assert json.loads(checked.stdout) == {"choices": sorted(SLUGS), "spans": sorted(SLUGS)}
    for name in ("export.json", "result.json"):  # JSON, and JSON-MIN made by their converter
        done = run("annotate", "import", name, "--from", "label-studio", "-o", f"{name}l")
        assert done.returncode == 0, done.stderr
    rows = gold(pages / "export.jsonl")
    assert rows == gold(pages / "result.jsonl")
    texts = [
        json.loads(line)["text"] for line in (pages / "in.jsonl").read_text(encoding="utf-8").splitlines()
    ]
    assert [row["text"] for row in rows] == texts
    for row, expected in zip(rows, tagger.tag_many(texts), strict=True):
        assert set(row["labels"]) == set(expected.labels)
        spans = {(tag.evidence.start, tag.evidence.end, tag.label) for tag in expected.tags if tag.evidence}
        assert {(span["start"], span["end"], span["label"]) for span in row["spans"]} == spans
    assert sum(bool(row["spans"]) for row in rows) > 10
    judged = json.loads(run("evaluate", "export.jsonl", "--json").stdout)
    assert (judged["paragraphs"], judged["exact_match"], judged["problems"]) == (40, 1.0, [])


def test_label_studio_predictions(tagger: Tagger) -> None:
    found = tagger.tag("志愿者在卡口測溫登記，為居家隔離群眾代購配送生活用品。")
    made = annotation.prediction(found)
    assert made["model_version"] == f"zh-response {found.model.version}"
    assert 0 < made["score"] < min(found.scores[label] for label in found.labels)
    choices, *spans = made["result"]
    assert choices["value"]["choices"] == list(found.labels)
    assert [span["value"]["labels"] for span in spans] == [[label] for label in found.labels]
    assert all(
        span["value"]["text"] == found.text[span["value"]["start"] : span["value"]["end"]] for span in spans
    )
    assert len({region["id"] for region in made["result"]}) == len(made["result"])
    assert annotation.prediction(tagger.tag("今天天气不错。"))["result"] == []


TASK = {"text": "县里调运大米。", "paragraph_id": "a-1", "document": "a"}


def choice(*labels: str) -> dict[str, Any]:
    return {"from_name": "actions", "to_name": "text", "type": "choices", "value": {"choices": list(labels)}}


def span(start: Any, end: Any, label: str, **more: Any) -> dict[str, Any]:
    value = {"start": start, "end": end, "labels": [label], **more}
    return {"from_name": "evidence", "to_name": "text", "type": "labels", "value": value}


@pytest.mark.parametrize(
    ("task", "status", "said"),
    [
        ({"data": TASK, "annotations": []}, "skipped", "not labelled yet"),
        ({"data": TASK, "annotations": [{"was_cancelled": True, "result": []}]}, "skipped", "was skipped"),
        ({"data": TASK, "annotations": [{"result": []}]}, "ok", None),
        ({"data": TASK, "annotations": [{"result": [{"type": "textarea", "value": {}}]}]}, "ok", None),
        ({"data": TASK, "annotations": [{"result": [choice("nonsense")]}]}, "error", "not in the label set: nonsense"),
        ({"data": TASK, "annotations": [{"result": [choice("donation"), span(0, 99, "donation")]}]}, "error", "outside"),
        ({"data": TASK, "annotations": [{"result": [span(0, 2, "donation")]}]}, "error", "not chosen: donation"),
        ({"data": TASK, "annotations": [{"result": [span("x", 2, "donation")]}]}, "error", "cannot be read"),
        ({"data": TASK, "annotations": [{"result": [span(0, 2, "donation", text="大米")]}]}, "error", "is not '大米'"),
        ({"data": TASK, "annotations": [{"result": ["?"]}]}, "error", "cannot be read"),
        ({"data": TASK, "annotations": [None]}, "error", "broken annotation"),
        ({"data": {**TASK, "text_digest": "0" * 16}, "annotations": [{"result": []}]}, "error", "was changed"),
        ({"data": {"paragraph_id": "a-1"}, "annotations": [{"result": []}]}, "error", "no text"),
        ("task", "error", "not an object"),
        ({**TASK, "id": 9}, "skipped", "not labelled yet"),
        ({**TASK, "id": 9, "annotation_id": 1, "actions": "donation"}, "ok", None),
        ({**TASK, "id": 9, "annotation_id": 1, "actions": 3}, "error", "cannot be read"),
        ({**TASK, "id": 9, "annotation_id": 1, "evidence": 3}, "error", "cannot be read"),
    ],
)  # fmt: skip
def test_what_label_studio_may_give_back(tmp_path: Path, task: Any, status: str, said: str | None) -> None:
    good = {"data": {**TASK, "paragraph_id": "b-1"}, "annotations": [{"result": [choice("donation")]}]}
    first, second = answers(tmp_path, [task, good])
    assert first.status == status, first
    assert (said or "") in (first.message or "")
    assert (second.status, second.id, second.labels) == ("ok", "b-1", ("donation",))


@pytest.mark.parametrize(
    ("line", "status", "said"),
    [
        ('{"id": 4, "text": "县里。", "label": []}', "ok", None),
        (
            '{"id": 4, "text": "县里。", "label": ["donation 社会捐赠"], "Comments": ["不确定"]}',
            "ok",
            "comment: 不确定",
        ),
        ('{"id": 4, "text": "县里。", "label": ["nonsense"]}', "error", "not in the label set"),
        ('{"id": 4, "text": "县里。", "label": [[0, 9, "donation"]]}', "error", "does not begin and end"),
        ('{"id": 4, "text": "𠮷。", "label": [[1, 2, "donation"]]}', "error", "does not begin and end"),
        (
            '{"id": 4, "text": "县里。", "entities": [{"start_offset": 0, "end_offset": 1, "label": "donation"}]}',
            "ok",
            None,
        ),
        ('{"id": 4, "text": "县里。", "entities": [3]}', "error", "cannot be read"),
        ('{"id": 4, "text": "县里。", "label": [[0, 1, 7]]}', "error", "7 is no label"),
        ('{"id": 4, "text": "县里。"}', "error", "no 'label'"),
        ('{"id": 4, "label": []}', "error", "no text"),
        ("[1]", "error", "not an object"),
        ("{", "error", "no row of doccano"),
    ],
)
def test_what_doccano_may_give_back(tmp_path: Path, line: str, status: str, said: str | None) -> None:
    file = tmp_path / "ann.jsonl"
    file.write_text(f'{line}\n\n{{"id": 5, "text": "大米。", "label": ["donation"]}}\n', encoding="utf-8")
    first, second = doccano.read_annotations(file, SLUGS)
    assert first.status == status, first
    assert (said or "") in (first.message or "")
    assert (second.status, second.id, second.labels, second.annotator) == ("ok", "5", ("donation",), "ann")


def by_rule(*sets: set[str], spans: tuple[tuple[Span, ...], ...] = ()) -> dict[str, LabelledRow]:
    several = [
        Answer("f", "a-1", "a", "县里调运大米。", str(i), tuple(labels), marks)
        for i, (labels, marks) in enumerate(zip(sets, spans or ((),) * len(sets), strict=True))
    ]
    rules: list[annotation.Rule] = ["refuse", "majority", "union"]
    return {rule: next(annotation.merge(several, SLUGS, rule)) for rule in rules}


def test_several_annotators() -> None:
    agreed = by_rule({"donation"}, {"donation"})
    assert {(row.status, row.labels, row.message) for row in agreed.values()} == {("ok", ("donation",), None)}
    found = by_rule({"donation", "publicity"}, {"donation"}, {"donation", "publicity", "vaccination"})
    assert found["refuse"].status == "conflict"
    assert "vaccination by 1 of 3, publicity by 2 of 3" in (found["refuse"].message or "")
    assert found["majority"].labels == ("donation", "publicity")
    assert found["union"].labels == ("vaccination", "donation", "publicity")
    assert (found["union"].status, found["union"].annotators) == ("ok", 3)
    assert by_rule({"donation"}, set())["majority"].labels == ()  # one of two is not more than half
    one, other = Span(0, 2, "donation"), Span(0, 3, "donation")
    found = by_rule({"donation"}, {"donation"}, spans=((one,), (one, other)))
    assert found["refuse"].status == "ok"
    assert found["refuse"].message == "annotators differ in spans only"
    assert (found["refuse"].spans, found["union"].spans) == ((one,), (one, other))


def test_rows_that_do_not_go_together() -> None:
    def answer(name: str, text: str, **more: Any) -> Answer:
        return Answer("f", name, "a", text, **more)

    rows = annotation.merge(
        [answer("1", "甲"), answer("2", "甲"), answer("3", "乙"), answer("3", "丙"), answer("4", "丁", status="skipped"),
         answer("5", "戊", status="skipped"), answer("5", "戊"), answer("6", "己", status="error", message="bad"), answer("6", "己")],
        SLUGS,
    )  # fmt: skip
    assert [(row.id, row.status) for row in rows] == [
        ("1", "ok"), ("2", "error"), ("3", "error"), ("4", "skipped"), ("5", "ok"), ("6", "error")
    ]  # fmt: skip


def test_a_row_for_each_paragraph_from_the_command_line(run: Run, tmp_path: Path) -> None:
    (tmp_path / "rows.jsonl").write_text(
        '{"id": "1", "text": "县里调运大米。"}\n{"text": "……"}\n{"text": ""}\n{"id": "1", "text": "镇上消毒。\\ud800"}\nbroken\n',
        encoding="utf-8",
    )
    done = run(
        "annotate",
        "export",
        "rows.jsonl",
        "rows.jsonl",
        "--to",
        "doccano",
        "--no-predictions",
        "-o",
        "d.jsonl",
    )
    assert done.returncode == 1
    assert done.stderr.decode().count("rows.jsonl:5: is not JSON") == 2
    rows = gold(tmp_path / "d.jsonl")
    assert [row["id"] for row in rows][:3] == ["1", "rows.jsonl-2", "rows.jsonl-4"]
    assert len({row["id"] for row in rows}) == len(rows) == 6
    assert {tuple(row["label"]) for row in rows} == {()}
    types = json.loads((tmp_path / "d.labels.json").read_text(encoding="utf-8"))
    assert [entry["text"].split()[0] for entry in types] == list(SLUGS)
    assert len({entry["suffixKey"] for entry in types}) == len(SLUGS)
    rows[0]["label"] = ["donation", "nonsense"]
    rows[1]["label"] = ["donation"]
    (tmp_path / "all.jsonl").write_text("".join(json.dumps(row) + "\n" for row in rows[:3]), encoding="utf-8")
    rows[1]["label"] = []
    (tmp_path / "other.jsonl").write_text(json.dumps(rows[1]) + "\n", encoding="utf-8")
    done = run(
        "annotate",
        "import",
        "all.jsonl",
        "other.jsonl",
        "--from",
        "doccano",
        "-o",
        "gold.jsonl",
        "--rest",
        "rest.jsonl",
    )
    assert done.returncode == 1
    said = done.stderr.decode()
    assert "1: labels that are not in the label set: nonsense" in said
    assert "rows.jsonl-2: annotators differ: donation by 1 of 2; settle it, or give --several" in said
    assert "1 rows in gold.jsonl; 0 not labelled, 2 not usable" in said
    assert [row["id"] for row in gold(tmp_path / "gold.jsonl")] == ["rows.jsonl-4"]
    assert [row["status"] for row in gold(tmp_path / "rest.jsonl")] == ["error", "conflict"]


@pytest.mark.parametrize("tool", ["label-studio", "doccano"])
def test_half_a_character_stops_no_export(run: Run, tmp_path: Path, tool: str) -> None:
    (tmp_path / "in.jsonl").write_text(
        '{"text": "街道每日\\ud800消毒两次。"}\n{"text": "今天晴。"}\n', encoding="utf-8"
    )
    done = run("annotate", "export", "in.jsonl", "--to", tool, "--task", "both", "-o", "out.json")
    assert (done.returncode, b"2 paragraphs in out.json" in done.stderr) == (0, True), done.stderr.decode()
    assert "街道每日?消毒两次。" in (tmp_path / "out.json").read_text(encoding="utf-8")


def test_labelled_rows_keep_the_documents_that_they_are_from(run: Run, tmp_path: Path) -> None:
    texts = ["县里调运大米。", "电力抢修队连夜复电。", "工厂复工。", "高速路口测温。"]
    rows = [{"id": f"news-{i // 2}-{i}", "text": text} for i, text in enumerate(texts)]
    lines = [json.dumps(row) for row in [*rows, {"text": "镇上消毒。"}, {"text": "志愿者送菜上门。"}]]
    (tmp_path / "in.jsonl").write_text("\n".join(lines), encoding="utf-8")
    (tmp_path / "page.txt").write_text("学校停课。\n\n医院停诊。\n", encoding="utf-8")
    expected = ["in.jsonl-5", "in.jsonl-6", "news-0", "news-0", "news-1", "news-1", "page.txt", "page.txt"]
    assert run("suggest", "in.jsonl", "page.txt", "-o", "next.jsonl").returncode == 0
    assert run("tag", "in.jsonl", "page.txt", "-o", "run.jsonl").returncode == 0
    for paths in (["in.jsonl", "page.txt"], ["next.jsonl"], ["run.jsonl"]):
        done = run("annotate", "export", *paths, "--to", "doccano", "--no-predictions", "-o", "d.jsonl")
        assert done.returncode == 0
        assert run("annotate", "import", "d.jsonl", "--from", "doccano", "-o", "gold.jsonl").returncode == 0
        assert sorted(read_gold(tmp_path / "gold.jsonl", SLUGS).documents) == expected, paths


@pytest.mark.parametrize(
    ("arguments", "said"),
    [
        (["export", "in.jsonl", "--to", "excel", "-o", "o.json"], "Invalid value for '--to'"),
        (["export", "in.jsonl", "--to", "doccano", "-o", "in.jsonl"], "named as input and as output"),
        (
            ["export", "in.jsonl", "--to", "doccano", "--taxonomy", "own.json", "-o", "o.jsonl"],
            "the label set lacks",
        ),
        (["import", "gone.json", "--from", "label-studio", "-o", "o.jsonl"], "gone.json: cannot be read"),
        (["import", "gone.jsonl", "--from", "doccano", "-o", "o.jsonl"], "gone.jsonl: cannot be read"),
        (["import", "in.jsonl", "--from", "label-studio", "-o", "o.jsonl"], "not a list of tasks"),
        (["import", "bad.json", "--from", "label-studio", "-o", "o.jsonl"], "is not JSON"),
        (["import", "bad.json", "--from", "doccano", "-o", "o.jsonl", "--rest", "o.jsonl"], "written twice"),
    ],
)
def test_wrong_use_of_the_command(run: Run, tmp_path: Path, arguments: list[str], said: str) -> None:
    (tmp_path / "in.jsonl").write_text('{"text": "县里调运大米。"}\n', encoding="utf-8")
    (tmp_path / "own.json").write_text('{"labels": [{"slug": "own"}]}', encoding="utf-8")
    (tmp_path / "bad.json").write_bytes(b"\xff{")
    done = run("annotate", *arguments)
    assert (done.returncode, said in done.stderr.decode()) == (2, True), done.stderr.decode()
    assert "Traceback" not in done.stderr.decode()
    assert not list(tmp_path.glob("o.*"))


def test_a_label_set_of_ones_own(tmp_path: Path) -> None:
    (tmp_path / "own.json").write_text(
        '{"labels": [{"slug": "a<b"}, {"slug": "c&d", "zh": "丙"}]}', encoding="utf-8"
    )
    own = load_taxonomy(tmp_path / "own.json")
    config = annotation.label_config(own)
    assert 'value="a&lt;b" alias="a&lt;b"' in config
    assert [entry["text"] for entry in doccano.label_types(own)] == ["a<b", "c&d 丙"]
    with pytest.raises(InputError, match="cannot be read"):
        next(iter(annotation.read_annotations(tmp_path, own.slugs)))
