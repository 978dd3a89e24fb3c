"""Where the time of tagging goes, by stage and by function: ``python benchmarks/profile_stages.py``.

The process is interrupted every millisecond of its own time, and the time since the last interruption goes
to the innermost function of this package that is running, so what numpy, rjieba and other libraries do counts
for the function that called them. Code runs at full speed and is not touched. A long call into a library
delays the interruption to its end, and so gets all of its time.

Stages are names of modules and functions, first match first; what no line of ``STAGES`` names is shown under
its module. Change them with the code.
"""

from __future__ import annotations

import argparse
import re
import signal
import time
from collections import defaultdict
from collections.abc import Mapping
from operator import itemgetter
from pathlib import Path
from types import FrameType
from typing import Self

import responsetag
from speed_texts import first_paragraphs

_PACKAGE = str(Path(responsetag.__file__).parent)
_INTERVAL = 0.001
# What a function is called here: its module's path in the package and its name, as "text/repair:_runs".
STAGES: dict[str, str] = {
    "repeats": r"windows:(_Repeats\.)?(__init__|excess|_ranks?)\b|.*repeats.*",
    "windows": r"windows:(windows|group_starts)|linear:(score_windows|length)",
    "sums": r"windows:|.*:window_sums",
    "pooling": r"linear:(best_margins|score)",
    "cut": r"tokenizer:",
    "words": r"vocabulary:words",
    "look-up": r"lookup:|vocabulary:",
    "segment": r"text/segment:",
    "normalise": r"text/",
    "evidence": r"evidence:",
    "objects": r"types:|tagger:_tagging|tagger:_tag_all",
    "scores": r"linear:sigmoid|tagger:",
}


class Sampler:
    """Time by function of this package."""

    def __init__(self) -> None:
        self.seconds: dict[str, float] = defaultdict(float)
        self._last = 0.0

    def __enter__(self) -> Self:
        self._last = time.process_time()
        signal.signal(signal.SIGPROF, self._sample)
        signal.setitimer(signal.ITIMER_PROF, _INTERVAL, _INTERVAL)
        return self

    def __exit__(self, *_: object) -> None:
        signal.setitimer(signal.ITIMER_PROF, 0)

    def _sample(self, _signal: int, frame: FrameType | None) -> None:
        now = time.process_time()
        while frame is not None and not frame.f_code.co_filename.startswith(_PACKAGE):
            frame = frame.f_back
        name = "outside:outside"
        if frame is not None:
            module = frame.f_code.co_filename[len(_PACKAGE) + 1 :].removesuffix(".py")
            name = f"{module}:{frame.f_code.co_qualname}"
        self.seconds[name] += now - self._last
        self._last = now


def stage_of(function: str) -> str:
    """The stage that a function belongs to."""
    for stage, pattern in STAGES.items():
        if re.match(pattern, function):
            return stage
    return function.partition(":")[0]


def _show(title: str, seconds: Mapping[str, float], n_texts: int) -> None:
    total = sum(seconds.values())
    print(f"\n{title:<50}  share  microseconds a paragraph")
    for name, spent in sorted(seconds.items(), key=itemgetter(1), reverse=True)[:25]:
        print(f"{name:<50} {spent / total:6.1%} {spent / n_texts * 1e6:8.1f}")


def main() -> None:
    """Profile and print."""
    parser = argparse.ArgumentParser(description=__doc__.partition("\n")[0])
    parser.add_argument("--paragraphs", type=int, default=4000)
    parser.add_argument("--passes", type=int, default=5)
    parser.add_argument("--mode", choices=("scores", "taggings", "evidence"), default="scores")
    options = parser.parse_args()
    texts = first_paragraphs(options.paragraphs)
    tagger = responsetag.load()
    tagger.predict_proba(texts[:500])
    with Sampler() as sampler:
        for _ in range(options.passes):
            if options.mode == "scores":
                tagger.decide(tagger.predict_proba(texts))
            else:
                for _tagging in tagger.tag_many(texts, evidence=options.mode == "evidence"):
                    pass
    stages: dict[str, float] = defaultdict(float)
    for function, spent in sampler.seconds.items():
        stages[stage_of(function)] += spent
    count = len(texts) * options.passes
    print(f"{options.mode}: {count / sum(sampler.seconds.values()):,.0f} paragraphs/s of processor time")
    _show("stage", stages, count)
    _show("function", sampler.seconds, count)


if __name__ == "__main__":
    main()
