"""What figures were measured on."""

from __future__ import annotations

import datetime as dt
import os
import platform
from importlib.metadata import version
from pathlib import Path

_PACKAGES = (
    "responsetag",
    "numpy",
    "rjieba",
    "jieba",
    "scikit-learn",
    "scipy",
    "fasttext-numpy2",
    "pyahocorasick",
)


def machine() -> dict[str, str]:
    """Date, processor, cores, memory, system, Python and the versions of packages."""
    return {
        "date": str(dt.datetime.now(tz=dt.UTC).date()),
        "processor": _field("/proc/cpuinfo", "model name"),
        "cores": str(len(os.sched_getaffinity(0))),
        "memory": f"{int(_field('/proc/meminfo', 'MemTotal').split()[0]) / 2**20:.0f} GiB",
        "system": f"{platform.system()} {platform.machine()}",
        "python": platform.python_version(),
        "packages": ", ".join(f"{name} {version(name)}" for name in _PACKAGES),
    }


def _field(file: str, name: str) -> str:
    for line in Path(file).read_text(encoding="utf-8").splitlines():
        key, _, value = line.partition(":")
        if key.strip() == name:
            return value.strip()
    return "unknown"
