"""A placeholder of the page."""

from __future__ import annotations

import json
from typing import Any


def render(payload: dict[str, Any]) -> str:
    """The payload in a page without a look."""
    data = json.dumps(payload).replace("<", "\\u003c").replace(">", "\\u003e").replace("&", "\\u0026")
    return f'<!doctype html><script type="application/json" id="data">{data}</script>\n'
