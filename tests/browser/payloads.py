"""Payloads for the page: made text, seeded; and hostile text."""

from __future__ import annotations

import random
from collections import Counter
from datetime import date, timedelta
from itertools import chain, product
from typing import Any

from responsetag.taxonomy import load_taxonomy

LOW = 0.6
_PLACES = ("城东街道", "河口镇", "柳林社区", "北山县", "青石村", "临江区", "云溪乡", "南埠港")
_WHO = (
    "党员干部",
    "志愿者",
    "医务人员",
    "消防救援人员",
    "社区工作人员",
    "电力抢修队",
    "镇卫生院",
    "商会会员",
)
_DOES = (
    "连夜入户排查返乡人员", "在卡口测温登记", "为居家老人送去米面和药品", "对公共场所逐一消毒", "紧急转移低洼处群众",
    "抢修中断的供电线路", "发放口罩三千只", "通过广播讲解防护常识", "开通线上办事窗口", "为企业办理延期缴税",
)  # fmt: skip
_IDLE = ("天气转凉，街边的桂花开了", "会议回顾了去年的工作", "记者走访时看到，集市上人来人往")


def payload(documents: int = 12, paragraphs: int = 12, every: int = 1) -> dict[str, Any]:
    """``documents`` documents of ``paragraphs`` paragraphs each; ``every`` nth of the shipped labels."""
    chance = random.Random(7)
    labels = shipped_labels()[::every]
    made: dict[str, Any] = {
        "run": {
            "date": "2026-11-22",
            "tool": "0.1.0",
            "models": [{"name": "zh-response", "version": "1.1.0", "digest": "3f" * 32}],
            "inputs": ["pages/"],
            "min_score": None,
            "tagged": True,
            "runs": False,
        },
        "groups": shipped_groups(),
        "labels": labels,
        "low": LOW,
        "documents": [_document(d, chance) for d in range(documents)],
        "paragraphs": [
            _paragraph(d, n, chance, len(labels)) for d in range(documents) for n in range(1, paragraphs + 1)
        ],
    }
    return with_summary(made)


def shipped_groups() -> list[dict[str, str]]:
    return [{"id": id_, "zh": name.zh, "en": name.en} for id_, name in load_taxonomy().groups.items()]


def shipped_labels() -> list[dict[str, str]]:
    return [
        {
            "slug": label.slug,
            "zh": label.name.zh,
            "en": label.name.en,
            "group": label.group,
            "definition_zh": label.definition.zh,
            "definition_en": label.definition.en,
        }
        for label in load_taxonomy().labels
    ]


def _document(d: int, chance: random.Random) -> dict[str, Any]:
    place = _PLACES[d % len(_PLACES)]
    day = date(2020, 1, 25) + timedelta(days=int(90 * chance.random() ** 1.7))
    return {
        "name": f"pages/{d:04}.html",
        "title": None
        if d % 9 == 5
        else f"{place}{chance.choice(('全力应对汛情', '织密防控网', '保障群众生活', '抢通受损道路'))}",
        "date": None if d % 7 == 3 else day.isoformat(),
        "failed": None,
    }


def _paragraph(d: int, n: int, chance: random.Random, labels: int) -> dict[str, Any]:
    parts: list[str] = []
    tags: list[dict[str, Any]] = []
    for _ in range(chance.randint(1, 4)):
        start = sum(map(len, parts))
        if chance.random() < 0.35:
            parts.append(chance.choice(_IDLE) + "。")
            continue
        who, does = chance.choice(_WHO), chance.choice(_DOES)
        clause = f"{chance.choice(_PLACES)}{who}{does}"
        parts.append(clause + "。")
        label = (_DOES.index(does) * 2 + chance.choice((0, 0, 0, 1, 5))) % labels
        if all(tag["l"] != label for tag in tags):
            end = start + len(clause)
            words = [[end - len(does), end - len(does) + 4, 0.46], [end - 2, end, 0.2]]
            tags.append(
                {
                    "l": label,
                    "p": round(chance.uniform(0.45, 0.99), 4),
                    "e": {"a": start, "b": end, "w": words},
                }
            )
    tags.sort(key=lambda tag: -tag["p"])
    return {
        "d": d, "n": n, "id": None, "s": 200 * n, "t": "".join(parts), "st": "ok", "m": None, "mo": 0, "tags": tags,
    }  # fmt: skip


def with_summary(made: dict[str, Any]) -> dict[str, Any]:
    """Count what the summary tells; weekly bins."""
    size = range(len(made["labels"]))
    carried = [{tag["l"] for tag in p["tags"]} for p in made["paragraphs"]]
    by_document: list[set[int]] = [set() for _ in made["documents"]]
    bins: dict[str, dict[str, Any]] = {}
    weeks = [_week(document["date"]) for document in made["documents"]]
    for week in filter(None, weeks):
        bin_ = bins.setdefault(week, {"start": week, "documents": 0, "counts": [0] * len(size)})
        bin_["documents"] += 1
    for paragraph, tags in zip(made["paragraphs"], carried, strict=True):
        by_document[paragraph["d"]] |= tags
        week = weeks[paragraph["d"]]
        for label in tags if week else ():
            bins[week or ""]["counts"][label] += 1
    pairs = Counter(pair for tags in carried for pair in product(tags, tags))
    by_label = Counter(chain.from_iterable(by_document))
    made["summary"] = {
        "documents": len(made["documents"]),
        "paragraphs": len(made["paragraphs"]),
        "with_action": sum(map(bool, carried)),
        "empty": sum(p["st"] == "empty" for p in made["paragraphs"]),
        "failed": sum(p["st"] == "error" for p in made["paragraphs"]),
        "labels": [pairs[i, i] for i in size],
        "documents_by_label": [by_label[i] for i in size],
        "together": [[pairs[i, j] for j in size] for i in size],
        "time": {
            "unit": "week",
            "bins": [bins[start] for start in sorted(bins)],
            "unknown": sum(document["date"] is None for document in made["documents"]),
        },
    }
    return made


def _week(day: str | None) -> str | None:
    """The Monday before ``day``."""
    if day is None:
        return None
    found = date.fromisoformat(day)
    return (found - timedelta(days=found.weekday())).isoformat()
