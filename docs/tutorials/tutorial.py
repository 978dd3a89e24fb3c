"""What all tutorials share: a folder to work in, commands as you would type them, and text to label."""

from __future__ import annotations

import itertools
import json
import os
import shlex
import subprocess
import sys
import tempfile
from collections.abc import Iterator
from dataclasses import dataclass
from pathlib import Path

ROOT = Path(__file__).resolve().parents[2]
# Files of the corpus with news of accidents, storms and what is done about them.
_FILES = (
    "accidents-and-incidents", "accidents-newspapers", "bulletins-disasters-2", "restoration-and-restart",
    "weather-local", "disasters-accidents",
)  # fmt: skip


def go_to_folder() -> Path:
    """Make the folder that the tutorial was given, or a temporary one, and work in it."""
    if len(sys.argv) > 1:
        folder = Path(sys.argv[1]).resolve()
        folder.mkdir(parents=True, exist_ok=True)
        if any(folder.iterdir()):
            sys.exit(f"{folder} is not empty; give a new folder, or none")
    else:
        folder = Path(tempfile.mkdtemp(prefix="responsetag-"))
    os.chdir(folder)
    # Commands of the environment that runs this, whether it was activated or not.
    os.environ["PATH"] = os.pathsep.join([str(Path(sys.executable).parent), os.environ.get("PATH", "")])
    print(f"$ cd {folder}")
    return folder


def step(title: str) -> None:
    """Print the heading of a section."""
    print(f"\n== {title}", flush=True)


def shell(command: str, *, code: int = 0, show: bool = True) -> str:
    """Run a command as it would be typed, show what it prints, and return what it wrote to standard output.

    Args:
        code: the exit code that the tutorial says it ends with; another one ends the tutorial.
        show: whether to print what it wrote to standard output.
    """
    print(f"$ {command}", flush=True)
    done = subprocess.run(shlex.split(command), capture_output=True, check=False)
    out, err = done.stdout.decode(), done.stderr.decode()
    print(err + (out if show else ""), end="", flush=True)
    if done.returncode != code:
        sys.exit(f"ended with exit code {done.returncode}, and the tutorial says {code}")
    if code:
        print(f"(exit code {code})")
    return out


@dataclass(frozen=True)
class Paragraph:
    """A paragraph of the written corpus, to play the part of your own text."""

    id: str
    text: str
    labels: frozenset[str]  # slugs of the shipped label set


def paragraphs(start: int, end: int) -> list[Paragraph]:
    """Paragraphs about accidents and storms, from all files in turn, without what stands there twice."""
    return list(itertools.islice(_all_paragraphs(), start, end))


def _all_paragraphs() -> Iterator[Paragraph]:
    files = [
        (ROOT / "data" / "corpus" / f"{name}.jsonl").read_text(encoding="utf-8").splitlines()
        for name in _FILES
    ]
    seen = set()
    for line in itertools.chain.from_iterable(itertools.zip_longest(*files)):
        if line is None:
            continue
        row = json.loads(line)
        text = "".join(sentence["text"] for sentence in row["sentences"])
        if text not in seen:
            seen.add(text)
            labels = frozenset(label for sentence in row["sentences"] for label in sentence["labels"])
            yield Paragraph(row["id"], text, labels)
