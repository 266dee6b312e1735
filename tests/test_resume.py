"""Runs killed at random moments, or on a full disk, go on and end with the bytes of an uninterrupted run."""

import json
import os
import random
import resource
import signal
import subprocess
import sys
import time
from pathlib import Path

import pytest

import fake_classifier
from classifier import errors
from classifier.pipeline import Job, run
from classifier.settings import Selection

FAKE = Path(fake_classifier.__file__)
DICE = random.Random(7)


def command(*args, delay=0.0, **popen):
    return subprocess.Popen(
        [sys.executable, str(FAKE), "filter", *map(str, args)], env={**os.environ, "FAKE_DELAY": str(delay)},
        stdout=subprocess.PIPE, stderr=subprocess.PIPE, text=True, **popen,
    )  # fmt: skip


@pytest.fixture(scope="module")
def pages(tmp_path_factory):
    """Two files with 3,000 short pages between them; one in seven has nothing to keep."""
    folder = tmp_path_factory.mktemp("in")
    for name in ("a", "b"):
        with (folder / f"{name}.jsonl").open("w") as file:
            for i in range(1500):
                story = f"\n\nPage {i} tells of the old ferry and of the crew that left it at {name}."
                text = "Home" + story * (i % 7 > 0)
                file.write(json.dumps({"id": f"{name}{i}", "text": text}) + "\n")
    return folder


def contents(folder):
    """Every visible file below a folder with its bytes."""
    files = (p for p in folder.rglob("*") if p.is_file() and p.name != "manifest.json")
    return {p.relative_to(folder): p.read_bytes() for p in files}


def finish(running):
    _, told = running.communicate(timeout=60)
    assert running.returncode == 0, told


def whole(pages, folder, name, *options):
    finish(command(pages, "-o", f"{folder}/{name}", "--rejected", folder / "lost.jsonl.gz", *options))
    return contents(folder)


@pytest.mark.parametrize(
    ("name", "options"),
    [
        ("out.jsonl", ()),
        ("out.txt.zst", ("--workers", "2")),
        ("out/", ("--format", "jsonl")),
        ("out.parquet", ()),
    ],
)  # fmt: skip
def test_killed_at_random_moments_it_ends_with_the_same_bytes(pages, tmp_path, name, options):
    expected = whole(pages, tmp_path / "whole", name, *options)
    folder = tmp_path / "killed"
    args = (pages, "-o", f"{folder}/{name}", "--rejected", folder / "lost.jsonl.gz", "--resume", *options)
    for _ in range(3):
        running = command(*args, delay=0.02, start_new_session=True)
        wait_for(lambda: list(folder.rglob("*.partial")), running)
        time.sleep(DICE.uniform(0, 0.7))
        if running.poll() is None:
            os.killpg(running.pid, signal.SIGKILL)
        running.communicate()
        visible = {path: data for path, data in contents(folder).items() if path.name[0] != "."}
        assert visible.items() <= expected.items()
    finish(command(*args))
    assert contents(folder) == expected


def wait_for(condition, running):
    while not condition() and running.poll() is None:
        time.sleep(0.005)


@pytest.mark.parametrize("workers", [1, 2])
def test_ctrl_c_leaves_a_state_that_goes_on(pages, tmp_path, workers):
    expected = whole(pages, tmp_path / "whole", "out.jsonl")
    folder = tmp_path / "stopped"
    args = (pages, "-o", folder / "out.jsonl", "--rejected", folder / "lost.jsonl.gz", "--workers", workers)
    running = command(*args, delay=0.05, start_new_session=True)
    state = folder / ".out.jsonl.resume"
    wait_for(state.exists, running)
    os.killpg(running.pid, signal.SIGINT)
    _, told = running.communicate(timeout=20)
    assert running.returncode == 130 and told.startswith("interrupted: the same command with --resume goes on")
    assert told.count("\n") == 1 and state.exists()
    finish(command(*args, "--resume"))
    assert contents(folder) == expected


def interrupted(tmp_path, pages, **changes):
    """A job stopped after its first checkpoint, and its options."""
    options = {"inputs": (str(pages),), "output": str(tmp_path / "out.jsonl"), **changes}

    def stop(progress, results):
        if progress.counts.read > 2000:
            raise KeyboardInterrupt

    with pytest.raises(KeyboardInterrupt):
        run(Job(**options), fake_classifier.FakeClassifier(), stop)
    return options


def test_a_changed_option_is_refused_and_named(pages, tmp_path):
    options = interrupted(tmp_path, pages)
    with pytest.raises(errors.ResumeError, match='blocks: "kept" before, "all" now'):
        run(Job(**options, resume=True, blocks="all"), fake_classifier.FakeClassifier())


def test_an_option_within_another_is_named_alone(pages, tmp_path):
    options = interrupted(tmp_path, pages)
    with pytest.raises(errors.ResumeError, match=r"was another one \(selection\.title: false before, true now\)"):
        run(Job(**options, resume=True, selection=Selection(title=True)), fake_classifier.FakeClassifier())


def test_an_option_that_is_gone_is_named(pages, tmp_path):
    options = interrupted(tmp_path, pages, selection=Selection(min_score={"article": 0.5}))
    options["selection"] = Selection()
    with pytest.raises(errors.ResumeError, match=r"selection\.min_score\.article: 0\.5 before, null now"):
        run(Job(**options, resume=True), fake_classifier.FakeClassifier())


def test_a_state_of_another_version_is_told(pages, tmp_path):
    options = interrupted(tmp_path, pages)
    state = tmp_path / ".out.jsonl.resume"
    state.write_text(json.dumps({"version": 2, "identity": {}, "counts": {"read": 1}}))
    with pytest.raises(errors.ResumeError, match="written by another version: start again without --resume"):
        run(Job(**options, resume=True), fake_classifier.FakeClassifier())


def test_a_changed_model_is_refused(pages, tmp_path):
    options = interrupted(tmp_path, pages)
    other = fake_classifier.FakeClassifier()
    other.model_name = "other@sha256:1"
    with pytest.raises(errors.ResumeError, match='model: "fake@sha256:0" before, "other@sha256:1" now'):
        run(Job(**options, resume=True), other)


def test_a_changed_input_is_refused(pages, tmp_path):
    copy = tmp_path / "in.jsonl"
    copy.write_bytes((pages / "a.jsonl").read_bytes() + (pages / "b.jsonl").read_bytes())
    options = interrupted(tmp_path, copy)
    with copy.open("a") as file:
        file.write('{"id": "more", "text": "x"}\n')
    with pytest.raises(errors.ResumeError, match="input files"):
        run(Job(**options, resume=True), fake_classifier.FakeClassifier())


def test_other_workers_may_go_on(pages, tmp_path):
    options = interrupted(tmp_path, pages)
    counts = run(Job(**options, resume=True, workers=2), fake_classifier.FakeClassifier())
    assert counts.read == 3000 and counts.written + counts.rejected.total() == 3000
    straight = tmp_path / "straight.jsonl"
    run(Job((str(pages),), str(straight)), fake_classifier.FakeClassifier())
    assert (tmp_path / "out.jsonl").read_bytes() == straight.read_bytes()


def test_without_resume_it_starts_anew(pages, tmp_path):
    options = interrupted(tmp_path, pages)
    counts = run(Job(**options), fake_classifier.FakeClassifier())
    assert counts.read == 3000 and not list(tmp_path.glob(".out*"))


def test_resume_needs_a_file_to_go_on_with(pages):
    with pytest.raises(errors.SettingsError, match="-o"):
        run(Job((str(pages),), resume=True), fake_classifier.FakeClassifier())


def test_a_full_disk_stops_with_one_line_and_goes_on_later(pages, tmp_path):
    expected = whole(pages, tmp_path / "whole", "out.jsonl")
    folder = tmp_path / "full"
    args = (pages, "-o", folder / "out.jsonl", "--rejected", folder / "lost.jsonl.gz")

    def no_room():
        resource.setrlimit(resource.RLIMIT_FSIZE, (500_000, 500_000))

    full = command(*args, preexec_fn=no_room)
    _, told = full.communicate(timeout=30)
    assert full.returncode == 1
    assert told.startswith("error: ") and "out.jsonl: cannot be written" in told and told.count("\n") == 1
    assert not (folder / "out.jsonl").exists()
    finish(command(*args, "--resume"))
    assert contents(folder) == expected
