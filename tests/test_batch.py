"""Runs that end before their time, what they leave, and how they are gone on with."""

from __future__ import annotations

import fcntl
import io
import json
import os
import pty
import resource
import shutil
import subprocess
import sys
from collections.abc import Callable, Iterator
from pathlib import Path
from typing import Any

import pytest

from conftest import Run
from responsetag import InputError, OutputError, ResumeError, Tagger
from responsetag.batch.run import Progress, RunResult, tag_files

COMMAND = str(Path(sys.executable).parent / "responsetag")

# The peak of this process alone: that of its rusage is at least that of the process it was forked from.
PEAK = """
from pathlib import Path
from responsetag.batch.run import tag_files
assert not tag_files(["in.jsonl"], "out.jsonl", evidence=False).failures
status = Path("/proc/self/status").read_text()
print(status.partition("VmHWM:")[2].split()[0])
"""


SENTENCES = (
    "第{}号楼昨晚起实行封闭管理，志愿者把蔬菜和药品送到居民门口。",
    "河水漫过堤坝后，{}名群众被连夜转移到镇中学的临时安置点。",
    "今年夏天公园里的荷花开得很早，已有{}位游客前来拍照。",
    "消防队调来{}台水泵排水，并对受淹的地下车库逐层消毒。",
    "县医院新开{}张床位，安排发热病人分区候诊。",
)


class StopError(Exception):
    """Ends a run in its middle."""


@pytest.fixture
def folder(tmp_path: Path, sentences: list[str]) -> Path:
    """A folder with an input of 40 rows, of which the last has an error."""
    lines = [json.dumps({"id": i, "text": text}, ensure_ascii=False) for i, text in enumerate(sentences[:39])]
    (tmp_path / "in.jsonl").write_text("\n".join([*lines, "{broken"]), encoding="utf-8")
    return tmp_path


Go = Callable[..., RunResult]


@pytest.fixture
def go(folder: Path, tagger: Tagger) -> Go:
    """Tag ``in.jsonl`` to ``out.jsonl`` in parts of eight rows; ``stop`` ends it after that many."""

    def call(*, stop: int | None = None, **options: Any) -> RunResult:
        def progress(state: Progress) -> None:
            if stop is not None and state.rows >= stop:
                raise StopError

        given = {"model": tagger, "evidence": False, "part_rows": 8, "progress": progress, **options}
        return tag_files(given.pop("inputs", [folder / "in.jsonl"]), folder / "out.jsonl", **given)

    return call


def stopped(go: Go, after: int = 16, **options: Any) -> None:
    with pytest.raises(StopError):
        go(stop=after, **options)


def test_a_run_is_gone_on_with(go: Go, folder: Path) -> None:
    assert go() == RunResult(40, 1)
    whole = (folder / "out.jsonl").read_bytes()
    (folder / "out.jsonl").unlink()
    said: list[str] = []
    for after, before in ((8, 0), (24, 8), (32, 24)):
        with pytest.raises(StopError):
            go(stop=after, resume=before > 0)
        assert not (folder / "out.jsonl").exists()
        assert len(list((folder / "out.jsonl.parts").glob("part-*.json"))) == after // 8
    shown: list[Progress] = []
    assert go(resume=True, say=said.append, progress=shown.append) == RunResult(40, 1, resumed=32)
    assert (folder / "out.jsonl").read_bytes() == whole
    assert [message for message in said if "in.jsonl:40" in message]
    size = (folder / "in.jsonl").stat().st_size
    assert shown[-1] == Progress(rows=40, resumed=32, read=size, total=size)
    assert sorted(path.name for path in folder.iterdir()) == ["in.jsonl", "out.jsonl"]


def test_an_earlier_run_is_neither_lost_nor_taken_unasked(go: Go, folder: Path) -> None:
    stopped(go)
    with pytest.raises(ResumeError, match="go on with it by --resume, or discard them by --restart"):
        go()
    assert len(list((folder / "out.jsonl.parts").glob("part-*.json"))) == 2
    assert go(restart=True) == RunResult(40, 1)
    said: list[str] = []
    assert go(resume=True, say=said.append) == RunResult(40, 1)
    assert "no part of it is finished" in said[0]


def test_a_folder_of_ones_own_is_left_alone(go: Go, folder: Path) -> None:
    (folder / "out.jsonl.parts").mkdir()
    for name in ("notes.txt", "mine.tmp"):
        (folder / "out.jsonl.parts" / name).write_text("mine", encoding="utf-8")
    go()
    stopped(go)
    with pytest.raises(ResumeError):
        go()
    go(restart=True)
    assert sorted(path.name for path in (folder / "out.jsonl.parts").iterdir()) == ["mine.tmp", "notes.txt"]


def grow(file: Path) -> None:
    with file.open("a", encoding="utf-8") as out:
        out.write('\n{"text": "消毒"}')


def touch(file: Path) -> None:
    os.utime(file, ns=(0, 0))


@pytest.mark.parametrize(
    ("change", "options", "message"),
    [
        (grow, {}, r"in\.jsonl had \d+ bytes, has \d+"),
        (touch, {}, r"in\.jsonl was changed since"),
        (None, {"evidence": True}, "evidence was False, is True"),
        (None, {"min_score": 0.5}, "--min-score was None, is 0.5"),
        (None, {"column": "id"}, "--column was None, is id"),
        (None, {"part_rows": 9}, "--part-rows was 8, is 9"),
        (None, {"form": "csv"}, r"the format was \.jsonl, is \.csv"),
        (None, {"inputs": []}, r"in\.jsonl is not among the inputs any more"),
        (None, {"inputs": ["in.jsonl", "none.txt"]}, r"none\.txt is new"),
    ],
)
def test_a_run_that_differs_is_refused(
    change: Callable[[Path], None] | None,
    options: dict[str, Any],
    message: str,
    go: Go,
    folder: Path,
) -> None:
    stopped(go)
    if change:
        change(folder / "in.jsonl")
    if "inputs" in options:
        options = {"inputs": [str(folder / name) for name in options["inputs"]]}
    with pytest.raises(ResumeError, match=message):
        go(resume=True, **options)
    assert len(list((folder / "out.jsonl.parts").glob("part-*.json"))) == 2


def test_another_model_is_refused(go: Go, folder: Path, tagger: Tagger) -> None:
    stopped(go)
    model = folder / "models" / "mine"
    shutil.copytree(tagger.info.path, model)
    assert go(resume=True, model=model).resumed == 16  # a copy is the same model
    stopped(go)
    manifest = json.loads((folder / "out.jsonl.parts" / "run.json").read_bytes())
    manifest["model_digest"] = "0" * 64
    (folder / "out.jsonl.parts" / "run.json").write_text(json.dumps(manifest), encoding="utf-8")
    with pytest.raises(ResumeError, match="the model's content was 0000"):
        go(resume=True)


def test_content_that_changed_behind_an_equal_date_is_found(go: Go, folder: Path) -> None:
    stopped(go)
    source = folder / "in.jsonl"
    status = source.stat()
    data = source.read_bytes()
    source.write_bytes(data.replace(b'"id": 9', b'"id": 8'))
    os.utime(source, ns=(status.st_atime_ns, status.st_mtime_ns))
    with pytest.raises(ResumeError, match=r"between .*in\.jsonl:9 and .*in\.jsonl:16 is not what it was"):
        go(resume=True)


@pytest.mark.parametrize("harm", ["altered", "cut", "removed", "field", "type"])
def test_a_part_that_was_harmed_is_made_again(harm: str, go: Go, folder: Path) -> None:
    go()
    whole = (folder / "out.jsonl").read_bytes()
    stopped(go, 32)
    part = folder / "out.jsonl.parts" / "part-00001.jsonl"
    if harm == "altered":
        part.write_bytes(part.read_bytes().replace(b"0.", b"1.", 1))
    elif harm == "cut":
        part.write_bytes(part.read_bytes()[:-10])
    elif harm == "removed":
        part.unlink()
    else:
        record = part.with_suffix(".json")
        wrong = {"more": 1} if harm == "field" else {"rows": "8"}
        record.write_text(json.dumps({**json.loads(record.read_bytes()), **wrong}), encoding="utf-8")
    said: list[str] = []
    assert go(resume=True, say=said.append) == RunResult(40, 1, resumed=8)
    assert "part-00001.jsonl: is not as it was written" in said[0]
    assert (folder / "out.jsonl").read_bytes() == whole


def test_parts_that_vanish_under_a_run_are_said(go: Go, folder: Path) -> None:
    parts = folder / "out.jsonl.parts"

    def remove(state: Progress) -> None:
        if state.rows == 24:
            (parts / "part-00001.jsonl").unlink()

    with pytest.raises(OutputError, match=r"part-00001\.jsonl: was altered or removed; --resume"):
        go(progress=remove)
    assert go(resume=True) == RunResult(40, 1, resumed=8)

    def remove_all(state: Progress) -> None:
        if state.rows == 24:
            shutil.rmtree(parts)

    with pytest.raises(OutputError, match="cannot be written: No such file or directory"):
        go(progress=remove_all)


def test_two_runs_at_once_are_refused(go: Go, folder: Path) -> None:
    seen: list[int] = []

    def again(_: Progress) -> None:
        if not seen:
            seen.append(1)
            with pytest.raises(OutputError, match="another run is writing it"):
                go(restart=True)

    assert go(progress=again) == RunResult(40, 1)
    assert seen
    stopped(go)
    with (folder / "out.jsonl.parts" / "lock").open("rb") as lock:
        fcntl.flock(lock, fcntl.LOCK_EX)
        done = subprocess.run(
            [COMMAND, "tag", "in.jsonl", "-o", "out.jsonl", "--resume"],
            cwd=folder,
            capture_output=True,
            check=False,
        )
    assert done.returncode == 2
    assert b"another run is writing it" in done.stderr


def test_what_cannot_be_read_twice_is_not_gone_on_with(run: Run, folder: Path) -> None:
    done = run("tag", "-", "-o", "out.jsonl", "--resume", stdin=b"x")
    assert done.returncode == 2
    assert b"standard input cannot be read again" in done.stderr
    os.mkfifo(folder / "pipe")
    done = run("tag", "pipe", "-o", "out.jsonl", "--resume")
    assert done.returncode == 2
    assert b"pipe cannot be read again" in done.stderr
    assert not (folder / "out.jsonl.parts").exists()


def test_what_is_not_there_can_be_gone_on_with(run: Run, folder: Path) -> None:
    (folder / "empty").mkdir()
    (folder / "loop.txt").symlink_to("loop.txt")
    done = run("tag", "empty", "", "x" * 5000, "loop.txt", "none", "-o", "out.jsonl", "--resume")
    assert done.returncode == 1, done.stderr.decode()
    assert len((folder / "out.jsonl").read_bytes().splitlines()) == 5


def test_parts_are_no_input(folder: Path, go: Go, run: Run) -> None:
    stopped(go)
    for paths in (["."], ["**"], ["*"], ["*.parts"]):
        run("tag", *paths, "-o", "out.jsonl", "--restart", "--no-evidence", "--part-rows", "8")
        found = [json.loads(line) for line in (folder / "out.jsonl").read_bytes().splitlines()]
        assert {row["document"] for row in found} <= {"in.jsonl", "*.parts"}, paths
        stopped(go)


def test_options_that_do_not_go_together(run: Run, folder: Path) -> None:
    for options, message in (
        (["--resume"], "need -o FILE"),
        (["--restart", "-o", "t.txt", "--format", "table"], "need -o FILE"),
        (["--resume", "--restart", "-o", "o.jsonl"], "give one of them"),
        (["--format", "table", "--workers", "2"], "a table is made in one process"),
        (["--workers", "0"], "is not in the range"),
    ):
        done = run("tag", "in.jsonl", *options)
        assert done.returncode == 2
        assert message in done.stderr.decode()
    with pytest.raises(InputError, match="give a list of them"):
        tag_files("in.jsonl", folder / "out.jsonl")
    with pytest.raises(InputError, match="min_score must lie between"):
        tag_files([folder / "in.jsonl"], folder / "out.jsonl", min_score=2)
    for wrong in ({"workers": 0}, {"part_rows": 0}, {"form": "table"}):
        given: Any = wrong
        with pytest.raises(InputError, match="must be"):
            tag_files([folder / "in.jsonl"], folder / "out.jsonl", **given)
    assert [path.name for path in folder.iterdir()] == ["in.jsonl"]


def test_no_table_is_made_by_several_processes_on_a_terminal(folder: Path) -> None:
    main, side = pty.openpty()
    with os.fdopen(main, "rb"), os.fdopen(side, "wb") as terminal:
        arguments = [COMMAND, "tag", "in.jsonl", "--workers", "2"]
        done = subprocess.run(arguments, stdout=terminal, stderr=subprocess.PIPE, cwd=folder, check=False)
    assert done.returncode == 2
    assert b"a table is made in one process" in done.stderr


def test_streams_get_every_row(folder: Path, tagger: Tagger, run: Run) -> None:
    whole = io.BytesIO()
    result = tag_files([folder / "in.jsonl"], whole, model=tagger, evidence=False, workers=2)
    assert result == RunResult(40, 1)
    done = run("tag", "in.jsonl", "--no-evidence", "--workers", "2")
    assert done.returncode == 1
    assert len(done.stdout.splitlines()) == 40
    table = run("tag", "in.jsonl", "--no-evidence", "--format", "parquet").stdout
    from pyarrow import parquet

    assert parquet.read_table(io.BytesIO(table)).num_rows == 40


def test_row_groups_of_long_rows_are_small(tmp_path: Path, tagger: Tagger) -> None:
    line = json.dumps({"text": "…" * 1_000_000}) + "\n"
    (tmp_path / "in.jsonl").write_text(line * 24, encoding="utf-8")
    out = io.BytesIO()
    tag_files([tmp_path / "in.jsonl"], out, model=tagger, form="parquet", evidence=False)
    from pyarrow import parquet

    metadata = parquet.ParquetFile(out).metadata
    assert [metadata.row_group(i).num_rows for i in range(metadata.num_row_groups)] == [12, 12]


@pytest.mark.parametrize("form", ["jsonl", "parquet"])
def test_a_full_standard_output_is_said(form: str, folder: Path) -> None:
    with Path("/dev/full").open("wb") as full:
        done = subprocess.run(
            [COMMAND, "tag", "in.jsonl", "--format", form],
            cwd=folder,
            stdout=full,
            stderr=subprocess.PIPE,
            check=False,
        )
    assert done.returncode == 2
    assert "output cannot be written: [Errno 28] No space left on device" in done.stderr.decode()
    assert "Traceback" not in done.stderr.decode()
    assert "Exception ignored" not in done.stderr.decode()


@pytest.mark.parametrize("name", ["out.jsonl", "out.parquet"])
def test_a_file_that_may_not_grow_keeps_what_is_finished(name: str, folder: Path, run: Run) -> None:
    options = ["tag", "in.jsonl", "-o", name, "--no-evidence", "--part-rows", "8"]
    run(*options)
    whole = (folder / name).read_bytes()
    (folder / name).unlink()
    limit = len(whole) * 3 // 4  # enough for a part, and not for all of them

    def limited() -> None:
        resource.setrlimit(resource.RLIMIT_FSIZE, (limit, limit))

    done = subprocess.run(
        [COMMAND, *options], cwd=folder, capture_output=True, check=False, preexec_fn=limited
    )
    assert done.returncode == 2, done.stderr.decode()
    errors = done.stderr.decode()
    assert f"{name}: cannot be written: File too large; 40 finished rows stay in" in errors
    assert "Traceback" not in errors
    assert "Exception ignored" not in errors
    assert run(*options, "--resume").returncode == 1
    assert (folder / name).read_bytes() == whole


@pytest.mark.parametrize("size", [100, 2500, 6000])
def test_a_first_part_that_cannot_be_written_leaves_nothing(size: int, folder: Path, run: Run) -> None:
    options = ["tag", "in.jsonl", "-o", "out.parquet", "--no-evidence", "--part-rows", "30"]
    done = subprocess.run(
        [COMMAND, *options],
        cwd=folder,
        capture_output=True,
        check=False,
        preexec_fn=lambda: resource.setrlimit(resource.RLIMIT_FSIZE, (size, size)),
    )
    assert done.returncode == 2
    assert "nothing of it was finished" in done.stderr.decode()
    assert "Exception ignored" not in done.stderr.decode()
    assert [path.name for path in folder.iterdir()] == ["in.jsonl"]
    assert run(*options).returncode == 1


@pytest.fixture
def small_disk(tmp_path: Path) -> Iterator[Path]:
    """A file system of 300 kB."""
    place = tmp_path / "disk"
    place.mkdir()
    mounting = ["mount", "-t", "tmpfs", "-o", "size=300k", "tmpfs", str(place)]
    if subprocess.run(mounting, capture_output=True, check=False).returncode:
        pytest.skip("NOT CHECKED ON A FULL DISK: file systems cannot be mounted here")
    yield place
    subprocess.run(["umount", place], check=True)


@pytest.mark.parametrize("name", ["out.jsonl", "out.parquet", "out.csv.gz"])
def test_a_full_disk_keeps_what_is_finished(
    name: str, small_disk: Path, tmp_path: Path, run: Run, sentences: list[str]
) -> None:
    lines = (json.dumps({"text": text}, ensure_ascii=False) for text in sentences[:900])
    (tmp_path / "in.jsonl").write_text("\n".join(lines), encoding="utf-8")
    options = ["tag", "in.jsonl", "--no-evidence", "--part-rows", "30"]
    if name != "out.jsonl":
        subprocess.run(["mount", "-o", "remount,size=120k", small_disk], check=True)
    done = run(*options, "-o", small_disk / name)
    assert done.returncode == 2
    errors = done.stderr.decode()
    assert f"{name}: cannot be written: No space left on device; " in errors
    assert "go on with --resume" in errors
    assert "Traceback" not in errors
    assert "Exception ignored" not in errors
    kept = len(list((small_disk / f"{name}.parts").glob("part-*.json")))
    assert kept > 1
    subprocess.run(["mount", "-o", "remount,size=9m", small_disk], check=True)
    assert run(*options, "-o", small_disk / name, "--resume").returncode == 0
    assert [path.name for path in small_disk.iterdir()] == [name]
    run(*options, "-o", name)
    assert (small_disk / name).read_bytes() == (tmp_path / name).read_bytes()


def test_an_output_in_a_folder_that_is_not_there(run: Run, folder: Path) -> None:
    done = run("tag", "in.jsonl", "-o", "none/out.jsonl")
    assert done.returncode == 2
    assert "none/out.jsonl: cannot be written: No such file or directory" in done.stderr.decode()
    (folder / "file").touch()
    done = run("tag", "in.jsonl", "-o", "file/out.jsonl")
    assert done.returncode == 2
    assert "file/out.jsonl: cannot be written: Not a directory" in done.stderr.decode()


def test_memory_does_not_grow_with_the_input(tmp_path: Path) -> None:
    peaks = []
    for rows in (4_000, 50_000):
        with (tmp_path / "in.jsonl").open("w", encoding="utf-8") as out:
            for i in range(rows):
                text = SENTENCES[i % len(SENTENCES)].format(i)  # no two alike, so that nothing is remembered
                out.write(json.dumps({"text": text, "other": "x" * 200}) + "\n")
        done = subprocess.run([sys.executable, "-c", PEAK], cwd=tmp_path, capture_output=True, check=True)
        peaks.append(int(done.stdout))
    assert (tmp_path / "out.jsonl").stat().st_size > 40_000_000
    assert peaks[1] - peaks[0] < 20_000  # kB


def test_progress_is_shown_on_a_terminal(folder: Path) -> None:
    main, side = pty.openpty()
    environment = {**os.environ, "TERM": "xterm", "COLUMNS": "100"}
    arguments = [COMMAND, "tag", "in.jsonl", "-o", "out.jsonl", "--part-rows", "8", "--workers", "2"]
    with subprocess.Popen(arguments, stderr=side, cwd=folder, env=environment) as process:
        os.close(side)
        shown = b""
        while True:
            try:
                shown += os.read(main, 4096)
            except OSError:
                break
    os.close(main)
    assert process.returncode == 1
    assert "40 rows" in shown.decode()
    assert "100%" in shown.decode()
    assert "in.jsonl:40: is not JSON" in shown.decode()
    assert len((folder / "out.jsonl").read_bytes().splitlines()) == 40
