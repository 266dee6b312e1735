"""Records of training data: every shape that is read, and what is said of each that cannot be."""

import gzip
import json

import numpy as np
import pytest
import zstandard
from conftest import SEEDS

from classifier import training_files
from classifier.errors import TrainingError
from classifier.matching import UNKNOWN, squash
from classifier.records import LABELS, Label
from classifier.training.compose import trim
from classifier.training.data import usual
from classifier.training.examples import Example, join_blocks
from classifier.training.reading import read_examples

PARAGRAPHS = ["The ferry left the island at nine.", "Nobody had told the skipper about the fog."]
TEXT = "\n\n".join(["Menu", *PARAGRAPHS, "We use cookies."])
HTML = f"<nav><p>Menu</p></nav><p>{PARAGRAPHS[0]}</p><p>{PARAGRAPHS[1]}</p><div><p>We use cookies.</p></div>"
LINES = b'{"text": "a", "label": "article"}\n' * 99
GOLD = {"id": "1", "domain": "bay.example", "gold": PARAGRAPHS, "consent": ["We use cookies."]}


@pytest.fixture
def write(tmp_path):
    def write(*records, name="data.jsonl"):
        path = tmp_path / name
        path.parent.mkdir(exist_ok=True)
        lines = (r if isinstance(r, str) else json.dumps(r) for r in records)
        path.write_text("\n".join(lines) + "\n", encoding="utf-8")
        return path

    return write


def named(example):
    return ["unknown" if label == UNKNOWN else str(LABELS[label]) for label in example.labels]


WANTED = ["boilerplate", "article", "article", "consent"]


@pytest.mark.parametrize("record", [{"text": TEXT}, {"html": HTML}, {"text": TEXT, "html": HTML}])
def test_a_gold_page_is_read_in_every_view_that_it_has(write, record):
    data = read_examples([write({**GOLD, **record})])
    pages, texts = data.pages, data.texts
    assert not texts
    assert len(pages) == len(record)
    for page in pages:
        assert named(page) == WANTED
        assert (page.id, page.group, page.source) == ("1", "bay.example", "data")
        assert page.labels.dtype == np.int8
        assert page.whole
    assert {page.columns.markup is None for page in pages} == {key == "text" for key in record}


def test_gold_may_be_one_string_and_the_site_that_of_the_url(write):
    record = {"url": "https://bay.example/fog", "text": TEXT, "gold": " ".join(PARAGRAPHS), "source": "mine"}
    (page,) = read_examples([write(record)]).pages
    assert named(page) == ["boilerplate", "article", "article", "boilerplate"]
    assert (page.id, page.group, page.source) == ("https://bay.example/fog", "bay.example", "mine")


def test_an_address_that_is_none_names_no_site(write):
    record = {"id": "a", "url": "http://[bad", "text": TEXT, "html": HTML, "gold": PARAGRAPHS}
    assert [page.group for page in read_examples([write(record)]).pages] == ["a", "a"]


def test_segments(write):
    (page,) = read_examples([write({"text": TEXT, "must": [PARAGRAPHS[0]], "must_not": ["Menu"]})]).pages
    assert named(page) == ["boilerplate", "article", "unknown", "unknown"]
    assert not page.whole, "segments do not say what else is article"
    (page,) = read_examples([write({"text": TEXT, "must": [], "must_not": "Menu"})]).pages
    assert named(page) == ["boilerplate", "unknown", "unknown", "unknown"], "one kind is enough"


def test_labelled_pages_and_blocks_of_pages(write):
    blocks = [{"text": "Menu ", "label": "boilerplate"}, {"text": " \n "}, {"text": "A b", "label": "unknown"}]
    rows = [{"page": "p", "text": PARAGRAPHS[0], "label": "article"}, {"page": "p", "text": "OK", "label": "consent"}]
    data = read_examples([write({"id": "x", "blocks": blocks}, *rows)])
    pages, texts = data.pages, data.texts
    assert not texts
    assert [(page.id, page.columns.texts, named(page)) for page in pages] == [
        ("x", ["Menu", "A b"], ["boilerplate", "unknown"]),
        ("p", [PARAGRAPHS[0], "OK"], ["article", "consent"]),
    ]


def test_a_labelled_page_with_its_markup(write, tmp_path):
    blocks = [{"text": text, "label": str(label)} for text, label in zip(TEXT.split("\n\n"), WANTED, strict=True)]
    (tmp_path / "fog.html").write_text(HTML, encoding="utf-8")
    other = [{"text": "Menu"}, {"text": "gone", "label": "article"}, {"text": " We\nuse cookies.", "label": "consent"}]
    views = {"html": HTML}, {"file": "fog.html"}, {"text": "what was kept"}
    path = write(*({**view, "blocks": rows} for view, rows in zip(views, (blocks, other, blocks), strict=True)))
    pages = read_examples([path]).pages
    assert [page.columns.markup is None for page in pages] == [False, True, False, True, True]
    assert [named(page) for page in pages] == [
        WANTED, WANTED, ["unknown", "unknown", "unknown", "consent"], ["unknown", "article", "consent"], WANTED,
    ]  # fmt: skip


def test_a_labelled_page_whose_markup_has_a_nul_in_every_paragraph(write):
    blocks = [{"text": text, "label": "article"} for text in ("The ferry left at nine.", "Nobody told the captain.")]
    html = "".join(f"<p>{block['text'].replace(' ', chr(0) + ' ')}</p>" for block in blocks)
    pages = read_examples([write({"html": html, "blocks": blocks})]).pages
    assert [named(page) for page in pages] == [["article", "article"]] * 2


def test_loose_blocks(write):
    path = write(
        {"text": "Çerez kullanıyoruz.", "label": "consent"}, {"text": "Menü", "label": "boilerplate", "lang": "de"},
        {"text": "Kaydet", "label": "unknown"}, {"text": " ", "label": "article"}, "", name="blocks/tr.jsonl",
    )  # fmt: skip
    data = read_examples([path])
    assert not data.pages
    assert [(t.text, t.label, t.language, t.source) for t in data.texts] == [
        ("Çerez kullanıyoruz.", Label.CONSENT, "tr", "tr"), ("Menü", Label.BOILERPLATE, "de", "tr")
    ]  # fmt: skip


def test_names_of_elements(write):
    path = write(
        {"text": "a", "label": "article"}, {"names": ["Cookie-Bar", "gdpr"], "label": "consent"}, "",
        {"names": "gdpr", "label": "consent"}, {"names": ["agree"], "label": "consent"},
    )  # fmt: skip
    data = read_examples([path])
    assert data.names == ("cookie-bar", "gdpr", "agree")
    assert [t.text for t in data.texts] == ["a"]


@pytest.mark.parametrize(
    "record", [{"names": ["cookie"]}, {"names": ["cookie"], "label": "article"}, {"names": [" "], "label": "consent"}]
)
def test_names_that_cannot_be_used(write, record):
    path = write({"text": "a", "label": "article"}, record)
    with pytest.raises(TrainingError, match="data.jsonl, line 2: `names` are texts, none of them empty, and need the"):
        read_examples([path])


def test_pages_beside_the_records(write, tmp_path):
    (tmp_path / "fog.txt").write_text(TEXT, encoding="utf-8")
    (tmp_path / "fog.html").write_text(HTML, encoding="utf-8")
    pages = read_examples([write({**GOLD, "file": "fog.txt"}, {**GOLD, "file": "fog.html"})]).pages
    assert [named(page) for page in pages] == [WANTED, WANTED]
    assert [page.columns.markup is None for page in pages] == [True, False]


def test_pages_beside_the_records_are_read_as_label_reads_them(write, tmp_path):
    paragraphs = ["Паром вышел в девять.", "О тумане капитану никто не сказал."]
    page = f"<meta charset=windows-1251><p>{paragraphs[0]}</p><p>{paragraphs[1]}</p>"
    (tmp_path / "fog.html.gz").write_bytes(gzip.compress(page.encode("cp1251")))
    (read,) = read_examples([write({"file": "fog.html.gz", "gold": paragraphs})]).pages
    assert read.columns.texts == paragraphs and read.columns.markup is not None


def test_a_page_of_which_the_gold_text_is_not_found_is_left_out(write):
    other = {**GOLD, "id": "2", "text": "A page about something else, saved at another time.\n\nMenu"}
    empty = [{**GOLD, "id": "3", "text": TEXT, "gold": gold} for gold in ("", [" "])]
    data = read_examples([write({**GOLD, "text": TEXT}, other, *empty)])
    assert [page.id for page in data.pages] == ["1"]
    assert data.left_out == {"gold_not_found": 1, "no_gold": 2}
    assert data.remarks() == [
        "3 pages left out: 1 whose gold text is not found in them, or only in short blocks, 2 without gold text"
    ]
    with pytest.raises(TrainingError, match=r"no training data in .* \(2 pages left out: 2 without gold text\); see"):
        read_examples([write(*empty)])


@pytest.mark.parametrize(("others", "told"), [(0, True), (9, True), (10, False)])
def test_gold_text_that_is_the_whole_page_is_told_where_it_is_no_exception(write, others, told):
    paragraphs = [f"On day {day} of the fog the ferry stayed in the harbour until noon." for day in range(6)]
    text = "\n\n".join(paragraphs)
    usual = [{**GOLD, "id": f"n{n}", "text": TEXT} for n in range(others)]
    remarks = read_examples([write({"id": "1", "text": text, "gold": paragraphs}, *usual)]).remarks()
    assert remarks == ["1 page without a block outside of the gold text: does that hold the article alone?"] * told
    short = read_examples([write({"id": "1", "text": "\n\n".join(paragraphs[:4]), "gold": paragraphs[:4]})])
    assert short.remarks() == [] and (short.pages[0].labels == 0).all()


def test_records_of_another_split_are_left_out(write):
    path = write(*({**GOLD, "id": split or "none", "text": TEXT, "split": split} for split in ("train", "dev")), {
        **GOLD, "id": "unsplit", "text": TEXT})  # fmt: skip
    assert [page.id for page in read_examples([path], "train").pages] == ["train", "unsplit"]
    assert len(read_examples([path]).pages) == 3


def test_compressed_files_and_folders(tmp_path):
    line = (json.dumps({**GOLD, "text": TEXT}) + "\n").encode()
    (tmp_path / "a.jsonl.gz").write_bytes(gzip.compress(line[:20]) + gzip.compress(line[20:]))
    (tmp_path / "sub").mkdir()
    (tmp_path / "sub" / "b.jsonl.zst").write_bytes(zstandard.compress(line))
    (tmp_path / "c.jsonl").write_bytes(b"\xef\xbb\xbf" + line.strip())
    (tmp_path / "notes.txt").write_text("not data")
    pages = read_examples([tmp_path]).pages
    assert [page.source for page in pages] == ["a", "c", "b"]


def test_joined_blocks_point_at_their_texts():
    columns = join_blocks(["a", "", "bc"])
    assert [columns.text[s:e] for s, e in zip(columns.starts, columns.ends, strict=True)] == ["a", "", "bc"]
    assert join_blocks([]).text == ""


@pytest.mark.parametrize(
    ("record", "message"),
    [
        ("{", r"line 1: not JSON \(.*\); one object a line is expected"),
        ("[1]", "line 1: a JSON object is expected, found list"),
        ({"label": "article"}, "line 1: a labelled block needs a `text`"),
        ({"label": "article", "text": 5}, "line 1: a labelled block needs a `text`"),
        (
            {"label": "advert", "text": "Buy"},
            "line 1: unknown label 'advert'; labels are article, boilerplate, consent",
        ),
        ({"id": "1"}, "line 1: neither a page .* nor a labelled block"),
        ({"html": HTML}, "line 1: the page has no `gold`, `must` or `must_not`: nothing says what its article is"),
        ({"file": "gone.html", "gold": "x"}, r"line 1: the page .*gone.html cannot be read \(no such file"),
        ({"file": "picture.html", "gold": "x"}, r"line 1: the page .*picture.html cannot be read \(a PNG picture"),
        ({"file": "two.jsonl", "gold": "x"}, r"line 1: the page .*two.jsonl cannot be read \(it holds several pages"),
        ({"blocks": [{"text": "a", "label": "x"}]}, "line 1: unknown label 'x'; labels are"),
        ({"blocks": ["a"]}, "line 1: an entry of `blocks` is no object with `text` and `label`"),
        ({"blocks": [{"body": "a", "label": "article"}]}, "line 1: an entry of `blocks` is no object with `text` and"),
        (
            {"html": HTML, "blocks": [{"text": "Menu", "label": "article"}, *[{"text": "a", "label": "article"}] * 2]},
            "line 1: less than half of the labelled `blocks` are on the page; is it another one",
        ),
        ({"text": TEXT, "gold": 5}, "line 1: `gold` is neither a text nor a list of texts"),
        ({"text": TEXT, "gold": [1]}, "line 1: `gold` is neither a text nor a list of texts"),
        ({"text": TEXT, "must": [None]}, "line 1: `must` is neither a text nor a list of texts"),
        ({"text": TEXT, "gold": TEXT, "consent": {"a": 1}}, "line 1: `consent` is neither a text nor a list of texts"),
    ],
)
def test_records_that_cannot_be_used(write, tmp_path, record, message):
    (tmp_path / "picture.html").write_bytes(b"\x89PNG")
    (tmp_path / "two.jsonl").write_text('{"text": "a"}\n{"text": "b"}')
    with pytest.raises(TrainingError, match=r"data.jsonl, " + message):
        read_examples([write(record)])


@pytest.mark.parametrize(
    ("name", "data", "message"),
    [
        ("gone.jsonl", None, "gone.jsonl: no such file or folder"),
        ("a.jsonl", b"", "no training data in .*a.jsonl; see `classifier train --help`"),
        ("a.jsonl", b'{"text": "\xff"}\n', "a.jsonl, line 1: not JSON"),
        ("a.jsonl.gz", gzip.compress(LINES)[:-20], "a.jsonl.gz: the gzip data ends early; get the file again"),
        ("a.jsonl.zst", zstandard.compress(LINES)[:-4], "a.jsonl.zst: the zstd data ends early; get the file again"),
        ("a.jsonl.zst", zstandard.compress(LINES)[:6] + b"\xff" * 40, "a.jsonl.zst: broken zstd data"),
    ],
)  # fmt: skip
def test_files_that_cannot_be_used(tmp_path, name, data, message):
    if data is not None:
        (tmp_path / name).write_bytes(data)
    with pytest.raises(TrainingError, match=message):
        read_examples([tmp_path / name])


def test_a_line_over_the_limit_is_told(write, monkeypatch):
    path = write({"text": "a", "label": "article"}, {"text": "word " * 9, "label": "article"})
    monkeypatch.setattr(training_files, "_LONGEST", 50)
    with pytest.raises(TrainingError, match="line 2: more than 50 bytes; one object a line is expected"):
        read_examples([path])


def test_a_folder_without_data(tmp_path):
    with pytest.raises(TrainingError, match="the folder holds no .jsonl file"):
        read_examples([tmp_path])


def test_the_seed_pages_in_html_are_split_as_they_were_labelled():
    folder = SEEDS / "html"
    records = [json.loads(line) for line in (folder / "labels.jsonl").read_text(encoding="utf-8").splitlines()]
    assert sorted(record["file"] for record in records) == sorted(path.name for path in folder.glob("*.html"))
    pages = read_examples([folder]).pages
    assert [page.id for page in pages[::2]] == [page.id for page in pages[1::2]] == [record["id"] for record in records]
    for record, marked, plain in zip(records, pages[::2], pages[1::2], strict=True):
        assert marked.columns.markup is not None and plain.columns.markup is None
        assert marked.columns.texts == [block["text"] for block in record["blocks"]], record["id"]
        assert named(marked) == named(plain) == [block.get("label", "unknown") for block in record["blocks"]]
        assert set(named(marked)) >= {"article", "boilerplate"}
    assert len({record["language"].split("-")[0] for record in records}) > 40


def test_the_seed_pages_are_labelled_as_their_own_list_says():
    """A round trip of the matching: the texts listed for our own pages found again in their blocks."""
    pages = read_examples([SEEDS / "pages"]).pages
    rows = [json.loads(line) for line in (SEEDS / "pages" / "labels.jsonl").read_text(encoding="utf-8").splitlines()]
    assert len(pages) == len(rows)
    for page, row in zip(pages, rows, strict=True):
        by_text = dict(zip((" ".join(t.split()) for t in page.columns.texts), named(page), strict=True))
        for key, label in (("gold", "article"), ("consent", "consent")):
            long = [by_text.get(" ".join(t.split()), "not a block") for t in row[key] if len(t) > 40]
            assert long.count(label) >= 0.9 * len(long), (page.id, key)
        consent = "".join(text for text, label in by_text.items() if label == "consent")
        assert len(squash(consent)) == pytest.approx(len(squash("".join(row["consent"]))), rel=0.1), page.id


def example(texts, labels):
    return Example("fog", join_blocks(texts), np.array(labels, dtype=np.int8), "fog.example", "test")


ARTICLE, BOILERPLATE = LABELS.index(Label.ARTICLE), LABELS.index(Label.BOILERPLATE)


@pytest.mark.parametrize("title", ["Fog closes the lower harbour", "Fog closes the lower harbour - The Quay Post"])
@pytest.mark.parametrize("shown", [True, False])
def test_a_trimmed_page_begins_with_its_title_and_ends_with_its_article(title, shown):
    top = ["Fog closes the lower harbour", "By Marit Holm"] if shown else ["Welcome", "By Marit Holm"]
    texts = ["Menu", *top, "Boats wait.", "Share", "Nobody minds.", "More news"]
    labels = [BOILERPLATE] * 3 + [ARTICLE, BOILERPLATE, ARTICLE, BOILERPLATE]
    page = trim(example(texts, labels), title)
    byline = ["By Marit Holm"] if shown else []
    assert page.columns.texts == ["Fog closes the lower harbour", *byline, "Boats wait.", "Share", "Nobody minds."]
    assert page.labels.tolist() == [ARTICLE, *[BOILERPLATE] * shown, ARTICLE, BOILERPLATE, ARTICLE]
    assert page.group == "fog.example"


def test_a_title_that_the_article_begins_with_is_not_put_before_it_again():
    page = trim(example(["Fog, again!", "Boats wait."], [ARTICLE, ARTICLE]), "Fog again")
    assert page.columns.texts == ["Fog, again!", "Boats wait."]


@pytest.mark.parametrize("many", [True, False])
def test_pages_that_show_what_is_rare_are_learned_from_beside_many(many, write, monkeypatch):
    rows = [{"id": name, "rare": name == "b", "blocks": [{"text": "Fog.", "label": "article"}]} for name in "abc"]
    pages = read_examples([write(*rows)]).pages
    assert [page.rare for page in pages] == [False, True, False]
    monkeypatch.setattr("classifier.training.data._MANY_PAGES", 3 if many else 4)
    assert [page.id for page in usual(pages)] == (["a", "b", "c"] if many else ["a", "c"])


def test_a_flag_is_true_or_false(write):
    path = write({"rare": "yes", "blocks": [{"text": "Fog.", "label": "article"}]})
    with pytest.raises(TrainingError, match="line 1: `rare` is neither true nor false"):
        read_examples([path])
