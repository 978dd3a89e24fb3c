from __future__ import annotations

import csv
import io
import json
import os
import pty
import re
import subprocess
import sys
from pathlib import Path
from typing import Any

import pytest
from rich.cells import cell_len
from rich.console import Console

from conftest import ROOT, Run
from responsetag import Tagger
from responsetag.display.explanation import print_explanation

ACTION = "全镇党员干部连夜入户排查返乡人员，逐户登记造册。"
COLUMNS = [
    "document", "paragraph", "id", "start", "end", "text", "labels", "names", "scores", "evidence",
    "status", "message", "model", "model_version",
]  # fmt: skip


def rows(output: bytes) -> list[dict[str, Any]]:
    return [json.loads(line) for line in output.decode().splitlines()]


def test_a_page_gives_a_row_a_paragraph(run: Run, tmp_path: Path) -> None:
    text = f"首页 > 正文\n\n　　{ACTION}\n分享到:\n"
    (tmp_path / "page.txt").write_text(text, encoding="utf-8")
    done = run("tag", "page.txt")
    assert (done.returncode, done.stderr) == (0, b"")
    found = rows(done.stdout)
    assert [list(row) for row in found] == [COLUMNS] * 3
    assert [row["paragraph"] for row in found] == [1, 2, 3]
    action = found[1]
    assert text[action["start"] : action["end"]] == action["text"] == ACTION
    assert "personnel_screening" in action["labels"]
    assert "人员排查" in action["names"]
    evidence = action["evidence"]["personnel_screening"]
    assert text[evidence["start"] : evidence["end"]] == evidence["text"]
    assert action["status"] == "ok"
    assert found[0]["labels"] == found[2]["labels"] == []


def test_folders_globs_and_standard_input(run: Run, tmp_path: Path) -> None:
    folder = tmp_path / "pages" / "deep"
    folder.mkdir(parents=True)
    for name in ("b.txt", "a.md", "c.html", "ignored.png"):
        (folder / name).write_text(f"<p>{ACTION}</p>" if name == "c.html" else ACTION, encoding="utf-8")
    (tmp_path / "pages" / "rows.jsonl").write_text(json.dumps({"text": ACTION}), encoding="utf-8")
    found = rows(run("tag", "pages").stdout)
    assert [Path(row["document"]).name for row in found] == ["a.md", "b.txt", "c.html", "rows.jsonl"]
    assert {tuple(row["labels"]) for row in found} == {tuple(found[0]["labels"])}
    assert [row["document"] for row in rows(run("tag", "pages/*/*.txt").stdout)] == ["pages/deep/b.txt"]
    assert rows(run("tag", stdin=ACTION.encode("gb18030")).stdout)[0]["text"] == ACTION
    assert rows(run("tag", "-", stdin=ACTION.encode()).stdout)[0]["document"] == "-"
    piped = (json.dumps({"body": ACTION}) + "\n" + json.dumps({"body": "……"})).encode()
    found = rows(run("tag", "-", "--column", "body", stdin=piped).stdout)
    assert [row["status"] for row in found] == ["ok", "empty"]


def test_what_an_earlier_run_wrote_is_no_input(run: Run, tmp_path: Path) -> None:
    (tmp_path / "page.txt").write_text(ACTION, encoding="utf-8")
    for _ in range(2):
        assert run("tag", ".", "-o", "out.jsonl").returncode == 0
        assert len(rows((tmp_path / "out.jsonl").read_bytes())) == 1


@pytest.mark.parametrize("form", ["jsonl", "table"])
def test_a_redirected_output_is_no_input(form: str, tmp_path: Path) -> None:
    (tmp_path / "a.txt").write_text(ACTION, encoding="utf-8")
    command = [str(Path(sys.executable).parent / "responsetag"), "tag", ".", "--format", form]
    out = tmp_path / ("out.jsonl" if form == "jsonl" else "out.txt")
    with out.open("wb") as target:
        done = subprocess.run(
            command, cwd=tmp_path, stdout=target, stderr=subprocess.PIPE, check=False, timeout=60
        )
    assert (done.returncode, done.stderr.decode()) == (
        0,
        f"responsetag: {out.name}: is the output, so it is not read\n",
    )
    if form == "jsonl":
        assert [row["document"] for row in rows(out.read_bytes())] == ["a.txt"]


def test_links_that_lead_to_themselves(run: Run, tmp_path: Path) -> None:
    (tmp_path / "d").mkdir()
    (tmp_path / "d" / "a.txt").write_text(ACTION, encoding="utf-8")
    for name in ("d/l.txt", "o.jsonl", "o.txt"):
        (tmp_path / name).symlink_to(Path(name).name)
    for paths in ("d", "d/*"):
        done = run("tag", paths, "-o", "out.jsonl")
        assert done.returncode == 1, done.stderr.decode()
        good, bad = rows((tmp_path / "out.jsonl").read_bytes())
        assert (good["document"], bad["document"]) == ("d/a.txt", "d/l.txt")
        assert "Too many levels of symbolic links" in bad["message"]
    for form, name in (("jsonl", "o.jsonl"), ("table", "o.txt")):
        done = run("tag", "d", "-o", name, "--format", form)
        assert done.returncode == 2
        assert f"{name}: cannot be written" in done.stderr.decode()
        assert "Traceback" not in done.stderr.decode()


@pytest.mark.parametrize("name", ["r.xlsx", "r.json", "r.tsv.gz", "r.txt"])
def test_an_output_whose_ending_says_nothing_is_refused(name: str, run: Run, tmp_path: Path) -> None:
    (tmp_path / "page.txt").write_text(ACTION, encoding="utf-8")
    done = run("tag", "page.txt", "-o", name)
    assert done.returncode == 2
    assert "give a name that ends in .jsonl, .csv" in done.stderr.decode()
    assert run("tag", "page.txt", "-o", name, "--format", "jsonl").returncode == 0
    for table in ("t.csv.gz", "t.csv"):
        done = run("tag", "page.txt", "-o", table, "--format", "table")
        assert done.returncode == 2
        assert "a table is plain text" in done.stderr.decode()
    assert sorted(path.name for path in tmp_path.iterdir()) == ["page.txt", name]


@pytest.mark.parametrize(
    ("arguments", "code"),
    [("page.txt >&-", 2), ("--format table page.txt >&-", 2), ("<&-", 2), ("- <&-", 1), ("page.txt 2>&-", 0)],
)
def test_closed_streams_are_said(arguments: str, code: int, tmp_path: Path) -> None:
    (tmp_path / "page.txt").write_text(ACTION, encoding="utf-8")
    command = Path(sys.executable).parent / "responsetag"
    done = subprocess.run(
        ["bash", "-c", f"'{command}' tag {arguments}"], cwd=tmp_path, capture_output=True, check=False
    )
    assert done.returncode == code
    assert "Traceback" not in done.stderr.decode()
    if code == 2:
        assert "closed" in done.stderr.decode() or "give files" in done.stderr.decode()


def test_output_files_and_formats(run: Run, tmp_path: Path) -> None:
    (tmp_path / "page.txt").write_text(f"{ACTION}\n=1+1\n", encoding="utf-8")
    assert run("tag", "page.txt", "-o", "out.csv").returncode == 0
    table = list(csv.DictReader(io.StringIO((tmp_path / "out.csv").read_text(encoding="utf-8"))))
    assert list(table[0]) == COLUMNS
    assert table[0]["text"] == ACTION
    assert len(table[0]["labels"].split(";")) == len(table[0]["scores"].split(";"))
    assert table[1]["text"] == "'=1+1"  # no formula for a spreadsheet
    assert run("tag", "page.txt", "-o", "out.jsonl").returncode == 0
    assert len(rows((tmp_path / "out.jsonl").read_bytes())) == 2
    shown = run("tag", "page.txt", "--format", "table").stdout.decode()
    assert "人员排查" in shown
    assert "\x1b" not in shown
    assert sorted(p.name for p in tmp_path.iterdir()) == ["out.csv", "out.jsonl", "page.txt"]


def test_a_terminal_gets_a_table_and_a_pipe_gets_jsonl(tmp_path: Path) -> None:
    (tmp_path / "page.txt").write_text(ACTION, encoding="utf-8")
    command = Path(sys.executable).parent / "responsetag"
    main, side = pty.openpty()
    with subprocess.Popen(
        [command, "tag", "page.txt"], stdout=side, stderr=side, stdin=side, cwd=tmp_path
    ) as process:
        os.close(side)
        shown = b""
        while True:
            try:
                part = os.read(main, 4096)
            except OSError:
                break
            if not part:
                break
            shown += part
        process.wait()
    os.close(main)
    assert "人员排查" in shown.decode()
    assert not shown.startswith(b"{")


def test_min_score_and_no_evidence(run: Run, tmp_path: Path) -> None:
    (tmp_path / "page.txt").write_text(ACTION, encoding="utf-8")
    (row,) = rows(run("tag", "page.txt", "--min-score", "0", "--no-evidence").stdout)
    assert len(row["labels"]) == 23
    assert row["evidence"] == {}


def test_tables_keep_every_row(run: Run, tmp_path: Path) -> None:
    lines = [
        json.dumps({"id": 7, "text": ACTION}, ensure_ascii=False),
        "{broken",
        "",
        json.dumps({"id": "x", "other": 1}),
        json.dumps(["no object"]),
        json.dumps({"id": "n", "text": 5}),
        json.dumps({"text": None}),
        '{"text": "\\ud800 lone"}',
        json.dumps({"text": "……"}, ensure_ascii=False),
    ]
    (tmp_path / "in.jsonl").write_text("\n".join(lines) + "\n", encoding="utf-8")
    done = run("tag", "in.jsonl", "-o", "out.jsonl")
    assert done.returncode == 1
    found = rows((tmp_path / "out.jsonl").read_bytes())
    assert [row["paragraph"] for row in found] == list(range(1, 10))
    assert [row["status"] for row in found] == [
        "ok", "error", "empty", "error", "error", "error", "empty", "ok", "empty",
    ]  # fmt: skip
    assert found[0]["id"] == "7"
    assert "in.jsonl:2: is not JSON" in found[1]["message"]
    assert "no text column (looked for text" in found[3]["message"]
    assert "in.jsonl:6: the text is int" in found[5]["message"]
    errors = done.stderr.decode()
    assert "4 rows failed" in errors
    assert "in.jsonl:2" in errors


def test_csv_in_gbk_with_a_column_of_its_own(run: Run, tmp_path: Path) -> None:
    content = f'编号,段落\r\n1,"{ACTION}\n第二行"\r\n2\r\n3,多,一列\r\n4,{ACTION}\r\n'
    (tmp_path / "in.csv").write_bytes(content.encode("gb18030"))
    done = run("tag", "in.csv", "--column", "段落")
    assert done.returncode == 1
    assert [row["status"] for row in rows(done.stdout)] == ["ok", "empty", "error", "ok"]
    assert "in.csv:5: 3 fields for 2 columns" in done.stderr.decode()


def test_a_missing_column_is_said_once(run: Run, tmp_path: Path) -> None:
    (tmp_path / "in.csv").write_text("a,b\n1,2\n3,4\n", encoding="utf-8")
    done = run("tag", "in.csv", "--column", "c")
    assert done.returncode == 1
    (row,) = rows(done.stdout)
    assert row["message"] == "in.csv:1: no column 'c'; there are: a, b. Give one with --column"


def test_bad_files_are_rows_and_good_files_are_tagged(run: Run, tmp_path: Path) -> None:
    (tmp_path / "good.txt").write_text(ACTION, encoding="utf-8")
    (tmp_path / "empty.txt").write_bytes(b"")
    (tmp_path / "empty.jsonl").write_bytes(b"")
    (tmp_path / "empty.csv").write_bytes(b"")
    (tmp_path / "binary.txt").write_bytes(bytes(range(256)) * 10)
    (tmp_path / "folder").mkdir()
    paths = [
        "good.txt",
        "none.txt",
        "empty.txt",
        "empty.jsonl",
        "empty.csv",
        "binary.txt",
        "folder",
        "good.txt",
    ]
    done = run("tag", *paths)
    assert done.returncode == 1
    found = rows(done.stdout)
    assert [row["document"] for row in found] == paths
    assert [row["status"] for row in found] == [
        "ok", "error", "empty", "empty", "empty", "error", "error", "ok",
    ]  # fmt: skip
    messages = [row["message"] for row in found if row["message"]]
    assert "none.txt: nothing to read here" in messages[0]
    assert "binary.txt: does not look like text" in messages[1]
    assert "folder: nothing to read here" in messages[2]


@pytest.mark.skipif(os.geteuid() == 0, reason="NOT CHECKED: root may read every file")
def test_an_unreadable_file_is_a_row(run: Run, tmp_path: Path) -> None:
    (tmp_path / "locked.txt").write_text(ACTION, encoding="utf-8")
    (tmp_path / "locked.txt").chmod(0)
    done = run("tag", "locked.txt")
    assert done.returncode == 1
    assert "Permission denied" in rows(done.stdout)[0]["message"]


def test_a_file_that_fails_while_it_is_read_is_a_row(run: Run) -> None:
    done = run("tag", "/proc/self/mem", "-")  # opens and cannot be read, also for root
    assert done.returncode == 1
    assert rows(done.stdout)[0]["status"] == "error"


def test_a_line_of_ten_megabytes(run: Run, tmp_path: Path) -> None:
    (tmp_path / "big.txt").write_text(
        "各村（社区）设卡登记、测温，" * 250_000 + "\n" + ACTION, encoding="utf-8"
    )
    assert (tmp_path / "big.txt").stat().st_size > 10_000_000
    done = run("tag", "big.txt", "-o", "out.jsonl")
    assert done.returncode == 0, done.stderr.decode()
    found = rows((tmp_path / "out.jsonl").read_bytes())
    assert len(found) == 2
    assert "access_control" in found[0]["labels"]
    assert "personnel_screening" in found[1]["labels"]


def test_an_encoding_can_be_forced_and_is_checked(run: Run, tmp_path: Path) -> None:
    (tmp_path / "page.txt").write_bytes(ACTION.encode("gbk"))
    assert rows(run("tag", "page.txt", "--encoding", "gbk").stdout)[0]["text"] == ACTION
    (tmp_path / "rows.jsonl").write_bytes(b'{"text": "x"}\n')
    done = run("tag", "rows.jsonl", "--encoding", "utf-16")
    assert (done.returncode, [row["status"] for row in rows(done.stdout)]) == (1, ["error"])


@pytest.mark.parametrize(
    ("arguments", "message"),
    [
        (["tag", "x.txt", "--model", "none"], "no model 'none'"),
        (["tag", "x.txt", "--model", "./none"], "is none a model directory?"),
        (["tag", "x.txt", "--model-version", "9"], "has no version 9"),
        (["tag", "x.txt", "--encoding", "klingon"], "unknown encoding 'klingon'"),
        (["tag", "x.txt", "--encoding", "undefined"], "unknown encoding 'undefined'"),
        (["tag", "x.txt", "--min-score", "nan"], "--min-score must lie between 0 and 1"),
        (["train", "--version", "1.0"], "is not of the form 1.2.3"),
        (["train", "--name", "中文"], "must be letters"),
        (["tag", "x.txt", "--format", "xml"], "'xml' is not one of"),
        (["tag", "x.txt", "--min-score", "2"], "is not in the range"),
        (["tag", "x.txt", "-o", "none/out.jsonl"], "cannot be written"),
        (["labels", "--taxonomy", "none.json"], "cannot be read"),
        (["evaluate", "none.jsonl"], "none.jsonl: is not there"),
        (["train", "--corpus", "none"], "give the model a --name"),
        (["train", "--corpus", "none", "--name", "mine"], "none: is not there"),
        (["nonsense"], "No such command"),
    ],
)
def test_usage_and_model_errors_exit_2(run: Run, arguments: list[str], message: str) -> None:
    done = run(*arguments)
    assert done.returncode == 2
    assert message in done.stderr.decode()
    assert "Traceback" not in done.stderr.decode()


def test_an_output_that_fails_leaves_what_was_there(run: Run, tmp_path: Path) -> None:
    (tmp_path / "out.jsonl").write_text("before", encoding="utf-8")
    assert run("tag", "x.txt", "--model", "none", "-o", "out.jsonl").returncode == 2
    assert (tmp_path / "out.jsonl").read_text(encoding="utf-8") == "before"


def test_a_closed_pipe_is_no_error(tmp_path: Path) -> None:
    (tmp_path / "page.txt").write_text((ACTION + "\n") * 3000, encoding="utf-8")
    command = Path(sys.executable).parent / "responsetag"
    script = f"set -o pipefail; '{command}' tag page.txt | head -n 1 >/dev/null"
    done = subprocess.run(["bash", "-c", script], cwd=tmp_path, capture_output=True, check=False)
    assert (done.returncode, done.stderr) == (0, b"")


def test_explain_shows_the_words(run: Run) -> None:
    shown = run("explain", ACTION).stdout.decode()
    assert ACTION in shown
    assert "排查" in shown
    assert "personnel_screening" in shown
    assert "\x1b" not in shown
    assert "no label (nearest:" in run("explain", "今天天气晴好").stdout.decode()


@pytest.mark.parametrize("width", [1, 20, 37, 79, 80, 200])
def test_an_explanation_fits_its_terminal(width: int, tagger: Tagger) -> None:
    text = ACTION + "志愿者在卡口测温、登记，劝返外来车辆。为独居老人代购配送生活用品。"
    tagging = tagger.tag(text)
    screens = {}
    for form, colours in (("pipe", None), ("terminal", "standard")):
        out = io.StringIO()
        screen = Console(file=out, width=width, color_system=colours, force_terminal=colours is not None)  # type: ignore[arg-type]
        print_explanation(tagging, screen)
        screens[form] = out.getvalue()
    assert "\x1b" not in screens["pipe"]
    assert "\x1b[1;36m" in screens["terminal"]
    assert "\x1b[1;4;36m" in screens["terminal"]
    assert re.sub("\x1b\\[[0-9;]*m", "", screens["terminal"]) == screens["pipe"]
    # A Chinese character is two columns wide and cannot be narrower.
    assert all(cell_len(line) <= max(width, 2) for line in screens["pipe"].splitlines())
    bare = re.sub(r"[\s│┃]", "", screens["pipe"])
    for tag in tagging.tags:
        assert tag.evidence is not None
        assert tag.label in bare
        assert f"{tag.score:.2f}" in bare
        for word in tag.evidence.words:
            assert f"({word.share:.0%})" in bare or width >= 80


def test_labels_and_models_are_printed(run: Run) -> None:
    shown = run("labels").stdout.decode()
    assert shown.count("Oxford COVID-19 Government Response Tracker: ") == 23
    assert "Oxford COVID-19 Government Response Tracker: none" in shown
    content = json.loads(run("labels", "--json").stdout)
    assert len(content["labels"]) == 23
    assert "zh-response" in run("models").stdout.decode()
    assert json.loads(run("models", "--json").stdout)[0]["name"] == "zh-response"


def test_evaluate_counts_good_rows_and_names_bad_ones(run: Run, tmp_path: Path) -> None:
    lines = [
        json.dumps({"text": ACTION, "labels": ["personnel_screening", "volunteer_mobilisation"]}),
        json.dumps({"text": "今天天气晴好", "labels": []}),
        json.dumps({"text": "x", "labels": ["flying"]}),
        "{",
    ]
    (tmp_path / "gold.jsonl").write_text("\n".join(lines), encoding="utf-8")
    done = run("evaluate", "gold.jsonl", "--json")
    assert done.returncode == 1
    content = json.loads(done.stdout)
    assert content["paragraphs"] == 2
    assert content["micro"]["f1"] > 0.5
    assert "labels not in the label set: flying" in content["problems"][0]
    assert "macro" in run("evaluate", "gold.jsonl").stdout.decode()


def test_help_and_version(run: Run) -> None:
    assert "Exit codes: 0 all good" in run("--help").stdout.decode()
    assert run("--version").stdout.decode().startswith("responsetag, version ")
    done = subprocess.run([sys.executable, "-m", "responsetag", "-h"], capture_output=True, check=True)
    assert b"Usage: responsetag" in done.stdout


def test_the_demo_page_is_read_whole(run: Run) -> None:
    done = run("tag", ROOT / "data" / "demo" / "county-page.txt")
    assert done.returncode == 0
    found = rows(done.stdout)
    labelled = {row["paragraph"] for row in found if row["labels"]}
    assert {6, 7, 8, 11, 12} <= labelled
    assert not labelled & {1, 3, *range(13, 21)}


def test_input_is_never_destroyed(run: Run, tmp_path: Path) -> None:
    (tmp_path / "a.jsonl").write_text(json.dumps({"text": ACTION}), encoding="utf-8")
    done = run("tag", "a.jsonl", "-o", "a.jsonl")
    assert done.returncode == 2
    assert "named as input and as output" in done.stderr.decode()
    assert rows((tmp_path / "a.jsonl").read_bytes()) == [{"text": ACTION}]


def test_output_through_links_and_into_devices(run: Run, tmp_path: Path) -> None:
    (tmp_path / "page.txt").write_text(ACTION, encoding="utf-8")
    (tmp_path / "real.jsonl").write_text("", encoding="utf-8")
    (tmp_path / "real.jsonl").chmod(0o640)
    (tmp_path / "link.jsonl").symlink_to("real.jsonl")
    assert run("tag", "page.txt", "-o", "link.jsonl").returncode == 0
    assert (tmp_path / "link.jsonl").is_symlink()
    assert len(rows((tmp_path / "real.jsonl").read_bytes())) == 1
    assert (tmp_path / "real.jsonl").stat().st_mode & 0o777 == 0o640
    pipe = tmp_path / "pipe"
    os.mkfifo(pipe)
    with subprocess.Popen(["cat", pipe], stdout=subprocess.PIPE) as reader:
        assert run("tag", "page.txt", "-o", pipe).returncode == 0
        assert len(rows(reader.communicate()[0])) == 1
    assert pipe.is_fifo()
    assert len(rows(run("tag", "page.txt", "-o", "-").stdout)) == 1


def test_strange_paths_are_rows(run: Run, tmp_path: Path) -> None:
    (tmp_path / "page.txt").write_text(ACTION, encoding="utf-8")
    (tmp_path / "dangling.txt").symlink_to("nowhere")
    done = run("tag", "dangling.txt", ACTION * 20, "", "page.txt")
    assert done.returncode == 1
    assert [row["status"] for row in rows(done.stdout)] == ["error", "error", "error", "ok"]
    assert "Traceback" not in done.stderr.decode()


def test_a_glob_gives_each_file_once(run: Run, tmp_path: Path) -> None:
    (tmp_path / "g" / "sub").mkdir(parents=True)
    (tmp_path / "g" / "a.txt").write_text(ACTION, encoding="utf-8")
    (tmp_path / "g" / "sub" / "b.txt").write_text(ACTION, encoding="utf-8")
    found = rows(run("tag", "g/**", "g", "g/*").stdout)
    assert [row["document"] for row in found] == ["g/a.txt", "g/sub/b.txt"]


def test_the_encoding_of_a_slow_pipe(tmp_path: Path) -> None:
    command = Path(sys.executable).parent / "responsetag"
    first, second = json.dumps({"text": "abc"}), json.dumps({"text": ACTION}, ensure_ascii=False)
    script = f"(echo '{first}'; sleep 1; echo '{second}' | iconv -f utf-8 -t gbk) | '{command}' tag - --column text"
    done = subprocess.run(["bash", "-c", script], capture_output=True, check=True, cwd=tmp_path)
    assert [row["text"] for row in rows(done.stdout)] == ["abc", ACTION]


def test_undecodable_text_is_said(run: Run, tmp_path: Path) -> None:
    good = json.dumps({"text": ACTION}, ensure_ascii=False).encode()
    bad = json.dumps({"text": ACTION}, ensure_ascii=False).encode("gbk")
    (tmp_path / "a.jsonl").write_bytes(b"\n".join([good] * 20 + [bad]))
    done = run("tag", "a.jsonl", "--encoding", "utf-8")
    assert done.returncode == 1
    assert [row["status"] for row in rows(done.stdout)] == ["ok"] * 20 + ["error"]
    (tmp_path / "a.txt").write_bytes((ACTION * 20).encode() + b"\xe5" + ACTION.encode())
    done = run("tag", "a.txt", "--encoding", "utf-8")
    assert done.returncode == 0
    assert "has characters that are not utf-8" in rows(done.stdout)[0]["message"]
    assert b"has characters that are not utf-8" in done.stderr


def test_odd_csv_files(run: Run, tmp_path: Path) -> None:
    (tmp_path / "blank.csv").write_text(f"\n\nid,text\n1,{ACTION}\n", encoding="utf-8")
    assert [row["status"] for row in rows(run("tag", "blank.csv").stdout)] == ["ok"]
    (tmp_path / "header.csv").write_text("id,text\n", encoding="utf-8")
    assert [row["status"] for row in rows(run("tag", "header.csv").stdout)] == ["empty"]
    (tmp_path / "open.csv").write_text(f'id,text\n0,{ACTION}\n1,"测温\n2,登记\n', encoding="utf-8")
    done = run("tag", "open.csv")
    assert [row["status"] for row in rows(done.stdout)] == ["ok", "error"]
    assert "open.csv:3: no CSV up to line 4" in done.stderr.decode()
    (tmp_path / "twice.csv").write_text("text,text\n1,2\n", encoding="utf-8")
    assert "several columns 'text'" in rows(run("tag", "twice.csv").stdout)[0]["message"]


def test_a_folder_named_like_a_model_does_not_replace_it(run: Run, tmp_path: Path) -> None:
    (tmp_path / "zh-response").mkdir()
    (tmp_path / "zh-response" / "manifest.json").write_text("{}", encoding="utf-8")
    assert run("explain", ACTION).returncode == 0


def test_a_terminal_is_not_made_to_obey(run: Run, tmp_path: Path) -> None:
    text = "\x1b[2J\x1b]0;x\x07\ud800" + ACTION
    (tmp_path / "a.jsonl").write_text(json.dumps({"text": text}), encoding="utf-8")
    done = run("tag", "a.jsonl", "--format", "table")
    assert done.returncode == 0
    assert b"\x1b" not in done.stdout
    assert b"\x1b" not in run("explain", "-", stdin=b"\x1b[2J" + ACTION.encode()).stdout


def test_explain_reads_any_encoding_and_says_when_there_is_nothing(run: Run) -> None:
    done = run("explain", "-", "--json", stdin=(ACTION * 3).encode("gb18030"))
    assert "personnel_screening" in json.loads(done.stdout)["labels"]
    assert b"nothing to judge" in run("explain", "").stdout


def test_output_is_utf8_whatever_the_locale(tmp_path: Path) -> None:
    (tmp_path / "page.txt").write_text(ACTION, encoding="utf-8")
    command = Path(sys.executable).parent / "responsetag"
    environment = {**os.environ, "PYTHONIOENCODING": "ascii"}
    done = subprocess.run(
        [command, "tag", "page.txt"], capture_output=True, check=True, env=environment, cwd=tmp_path
    )
    assert rows(done.stdout)[0]["text"] == ACTION


def test_a_broken_record_is_met_first(run: Run, tmp_path: Path) -> None:
    (tmp_path / "gold.jsonl").write_text(json.dumps({"text": ACTION, "labels": []}), encoding="utf-8")
    (tmp_path / "record.json").write_text("[", encoding="utf-8")
    done = run("evaluate", "gold.jsonl", "--record", "record.json")
    assert (done.returncode, done.stdout) == (2, b"")
    for _ in range(2):
        assert run("evaluate", "gold.jsonl", "--record", "new.json", "--set-name", "mine").returncode == 0
    ((row,),) = json.loads((tmp_path / "new.json").read_text(encoding="utf-8")).values()
    assert row["set"] == "mine"


def test_names_of_labels_do_not_steer_the_terminal(run: Run, tmp_path: Path) -> None:
    labels = {"labels": [{"slug": "a", "zh": "\x1b[31m坏"}]}
    (tmp_path / "labels.json").write_text(json.dumps(labels), encoding="utf-8")
    done = run("labels", "--taxonomy", "labels.json")
    assert done.returncode == 0
    assert b"\x1b" not in done.stdout
    assert "\ufffd[31m坏" in done.stdout.decode()
