"""Title and date of a document: from a page's markup, its text, or its file's name; None where not found."""

from __future__ import annotations

import contextlib
from collections.abc import Sequence
from datetime import date
from typing import Any, NamedTuple

from responsetag.batch.compression import split_suffix
from responsetag.batch.lines import Meter, open_bytes, read_whole
from responsetag.report.dates import EARLIEST, date_in_name, possible, published
from responsetag.report.lines import edges
from responsetag.report.titles import tidy, title_of, without_site
from responsetag.text import read_text
from responsetag.text.reading import HTML_SUFFIXES, detect_encoding, whole_page

_PAGE_TOP = 80  # lines of a whole HTML page among which its byline is looked for: menus come first


class Metadata(NamedTuple):
    """What is known of a document.

    Attributes:
        title: in one line; None where there is none for sure.
        date: of publication, ``YYYY-MM-DD``; None where the document does not say it.
    """

    title: str | None = None
    date: str | None = None


def of_text(paragraphs: Sequence[str], name: str, latest: date) -> Metadata:
    """Title and date of a page of text.

    Args:
        paragraphs: of the page, in order.
        name: of its file, whose date is taken where the text gives none.
        latest: later dates are none.
    """
    page = edges(paragraphs)
    return Metadata(title_of(page.top, latest), _iso(published(page, latest) or date_in_name(name, latest)))


def of_html(path: str, encoding: str | None, latest: date) -> Metadata:
    """What the markup of an HTML file says beside its article; nothing where it cannot be read.

    The title is that of Open Graph, the heading or ``<title>``, without the site's name (by trafilatura);
    the date that of the page's metadata, JSON-LD or first ``<time>`` (by htmldate), else of a line of the
    page that says when it was published. htmldate does not see the text: it would take dates out of
    sentences.
    """
    if split_suffix(path)[0] not in HTML_SUFFIXES:
        return Metadata()
    # Whatever a parser meets in a page, its title and date are all that is lost: reading it says the rest.
    with contextlib.suppress(Exception):
        with open_bytes(path, Meter()) as file:
            data = read_whole(file)[0]
        markup = read_text(data, name=path, encoding=encoding or detect_encoding(data, html=True)).text
        title, day = _declared(markup, latest)
        if day is None:
            day = published(edges(whole_page(markup).splitlines(), _PAGE_TOP), latest)
        return Metadata(title, _iso(day))
    return Metadata()


def _declared(markup: str, latest: date) -> tuple[str | None, date | None]:
    from trafilatura import extract_metadata

    root = _outline(markup)
    if root is None:
        return None, None
    settings = {
        "extensive_search": False,
        "original_date": True,
        "min_date": EARLIEST.isoformat(),
        "max_date": latest.isoformat(),
    }
    found: Any = extract_metadata(root, date_config=settings, extensive=False)
    title = tidy(without_site(found.title)) if found.title else None
    day = date.fromisoformat(found.date) if found.date else None
    return title, day and possible(day.year, day.month, day.day, latest)


def _outline(markup: str) -> Any:
    """A page's head, its headings, its first time and its JSON-LD; None where there is no page."""
    import lxml.etree
    import lxml.html

    parser = lxml.html.HTMLParser(encoding="utf-8")
    try:
        tree = lxml.html.document_fromstring(markup.encode("utf-8", "replace"), parser=parser)
    except lxml.etree.ParserError:
        return None
    html = lxml.html.Element("html")
    head, body = lxml.etree.SubElement(html, "head"), lxml.etree.SubElement(html, "body")
    head.extend(tree.xpath("//meta | //title | //link | //script[@type='application/ld+json']"))
    for element in tree.xpath("//h1 | (//time)[1]"):
        element.tail = None
        body.append(element)
    return html


def _iso(day: date | None) -> str | None:
    return day.isoformat() if day else None
