"""The figures of the summary as what the page's charts draw: lengths, steps of colour, places on an axis."""

from __future__ import annotations

from datetime import date
from math import ceil
from typing import Any

STEPS = 8  # of colour in a heat map, 1 to 8; 0 is nothing at all
BAR = 200  # the longest bar, in units of the drawing
PLOT_WIDTH, PLOT_HEIGHT = 280, 72
DATE_WIDTH = 68
COLOURS = 6  # of groups; more groups take them again, and say which they are by their letter
_DAYS = {"day": 1, "week": 7, "month": 30, "year": 365}


def collect(payload: dict[str, Any]) -> dict[str, Any]:
    """What the template draws: ``groups`` with their labels, the ``together`` rows, ``time`` or None."""
    groups = _groups(payload)
    order = [label["index"] for group in groups for label in group["labels"]]
    colour = {label["index"]: group["colour"] for group in groups for label in group["labels"]}
    return {
        "groups": groups,
        "order": order,
        "colour": colour,
        "together": _together(payload["summary"], order),
        "time": _time(payload["summary"]["time"], groups),
    }


def failures(payload: dict[str, Any]) -> list[dict[str, Any]]:
    """Documents and paragraphs that failed, in order; what failed as a whole is told once."""
    documents = payload["documents"]
    found = [
        {"document": i, "paragraph": None, "name": d["name"], "message": d["failed"]}
        for i, d in enumerate(documents)
        if d["failed"] is not None
    ]
    found += [
        {
            "document": p["d"],
            "paragraph": p["n"],
            "name": documents[p["d"]]["name"],
            "message": p["m"] or "",
        }
        for p in payload["paragraphs"]
        if p["st"] == "error" and documents[p["d"]]["failed"] is None
    ]
    return sorted(found, key=lambda row: (row["document"], row["paragraph"] or 0))


def _groups(payload: dict[str, Any]) -> list[dict[str, Any]]:
    """Groups that have labels, in the order given; labels of no known group last."""
    summary = payload["summary"]
    longest = max([1, *summary["labels"]])
    known = {group["id"]: group for group in payload["groups"]}
    of_group: dict[str, list[dict[str, Any]]] = {name: [] for name in [*known, ""]}
    for i, label in enumerate(payload["labels"]):
        name = label["group"] if label["group"] in known else ""
        of_group[name].append(
            label
            | {
                "index": i,
                "paragraphs": summary["labels"][i],
                "documents": summary["documents_by_label"][i],
                "width": round(BAR * summary["labels"][i] / longest, 1),
            }
        )
    shown = [(name, labels) for name, labels in of_group.items() if labels]
    return [
        {"id": "", "zh": "", "en": "", **known.get(name, {}), "colour": i % COLOURS, "labels": labels}
        for i, (name, labels) in enumerate(shown)
    ]


def _together(summary: dict[str, Any], order: list[int]) -> list[dict[str, Any]]:
    """For each label, of the paragraphs that carry it the share that carry each other one too."""
    counts, own = summary["together"], summary["labels"]
    shares = {(i, j): counts[i][j] / own[i] if own[i] else 0.0 for i in order for j in order if i != j}
    top = max([*shares.values(), 0]) or 1
    rows = []
    for i in order:
        cells = [_cell(counts[i][j], shares[i, j], top) if i != j else None for j in order]
        rows.append({"index": i, "cells": list(zip(order, cells, strict=True))})
    return rows


def _cell(count: int, share: float, top: float) -> dict[str, Any]:
    # Steps by the root: most pairs are rare, and their differences are what one looks for.
    step = min(STEPS, ceil(STEPS * (share / top) ** 0.5))
    return {"count": count, "percent": round(100 * share), "step": step}


def _time(time: dict[str, Any], groups: list[dict[str, Any]]) -> dict[str, Any] | None:
    """Small charts over one axis: documents, then labels by group. Places come from dates: gaps stay gaps."""
    bins = time["bins"]
    if not bins:
        return None
    days = [date.fromisoformat(bin_["start"]).toordinal() for bin_ in bins]
    span = days[-1] - days[0] + _DAYS[time["unit"]]
    width = max(0.8, PLOT_WIDTH * _DAYS[time["unit"]] / span * 0.86)
    places = [round(PLOT_WIDTH * (day - days[0]) / span, 2) for day in days]
    values = [_of_group(group, bins) for group in groups]
    top = max([1, *(value for series in values for value in series)])
    charts = [
        {"group": group, "values": series} | _bars(series, places, top)
        for group, series in zip(groups, values, strict=True)
    ]
    documents: list[int] = [bin_["documents"] for bin_ in bins]
    charts.insert(0, {"group": None, "values": documents} | _bars(documents, places, max([1, *documents])))
    return {
        "charts": charts,
        "width": round(min(width, PLOT_WIDTH / 6), 2),
        "starts": [bin_["start"] for bin_ in bins],
        "ticks": _ticks([bin_["start"] for bin_ in bins], places),
        "unit": time["unit"],
        "unknown": time["unknown"],
    }


def _of_group(group: dict[str, Any], bins: list[dict[str, Any]]) -> list[int]:
    return [sum(bin_["counts"][label["index"]] for label in group["labels"]) for bin_ in bins]


def _bars(values: list[int], places: list[float], top: int) -> dict[str, Any]:
    heights = [round(PLOT_HEIGHT * value / top, 2) for value in values]
    bars = [
        (x, round(PLOT_HEIGHT - h, 2), h, v) for x, h, v in zip(places, heights, values, strict=True) if v
    ]
    return {"bars": bars, "top": top, "total": sum(values)}


def _ticks(starts: list[str], places: list[float]) -> list[tuple[float, str]]:
    """Dates with room between them, the first always among them."""
    kept: list[tuple[float, str]] = []
    for x, start in zip(places, starts, strict=True):
        if not kept or kept[-1][0] + DATE_WIDTH <= x <= PLOT_WIDTH - DATE_WIDTH:
            kept.append((x, start))
    return kept
