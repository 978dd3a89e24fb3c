"""A wheel, built and installed in a clean environment: what a user gets."""

from __future__ import annotations

import json
import subprocess
import sys
import venv
import zipfile
from pathlib import Path

import pytest

from conftest import ROOT

CODE = """
import json, responsetag
tagger = responsetag.load("zh-response")
page = responsetag.Tagger.tag_document
print(json.dumps([list(tagger.tag("消防员连夜转移被困群众").labels), len(responsetag.load_taxonomy().labels), responsetag.__file__]))
"""


@pytest.mark.slow
def test_an_installed_wheel_tags(tmp_path: Path) -> None:
    subprocess.run(
        [sys.executable, "-m", "build", "--wheel", "--outdir", tmp_path, ROOT],
        check=True,
        capture_output=True,
    )
    (wheel,) = tmp_path.glob("*.whl")
    names = zipfile.ZipFile(wheel).namelist()
    assert "responsetag/py.typed" in names
    assert "responsetag/_shipped/data/taxonomy.json" in names
    assert not [name for name in names if "corpus/" in name or "tests/" in name]
    venv.create(tmp_path / "env", with_pip=True)
    python = tmp_path / "env" / "bin" / "python"
    pip = [str(python), "-m", "pip", "install", "--quiet", "--disable-pip-version-check"]
    subprocess.run([*pip, "-c", str(ROOT / "constraints.txt"), str(wheel)], check=True, capture_output=True)
    done = subprocess.run([python, "-W", "error", "-c", CODE], check=True, capture_output=True, cwd=tmp_path)
    labels, count, file = json.loads(done.stdout)
    assert labels == ["rescue_evacuation"]
    assert count == 23
    assert str(tmp_path) in file
    command = subprocess.run(
        [tmp_path / "env" / "bin" / "responsetag", "models"], check=True, capture_output=True, cwd=tmp_path
    )
    assert b"zh-response" in command.stdout
