from __future__ import annotations

import json
import shutil
import subprocess
import sys
from collections.abc import Callable, Iterator
from pathlib import Path
from typing import TYPE_CHECKING, Any

import pytest
from hypothesis import settings

import responsetag
from responsetag import Tagger
from responsetag.paths import shipped

if TYPE_CHECKING:
    from playwright.sync_api import Browser, Page

ROOT = Path(__file__).parent.parent
SHARED = ROOT.parent / "shared"
# The machine is shared, and first calls load dictionaries.
settings.register_profile("unhurried", deadline=None)
settings.load_profile("unhurried")
Run = Callable[..., "subprocess.CompletedProcess[bytes]"]
OpenPage = Callable[..., "Page"]
# No sandbox: tests may run as root, and the page is our own. The rest keeps the browser from calling home.
BROWSER_FLAGS = [
    "--no-sandbox", "--disable-gpu", "--disable-quic", "--no-first-run", "--disable-background-networking",
    "--disable-component-update", "--disable-sync",
]  # fmt: skip


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


@pytest.fixture(scope="session")
def browser() -> Iterator[Browser]:
    """A real Chromium without a window."""
    from playwright.sync_api import sync_playwright

    chromium = shutil.which("chromium") or shutil.which("google-chrome")
    if chromium is None:
        pytest.skip("NOT CHECKED IN A BROWSER: no chromium; on Debian: apt-get install chromium")
    with sync_playwright() as playwright:
        started = playwright.chromium.launch(executable_path=chromium, args=BROWSER_FLAGS)
        yield started
        started.close()


@pytest.fixture
def open_page(browser: Browser, tmp_path: Path) -> Iterator[OpenPage]:
    """Open a payload's page; what it logs, throws or asks of a network fails the test when it ends."""
    from responsetag.report.page import render

    complaints: list[str] = []
    contexts = []

    def open_one(payload: dict[str, Any], address: str = "", **options: Any) -> Page:
        file = tmp_path / "report.html"
        file.write_text(render(payload), encoding="utf-8")
        context = browser.new_context(**{"locale": "zh-CN", "reduced_motion": "reduce"} | options)
        contexts.append(context)
        page = context.new_page()
        page.on("console", lambda message: complaints.append(message.text))
        page.on("pageerror", lambda error: complaints.append(str(error)))
        page.on("dialog", lambda dialog: complaints.append(f"dialog: {dialog.message}"))
        page.on(
            "request",
            lambda request: None if request.url.startswith("file:") else complaints.append(request.url),
        )
        page.goto(file.as_uri() + address)
        if options.get("java_script_enabled", True):
            page.wait_for_selector("html[data-ready]")
        return page

    yield open_one
    for context in contexts:
        context.close()
    assert complaints == []
