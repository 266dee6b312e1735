"""The command among pipes: stdin, stdout and stderr that come bit by bit, are closed, or take nothing."""

import gzip
import json
import os
import subprocess
import sys

import pytest
from test_cli import FAKE, PAGE, STORY, classifier


@pytest.mark.parametrize("name", ["-", "/dev/stdin", "named"])
def test_a_pipe_is_read_from_its_start(tmp_path, name):
    pages = "".join(json.dumps({"text": STORY}) + "\n" for _ in range(3000)).encode()  # more than a pipe holds
    path = tmp_path / "pipe" if name == "named" else name

    def through_pipe(data):
        if name != "named":
            return classifier("filter", path, "-q", stdin=data)[1]
        path.unlink(missing_ok=True)
        os.mkfifo(path)
        writer = subprocess.Popen(["tee", path], stdin=subprocess.PIPE, stdout=subprocess.DEVNULL)
        reader = subprocess.Popen([sys.executable, str(FAKE), "filter", path, "-q"], stdout=subprocess.PIPE)
        writer.communicate(data)
        return reader.communicate()[0].decode()

    assert through_pipe(pages).count("\n") == 3000
    for page in (PAGE.encode(), gzip.compress(PAGE.encode())):
        assert through_pipe(page) == STORY + "\n"


def test_stdin_is_read_once_and_has_to_be_open():
    code, _, told = classifier("filter", "-", "-")
    assert (code, told) == (2, "error: stdin cannot be read a second time: name - once.\n")
    for command in ("filter", "label"):
        done = subprocess.run(f"{sys.executable} {FAKE} {command} - <&-", shell=True, capture_output=True)
        assert done.returncode == 1
        assert done.stderr.startswith(b"stdin: unreadable: stdin is closed: give it something to read")


def test_a_closed_pipe_is_no_error(tmp_path):
    pages = tmp_path / "in.jsonl"
    pages.write_text("".join(json.dumps({"text": STORY}) + "\n" for _ in range(3000)))
    done = subprocess.run(f"{sys.executable} {FAKE} filter {pages} -q | head -n 1", shell=True, capture_output=True)
    assert json.loads(done.stdout)["text"] == STORY and done.stderr == b""


def test_a_closed_stderr_does_not_end_the_work(tmp_path):
    pages, out = tmp_path / "in.jsonl", tmp_path / "out.jsonl"
    pages.write_text("".join(json.dumps({"text": STORY}) + "\nno record\n" for _ in range(300)))
    reading, writing = os.pipe()
    os.close(reading)
    done = subprocess.run([sys.executable, FAKE, "filter", pages, "-o", out, "--strict"], stderr=writing)
    os.close(writing)
    assert done.returncode == 3 and len(out.read_text().splitlines()) == 300


@pytest.mark.parametrize("command", ["filter {}", "label {}", "explain {}", "models", "--version"])
def test_a_stdout_that_takes_nothing_is_told(tmp_path, command):
    page = tmp_path / "page.txt"
    page.write_text(PAGE)
    for where, why in ((">/dev/full", "No space left on device"), (">&-", "Bad file descriptor")):
        line = f"{sys.executable} {FAKE if command != 'explain {}' else '-m classifier'} {command.format(page)} {where}"
        done = subprocess.run(line, shell=True, capture_output=True, cwd=FAKE.parent.parent)
        last = done.stderr.decode().splitlines()[-1]
        assert (done.returncode, last.partition(" check")[0]) == (1, f"error: stdout: {why}:")
