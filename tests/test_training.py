from __future__ import annotations

import json
import subprocess
import sys
from pathlib import Path
from typing import Any

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st
from numpy.typing import NDArray

import responsetag
from conftest import ROOT, Run
from responsetag import CorpusError, ModelError, Tagger, load_taxonomy
from responsetag.lanes import decode
from responsetag.linear import sigmoid
from responsetag.paths import shipped
from responsetag.training.evaluation import evaluate, reliability
from responsetag.training.export import _rounded
from responsetag.training.features import Cutting, count_features, weigh
from responsetag.training.fit import Fitted, Trainer
from responsetag.training.loading import load_corpus
from responsetag.training.run import train
from responsetag.training.settings import Settings
from responsetag.training.thresholds import best_threshold, choose_thresholds, fit_platt

TAXONOMY = shipped("data") / "taxonomy.json"
LABELS = load_taxonomy().slugs
FEW_FOLDS = Settings(folds=2)


def row(number: int, *sentences: tuple[str, list[str]]) -> dict[str, Any]:
    content = [{"text": text, "labels": labels} for text, labels in sentences]
    return {"id": f"r-{number}", "genre": "test", "origin": "written", "sentences": content}


def write_rows(path: Path, rows: list[dict[str, Any]]) -> Path:
    path.write_text("".join(json.dumps(r, ensure_ascii=False) + "\n" for r in rows), encoding="utf-8")
    return path


@pytest.fixture(scope="module")
def small_corpus(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """Every twentieth paragraph of the shipped corpus."""
    lines = []
    for file in sorted((shipped("data") / "corpus").glob("*.jsonl")):
        lines += file.read_text(encoding="utf-8").splitlines()[::20]
    path = tmp_path_factory.mktemp("corpus") / "small.jsonl"
    path.write_text("\n".join(lines) + "\n", encoding="utf-8")
    return path


@pytest.fixture(scope="module")
def small_model(small_corpus: Path, tmp_path_factory: pytest.TempPathFactory) -> Path:
    output = tmp_path_factory.mktemp("models")
    result = train(small_corpus, TAXONOMY, output, "small", "0.0.1", settings=FEW_FOLDS)
    assert result.outcome == f"written to {output / 'small' / '0.0.1'}"
    return output / "small" / "0.0.1"


def test_a_trained_model_tags(small_model: Path) -> None:
    tagger = responsetag.load(small_model)
    assert tagger.info.name == "small"
    assert "disinfection_sanitation" in tagger.tag("对公共场所每天消毒两次，清运垃圾。").labels
    card = (small_model / "MODEL_CARD.md").read_text(encoding="utf-8")
    assert "# small 0.0.1" in card
    assert "$" not in card
    assert card.count("| `") == 23


def test_it_is_made_again_to_the_byte(small_corpus: Path, small_model: Path, tmp_path: Path) -> None:
    train(small_corpus, TAXONOMY, tmp_path, "small", "0.0.1", settings=FEW_FOLDS, jobs=2)
    names = sorted(file.name for file in small_model.iterdir())
    assert names == sorted(file.name for file in (tmp_path / "small" / "0.0.1").iterdir())
    for name in names:
        assert (tmp_path / "small" / "0.0.1" / name).read_bytes() == (small_model / name).read_bytes(), name


def test_an_existing_version_is_compared_and_never_changed(
    small_corpus: Path, small_model: Path, tmp_path: Path
) -> None:
    output = small_model.parent.parent
    before = {file.name: file.read_bytes() for file in small_model.iterdir()}
    assert (
        "made again: same digests"
        in train(small_corpus, TAXONOMY, output, "small", "0.0.1", settings=FEW_FOLDS).outcome
    )
    other = tmp_path / "other.jsonl"
    other.write_text(
        "".join(small_corpus.read_text(encoding="utf-8").splitlines(keepends=True)[1:]), encoding="utf-8"
    )
    with pytest.raises(ModelError, match=r"has different corpus .*never changed"):
        train(other, TAXONOMY, output, "small", "0.0.1", settings=FEW_FOLDS)
    with pytest.raises(ModelError, match="different settings"):
        train(small_corpus, TAXONOMY, output, "small", "0.0.1", settings=Settings(folds=2, seed=1))
    assert {file.name: file.read_bytes() for file in small_model.iterdir()} == before


@pytest.mark.slow
def test_the_shipped_model_is_made_again_from_data_alone() -> None:
    """``python train.py``, with sets in another order than when it was released. It also holds the ratchet:
    figures below ``data/floor.json`` would be refused."""
    environment = {"PYTHONHASHSEED": "4711", "PATH": "/usr/bin:/bin", "HOME": "/nonexistent"}
    done = subprocess.run(
        [sys.executable, ROOT / "train.py"],
        capture_output=True,
        text=True,
        check=False,
        env=environment,
        cwd=ROOT,
    )
    assert done.returncode == 0, done.stderr
    outcome = done.stdout.splitlines()[-1]
    assert "made again: same digests" in outcome or "but for the processor's last bits" in outcome


def test_nothing_of_a_held_out_paragraph_is_seen(small_corpus: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    corpus = load_corpus(small_corpus, LABELS)
    from responsetag.tokenizer import tokenizer

    trainer = Trainer(corpus, Settings(folds=3), tokenizer(), 1)
    fits: list[NDArray[np.bool_]] = []
    fit = Trainer.fit

    def noted(self: Trainer, part: NDArray[np.bool_]) -> Fitted:
        fits.append(part)
        return fit(self, part)

    monkeypatch.setattr(Trainer, "fit", noted)
    margins, fold = trainer.cross_validate(lambda _: None)
    assert np.isfinite(margins).all()
    assert len(fits) == 3
    for k, part in enumerate(fits):
        assert not part[fold == k].any()
        assert part[fold != k].all()


def test_a_vocabulary_holds_nothing_of_other_paragraphs(tmp_path: Path) -> None:
    rows = [row(i, ("开展消毒", []), ("进行消毒", [])) for i in range(2)]
    rows += [row(9, ("独家饕餮", []), ("再说饕餮", []), ("又见饕餮", []))]
    for i, r in enumerate(rows):
        r["id"] = f"x{i}"
        r["sentences"][0]["text"] += str(i)
    corpus = load_corpus(write_rows(tmp_path / "c.jsonl", rows), LABELS)
    from responsetag.tokenizer import tokenizer

    trainer = Trainer(corpus, Settings(min_df=3), tokenizer(), 1)
    seen = trainer.fit(np.array([True, True, False])).vocabulary
    assert not any("饕" in seen.name(i) for i in range(len(seen)))
    assert any("饕" in v for v in (trainer.fit(np.ones(3, dtype=bool)).vocabulary.words))


def test_bad_rows_are_refused_all_at_once(tmp_path: Path) -> None:
    good = json.dumps(row(1, ("排查", ["personnel_screening"])), ensure_ascii=False)
    lines = [
        good,
        "{",
        json.dumps([1]),
        json.dumps({"id": "", "genre": "g", "sentences": [], "x": 1}),
        json.dumps(row(5, ("a", ["flying"]), (" ", []), ("b", ["donation", "donation"])), ensure_ascii=False),
        json.dumps(row(1, ("别的", [])), ensure_ascii=False),
        json.dumps(row(7, ("排查", [])), ensure_ascii=False),
        json.dumps({**row(8, ("c", [])), "sentences": [{"text": "c"}]}),
        '{"id": "\xff'.encode("latin-1").decode("latin-1"),
    ]
    file = tmp_path / "c.jsonl"
    file.write_bytes("\n".join(lines).encode("latin-1", "xmlcharrefreplace"))
    with pytest.raises(CorpusError) as caught:
        load_corpus(tmp_path, LABELS)
    message = str(caught.value)
    for expected in (
        "c.jsonl:2: is not JSON",
        "c.jsonl:3: is not an object",
        "c.jsonl:4: 'sentences' must be a list",
        "c.jsonl:5: sentence 1: labels not in the label set: flying; sentence 2: 'text' must be",
        "sentence 3: a label twice",
        "c.jsonl:7: text again with other labels, first at",
        "c.jsonl:8: sentence 1: must have just 'text' and 'labels'",
        "c.jsonl:9: is not UTF-8",
    ):
        assert expected in message


def test_a_corpus_that_is_too_small_is_said(tmp_path: Path) -> None:
    write_rows(tmp_path / "c.jsonl", [row(i, (f"排查{i}", [])) for i in range(3)])
    with pytest.raises(CorpusError, match="3 paragraphs; training needs 10"):
        train(tmp_path, TAXONOMY, tmp_path / "out", "m", "0.0.1")
    write_rows(tmp_path / "c.jsonl", [])
    with pytest.raises(CorpusError, match="holds no rows"):
        train(tmp_path, TAXONOMY, tmp_path / "out", "m", "0.0.1")
    with pytest.raises(CorpusError, match="is not there; check the path"):
        train(tmp_path / "nothing", TAXONOMY, tmp_path / "out", "m", "0.0.1")


def test_a_label_set_of_ones_own(tmp_path: Path, run: Run) -> None:
    labels = {"labels": [{"slug": "保供"}, {"slug": "转移"}, {"slug": "从不"}]}
    (tmp_path / "labels.json").write_text(json.dumps(labels), encoding="utf-8")
    rows = [
        row(
            i,
            (f"第{i}批大米运抵，保障供应。", ["保供"]) if i % 2 else (f"{i}名群众转移到安全地带。", ["转移"]),
        )
        for i in range(40)
    ]
    write_rows(tmp_path / "mine.jsonl", rows)
    done = run(
        "train", "--corpus", "mine.jsonl", "--taxonomy", "labels.json", "--output", "out", "--name", "mine",
        "--version", "0.1.0", "--seed", "5", "--jobs", "1",
    )  # fmt: skip
    assert done.returncode == 0, done.stderr.decode()
    assert "written to out/mine/0.1.0" in done.stdout.decode()
    assert b"fold 10 of 10" in done.stderr
    tagger = responsetag.load(tmp_path / "out" / "mine" / "0.1.0")
    assert tagger.tag("又一批大米运抵，供应有保障").labels == ("保供",)
    again = run("explain", "三百名群众转移", "--json", "--model", "out/mine/0.1.0")
    assert json.loads(again.stdout)["labels"] == ["转移"]


@given(st.lists(st.tuples(st.booleans(), st.integers(-5, 5)), min_size=1, max_size=40))
def test_the_best_threshold_is_the_best(pairs: list[tuple[bool, int]]) -> None:
    true = np.array([t for t, _ in pairs])
    margins = np.array([m for _, m in pairs], dtype=np.float32)

    def f1(threshold: float) -> float:
        given_labels = margins >= threshold
        return float(2 * (true & given_labels).sum() / max(1, true.sum() + given_labels.sum()))

    best = max(f1(m) for m in np.unique(margins))
    assert f1(best_threshold(true, margins)) == pytest.approx(best)


def test_thresholds_shrink_towards_the_common_one() -> None:
    rng = np.random.default_rng(0)
    true = rng.random((300, 3)) < 0.3
    margins = (true * 2 + rng.normal(size=(300, 3))).astype(np.float32)
    common, half, own = (choose_thresholds(true, margins, s) for s in (0.0, 0.5, 1.0))
    assert np.ptp(common) == 0
    assert np.allclose(half, (common + own) / 2)


@pytest.mark.parametrize("everywhere", [False, True])
def test_a_label_that_all_or_none_carry_stays_so_when_it_is_stored(everywhere: bool) -> None:
    for n in (50, 2000, 3752):
        margins = np.full((n, 1), 1.0 if everywhere else -1.0, dtype=np.float32)
        true = np.full((n, 1), everywhere)
        slope, intercept = fit_platt(true, margins)
        thresholds = sigmoid(slope * choose_thresholds(true, margins, 0.25) + intercept)
        (stored,), (a,), (b,) = (_rounded(values) for values in (thresholds, slope, intercept))
        score = float(sigmoid(np.array(float(margins[0, 0]) * a + b)))
        assert (score >= stored) == everywhere


def test_a_corpus_without_features_is_refused(tmp_path: Path) -> None:
    rows = [row(i, (chr(0x4E00 + 7 * i), ["donation"])) for i in range(12)]
    with pytest.raises(CorpusError, match="is in 2 sentences"):
        train(write_rows(tmp_path / "c.jsonl", rows), TAXONOMY, tmp_path / "m", "m", "0.0.1")


def test_platt_gives_frequencies() -> None:
    rng = np.random.default_rng(0)
    margins = rng.normal(size=(20000, 1)).astype(np.float32)
    true = rng.random((20000, 1)) < 1 / (1 + np.exp(-(2 * margins - 1)))
    slope, intercept = fit_platt(true, margins)
    assert slope[0] == pytest.approx(2, abs=0.1)
    assert intercept[0] == pytest.approx(-1, abs=0.1)
    slope, _ = fit_platt(~true, margins)  # margins that rank the wrong way
    assert slope[0] > 0
    assert fit_platt(np.zeros((5, 1), dtype=bool), margins[:5])[0][0] > 0


def test_evaluation_counts_as_defined() -> None:
    true = np.array([[1, 0], [1, 1], [0, 0], [0, 1]], dtype=bool)
    given_labels = np.array([[1, 0], [0, 1], [1, 0], [0, 0]], dtype=bool)
    result = evaluate(true, given_labels, ("a", "b"), np.where(true, 1.0, 0.0))
    assert [round(s.f1, 3) for s in result.labels] == [0.5, 0.667]
    assert (result.micro.precision, result.micro.recall) == (2 / 3, 0.5)
    assert result.exact_match == 0.25
    assert result.calibration_error == 0
    assert evaluate(true, true, ("a", "b"), np.full(true.shape, 0.75)).calibration_error == pytest.approx(
        0.25
    )
    assert reliability(true, np.full(true.shape, 0.75)) == ((0.75, 0.5, 8),)


def test_one_label_alone_can_be_judged() -> None:
    result = evaluate(np.array([[True], [False]]), np.array([[True], [True]]), ("only",))
    assert (result.micro.precision, result.macro.recall) == (0.5, 1.0)


def test_training_scores_are_tagging_scores_but_for_rounding(small_corpus: Path, small_model: Path) -> None:
    corpus = load_corpus(small_corpus, LABELS)
    from responsetag.text import normalize, segment
    from responsetag.tokenizer import tokenizer

    trainer = Trainer(corpus, Settings(), tokenizer(), 1)
    fitted = trainer.fit(np.ones(len(corpus), dtype=bool)).scorer(Settings(), tokenizer())
    tagger: Tagger = responsetag.load(small_model)
    segments = segment([normalize(text).text for text in corpus.paragraphs[:50]])
    assert np.abs(fitted.score(segments) - tagger._scorer.score(segments)).max() < 0.05


@pytest.mark.parametrize("size", [1, 7, 200])
def test_tagging_scores_are_those_of_training_matrices(
    tagger: Tagger, sentences: list[str], size: int
) -> None:
    """Each window as a row of training's TF-IDF matrix, times the stored weights; the best of a paragraph."""
    from responsetag.text import normalize, segment
    from responsetag.tokenizer import tokenizer
    from responsetag.windows import windows

    texts = ["".join(sentences[i : i + 3]) for i in range(0, 600, 3)]
    model, manifest = tagger._model, tagger._model.manifest
    stored = decode(model.weights) * model.scale.astype(np.float64)
    idf = np.sqrt(stored[:, -1])
    segments = segment([normalize(text).text for text in texts])
    spans = [windows(segments, kind) for kind in manifest.features["windows"]]
    first, last = (np.concatenate(side) for side in zip(*spans, strict=True))
    rows = segment(
        [segments.text[segments.starts[a] : segments.ends[b - 1]] for a, b in zip(first, last, strict=True)]
    )
    counts = count_features(Cutting.of(rows, tokenizer()), model.vocabulary)
    margins = weigh(counts, idf, manifest.features["power"]) @ (stored[:, :-1] / idf[:, None]) + model.bias
    best = np.full((len(texts), len(tagger.labels)), -np.inf)
    np.maximum.at(best, segments.paragraph[first], margins)
    expected = sigmoid(best * np.array(manifest.calibration.slope) + np.array(manifest.calibration.intercept))
    scores = np.concatenate([tagger.predict_proba(texts[i : i + size]) for i in range(0, len(texts), size)])
    assert np.abs(scores - expected).max() < 1e-5
