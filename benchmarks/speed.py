"""How fast this package is beside the pipelines that a user would write in its place.

    python benchmarks/speed.py [--gold GOLD.jsonl --gold-name "what it is"] [--growth] [--quick]

Trains the peers on the corpus, lets all read the same text in turns, and writes a page and its figures.
``--quick`` checks in two minutes that everything works: its peers see one file of the corpus, and its
figures are worth nothing. ``make bench`` installs what the peers need and runs this.
"""

from __future__ import annotations

import argparse
import json
import sys
import tempfile
import time
from collections.abc import Callable
from dataclasses import asdict, dataclass
from pathlib import Path
from typing import Any

from growth import growth
from machine import machine
from ours import model_folder
from peers import ENTRIES, LIMIT, OURS, PEERS, THRESHOLDS
from race import CONTESTANT, call, cores, race
from speed_tables import speed_page
from speed_texts import CORPUS, ROOT, first_paragraphs, megabytes
from starts import BARE, IMPORTS, load_seconds, starts


@dataclass(frozen=True)
class Size:
    """How much is measured.

    Attributes:
        paragraphs: that everyone reads.
        rounds, start_rounds: of the race, and of starts.
        corpus: what peers are trained on.
        streams, vocabularies, labels: numbers of paragraphs, and times of the shipped model's features
            and labels, for growth.
    """

    paragraphs: int = 4000
    rounds: int = 5
    start_rounds: int = 15
    corpus: Path = CORPUS
    streams: tuple[int, ...] = (1_000, 10_000, 100_000, 1_000_000)
    vocabularies: tuple[int, ...] = (1, 4, 16)
    labels: tuple[int, ...] = (1, 10)


QUICK = Size(200, 2, 1, CORPUS / "mixed-texts-2020.jsonl", (200, 1_000), (1, 2), (1, 2))

_TWO = "ours on two cores"


def main() -> None:
    """Measure and write."""
    options = _options()
    size = QUICK if options.quick else Size(paragraphs=options.paragraphs, rounds=options.rounds)
    folder = ROOT / "build" if options.quick else ROOT
    with tempfile.TemporaryDirectory(prefix="responsetag-speed-") as work:
        models = options.models or Path(work) / "models"
        results = measure(size, models, Path(work), options.gold)
        results["gold_name"] = options.gold_name
        results["when"] = "kept by --models" if options.models else "in this run"
        _write(results, folder)
        if options.growth or options.quick:
            results["growth"] = growth(Path(work), size.streams, size.vocabularies, size.labels)
            _write(results, folder)
    print(speed_page(results))


def _write(results: dict[str, Any], folder: Path) -> None:
    """The page and its figures. Written before growth too, which takes as long again."""
    for file, text in (
        (folder / "docs" / "speed.md", speed_page(results)),
        (folder / "benchmarks" / "results" / "speed.json", json.dumps(results, indent=1) + "\n"),
    ):
        file.parent.mkdir(parents=True, exist_ok=True)
        file.write_text(text, encoding="utf-8")
        print(f"written to {file}", file=sys.stderr)


def _options() -> argparse.Namespace:
    parser = argparse.ArgumentParser(
        description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter
    )
    parser.add_argument("--gold", type=Path, help="JSONL of {text, labels} for F1")
    parser.add_argument("--gold-name", help="how the page calls it", default="the set given by --gold")
    parser.add_argument("--growth", action="store_true", help="also how cost grows")
    parser.add_argument("--quick", action="store_true", help="a small run into build/")
    parser.add_argument("--paragraphs", type=int, default=Size.paragraphs)
    parser.add_argument("--rounds", type=int, default=Size.rounds)
    parser.add_argument("--models", type=Path, help="keep trained peers here, and take those that are here")
    return parser.parse_args()


def measure(size: Size, models: Path, work: Path, gold: Path | None) -> dict[str, Any]:
    """Everything but growth, as plain data."""
    begun = time.monotonic()

    def step(what: str) -> None:
        print(f"{time.monotonic() - begun:5.0f} s  {what}", file=sys.stderr, flush=True)

    def folder_of(name: str) -> Path:
        return models / (ENTRIES[name].model or "none")

    training = _train_all(size.corpus, models, step)
    texts = first_paragraphs(size.paragraphs)
    (work / "texts.json").write_text(json.dumps(texts), encoding="utf-8")
    step("race")
    names = [name for name in ENTRIES if name != LIMIT] + [LIMIT]
    turns = race(names, folder_of, work / "texts.json", len(texts), size.rounds)
    step("starts")
    started = starts(OURS, list(PEERS), folder_of, work, size.start_rounds)
    judged = {}
    if gold is not None:
        step("F1")
        trained = [OURS, *(name for name in PEERS if ENTRIES[name].model == name)]
        judged = {n: call(CONTESTANT, "judge", n, folder_of(n), gold, pin=cores()[:1]) for n in trained}
    model = model_folder()
    sizes = {name: _bytes(folder_of(name)) for name in PEERS} | {OURS: _bytes(model)}
    figures: dict[str, dict[str, Any]] = {
        "start": started,
        "bytes": sizes,
        "training": training,
        "f1": judged,
    }
    return {
        "machine": machine(),
        "model": f"{model.parent.name} {model.name}",
        "paragraphs": len(texts),
        "megabytes": megabytes(texts),
        "rounds": size.rounds,
        "start_rounds": size.start_rounds,
        "trained": str(size.corpus.relative_to(ROOT)),
        "turns": {name: asdict(turn) for name, turn in turns.items()},
        "costs": {
            name: {key: found[name] for key, found in figures.items() if name in found} for name in names
        },
        "bare": {title: started[title] for title in (BARE, IMPORTS)},
        "load": load_seconds(size.start_rounds),
        "training_two": training.get(_TWO),
        "gold": judged[OURS]["paragraphs"] if judged else None,
    }


def _train_all(corpus: Path, models: Path, step: Callable[[str], None]) -> dict[str, float]:
    """Train the peers that are not in ``models`` yet; seconds of each fit by name."""
    seconds: dict[str, float] = {}
    for name in PEERS:
        if ENTRIES[name].model == name:
            step(f"training {name}")
            note = models / f"{name}.json"
            if not note.exists():
                found = call(CONTESTANT, "train", name, models / name, corpus, pin=cores()[:1])
                note.write_text(json.dumps(found), encoding="utf-8")
            seconds[name] = json.loads(note.read_text(encoding="utf-8"))["seconds"]
    step("training ours")
    seconds[OURS] = call(CONTESTANT, "train-ours", 1, corpus, pin=cores()[:1])["seconds"]
    if len(cores()) > 1:
        seconds[_TWO] = call(CONTESTANT, "train-ours", 2, corpus, pin=cores()[:2])["seconds"]
    return seconds


def _bytes(folder: Path) -> int:
    """What a model takes on disk."""
    return sum(file.stat().st_size for file in folder.iterdir() if file.name != THRESHOLDS)


if __name__ == "__main__":
    main()
