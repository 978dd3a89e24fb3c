"""One contestant in a process of its own: trained, measured, judged or started. ``speed.py`` calls this.

contestant.py train NAME FOLDER CORPUS             prints JSON of seconds
contestant.py train-ours JOBS CORPUS               the same
contestant.py serve NAME FOLDER TEXTS CORE         measures on request, a line of JSON each
contestant.py judge NAME FOLDER GOLD               prints JSON of F1
contestant.py tag NAME FOLDER FILE OUTPUT          tags a file of one paragraph
"""

from __future__ import annotations

import json
import sys
import time
from collections.abc import Callable
from pathlib import Path
from typing import TYPE_CHECKING, Any

if TYPE_CHECKING:
    from responsetag.training.corpus import Corpus


def train(name: str, folder: str, corpus: str) -> dict[str, Any]:
    """Train a peer on a corpus file, or a folder of them."""
    from peers import train as train_peer

    return {"seconds": train_peer(name, _read(corpus), Path(folder))}


def train_ours(jobs: str, corpus: str) -> dict[str, Any]:
    """Fit this package's model once."""
    from ours import training_seconds

    return {"seconds": training_seconds(_read(corpus), int(jobs))}


def _read(path: str) -> Corpus:
    from responsetag import load_taxonomy
    from responsetag.training.loading import load_corpus

    corpus = load_corpus(path, load_taxonomy().slugs)
    _ = corpus.sentences, corpus.paragraphs, corpus.sentence_labels, corpus.paragraph_labels  # read now
    return corpus


def serve(name: str, folder: str, texts_file: str) -> None:
    """Answer each line ``{"first", "last", "passes"}`` with ``{"seconds", "cpu", "peak"}``: how long it
    took to read those texts so many times, how much of that it had the core, and the most memory so far in
    bytes."""
    from peers import load

    tag = load(name, Path(folder))
    texts: list[str] = json.loads(Path(texts_file).read_text(encoding="utf-8"))
    for line in sys.stdin:
        wanted = json.loads(line)
        part = texts[wanted["first"] : wanted["last"]]
        started, used = time.perf_counter(), time.process_time()
        for _ in range(wanted["passes"]):
            tag(part)
        seconds, cpu = time.perf_counter() - started, time.process_time() - used
        print(json.dumps({"seconds": seconds, "cpu": cpu, "peak": peak_memory()}), flush=True)


def peak_memory() -> int:
    """The most memory that this process had, in bytes (``VmHWM``; that of the process which started it,
    which ``ru_maxrss`` may give, is not in it)."""
    for line in Path("/proc/self/status").read_text(encoding="ascii").splitlines():
        if line.startswith("VmHWM:"):
            return int(line.split()[1]) * 1024
    raise RuntimeError("/proc/self/status has no VmHWM")


def judge(name: str, folder: str, gold: str) -> dict[str, Any]:
    """F1 on rows of ``{"text", "labels"}``."""
    from peers import load
    from responsetag import load_taxonomy
    from responsetag.training.evaluation import evaluate
    from responsetag.training.indicator import indicator

    lines = Path(gold).read_text(encoding="utf-8").splitlines()
    rows = [json.loads(line) for line in lines if line.strip()]
    labels = load_taxonomy().slugs
    given, _ = load(name, Path(folder))([row["text"] for row in rows])
    result = evaluate(indicator([row["labels"] for row in rows], labels), given, labels)
    return {"micro": result.micro.f1, "macro": result.macro.f1, "paragraphs": len(rows)}


def tag(name: str, folder: str, file: str, output: str) -> None:
    """Tag a file that is one paragraph, as a user's script would."""
    from peers import load

    labels, scores = load(name, Path(folder))([Path(file).read_text(encoding="utf-8").strip()])
    row = {"labels": labels[0].nonzero()[0].tolist(), "scores": scores[0].tolist()}
    Path(output).write_text(json.dumps(row) + "\n", encoding="utf-8")


def main() -> None:
    """Do what the first argument says."""
    command, *arguments = sys.argv[1:]
    commands: dict[str, Callable[..., Any]] = {
        "train": train,
        "train-ours": train_ours,
        "serve": serve,
        "judge": judge,
        "tag": tag,
    }
    answer = commands[command](*arguments)
    if answer is not None:
        print(json.dumps(answer))


if __name__ == "__main__":
    main()
