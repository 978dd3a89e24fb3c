"""Checks on real text, which is not part of the project: skipped loudly where it is not beside it."""

from __future__ import annotations

import json
import re
from pathlib import Path

from conftest import ROOT, Run
from responsetag import Tagger
from responsetag.paths import shipped
from responsetag.training.gold import judge_gold, read_gold

RUN = 24
# Fixed official phrases that any writer uses; compared without marks.
OFFICIAL: tuple[str, ...] = ()


def test_figures_on_real_paragraphs_hold(tagger: Tagger, shared: Path) -> None:
    gold = read_gold(shared / "real" / "dev.jsonl", tagger.labels)
    evaluation, problems = judge_gold(tagger, gold).evaluate(tagger.labels), gold.problems
    assert not problems
    assert evaluation.micro.f1 >= 0.73
    assert evaluation.macro.f1 >= 0.73


def test_real_pages_are_read_whole(run: Run, shared: Path) -> None:
    pages = sorted((shared / "real" / "pages").glob("*.txt"))
    done = run("tag", *pages, "-o", "out.jsonl")
    assert done.returncode == 0
    assert done.stderr == b""


def test_article_paragraphs_carry_labels_and_page_furniture_few(tagger: Tagger, shared: Path) -> None:
    long = short = long_labelled = short_labelled = 0
    for page in sorted((shared / "real" / "pages").glob("*.txt")):
        for paragraph in tagger.tag_document(page).paragraphs:
            if len(paragraph.text) >= 170 and "|" not in paragraph.text and "版權" not in paragraph.text:
                long, long_labelled = long + 1, long_labelled + bool(paragraph.labels)
            elif len(paragraph.text) < 90:
                short, short_labelled = short + 1, short_labelled + bool(paragraph.labels)
    assert long_labelled == long > 8
    assert short_labelled <= 0.25 * short


def test_no_text_of_the_project_is_taken_from_real_text(shared: Path) -> None:
    def plain(text: str) -> str:
        return re.sub(r"\W", "", text)

    real: set[str] = set()
    texts = [page.read_text(encoding="utf-8") for page in (shared / "real" / "pages").glob("*.txt")]
    for name in ("dev.jsonl", "unlabelled.jsonl"):
        lines = (shared / "real" / name).read_text(encoding="utf-8").splitlines()
        texts += [json.loads(line)["text"] for line in lines]
    for text in map(plain, texts):
        real.update(text[i : i + RUN] for i in range(len(text) - RUN + 1))
    shared_runs = []
    files = [*(shipped("data")).rglob("*.*"), *(ROOT / "docs").rglob("*.md"), *(ROOT / "tests").rglob("*.py")]
    for file in files:
        for number, line in enumerate(file.read_text(encoding="utf-8").splitlines(), 1):
            text = plain(line)
            for i in range(len(text) - RUN + 1):
                if text[i : i + RUN] in real:
                    shared_runs.append(f"{file.name}:{number}: {text[i : i + RUN]}")
                    break
    assert not [run for run in shared_runs if not any(phrase in run for phrase in OFFICIAL)]
