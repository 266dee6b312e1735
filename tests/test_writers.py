"""What is written: every format, read back."""

import gzip
import io
import json
import os
import re
from pathlib import Path
from types import SimpleNamespace

import numpy as np
import pytest
import zstandard
from hypothesis import given
from hypothesis import strategies as st
from markdown_it import MarkdownIt

from classifier.blocks.columns import SEEN
from classifier.blocks.html import split_html
from classifier.blocks.text import split_text
from classifier.pipeline import Job, run
from classifier.records import LABELS, LabelledPage, Page
from classifier.writers import FORMATS, format_by_path
from fake_classifier import FakeClassifier

STORY = "The old ferry left the harbour before the fog came in and nobody saw it."
OTHER = "Eski gemi sabah sisinde limandan ayrıldı ve kimse onu görmedi."


@pytest.fixture
def source(tmp_path):
    rows = [
        {"id": "a", "url": "https://example.org/a", "text": f"Home\n\n{STORY}\n\n{OTHER}", "section": "sea", "n": 1},
        {"id": "b", "text": f"{STORY}\n\nWe use cookies, accept them all."},
        {"id": "c", "text": "Home"},
    ]
    (tmp_path / "in.jsonl").write_text("".join(json.dumps(row) + "\n" for row in rows))
    return str(tmp_path / "in.jsonl")


def written(source, path, **options):
    output_format = options.pop("format", None) or format_by_path(str(path)).name
    run(Job((source,), str(path), output_format, **options), FakeClassifier())
    return path


def labelled(content):
    return FakeClassifier().classify_batch([Page("p", content, False, "p")])[0]


def test_text_has_two_blank_lines_between_pages(source, tmp_path):
    assert written(source, tmp_path / "o.txt").read_text() == f"{STORY}\n\n{OTHER}\n\n\n{STORY}\n"


@pytest.mark.parametrize("suffix", [".gz", ".GZ", ".zst"])
def test_compressed_by_suffix(source, tmp_path, suffix):
    plain = written(source, tmp_path / "o.jsonl").read_bytes()
    packed = written(source, tmp_path / f"o.jsonl{suffix}").read_bytes()
    unpacked = (
        gzip.decompress(packed) if suffix != ".zst" else zstandard.ZstdDecompressor().decompressobj().decompress(packed)
    )
    assert unpacked == plain


def test_parquet_holds_what_jsonl_holds(source, tmp_path):
    import pyarrow.parquet as pq

    rows = pq.read_table(written(source, tmp_path / "o.parquet", blocks="all")).to_pylist()
    lines = [json.loads(x) for x in written(source, tmp_path / "o.jsonl", blocks="all").read_text().splitlines()]
    assert len(rows) == 3
    for row, line in zip(rows, lines, strict=True):
        assert {k: row[k] for k in ("id", "url", "source", "text", "language", "model")} == {
            k: line[k] for k in ("id", "url", "source", "text", "language", "model")
        }
        assert json.loads(row["metadata"]) == line["metadata"] and [k for k, _ in row["languages"]] == list(
            line["languages"]
        )
        assert [b["text"] for b in row["blocks"]] == [b["text"] for b in line["blocks"]]
        assert [b["label"] for b in row["blocks"]] == [b["label"] for b in line["blocks"]]
    assert rows[0]["blocks"][1]["scores"]["article"] == pytest.approx(0.9)


def test_parquet_under_a_name_that_is_not_utf8(source, tmp_path):
    import pyarrow.parquet as pq

    path = written(source, tmp_path / os.fsdecode(b"o\xe9.parquet"))
    assert len(pq.read_table(io.BytesIO(path.read_bytes()))) == 2


def test_dolma_spans_point_into_the_document_and_every_page_has_a_line(source, tmp_path):
    lines = [json.loads(x) for x in written(source, tmp_path / "o.jsonl", format="dolma").read_text().splitlines()]
    texts = [json.loads(x)["text"] for x in Path(source).read_text().splitlines()]
    assert [line["id"] for line in lines] == ["a", "b", "c"]
    spans = lines[0]["attributes"]["classifier__article"]
    assert [texts[0][a:b] for a, b, _ in spans] == [STORY, OTHER] and spans[0][2] == 0.9
    assert lines[0]["attributes"]["classifier__language_tr"][0][:2] == spans[1][:2]
    assert lines[2]["attributes"]["classifier__kept"] == []


@pytest.mark.usefixtures("source")  # is in the folder
def test_dolma_in_a_folder_keeps_the_names(tmp_path):
    run(Job((str(tmp_path),), f"{tmp_path}/attributes/", "dolma"), FakeClassifier())
    assert (tmp_path / "attributes" / "in.jsonl").exists()


def marked_up(texts, tags, outer=()):
    """A page of blocks in elements with these tags, each with a <span> inside; `outer` gives the parents of some."""
    n = len(texts)
    keys = ["body", *tags, "span", "ol", "ul"]
    above = [dict(outer).get(i, 0) for i in range(n)]
    shift = 2 * n + 1  # of the elements of `outer`, which stand behind the others: their order is of no interest here
    markup = SimpleNamespace(
        parents=[-1, *(shift + a - 1 if a else 0 for a in above), *range(1, n + 1), 0, 0], keys=keys,
        tags=[0, *range(1, n + 1), *[n + 1] * n, n + 2, n + 3], blocks=list(range(n + 1, 2 * n + 1)),
    )  # fmt: skip
    page = labelled("\n\n".join(texts))
    return LabelledPage(
        page.page, page.text, [0] * n, [0] * n, texts, np.ones((n, 3)), np.ones((n, 3)), np.zeros(n, np.int8),
        ["en"] * n, np.ones(n), np.ones(n, dtype=bool), "en", {}, "m", markup,
    )  # fmt: skip


def markdown(page):
    return FORMATS["markdown"].render(page, "kept").decode()


def test_markdown_marks_headings_lists_and_quotes_and_escapes_marks():
    texts = ["The ferry", "In the fog", "one", "two\nlines", "He said\nno", "x = 1", "# not a heading", "1. no list"]
    tags = ["h1", "h2\tclass=a", "li", "li", "blockquote", "pre", "p", "p"]
    assert markdown(marked_up(texts, tags)) == (
        "# The ferry\n\n## In the fog\n\n- one\n- two\n  lines\n\n> He said\n> no\n\n"
        "```\nx = 1\n```\n\n\\# not a heading\n\n1\\. no list\n"
    )


def test_markdown_numbers_ordered_lists_and_keeps_the_blocks_of_an_item_together():
    page = marked_up(["one", "two", "other", "end"], ["li", "li", "li", "p"], {0: 1, 1: 1, 2: 2})
    assert markdown(page) == "1. one\n2. two\n- other\n\nend\n"
    page.markup.blocks[1] = page.markup.blocks[0]
    assert markdown(page) == "1. one\n\n   two\n- other\n\nend\n"


def of_html(source):
    """A page of HTML, all of it kept."""
    page, found = labelled("x"), split_html(source)
    n = len(found.texts)
    return LabelledPage(
        page.page, "", [0] * n, [0] * n, found.texts, np.ones((n, 3)), np.ones((n, 3)), np.zeros(n, np.int8),
        ["en"] * n, np.ones(n), np.ones(n, dtype=bool), "en", {}, "m", found.markup,
    )  # fmt: skip


@pytest.mark.parametrize(
    "source",
    [
        "<ol><li>one<pre>x = 1\n\ny = 2</pre></li><li>two</li></ol><pre>z</pre><p>end</p>",
        "<ol><li>one</li><li>two<ul><li>in</li><li>side<ol><li>deep</li></ol></li></ul>tail</li><li>three</li></ol>",
        "<ol><li>one</li><li>two</li></ol><ol><li>one</li></ol><ol><li>one</li></ol><p>end</p><ol><li>one</li></ol>",
        "<ul><li>one<ol><li>in</li></ol><ol><li>in</li></ol></li><li>two<blockquote>said</blockquote></li></ul>",
        "<ul><li>one</li></ul><pre>```\n````x</pre><ul><li>two</li></ul><h2>end</h2>",
    ],
)
def test_markdown_has_the_lists_and_code_of_the_page(source):
    told = MarkdownIt("commonmark").render(markdown(of_html(source)))
    assert re.sub(r"</?p>|</?code>|\n(?=<)|(?<=>)\n|\n(?=$)", "", told) == re.sub(r"</?p>", "", source)


def test_markdown_begins_a_list_within_an_item_whatever_its_first_number():
    page = of_html("<ul><li>out<ol><li>one</li><li>two</li></ol></li></ul>")
    page.kept[1] = False
    assert markdown(page) == "- out\n\n  2. two\n"


@pytest.mark.parametrize(
    ("text", "written"),
    [
        ("a <b>bold</b> claim", r"a \<b>bold\</b> claim"),
        ("*one* and **two**, _three_", r"\*one\* and \*\*two\*\*, \_three\_"),
        ("2 * 3 * 4 < 25, a_b_c and [1] & more", "2 * 3 * 4 < 25, a_b_c and [1] & more"),
        ("price* and 1.5 #tag -x C:\\dir", "price* and 1.5 #tag -x C:\\dir"),
        ("`x` and [a](b) or &lt;", r"\`x\` and [a\](b) or \&lt;"),
        ("word\n---\n===\n- x\n2) y\n>z\n* * *", "word\n\\---\n\\===\n\\- x\n2\\) y\n\\>z\n\\* * *"),
    ],
)
def test_markdown_escapes_what_would_change_the_meaning_and_nothing_else(text, written):
    assert markdown(marked_up([text], ["p"])) == written + "\n"


@given(
    st.lists(
        st.text("ab1 \\`*_{}[]()<>#+-.!|~=&;:/\n", min_size=1).map(str.strip).filter(bool), min_size=1, max_size=3
    ),
    st.sampled_from(["p", "h2", "li", "blockquote"]),
)
def test_what_markdown_says_is_the_text(texts, tag):
    texts = ["\n".join(filter(None, map(str.strip, text.split("\n")))) for text in texts]
    tokens = (
        MarkdownIt("commonmark")
        .enable(["table", "strikethrough"])
        .parse(markdown(marked_up(texts, [tag] * len(texts))))
    )
    inline = [token for token in tokens if token.type == "inline"]
    said = ["".join("\n" if part.type == "softbreak" else part.content for part in token.children) for token in inline]
    assert said == [text.replace("\n", " ") if tag == "h2" else text for text in texts]
    assert {part.type for token in inline for part in token.children} <= {"text", "softbreak", "text_special"}


@given(st.text(alphabet=st.characters(codec="utf-8"), min_size=1).filter(SEEN.search), st.sampled_from(["kept", "all"]))
def test_records_come_back_and_offsets_point_at_their_text(content, blocks):
    page = labelled(content)
    record = json.loads(FORMATS["jsonl"].render(page, blocks))
    assert all(content[b["start"] : b["end"]] == b["text"] for b in record["blocks"])
    wanted = [b for b in page.blocks if blocks == "all" or b.kept]
    assert [(b["index"], b["text"], b["label"], b["language"]) for b in record["blocks"]] == [
        (b.index, b.text, b.label, b.language) for b in wanted
    ]
    assert record["text"] == page.kept_text
    assert all(list(b["scores"]) == list(LABELS) for b in record["blocks"])
    assert len(page.blocks) == len(split_text(content).texts)


def test_metadata_of_any_kind_is_written():
    deep = {"deep": 1}
    for _ in range(300):
        deep = {"in": deep}
    page = labelled(STORY)
    odd = Page("p", STORY, False, "p", metadata={"bytes": b"x", "set": {1}, 5: None})
    record = FORMATS["jsonl"].render(page.__class__(odd, *[getattr(page, f) for f in page.__slots__[1:]]), "kept")
    assert json.loads(record)["metadata"]["5"] is None
    too_deep = Page("p", STORY, False, "p", metadata=deep)
    with pytest.raises(ValueError, match="cannot be written as JSON"):
        FORMATS["jsonl"].render(page.__class__(too_deep, *[getattr(page, f) for f in page.__slots__[1:]]), "kept")
