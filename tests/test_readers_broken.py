"""Broken inputs, each a file named by its defect: what cannot be read is refused with its reason, the rest is read."""

import gzip
import io
import json
import os
from pathlib import Path

import pytest

import classifier
from classifier import readers
from classifier.records import Page, Rejection
from classifier.settings import Limits, ReadOptions

BROKEN = Path(__file__).parent / "broken"
EXPECTED = json.loads((BROKEN / "expected.json").read_text())


def outcome(path, options=ReadOptions()):
    """Ids of the pages and reasons of the rejections, in order; the ids of archives cut to their last digit."""
    found = classifier.read(path, options=options)
    return [x.reason if isinstance(x, Rejection) else x.id[-1] if ".warc" in str(path) else x.id for x in found]


@pytest.mark.parametrize("name", EXPECTED)
def test_what_is_whole_is_read_and_the_rest_refused(name):
    assert outcome(BROKEN / name) == EXPECTED[name]


def test_every_fixture_is_expected():
    assert {p.name for p in BROKEN.iterdir()} == {*EXPECTED, "expected.json", "truncated.jsonl.gz"}


def test_truncated_gzip_gives_the_lines_before_the_break():
    *ids, last = outcome(BROKEN / "truncated.jsonl.gz")
    assert last == "truncated" and len(ids) > 100 and set(ids) == {"l0", "l1", "l2", "l3"}


def test_rejections_name_their_place_and_what_to_do():
    found = [x for x in classifier.read(BROKEN / "no-text-key.jsonl") if isinstance(x, Rejection)]
    assert found[0].source.endswith("no-text-key.jsonl:1") and found[0].stage == "read"
    assert "'html', 'markdown' or 'text'" in found[0].detail and "--text-key" in found[0].detail


def test_rejections_have_the_id_where_the_record_told_one(tmp_path):
    (tmp_path / "in.jsonl").write_text('{"id": 7, "body": "x"}\n{"body": "x"}\n{"id": "c", "text": "long"}')
    found = classifier.read(tmp_path / "in.jsonl", options=ReadOptions(limits=Limits(page=3)))
    assert [(x.reason, x.id) for x in found] == [("no_text", "7"), ("no_text", None), ("too_large", "c")]
    refused = [x for x in classifier.read(BROKEN / "not-pages.warc") if isinstance(x, Rejection)]
    assert [x.reason for x in refused] == ["http_status", "not_text"] and all(x.id for x in refused)


@pytest.mark.parametrize("text", ['[{"text": "a"}]', '{\n  "text": "a"\n}'])
def test_json_that_is_no_json_lines_is_told_so(tmp_path, text):
    (tmp_path / "in.json").write_text(text)
    assert all("one JSON object a line is expected" in x.detail for x in classifier.read(tmp_path / "in.json"))


def test_encoding_errors_replace_keeps_the_page():
    pages = list(classifier.read(BROKEN / "invalid-utf8-line.jsonl", options=ReadOptions(encoding_errors="replace")))
    assert [p.id for p in pages] == ["l0", "bad", "l2"] and "caf\ufffd" in pages[1].content


def test_a_compression_bomb_is_refused_without_being_unpacked(tmp_path):
    bomb = tmp_path / "bomb.txt.gz"
    with gzip.open(bomb, "wb") as file:
        for _ in range(20):
            file.write(b"a" * 1_000_000)
    assert outcome(bomb, ReadOptions(limits=Limits(record=5_000_000))) == ["too_large"]


def test_a_bomb_of_one_line_is_refused_and_the_next_line_read(tmp_path):
    bomb = tmp_path / "bomb.jsonl.gz"
    with gzip.open(bomb, "wb") as file:
        file.write(b'{"text": "' + b"a" * 3_000_000 + b'"}\n{"id": "next", "text": "x"}\n')
    assert outcome(bomb, ReadOptions(limits=Limits(line=1_000_000))) == ["too_large", "next"]


@pytest.mark.parametrize(
    ("name", "data", "limit"),
    [
        ("long.txt", b"word " * 100, "page"),
        ("long.txt", b"word " * 100, "record"),
        ("long.jsonl", b'{"text": "%s"}' % (b"word " * 100), "line"),
        ("long.parquet.gz", (BROKEN / "truncated.parquet.gz").read_bytes(), "record"),
        ("long.warc", (BROKEN / "bad-magic.warc").read_bytes(), "record"),
    ],
)
def test_what_is_over_a_limit_is_refused_and_its_option_named(tmp_path, name, data, limit):
    (tmp_path / name).write_bytes(data)
    rejection = next(classifier.read(tmp_path / name, options=ReadOptions(limits=Limits(**{limit: 20}))))
    assert rejection.reason == "too_large" and rejection.detail.endswith(f": see --max-{limit}")


def test_a_missing_file_and_an_empty_folder_and_glob_are_refused_in_their_place(tmp_path):
    (tmp_path / "there.txt").write_text("The ferry left.")
    (tmp_path / "nothing").mkdir()
    names = ("gone.txt", "there.txt", "nothing", "*.no")
    found = classifier.read(*(tmp_path / name for name in names))
    reasons = [x.reason if isinstance(x, Rejection) else "page" for x in found]
    assert reasons == ["missing", "page", "missing", "missing"]


@pytest.mark.skipif(os.geteuid() == 0, reason="root may read everything")
def test_a_file_without_permission_is_unreadable(tmp_path):
    (tmp_path / "mine.txt").write_text("The ferry left.")
    (tmp_path / "mine.txt").chmod(0)
    assert outcome(tmp_path / "mine.txt") == ["unreadable"]


class _Failing(io.FileIO):
    """A file on a disk that breaks after its first 1,000 bytes."""

    def read(self, size=-1):
        if self.tell() >= 1000:
            raise OSError(5, "Input/output error")
        return super().read(min(size, 1000))


@pytest.mark.parametrize(
    ("name", "data"),
    [
        ("page.txt", b"The ferry left. " * 200),
        ("page.txt.gz", gzip.compress(os.urandom(3000).hex().encode())),
        ("in.jsonl", (BROKEN / "no-text-key.jsonl").read_bytes() * 30),
        ("in.warc", (BROKEN / "bad-magic.warc").read_bytes() * 3),
    ],
)
def test_a_disk_that_breaks_is_told_and_ends_no_run(tmp_path, monkeypatch, name, data):
    (tmp_path / name).write_bytes(data)
    monkeypatch.setattr(readers, "open_bytes", lambda path: _Failing(path))
    last = list(classifier.read(tmp_path / name))[-1]
    assert (last.reason, last.detail) == ("unreadable", "reading failed (Input/output error)")


def test_every_cut_of_an_archive_ends_in_whole_pages_and_at_most_one_rejection(tmp_path):
    whole = (BROKEN / "truncated.warc.gz").read_bytes()
    for size in range(3, len(whole), 23):
        path = tmp_path / "cut.warc.gz"
        path.write_bytes(whole[:size])
        found = list(classifier.read(path))
        assert all(isinstance(x, Page) for x in found[:-1])
        assert all("left the harbour" in x.content for x in found if isinstance(x, Page))


@pytest.mark.parametrize("data", [b'[\n {"text": "The ferry left."},\n', b'[{"text": "The ferry left."}]\n'])
def test_a_json_list_is_told_how_to_become_lines(tmp_path, data):
    (tmp_path / "pages.json").write_bytes(data)
    first = next(iter(classifier.read(tmp_path / "pages.json")))
    assert first.reason == "bad_json" and first.detail.endswith("is expected: `jq -c '.[]'` makes them of a list")


def test_an_object_on_several_lines_is_told_how_to_become_one(tmp_path):
    (tmp_path / "in.json").write_text('{\n "text": "Fog."\n}\n')
    first = next(iter(classifier.read(tmp_path / "in.json")))
    assert first.reason == "bad_json" and first.detail.endswith(": `jq -c .` makes one of an object on several lines")


def test_an_address_is_told_that_nothing_is_downloaded():
    (refused,) = classifier.read("https://example.org/page.html")
    assert refused.reason == "missing" and refused.detail.endswith(": nothing is downloaded, name a file")
