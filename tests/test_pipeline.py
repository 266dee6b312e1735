"""The run around the model: batches and workers change nothing, every page is accounted for, outputs are whole."""

import json
import tempfile
from dataclasses import replace
from pathlib import Path

import pytest
from hypothesis import given
from hypothesis import strategies as st

import classifier
from classifier import errors, settings
from classifier.blocks.html import split_html
from classifier.pipeline import Job, run, work
from classifier.records import Label, Rejection
from fake_classifier import FakeClassifier

STORY = "Page {} tells of the old ferry and of the crew that left it in the fog."


def write_pages(path, number, marks=()):
    """JSON Lines with `number` pages; `marks` gives words to add to some of them."""
    with path.open("w") as file:
        for i in range(number):
            text = "\n\n".join(["Home", STORY.format(i), "We use cookies, accept them all.", dict(marks).get(i, "")])
            file.write(json.dumps({"id": f"p{i}", "text": text, "section": i % 3}) + "\n")
    return str(path)


def go(output, *inputs, **options):
    counts = run(Job(tuple(map(str, inputs)), str(output), **options), FakeClassifier())
    assert counts.read == counts.written + counts.rejected.total()
    return counts


def records(path):
    return [json.loads(line) for line in path.read_text().splitlines()]


@pytest.mark.parametrize("workers", [2, 3])
def test_workers_change_neither_bytes_nor_order(tmp_path, workers):
    source = write_pages(tmp_path / "in.jsonl", 700)
    go(tmp_path / "one.jsonl", source)
    go(tmp_path / "many.jsonl", source, workers=workers)
    assert (tmp_path / "one.jsonl").read_bytes() == (tmp_path / "many.jsonl").read_bytes()


@pytest.mark.parametrize("pages", [1, 3, 1000])
def test_the_size_of_a_batch_changes_nothing(tmp_path, monkeypatch, pages):
    source = write_pages(tmp_path / "in.jsonl", 150)
    go(tmp_path / "one.jsonl", source)
    monkeypatch.setattr(work, "BATCH_PAGES", pages)
    go(tmp_path / "other.jsonl", source)
    assert (tmp_path / "one.jsonl").read_bytes() == (tmp_path / "other.jsonl").read_bytes()


def test_pages_that_kill_or_hang_a_worker_are_refused_alone(tmp_path):
    marks = [(3, "CRASH-NOW"), (70, "HANG-NOW"), (140, "RAISE-NOW")]
    source = write_pages(tmp_path / "in.jsonl", 200, marks)
    lost = tmp_path / "lost.jsonl"
    counts = go(tmp_path / "out.jsonl", source, workers=2, page_timeout=3, rejected=str(lost))
    assert counts.written == 197 and counts.rejected == {"crashed": 2, "timeout": 1}
    assert [(r["source"].rsplit(":")[-1], r["reason"]) for r in records(lost)] == [
        ("4", "crashed"), ("71", "timeout"), ("141", "crashed")
    ]  # fmt: skip
    assert "SIGKILL" in records(lost)[0]["detail"]
    assert [r["id"] for r in records(tmp_path / "out.jsonl")] == [f"p{i}" for i in range(200) if i not in dict(marks)]


def test_one_process_survives_an_error_on_a_page(tmp_path):
    source = write_pages(tmp_path / "in.jsonl", 20, [(5, "RAISE-NOW")])
    assert go(tmp_path / "out.jsonl", source).rejected == {"crashed": 1}


def test_a_folder_of_outputs_mirrors_the_inputs_and_has_a_manifest(tmp_path):
    source = tmp_path / "in"
    (source / "deep").mkdir(parents=True)
    write_pages(source / "b.jsonl", 3)
    (source / "deep" / "a.html").write_text(f"<p>{STORY.format(1)}</p>")
    (source / "a.txt").write_text(STORY.format(2))
    (source / "a.html").write_text(f"<p>{STORY.format(3)}</p>")
    (source / "none.txt").write_text("Home")
    go(f"{tmp_path}/out/", source)
    found = sorted(str(p.relative_to(tmp_path / "out")) for p in (tmp_path / "out").rglob("*") if p.is_file())
    assert found == ["a.html.jsonl", "a.txt.jsonl", "b.jsonl", "deep/a.jsonl", "manifest.json"]
    assert STORY.format(2) in (tmp_path / "out" / "a.txt.jsonl").read_text()
    manifest = json.loads((tmp_path / "out" / "manifest.json").read_text())
    assert manifest["counts"]["read"] == 7 and manifest["counts"]["rejected"] == {"no_kept_block": 1}
    assert manifest["model"] == "fake@sha256:0" and len(manifest["inputs"]) == 5
    assert manifest["options"]["selection"]["keep"] == ["article"]


def test_an_output_inside_the_input_folder_is_not_read(tmp_path):
    write_pages(tmp_path / "in.jsonl", 2)
    for _ in range(2):
        assert go(tmp_path / "out.jsonl", tmp_path).read == 2


def test_the_rejections_and_the_manifest_of_a_folder_share_no_file_with_an_output(tmp_path):
    for folder in ("in", "out"):
        (tmp_path / folder / "sub").mkdir(parents=True)
    source = write_pages(tmp_path / "in" / "sub" / "h.jsonl", 1)
    for name in ("sub/h.jsonl", "manifest.json", "../out/sub/../sub/h.jsonl"):
        with pytest.raises(errors.SettingsError, match="also a file of the output"):
            go(f"{tmp_path}/out/", tmp_path / "in", rejected=f"{tmp_path}/out/{name}")
    write_pages(tmp_path / "in" / "manifest.json", 1)
    with pytest.raises(errors.OutputError, match="in/manifest.json would be written to manifest.json"):
        go(f"{tmp_path}/out/", tmp_path / "in", format="dolma")
    assert [path for path in (tmp_path / "out").rglob("*") if path.is_file()] == []
    assert go(f"{tmp_path}/out/", source, rejected=f"{tmp_path}/out/lost.jsonl").read == 1


def test_two_inputs_of_one_name_are_not_written_over_each_other(tmp_path):
    for folder in ("a", "b"):
        (tmp_path / folder).mkdir()
        (tmp_path / folder / "page.txt").write_text(STORY)
    with pytest.raises(errors.OutputError, match="would both be written"):
        go(f"{tmp_path}/out/", tmp_path / "a", tmp_path / "b")


def test_an_unwritable_output_stops_before_anything_is_read(tmp_path):
    (tmp_path / "file").write_text("x")
    with pytest.raises(errors.OutputError, match="cannot be written"):
        go(tmp_path / "file" / "out.jsonl", write_pages(tmp_path / "in.jsonl", 2))


def test_the_folders_of_the_output_are_made_and_no_others(tmp_path):
    source = write_pages(tmp_path / "in.jsonl", 2)
    go(tmp_path / "new" / "deep" / "out.jsonl", source, rejected=str(tmp_path / "new" / "lost.jsonl"))
    go(f"{tmp_path}/kept/", source, rejected=str(tmp_path / "kept" / "lost.jsonl"))
    with pytest.raises(errors.OutputError, match="lost.jsonl: cannot be written: name a file in a folder that exists"):
        go(tmp_path / "out.jsonl", source, rejected=str(tmp_path / "other" / "lost.jsonl"))
    assert not (tmp_path / "other").exists() and not (tmp_path / "out.jsonl").exists()


def test_limit_reads_no_further(tmp_path):
    counts = go(tmp_path / "out.jsonl", write_pages(tmp_path / "in.jsonl", 100), limit=7)
    assert counts.read == 7 and len(records(tmp_path / "out.jsonl")) == 7


LINES = st.one_of(
    st.binary(max_size=30).map(lambda line: line.replace(b"\n", b"")),
    st.builds(lambda text: json.dumps({"text": text}).encode(), st.text(max_size=80)),
    st.sampled_from(
        [b'{"text": 5}', b"{}", b"[1]", b"null", b'{"text": "' + STORY.encode() + b'", "n": NaN}', b'"\xff"']
    ),
)


@given(st.lists(LINES, max_size=30))
def test_every_line_is_written_or_rejected_whatever_is_in_it(lines):
    with tempfile.TemporaryDirectory() as name:
        folder = Path(name)
        (folder / "in.jsonl").write_bytes(b"\n".join([b'{"text": "first"}', *lines]))
        counts = go(folder / "out.jsonl", folder / "in.jsonl", rejected=str(folder / "lost.jsonl"))
        assert counts.read == 1 + sum(1 for line in lines if line.strip())
        assert len((folder / "out.jsonl").read_bytes().splitlines()) == counts.written
        assert len((folder / "lost.jsonl").read_bytes().splitlines()) == counts.rejected.total()


def test_pages_nested_too_deep_are_rejected_where_a_limit_is_set(tmp_path):
    class WithMarkup(FakeClassifier):
        def _one(self, page):
            return replace(super()._one(page), markup=split_html(page.content).markup)

    deep = "<div>" * 30 + f"<p>{STORY}</p>"
    (tmp_path / "deep.html").write_text(deep)
    for limit, reasons in ((0, {}), (40, {}), (20, {"too_deep": 1})):
        reading = settings.ReadOptions(limits=settings.Limits(depth=limit))
        job = Job((str(tmp_path / "deep.html"),), str(tmp_path / "out.jsonl"), reading=reading)
        assert run(job, WithMarkup()).rejected == reasons
    (tmp_path / "deep.html").write_text("<div>" * 20_000 + f"<p>{STORY}</p>")
    lost = tmp_path / "lost.jsonl"
    assert run(replace(job, rejected=str(lost)), WithMarkup()).rejected == {"too_deep": 1}
    assert records(lost)[0]["detail"].startswith("elements nested more than 500 deep, over the limit of 20:")


def test_blocks_all_writes_every_page_that_could_be_read(tmp_path):
    (tmp_path / "in.jsonl").write_text('{"id": "a", "text": "Home"}\nbroken\n{"id": "c", "text": ""}\n')
    counts = go(tmp_path / "out.jsonl", tmp_path / "in.jsonl", blocks="all")
    assert counts.rejected == {"bad_json": 1, "no_blocks": 1}
    (record,) = records(tmp_path / "out.jsonl")
    assert record["id"] == "a" and record["text"] == "" and record["blocks"][0]["kept"] is False


BLOCKS = (
    "Home",
    STORY,
    "We use cookies, accept them all.",
    "Bu sitede çerezler kullanılmaktadır.",
    "Eski gemi sabah sisinde limandan ayrıldı.",
)


class TestSelection:
    page = FakeClassifier().classify_batch([classifier.Page("x", "\n\n".join(BLOCKS), False, "x")])[0]

    def kept(self, **options):
        got = classifier.select(self.page, settings.Selection(**options))
        return got.reason if isinstance(got, Rejection) else [b.index for b in got.blocks if b.kept]

    def test_by_label(self):
        assert self.kept() == [1, 4]
        assert self.kept(keep=(Label.CONSENT, Label.BOILERPLATE)) == [0, 2, 3]

    def test_by_language(self):
        assert self.kept(languages=frozenset({"en"})) == [1]
        assert self.kept(keep=(Label.CONSENT,), languages=frozenset({"tr"})) == [3]
        assert self.kept(drop_languages=frozenset({"en"})) == [4]
        assert self.kept(languages=frozenset({"de"})) == "no_kept_block"

    @pytest.mark.parametrize(
        ("tags", "options", "kept"),
        [
            (["en", "und", "en", "tr", "tr"], {"languages": ["en"]}, [1]),  # a number in a page of English
            (["en", "und", "en", "tr", "tr"], {"languages": ["tr"]}, [4]),
            (["en", "und", "en", "tr", "tr"], {"languages": ["und"]}, [1]),
            (["en", "und", "en", "tr", "tr"], {"languages": ["en"], "drop_languages": ["und"]}, "no_kept_block"),
            (["en", "und", "en", "tr", "tr"], {"drop_languages": ["en"]}, [4]),
            (["en", "und", "en", "tr", "tr"], {"drop_languages": ["tr"]}, [1]),
        ],
    )
    def test_a_block_that_tells_no_language_goes_with_its_page(self, tags, options, kept):
        assert self.page.language == "en"
        got = classifier.select(replace(self.page, block_languages=tags), settings.Selection(**options))
        assert (got.reason if isinstance(got, Rejection) else [b.index for b in got.blocks if b.kept]) == kept

    @pytest.mark.parametrize("score", [2, -0.1, float("nan")])
    def test_a_score_that_is_none(self, score):
        with pytest.raises(errors.SettingsError, match="min_score of article is .*: write a number from 0 to 1"):
            self.kept(min_score={Label.ARTICLE: score})

    def test_by_score(self):
        assert self.kept(min_score={Label.ARTICLE: 0.95}) == "no_kept_block"
        assert self.kept(min_score={Label.ARTICLE: 0.85}) == [1, 4]

    def test_by_language_of_the_page(self):
        assert self.kept(page_languages=frozenset({"de"})) == "other_language"
        assert self.kept(page_languages=frozenset({"en", "tr"})) == [1, 4]

    def test_labels_may_be_texts_and_sets_may_be_lists(self):
        assert self.kept(keep=["article"], languages=["en"], min_score={"article": 0.5}) == [1]

    @pytest.mark.parametrize("name", ["keep", "languages", "drop_languages", "page_languages"])
    def test_a_text_is_not_several(self, name):
        """As languages, `sr-Latn` held `sr` too."""
        with pytest.raises(TypeError, match=rf"{name} takes several, not a text: write \['article'\]"):
            self.kept(**{name: "article"})

    @pytest.mark.parametrize("options", [{"keep": ["articel"]}, {"min_score": {"articel": 0.5}}])
    def test_an_unknown_label(self, options):
        with pytest.raises(errors.SettingsError, match="unknown label 'articel': did you mean article"):
            self.kept(**options)

    def test_nothing_of_the_page_given_changes(self):
        classifier.select(self.page, settings.Selection(keep=(Label.CONSENT,)))
        assert self.page.kept.tolist() == [False, True, False, False, True]


@pytest.mark.parametrize("name", ["text", "markdown"])
def test_text_shows_kept_blocks_whatever_is_asked_for(tmp_path, name):
    pages, out = write_pages(tmp_path / "in.jsonl", 1), tmp_path / "out"
    go(out, pages, format=name, blocks="all")
    assert out.read_text() == STORY.format(0) + "\n"
    none = settings.Selection(min_score={Label.ARTICLE: 1.0})
    go(out, pages, format=name, blocks="all", selection=none)
    assert out.read_text() == "\n"


def test_a_folder_keeps_what_earlier_runs_left(tmp_path):
    """As docs/formats.md says: also the output of an input of which nothing is kept this time."""
    folder, out = tmp_path / "in", f"{tmp_path}/out/"
    folder.mkdir()
    for name in "ab":
        (folder / f"{name}.txt").write_text(STORY.format(name))
    go(out, folder)
    old = (tmp_path / "out" / "b.jsonl").read_text()
    (folder / "a.txt").write_text(STORY.format("c"))
    (folder / "b.txt").write_text("Home")
    assert go(out, folder).written == 1
    assert "Page c tells" in (tmp_path / "out" / "a.jsonl").read_text()
    assert (tmp_path / "out" / "b.jsonl").read_text() == old
