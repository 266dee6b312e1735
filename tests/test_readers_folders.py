"""Folders, globs and links: which files they name, each once, and what cannot be read in them."""

import os

import pytest
from test_readers import pages

from classifier.pipeline import Job, run
from classifier.readers.discover import discover
from fake_classifier import FakeClassifier


def test_folders_and_globs_come_sorted_and_without_hidden_files(tmp_path):
    for name in ("b.txt", "a/z.txt", "a/b.txt", ".hidden.txt", ".git/x.txt", "c.txt"):
        (tmp_path / name).parent.mkdir(exist_ok=True)
        (tmp_path / name).write_text("x")
    assert [os.path.relpath(p.id, tmp_path) for p in pages(tmp_path)] == ["a/b.txt", "a/z.txt", "b.txt", "c.txt"]
    assert [os.path.relpath(p.id, tmp_path) for p in pages(f"{tmp_path}/*.txt")] == ["b.txt", "c.txt"]


def test_pipes_in_folders_and_globs_are_left_out_and_broken_links_told(tmp_path):
    (tmp_path / "a.txt").write_text("x")
    (tmp_path / "link.txt").symlink_to("a.txt")
    (tmp_path / "lost.txt").symlink_to("gone")
    os.mkfifo(tmp_path / "pipe.txt")
    for name in (tmp_path, f"{tmp_path}/*.txt"):
        files = discover([str(name)])
        assert [(file.relative, bool(file.problem)) for file in files][:2] == [("a.txt", False), ("link.txt", False)]
        assert "pipe.txt" not in [file.relative for file in files]
    assert discover([str(tmp_path)])[2].problem
    assert discover([f"{tmp_path}/pipe.txt"])[0].problem == ""


def test_a_file_that_several_inputs_name_is_read_once(tmp_path, monkeypatch):
    monkeypatch.chdir(tmp_path)
    for name in ("a.txt", "b.txt"):
        (tmp_path / name).write_text("x")
    files = discover(["b.txt", ".", f"{tmp_path}/*.txt", "./b.txt", "gone.txt", "gone.txt"])
    assert [file.path for file in files] == ["b.txt", "./a.txt", "gone.txt"]


def test_outputs_in_a_folder_may_be_read_in_turn(tmp_path):
    (tmp_path / "in").mkdir()
    (tmp_path / "in" / "a.txt").write_text("The old ferry left the harbour before the fog came in and nobody saw it.")
    run(Job((str(tmp_path / "in"),), f"{tmp_path}/out/"), FakeClassifier())
    assert sorted(os.listdir(tmp_path / "out")) == ["a.jsonl", "manifest.json"]
    assert [file.relative for file in discover([f"{tmp_path}/out"])] == ["a.jsonl"]
    (tmp_path / "out" / "manifest.json").write_text('{"text": "of somebody else"}')
    assert [file.relative for file in discover([f"{tmp_path}/out"])] == ["a.jsonl", "manifest.json"]


@pytest.mark.parametrize("pattern", ["", "/**", "/**/", "/**/*", "/**/*.txt"])
def test_folders_behind_links_are_read_once_and_loops_end(tmp_path, monkeypatch, pattern):
    monkeypatch.chdir(tmp_path)
    for name in ("in/b.txt", "in/sub/c.txt", "in/sub/deep/d.txt", "other/o.txt", "other/.git/x.txt"):
        (tmp_path / name).parent.mkdir(parents=True, exist_ok=True)
        (tmp_path / name).write_text("x")
    links = {"in/a-loop": ".", "in/away": "../other", "in/sub/up": "..", "in/z-again": "sub", "other/back": "../other"}
    for name, target in links.items():
        (tmp_path / name).symlink_to(target)
    names = ["in/away/o.txt", "in/b.txt", "in/sub/c.txt", "in/sub/deep/d.txt"]
    assert [file.path for file in discover([f"in{pattern}"])] == names


@pytest.mark.parametrize("target", ["..", "/"])
def test_a_link_to_a_folder_above_does_not_lead_out(tmp_path, target):
    (tmp_path / "in").mkdir()
    (tmp_path / "in" / "up").symlink_to(target)
    for name in ("out.txt", "in/a.txt"):
        (tmp_path / name).write_text("x")
    assert [file.relative for file in discover([f"{tmp_path}/in"])] == ["a.txt"]


@pytest.mark.parametrize("pattern", ["", "/", "/*", "/**", "/**/", "/**/*.txt"])
def test_a_subfolder_that_cannot_be_read_is_told(tmp_path, monkeypatch, pattern):
    for name in ("a.txt", "locked/b.txt", "z.txt"):
        (tmp_path / name).parent.mkdir(exist_ok=True)
        (tmp_path / name).write_text("x")
    scandir = os.scandir

    def locked(path):
        if str(path).rstrip("/").endswith("locked"):
            raise PermissionError(13, "Permission denied", path)
        return scandir(path)

    monkeypatch.setattr(os, "scandir", locked)
    first, refused, last = pages(f"{tmp_path}{pattern}")
    assert (refused.source, refused.reason) == (f"{tmp_path}/locked", "unreadable")
    (told,) = discover([f"{tmp_path}/locked"])
    assert (told.relative, told.problem) == (f"{tmp_path}/locked", "permission denied")
