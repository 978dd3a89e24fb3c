"""The title of a page of text: a short line near its top that is no navigation, byline or date."""

from __future__ import annotations

import re
from datetime import date

from responsetag.report.dates import BYLINE, date_line
from responsetag.report.lines import Line
from responsetag.text import AlignedText
from responsetag.text.repair import (
    byte_shifted_gbk,
    html_entities,
    html_tags,
    invisible_characters,
    pinyin_glosses,
)

SHORTEST, LONGEST = 4, 80  # characters of a title
_LOOKED_AT = 400  # characters of what a page says its title is
_NAVIGATION = re.compile(
    r"位置\s*[:：]|(?:首页|主页)\s*[>＞»›/|·-]|[>＞»›]\s*正文|[|｜].*[|｜]|\bwww\.|https?:"
    r"|^\W*(?:首页|主页|返回|上一[页篇]|下一[页篇]|登录|注册|设为首页|加入收藏|关于我们|联系我们|网站地图|导航|搜索|菜单|订阅|"
    r"无障碍|长者模式|简体|繁体|English|相关阅读|相关新闻|热点新闻|推荐阅读|特别推荐|更多|免责声明)"
)
_ABOUT = re.compile(
    rf"^\W*(?:{BYLINE})(?:\s*[:：]|\s|\W*$)|(?:来源|作者|编辑|记者|通讯员)\s*[:：]"
    r"|版权|署名|转载|ICP备|Copyright|©|扫一扫|二维码|公众号|官方微[信博]|客户端|手机版|[〔\[]\d{4}[〕\]]\s*\d+\s*号$",
    re.IGNORECASE,
)
_SITE = re.compile(
    r"(?:门户网站|官方?网站?|新闻网|政府网|网站)[!！]?$"
    r"|^.{2,10}(?:在线|日报|晚报|早报|周刊|热线|频道|客户端)$"
)
_SECTION = re.compile(
    r"^(?:[一二三四五六七八九十]+、|[(（][一二三四五六七八九十\d]+[)）]|第.{1,3}[章条节]|\d+[.、])"
)
_PAGE_OF_PAPER = re.compile(r"\d日\s*(?:星期|周)[一二三四五六日天]|(?:^|\s)第?[A-Z]?\d{1,3}版")
_NAMED = re.compile(r"^(?:标题|题目|主题|title)\s*[:：]\s*", re.IGNORECASE)
_HEADING = re.compile(r"#{1,2}\s+(?P<title>.*\S)")
_SENTENCE_END = tuple("。；;，,：:、…")
_REPAIRS = (byte_shifted_gbk, html_entities, html_tags, invisible_characters, pinyin_glosses)
# What a page's <title> has behind the title proper: "_site", " - site".
_SITE_BEHIND = re.compile(
    r"(?:\s*[_|｜]\s*[^_|｜]{2,24}|\s+[-–—]\s+[^-–—]{2,24}|[-–—][^-–—]{0,12}(?:网|报|在线|网站))+$"
)


def title_of(top: list[Line], latest: date) -> str | None:
    """The title of a page whose first lines are ``top``; None where there is none for sure.

    A Markdown heading is one. Otherwise it stands above the text, nearest above the line with the date if
    there is one before the text, else first; a page of a single line has none.
    """
    for line in top:
        if heading := _HEADING.match(line.text):
            return tidy(heading["title"])
    body = next((i for i, line in enumerate(top) if _is_body(line.plain)), len(top))
    able = [i < body and i + 1 < len(top) and _may_be_title(line, latest) for i, line in enumerate(top)]
    dated = next((i for i, line in enumerate(top[:body]) if date_line(line, latest)), None)
    order = range(body) if dated is None else (*reversed(range(dated)), *range(dated + 1, body))
    chosen = next((i for i in order if able[i]), None)
    return None if chosen is None else tidy(_NAMED.sub("", top[chosen].text))


def tidy(title: str) -> str | None:
    """A title in one line and its own characters, with what scraping damaged mended; None if nothing is
    left."""
    aligned = AlignedText(title[:_LOOKED_AT], title[:_LOOKED_AT])
    for repair in _REPAIRS:
        aligned = aligned.apply(repair(aligned.text))
    return " ".join(aligned.text.split())[:200] or None


def without_site(title: str) -> str:
    """The title of a page without the name of its site behind it."""
    proper = _SITE_BEHIND.sub("", title[:_LOOKED_AT]).strip()
    return proper if len(proper) >= SHORTEST else title


def _is_body(plain: str) -> bool:
    """Whether it is a paragraph of the text; a notice of rights is as long."""
    long = len(plain) > LONGEST or (len(plain) >= 30 and plain.endswith("。"))
    return long and not _ABOUT.search(plain) and not _NAVIGATION.search(plain)


def _may_be_title(line: Line, latest: date) -> bool:
    plain = line.plain
    if not SHORTEST <= len(plain) <= LONGEST or plain.endswith(_SENTENCE_END):
        return False
    if plain[0] in "—-–·•◆■●▲★*(（[【>" or sum(map(str.isalpha, plain)) < SHORTEST:
        return False
    words = re.split(r"[\s|｜/·]+", plain)
    if len(words) >= 4 and max(map(len, words)) <= 5:  # a row of links
        return False
    rules = (_NAVIGATION, _ABOUT, _SITE, _SECTION, _PAGE_OF_PAPER)
    return not any(rule.search(plain) for rule in rules) and date_line(line, latest) is None
