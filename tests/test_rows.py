from __future__ import annotations

from collections.abc import Sequence
from pathlib import Path

import pytest

from responsetag.batch.inputs import Finder
from responsetag.batch.rows import read_rows
from responsetag.batch.tagging import tag_rows
from responsetag.batch.writers import atomic_output
from responsetag.tagger import Tagger
from responsetag.text import AlignedText, normalize_many


def test_inputs_in_order(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.chdir(tmp_path)
    for name in ("b/2.txt", "b/1.md", "b/deep/3.HTML", "c/4.csv", "[odd].txt"):
        (tmp_path / name).parent.mkdir(exist_ok=True)
        (tmp_path / name).touch()
    (tmp_path / "nothing").mkdir()
    find = Finder().find
    assert [(item.path, item.error) for item in find(["c/4.csv", "b", "[odd].txt", "-"])] == [
        (name, None) for name in ("c/4.csv", "b/1.md", "b/2.txt", "b/deep/3.HTML", "[odd].txt", "-")
    ]
    assert [item.path for item in find(["?"])] == ["b/1.md", "b/2.txt", "b/deep/3.HTML", "c/4.csv"]
    for item in find(["nothing", "none*", "none", ""]):
        assert item.error is not None
        assert item.error.startswith(f"{item.path}: ")


def test_hidden_files_and_what_other_runs_keep_are_left_out(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.chdir(tmp_path)
    parts = ("o.csv.parts/run.json", "o.csv.parts/part-00000.csv")
    for name in (".venv/a.txt", "d/.b.txt", "d/c.txt", "mine.parts/d.txt", *parts):
        (tmp_path / name).parent.mkdir(exist_ok=True)
        (tmp_path / name).touch()

    def find(path: str) -> list[str]:
        return sorted(item.path for item in Finder().find([path]))

    assert find(".") == find("*") == find("**/*.*") == ["d/c.txt", "mine.parts/d.txt"]
    assert find(".venv") == [".venv/a.txt"]
    assert find("o.csv.parts") == find("o.csv.parts/*.csv") == [parts[1]]


def test_a_row_that_fails_does_not_take_the_others_with_it(
    tagger: Tagger, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    file = tmp_path / "page.txt"
    file.write_text("\n".join(["消毒", "坏行", "排查"] * 200), encoding="utf-8")

    def failing(texts: Sequence[str]) -> tuple[list[str], dict[int, AlignedText]]:
        if "坏行" in texts:
            raise RuntimeError("broken")
        return normalize_many(texts)

    monkeypatch.setattr("responsetag.tagger.normalize_many", failing)
    found = list(tag_rows(tagger, read_rows(str(file))))
    assert [row.status for row in found] == ["ok", "error", "ok"] * 200
    assert [row.row.paragraph for row in found] == list(range(1, 601))
    assert found[1].error == f"{file}:2: tagging failed (RuntimeError: broken)"


def test_an_output_that_is_not_finished_is_not_there(tmp_path: Path) -> None:
    target = tmp_path / "out.txt"
    target.write_text("before", encoding="utf-8")

    def half() -> None:
        with atomic_output(target) as out:
            out.write("half")
            raise KeyboardInterrupt

    with pytest.raises(KeyboardInterrupt):
        half()
    assert target.read_text(encoding="utf-8") == "before"
    with atomic_output(target) as out:
        out.write("after")
    assert target.read_text(encoding="utf-8") == "after"
    assert list(tmp_path.iterdir()) == [target]
    assert target.stat().st_mode & 0o600 == 0o600
