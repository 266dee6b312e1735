"""Strategies for pages that no site would write: any characters, any tree of elements, empty texts and repeats."""

import numpy as np
from hypothesis import strategies as st

from classifier.blocks.columns import BlockColumns, Markup

# every code point may occur, lone surrogates and control characters (our own marks among them) included
CHARACTERS = st.one_of(st.characters(), st.characters(categories=["Cs"]), st.sampled_from("aA1 .\x02\x03\n漢"))
TEXTS = st.one_of(
    st.sampled_from(["", " ", "a", "Home", "We use cookies.", "word " * 80, "漢字" * 200, "\ud800"]),
    st.text(CHARACTERS, max_size=30),
)
KEYS = ["html", "body", "div\tclass=post-body", "div\tclass=cookie banner\tid=x", "p", "a\tclass=menu", "li", "\x00"]


@st.composite
def pages(draw, max_blocks=8, markup=None):
    """One page; with or without markup, or either where `markup` is None."""
    texts = draw(st.lists(TEXTS, max_size=max_blocks))
    starts, at = [], 0
    for text in texts:
        starts.append(at)
        at += len(text) + 2
    ends = [start + len(text) for start, text in zip(starts, texts, strict=True)]
    with_markup = draw(st.booleans()) if markup is None else markup
    return BlockColumns("\n\n".join(texts), starts, ends, texts, _markup(draw, texts) if with_markup else None)


def _markup(draw, texts):
    parents = [-1, *(draw(st.integers(0, i)) for i in range(draw(st.integers(0, 11))))]
    size = len(parents)

    def each(strategy, count):
        return draw(st.lists(strategy, min_size=count, max_size=count))

    return Markup(
        parents, each(st.integers(0, len(KEYS) - 1), size), KEYS, each(st.integers(0, size - 1), len(texts)),
        [draw(st.integers(0, len(t))) for t in texts], each(st.booleans(), len(texts)),
        draw(st.sampled_from(["", "We use cookies. Or not?", "word word word word"])),
    )  # fmt: skip


def flat(length, text="The ferry left the island at nine. "):
    """A page of plain text with that many blocks, some of them alike."""
    texts = [f"{text} {i % 977}" if i % 3 else "Menu" for i in range(length)]
    at = [0]
    for item in texts:
        at.append(at[-1] + len(item) + 2)
    ends = [start + len(item) for start, item in zip(at, texts, strict=False)]
    return BlockColumns("\n\n".join(texts), at[:-1], ends, texts, None)


def lengths_of(batch):
    return np.array([len(batch.texts[i]) for i in batch.which], dtype=np.float32)


def languages_of(batch):
    """Three languages and an unknown one, by the length of the block."""
    return lengths_of(batch).astype(np.int64) % 4 - 1
