"""The date a page was published, by the line that says so. A date in running text is no such date."""

from __future__ import annotations

import re
from collections.abc import Iterator, Sequence
from datetime import date
from pathlib import PurePath
from typing import NamedTuple

from responsetag.report.lines import Edges, Line

EARLIEST = date(1949, 1, 1)
_LONGEST = 120  # characters of a line with a date and a byline
_NUMERALS = {character: value for value, character in enumerate("〇一二三四五六七八九")} | {
    "○": 0, "零": 0, "O": 0, "Ο": 0, "0": 0, "两": 2,
}  # fmt: skip
_YEAR = f"[{''.join(_NUMERALS)}]{{4}}"
_DATE = re.compile(
    r"(?<![\d.])(?P<y>\d{4})(?:\s?年\s?(?P<m>\d{1,2})\s?月\s?(?P<d>\d{1,2})\s?[日号]"
    r"|(?P<mark>[-/.])(?P<m2>\d{1,2})(?P=mark)(?P<d2>\d{1,2})(?![\d.]))"
    rf"|(?P<zh_y>{_YEAR})年(?P<zh_m>[一二三四五六七八九十]{{1,2}})月(?P<zh_d>[一二三四五六七八九十廿卅]{{1,3}})[日号]"
)
_TIME = re.compile(
    r"\s*[(（]?(?:(?:星期|周)[一二三四五六日天])?[)）]?\s*T?(?:[上下]午)?\s*"
    r"(?P<time>\d{1,2}(?:[:：]\d{2}(?:[:：]\d{2}(?:\.\d+)?)?|时(?:\d{1,2}分)?)(?:Z|[+-]\d\d:?\d\d)?)?"
)
# What says that a date is that of publication; "会议时间" and "活动日期" do not.
_PUBLISHED = re.compile(
    r"(?:发布|发表|发文|发稿|成文|印发|刊发|刊登|签发|更新|公布|上传|录入|添加)(?:时间|日期|于|日)?\s*[:：]?\s*$"
    r"|(?:^|[\s|(（\[【])(?:date|published(?: on)?|posted(?: on)?)\s*[:：]\s*[\"']?$",
    re.IGNORECASE,
)
_DATED = re.compile(r"(?:^|[\s|(（\[【])(?:时间|日期)\s*[:：]\s*$")
BYLINE = (
    r"来源|稿源|出处|作者|编辑|责编|责任编辑|记者|通讯员|供稿|审核|校对|编审|监制|信息来源|发布机构|发文机关|索引号|"
    r"文号|点击(?:数|量|率|次数)?|浏览(?:量|次数)?|阅读(?:量|次数)?|字号|字体|打印|分享(?:到)?|关闭|收藏|评论|文章来源"
)
_BYLINE = re.compile(rf"^\W*(?:{BYLINE})|(?:来源|作者|编辑|记者)\s*[:：]")
_SENTENCE = re.compile(r"[。，；！？、]|^\s*(?:至|到|~|～|—|–|-\s*\d)")
_SOURCE = re.compile(r"\W*\w{2,12}\W*")  # a paper's or site's name without a word before it
_PAPER = re.compile(r"(?:报|网|社|刊|台|在线|发布|中心|办公室|政府|局|委|办)\W*$")
_IN_NAME = re.compile(
    r"(?<!\d)(?P<y>(?:19|20)\d\d)(?P<mark>[-_.]?)(?P<m>\d\d)(?P=mark)(?P<d>\d\d)(?!\d)"
    r"|(?<!\d)(?P<zh_y>(?:19|20)\d\d)年(?P<zh_m>\d{1,2})月(?P<zh_d>\d{1,2})日"
)


class DateLine(NamedTuple):
    """A line that gives a date.

    Attributes:
        day: the date; None where there is no such day, or it lies outside what is possible.
        rank: 0 where the line says that it is of publication, 1 with a byline, 2 for a date alone.
    """

    day: date | None
    rank: int


def published(page: Edges, latest: date) -> date | None:
    """The date that a page of text gives for its publication.

    Lines that call it so come first, then a date with a byline at the top, then a line that is nothing but a
    date, at the top or, as under a notice, at the end; several such lines that differ say nothing.

    Args:
        page: its first and last lines.
        latest: a later date is none.
    """
    top = [found for line in page.top if (found := date_line(line, latest)) and found.day]
    end = [found for line in page.end if (found := date_line(line, latest)) and found.day]
    for found in (*top, *end):
        if found.rank == 0:
            return found.day
    for found in top:
        if found.rank == 1:
            return found.day
    return _agreed(top) if any(found.rank == 2 for found in top) else _agreed(end)


def _agreed(found: Sequence[DateLine]) -> date | None:
    days = {line.day for line in found if line.rank == 2}
    return days.pop() if len(days) == 1 else None


def date_line(line: Line, latest: date) -> DateLine | None:
    """What a line says of a date; None for a line that has none, or has one in running text."""
    found = _DATE.search(line.plain)
    if not found or len(line.plain) > _LONGEST:
        return None
    before, after = line.plain[: found.start()], line.plain[found.end() :]
    clock = _TIME.match(after)
    assert clock
    after = after[clock.end() :]
    day = _day(found, latest)
    if "。" in after or (_SENTENCE.search(after) and not _BYLINE.search(after)):
        return None
    if _PUBLISHED.search(before):
        return DateLine(day, 0)
    if _DATED.search(before) or (
        _BYLINE.search(after) and len(before) <= 20 and not _SENTENCE.search(before)
    ):
        return DateLine(day, 1)
    if _BYLINE.search(before) and not re.search(r"\w", after):
        return DateLine(day, 1)
    alone = [part for part in (before, after) if re.search(r"\w", part)]
    named = len(alone) == 1 and _SOURCE.fullmatch(alone[0]) and (clock["time"] or _PAPER.search(alone[0]))
    return DateLine(day, 2) if not alone or named else None


def date_in_name(name: str, latest: date) -> date | None:
    """A date in a file's own name, as in ``2020-02-10_page.txt`` and ``t20200210_7.html``."""
    days = (_day(found, latest) for found in _IN_NAME.finditer(PurePath(name).name))
    return next((day for day in days if day), None)


def possible(year: int, month: int, day: int, latest: date) -> date | None:
    """The day, if there is one, from 1949 to ``latest``."""
    try:
        found = date(year, month, day)
    except ValueError:
        return None
    return found if EARLIEST <= found <= latest else None


def _day(found: re.Match[str], latest: date) -> date | None:
    parts = found.groupdict()
    if parts["y"]:
        month, day = parts["m"] or parts["m2"], parts["d"] or parts["d2"]
        return possible(int(parts["y"]), int(month), int(day), latest)
    year = int("".join(_digits(parts["zh_y"])))
    return possible(year, _number(parts["zh_m"]), _number(parts["zh_d"]), latest)


def _digits(year: str) -> Iterator[str]:
    for character in year:
        yield character if character.isascii() and character.isdigit() else str(_NUMERALS[character])


def _number(numeral: str) -> int:
    """A number below 40 in Chinese numerals, or in digits; 0 for what is none."""
    if numeral.isdigit():
        return int(numeral)
    numeral = numeral.replace("廿", "二十").replace("卅", "三十")
    tens, ten, ones = numeral.rpartition("十")
    if len(tens) > 1 or len(ones) > 1:
        return 0
    return (10 * _NUMERALS.get(tens, 1) if ten else 0) + _NUMERALS.get(ones, 0)
