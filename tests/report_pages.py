"""Pages for reports, some of them hostile, and what a report holds."""

import json
from dataclasses import replace
from html.parser import HTMLParser
from types import SimpleNamespace

from classifier.records import Page
from fake_classifier import FakeClassifier

STORY = "The old ferry left the harbour before the fog came in and nobody saw it."
NOTICE = "Bu sitede çerezler kullanılmaktadır, lütfen kabul edin."
HOSTILE = (
    "</script><script>window.hacked = 1</script>",
    '<img src="http://127.0.0.1:9/x.png" onerror="window.hacked = 2">',
    "<!--<script> and <!-- and ]]> and </ScRiPt >",
    "data:text/html,<script>window.hacked=3</script> javascript:window.hacked=4",
    "'\"><svg onload=window.hacked=5> &lt;b&gt; &amp; {{plots}} $plots ${facts}",
    "<iframe srcdoc='<script>top.hacked=6</script>'></iframe>",
    "\u202e reversed \u0001 \ud800 end of the odd ones",
)


def label(*texts, names=None):
    pages = [Page(names[i] if names else f"page{i}", t, False, names[i] if names else f"p{i}.txt", f"https://x.org/{i}")
             for i, t in enumerate(texts)]  # fmt: skip
    return FakeClassifier().classify_batch(pages)


def with_code():
    """A page with code in its second block: <main><p/><div><pre><code/></pre></div></main>."""
    (page,) = label(f"{STORY}\n\nfor x in y: print(x)")
    keys = ["main", "p", "div", "pre\tclass", "code"]
    markup = SimpleNamespace(parents=[-1, 0, 0, 2, 3], tags=[0, 1, 2, 3, 4], keys=keys, blocks=[1, 4], title="")
    return replace(page, markup=markup)


class Scripts(HTMLParser):
    """What a parser takes for scripts and styles."""

    def __init__(self, text):
        super().__init__()
        self.found, self._open, self.tags = [], None, []
        self.feed(text)

    def handle_starttag(self, tag, attrs):
        self.tags.append((tag, dict(attrs)))
        if tag in ("script", "style"):
            self._open = (tag, dict(attrs), [])

    def handle_data(self, data):
        if self._open:
            self._open[2].append(data)

    def handle_endtag(self, tag):
        if self._open and tag == self._open[0]:
            self.found.append((tag, self._open[1], "".join(self._open[2])))
            self._open = None


def data_of(html):
    parsed = Scripts(html.decode())
    return json.loads(next(text for tag, attrs, text in parsed.found if attrs.get("id") == "data"))
