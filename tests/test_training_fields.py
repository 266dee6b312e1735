"""Fields of training records that are null, stand in a record of another shape, or are those of a page in rows."""

import json

import pytest

from classifier.errors import TrainingError
from classifier.language_training.rows import read_rows
from classifier.matching import UNKNOWN
from classifier.training.reading import read_examples

TEXT = "The ferry left the island at nine, and nobody had told the skipper about the fog."
GOLD = {"id": "1", "html": f"<p>{TEXT}</p>", "gold": TEXT}
ROWS = [{"page": "p", "text": "Menu", "label": "boilerplate"}, {"page": "p", "text": TEXT, "label": "article"}]


@pytest.fixture
def write(tmp_path):
    def write(*records):
        path = tmp_path / "data.jsonl"
        path.write_text("".join(json.dumps(record) + "\n" for record in records), encoding="utf-8")
        return path

    return write


@pytest.mark.parametrize(
    "field", ["label", "names", "file", "blocks", "page", "split", "rare", "must", "consent", "url"]
)
def test_a_field_of_a_page_that_is_null_is_none(write, field):
    """Tables written as JSON Lines give every record all columns."""
    path = write({**GOLD, field: None})
    data = read_examples([path], "train")
    assert [page.labels.tolist() for page in data.pages] == [[0]] and data.names == ()


def test_markdown_is_taken_as_the_readers_take_it(write):
    """Empty columns are none, and a title beside it is that of the page."""
    rest = {"title": "Fog", "gold": TEXT}
    path = write({"html": "", "markdown": f"# {TEXT}", **rest}, {"markdown": " ", "text": TEXT, **rest})
    markup = [page.columns.markup for page in read_examples([path]).pages]
    assert [one.title if one else None for one in markup] == ["Fog", None]


@pytest.mark.parametrize("field", ["gold", "must", "must_not", "consent"])
def test_a_null_in_a_list_of_texts_is_told_with_its_line(write, field):
    path = write(GOLD, {**GOLD, "gold": None, "must": [TEXT], field: [TEXT, None]})
    with pytest.raises(TrainingError, match=f"data.jsonl, line 2: `{field}` is neither a text nor a list of texts"):
        read_examples([path])


def test_data_without_a_label_is_told(write):
    path = write({"text": TEXT, "label": None}, {"text": " ", "label": "article"})
    with pytest.raises(TrainingError, match=r"data.jsonl \(2 loose blocks without a label or a text\); see"):
        read_examples([path])


def test_a_file_that_is_named_twice_is_read_once(write, tmp_path):
    """Before, its pages counted twice."""
    path = write(GOLD)
    (tmp_path / "link.jsonl").symlink_to(path)
    for given in ([path, path], [tmp_path, path], [path, tmp_path / "link.jsonl"]):
        assert len(read_examples(given).pages) == 1


def test_gold_counts_before_segments(write):
    (page,) = read_examples(
        [write({"text": f"Menu\n\n{TEXT}", "gold": TEXT, "must": ["Menu"], "must_not": [TEXT]})]
    ).pages
    assert page.labels.tolist() == [1, 0]


def test_the_page_of_a_block_that_is_null_is_none(write):
    data = read_examples([write(*({**row, "page": None} for row in ROWS))])
    assert not data.pages and [text.text for text in data.texts] == ["Menu", TEXT]


def test_a_block_whose_text_is_null_has_none(write):
    blocks = [{"text": None, "label": "article"}, {"text": TEXT, "label": "article"}]
    assert read_examples([write({"blocks": blocks})]).pages[0].columns.texts == [TEXT]


@pytest.mark.parametrize("record", [GOLD, {"blocks": ROWS}, {"text": TEXT, "label": "article"}])
def test_names_are_a_field_like_others_where_there_is_a_page_or_a_text(write, record):
    path = write({**record, "names": ["Marit Holm"]})
    data = read_examples([path])
    assert len(data.pages) + len(data.texts) == 1 and data.names == ()


def test_names_of_another_split_are_left_out(write):
    names = ({"names": [split], "label": "consent", "split": split} for split in ("train", "dev"))
    assert read_examples([write(GOLD, *names)], "train").names == ("train",)


def test_a_page_in_rows_is_of_the_site_and_source_that_they_name(write):
    about = {"domain": "bay.example", "source": "mine", "rare": True}
    (page,) = read_examples([write(ROWS[0], {**ROWS[1], **about})]).pages
    assert (page.id, page.group, page.source, page.rare) == ("p", "bay.example", "mine", True)
    (page,) = read_examples([write(*({**row, "url": "https://bay.example/fog"} for row in ROWS))]).pages
    assert (page.id, page.group, page.source) == ("p", "bay.example", "data")


@pytest.mark.parametrize(
    ("url", "site"),
    [("https://bay.example/fog", "bay.example"), ("bay.example/fog", "bay.example"), ("bay.example", "bay.example"),
     ("bay.example/a//b", "bay.example"), ("bay.example:8080/fog", "bay.example:8080"), ("pages/fog.html", "1"),
     ("../fog.html", "1"), ("./fog.html", "1"), ("mailto:ann@bay.example", "1"),
     ("urn:fog:1", "1"), ("http://[bad", "1")],
)  # fmt: skip
def test_the_site_of_an_address(write, url, site):
    assert [page.group for page in read_examples([write({**GOLD, "url": url})]).pages] == [site]


@pytest.mark.parametrize(
    ("row", "message"),
    [({"text": "a", "label": "artcle"}, "unknown label 'artcle'"), ({"label": "article"}, "a labelled block needs a")],
)
def test_a_row_of_a_page_that_cannot_be_used_is_named(write, row, message):
    with pytest.raises(TrainingError, match=f"data.jsonl, line 3: {message}"):
        read_examples([write(*ROWS, {"page": "p", **row})])


def test_a_row_of_a_page_may_have_no_label(write):
    (page,) = read_examples([write(*ROWS, {"page": "p", "text": "?", "label": None})]).pages
    assert page.labels.tolist() == [1, 0, UNKNOWN]


def test_a_split_that_no_record_has_is_told(write):
    path = write({**GOLD, "split": "train"}, {**GOLD, "split": "dev"})
    with pytest.raises(TrainingError, match=r"data.jsonl \(2 records of another split\); see"):
        read_examples([path], "trian")


def test_json_that_is_nested_too_deep_is_told(tmp_path):
    (tmp_path / "deep.jsonl").write_text("[" * 100_000)
    with pytest.raises(TrainingError, match=r"deep.jsonl, line 1: not JSON \(maximum recursion depth"):
        read_examples([tmp_path])
    with pytest.raises(TrainingError, match=r"deep.jsonl, line 1: not a row with text and lang \(maximum recursion"):
        list(read_rows(tmp_path / "deep.jsonl"))


def test_of_a_folder_only_files_that_are_not_hidden_are_read(write, tmp_path):
    """Jupyter keeps an older version of what was edited in a hidden folder."""
    write(GOLD)
    for hidden in (".ipynb_checkpoints/data-checkpoint.jsonl", "._data.jsonl"):
        (tmp_path / hidden).parent.mkdir(exist_ok=True)
        (tmp_path / hidden).write_text("{")
    (tmp_path / "folder.jsonl").mkdir()
    assert len(read_examples([tmp_path]).pages) == 1
    (tmp_path / "link.jsonl").symlink_to("gone")
    with pytest.raises(TrainingError, match="link.jsonl: cannot be read"):
        read_examples([tmp_path])
