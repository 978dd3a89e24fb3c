from __future__ import annotations

import hashlib
import json
import shutil
from collections.abc import Callable
from pathlib import Path
from typing import Any

import numpy as np
import pytest
from safetensors.numpy import load as load_arrays
from safetensors.numpy import save as save_arrays

import responsetag
from responsetag import ModelError
from responsetag.model import FORMAT_VERSION, find_model, list_models, read_model
from responsetag.model.manifest import content_digest
from responsetag.model.writer import write_model


@pytest.fixture
def copy(tmp_path: Path) -> Path:
    """A copy of the shipped model to tamper with."""
    target = tmp_path / "copy"
    shutil.copytree(find_model(), target)
    return target


def edit_manifest(directory: Path, change: Callable[[dict[str, Any]], None], *, forge: bool = True) -> None:
    """Change the manifest; with ``forge`` its digest is made to match, as an attacker would."""
    file = directory / "manifest.json"
    data = json.loads(file.read_text(encoding="utf-8"))
    change(data)
    if forge:
        content = {key: value for key, value in data.items() if key != "digest"}
        data["digest"] = content_digest(content)
    file.write_text(json.dumps(data, ensure_ascii=False), encoding="utf-8")


def replace_file(directory: Path, name: str, content: bytes) -> None:
    """Replace a file and forge its entry in the manifest."""
    (directory / name).write_bytes(content)
    entry = {"sha256": hashlib.sha256(content).hexdigest(), "bytes": len(content)}
    edit_manifest(directory, lambda data: data["files"].__setitem__(name, entry))


def edit_arrays(directory: Path, change: Callable[[dict[str, Any]], None]) -> None:
    arrays = load_arrays((directory / "weights.safetensors").read_bytes())
    change(arrays)
    replace_file(directory, "weights.safetensors", save_arrays(arrays))


def refused(directory: Path, message: str) -> None:
    with pytest.raises(ModelError, match=message):
        responsetag.load(directory)


def test_an_untouched_copy_loads(copy: Path) -> None:
    assert responsetag.load(copy).info.version == responsetag.load().info.version


@pytest.mark.parametrize("name", ["vocabulary.json", "weights.safetensors", "golden.jsonl", "MODEL_CARD.md"])
def test_an_altered_file_is_refused(copy: Path, name: str) -> None:
    file = copy / name
    data = bytearray(file.read_bytes())
    data[len(data) // 2] ^= 1
    file.write_bytes(bytes(data))
    refused(copy, f"{name}: was altered")


@pytest.mark.parametrize("name", ["vocabulary.json", "weights.safetensors", "golden.jsonl", "MODEL_CARD.md"])
def test_a_truncated_file_is_refused(copy: Path, name: str) -> None:
    file = copy / name
    file.write_bytes(file.read_bytes()[:-1])
    refused(copy, f"{name}: has .* bytes, not")


@pytest.mark.parametrize(
    "name", ["manifest.json", "vocabulary.json", "weights.safetensors", "golden.jsonl", "MODEL_CARD.md"]
)
def test_a_missing_file_is_refused(copy: Path, name: str) -> None:
    (copy / name).unlink()
    refused(copy, name)


def test_a_truncated_manifest_is_refused(copy: Path) -> None:
    file = copy / "manifest.json"
    file.write_bytes(file.read_bytes()[:-20])
    refused(copy, "is not JSON")


def test_an_altered_threshold_is_refused(copy: Path) -> None:
    edit_manifest(copy, lambda data: data["thresholds"].__setitem__(0, 0.0), forge=False)
    refused(copy, "was altered")


def test_a_newer_format_is_refused(copy: Path) -> None:
    edit_manifest(copy, lambda data: data.__setitem__("format", FORMAT_VERSION + 1))
    refused(copy, "pip install --upgrade responsetag")


def test_an_older_format_is_refused(copy: Path) -> None:
    edit_manifest(copy, lambda data: data.__setitem__("format", FORMAT_VERSION - 1))
    refused(copy, "train it again")


@pytest.mark.parametrize("name", ["../outside.txt", "/etc/hostname", "a/b", "..", "C:x", "a\\b"])
def test_a_path_out_of_the_folder_is_refused(copy: Path, name: str) -> None:
    (copy.parent / "outside.txt").write_text("x", encoding="utf-8")
    edit_manifest(copy, lambda data: data["files"].__setitem__(name, {"sha256": "0", "bytes": 1}))
    refused(copy, "not a plain file name")


def test_a_link_out_of_the_folder_is_refused(copy: Path) -> None:
    weights = copy / "weights.safetensors"
    moved = copy.parent / "weights.safetensors"
    weights.rename(moved)
    weights.symlink_to(moved)
    refused(copy, "leads out of the model's folder")


@pytest.mark.parametrize("name", ["bias", "scale"])
@pytest.mark.parametrize("value", [np.nan, np.inf])
def test_numbers_that_are_not_finite_are_refused(copy: Path, name: str, value: float) -> None:
    edit_arrays(copy, lambda arrays: arrays[name].__setitem__(0, value))
    refused(copy, f"'{name}' has a value that is not a finite number")


@pytest.mark.parametrize("name", ["weights", "bias", "scale"])
def test_wrong_shapes_are_refused(copy: Path, name: str) -> None:
    edit_arrays(copy, lambda arrays: arrays.__setitem__(name, arrays[name][:-1].copy()))
    refused(copy, f"'{name}' has shape")


@pytest.mark.parametrize(
    ("name", "value"), [("scale", 0.0), ("scale", -1.0), ("weights", 0), ("weights", -128)]
)
def test_numbers_out_of_range_are_refused(copy: Path, name: str, value: float) -> None:
    edit_arrays(copy, lambda arrays: arrays[name].__setitem__(-1, value))
    refused(copy, f"'{name}' has a")


def test_words_out_of_order_are_refused(copy: Path) -> None:
    content = json.loads((copy / "vocabulary.json").read_text(encoding="utf-8"))
    content["words"] = "\n".join(reversed(content["words"].split("\n")))
    replace_file(copy, "vocabulary.json", json.dumps(content, ensure_ascii=False).encode())
    refused(copy, "before a shorter one")


def test_wrong_types_are_refused(copy: Path) -> None:
    edit_arrays(copy, lambda arrays: arrays.__setitem__("weights", arrays["weights"].astype(np.float32)))
    refused(copy, "needs 'weights' as int8")


def test_a_vocabulary_of_another_size_is_refused(copy: Path) -> None:
    content = json.loads((copy / "vocabulary.json").read_text(encoding="utf-8"))
    content["words"] += "\n" + "词" * 99  # longer words come last
    replace_file(copy, "vocabulary.json", json.dumps(content, ensure_ascii=False).encode())
    refused(copy, "the manifest says")


@pytest.mark.parametrize(
    "content", [b"[]", b'{"words": 1}', b'{"words": "a\\na", "runs": []}', b"\xff", b"[" * 100_000]
)
def test_a_malformed_vocabulary_is_refused(copy: Path, content: bytes) -> None:
    replace_file(copy, "vocabulary.json", content)
    refused(copy, "vocabulary.json")


def test_weights_that_are_not_safetensors_are_refused(copy: Path) -> None:
    replace_file(copy, "weights.safetensors", b"\x80\x04cos\nsystem\n(S'true'\ntR.")
    refused(copy, "is not sound safetensors")


def change_labels(data: dict[str, Any]) -> None:
    data["labels"].pop()


@pytest.mark.parametrize(
    ("change", "message"),
    [
        (change_labels, "thresholds has 23 values for 22 labels"),
        (lambda data: data.__setitem__("version", "1.0"), "not of the form"),
        (lambda data: data.__setitem__("name", "../x"), "name"),
        (lambda data: data["thresholds"].__setitem__(0, 2.0), "between 0 and 1"),
        (lambda data: data["thresholds"].__setitem__(0, "0.5"), "not a finite number"),
        (lambda data: data["calibration"]["slope"].__setitem__(0, -1.0), "slope must be positive"),
        (lambda data: data["features"].__setitem__("pooling", "mean"), "pooling"),
        (lambda data: data["features"].__setitem__("windows", [0]), "windows"),
        (lambda data: data["features"].__setitem__("power", 3), "power"),
        (lambda data: data.__setitem__("normalization", 99), "text rules 99"),
        (lambda data: data["tokenizer"].__setitem__("fingerprint", "0"), "words are cut otherwise"),
        (lambda data: data.pop("corpus"), "malformed"),
        (lambda data: data["files"].pop("golden.jsonl"), "does not list golden.jsonl"),
        (lambda data: data.__setitem__("extra", 1), "malformed"),
        (lambda data: data["thresholds"].__setitem__(0, 10**400), "malformed"),
        (lambda data: data["features"].__setitem__("power", "0.5"), "power"),
        (lambda data: data["labels"][0].__setitem__("slug", 5), "names that are text"),
        (lambda data: data["labels"][0].__setitem__("zh", None), "names that are text"),
        (lambda data: data.__setitem__("tokenizer", {}), "malformed"),
        (lambda data: data.__setitem__("tokenizer", []), "malformed"),
        (lambda data: data.__setitem__("files", list(data["files"])), "malformed"),
        (lambda data: data["files"].__setitem__("vocabulary.json", 5), "malformed"),
        (lambda data: data["files"].__setitem__("a\0b", {"sha256": "0", "bytes": 1}), "malformed"),
    ],
)
def test_an_inconsistent_manifest_is_refused(
    copy: Path, change: Callable[[dict[str, Any]], None], message: str
) -> None:
    edit_manifest(copy, change)
    refused(copy, message)


@pytest.mark.parametrize(
    ("content", "message"), [("[" * 100_000, "not JSON"), ('{"format": 2, "x": "\\ud800"}', "malformed")]
)
def test_a_manifest_that_breaks_parsers_is_refused(copy: Path, content: str, message: str) -> None:
    (copy / "manifest.json").write_text(content, encoding="utf-8")
    refused(copy, message)


@pytest.mark.parametrize("length", [1, 2, 3])
def test_a_run_of_nothing_is_refused(copy: Path, length: int) -> None:
    # Packed it would be 0, which stands for places where no run is.
    content = json.loads((copy / "vocabulary.json").read_text(encoding="utf-8"))
    content["runs"][length - 1] = "\0" * length + content["runs"][length - 1][length:]
    replace_file(copy, "vocabulary.json", json.dumps(content, ensure_ascii=False).encode())
    refused(copy, "no text has")


def test_writing_and_reading_give_the_same_model(tmp_path: Path) -> None:
    model = read_model(find_model())
    written = write_model(model, tmp_path / "m" / "0.0.1", golden="", card="# card\n")
    again = read_model(tmp_path / "m" / "0.0.1")
    assert again.manifest == written.manifest
    assert np.array_equal(again.weights, model.weights)
    assert list(again.vocabulary.words) == list(model.vocabulary.words)
    assert all(map(np.array_equal, again.vocabulary.runs, model.vocabulary.runs))


def test_a_written_model_is_never_overwritten(tmp_path: Path) -> None:
    model = read_model(find_model())
    (tmp_path / "0.0.1").mkdir()
    with pytest.raises(ModelError, match="never changed"):
        write_model(model, tmp_path / "0.0.1", golden="", card="")
    assert list((tmp_path / "0.0.1").iterdir()) == []


def test_versions_are_found(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    for version in ("0.9.0", "1.0.0", "1.2.0", "1.2.10", "1.10.0", "notes", ".1.2.11-tmp"):
        (tmp_path / "models" / "zh-response" / version).mkdir(parents=True)
    monkeypatch.setattr("responsetag.model.registry.shipped", lambda name: tmp_path / name)
    assert list_models() == {"zh-response": ("1.10.0", "1.2.10", "1.2.0", "1.0.0", "0.9.0")}
    wanted = {"latest": "1.10.0", "1": "1.10.0", "1.2": "1.2.10", "1.2.0": "1.2.0", "0": "0.9.0"}
    for version, found in wanted.items():
        assert find_model("zh-response", version).name == found
    with pytest.raises(ModelError, match=r"has no version 2; there are: 1\.10\.0, "):
        find_model("zh-response", "2")
    with pytest.raises(ModelError, match="no model 'other'; there are: zh-response"):
        find_model("other")
    with pytest.raises(ModelError, match="is not of the form"):
        find_model("zh-response", "new")
    with pytest.raises(ModelError, match="a path names one model"):
        find_model(tmp_path, "1")


def test_the_shipped_models_are_listed() -> None:
    assert [info.name for info in responsetag.models()]
    assert responsetag.models()[0] == responsetag.load().info
