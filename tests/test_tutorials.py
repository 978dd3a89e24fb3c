from __future__ import annotations

import os
import subprocess
import sys
from pathlib import Path

import pytest

from conftest import ROOT

TUTORIALS = ROOT / "docs" / "tutorials"
# Two that train, and one that starts Java: each runs on a worker of its own where there are several.
NAMES = ("retrain_with_300_labels", "annotation_round_with_label_studio", "publish_a_model", "tag_a_folder")


def run_tutorial(name: str, folder: Path, **environment: str) -> str:
    """Run it as a reader does, in an environment that was not activated; what it printed."""
    done = subprocess.run(
        [sys.executable, "-W", "error", TUTORIALS / f"{name}.py", folder],
        capture_output=True,
        cwd=folder.parent,
        env={**os.environ, **environment},
        check=False,
    )
    assert done.returncode == 0, done.stdout.decode()[-4000:] + done.stderr.decode()
    assert not done.stderr, done.stderr.decode()
    return done.stdout.decode()


@pytest.mark.parametrize("name", NAMES)
def test_tutorial(name: str, tmp_path: Path) -> None:
    # Warnings are errors in the commands that it starts, too.
    printed = run_tutorial(name, tmp_path / "work", PYTHONWARNINGS="error")
    assert "Traceback" not in printed
    assert "Warning" not in printed


@pytest.mark.spark
def test_tutorial_of_spark(tmp_path: Path) -> None:
    # Java that starts fast. PySpark leaves warnings of its own in the processes that it starts.
    printed = run_tutorial(
        "spark_job",
        tmp_path / "work",
        SPARK_LOCAL_IP="127.0.0.1",
        JAVA_TOOL_OPTIONS="-XX:TieredStopAtLevel=1 -XX:+UseSerialGC",
    )
    if printed.startswith("NOT RUN"):
        pytest.skip(f"NOT TESTED ON SPARK: {printed.strip()}")
    assert "201 rows in tagged, 0 failed" in printed


def test_tutorial_of_spark_without_java(tmp_path: Path) -> None:
    printed = run_tutorial("spark_job", tmp_path / "work", JAVA_HOME=str(tmp_path), PATH=str(tmp_path))
    assert printed == "NOT RUN: Spark needs Java 17 or newer; install it, or set JAVA_HOME\n"


def test_every_tutorial_is_run_and_listed() -> None:
    scripts = {path.stem for path in TUTORIALS.glob("*.py")} - {"tutorial"}
    assert scripts == {*NAMES, "spark_job"}
    index = (TUTORIALS / "README.md").read_text(encoding="utf-8")
    assert all(f"({name}.py)" in index for name in scripts)


def test_a_folder_in_use_is_left_alone(tmp_path: Path) -> None:
    (tmp_path / "mine.txt").write_text("我的", encoding="utf-8")
    done = subprocess.run(
        [sys.executable, TUTORIALS / "tag_a_folder.py", tmp_path], capture_output=True, check=False
    )
    assert done.returncode == 1
    assert b"is not empty" in done.stderr
    assert [path.name for path in tmp_path.iterdir()] == ["mine.txt"]
