"""What an HTML page as a whole says of its kind: its address, what it declares to be, how often some tags occur.

A page of goods and a news story may be built alike; these numbers help to tell them apart. None of them decides alone,
and a page that declares nothing is labelled all the same.
"""

from __future__ import annotations

import math
import re
from urllib.parse import urlsplit

from classifier.settings import PAGE_HINTS

_GRAPH = re.compile(r"""og:type["']?\s+content=["']?\s*([a-z]+)""", re.IGNORECASE)
_GRAPH_TURNED = re.compile(r"""content=["']?([a-z.:_]+)["']?\s+property=["']?og:type""", re.IGNORECASE)
_LINKED_DATA = re.compile(r'"@type"\s*:\s*\[?\s*"([A-Za-z]+)"')
_DATE = re.compile(r"/(?:19|20)\d\d(?:[/-]?\d\d)?")
_GRAPH_KINDS = ("article", "website", "product")
# types of schema.org by what a page of that type is
_DATA_KINDS = (
    ("Article", "NewsArticle", "BlogPosting", "ReportageNewsArticle", "LiveBlogPosting", "TechArticle", "AnalysisNewsArticle"),
    ("Product", "ProductGroup", "Offer", "AggregateOffer"),
    ("ItemList", "CollectionPage", "SearchResultsPage", "OfferCatalog"),
    ("DiscussionForumPosting", "QAPage", "Question", "Comment"),
    ("Recipe", "HowTo", "FAQPage", "Course", "JobPosting", "Event"),
    ("LocalBusiness", "Service", "SoftwareApplication", "AboutPage", "ContactPage"),
)  # fmt: skip
_COUNTED = ("<p", "<article", "<li", "<h1", "<h2", "<h3", "<img", "<input", "<td", "<form")
_LONG = 200  # characters of the address that are looked at


def page_hints(html: str, url: str | None) -> tuple[float, ...]:
    """Numbers about an HTML page, in the order of `settings.PAGE_HINTS`; zero where the page or address says nothing."""
    found = _GRAPH.search(html) or _GRAPH_TURNED.search(html) if "og:type" in html else None
    graph = found.group(1).lower() if found else ""
    declared = [float(graph == kind) for kind in _GRAPH_KINDS] + [float(bool(graph) and graph not in _GRAPH_KINDS)]
    types = set(_LINKED_DATA.findall(html)) if "ld+json" in html else set()
    data = [float(not types.isdisjoint(kinds)) for kinds in _DATA_KINDS]
    counts = [math.log1p(html.count(tag)) for tag in _COUNTED]
    hints = (*declared, *data, *counts, *_address(url))
    assert len(hints) == len(PAGE_HINTS)
    return hints


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
    return (1.0, float(not steps), min(len(steps), 6) / 3, min(words, 12) / 6, min(digits, 10) / 5, dated, float(bool(parts.query)))
