"""From figures to HTML: the template, its filters, and what the browser may load."""

from __future__ import annotations

import base64
import hashlib
from importlib import resources
from typing import Any

from jinja2 import Environment, StrictUndefined
from markupsafe import Markup

from responsetag.display.screen import safe
from responsetag.training.curves import FEW, LabelCurves
from responsetag.training.panels import BY_THRESHOLD, PRECISION_RECALL, panel_svg
from responsetag.training.pictures import confusion_svg, learning_svg, reliability_svg


def render_page(**values: Any) -> str:
    """The template with ``values``, which are escaped."""
    environment = Environment(
        autoescape=True, undefined=StrictUndefined, trim_blocks=True, lstrip_blocks=True
    )
    environment.filters |= {"figure": figure, "source": picture_source, "percent": percent}
    style = _resource("page.css")
    return environment.from_string(_resource("page.html")).render(
        style=Markup(style),  # noqa: S704  a file of this package
        style_digest=base64.b64encode(hashlib.sha256(style.encode()).digest()).decode(),
        few=FEW,
        precision_recall=lambda curves: panel_svg(curves, PRECISION_RECALL),
        by_threshold=lambda curves: panel_svg(curves, BY_THRESHOLD),
        reliability=lambda bins: reliability_svg({"all labels": bins}),
        heat_map=confusion_svg,
        learning_svg=learning_svg,
        describe=describe,
        **values,
    )


def figure(value: float | None, digits: int = 3) -> str:
    """A figure, or a dash where there is none."""
    return "–" if value is None else f"{value:.{digits}f}"


def percent(value: float) -> str:
    """A share."""
    return f"{value:.0%}"


def picture_source(svg: str) -> str:
    """SVG as the address of an image: styles inside it are its own, and the page's policy may stay strict."""
    return f"data:image/svg+xml;base64,{base64.b64encode(svg.encode()).decode()}"


def describe(curves: LabelCurves) -> str:
    """What a label's two pictures show, for those who do not see them."""
    label = safe(curves.label)
    if not curves.support:
        return f"{label}: no paragraph carries it"
    assert curves.best is not None
    return (
        f"{label}: average precision {figure(curves.average_precision, 2)}; at the threshold "
        f"{curves.threshold:.2f} precision {curves.precision:.2f} and recall {curves.recall:.2f}; "
        f"best F1 here {curves.best[1]:.2f} at {curves.best[0]:.2f}"
    )


def _resource(name: str) -> str:
    return resources.files(__package__).joinpath(name).read_text(encoding="utf-8")
