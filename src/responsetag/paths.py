"""Where the shipped models and data are: inside an installed package, or at the top of a checkout."""

from __future__ import annotations

from pathlib import Path

_PACKAGE = Path(__file__).parent
_CHECKOUT = _PACKAGE.parent.parent


def shipped(name: str) -> Path:
    """``models`` or ``data``. A wheel carries them in ``_shipped``; a checkout has them beside ``src``."""
    installed = _PACKAGE / "_shipped" / name
    return installed if installed.exists() else _CHECKOUT / name
