"""How this package's cost grows with the number of paragraphs, of features and of labels.

Each figure comes from a process of its own on one core (``growth.py stream`` and ``growth.py model``),
which reads paragraphs from a file a slice at a time and gives labels and scores of a slice by
``predict_proba`` and ``decide``. Only tagging is timed, by the
process's own time, and memory is that of the whole process.
"""

from __future__ import annotations

import json
import pickle
import sys
import time
from collections.abc import Callable, Iterator, Sequence
from itertools import islice
from pathlib import Path
from typing import TYPE_CHECKING, Any

from contestant import peak_memory
from race import call, cores
from speed_texts import first_paragraphs, paragraphs

if TYPE_CHECKING:
    from responsetag import Tagger

SLICE = 1000
_LEAST_SECONDS = 2.0


def growth(
    work: Path, sizes: Sequence[int], vocabularies: Sequence[int], labels: Sequence[int]
) -> dict[str, Any]:
    """Seconds and memory by number of paragraphs; and by size of the vocabulary and of the label set."""
    texts = work / "stream.jsonl"
    with texts.open("w", encoding="utf-8") as file:
        file.writelines(
            json.dumps(text, ensure_ascii=False) + "\n" for text in islice(paragraphs(), max(sizes))
        )
    streams = []
    for size in sizes:
        print(f"{size:,} paragraphs", file=sys.stderr, flush=True)
        streams.append({"paragraphs": size, **_child("stream", texts, size)})
    models = []
    shapes = [(v, 1) for v in vocabularies] + [(1, k) for k in labels if k > 1]
    for vocabulary, times in shapes:
        print(f"{vocabulary}x vocabulary, {times}x labels", file=sys.stderr, flush=True)
        built = _child("build", work / "tagger.pickle", vocabulary, times)
        found = _child("model", texts, work / "tagger.pickle", min(4 * SLICE, max(sizes)))
        models.append({**built, **found})
    return {"streams": streams, "models": models}


def _child(*arguments: str | Path | int) -> dict[str, Any]:
    return call(Path(__file__), *arguments, pin=cores()[:1])


def _slices(file: Path, count: int) -> Iterator[list[str]]:
    with file.open(encoding="utf-8") as lines:
        wanted = islice(lines, count)
        while part := [json.loads(line) for line in islice(wanted, SLICE)]:
            yield part


def _time(tagger: Tagger, file: Path, count: int) -> float:
    """Mean seconds for the texts, read as often as takes two seconds."""
    for part in _slices(file, min(count, SLICE)):
        tagger.decide(tagger.predict_proba(part))
    total, passes = 0.0, 0
    while total < _LEAST_SECONDS:
        passes += 1
        for part in _slices(file, count):
            started = time.process_time()
            tagger.decide(tagger.predict_proba(part))
            total += time.process_time() - started
    return total / passes


def stream(file: str, count: str) -> dict[str, Any]:
    """The shipped model over ``count`` paragraphs."""
    import responsetag

    return {"seconds": _time(responsetag.load(), Path(file), int(count)), "peak": peak_memory()}


def build(file: str, vocabulary: str, labels: str) -> dict[str, Any]:
    """Write a grown model's tagger, pickled."""
    from grown_models import grow, n_features
    from responsetag import Tagger
    from responsetag.model import open_model

    texts = first_paragraphs(20_000) if int(vocabulary) > 1 else []
    grown = grow(open_model(), texts, vocabulary=int(vocabulary), labels=int(labels))
    Path(file).write_bytes(pickle.dumps(Tagger(grown)))
    return {"vocabulary": int(vocabulary), "features": n_features(grown)}


def model(texts: str, file: str, count: str) -> dict[str, Any]:
    """A pickled tagger over ``count`` paragraphs."""
    started = time.process_time()
    tagger: Tagger = pickle.loads(Path(file).read_bytes())  # noqa: S301  written by build() just before
    ready = time.process_time() - started
    seconds = _time(tagger, Path(texts), int(count))
    return {
        "labels": len(tagger.labels),
        "paragraphs": int(count),
        "seconds": seconds,
        "ready": ready,
        "peak": peak_memory(),
    }


def main() -> None:
    """Do what the first argument says, in a process of its own."""
    command, *arguments = sys.argv[1:]
    commands: dict[str, Callable[..., Any]] = {"stream": stream, "build": build, "model": model}
    print(json.dumps(commands[command](*arguments)))


if __name__ == "__main__":
    main()
