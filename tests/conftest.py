from __future__ import annotations

import json
import subprocess
import sys
from collections.abc import Callable
from pathlib import Path

import pytest
from hypothesis import settings

import responsetag
from responsetag import Tagger
from responsetag.paths import shipped

ROOT = Path(__file__).parent.parent
SHARED = ROOT.parent / "shared"
# The machine is shared, and first calls load dictionaries.
settings.register_profile("unhurried", deadline=None)
settings.load_profile("unhurried")
Run = Callable[..., "subprocess.CompletedProcess[bytes]"]


def pytest_collection_modifyitems(items: list[pytest.Item]) -> None:
    """The slowest first: where tests run side by side, none is left over at the end."""
    items.sort(key=lambda item: item.get_closest_marker("slow") is None)


@pytest.fixture(scope="session")
def tagger() -> Tagger:
    """The shipped model."""
    return responsetag.load()


@pytest.fixture(scope="session")
def sentences() -> list[str]:
    """Every sentence of the written corpus."""
    found = []
    for file in sorted((shipped("data") / "corpus").glob("*.jsonl")):
        for line in file.read_text(encoding="utf-8").splitlines():
            found += [sentence["text"] for sentence in json.loads(line)["sentences"]]
    return found


@pytest.fixture
def run(tmp_path: Path) -> Run:
    """Run the installed command in an empty folder."""
    command = Path(sys.executable).parent / "responsetag"

    def call(*arguments: str | Path, stdin: bytes = b"") -> subprocess.CompletedProcess[bytes]:
        return subprocess.run(
            [command, *map(str, arguments)], input=stdin, capture_output=True, cwd=tmp_path, check=False
        )

    return call


@pytest.fixture(scope="session")
def shared() -> Path:
    """Real pages for measuring, which are not part of the project."""
    if not SHARED.is_dir():
        pytest.skip(f"NOT CHECKED ON REAL TEXT: no {SHARED.name}/ beside the project")
    return SHARED
