"""The report's page: one HTML file that holds its data, styles and scripts and asks nothing of a network.

Every text of the payload is data: jinja2 escapes it in the markup, the script sets it as text, and the policy
of the page allows only the one style and the one script whose digests it names.
"""

from __future__ import annotations

import json
import re
from base64 import b64encode
from hashlib import sha256
from pathlib import Path
from typing import Any

from responsetag.errors import MissingExtraError
from responsetag.report import charts
from responsetag.report.visible import visible

ASSETS = Path(__file__).parent / "assets"
# In this order: each uses only what stands before it, but for calls made when all is loaded.
SCRIPTS = (
    "data", "language", "text", "state", "results", "chips", "reader", "filters", "documents", "charts",
    "download", "main",
)  # fmt: skip
SHOWN_FAILURES = 100
# What could end the block or the line, and surrogates, which UTF-8 has none of.
_UNSAFE = re.compile("[\ud800-\udbff][\udc00-\udfff]|[<>&\u2028\u2029\ud800-\udfff]")


def render(payload: dict[str, Any]) -> str:
    """The report as one HTML page.

    Args:
        payload: run, groups, labels, documents, paragraphs and summary, as ``write_report`` collects them.

    Returns:
        The page; it has no lone surrogates, so that it can be written as UTF-8.

    Raises:
        MissingExtraError: jinja2 is not installed.
    """
    try:
        from jinja2 import Environment, FileSystemLoader, StrictUndefined
        from markupsafe import Markup
    except ImportError as error:
        raise MissingExtraError(str(error.name), "report", "writing a report") from error
    texts = json.loads(_asset("texts.json"))
    environment = Environment(
        loader=FileSystemLoader(ASSETS),
        autoescape=True,
        undefined=StrictUndefined,
        trim_blocks=True,
        lstrip_blocks=True,
    )
    environment.filters["visible"] = visible
    style = _asset("style.css")
    script = _script()
    failures = charts.failures(payload)
    return environment.get_template(
        "page.html"
    ).render(
        payload,
        texts=texts,
        style=Markup(style),  # noqa: S704 - the package's own file, like the script
        style_hash=_digest(style),
        script=Markup(script),  # noqa: S704
        script_hash=_digest(script),
        data=Markup(json_block(payload)),  # noqa: S704 - escaped there for where it stands
        interface=Markup(json_block(texts)),  # noqa: S704
        chart=charts.collect(payload),
        failures=failures[:SHOWN_FAILURES],
        failure_count=len(failures),
    )


def json_block(value: object) -> str:
    """JSON that can stand inside ``<script type="application/json">``: nothing in it can end the block.

    Two lone surrogates that JavaScript would join into one character, which would move all offsets after
    them, become two replacement characters.
    """
    text = json.dumps(value, ensure_ascii=False, allow_nan=False, separators=(",", ":"))
    return _UNSAFE.sub(_escaped, text)


def _escaped(found: re.Match[str]) -> str:
    text = found.group()
    return f"\\u{ord(text):04x}" if len(text) == 1 else "\\ufffd\\ufffd"


def _script() -> str:
    parts = "\n".join(_asset(f"{name}.js") for name in SCRIPTS)
    return f'(() => {{\n"use strict";\n{parts}}})();\n'


def _asset(name: str) -> str:
    return (ASSETS / name).read_text(encoding="utf-8")


def _digest(text: str) -> str:
    return "sha256-" + b64encode(sha256(text.encode()).digest()).decode()
