"""Taggers whose worker process dies, as of a crash in native code or for want of memory."""

from __future__ import annotations

import os
import resource
import signal
from collections.abc import Iterable, Iterator
from pathlib import Path
from typing import Any

from responsetag import Tagger, Tagging
from responsetag.types import ModelInfo

DEADLY = "致命"


class DeadlyTagger(Tagger):
    """A tagger that kills its process where a text holds ``DEADLY``.

    Args:
        inner: what tags all other text.
        once: a file that is made at the first death, after which there is no other; None for a death
            each time.
    """

    def __init__(self, inner: Tagger, once: Path | None = None) -> None:
        self._inner, self._once = inner, once

    def __reduce__(self) -> tuple[Any, ...]:
        return type(self), (self._inner, self._once)

    @property
    def info(self) -> ModelInfo:
        return self._inner.info

    @property
    def labels(self) -> tuple[str, ...]:
        return self._inner.labels

    def tag_many(
        self, texts: Iterable[str], *, evidence: bool = True, min_score: float | None = None
    ) -> Iterator[Tagging]:
        some = list(texts)
        if any(DEADLY in text for text in some) and (self._once is None or not self._once.exists()):
            if self._once is not None:
                self._once.touch()
            os.kill(os.getpid(), signal.SIGKILL)
        return self._inner.tag_many(some, evidence=evidence, min_score=min_score)


class StarvedTagger(DeadlyTagger):
    """One whose processes may take 100 MB more than they have when it comes."""

    def __setstate__(self, state: object) -> None:
        pages = int(Path("/proc/self/statm").read_text(encoding="ascii").split()[0])
        most = pages * resource.getpagesize() + 100_000_000
        resource.setrlimit(resource.RLIMIT_AS, (most, most))

    def __reduce__(self) -> tuple[Any, ...]:
        return type(self), (self._inner,), {"sent": True}


class StillbornTagger(DeadlyTagger):
    """One that kills each process that it is sent to."""

    def __setstate__(self, state: object) -> None:
        os.kill(os.getpid(), signal.SIGKILL)

    def __reduce__(self) -> tuple[Any, ...]:
        return type(self), (self._inner,), {"sent": True}
