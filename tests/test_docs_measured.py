"""Figures that only a measurement can make again hold together: README says what `docs/` say, tables have the rows and
columns of what wrote them, sums are right, and no score is older than the model it is of.

The row of the written pages that is ours is measured anew; those of other programs are not.
"""

import json
import math
import re

import pytest

import doc_pages
from benchmarks import peers
from benchmarks import written as benchmark
from classifier.settings import default_model
from doc_pages import ROOT

README, SCORES, SPEED, ERRORS = (
    (ROOT / name).read_text(encoding="utf-8")
    for name in ("README.md", "docs/scores.md", "docs/speed.md", "docs/error-analysis.md")
)
SHORT = doc_pages.region(README, "scores")
OURS, OURS_TEXT = "this, HTML", "this, plain text of the same pages"
TOOLS = [
    OURS,
    OURS_TEXT,
    "trafilatura",
    "trafilatura, favouring precision",
    "resiliparse",
    "jusText",
    "readability-lxml",
]
# names of benchmarks/peers.py as the pages write them
SHOWN = {"trafilatura_fast": "trafilatura, fast", "justext": "jusText", "readability": "readability-lxml"}
BANNERS = "Consent banners"
SHARE = re.compile(r"[01]\.\d{3}")


def plain(text):
    return " ".join(text.split())


def date(text):
    return re.search(r"\bMeasured (\d{4}-\d\d-\d\d)", text)[1]


def sections():
    """Of each collection in docs/scores.md: its number of pages, and the cells of each program."""
    parts = re.findall(
        r"^### ([^\n]+) \((\d+) pages\)\n(.+?)(?=^###|\Z)", doc_pages.region(SCORES, "scores"), re.M | re.S
    )
    return {title: (int(pages), doc_pages.tables(text)[0]) for title, pages, text in parts}


def short_row(title, pages, rows):
    """The row of the README for one collection: of trafilatura its better mode, the best from HTML in bold."""
    banners = title == BANNERS
    best, column = (min, 1) if banners else (max, 3)
    value = {row[0]: row[column] for row in rows}
    plain_text = value["this, plain text" if banners else OURS_TEXT]
    trafilatura = best(value["trafilatura"], value["trafilatura, favouring precision"])
    html = [value[OURS], trafilatura, value["resiliparse"], value["readability-lxml"], value["jusText"]]
    cells = [f"**{cell}**" if cell == best(html) else cell for cell in html]
    return ["share of banner texts left in" if banners else title, str(pages), *cells, plain_text]


def test_every_score_in_the_readme_is_that_of_the_docs():
    (head, *rows), *_ = doc_pages.tables(SHORT)
    assert head[2:] == ["this", "trafilatura", "resiliparse", "readability-lxml", "jusText", "this, from plain text"]
    assert rows == [short_row(title, pages, table[1:]) for title, (pages, table) in sections().items()]


def percent(share):
    return f"{100 * float(share):.1f}%"


def test_percentages_in_the_readme_are_those_of_the_docs():
    mixed = dict(doc_pages.tables(doc_pages.region(SCORES, "scores-mixed"))[0])
    kept, found, left = (
        percent(mixed[name])
        for name in ("article blocks kept", "consent blocks found", "consent blocks kept as article")
    )
    said = plain(SHORT)
    assert f": {kept} of article blocks kept, {found} of notice blocks found, {left} of them left in." in said
    _, common, _ = doc_pages.tables(doc_pages.region(SCORES, "scores-language"))[0]
    paragraphs, sentences, short = map(percent, common[1:])
    shares = f"{paragraphs} of paragraphs, {sentences} of sentences, {short} of short lines are right."
    assert f"{common[0].removesuffix(' ones')} languages: {shares}" in said


def test_speed_in_the_readme_is_that_of_the_docs():
    page = doc_pages.region(SPEED, "speed")
    programs, sizes = doc_pages.tables(page)
    share = {row[0]: row[2] for row in programs[1:]}
    megabytes = re.search(r"Plain text: (\d+\.\d) MB a second", page)[1]
    memory = 10 * math.ceil(max(int(row[3]) for row in sizes[1:]) / 10)
    said = (
        f"Speed: {share['trafilatura']} of trafilatura's processor time, {share['resiliparse']} times resiliparse's, "
        f"languages and all; {megabytes} MB of plain text a second; {memory} MB of memory for files of any size"
    )
    assert said in plain(README)


def test_every_measured_part_says_what_measured_it():
    """Between the heading above it and its own end; of the README's, that is for `docs/scores.md` to say."""
    silent = []
    for page in (SCORES, SPEED, ERRORS):
        for name in doc_pages.MEASURED.intersection(doc_pages.regions(page)):
            before = page.partition(f"<!-- begin {name} -->")[0]
            section = re.split(r"^## ", before, flags=re.M)[-1] + doc_pages.region(page, name)
            if not re.search(r"`(score\.py \w+|python -m benchmarks\.\w+.*)`|no command gives this table", section):
                silent.append(name)
    assert silent == [] and "](docs/scores.md)" in SHORT


def test_scores_are_not_older_than_the_model():
    trained = json.loads((default_model() / "manifest.json").read_text(encoding="utf-8"))["date"]
    assert date(SHORT) == date(SCORES) >= trained


def test_every_program_has_its_row_in_every_collection():
    found = sections()
    for title, (_, (head, *rows)) in found.items():
        if title == BANNERS:
            assert head == ["tool", "left in the article", "found as consent"]
            assert [row[0] for row in rows] == [name.replace(OURS_TEXT, "this, plain text") for name in TOOLS]
            assert [bool(row[2]) for row in rows] == [row[0].startswith("this") for row in rows]
        else:
            assert head == ["tool", "precision", "recall", "F1"]
            assert [row[0] for row in rows] == TOOLS
        assert all(SHARE.fullmatch(cell) for row in rows for cell in row[1:] if cell), title
    collections = [pages for title, (pages, _) in found.items() if title not in (BANNERS, "WCXB, its articles")]
    assert f"the {sum(collections)} pages of the dev split" in plain(ERRORS)


def test_f1_fits_precision_and_recall():
    for title, (_, table) in sections().items():
        for name, *cells in table[1:] if title != BANNERS else []:
            precision, recall, f1 = map(float, cells)
            if title.startswith("trafilatura"):  # of all segments; the others are means of pages
                assert f1 == pytest.approx(2 * precision * recall / (precision + recall), abs=0.001), (title, name)
            else:
                assert f1 <= (precision + recall) / 2 + 0.001, (title, name)


def test_composed_pages_and_languages_have_their_rows():
    (head, *rows), *more = doc_pages.tables(doc_pages.region(SCORES, "scores-mixed"))
    assert not more and head == ["of composed pages", "share"]
    assert [name for name, _ in rows] == [
        "article blocks kept", "boilerplate blocks labelled so", "consent blocks found",
        "blocks labelled consent that are", "consent blocks kept as article", "article blocks whose language is right",
        "consent blocks whose language is right",
    ]  # fmt: skip
    shares = dict(rows)
    assert float(shares["consent blocks found"]) + float(shares["consent blocks kept as article"]) <= 1.001
    (head, *languages), *more = doc_pages.tables(doc_pages.region(SCORES, "scores-language"))
    assert not more and head == ["languages", "paragraphs", "sentences", "short lines"]
    assert [row[0] for row in languages] == ["45 common ones", "all of the set, also those the model lacks"]
    assert all(SHARE.fullmatch(cell) for _, *cells in [*rows, *languages] for cell in cells)


def test_speed_has_a_row_for_every_program_and_its_ratios_are_right():
    page = doc_pages.region(SPEED, "speed")
    assert date(page)
    (_, *programs), (_, *sizes) = doc_pages.tables(page)
    names = [make.__name__ for make in peers.PEERS]
    shown = {**SHOWN, "trafilatura_fast": "trafilatura, its fast mode"}
    assert [row[0] for row in programs] == ["this", *(shown.get(name, name) for name in names)]
    ours = float(programs[0][1])
    for name, milliseconds, share in programs:
        theirs = float(milliseconds)  # both are rounded to a tenth
        low, high = (ours - 0.05) / (theirs + 0.05), (ours + 0.05) / (theirs - 0.05)
        assert low - 0.005 <= float(share) <= high + 0.005, name
    assert [row[0] for row in sizes] == ["500", "2,000", "8,000"]
    memory = [int(row[3]) for row in sizes]
    assert max(memory) < 1.05 * min(memory), "the page says that memory does not grow"


def numbers(cell):
    """Blocks and characters, of `403 / 76 761` or `403 blocks, 76 761 characters`; none of an empty cell."""
    return [int(number.replace(" ", "")) for number in re.findall(r"\d[\d ]*", cell)] or [0, 0]


def sums(rows, columns):
    """The blocks and characters of each of these columns."""
    return [[sum(pair) for pair in zip(*(numbers(row[column]) for row in rows), strict=True)] for column in columns]


def test_errors_add_up():
    page = plain(ERRORS)
    (head, *rows), *more = doc_pages.tables(doc_pages.region(ERRORS, "error-counts"))
    assert not more and len({row[0] for row in rows}) == len(rows)
    assert head == [
        "class", "HTML: kept", "dropped", "pages", "points", "text: kept", "dropped", "pages", "points",
    ]  # fmt: skip
    html_kept, html_dropped, text_kept, text_dropped = (blocks for blocks, _ in sums(rows, (1, 2, 5, 6)))
    assert f" with {html_kept + html_dropped} and {text_kept + text_dropped} wrong blocks." in page
    by_kind = next(table for table in doc_pages.tables(ERRORS) if table[0][:3] == ["kind", "pages", "ceiling"])[1:]
    all_pages = next(table for table in doc_pages.tables(ERRORS) if table[0][0] == "view")[1:]
    for view, columns in zip(all_pages, ((4, 5), (7, 8)), strict=True):
        assert [numbers(cell) for cell in view[2:]] == sums(by_kind, columns)
        assert view[1].endswith(f" of {sum(int(row[1]) for row in by_kind)}")


def test_our_row_of_the_written_pages_is_what_the_model_gives(update_golden):
    table = doc_pages.region(SCORES, "written-peers")
    (head, ours, *others), *more = doc_pages.tables(table)
    assert not more and head == ["tool", "precision", "recall", "F1"]
    figures = benchmark.beside_peers(others={})["classifier"]
    made = ["this", *(f"{figures[key]:.3f}" for key in ("precision", "recall", "f1"))]
    if update_golden:
        table = table.replace(f"| {' | '.join(ours)} |", f"| {' | '.join(made)} |")
        path = ROOT / "docs" / "scores.md"
        page = path.read_text(encoding="utf-8")  # other parts may have been written since
        path.write_text(doc_pages.with_region(page, "written-peers", table), encoding="utf-8")
    else:
        assert ours == made, "`make refresh` writes it anew."
    names = [make.__name__ for make in peers.PEERS]
    assert [row[0] for row in others] == [SHOWN.get(name, name) for name in names]
    assert all(SHARE.fullmatch(cell) for row in others for cell in row[1:])
