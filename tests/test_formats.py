"""Text goes through every format as it is, and what a file has of sound rows is read."""

from __future__ import annotations

import csv
import gzip
import io
import json
import random
import zlib
from collections.abc import Callable
from pathlib import Path
from typing import Any

import pyarrow as pa
import pytest
import zstandard
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st
from pyarrow import parquet

from conftest import Run
from responsetag import InputError, Tagger
from responsetag.batch.formats import COLUMNS
from responsetag.batch.inputs import Finder
from responsetag.batch.rows import read_rows
from responsetag.batch.run import tag_files

ACTION = "全镇党员干部连夜入户排查返乡人员，逐户登记造册。"
# A spreadsheet's formulas are defused, and lone surrogates have no UTF-8; both have tests of their own.
texts = st.text(st.characters(exclude_categories=["Cs"]), max_size=40).filter(
    lambda text: text[:1] not in {"=", "+", "-", "@", "\t", "\r"}
)
Table = list[dict[str, Any]]


def write_jsonl(file: Path, rows: Table) -> None:
    file.write_text("".join(json.dumps(row, ensure_ascii=False) + "\n" for row in rows), encoding="utf-8")


def write_csv(file: Path, rows: Table) -> None:
    with file.open("w", encoding="utf-8", newline="") as out:
        writer = csv.DictWriter(out, ["id", "text"], quoting=csv.QUOTE_ALL)
        writer.writeheader()
        writer.writerows(rows)


def write_parquet(file: Path, rows: Table) -> None:
    parquet.write_table(pa.Table.from_pylist(rows), file, row_group_size=3)


WRITERS: dict[str, Callable[[Path, Table], None]] = {
    "in.jsonl": write_jsonl,
    "in.csv": write_csv,
    "in.parquet": write_parquet,
}


def content(file: Path) -> Table:
    """The rows of an output, in the shape of JSONL; what only JSONL keeps is left out of CSV."""
    data = file.read_bytes()
    if file.suffix == ".gz":
        data = gzip.decompress(data)
    elif file.suffix == ".zst":
        data = zstandard.ZstdDecompressor().stream_reader(data, read_across_frames=True).read()
    if ".parquet" in file.name:
        rows: Table = parquet.read_table(file).to_pylist()
        for row in rows:
            row["scores"] = {label: round(score, 4) for label, score in (row["scores"] or {}).items()}
        return rows
    if ".csv" in file.name:
        return list(csv.DictReader(io.StringIO(data.decode(), newline="")))
    return [json.loads(line) for line in data.decode().split("\n")[:-1]]


@settings(max_examples=25, suppress_health_check=[HealthCheck.function_scoped_fixture])
@given(some=st.lists(texts, min_size=1, max_size=8), data=st.data())
def test_text_is_the_same_after_any_format(
    some: list[str], data: st.DataObject, tmp_path: Path, tagger: Tagger
) -> None:
    source = tmp_path / data.draw(st.sampled_from(sorted(WRITERS)))
    rows = [{"id": f"n{i}", "text": text} for i, text in enumerate(some)]
    WRITERS[source.name](source, rows)
    if source.suffix != ".parquet":
        packed = source.with_name(source.name + data.draw(st.sampled_from([".gz", ".zst"])))
        plain = source.read_bytes()
        middle = data.draw(st.integers(0, len(plain)))
        pack = gzip.compress if packed.suffix == ".gz" else zstandard.ZstdCompressor().compress
        packed.write_bytes(pack(plain[:middle]) + pack(plain[middle:]))
        assert [row.text for row in read_rows(str(packed))] == some
    form = data.draw(st.sampled_from(["jsonl", "csv", "parquet"]))
    packing = "" if form == "parquet" else data.draw(st.sampled_from(["", ".gz", ".zst"]))
    output = tmp_path / f"out.{form}{packing}"
    result = tag_files([source], output, model=tagger, part_rows=3)
    assert (result.rows, result.failures) == (len(some), 0)
    found = content(output)
    assert [row["text"] for row in found] == some
    assert [row["id"] for row in found] == [row["id"] for row in rows]
    assert {tuple(row) for row in found} == {COLUMNS}


def test_formats_say_the_same(tmp_path: Path, tagger: Tagger, sentences: list[str]) -> None:
    rows = [{"text": text} for text in [*sentences[:40], "", "……", ACTION * 3]]
    write_jsonl(tmp_path / "in.jsonl", rows)
    with (tmp_path / "in.jsonl").open("ab") as file:
        file.write(b'{"text": "\\ud800x"}\n{"text": 5, "id": 7}\n')
    outputs = {}
    for name in ("out.jsonl", "out.parquet", "out.csv.zst"):
        assert tag_files([tmp_path / "in.jsonl"], tmp_path / name, model=tagger, part_rows=20).failures == 1
        outputs[name] = content(tmp_path / name)
    lines, columns = outputs["out.jsonl"], outputs["out.parquet"]
    taggings = list(tagger.tag_many(row["text"] for row in rows))
    for line, column, record in zip(*outputs.values(), strict=True):
        assert record["status"] == line["status"]
        assert record["labels"] == ";".join(line["labels"])
        assert record["scores"] == ";".join(f"{line['scores'][label]:.4f}" for label in line["labels"])
        evidence = {shown.pop("label"): shown for shown in column.pop("evidence")}
        for shown in evidence.values():
            shown |= {key: pytest.approx(shown[key], abs=1e-5) for key in ("score", "base", "rest")}
            for word in shown["words"]:
                word |= {key: pytest.approx(word[key], abs=1e-5) for key in ("weight", "share")}
        assert {**column, "evidence": evidence} == {**line, "text": line["text"].replace("\ud800", "?")}
    for line, tagging in zip(lines, taggings, strict=False):
        expected = tagging.as_dict()
        assert {key: line[key] for key in ("labels", "scores", "status", "text")} == {
            key: expected[key] for key in ("labels", "scores", "status", "text")
        }
        assert line["evidence"] == {tag.label: tag.evidence.as_dict() for tag in tagging.tags if tag.evidence}
    raw = (tmp_path / "out.jsonl").read_text(encoding="utf-8").splitlines()
    assert all(json.dumps(json.loads(line), ensure_ascii="\\ud" in line) == line for line in raw)
    kinds = {field.name: str(field.type) for field in parquet.read_schema(tmp_path / "out.parquet")}
    assert kinds["start"] == "int32"
    assert kinds["labels"] == "list<element: string>"
    assert kinds["scores"].startswith(f"struct<{tagger.labels[0]}: float, ")
    assert columns[-1]["scores"] == {}
    assert columns[-1]["id"] == "7"


def test_folders_hold_packed_files_and_parquet(tmp_path: Path, run: Run) -> None:
    for name in (
        "a.txt.gz",
        "b.md.ZST",
        "c.html.gz",
        "d.jsonl.gz",
        "e.csv.zst",
        "f.parquet",
        "g.gz",
        "h.zip",
    ):
        (tmp_path / "in").mkdir(exist_ok=True)
        (tmp_path / "in" / name).touch()
    found = [Path(item.path).name for item in Finder().find([str(tmp_path / "in")])]
    assert found == ["a.txt.gz", "b.md.ZST", "c.html.gz", "d.jsonl.gz", "e.csv.zst", "f.parquet"]
    pages = tmp_path / "pages"
    pages.mkdir()
    (pages / "a.txt.gz").write_bytes(gzip.compress(f"标题\n{ACTION}".encode("gb18030")))
    (pages / "b.html.zst").write_bytes(zstandard.compress(f"<p>{ACTION}</p>".encode()))
    (pages / "c.parquet.gz").write_bytes(b"")
    done = run("tag", "pages")
    assert done.returncode == 1
    rows = [json.loads(line) for line in done.stdout.splitlines()]
    assert [row["text"] for row in rows] == ["标题", ACTION, ACTION, ""]
    assert "Parquet is packed in itself" in rows[3]["message"]


@pytest.mark.parametrize("suffix", [".gz", ".zst"])
@pytest.mark.parametrize("harm", ["cut", "bent"])
def test_a_damaged_packed_file_gives_the_rows_before_the_damage(
    suffix: str, harm: str, tmp_path: Path, sentences: list[str]
) -> None:
    chance = random.Random(5)
    some = [chance.choice(sentences) for _ in range(30_000)]
    plain = "".join(json.dumps({"text": text}, ensure_ascii=False) + "\n" for text in some).encode()
    packed = bytearray(gzip.compress(plain) if suffix == ".gz" else zstandard.compress(plain))
    place = len(packed) * 2 // 3
    if harm == "cut":
        del packed[place:]
    else:
        packed[place : place + 300] = bytes(300)
    file = tmp_path / f"in.jsonl{suffix}"
    file.write_bytes(packed)
    *good, last = read_rows(str(file))
    # What was bent may still be unpacked for a while, to lines of other rows' pieces.
    unpacker = zlib.decompressobj(31) if suffix == ".gz" else zstandard.ZstdDecompressor().decompressobj()
    before = unpacker.decompress(bytes(packed[:place])).count(b"\n")
    found = [row.text for row in good[:before]]
    assert last.error is not None
    assert last.paragraph == len(good) + 1
    assert "cannot be unpacked after" in last.error
    assert len(found) == before > 17_000
    assert found == some[: len(found)]
    page = tmp_path / f"page.txt{suffix}"
    page.write_bytes(packed)
    *good, last = read_rows(str(page))
    assert len(good) > 17_000
    assert "cannot be unpacked after" in str(last.error)


def test_a_damaged_row_group_does_not_take_the_others_with_it(tmp_path: Path) -> None:
    chance = random.Random(6)
    some = ["".join(chance.choices("防控排查登记造册测温消毒", k=40)) for _ in range(9000)]
    file = tmp_path / "in.parquet"
    parquet.write_table(
        pa.table({"text": some, "other": range(9000)}),
        file,
        row_group_size=3000,
        use_dictionary=False,
        data_page_size=20_000,
        write_page_checksum=True,
    )
    column = parquet.ParquetFile(file).metadata.row_group(1).column(0)
    data = bytearray(file.read_bytes())
    place = column.data_page_offset + column.total_compressed_size // 2
    data[place : place + 50] = bytes(50)
    file.write_bytes(data)
    rows = list(read_rows(str(file)))
    bad = [row for row in rows if row.error]
    assert len(bad) == 1
    lost = bad[0].paragraph
    assert 4000 < lost < 5000
    assert f"in.parquet:{lost}: rows to 6000 cannot be read" in str(bad[0].error)
    good = {row.paragraph: row.text for row in rows if not row.error}
    assert good == {i + 1: text for i, text in enumerate(some) if not lost <= i + 1 <= 6000}
    file.write_bytes(data[:-100])
    (row,) = read_rows(str(file))
    assert "in.parquet" in str(row.error)


def test_parquet_cells_of_any_kind(tmp_path: Path) -> None:
    file = tmp_path / "in.parquet"
    parquet.write_table(pa.table({"n": [1], "正文": pa.array([ACTION]).dictionary_encode(), "id": [7]}), file)
    (row,) = read_rows(str(file))
    assert (row.text, row.id, row.end) == (ACTION, "7", len(ACTION))
    parquet.write_table(pa.table({"id": pa.array([ACTION, None], pa.large_string())}), file)
    assert [(row.text, row.id) for row in read_rows(str(file), column="id")] == [(ACTION, ACTION), ("", None)]
    parquet.write_table(pa.table({"text": [3.5]}), file)
    (row,) = read_rows(str(file))
    assert row.error == f"{file}:1: the text is float, not a string"
    (row,) = read_rows(str(file), column="none")
    assert "no column 'none'; there are: text" in str(row.error)
    broken = pa.Array.from_buffers(
        pa.string(),
        2,
        [None, pa.py_buffer(b"\0\0\0\0\3\0\0\0\4\0\0\0"), pa.py_buffer("测".encode() + b"\xff")],
    )
    parquet.write_table(pa.table({"text": broken}), file)
    first, second = read_rows(str(file))
    assert first.text == "测"
    assert "is not of the file's encoding" in str(second.error)
    parquet.write_table(pa.table({"text": pa.array([], pa.string())}), file)
    assert [(row.paragraph, row.text, row.error) for row in read_rows(str(file))] == [(0, "", None)]


@pytest.mark.parametrize(
    ("value", "kind"),
    [
        (2**31 - 1, pa.date32()),
        (2**62, pa.timestamp("us")),
        (2**62, pa.duration("s")),
        (1, pa.timestamp("us", "Nowhere/None")),
    ],
)
def test_an_odd_id_takes_no_row_with_it(value: int, kind: pa.DataType, tmp_path: Path) -> None:
    file = tmp_path / "in.parquet"
    number = pa.int32() if kind == pa.date32() else pa.int64()
    ids = pa.array([value, None], number).cast(kind)
    parquet.write_table(pa.table({"text": [ACTION, "x"], "id": ids}), file)
    first, second = read_rows(str(file))
    assert (first.text, first.id, first.error) == (ACTION, None, None)
    assert first.warning == f"{file}:1: the id cannot be read, so it is left out"
    assert (second.text, second.id, second.warning) == ("x", None, None)
    odd = list(read_rows(str(file), column="id"))
    assert "not a string" in str(odd[0].error)
    assert len(odd) == 2


def test_a_footer_that_promises_more_rows_than_there_are(tmp_path: Path) -> None:
    file = tmp_path / "in.parquet"
    parquet.write_table(pa.table({"text": [ACTION] * 6}), file)
    data = file.read_bytes()
    said = set()
    for place in range(len(data) - 8 - int.from_bytes(data[-8:-4], "little"), len(data) - 8):
        if data[place] == 2 * 6:  # how Thrift writes 6
            file.write_bytes(data[:place] + bytes([2 * 7]) + data[place + 1 :])
            said |= {row.error for row in read_rows(str(file)) if row.error}
    assert any("rows to 7 cannot be read (there are fewer than it says)" in message for message in said)


def test_half_a_pair_is_text_and_a_broken_id_is_left_out(tmp_path: Path) -> None:
    file = tmp_path / "in.jsonl"
    file.write_bytes(b'{"text": "\\udc89x", "id": "\\udc89"}\n{"text": "x", "id": "\xb2\xe2"}\n')
    escaped, broken = read_rows(str(file), encoding="utf-8")
    assert (escaped.text, escaped.id, escaped.error) == ("\udc89x", "\udc89", None)
    assert (broken.text, broken.id, broken.error) == ("x", None, None)
    assert "in.jsonl:2: the id cannot be read" in str(broken.warning)


def test_a_mark_before_a_quoted_header(tmp_path: Path) -> None:
    file = tmp_path / "in.csv"
    file.write_text('"text","id"\nx,1\n', encoding="utf-8-sig")
    for encoding in ("utf-8", "UTF8", None):
        assert [row.text for row in read_rows(str(file), encoding=encoding)] == ["x"]


def test_a_cell_that_is_never_closed_does_not_fill_the_memory(tmp_path: Path) -> None:
    file = tmp_path / "in.csv"
    file.write_text('text\n消毒\n"' + "x" * (1 << 26) + "\ny", encoding="utf-8")
    rows = read_rows(str(file))
    assert next(rows).text == "消毒"
    assert "in.csv:3: no CSV up to line 3 (field larger" in str(next(rows).error)
    assert next(rows).text == "y"


@pytest.mark.parametrize("header", ['"text"x,y\n1,2\n', '"text,y\n1,2\n'])
def test_a_header_that_is_no_csv_is_a_row(header: str, tmp_path: Path) -> None:
    file = tmp_path / "in.csv"
    file.write_text(header, encoding="utf-8")
    (row,) = read_rows(str(file))
    assert f"{file}:" in str(row.error)
    assert "the header is no CSV" in str(row.error)


def test_a_message_does_not_list_a_thousand_columns(tmp_path: Path) -> None:
    write_jsonl(tmp_path / "in.jsonl", [{f"{i}{'x' * 100}": i for i in range(1000)}])
    (row,) = read_rows(str(tmp_path / "in.jsonl"))
    assert "x…, and 980 more. Give one with --column" in str(row.error)
    assert len(str(row.error)) < 1200


def test_names_that_say_two_things(tmp_path: Path, tagger: Tagger) -> None:
    with pytest.raises(InputError, match=r"give a name that ends in \.parquet"):
        tag_files([], tmp_path / "out.parquet.gz", model=tagger)


def test_missing_extras_are_said(run: Run, tmp_path: Path) -> None:
    for name in ("in.parquet", "in.jsonl.zst"):
        (tmp_path / name).write_bytes(b"x")
    (tmp_path / "sitecustomize.py").write_text(
        "import sys\nfor name in ('pyarrow', 'zstandard'): sys.modules[name] = None\n", encoding="utf-8"
    )
    run_light = pytest.MonkeyPatch()
    with run_light.context() as patch:
        patch.setenv("PYTHONPATH", str(tmp_path))
        done = run("tag", "in.parquet", "in.jsonl.zst")
        messages = [json.loads(line)["message"] for line in done.stdout.splitlines()]
        assert done.returncode == 1
        assert "pip install 'responsetag[parquet]'" in messages[0]
        assert "pip install 'responsetag[zstd]'" in messages[1]
        for name, extra in (("o.parquet", "parquet"), ("o.csv.zst", "zstd")):
            done = run("tag", "-", "-o", name, stdin=ACTION.encode())
            assert done.returncode == 2
            assert f"pip install 'responsetag[{extra}]'" in done.stderr.decode()
    assert not list(tmp_path.glob("o.*"))
