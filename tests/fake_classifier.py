"""A classifier by three rules, for tests of everything around the model. Some words make it misbehave.

Run as a script it is the command `classifier` with this model instead of the shipped one.
"""

import os
import re
import signal
import time

import numpy as np

from classifier.blocks.text import split_text
from classifier.records import LABELS, Label, LabelledPage, Rejection

TAGS = ("de", "en", "sr", "sr-Latn", "tr", "zh", "zh-Hant")


class FakeClassifier:
    """Consent where "cookie" or "çerez" stands, boilerplate under 25 characters, else article; Turkish by letters."""

    model_name = "fake@sha256:0"
    language_tags = TAGS

    def __init__(self, delay=0.0):
        self.delay = delay
        self.parent = os.getpid()

    def classify_batch(self, pages, preset="balanced"):
        time.sleep(self.delay)
        return [self._one(page) for page in pages]

    def _one(self, page):
        self._misbehave(page.content)
        text = re.sub(r"<[^>]*>", "\n\n", page.content).strip() if page.is_html else page.content
        columns = split_text(text)
        if not columns.texts:
            return Rejection(page.source, "classify", "no_blocks", "no visible text", page.id)
        texts = list(columns.texts)
        labels = np.array([LABELS.index(self._label(t)) for t in texts], dtype=np.int8)
        languages = ["tr" if set(t) & set("çğışöü") else "en" for t in texts]
        scores = np.full((len(texts), 3), 0.05, dtype=np.float32)
        scores[np.arange(len(texts)), labels] = 0.9
        sizes = {
            tag: sum(len(t) for t, x in zip(texts, languages, strict=True) if x == tag)
            for tag in sorted(set(languages))
        }
        shares = {tag: n / sum(sizes.values()) for tag, n in sorted(sizes.items(), key=lambda x: -x[1])}
        return LabelledPage(
            page, columns.text, list(columns.starts), list(columns.ends), texts, scores, scores, labels, languages,
            np.full(len(texts), 0.99, dtype=np.float32), labels == 0, next(iter(shares)), shares, self.model_name,
        )  # fmt: skip

    def _misbehave(self, content):
        worker = os.getpid() != self.parent
        if "CRASH-NOW" in content and worker:
            os.kill(os.getpid(), signal.SIGKILL)
        if "HANG-NOW" in content and worker:
            time.sleep(100)
        if "RAISE-NOW" in content:
            raise ValueError("a page nobody thought of")

    @staticmethod
    def _label(text):
        if "cookie" in text.lower() or "çerez" in text.lower():
            return Label.CONSENT
        return Label.BOILERPLATE if len(text) < 25 else Label.ARTICLE


def main():
    import classifier
    from classifier.cli import main as command

    classifier.load = lambda folder=None: FakeClassifier(float(os.environ.get("FAKE_DELAY", "0")))
    command()


if __name__ == "__main__":
    main()
