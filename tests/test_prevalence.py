from __future__ import annotations

import csv
import gzip
import json
from pathlib import Path
from typing import Any

import hypothesis
import numpy as np
import pytest
from hypothesis import settings
from hypothesis import strategies as st
from numpy.typing import NDArray

from conftest import Run
from responsetag import InputError, Tagger
from responsetag.batch.run import tag_files
from responsetag.prevalence import By, Collection, Counter, Method, estimate_prevalence
from responsetag.prevalence.correction import Corrected, correct
from responsetag.prevalence.counting import count_files
from responsetag.prevalence.rates import measure_rates
from responsetag.training.evaluation import Judged

TPR, FPR = 0.75, 0.04
PREVALENCES = (0.01, 0.05, 0.2, 0.6)
RUNS = 150  # simulated at once, as if they were labels


def scored(
    rng: np.random.Generator, true: NDArray[np.bool_]
) -> tuple[NDArray[np.bool_], NDArray[np.float64]]:
    """Decisions with the known rates, and scores that agree with them."""
    given = rng.random(true.shape) < np.where(true, TPR, FPR)
    scores = np.where(given, rng.beta(6, 2, true.shape), rng.beta(1, 12, true.shape))
    return given, scores


def collection_of(
    given: NDArray[np.bool_],
    scores: NDArray[np.float64],
    documents: list[str] | None = None,
    by: By = "paragraph",
) -> Collection:
    counter = Counter(given.shape[1], by)
    names = documents or [str(i) for i in range(len(given))]
    for start in range(0, len(given), 700):
        rows = slice(start, start + 700)
        counter.add(names[rows], given[rows], scores[rows])
    return counter.collection()


def simulate(
    prevalence: float,
    method: Method,
    *,
    gold_prevalence: float = 0.15,
    population: bool = False,
    seed: int = 0,
    size: int = 1500,
) -> tuple[Corrected, NDArray[np.float64], NDArray[np.float64]]:
    """Corrected shares of many collections of a known share, their true shares, and the counted ones."""
    rng = np.random.default_rng(seed)
    gold_true = rng.random((400, RUNS)) < gold_prevalence
    gold_given, gold_scores = scored(rng, gold_true)
    true = rng.random((size, RUNS)) < prevalence
    given, scores = scored(rng, true)
    result = correct(
        collection_of(given, scores),
        gold_scores if method == "pacc" else gold_given.astype(float),
        gold_true,
        np.arange(400),
        method=method,
        population=population,
        draws=400,
        rng=rng,
    )
    return result, true.mean(axis=0), given.mean(axis=0)


def held(result: Corrected, truth: NDArray[np.float64] | float) -> float:
    return float(np.mean((result.low <= truth) & (truth <= result.high)))


@pytest.mark.parametrize("method", ["acc", "pacc"])
@pytest.mark.parametrize("prevalence", PREVALENCES)
def test_known_prevalences_are_found_and_counts_are_not(prevalence: float, method: Method) -> None:
    result, truth, counted = simulate(prevalence, method)
    assert result.reasons.count(None) >= 0.99 * RUNS
    expected = prevalence * TPR + (1 - prevalence) * FPR
    assert np.mean(counted - truth) == pytest.approx(expected - prevalence, abs=0.003)
    # Clipping at 0 lifts the lowest a little.
    assert abs(np.mean(result.share - truth)) < 0.01
    assert abs(np.mean(result.share - truth)) < abs(np.mean(counted - truth)) / 2
    assert 0.90 <= held(result, truth) <= 0.995


def test_gold_rows_that_are_a_sample_of_the_collection_tell_more() -> None:
    plain, truth, _ = simulate(0.15, "acc")
    sample, same, _ = simulate(0.15, "calibration")
    assert np.array_equal(truth, same)
    assert abs(np.mean(sample.share - truth)) < 0.005
    assert 0.91 <= held(sample, truth) <= 0.985
    assert np.mean(sample.high - sample.low) < np.mean(plain.high - plain.low)
    # Of a collection with other shares it is wrong, as its page says.
    other, truth, _ = simulate(0.5, "calibration")
    assert held(other, truth) < 0.2


def test_a_sample_says_less_of_what_it_is_a_sample_of() -> None:
    for size, wider in ((100, 1.3), (1500, 1.0)):
        here, truth, _ = simulate(0.3, "acc", size=size)
        all_there_is, _, _ = simulate(0.3, "acc", size=size, population=True)
        assert 0.91 <= held(here, truth) <= 0.985
        assert 0.91 <= held(all_there_is, 0.3) <= 0.985
        assert np.mean(all_there_is.high - all_there_is.low) > wider * np.mean(here.high - here.low)


@pytest.mark.parametrize("method", ["acc", "calibration"])
@pytest.mark.parametrize(
    ("gold_sizes", "size", "least"),
    [([20] * 8, 20, 0.86), ([5] * 100, 100, 0.9), ([80, 40, 20, 10] + [2] * 60, 8, 0.9)],
)
def test_intervals_hold_where_documents_differ(
    gold_sizes: list[int], size: int, least: float, method: Method
) -> None:
    """Few gold documents, ones much shorter than the collection's, and some very long ones."""
    rng = np.random.default_rng(1)

    def rows(member: NDArray[np.int64]) -> tuple[NDArray[np.bool_], NDArray[np.bool_]]:
        shares = [rng.beta(4 * p, 4 * (1 - p), (member.max() + 1, 400))[member] for p in (0.2, TPR, FPR)]
        true = rng.random(shares[0].shape) < shares[0]
        return true, rng.random(true.shape) < np.where(true, *shares[1:])

    gold_member, member = np.repeat(np.arange(len(gold_sizes)), gold_sizes), np.arange(2000) // size
    (gold_true, gold_given), (true, given) = rows(gold_member), rows(member)
    result = correct(
        collection_of(given, given.astype(float), [str(i) for i in member]),
        gold_given.astype(float), gold_true, gold_member,
        method=method, population=False, draws=400, rng=rng,
    )  # fmt: skip
    told = np.array([reason is None for reason in result.reasons])
    inside = (result.low <= true.mean(axis=0)) & (true.mean(axis=0) <= result.high)
    assert told.mean() > 0.5
    assert inside[told].mean() >= least


def test_rates_have_jeffreys_posterior_and_documents_widen_it() -> None:
    true = np.repeat([True, False], [20, 380])[:, None]
    value = np.repeat([1.0, 0.0, 0.0], [16, 4, 380])[:, None]
    rng = np.random.default_rng(0)
    alone = measure_rates(value, true, np.arange(400), 20_000, rng)
    posterior = rng.beta([[16.5]], [[4.5]], (20_000, 1))
    tails = (0.025, 0.25, 0.5, 0.75, 0.975)
    assert np.quantile(alone.drawn_inside, tails) == pytest.approx(np.quantile(posterior, tails), abs=0.01)
    # No wrong one among 380 does not mean that there are none.
    assert np.quantile(alone.drawn_outside, 0.975) == pytest.approx(
        np.quantile(rng.beta(0.5, 380.5, 20_000), 0.975), rel=0.1
    )
    assert (alone.inside[0], alone.outside[0], alone.correlation) == (0.8, 0, 0)
    together = measure_rates(value, true, np.arange(400) // 4, 20_000, rng)
    assert np.std(together.drawn_inside) > 1.3 * np.std(alone.drawn_inside)
    assert 0.4 < together.correlation <= 1


def judged(true: NDArray[np.bool_], given: NDArray[np.bool_], documents: list[str] | None = None) -> Judged:
    names = documents or [f"g{i}" for i in range(len(true))]
    return Judged(true, np.where(given, 0.9, 0.05), given, tuple(names))


def one(true: list[int], given: list[int], counted: list[int], **options: Any) -> Any:
    """The estimate of a single label."""
    gold = judged(np.array(true, dtype=bool)[:, None], np.array(given, dtype=bool)[:, None])
    decisions = np.array(counted, dtype=bool)[:, None]
    return estimate_prevalence(["a"], collection_of(decisions, decisions * 0.9), gold, **options).labels[0]


def test_the_formula() -> None:
    # 8 of 10 right, 9 of 90 wrong: (0.31 - 0.1) / (0.8 - 0.1) = 0.3
    entry = one([1] * 10 + [0] * 90, [1] * 8 + [0] * 2 + [1] * 9 + [0] * 81, [1] * 31 + [0] * 69)
    assert entry.prevalence == pytest.approx(0.3)
    assert (entry.given, entry.gold_positives, entry.reason) == (31, 10, None)
    assert (entry.true_positive_rate, entry.false_positive_rate) == (0.8, 0.1)
    assert 0 <= entry.low < 0.3 < entry.high <= 1
    # Of 17 given 8 carry it, of 83 others 2.
    sample = one(
        [1] * 10 + [0] * 90, [1] * 8 + [0] * 2 + [1] * 9 + [0] * 81, [1] * 31 + [0] * 69, method="calibration"
    )
    assert sample.prevalence == pytest.approx(0.31 * 8 / 17 + 0.69 * 2 / 83)


@pytest.mark.parametrize(
    ("true", "given", "counted", "reason"),
    [
        ([1] * 4 + [0] * 96, [1] * 4 + [0] * 96, [1, 0], "4 gold units carry it and 96 do not"),
        ([1] * 96 + [0] * 4, [1] * 96 + [0] * 4, [1, 0], "96 gold units carry it and 4 do not"),
        ([1] * 20 + [0] * 80, ([1] * 5 + [0] * 5) * 10, [1, 0], "do not show that the model tells it"),
        ([1] * 50 + [0] * 50, [0] * 50 + [1] * 50, [1, 0], "do not show that the model tells it"),
        ([1] * 99 + [0] * 99, [1] * 89 + [0] * 40 + [1] * 69, [0] * 300, "do not show"),
        ([1] * 99 + [0] * 99, [1] * 99 + [0] * 59 + [1] * 40, [0] * 300, "less often than errors alone"),
        ([1] * 99 + [0] * 99, [1] * 49 + [0] * 149, [1] * 300, "more often than if all carried it"),
    ],
)
def test_what_cannot_be_told_is_not(
    true: list[int], given: list[int], counted: list[int], reason: str
) -> None:
    entry = one(true, given, counted)
    assert reason in entry.reason
    assert (entry.prevalence, entry.low, entry.high) == (None, None, None)
    assert entry.given == sum(counted)


def test_nothing_given_is_a_small_share_at_most() -> None:
    entry = one([1] * 50 + [0] * 450, [1] * 40 + [0] * 460, [0] * 1000)
    assert (entry.prevalence, entry.low) == (0, 0)
    assert 0 < entry.high < 0.02


@settings(max_examples=40)
@hypothesis.given(
    st.integers(0, 10_000), st.sampled_from(["acc", "pacc", "calibration"]), st.booleans(), st.booleans()
)
def test_figures_are_shares_within_their_bounds_whatever_the_input(
    seed: int, method: Method, population: bool, whole: bool
) -> None:
    rng = np.random.default_rng(seed)
    rows, gold_rows = rng.integers(1, 40, 2)
    gold_true, given_labels = (rng.random((n, 3)) < rng.random(3) ** 2 for n in (gold_rows, rows))
    gold = judged(
        gold_true, rng.random((gold_rows, 3)) < rng.random(3), [str(i // 3) for i in range(gold_rows)]
    )
    by: By = "document" if whole else "paragraph"
    collection = collection_of(
        given_labels, np.where(given_labels, 0.9, 0.1), [str(i // 2) for i in range(rows)], by
    )
    options: Any = {"by": by, "method": method, "population": population, "draws": 100}
    result = estimate_prevalence("abc", collection, gold, **options)
    assert result == estimate_prevalence("abc", collection, gold, **options)
    for entry in result.labels:
        if entry.reason is None:
            assert entry.low is not None
            assert entry.prevalence is not None
            assert entry.high is not None
            assert 0 <= entry.low <= entry.prevalence <= entry.high <= 1
        else:
            assert (entry.prevalence, entry.low, entry.high) == (None, None, None)


def test_documents_carry_what_a_paragraph_does() -> None:
    true = np.array([[1, 0], [0, 0], [0, 1], [0, 1]], dtype=bool)
    documents = ["a", "a", "b", "b"]
    counted = collection_of(true, np.where(true, 0.9, 0.2), documents, "document")
    assert counted.size == 2
    assert counted.given.tolist() == [[1, 0], [0, 1]]
    assert counted.scores.tolist() == [[0.9, 0.2], [0.2, 0.9]]
    gold_true = np.tile(true, (50, 1))
    names = [f"{i // 4}-{document}" for i, document in enumerate(documents * 50)]
    result = estimate_prevalence(["x", "y"], counted, judged(gold_true, gold_true, names), by="document")
    assert [entry.gold_positives for entry in result.labels] == [50, 50]
    assert (result.units, result.documents, result.gold_units, result.gold_documents) == (2, 2, 100, 100)
    assert [entry.prevalence for entry in result.labels] == [0.5, 0.5]


def test_without_gold_rows_nothing_is_corrected() -> None:
    given = np.array([[True], [False]])
    result = estimate_prevalence(["a"], collection_of(given, np.array([[0.8], [0.3]])), None)
    assert result.method is None
    entry = result.labels[0]
    assert (entry.given, entry.prevalence) == (1, None)
    assert entry.expected == pytest.approx(1.1)
    assert entry.reason == "not corrected: no gold rows"
    with pytest.raises(InputError, match="nothing to count"):
        estimate_prevalence(["a"], Counter(1).collection(), None)
    with pytest.raises(InputError, match="method='em'"):
        estimate_prevalence(["a"], collection_of(given, given * 0.9), None, method="em")  # type: ignore[arg-type]


PAGES = {
    "one.txt": "消防员连夜转移低洼处群众二百余人。\n\n街道对农贸市场每日消毒两次。\n",
    "two.txt": "今天多云转晴，最高气温二十六度。\n\n社区志愿者为独居老人送菜送药。\n\n——\n",
}


@pytest.fixture(scope="module")
def pages(tmp_path_factory: pytest.TempPathFactory) -> Path:
    folder = tmp_path_factory.mktemp("pages")
    for name, text in PAGES.items():
        (folder / name).write_text(text, encoding="utf-8")
    texts = [p for text in PAGES.values() for p in text.split("\n\n")]
    rows = [{"id": f"t-{i // 2}-{i}", "text": text} for i, text in enumerate(texts)]
    (folder / "table.jsonl").write_text("".join(json.dumps(row) + "\n" for row in rows), encoding="utf-8")
    return folder


@pytest.mark.parametrize("by", ["paragraph", "document"])
@pytest.mark.parametrize("form", ["jsonl", "parquet", "jsonl.gz"])
def test_a_finished_run_counts_as_its_texts_do(
    tagger: Tagger, pages: Path, tmp_path: Path, form: str, by: By
) -> None:
    run = tmp_path / f"run.{form}"
    tag_files([pages], run, model=tagger, evidence=False)
    direct, stored = (count_files([path], tagger, by=by) for path in (pages, run))
    assert direct.empty == stored.empty == 2
    assert direct.collection.given.tolist() == stored.collection.given.tolist()
    assert direct.collection.units.tolist() == stored.collection.units.tolist()
    assert direct.collection.scores == pytest.approx(stored.collection.scores, abs=3e-4)
    # Two pages, and t-0 and t-1 of the table; t-2 has only a row without words.
    assert len(direct.collection.units) == 4
    assert direct.collection.size == (4 if by == "document" else 8)


def test_labels_of_another_score_are_decided_anew(tagger: Tagger, pages: Path, tmp_path: Path) -> None:
    run = tmp_path / "run.jsonl"
    tag_files([pages], run, model=tagger, evidence=False, min_score=0.001)
    told: list[str] = []
    counted = count_files([run], tagger, say=told.append)
    assert counted.collection.given.tolist() == count_files([pages], tagger).collection.given.tolist()
    assert len(told) == 1
    assert "thresholds decide here" in told[0]


def test_a_run_through_a_pipe_or_cut_short_is_still_a_run(
    tagger: Tagger, pages: Path, tmp_path: Path, run: Run
) -> None:
    tag_files([pages], tmp_path / "run.jsonl.gz", model=tagger, evidence=False)
    packed = (tmp_path / "run.jsonl.gz").read_bytes()
    # Texts cut at the same place would be tagged, and give as many rows with another score.
    piped = run("prevalence", "-", "--json", stdin=gzip.decompress(packed).replace(b'"1.', b'"9.'))
    assert piped.returncode == 2
    assert b"was tagged by zh-response 9." in piped.stderr
    (tmp_path / "run.jsonl.gz").write_bytes(packed[:-9])
    told: list[str] = []
    assert count_files([tmp_path / "run.jsonl.gz"], tagger, say=told.append).failures == 1
    assert "run.jsonl.gz: " in told[0]


def write_gold(path: Path) -> Path:
    """Gold rows by which one label can be told."""
    rows = [
        {
            "id": f"page-g{i}-1",
            "text": f"{place}对公共场所每日消毒两次，清运垃圾。",
            "labels": ["disinfection_sanitation"],
        }
        for i, place in enumerate(["城关镇", "东街", "西街", "南门", "北关", "河口村"])
    ]
    rows += [
        {"id": f"page-h{i}-1", "text": f"{i + 1}日多云转晴，气温回升。", "labels": []} for i in range(20)
    ]
    path.write_text("".join(json.dumps(row, ensure_ascii=False) + "\n" for row in rows), encoding="utf-8")
    return path


def test_the_command_says_what_it_counted(pages: Path, tmp_path: Path, run: Run) -> None:
    gold = write_gold(tmp_path / "gold.jsonl")
    done = run("prevalence", pages, "--gold", gold, "--json", "-o", "table.csv")
    assert done.returncode == 0, done.stderr.decode()
    result = json.loads(done.stdout)
    assert (result["units"], result["empty"], result["gold_units"], result["method"]) == (8, 2, 26, "acc")
    entries = {entry["label"]: entry for entry in result["labels"]}
    found = entries["disinfection_sanitation"]
    assert found["given"] == 2
    assert found["prevalence"] == pytest.approx(0.25)
    assert 0 <= found["low"] < 0.25 < found["high"] <= 1
    assert entries["donation"]["reason"].startswith("0 gold units carry it")
    with (tmp_path / "table.csv").open(encoding="utf-8", newline="") as file:
        table = {row["label"]: row for row in csv.DictReader(file)}
    assert len(table) == 23
    assert float(table["disinfection_sanitation"]["low"]) == round(found["low"], 6)
    assert (table["donation"]["prevalence"], table["donation"]["name"]) == ("", "社会捐赠")
    assert "too narrow" not in done.stderr.decode()
    rows = [json.loads(line) | {"document": "a"} for line in gold.read_text(encoding="utf-8").splitlines()]
    copies = [
        {"id": "page-g0-2", "text": " 城关镇对公共场所每日消毒两次，清运垃圾。", "labels": []},
        {"id": "z-1", "text": "1日多云转晴，气温回升。", "labels": []},
    ]
    lines = [*gold.read_text(encoding="utf-8").splitlines(), *map(json.dumps, copies)]
    (tmp_path / "twice.jsonl").write_text("\n".join(lines), encoding="utf-8")
    for command in (("prevalence", pages, "--gold"), ("compare", "zh-response", "zh-response")):
        told = run(*command, "twice.jsonl")
        assert b"responsetag: 1 gold rows have the text" in told.stderr
        assert told.returncode == 0
    (tmp_path / "single.jsonl").write_text("\n".join(map(json.dumps, rows)), encoding="utf-8")
    assert (
        "of 1 documents; with fewer than 10"
        in run("prevalence", pages, "--gold", "single.jsonl").stderr.decode()
    )
    shown = run("prevalence", pages, "--gold", gold, "--by", "document", "--population")
    assert "4 documents" in shown.stdout.decode()
    assert "of what the collection is a sample of" in " ".join(shown.stdout.decode().split())
    plain = run("prevalence", pages / "one.txt")
    assert plain.returncode == 0
    assert "Not corrected" in plain.stdout.decode()
    assert "give --gold" in plain.stderr.decode()


def test_what_is_read_is_not_written_over(run: Run, tmp_path: Path) -> None:
    (tmp_path / "in.csv").write_text("text\n街道每日消毒两次。\n", encoding="utf-8")
    (tmp_path / "gold.jsonl").write_text('{"text": "今天多云。", "labels": []}\n', encoding="utf-8")
    before = {file.name: file.read_bytes() for file in tmp_path.iterdir()}
    for arguments in (
        ("prevalence", "in.csv", "-o", "in.csv"),
        ("prevalence", "in.csv", "--gold", "gold.csv", "-o", "./gold.csv"),
        ("compare", "zh-response", "zh-response", "gold.jsonl", "--changed", "./gold.jsonl"),
        ("compare", "zh-response", "zh-response", "gold.jsonl", "--changed", "-"),
        ("suggest", "in.csv", "--labelled", "gold.jsonl", "-o", "gold.jsonl"),
        ("suggest", "in.csv", "-o", "-"),
    ):
        if "gold.csv" in arguments:
            (tmp_path / "gold.jsonl").rename(tmp_path / "gold.csv")
        done = run(*arguments)
        if "gold.csv" in arguments:
            (tmp_path / "gold.csv").rename(tmp_path / "gold.jsonl")
        assert done.returncode == 2, arguments
        assert "named as input" in done.stderr.decode() or "is no file" in done.stderr.decode(), arguments
        assert {file.name: file.read_bytes() for file in tmp_path.iterdir()} == before, arguments
    # The table of an earlier count lies among the texts: it is not counted.
    for _ in range(2):
        assert run("prevalence", ".", "--json", "-o", "table.csv").returncode == 0


def test_what_cannot_be_counted_is_said(tagger: Tagger, pages: Path, tmp_path: Path, run: Run) -> None:
    tag_files([pages], tmp_path / "run.csv", model=tagger, evidence=False)
    tag_files([pages], tmp_path / "run.jsonl", model=tagger, evidence=False)
    lines = (tmp_path / "run.jsonl").read_text(encoding="utf-8")
    (tmp_path / "other.jsonl").write_text(lines.replace('"zh-response"', '"mine"'), encoding="utf-8")
    (tmp_path / "empty.txt").write_text("", encoding="utf-8")
    for arguments, message in (
        (["other.jsonl"], "was tagged by mine 1"),
        (["run.csv"], "keeps only the scores of given labels"),
        (["empty.txt"], "nothing to count"),
        (["run.jsonl", "--gold", "none.jsonl"], "none.jsonl: is not there"),
        (["run.jsonl", "-o", "table.txt"], "ends in .csv"),
    ):
        done = run("prevalence", *arguments)
        assert done.returncode == 2, arguments
        assert message in done.stderr.decode()
        assert b"Traceback" not in done.stderr
    first = lines.splitlines()[0]
    wrong = [first[:100], "3", "{}", first.replace('"scores": {', '"scores": {"x": "y", ')]
    (tmp_path / "torn.jsonl").write_text("\n".join([lines.rstrip(), *wrong, ""]), encoding="utf-8")
    done = run("prevalence", "torn.jsonl", "nowhere.txt", "--json")
    assert done.returncode == 1
    assert "torn.jsonl:11: is not JSON" in done.stderr.decode()
    assert "torn.jsonl:14: is no row of a run" in done.stderr.decode()
    assert (json.loads(done.stdout)["units"], json.loads(done.stdout)["failures"]) == (8, 5)
