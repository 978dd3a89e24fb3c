"""The figures of ``speed.py`` as Markdown."""

from __future__ import annotations

from collections.abc import Sequence
from statistics import median
from typing import Any

from peers import ENTRIES, LIMIT, OURS

_HEAD = """\
# Speed

Made by `make bench` on {date}: {processor}, {cores} cores, {memory}, {system},
Python {python}; {packages};
model {model}.

The same {paragraphs:,} paragraphs ({megabytes:.2f} MB of UTF-8), made from the corpus by
`benchmarks/speed_texts.py`, are held in memory for everyone. Everyone gives labels and scores of each
paragraph but for `rjieba.cut` alone, the limit of what reads words with it. Contestants run in processes of
their own, each on one core, in turns; figures are medians of {rounds} rounds, and ratios medians of each
round's ratio. Seconds are those in which a process had its core, which was {share:.0%} of the time here; only
starts count all time. Two processes have half of the paragraphs each. Peers are trained on
`{trained}` ({when}); `benchmarks/peers.py` says how. Ours is the shipped model.
"""
_NOTES = """
Start: seconds from process start to exit on a file of one paragraph (`responsetag tag FILE -o OUT`; for peers
a script that loads the saved model), median of {starts}, and of its processor time;
{bare}.
`load()` takes {load:.0f} ms where all that it imports is imported. Memory: the most that a process had while
tagging. Training: seconds of one core for one fit on the whole corpus, cutting included, without choosing
thresholds{two}. F1: {gold}.
"""
_GROWTH = """\
## How cost grows

Labels and scores on one core by `predict_proba` and `decide`, in slices of 1,000 paragraphs read from a file.

{streams}
Models grown by `benchmarks/grown_models.py`: features that the model left out as too rare, then random ones;
labels several times over.

{models}"""


def speed_page(results: dict[str, Any]) -> str:
    """The whole page."""
    counts = {key: results[key] for key in ("paragraphs", "megabytes", "rounds", "trained", "when", "model")}
    share = median(share for turn in results["turns"].values() for share in turn["share"])
    parts = [_HEAD.format(**results["machine"], **counts, share=share), _throughput(results), _costs(results)]
    if "growth" in results:
        parts.append(_growth(results["growth"]))
    return "\n".join(parts)


def _table(head: Sequence[str], rows: Sequence[Sequence[str]]) -> str:
    lines = [head, ["---", *["---:"] * (len(head) - 1)], *rows]
    return "".join(f"| {' | '.join(line)} |\n" for line in lines)


def _throughput(results: dict[str, Any]) -> str:
    turns = results["turns"]
    ours, limit = turns[OURS]["single"], turns[LIMIT]["single"]
    rows = []
    for name, turn in turns.items():
        single, double = median(turn["single"]), turn["double"]
        rows.append([
            ENTRIES[name].title,
            f"{results['megabytes'] / single:.2f}",
            _number(results["paragraphs"] / single),
            _number(results["paragraphs"] / median(double)) if double else "-",
            _ratio([theirs / own for theirs, own in zip(turn["single"], ours, strict=True)]),
            _ratio([theirs / least for theirs, least in zip(turn["single"], limit, strict=True)]),
        ])  # fmt: skip
    head = ("", "MB/s", "paragraphs/s", "2 processes", "time, ours = 1", "time, `rjieba.cut` = 1")
    return "## Throughput\n\n" + _table(head, rows)


def _costs(results: dict[str, Any]) -> str:
    rows = []
    for name, cost in results["costs"].items():
        f1 = cost.get("f1")
        rows.append([
            ENTRIES[name].title,
            _start(cost["start"]) if "start" in cost else "-",
            f"{results['turns'][name]['peak'] / 1e6:.0f}",
            f"{cost['bytes'] / 1e6:.1f}" if "bytes" in cost else "-",
            f"{cost['training']:.0f}" if "training" in cost else "-",
            f"{f1['micro']:.3f} / {f1['macro']:.3f}" if f1 else "not measured" if "training" in cost else "-",
        ])  # fmt: skip
    head = ("", "start (processor), s", "memory, MB", "model, MB", "training, s", "F1, micro / macro")
    gold = "not measured"
    if results["gold"]:
        gold = f"{results['gold_name']}, {results['gold']:,} paragraphs"
    bare = ", ".join(f"{title} takes {_start(start)} s" for title, start in results["bare"].items())
    two = results.get("training_two")
    notes = _NOTES.format(
        starts=results["start_rounds"],
        bare=bare,
        load=results["load"] * 1000,
        two="" if two is None else f"; ours takes {two:.0f} s of the clock on two",
        gold=gold,
    )
    return "## Start, memory, size, training, quality\n\n" + _table(head, rows) + notes


def _growth(growth: dict[str, Any]) -> str:
    streams = [
        [f"{row['paragraphs']:,}", f"{row['seconds']:.2f}", _number(row["paragraphs"] / row["seconds"]),
         f"{row['peak'] / 1e6:.0f}"]
        for row in growth["streams"]
    ]  # fmt: skip
    first = growth["models"][0]
    models = [
        [f"{row['vocabulary']}x, {row['features']:,} features, {row['labels']} labels",
         _number(row["paragraphs"] / row["seconds"]), f"{row['seconds'] / first['seconds']:.2f}",
         f"{row['ready']:.2f}", f"{row['peak'] / 1e6:.0f}"]
        for row in growth["models"]
    ]  # fmt: skip
    return _GROWTH.format(
        streams=_table(("paragraphs", "seconds", "paragraphs/s", "memory, MB"), streams),
        models=_table(
            ("model", "paragraphs/s", "time, shipped = 1", "unpickled in, s", "memory, MB"), models
        ),
    )


def _start(start: Sequence[float]) -> str:
    middle, _, cpu = start
    return f"{middle:.2f} ({cpu:.2f})"


def _ratio(values: Sequence[float]) -> str:
    ratio = median(values)
    return f"{ratio:.1f}" if ratio >= 1 else f"{ratio:.2f}"


def _number(value: float) -> str:
    return f"{value:,.0f}" if value < 1000 else f"{round(value, -2):,.0f}"
