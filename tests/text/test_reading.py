from __future__ import annotations

from pathlib import Path

import opencc
import pytest

from responsetag import InputError
from responsetag.text import read_file, read_text

TEXT = "全镇党员干部连夜入户排查返乡人员，逐户登记造册。\n村里的大喇叭每天播放防疫知识，劝导群众不聚集。\n"


@pytest.mark.parametrize(
    ("codec", "traditional"),
    [
        ("utf-8", False),
        ("utf-8-sig", False),
        ("gb18030", False),
        ("gbk", False),
        ("big5", True),
        ("utf-16", False),
        ("utf-16-le", False),
        ("utf-16-be", False),
        ("utf-32", False),
    ],
)
@pytest.mark.parametrize("times", [1, 40])
def test_encodings_are_detected(tmp_path: Path, codec: str, traditional: bool, times: int) -> None:
    text = (opencc.OpenCC("s2tw").convert(TEXT) if traditional else TEXT) * times
    file = tmp_path / "page.txt"
    file.write_bytes(text.encode(codec))
    assert read_file(file).text == text


def test_an_encoding_can_be_given() -> None:
    assert read_text(TEXT.encode("gbk"), encoding="gbk").text == TEXT


def test_an_unknown_encoding_is_named() -> None:
    with pytest.raises(InputError, match="cannot be read as 'klingon'"):
        read_text(b"abc", encoding="klingon")


def test_damaged_utf8_is_still_utf8() -> None:
    data = bytearray((TEXT * 50).encode())
    data[900] = 0xFF
    source = read_text(bytes(data))
    assert source.encoding == "utf-8"
    assert source.lost == text_lost(source.text)
    assert source.text.startswith(TEXT)


def text_lost(text: str) -> int:
    return text.count("\ufffd")


def test_damaged_gbk_is_still_gbk() -> None:
    data = bytearray((TEXT * 50).encode("gbk"))
    data[901] = 0xFF
    source = read_text(bytes(data))
    assert source.encoding == "gb18030"
    assert TEXT in source.text


@pytest.mark.parametrize("data", [bytes(range(256)) * 20, b"\x89PNG\r\n\x1a\n" + b"\x00\x01\x02" * 500])
def test_binary_files_are_refused(data: bytes) -> None:
    with pytest.raises(InputError, match="does not look like text"):
        read_text(data)


def test_missing_file_and_folder(tmp_path: Path) -> None:
    with pytest.raises(InputError, match="cannot be read"):
        read_file(tmp_path / "none.txt")
    with pytest.raises(InputError, match="is a folder"):
        read_file(tmp_path)


PAGE = """<html><head><meta charset="{charset}"><title>柳河镇</title></head><body>
<nav><a href="/">首页</a> <a href="/news">新闻</a></nav>
<article><h1>柳河镇筑牢防线</h1>
<p>全镇党员干部连夜入户排查返乡人员，逐户登记造册，村医早晚上门测量体温，并把生活物资送到门口。</p>
<p>村里的大喇叭每天播放防疫知识，劝导群众不聚集、少出门，过往车辆一律登记测温后才能放行通过。</p>
</article><footer>版权所有 柳河镇人民政府 <script>alert(1)</script></footer></body></html>"""


@pytest.mark.parametrize(("charset", "codec"), [("utf-8", "utf-8"), ("gb2312", "gbk"), ("big5", "big5hkscs")])
def test_html_gives_the_article(tmp_path: Path, charset: str, codec: str) -> None:
    page = PAGE.format(charset=charset)
    if charset == "big5":
        page = opencc.OpenCC("s2hk").convert(page)
    file = tmp_path / "page.html"
    file.write_bytes(page.encode(codec))
    text = read_file(file).text
    lines = text.splitlines()
    assert sum(len(line) > 30 for line in lines) == 2
    assert "alert" not in text


def test_html_without_an_article_gives_its_text(tmp_path: Path) -> None:
    file = tmp_path / "page.htm"
    file.write_text("<p>排查</p>", encoding="utf-8")
    assert "排查" in read_file(file).text
    file.write_text("<ul><li>入户排查</li><li>登记</li></ul>消毒<br>宣传<script>x</script>", encoding="utf-8")
    assert read_file(file).text.split() == ["入户排查", "登记", "消毒", "宣传"]
