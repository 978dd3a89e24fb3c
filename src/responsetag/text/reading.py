"""Files and bytes to text, whatever their encoding."""

from __future__ import annotations

import codecs
import os
import re
from dataclasses import dataclass
from pathlib import Path

from responsetag.errors import InputError, MissingExtraError
from responsetag.text.plausibility import implausibility

HTML_SUFFIXES = frozenset({".html", ".htm", ".xhtml"})
MARKDOWN_SUFFIXES = frozenset({".md", ".markdown"})
TEXT_SUFFIXES = frozenset({".txt", ".text"})
TABLE_SUFFIXES = frozenset({".jsonl", ".csv", ".parquet"})
PAGE_SUFFIXES = HTML_SUFFIXES | MARKDOWN_SUFFIXES | TEXT_SUFFIXES

# The encodings of Chinese pages. GB18030 holds GBK and GB2312, Big5-HKSCS holds Big5.
_CANDIDATES = ("utf_8", "gb18030", "big5", "big5hkscs", "utf_16_le", "utf_16_be")
_BOMS = (
    (codecs.BOM_UTF8, "utf-8-sig"),
    (codecs.BOM_UTF32_LE, "utf-32"),  # before UTF-16: its mark starts with UTF-16's
    (codecs.BOM_UTF32_BE, "utf-32"),
    (codecs.BOM_UTF16_LE, "utf-16"),
    (codecs.BOM_UTF16_BE, "utf-16"),
)
_SAMPLE = 64_000  # bytes that detection looks at; more changes nothing and costs time
_CONTROL = re.compile("[\x00-\x08\x0e-\x1a\x7f]")
# Above this share of control or lost characters it is not text: damaged pages seen stay below 0.01.
_BINARY_SHARE = 0.05
_CHARSET = re.compile(rb"<meta[^>]{0,200}?charset=[\"']?\s*([A-Za-z0-9_-]{3,20})", re.IGNORECASE)


@dataclass(frozen=True, slots=True)
class Source:
    """A document's text and how it was read.

    Attributes:
        name: the path as given, or ``-`` for standard input.
        text: the text; for HTML the article's text, one paragraph a line. Offsets in results
            count characters of this.
        encoding: the codec that decoded it.
        lost: how many characters could not be decoded; each shows as U+FFFD.
        markdown: whether paragraphs follow Markdown's rules.
    """

    name: str
    text: str
    encoding: str
    lost: int = 0
    markdown: bool = False


def read_file(path: str | os.PathLike[str], *, encoding: str | None = None) -> Source:
    """Read a ``.txt``, ``.md`` or ``.html`` file; any other ending is read as plain text.

    Args:
        path: the file.
        encoding: a codec's name; detected when not given.

    Raises:
        InputError: the file is missing, unreadable, a folder or not text, or the encoding is
            unknown.
    """
    file = Path(path)
    try:
        data = file.read_bytes()
    except IsADirectoryError:
        raise InputError(f"{path}: is a folder; give its files, or use the command line") from None
    except OSError as error:
        raise InputError(
            f"{path}: cannot be read: {error.strerror or error}; check path and rights"
        ) from error
    suffix = file.suffix.lower()
    if suffix in TABLE_SUFFIXES:
        raise InputError(f"{path}: is a table of paragraphs, not a document; tag its rows one by one")
    return read_text(
        data,
        name=str(path),
        encoding=encoding,
        html=suffix in HTML_SUFFIXES,
        markdown=suffix in MARKDOWN_SUFFIXES,
    )


def read_text(
    data: bytes,
    *,
    name: str = "-",
    encoding: str | None = None,
    html: bool = False,
    markdown: bool = False,
) -> Source:
    """Decode a document that is already in memory.

    Raises:
        InputError: the bytes are not text, or the encoding is unknown.
    """
    encoding = encoding or detect_encoding(data, html=html)
    try:
        text = data.decode(encoding, errors="replace")
    except (LookupError, UnicodeError):
        known = "utf-8, gb18030, big5 or utf-16"
        raise InputError(f"{name}: cannot be read as {encoding!r}; try {known}") from None
    text = text.removeprefix("\ufeff")
    lost = text.count("\ufffd") - data.count("\ufffd".encode())
    controls = len(_CONTROL.findall(text))
    if controls + max(lost, 0) > max(2, _BINARY_SHARE * len(text)):
        raise InputError(
            f"{name}: does not look like text as {encoding} ({controls} control and {lost} lost characters "
            f"in {len(text)}); a binary file, or give its --encoding"
        )
    if html:
        text = _article(text, name)
    return Source(name, text, encoding, max(lost, 0), markdown)


def detect_encoding(data: bytes, *, html: bool = False) -> str:
    """The name of the codec that most likely wrote ``data``: a byte order mark, sound UTF-8,
    a page's own declaration, then charset-normalizer among the encodings of Chinese pages."""
    for mark, name in _BOMS:
        if data.startswith(mark):
            return name
    try:
        data.decode("utf-8")
    except UnicodeDecodeError as error:
        # A page of which a few bytes were lost on the way is still UTF-8.
        if error.start > 200 and data.decode("utf-8", "replace").count("\ufffd") * 200 < len(data):
            return "utf-8"
    else:
        return "utf-8"
    if html and (declared := _CHARSET.search(data, 0, 4096)):
        name = declared[1].decode("ascii").lower()
        if name in {"gb2312", "gbk", "gb18030"}:
            return "gb18030"
        if name in {"big5", "big5-hkscs"}:
            return "big5hkscs"
    return _detect_without_mark(data[:_SAMPLE])


def _detect_without_mark(sample: bytes) -> str:
    import charset_normalizer

    best = charset_normalizer.from_bytes(sample, cp_isolation=list(_CANDIDATES)).best()
    if best is not None:
        return best.encoding
    # No codec reads every byte, as in a damaged page: take the one that reads most like Chinese.
    return min(_CANDIDATES, key=lambda name: implausibility(sample[:4000].decode(name, "replace")))


def _article(markup: str, name: str) -> str:
    """The paragraphs of a page's article, one a line; all of the page's text where none is found."""
    try:
        import trafilatura
    except ImportError as error:
        raise MissingExtraError("trafilatura", "html", f"{name}: reading HTML") from error
    # It reports pages without an article as errors; here they are an ordinary case.
    import logging

    logging.getLogger("trafilatura").setLevel(logging.CRITICAL)
    # A fragment has no navigation to leave out, and it would lose text between its elements.
    if _BODY.search(markup):
        text = trafilatura.extract(markup, include_comments=False, include_tables=True, favor_recall=True)
        if text:
            return text
    return whole_page(markup)


_BODY = re.compile("<(?:html|body)[ >]", re.IGNORECASE)
_BLOCKS = [
    "p",
    "div",
    "li",
    "br",
    "tr",
    "h1",
    "h2",
    "h3",
    "h4",
    "h5",
    "h6",
    "section",
    "article",
    "blockquote",
]


def whole_page(markup: str) -> str:
    """All text of a page or fragment, a block a line."""
    import lxml.etree
    import lxml.html

    parser = lxml.html.HTMLParser(encoding="utf-8")
    try:
        tree = lxml.html.document_fromstring(markup.encode("utf-8", "replace"), parser=parser)
    except lxml.etree.ParserError:
        return ""
    lxml.etree.strip_elements(tree, "script", "style", lxml.etree.Comment, with_tail=False)
    for element in tree.iter(*_BLOCKS):
        element.text = "\n" + (element.text or "")
        element.tail = "\n" + (element.tail or "")
    return str(tree.text_content())
