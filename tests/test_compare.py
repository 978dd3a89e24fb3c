from __future__ import annotations

import json
from dataclasses import replace
from itertools import product
from pathlib import Path

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from numpy.typing import NDArray

import responsetag
from conftest import Run
from responsetag import InputError, Tagger
from responsetag.model.artifact import Model
from responsetag.model.writer import write_model
from responsetag.training.compare import compare_models
from responsetag.training.evaluation import evaluate
from responsetag.training.paired import compare, holm

Labels = NDArray[np.bool_]
ROWS = [
    ("page-a-1", "镇里连夜转移低洼处群众二百余人。", ["rescue_evacuation"]),
    ("page-a-2", "县医院腾出三十张床位收治伤员。", ["medical_treatment"]),
    ("page-b-1", "社区志愿者为独居老人送菜送药。", ["volunteer_mobilisation", "resident_care"]),
    ("page-b-2", "今天多云转晴，最高气温二十六度。", []),
    ("page-c-1", "街道对农贸市场每日消毒两次。", ["disinfection_sanitation"]),
    ("page-d-1", "红十字会收到企业捐款八十万元。", ["donation"]),
]


def draw(rng: np.random.Generator, documents: int, labels: int = 3) -> tuple[Labels, list[str]]:
    """True labels of documents of one to six paragraphs."""
    member = np.repeat(np.arange(documents), rng.integers(1, 7, documents))
    return rng.random((len(member), labels)) < 0.3, [str(d) for d in member]


def spoil(rng: np.random.Generator, true: Labels, documents: list[str], spread: float) -> Labels:
    """Decisions with errors; the rate of a document varies by ``spread``."""
    rates = rng.beta(0.15 / spread, 0.85 / spread, (len(set(documents)), true.shape[1]))
    member = np.unique(documents, return_inverse=True)[1]
    return true ^ (rng.random(true.shape) < rates[member])


def test_a_model_beside_itself_differs_in_nothing() -> None:
    rng = np.random.default_rng(0)
    true, documents = draw(rng, 40)
    same = spoil(rng, true, documents, 0.2)
    result = compare(true, same, same, ["a", "b", "c"], documents, resamples=200)
    assert result.changed_paragraphs == 0
    for entry in (*result.labels, result.micro, result.macro):
        assert entry.verdict == "same"
        assert (entry.fixed, entry.broken, entry.changed_documents) == (0, 0, 0)
        for figure in (entry.precision, entry.recall, entry.f1):
            assert (figure.difference, figure.low, figure.high, figure.p_value) == (0, 0, 0, 1)


def test_a_document_that_holds_most_paragraphs_leaves_few() -> None:
    rng = np.random.default_rng(0)
    documents = [str(n) for n, size in enumerate([300] + [3] * 59) for _ in range(size)]
    true = rng.random((len(documents), 1)) < 0.3
    result = compare(true, true, ~true, ["a"], documents, resamples=10)
    assert (result.documents, round(result.effective_documents, 1)) == (60, 2.5)
    equal = compare(true[:90], true[:90], true[:90], ["a"], [str(n // 3) for n in range(90)], resamples=10)
    assert equal.effective_documents == 30


def test_a_label_that_is_given_no_more_is_worse_and_alone() -> None:
    rng = np.random.default_rng(1)
    true, documents = draw(rng, 60)
    first = spoil(rng, true, documents, 0.1)
    second = first.copy()
    second[:, 1] = False
    kept, lost, other = compare(true, first, second, ["a", "b", "c"], documents, resamples=500).labels
    assert (kept.verdict, other.verdict, lost.verdict) == ("same", "same", "worse")
    assert lost.f1.second == 0
    assert lost.f1.difference == -lost.f1.first < 0
    assert lost.f1.low < lost.f1.difference < lost.f1.high < 0
    assert lost.fixed == (first & ~true)[:, 1].sum()
    assert lost.broken == (first & true)[:, 1].sum()
    assert lost.adjusted_p == pytest.approx(3 * lost.f1.p_value)


@settings(max_examples=15)
@given(st.integers(0, 10_000), st.integers(1, 12), st.integers(1, 4))
def test_figures_are_those_of_evaluate_and_turn_round(seed: int, documents: int, labels: int) -> None:
    rng = np.random.default_rng(seed)
    true, names = draw(rng, documents, labels)
    both = spoil(rng, true, names, 0.5), spoil(rng, true, names, 0.5)
    slugs = [f"l{j}" for j in range(labels)]
    there = compare(true, *both, slugs, names, resamples=20)
    back = compare(true, both[1], both[0], slugs, names, resamples=20)
    for which, given_labels in zip(("first", "second"), both, strict=True):
        judged = evaluate(true, given_labels, slugs)
        pairs = zip(
            (*there.labels, there.micro, there.macro),
            (*judged.labels, judged.micro, judged.macro),
            strict=True,
        )
        for entry, score in pairs:
            for measure in ("precision", "recall", "f1"):
                assert getattr(getattr(entry, measure), which) == pytest.approx(getattr(score, measure))
    for entry, other in zip((*there.labels, there.micro), (*back.labels, back.micro), strict=True):
        assert entry.f1.difference == -other.f1.difference
        assert entry.f1.low == pytest.approx(-other.f1.high)
        assert entry.f1.p_value == other.f1.p_value
        assert (entry.fixed, entry.broken) == (other.broken, other.fixed)


def test_p_values_and_intervals_are_those_of_all_draws_there_are() -> None:
    true = np.array([[1], [1], [0], [1], [1], [0], [1], [1]], dtype=bool)
    first = np.array([[1], [0], [0], [0], [1], [1], [1], [0]], dtype=bool)
    second = np.array([[1], [1], [1], [1], [1], [1], [0], [0]], dtype=bool)
    member = [0, 0, 1, 1, 2, 2, 3, 3]

    def f1(of: Labels, rows: list[int]) -> float:
        both = of[rows].sum() + true[rows].sum()
        return float(2 * (of & true)[rows].sum() / max(both, 1))

    every = []
    for drawn in product(range(4), repeat=4):
        rows = [i for document in drawn for i in range(8) if member[i] == document]
        every.append(f1(second, rows) - f1(first, rows))
    found = f1(second, list(range(8))) - f1(first, list(range(8)))
    expected = np.mean(np.abs(np.array(every) - found) >= abs(found) - 1e-12)
    entry = compare(true, first, second, ["a"], [str(m) for m in member], resamples=20_000).labels[0]
    assert entry.f1.difference == pytest.approx(found)
    assert entry.f1.p_value == pytest.approx(expected, abs=0.01)
    assert entry.f1.low == pytest.approx(np.quantile(every, 0.025), abs=0.02)
    assert entry.f1.high == pytest.approx(np.quantile(every, 0.975), abs=0.02)
    assert entry.verdict == "too few"


def test_draws_are_repeated_by_their_seed() -> None:
    rng = np.random.default_rng(5)
    true, documents = draw(rng, 20)
    both = spoil(rng, true, documents, 0.3), spoil(rng, true, documents, 0.3)
    one, again, other = (
        compare(true, *both, ["a", "b", "c"], documents, resamples=300, seed=seed) for seed in (7, 7, 8)
    )
    assert one == again
    assert one.micro.f1.low != other.micro.f1.low


def test_holm() -> None:
    # The worked numbers: 4 * .005, 3 * .01, 2 * .03, and .04 held up by the one before it.
    assert holm(np.array([0.01, 0.04, 0.03, 0.005])).tolist() == pytest.approx([0.03, 0.06, 0.06, 0.02])
    assert holm(np.array([0.5, 0.9])).tolist() == [1, 1]


def test_equal_models_are_told_apart_in_one_of_twenty() -> None:
    by_document: list[bool] = []
    by_paragraph: list[bool] = []
    for seed in range(300):
        rng = np.random.default_rng(seed)
        true, documents = draw(rng, 50)
        both = spoil(rng, true, documents, 1.0), spoil(rng, true, documents, 1.0)
        for names, found in (
            (documents, by_document),
            ([str(i) for i in range(len(true))], by_paragraph),
        ):
            found.append(compare(true, *both, ["a", "b", "c"], names, resamples=300).micro.f1.p_value <= 0.05)
    assert 0.02 < np.mean(by_document) < 0.09
    # Paragraphs of one document go together here: drawing them apart finds differences that are none.
    assert np.mean(by_paragraph) > 0.12


def variant(model: Model, folder: Path, keep: slice = slice(None), **thresholds: float) -> Path:
    """A model with some of the labels, or with other thresholds."""
    manifest = model.manifest
    values = [thresholds.get(s, t) for s, t in zip(manifest.slugs, manifest.thresholds, strict=True)]
    calibration = replace(
        manifest.calibration,
        slope=manifest.calibration.slope[keep],
        intercept=manifest.calibration.intercept[keep],
    )
    labels = np.arange(len(manifest.labels))[keep]
    columns = [*labels, len(manifest.labels)]
    changed = replace(
        model,
        manifest=replace(
            manifest,
            name="variant",
            version="0.0.1",
            labels=manifest.labels[keep],
            thresholds=tuple(values[keep]),
            calibration=calibration,
        ),
        weights=model.weights[:, columns],
        scale=model.scale[columns],
        bias=model.bias[labels],
    )
    write_model(changed, folder, golden="", card="# variant\n")
    return folder


@pytest.fixture(scope="module")
def gold(tmp_path_factory: pytest.TempPathFactory) -> Path:
    path = tmp_path_factory.mktemp("gold") / "gold.jsonl"
    rows = [{"id": i, "text": text, "labels": labels} for i, text, labels in ROWS]
    path.write_text("".join(json.dumps(row, ensure_ascii=False) + "\n" for row in rows), encoding="utf-8")
    return path


def test_the_command_shows_what_changed(tagger: Tagger, gold: Path, tmp_path: Path, run: Run) -> None:
    # Donation is never given, and volunteers always.
    other = variant(tagger._model, tmp_path / "other", donation=1.0, volunteer_mobilisation=0.0)
    done = run("compare", "zh-response@1", other, gold, "--changed", "all.jsonl", "--json", "--show", "2")
    assert done.returncode == 0, done.stderr.decode()
    result = json.loads(done.stdout)
    assert result["model_a"]["name"] == "zh-response"
    assert result["model_b"]["name"] == "variant"
    entries = {entry["label"]: entry for entry in result["labels"]}
    assert len(entries) == 23
    assert entries["donation"]["broken"] == 1
    assert entries["donation"]["verdict"] == "too few"
    assert entries["volunteer_mobilisation"]["broken"] == 5
    assert entries["medical_treatment"]["verdict"] == "same"
    assert result["documents"] == 4
    rows = [json.loads(line) for line in (tmp_path / "all.jsonl").read_text(encoding="utf-8").splitlines()]
    assert len(rows) == result["changed_paragraphs"] == 5
    assert len(result["changed"]) == 2
    last = rows[-1]
    assert (last["line"], last["document"], last["text"]) == (6, "page-d", ROWS[5][1])
    assert [(c["label"], c["given"], c["right"]) for c in last["changes"]] == [
        ("donation", False, False),
        ("volunteer_mobilisation", True, False),
    ]
    assert last["changes"][0]["first_score"] == last["changes"][0]["second_score"] > 0.9
    shown = run("compare", "zh-response", other, gold, "--show", "1", "--resamples", "200").stdout.decode()
    assert "too few" in shown
    assert "Fewer than 30 documents" in shown
    assert shown.count("\nline ") == 1


def test_only_labels_of_both_are_compared(tagger: Tagger, gold: Path, tmp_path: Path) -> None:
    model = tagger._model
    fewer = responsetag.load(variant(model, tmp_path / "fewer", slice(0, 12)))
    others = responsetag.load(variant(model, tmp_path / "others", slice(12, 23)))
    result = compare_models(tagger, fewer, gold, resamples=100)
    assert [entry.label for entry in result.comparison.labels] == list(tagger.labels[:12])
    assert result.only_first == tagger.labels[12:]
    assert result.only_second == ()
    assert result.comparison.changed_paragraphs == 0
    assert result.problems == ()  # labels that one of them does not have are no mistake in the gold rows
    with pytest.raises(InputError, match="no label in common"):
        compare_models(fewer, others, gold)


def test_what_cannot_be_compared_is_said(gold: Path, tmp_path: Path, run: Run) -> None:
    for arguments, message in (
        (("zh-response", "zh-response@9", gold), "zh-response has no version 9"),
        (("zh-response", "./nowhere", gold), "cannot be read"),
        (("zh-response", "zh-response", "none.jsonl"), "none.jsonl: is not there"),
        (("zh-response", "zh-response", gold, "--resamples", "0"), "--resamples"),
        (("zh-response", "zh-response", gold, "--changed", "no/where.jsonl"), "no/where.jsonl: cannot be"),
    ):
        done = run("compare", *arguments)
        assert done.returncode == 2, arguments
        assert message in done.stderr.decode()
        assert b"Traceback" not in done.stderr
    broken = tmp_path / "broken.jsonl"
    broken.write_text(
        gold.read_text(encoding="utf-8") + '{"text": "x", "labels": ["nonsense"]}\n', encoding="utf-8"
    )
    done = run("compare", "zh-response", "zh-response", broken, "--json", "--resamples", "100")
    assert done.returncode == 1
    assert "broken.jsonl:7: labels not in the label set: nonsense" in done.stderr.decode()
    assert json.loads(done.stdout)["paragraphs"] == 6
