"""What an HTML page as a whole says of its kind: its address and what it declares to be.

A page of goods and a news story may be built alike; these numbers help to tell them apart. None of them decides alone,
and a page that declares nothing is labelled all the same.
"""

from __future__ import annotations

import re
from urllib.parse import urlsplit

_GRAPH = re.compile(
    r"""og:type["']?\s+content=["']?\s*([a-zA-Z]+)|content=["']?([a-zA-Z]+)["']?\s+property=["']?og:type"""
)
_GRAPH_REACH = 120  # characters around "og:type" in which its value stands
_TYPE = re.compile(r'"@type"\s*:\s*\[?\s*"([A-Za-z]+)(?=")')
_DATE = re.compile(r"/(?:19|20)\d\d(?:[/-]?\d\d)?")
_GRAPH_KINDS = ("article", "website", "product")
# types of schema.org by what a page of that type is
_DATA_KINDS = (
    ("Article", "NewsArticle", "BlogPosting", "ReportageNewsArticle", "LiveBlogPosting", "TechArticle",
     "AnalysisNewsArticle"),
    ("Product", "ProductGroup", "Offer", "AggregateOffer"),
    ("ItemList", "CollectionPage", "SearchResultsPage", "OfferCatalog"),
    ("DiscussionForumPosting", "QAPage", "Question", "Comment"),
    ("Recipe", "HowTo", "FAQPage", "Course", "JobPosting", "Event"),
    ("LocalBusiness", "Service", "SoftwareApplication", "AboutPage", "ContactPage"),
)  # fmt: skip
_LONG = 200  # characters of the address that are looked at


def page_hints(html: str, url: str | None) -> tuple[float, ...]:
    """Numbers about an HTML page, in the order of `settings.PAGE_HINTS`; zero where page or address say nothing."""
    graph = _graph(html)
    declared = [float(graph == kind) for kind in _GRAPH_KINDS] + [float(bool(graph) and graph not in _GRAPH_KINDS)]
    types = _types(html)
    data = [float(not types.isdisjoint(kinds)) for kinds in _DATA_KINDS]
    return (*declared, *data, *_address(url))


def _graph(html: str) -> str:
    """The page's og:type (Open Graph protocol) in lower case, or ""."""
    at = html.find("og:type")
    if at < 0:
        return ""
    found = _GRAPH.search(html, max(0, at - _GRAPH_REACH), at + _GRAPH_REACH)
    return (found.group(1) or found.group(2)).lower() if found else ""


def _types(html: str) -> set[str]:
    """The types that linked data in the page declares. One character is found many times as fast as seven."""
    types = set()
    at = html.find("@")
    while at >= 0:
        found = _TYPE.match(html, at - 1) if html.startswith("@type", at) else None
        if found:
            types.add(found[1])
        at = html.find("@", at + 1)
    return types if types and "ld+json" in html else set()


def _address(url: str | None) -> tuple[float, ...]:
    """Numbers about an address: known, root, depth, words and digits of its last part, date, query."""
    if not url:
        return (0.0,) * 7
    try:
        parts = urlsplit(url[:_LONG])
    except ValueError:  # a malformed host
        return (0.0,) * 7
    steps = [step for step in parts.path.split("/") if step]
    last = steps[-1] if steps else ""
    words = last.count("-") + last.count("_")
    digits = sum(map(str.isdigit, last))
    dated = float(bool(_DATE.search(parts.path)))
    return (
        1.0,
        float(not steps),
        min(len(steps), 6) / 3,
        min(words, 12) / 6,
        min(digits, 10) / 5,
        dated,
        float(bool(parts.query)),
    )
