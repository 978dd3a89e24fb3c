from __future__ import annotations

import csv
import gzip
import json
import re
from collections.abc import Callable, Sequence
from dataclasses import replace
from pathlib import Path
from typing import Any

import datasets
import numpy as np
import pyarrow as pa
import pytest
from hypothesis import given
from hypothesis import strategies as st
from pyarrow import parquet

import responsetag
from conftest import Run
from responsetag import CorpusError, ModelError, TaxonomyError, load_taxonomy
from responsetag.cli import main
from responsetag.taxonomy import taxonomy_of
from responsetag.training.corpus import Corpus, Row, Sentence
from responsetag.training.derivation import keep_labels
from responsetag.training.extension import base_corpus, join_corpora, join_taxonomies
from responsetag.training.findings import Findings, weakness
from responsetag.training.fit import Trainer
from responsetag.training.gold import read_gold
from responsetag.training.loading import Conflicts, Reading, load_corpus, read_corpus
from responsetag.training.pipeline import fit_model
from responsetag.training.run import train
from responsetag.training.scripts import foreign_script
from responsetag.training.settings import Settings
from responsetag.training.sources.cells import read_labels
from responsetag.training.sources.columns import Columns
from responsetag.training.sources.fasttext import joined
from responsetag.training.thresholds import choose_thresholds

LABELS = ("保供", "转移", "fire_aid")
Pair = tuple[str, list[str]]


def pairs(count: int = 40) -> list[Pair]:
    found = []
    for i in range(count):
        labels = [label for label, every in zip(LABELS, (2, 3, 5), strict=True) if i % every == 0]
        said = {
            "保供": "大米和蔬菜运抵，保障供应。",
            "转移": f"{i}名群众转移到安全地带。",
            "fire_aid": "消防队扑灭明火。",
        }
        found.append((f"第{i}号通报：" + ("".join(said[label] for label in labels) or "天气晴好。"), labels))
    return found


def jsonl(path: Path, rows: Sequence[Any]) -> Path:
    path.write_text("".join(json.dumps(row, ensure_ascii=False) + "\n" for row in rows), encoding="utf-8")
    return path


def as_csv(path: Path, header: Sequence[str], rows: Sequence[Sequence[Any]], encoding: str = "utf-8") -> Path:
    with path.open("w", encoding=encoding, newline="") as out:
        csv.writer(out).writerows([header, *rows])
    return path


def _sentences(folder: Path) -> Path:
    return jsonl(folder / "a.jsonl", [{"sentences": [{"text": t, "labels": n}]} for t, n in pairs()])


def _texts(folder: Path) -> Path:
    return jsonl(folder / "b.jsonl", [{"text": t, "labels": n} for t, n in pairs()])


def _cells(folder: Path) -> Path:
    return as_csv(folder / "c.csv", ["正文", "标签"], [(t, "；".join(n)) for t, n in pairs()], "gb18030")


def _lists_in_cells(folder: Path) -> Path:
    return as_csv(folder / "d.csv", ["text", "labels"], [(t, str(n)) for t, n in pairs()])


def _marks(folder: Path) -> Path:
    rows = [(t, *(int(label in n) for label in LABELS)) for t, n in pairs()]
    return as_csv(folder / "e.csv", ["text", *LABELS], rows)


def _parquet(folder: Path) -> Path:
    columns = dict(zip(("text", "labels"), map(list, zip(*pairs(), strict=True)), strict=True))
    parquet.write_table(pa.table(columns), folder / "f.parquet")
    return folder / "f.parquet"


def _fasttext(folder: Path) -> Path:
    lines = [
        " ".join([*(f"__label__{label}" for label in n), *re.findall(r"\d+|.", t)]) + "\n" for t, n in pairs()
    ]
    (folder / "sets").mkdir()
    (folder / "sets" / "1.txt").write_text("".join(lines[:25]), encoding="utf-8")
    (folder / "sets" / "2.ft.gz").write_bytes(gzip.compress("".join(lines[25:]).encode()))
    return folder / "sets"


def _data_set() -> datasets.Dataset:
    numbers = [{"text": t, "labels": [LABELS.index(name) for name in n]} for t, n in pairs()]
    kind = datasets.List(datasets.ClassLabel(names=list(LABELS)))
    return datasets.Dataset.from_list(
        numbers, features=datasets.Features({"text": datasets.Value("string"), "labels": kind})
    )


def _saved(folder: Path) -> Path:
    _data_set().save_to_disk(folder / "saved")
    return folder / "saved"


def _saved_splits(folder: Path) -> Path:
    parts = {"train": _data_set().select(range(30)), "test": _data_set().select(range(30, 40))}
    datasets.DatasetDict(parts).save_to_disk(folder / "splits")
    return folder / "splits"


def _numbered_parquet(folder: Path) -> Path:
    _data_set().to_parquet(folder / "g.parquet")
    return folder / "g.parquet"


@pytest.fixture(autouse=True, scope="module")
def _quiet() -> None:
    datasets.disable_progress_bars()


@pytest.fixture(scope="module")
def model(tmp_path_factory: pytest.TempPathFactory) -> Path:
    folder = tmp_path_factory.mktemp("own")
    labels = folder / "labels.yaml"
    labels.write_text("- 保供\n- slug: 转移\n  en: evacuation\n- fire_aid\n", encoding="utf-8")
    result = train(_texts(folder), labels, folder, "own", "0.1.0", settings=Settings(folds=2, min_df=2))
    assert result.weakness
    assert "40 paragraphs are few" in result.weakness
    return result.directory


FORMATS = (
    _sentences, _texts, _cells, _lists_in_cells, _marks, _parquet, _fasttext, _saved, _saved_splits, _numbered_parquet,
)  # fmt: skip


@pytest.mark.parametrize("write", FORMATS)
def test_every_format_gives_the_same_corpus(write: Callable[[Path], Path], tmp_path: Path) -> None:
    path = write(tmp_path)
    corpus, findings = read_corpus(path, taxonomy_of(dict.fromkeys(LABELS, "")))
    assert [(row.text, list(row.labels)) for row in corpus.rows] == [
        (t, list(frozenset(n))) for t, n in pairs()
    ]
    assert corpus.digest == Corpus.from_texts([t for t, _ in pairs()], [n for _, n in pairs()], LABELS).digest
    assert findings.labels == {label: sum(label in n for _, n in pairs()) for label in LABELS}
    without, _ = read_corpus(path)
    assert without.labels == tuple(sorted(LABELS))
    assert without.digest == corpus.digest


@pytest.mark.parametrize("write", [_cells, _fasttext, _saved])
def test_every_format_gives_the_same_model(
    write: Callable[[Path], Path], model: Path, tmp_path: Path
) -> None:
    labels = tmp_path / "labels.json"
    names = ("保供", {"slug": "转移", "en": "evacuation"}, "fire_aid")
    labels.write_text(json.dumps({"labels": names}), encoding="utf-8")
    output = model.parent.parent
    result = train(write(tmp_path), labels, output, "own", "0.1.0", settings=Settings(folds=2, min_df=2))
    assert "made again: same digests" in result.outcome


def test_it_tells_what_it_found_and_goes_on(tmp_path: Path) -> None:
    rows = [(f"d{i // 4}", t, "|".join(n), "x") for i, (t, n) in enumerate(pairs())]
    rows += [rows[0], ("z", rows[1][1], "保供", "")]
    path = as_csv(tmp_path / "c.csv", ["document", "text", "label", "remark"], rows)
    taxonomy = taxonomy_of(dict.fromkeys((*LABELS, "从不"), ""))
    corpus, findings = read_corpus(path, taxonomy)
    assert (findings.rows, findings.paragraphs, findings.documents) == (42, 39, 10)
    assert findings.duplicates == 1
    assert findings.unlabelled == 9
    assert findings.unused == ("remark",)
    assert findings.absent == ("从不",)
    assert findings.few == ("fire_aid",)
    assert findings.conflicts == (
        f"{path}:43: text again with other labels, first at {path}:3 (保供 here, no label there)",
    )
    assert len(corpus) == 39
    json.dumps(findings.as_dict())


@pytest.mark.parametrize(("way", "expected"), [("first", set()), ("union", {"保供"}), ("drop", None)])
def test_conflicts_are_settled_as_asked(way: Conflicts, expected: set[str] | None, tmp_path: Path) -> None:
    rows = [{"text": t, "labels": n} for t, n in pairs()] + [{"text": f" {pairs()[1][0]}", "label": "保供"}]
    corpus, _ = read_corpus(jsonl(tmp_path / "c.jsonl", rows), None, Reading(conflicts=way))
    found = {row.text: set(row.labels) for row in corpus.rows}.get(pairs()[1][0])
    assert found == expected
    with pytest.raises(CorpusError, match=r"c\.jsonl:41: text again with other labels"):
        read_corpus(tmp_path / "c.jsonl", None, Reading(conflicts="refuse"))


def test_a_union_keeps_sentences_that_are_cut_alike(tmp_path: Path) -> None:
    both = [
        {"sentences": [{"text": "甲。", "labels": a}, {"text": "乙。", "labels": b}]}
        for a, b in ((["x"], []), (["z"], ["y"]))
    ]
    other = [{"text": "甲。乙。", "labels": ["w"]}]
    path = jsonl(tmp_path / "c.jsonl", both)
    corpus, _ = read_corpus(path, None, Reading(conflicts="union"))
    assert corpus.rows[0].sentences == (Sentence("甲。", ("x", "z")), Sentence("乙。", ("y",)))
    corpus, _ = read_corpus(jsonl(path, [*both, *other]), None, Reading(conflicts="union"))
    assert corpus.rows[0].sentences == (Sentence("甲。乙。", ("x", "z", "y", "w")),)


def test_bad_rows_are_refused_or_left_out(tmp_path: Path) -> None:
    good = [{"text": t, "labels": n} for t, n in pairs()]
    bad: list[Any] = [
        {"text": "一", "labels": ["保洪"]},
        {"text": " ", "labels": []},
        {"text": 3, "labels": []},
        {"text": "二", "labels": {"a": 1}},
        {"text": "三", "labels": [True]},
        {"text": "四"},
        {"text": "五\ud800", "labels": []},
        {"text": "六", "labels": ["转移", "转移"]},
        {"text": "七", "labels": "[转移"},
        {"sentences": "[{]"},
        {"sentences": {"text": ["甲", "乙"], "labels": [[]]}},
        {"text": "八", "labels": [], "id": [1]},
        {"sentences": {"text": None, "labels": None}},
        {"sentences": {"text": "甲乙", "labels": [[], []]}},
    ]
    path = tmp_path / "c.jsonl"
    path.write_text("".join(json.dumps(row) + "\n" for row in [*good, *bad]), encoding="utf-8")
    taxonomy = taxonomy_of(dict.fromkeys(LABELS, ""))
    with pytest.raises(CorpusError) as caught:
        read_corpus(path, taxonomy)
    _, findings = read_corpus(path, taxonomy, Reading(skip_bad_rows=True))
    assert findings.paragraphs == len(good)
    for line, expected in enumerate(
        (
            "labels not in the label set: 保洪 (is 保供 meant?)",
            "'text' must be a text",
            "'text' must be a text",
            "a label must be a name, not dict",
            "a label must be a name, not bool",
            "no label column (looked for labels, label",
            "half a character",
            "a label twice",
            "'[转移' is no list",
            "'sentences' is not JSON",
            "as many labels as texts",
            "'id' must be a text or a whole number, not list",
            "hold a list of texts and one of labels",
            "hold a list of texts and one of labels",
        ),
        41,
    ):
        assert f"c.jsonl:{line}: " in str(caught.value)
        assert expected in next(problem for problem in findings.bad if f":{line}: " in problem)


@pytest.mark.parametrize(
    ("name", "content", "expected"),
    [
        ("c.csv", "句子,标签\n甲,x\n乙,y\n", r"no text column \(looked for text.*there are: 句子, 标签\. .*--text-column"),
        ("c.csv", "text,tag\n甲,x\n乙,y\n", r"no label column .*there are: text, tag\. .*--label-column"),
        ("c.csv", "text,label,label\n甲,x,y\n", "several columns label"),
        ("c.csv", "text,label\n甲,\n", "no row has a label"),
        ("c.csv", "text,label\n", "holds no rows"),
        ("c.txt", "今天天气很好\n", "no line has a __label__name"),
        ("c.parquet", "no parquet", r"c\.parquet: cannot be read"),
        ("c.docx", "x", r"holds no file of rows; give \.jsonl, \.csv"),
        ("c.jsonl.gz", "no gzip", "cannot be unpacked"),
    ],
)  # fmt: skip
def test_files_that_cannot_be_used_say_so(name: str, content: str, expected: str, tmp_path: Path) -> None:
    (tmp_path / name).write_text(content, encoding="utf-8")
    with pytest.raises(CorpusError, match=expected):
        read_corpus(tmp_path / name)
    with pytest.raises(CorpusError):
        read_corpus(tmp_path)


def test_a_broken_saved_data_set_is_refused(tmp_path: Path) -> None:
    saved = _saved(tmp_path)
    (saved / "state.json").write_text("{")
    with pytest.raises(CorpusError, match="cannot be read as a saved data set"):
        read_corpus(saved)


def test_columns_may_be_named(tmp_path: Path) -> None:
    rows = [(t, "甲" if n else "乙", i, 1, int(i % 2)) for i, (t, n) in enumerate(pairs())]
    path = as_csv(tmp_path / "c.csv", ["句子", "种类", "页", "a", "b"], rows)
    one, findings = read_corpus(path, None, Reading(Columns("句子", ("种类",), None, "页")))
    assert one.labels == ("乙", "甲")
    assert findings.documents == 40
    two, _ = read_corpus(path, None, Reading(Columns("句子", ("a", "b"))))
    assert two.paragraph_labels.sum(axis=0).tolist() == [40, 20]
    with pytest.raises(CorpusError, match="no column 'c'"):
        read_corpus(path, None, Reading(Columns("句子", ("a", "c"))))


def test_a_card_beside_the_corpus_is_read_before_the_work(tmp_path: Path) -> None:
    (tmp_path / "CARD.md").write_bytes("关于".encode("gb18030"))
    told: list[str] = []
    with pytest.raises(CorpusError, match=r"CARD\.md: cannot be read"):
        train(_texts(tmp_path), None, tmp_path, "m", "0.1.0", progress=told.append)
    assert not told


@pytest.mark.parametrize("status", ["skipped", "conflict", "error"])
def test_rows_that_annotators_did_not_settle_are_not_rows_without_labels(status: str, tmp_path: Path) -> None:
    """`annotate import --rest` writes such rows."""
    left = {"text": "无人标注。", "labels": [], "annotators": 0, "status": status, "message": "why"}
    rows = [{"text": t, "labels": n, "annotators": 1, "status": "ok"} for t, n in pairs()]
    path = jsonl(tmp_path / "c.jsonl", [*rows, left])
    with pytest.raises(CorpusError, match=rf"c\.jsonl:41: is not labelled \(status {status}\)"):
        read_corpus(path)
    gold = read_gold(path, LABELS)
    assert len(gold.texts) == 40
    assert f"c.jsonl:41: is not labelled (status {status})" in gold.problems[0]


def test_a_column_without_a_name_is_no_id(tmp_path: Path) -> None:
    """As pandas writes an index, which repeats where frames were put together."""
    as_csv(tmp_path / "c.csv", ["", "text", "label"], [("0", t, ",".join(n)) for t, n in pairs()])
    corpus, findings = read_corpus(tmp_path / "c.csv")
    assert findings.documents == 40
    assert corpus.rows[0] == Row((Sentence(pairs()[0][0], tuple(pairs()[0][1])),))


SAFE = st.text(
    st.characters(exclude_categories=["Cs"], exclude_characters=",;|，；、[]\n\r"), min_size=1, max_size=12
)
NAMES = st.lists(SAFE.map(lambda name: "_".join(name.split())).filter(bool), max_size=5)


@given(NAMES, st.sampled_from([",", ";", "|", "，", "；", "、", " , "]))
def test_label_cells_name_what_they_were_made_of(names: list[str], mark: str) -> None:
    assert read_labels(mark.join(names)) == names
    assert read_labels(json.dumps(names)) == names
    assert read_labels(str(names)) == names
    assert read_labels(str(np.array(names, dtype=object))) == names
    assert read_labels(names) == names
    for name in names:
        assert read_labels(name) == [name]
        assert read_labels(f"{name}、x", {f"{name}、x"}) == [f"{name}、x"]


@given(
    st.one_of(st.none(), st.booleans(), st.floats(), st.text(), st.lists(st.one_of(st.text(), st.integers())))
)
def test_any_cell_is_labels_or_a_reason(cell: Any) -> None:
    try:
        names = read_labels(cell)
    except ValueError:
        return
    assert all(isinstance(name, str) and name for name in names)


@given(st.text(st.sampled_from("转移群众，。（）“1200名"), max_size=30))
def test_cut_chinese_is_joined_again(text: str) -> None:
    cut = " ".join(text)
    if not re.search(r"\d\d", text):
        assert joined(cut) == text
    assert joined("新冠 Moderna mRNA 疫苗 接种") == "新冠Moderna mRNA疫苗接种"


def test_paragraphs_of_one_document_are_held_out_together(tmp_path: Path) -> None:
    rows = [{"id": f"{i % 8}", "text": t, "labels": n} for i, (t, n) in enumerate(pairs())]
    corpus, findings = read_corpus(jsonl(tmp_path / "c.jsonl", rows))
    assert findings.documents == 8
    _, fold = Trainer(corpus, Settings(folds=4), list, 1).cross_validate(lambda _: None)
    for document in range(8):
        assert len(set(fold[document::8])) == 1
    assert sorted(np.bincount(fold)) == [10, 10, 10, 10]
    of_one = Corpus.from_texts([t for t, _ in pairs()], [n for _, n in pairs()], LABELS, ["same"] * 40)
    with pytest.raises(CorpusError, match="all paragraphs are of one document"):
        fit_model(of_one, taxonomy_of(dict.fromkeys(LABELS, "")), "m", "0.0.1", settings=Settings())


def test_a_label_without_examples_is_never_given(tmp_path: Path) -> None:
    labels = tmp_path / "labels.yml"
    labels.write_text("labels: [保供, 转移, fire_aid, 从不]\n", encoding="utf-8")
    result = train(_texts(tmp_path), labels, tmp_path, "m", "0.1.0", settings=Settings(folds=2, min_df=2))
    tagger = responsetag.load(result.directory)
    assert tagger.thresholds["从不"] == 1
    scores = tagger.predict_proba(["大米运抵，保障供应。", "从不", "", "x" * 50])
    assert not tagger.decide(scores)[:, 3].any()
    card = (result.directory / "MODEL_CARD.md").read_text(encoding="utf-8")
    assert "No paragraph carries 从不: never given" in card
    assert "This model is weak: 40 paragraphs are few" in card
    assert "labelled as wholes" in card


def test_joining_leaves_out_what_nobody_said() -> None:
    base = Corpus.from_texts(["甲一", "甲二", "甲三"], [["a"], ["b"], []], ("a", "b"))
    own = Corpus.from_texts(["甲二", "乙"], [["c"], ["a", "c"]], ("a", "c"))
    joint, replaced = join_corpora(base, own)
    assert (joint.labels, replaced) == (("a", "b", "c"), 1)
    assert joint.paragraphs == ["甲一", "甲三", "甲二", "乙"]
    assert joint.known is not None
    assert joint.known.astype(int).tolist() == [[1, 1, 0], [1, 1, 0], [1, 0, 1], [1, 0, 1]]
    assert joint.take([3]).known is not None
    assert join_corpora(base, replace(own, labels=("b", "a")))[0].known is None


def test_labels_that_are_not_known_neither_teach_nor_count() -> None:
    """Marking what is unknown as known, either way, changes nothing for those who do not know it."""
    texts, names = zip(*pairs(60), strict=True)
    plain = Corpus.from_texts(texts, names, LABELS)
    known = np.ones((60, 3), dtype=bool)
    known[::2, 1] = False
    noise = [[*n, "转移"] if i % 4 == 0 and "转移" not in n else n for i, n in enumerate(names)]
    taxonomy, settings = taxonomy_of(dict.fromkeys(LABELS, "")), Settings(folds=3, min_df=2)
    first, second = (
        fit_model(replace(corpus, known=known), taxonomy, "m", "0.0.1", settings=settings)
        for corpus in (plain, Corpus.from_texts(texts, noise, LABELS))
    )
    assert np.array_equal(first.model.weights, second.model.weights)
    assert first.model.manifest.thresholds == second.model.manifest.thresholds
    assert first.evaluation == second.evaluation
    assert first.evaluation.labels[1].support == sum("转移" in n for n in names[1::2])


def test_a_base_that_is_not_there_is_said() -> None:
    taxonomy = load_taxonomy()
    with pytest.raises(CorpusError, match="no corpus of 'other' to extend"):
        base_corpus("other", taxonomy)
    joined_labels = join_taxonomies(taxonomy, taxonomy_of({"donation": "", "洪水": "洪水"}))
    assert joined_labels.slugs == (*taxonomy.slugs, "洪水")


def test_fewer_labels_have_the_same_scores(
    tagger: responsetag.Tagger, sentences: list[str], tmp_path: Path
) -> None:
    only = ["donation", "access_control", "rescue_evacuation"]
    _, said = keep_labels("zh-response", only, tmp_path, "three", "1.0.0")
    assert "written to" in said
    three = responsetag.load(tmp_path / "three" / "1.0.0")
    columns = [tagger.labels.index(label) for label in three.labels]
    assert sorted(only) == sorted(three.labels)
    texts = sentences[:300]
    assert np.array_equal(three.predict_proba(texts), tagger.predict_proba(texts)[:, columns])
    assert three.tag(texts[0]).labels == tuple(n for n in tagger.tag(texts[0]).labels if n in only)
    assert "made again: same digests" in keep_labels("zh-response", only, tmp_path, "three", "1.0.0")[1]
    with pytest.raises(ModelError, match="different labels"):
        keep_labels("zh-response", only[:2], tmp_path, "three", "1.0.0")
    with pytest.raises(TaxonomyError, match=r"no label 'donations' \(is donation meant\?\)"):
        keep_labels("zh-response", ["donations"], tmp_path, "four", "1.0.0")


@pytest.mark.parametrize(
    ("text", "expected"),
    [
        ("群众已经转移，COVID-19疫苗接种有序。", None),
        ("Residents were evacuated to shelters at once.", "100% of their letters are Latin letters"),
        ("避難所に住民を移しました。", "kana"),
        ("주민들을 대피소로 대피시켰다.", "are Hangul"),
        ("Жителей эвакуировали сразу.", "are Cyrillic"),
        ("تم إجلاء السكان", "not read at all"),
        ("12345，。", None),
    ],
)
def test_texts_that_jieba_does_not_cut_are_told(text: str, expected: str | None) -> None:
    found = foreign_script([text] * 3)
    assert found is None if expected is None else expected in (found or "")


def test_weakness_is_said_in_so_many_words() -> None:
    assert weakness(5000, (0.7, 0.75)) is None
    assert "50 paragraphs are few, and its micro F1 may be anything from 0.10 to 0.90" in str(
        weakness(50, (0.1, 0.9))
    )
    assert Findings.of(Corpus.of([Row((Sentence("甲", ("x",)),))], ("x",))).few == ("x",)


@pytest.mark.parametrize(
    ("content", "expected"),
    [
        ("labels: [a, a]", "occur twice: a"),
        ("labels: [no]", "quote names like"),
        ("- a b", "without spaces"),
        ("labels: [", "is not YAML"),
        ("!!python/object/apply:os.getcwd []", "is not YAML"),
        ("labels: {}", "needs a list 'labels'"),
    ],
)
def test_yaml_label_files_that_cannot_be_used(content: str, expected: str, tmp_path: Path) -> None:
    (tmp_path / "labels.yaml").write_text(content, encoding="utf-8")
    with pytest.raises(TaxonomyError, match=expected):
        load_taxonomy(tmp_path / "labels.yaml")


def test_the_command_trains_says_what_is_left_out_and_what_to_do_next(tmp_path: Path, run: Run) -> None:
    rows = [(t, ",".join(n)) for t, n in pairs()] + [("又一段", "保洪"), ("", "保供")]
    as_csv(tmp_path / "my.csv", ["text", "label"], rows)
    (tmp_path / "my.yaml").write_text("labels: [保供, 转移, fire_aid]\n", encoding="utf-8")
    own = (
        "--corpus",
        "my.csv",
        "--taxonomy",
        "my.yaml",
        "--name",
        "mine",
        "--jobs",
        "1",
        "--output",
        "my own",
    )
    refused = run("train", *own)
    assert refused.returncode == 2
    assert "my.csv:42: labels not in the label set: 保洪 (is 保供 meant?)" in refused.stderr.decode()
    done = run("train", *own, "--skip-bad-rows")
    assert done.returncode == 1, done.stderr.decode()
    said = done.stderr.decode()
    assert "42 rows: 40 paragraphs (40 sentences) of 40 documents" in said
    assert "this model is weak: 40 paragraphs are few" in said
    assert said.rstrip().endswith("2 rows failed")
    assert (
        done.stdout.decode().splitlines()[-1] == "next: responsetag tag page.txt --model 'my own/mine/0.1.0'"
    )


@pytest.mark.parametrize(
    ("arguments", "expected"),
    [
        (["--corpus", "my.csv"], "give the model a --name"),
        (["--from", "zh-response", "--name", "x"], "--from MODEL and --only LABEL,... go together"),
        (
            ["--from", "zh-response", "--only", "donation", "--name", "x", "--corpus", "c"],
            "leave out --corpus",
        ),
        (
            [
                "--from",
                "zh-response",
                "--only",
                "donation",
                "--name",
                "x",
                "--seed",
                "0",
                "--report",
                "r.html",
            ],
            "leave out --seed, --report",
        ),
        (["--corpus", "my.csv", "--name", "x", "--report", __file__, "--taxonomy", __file__], "input and as"),
        (["--extend", "zh-response", "--name", "x"], "give them with --corpus"),
        (["--corpus", "my.csv", "--name", "x/y"], "name 'x/y' must be letters"),
        (["--corpus", "nowhere.csv", "--name", "x"], "nowhere.csv: is not there"),
        (["--corpus", "my.csv", "--name", "x", "--seed", "-1"], "is not in the range"),
        (["--corpus", "my.csv", "--name", "x", "--output", __file__ + "/x"], "is no folder"),
    ],
)
def test_options_that_do_not_go_together(
    arguments: list[str], expected: str, capsys: pytest.CaptureFixture[str]
) -> None:
    with pytest.raises(SystemExit) as ended:
        main(["train", *arguments])
    assert ended.value.code == 2
    assert expected in capsys.readouterr().err


def test_own_labels_at_every_entry(model: Path, tmp_path: Path, run: Run) -> None:
    jsonl(
        tmp_path / "in.jsonl", [{"text": "又一批大米运抵，保障供应。"}, {"text": "9名群众转移到安全地带。"}]
    )
    for name in ("out.csv", "out.parquet", "out.jsonl"):
        assert run("tag", "in.jsonl", "-o", name, "--model", model).returncode == 0
    with (tmp_path / "out.csv").open(encoding="utf-8-sig", newline="") as lines:
        found = list(csv.DictReader(lines))
    assert [row["labels"] for row in found] == ["保供", "转移"]
    assert parquet.read_table(tmp_path / "out.parquet").column("labels").to_pylist() == [["保供"], ["转移"]]
    gold = jsonl(tmp_path / "gold.jsonl", [{"text": t, "labels": n} for t, n in pairs()])
    judged = json.loads(run("evaluate", gold, "--json", "--model", model).stdout)
    assert [score["label"] for score in judged["labels"]] == list(LABELS)
    assert run("tag", "in.jsonl", "--format", "table", "--model", model).returncode == 0
    explained = json.loads(run("explain", "明火由消防队扑灭", "--json", "--model", model).stdout)
    assert explained["labels"] == ["fire_aid"]


def test_rows_added_to_a_corpus_are_judged_apart(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    """A part of the shipped corpus stands for all of it, which takes minutes."""
    from responsetag.paths import shipped
    from responsetag.training import run as training_run

    part = tmp_path / "part.jsonl"
    lines = (shipped("data") / "corpus" / "short-posts.jsonl").read_text(encoding="utf-8").splitlines()[:60]
    part.write_text("\n".join(lines) + "\n", encoding="utf-8")
    base = load_corpus(part, load_taxonomy().slugs)
    monkeypatch.setattr(training_run, "base_corpus", lambda *_: base)
    labels = tmp_path / "labels.yaml"
    labels.write_text("[保供, 转移, fire_aid, donation]", encoding="utf-8")
    rows = [{"text": t, "labels": n} for t, n in pairs()]
    own = jsonl(tmp_path / "own.jsonl", [*rows, {"text": base.paragraphs[0], "labels": ["保供"]}])
    options: Any = {"settings": Settings(folds=2), "extend": "zh-response"}
    result = train(own, labels, tmp_path, "wider", "0.1.0", **options)
    assert result.model.manifest.slugs == (*load_taxonomy().slugs, "保供", "转移", "fire_aid")
    assert result.findings.replaced == 1
    assert result.own is not None
    assert (result.own.paragraphs, result.evaluation.paragraphs) == (41, 100)
    assert [score.label for score in result.own.labels] == ["保供", "转移", "fire_aid", "donation"]
    assert result.own.micro.f1 > 0.9
    assert result.own.macro.f1 == pytest.approx(np.mean([score.f1 for score in result.own.labels]))
    assert result.model.manifest.corpus["own_paragraphs"] == 41
    assert str(result.weakness).startswith("on the rows added this model is weak: 41 paragraphs are few")
    assert responsetag.load(result.directory).tag("又一批大米运抵，保障供应。").labels[0] == "保供"
    card = (result.directory / "MODEL_CARD.md").read_text(encoding="utf-8")
    assert "41 paragraphs were added to the corpus of zh-response, in place of 1. On these alone" in card
    with pytest.raises(CorpusError, match="give one to add your own"):
        train(own, None, tmp_path, "wider", "0.2.0", **options)


def test_labels_of_few_rows_have_a_threshold_of_their_own_size() -> None:
    generator = np.random.default_rng(3)
    true = generator.random((4000, 3)) < 0.2
    margins = np.where(true, 1.0, -1.0) + generator.normal(size=true.shape) / 2
    margins[:, 2] = margins[:, 2] / 20 - 0.9  # of a fit on few rows
    known = np.ones_like(true)
    known[300:, 2] = False
    apart = choose_thresholds(true[:300, 2:], margins[:300, 2:], 0.25)
    chosen = choose_thresholds(true, margins, 0.25, known)
    assert chosen[2] == apart[0]
    assert (chosen[:2] == choose_thresholds(true[:, :2], margins[:, :2], 0.25)).all()
    found = (margins[:300, 2] >= chosen[2])[true[:300, 2]].mean()
    assert found > 0.8
