"""Pictures of an evaluation, and the report that holds them."""

from __future__ import annotations

import base64
import hashlib
import json
import os
import re
import shutil
import subprocess
import sys
from collections.abc import Mapping, Sequence
from dataclasses import replace
from html.parser import HTMLParser
from pathlib import Path
from xml.etree import ElementTree as ET

import numpy as np
import pytest

from conftest import ROOT
from responsetag import Tagger
from responsetag.model.manifest import Calibration, LabelInfo, Manifest
from responsetag.training.confusion import confusion
from responsetag.training.corpus import Corpus
from responsetag.training.curves import f1_by_threshold, label_curves, threshold_choices
from responsetag.training.evaluation import Judged
from responsetag.training.learning import LearningCurve, Step, learning_curve
from responsetag.training.panels import MOST_PANELS, PRECISION_RECALL, panel_svg, pictured, sheet_svg
from responsetag.training.pictures import MOST_LABELS, confused_labels, confusion_svg
from responsetag.training.report import Subject, render_report
from responsetag.training.settings import Settings

HOSTILE = (
    "<script>alert(1)</script>",
    '"><img/src=x/onerror=alert(1)>',
    "$\\frac{x}$&amp;--><!--",
    "\x01\u202e\ufffe{{7*7}}",
    "疫苗接种" * 16,
)


def judged(
    true: Sequence[Sequence[int]], scores: Sequence[Sequence[float]], threshold: float = 0.5
) -> Judged:
    found = np.array(scores, dtype=float)
    documents = tuple(f"d{i}" for i in range(len(found)))
    return Judged(np.array(true, dtype=bool), found, found >= threshold, documents)


def drawn(n: int, n_labels: int) -> Judged:
    """Paragraphs by chance, with scores that know something; the last label is carried by none."""
    rng = np.random.default_rng(n)
    true = rng.random((n, n_labels)) < 0.3
    true[:, -1] = False
    return judged(true.tolist(), np.clip(0.5 * true + 0.6 * rng.random((n, n_labels)), 0, 1).tolist())


def manifest_of(tagger: Tagger, slugs: Sequence[str]) -> Manifest:
    n = len(slugs)
    return replace(
        tagger.manifest,
        labels=tuple(LabelInfo(slug, f"{slug}中", f"{slug} en") for slug in slugs),
        thresholds=(0.5,) * n,
        calibration=Calibration((1.0,) * n, (0.0,) * n),
    )


def page_of(
    tagger: Tagger, found: Judged, slugs: Sequence[str], learning: LearningCurve | None = None
) -> str:
    subject = Subject(manifest_of(tagger, slugs), "<b>made up</b>", cross_validated=learning is not None)
    return render_report(subject, found, found.evaluate(slugs), learning)


class Tags(HTMLParser):
    """The tags of a page, and what stands in tables, headings and alternative texts."""

    def __init__(self, page: str) -> None:
        super().__init__()
        self.tags: list[tuple[str, dict[str, str | None]]] = []
        self.feed(page)

    def handle_starttag(self, tag: str, attrs: list[tuple[str, str | None]]) -> None:
        self.tags.append((tag, dict(attrs)))

    def all(self, tag: str) -> list[dict[str, str | None]]:
        return [attributes for name, attributes in self.tags if name == tag]


def images(page: str) -> list[str]:
    """The SVG of each image."""
    sources = [attributes["src"] or "" for attributes in Tags(page).all("img")]
    assert all(source.startswith("data:image/svg+xml;base64,") for source in sources)
    return [base64.b64decode(source.partition(",")[2]).decode() for source in sources]


def test_curves_are_those_worked_out_by_hand() -> None:
    found = judged([[1], [1], [0], [0]], [[0.9], [0.4], [0.6], [0.1]])
    evaluation = found.evaluate(["a"])
    (curve,) = label_curves(found, evaluation, [0.5])
    assert curve.average_precision == pytest.approx(0.5 * 1 + 0.5 * 2 / 3)
    assert evaluation.average_precision is not None
    assert evaluation.average_precision.micro == evaluation.average_precision.macro == curve.average_precision
    assert curve.curve.T.tolist() == [[0, 1], [0.5, 1], [1, pytest.approx(2 / 3)]]
    assert curve.at_recall == (1, *[pytest.approx(2 / 3)] * 4)
    assert (curve.precision, curve.recall, curve.support) == (0.5, 0.5, 2)
    assert curve.best is not None
    assert [*curve.best] == pytest.approx([0.25, 0.8])
    # |0.9 - 1|, |0.4 - 1|, |0.6 - 0| and |0.1 - 0|, each in a tenth of its own
    assert curve.calibration_error == pytest.approx((0.1 + 0.6 + 0.6 + 0.1) / 4)
    by_threshold = dict(curve.by_threshold.T.round(9).tolist())
    assert by_threshold[0] == pytest.approx(2 * 2 / (4 + 2))
    assert by_threshold[0.5] == pytest.approx(2 * 1 / (2 + 2))
    assert by_threshold[1] == 0


def test_a_label_with_the_score_of_the_threshold_is_given() -> None:
    values = f1_by_threshold(np.array([True, False]), np.array([0.5, 0.5]))
    assert values[1, 25] == pytest.approx(2 / 3)
    assert values[1, 26] == 0


def test_thinned_curves_stay_on_the_curve() -> None:
    found = drawn(3000, 2)
    curve = label_curves(found, found.evaluate(["a", "b"]), [0.5, 0.5])[0]
    assert curve.curve.shape[1] <= 41
    order = np.argsort(-found.scores[:, 0], kind="stable")
    hits = np.cumsum(found.true[order, 0])
    whole = set(zip((hits / hits[-1]).round(9), (hits / np.arange(1, 3001)).round(9), strict=True))
    assert set(map(tuple, curve.curve.T.round(9).tolist())) - {(0.0, 1.0)} <= whole
    # the area under so few points is nearly that of all
    area = np.trapezoid(curve.curve[1], curve.curve[0])
    assert area == pytest.approx(curve.average_precision, abs=0.01)


def test_choices_of_thresholds_are_judged() -> None:
    found = judged([[1, 0], [0, 1], [0, 1], [0, 0]], [[0.9, 0.1], [0.7, 0.3], [0.1, 0.2], [0.1, 0.1]])
    model, common, own = threshold_choices(found, found.evaluate(["a", "b"]))
    assert [model.micro, common.threshold] == pytest.approx([2 * 1 / (2 + 3), 0.15])
    assert common.micro == pytest.approx(2 * 3 / (4 + 3))
    assert own.micro == own.macro == 1


def test_what_is_not_known_is_in_no_figure() -> None:
    """Paragraphs of which a label is not known may have any truth and score for it."""
    found = drawn(80, 3)
    known = np.ones_like(found.true)
    known[::2, 0] = False
    other = ~known
    here, there = (
        replace(found, known=known),
        replace(
            found,
            true=found.true ^ other,
            scores=np.where(other, 1 - found.scores, found.scores),
            given=found.given ^ other,
            known=known,
        ),
    )
    names = ["a", "b", "c"]
    evaluation = here.evaluate(names)
    assert evaluation == there.evaluate(names)
    assert threshold_choices(here, evaluation) == threshold_choices(there, evaluation)
    for one, two in zip(*(label_curves(f, evaluation, [0.5] * 3) for f in (here, there)), strict=True):
        assert np.array_equal(one.by_threshold, two.by_threshold)
        assert (one.calibration_error, one.best) == (two.calibration_error, two.best)
    for one, two in zip(*(vars(confusion(f)).values() for f in (here, there)), strict=True):
        assert np.array_equal(one, two)
    alone = judged(found.true[1::2, :1].tolist(), found.scores[1::2, :1].tolist())
    (expected,) = label_curves(alone, alone.evaluate(["a"]), [0.5])
    shown = label_curves(here, evaluation, [0.5] * 3)[0]
    assert shown.calibration_error == expected.calibration_error
    assert np.array_equal(shown.by_threshold, expected.by_threshold)


def test_a_learning_curve_holds_out_whole_documents_and_what_is_known() -> None:
    texts = [f"{WORDS[list(WORDS)[i % 2]][i % 3]}，第{i}组到岗。" for i in range(42)]
    names = [[list(WORDS)[i % 2]] for i in range(42)]
    plain = Corpus.from_texts(texts, names, tuple(WORDS), [f"d{i // 7}" for i in range(42)])
    known = np.ones((42, 2), dtype=bool)
    known[::3, 0] = False
    noise = [["消毒", "转移"] if i % 6 == 3 else own for i, own in enumerate(names)]
    noisy = Corpus.from_texts(texts, noise, tuple(WORDS), plain.documents)
    settings = Settings(folds=3, min_df=2)
    first, second = (learning_curve(replace(c, known=known), settings) for c in (plain, noisy))
    assert first == second
    assert first.held_out == 7  # one of six documents; a fifth would be 8
    assert [step.paragraphs for step in first.steps] == [17, 35]


def test_confusion_counts_pairs_of_missed_and_wrongly_given() -> None:
    true = [[1, 0, 0], [1, 0, 0], [1, 1, 0], [1, 0, 0], [0, 0, 0], [0, 1, 0]]
    given = [[0, 1, 0], [0, 1, 1], [0, 0, 1], [0, 0, 0], [0, 0, 1], [0, 1, 0]]
    found = confusion(judged(true, given))
    assert found.pairs.tolist() == [[0, 2, 2], [0, 0, 1], [0, 0, 0]]
    assert found.missed.tolist() == [4, 1, 0]
    assert found.wrong.tolist() == [0, 2, 3]
    assert found.nothing_given.tolist() == [1, 0, 0]
    assert found.nothing_missed.tolist() == [0, 0, 1]
    # Three of the four that miss a lack b, and b is wrongly given to two of the four that lack it.
    assert found.expected[0, 1] == pytest.approx(3 * 2 / 4)
    assert [(pair.missed, pair.given, pair.paragraphs) for pair in found.top(9)] == [
        (0, 1, 2),
        (0, 2, 2),
        (1, 2, 1),
    ]
    assert found.share()[0].tolist() == [0, 0.5, 0.5]


LEARNING = LearningCurve((Step(100, (0.5, 0.6), (0.4, 0.5)), Step(200, (0.7, 0.8), (0.6, 0.7))), 75, 2)


@pytest.fixture(scope="module")
def hostile_page(tagger: Tagger) -> str:
    return page_of(tagger, drawn(120, len(HOSTILE)), HOSTILE, LEARNING)


def test_names_are_text_and_nothing_else(hostile_page: str) -> None:
    page = Tags(hostile_page)
    assert not page.all("script")
    assert not page.all("b")
    assert all("onerror" not in attributes for _, attributes in page.tags)
    assert "&lt;script&gt;alert(1)&lt;/script&gt;" in hostile_page
    assert "{{7*7}}" in hostile_page
    assert not re.search("[\x00-\x08\u202e]", hostile_page)
    pictures = images(hostile_page)
    assert len(pictures) == 2 * len(HOSTILE) + 3
    for picture in pictures:
        ET.fromstring(picture)
    titles = ["".join(ET.fromstring(picture).itertext()) for picture in pictures]
    assert any("<script>alert(1)</script>" in title for title in titles)
    assert any("$\\frac{x}$&amp;--><!--" in title for title in titles)


def test_the_page_needs_nothing_from_elsewhere_and_allows_nothing(hostile_page: str) -> None:
    (style,) = re.findall(r"<style>(.*?)</style>", hostile_page, re.DOTALL)
    digest = base64.b64encode(hashlib.sha256(style.encode()).digest()).decode()
    page = Tags(hostile_page)
    (policy,) = [meta["content"] for meta in page.all("meta") if "http-equiv" in meta]
    assert policy == (
        f"default-src 'none'; style-src 'sha256-{digest}'; img-src data:; base-uri 'none'; form-action 'none'"
    )
    assert not re.search(r"https?://|@import|url\(", hostile_page)
    assert not any({"style", "onclick", "onload"} & set(attributes) for _, attributes in page.tags)
    assert page.all("html") == [{"lang": "en"}]


def test_every_picture_has_words_and_a_table(hostile_page: str) -> None:
    page = Tags(hostile_page)
    assert all(attributes["alt"] for attributes in page.all("img"))
    assert len(page.all("table")) == 7
    ids = {attributes["id"] for _, attributes in page.tags if "id" in attributes}
    for _, attributes in page.tags:
        for reference in (attributes.get("aria-labelledby"), (attributes.get("href") or "#")[1:]):
            assert not reference or reference in ids
    levels = [int(name[1]) for name, _ in page.tags if re.fullmatch("h[1-6]", name)]
    assert levels == [1, *[2] * 7]
    assert {"lang": "zh"}.items() <= page.all("span")[0].items()


def test_the_same_figures_give_the_same_bytes(tagger: Tagger) -> None:
    code = (
        "import sys; sys.path.insert(0, 'tests')\n"
        "import responsetag\n"
        "from test_pictures import LEARNING, drawn, page_of\n"
        "sys.stdout.buffer.write(page_of(responsetag.load(), drawn(90, 3), 'abc', LEARNING).encode())\n"
    )
    environment = {**os.environ, "PYTHONHASHSEED": "4711", "LC_ALL": "C"}
    done = subprocess.run(
        [sys.executable, "-c", code], cwd=ROOT, env=environment, capture_output=True, check=True
    )
    assert done.stdout.decode() == page_of(tagger, drawn(90, 3), "abc", LEARNING)


@pytest.mark.parametrize("true", [0, 1])
def test_one_paragraph_is_enough(tagger: Tagger, true: int) -> None:
    page = page_of(tagger, judged([[true, 0]], [[0.7, 0.0]]), ["a", "b"])
    assert "<td>nan</td>" not in page
    texts = ["".join(ET.fromstring(picture).itertext()) for picture in images(page)]
    assert sum("no paragraph" in text for text in texts) == 4 - 2 * true
    assert sum("few: n = 1" in text for text in texts) == 2 * true
    assert "There was no such paragraph" in page


def test_many_labels_have_tables_and_the_largest_have_pictures() -> None:
    found = drawn(60, MOST_PANELS + 5)
    names = [f"label-{i}" for i in range(MOST_PANELS + 5)]
    curves = label_curves(found, found.evaluate(names), [0.5] * len(names))
    shown = pictured(curves)
    assert len(shown) == MOST_PANELS
    assert min(curve.support for curve in shown) >= max(c.support for c in curves if c not in shown)
    counts = confusion(found)
    places = confused_labels(counts)
    assert places == sorted(places)
    assert len(places) == MOST_LABELS
    ET.fromstring(confusion_svg(counts, names))


def test_a_sheet_holds_every_label_and_stays_small() -> None:
    found = drawn(2000, 6)
    curves = label_curves(found, found.evaluate("abcdef"), [0.5] * 6)
    sheet = sheet_svg(curves, PRECISION_RECALL)
    assert sheet.count("AP 0.") == 5
    assert "no paragraph" in sheet
    assert len(sheet) < 6 * 10_000
    assert len(panel_svg(curves[0], PRECISION_RECALL)) < 10_000


WORDS = {
    "消毒": ["开展全面消毒", "公共场所消毒", "及时消毒清运"],
    "转移": ["连夜转移群众", "组织转移安置", "转移受灾居民"],
}
OPTIONS = [
    "--corpus",
    "c.jsonl",
    "--taxonomy",
    "t.json",
    "--output",
    "out",
    "--name",
    "m",
    "--version",
    "0.0.1",
    "--jobs",
    "1",
]


def write_rows(path: Path, rows: Sequence[Mapping[str, object]]) -> None:
    path.write_text("".join(json.dumps(row, ensure_ascii=False) + "\n" for row in rows), encoding="utf-8")


@pytest.fixture(scope="module")
def trained(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """A folder where a small model was trained, with a report."""
    folder = tmp_path_factory.mktemp("trained")
    rows = []
    for number in range(60):
        label = list(WORDS)[number % 2]
        text = f"{WORDS[label][number % 3]}，第{number}组到岗。"
        sentence = {"text": text, "labels": [label] if number % 5 else []}
        rows.append({"id": f"r{number}", "genre": "g", "origin": "written", "sentences": [sentence]})
    write_rows(folder / "c.jsonl", rows)
    (folder / "t.json").write_text(
        json.dumps({"labels": [{"slug": slug} for slug in WORDS]}), encoding="utf-8"
    )
    done = command(folder, "train", *OPTIONS, "--report", "page.html")
    assert done.returncode == 0, done.stderr
    return folder


def command(folder: Path, *arguments: str) -> subprocess.CompletedProcess[str]:
    installed = Path(sys.executable).parent / "responsetag"
    return subprocess.run([installed, *arguments], capture_output=True, text=True, cwd=folder, check=False)


def test_train_writes_a_report_with_a_learning_curve(trained: Path) -> None:
    page = (trained / "page.html").read_text(encoding="utf-8")
    assert "12 paragraphs were held out" in page
    assert len(images(page)) == 2 * 2 + 3
    alone = command(trained, "train", *OPTIONS, "--learning-curve")
    assert alone.returncode == 2
    assert "need --report FILE" in alone.stderr


def test_the_card_shows_the_pictures_beside_it(trained: Path) -> None:
    model = trained / "out" / "m" / "0.0.1"
    card = (model / "MODEL_CARD.md").read_text(encoding="utf-8")
    shown = re.findall(r"!\[[^]]+\]\(([^)]+)\)", card)
    assert sorted(shown) == sorted(file.name for file in model.glob("*.svg"))
    assert len(shown) == 4
    for name in shown:
        ET.parse(model / name)


def test_evaluate_writes_a_report(trained: Path) -> None:
    rows = [
        {"text": "各村开展全面消毒。", "labels": ["消毒"]},
        {"text": "镇里组织转移安置。", "labels": ["消毒"]},
        {"text": "今天天气很好。", "labels": []},
        {"text": "没有这个标签。", "labels": ["nonsense"]},
    ]
    write_rows(trained / "gold.jsonl", rows)
    evaluate = ("evaluate", "gold.jsonl", "--model", "out/m/0.0.1", "--json", "--report")
    done = command(trained, *evaluate, "gold.html")
    assert done.returncode == 1, done.stderr
    assert done.stderr == "responsetag: gold.jsonl:4: labels not in the label set: nonsense\n"
    figures = json.loads(done.stdout)
    assert figures["average_precision"]["labels"][1] is None
    page = (trained / "gold.html").read_text(encoding="utf-8")
    assert f"<dd>{figures['micro']['f1']:.3f} <small>" in page
    assert "judged on gold.jsonl" in page
    assert "<strong>1 of its rows could not be used</strong>" in page
    assert len(images(page)) == 2 * 2 + 2
    assert "<code>消毒</code> was missed and <code>转移</code> given in 1 of 1" in page
    before = sorted(trained.iterdir())
    for place, words in (
        ("none/page.html", "there is no folder"),
        (".", "is a folder"),
        ("gold.jsonl", "as input and as output"),
    ):
        refused = command(trained, *evaluate, place)
        assert refused.returncode == 2
        assert words in refused.stderr
    assert sorted(trained.iterdir()) == before
    assert len((trained / "gold.jsonl").read_text(encoding="utf-8").splitlines()) == len(rows)


@pytest.mark.skipif(shutil.which("chromium") is None, reason="NOT CHECKED IN A BROWSER: there is no chromium")
def test_a_browser_shows_it_within_its_policy(hostile_page: str, tmp_path: Path) -> None:
    def complaints(page: str) -> str:
        file = tmp_path / "page.html"
        file.write_text(page, encoding="utf-8")
        command = [
            "chromium", "--headless", "--no-sandbox", "--disable-gpu", "--no-first-run",
            "--disable-background-networking", f"--user-data-dir={tmp_path / 'profile'}",
            "--enable-logging=stderr", "--dump-dom", file.as_uri(),
        ]  # fmt: skip
        done = subprocess.run(command, capture_output=True, text=True, check=True, timeout=120)
        return "".join(line for line in done.stderr.splitlines() if "Content Security Policy" in line)

    assert not complaints(hostile_page)
    assert complaints(hostile_page.replace("<main>", '<main style="color: red">'))  # it would have complained
