"""Files that appear under their final name only when they are whole."""

import errno
import gzip
import json
import os
import subprocess
import sys
from dataclasses import replace

import pytest
from test_writers import STORY, written

from classifier.errors import OutputError, ResumeError
from classifier.pipeline import Job, run
from classifier.readers.streams import ByteSource, open_bytes
from classifier.writers import FORMATS
from classifier.writers.files import OutputFile, commit, write_whole
from fake_classifier import FakeClassifier


def test_nothing_under_the_final_name_before_it_is_whole(tmp_path):
    final = tmp_path / "out.jsonl"
    final.write_text("old")
    file = OutputFile(final, FORMATS["jsonl"])
    file.write(b"new\n")
    file.mark()
    assert final.read_text() == "old"
    file.close()
    commit(final, FORMATS["jsonl"])
    assert final.read_text() == "new\n" and list(tmp_path.iterdir()) == [final]


def test_what_came_behind_the_mark_is_cut_off(tmp_path):
    final = tmp_path / "out.jsonl.gz"
    file = OutputFile(final, FORMATS["jsonl"])
    file.write(b"kept\n")
    size = file.mark()
    file.write(b"lost\n")
    file.mark()
    file.close()
    again = OutputFile(final, FORMATS["jsonl"], size, 1)
    again.write(b"more\n")
    again.mark()
    again.close()
    commit(final, FORMATS["jsonl"])
    assert gzip.decompress(final.read_bytes()) == b"kept\nmore\n"


@pytest.mark.parametrize(("suffix", "magic"), [(".gz", b"\x1f\x8b"), (".zst", b"\x28\xb5\x2f\xfd")])
def test_packed_files_of_nothing_are_whole(tmp_path, suffix, magic):
    final = tmp_path / f"lost.jsonl{suffix}"
    file = OutputFile(final, None)
    size = file.mark()
    assert file.mark() == size
    file.close()
    commit(final, None)
    assert final.read_bytes().startswith(magic)
    with open_bytes(str(final)) as packed:
        assert b"".join(ByteSource(packed)) == b""


def test_half_of_a_parquet_file_is_not_left_behind(tmp_path, monkeypatch):
    def full(rendered, ready):
        ready.write_bytes(b"half")
        raise OSError(errno.ENOSPC, os.strerror(errno.ENOSPC))

    final, parquet = tmp_path / "out.parquet", replace(FORMATS["parquet"], convert=full)
    file = OutputFile(final, parquet)
    file.mark()
    file.close()
    with pytest.raises(OutputError, match=r"out\.parquet: cannot be written \(No space left"):
        commit(final, parquet)
    assert list(tmp_path.iterdir()) == [tmp_path / ".out.parquet.partial"]


def test_two_runs_do_not_write_one_output(tmp_path):
    file = OutputFile(tmp_path / "out.jsonl", FORMATS["jsonl"])
    file.write(b"one\n")
    file.mark()
    second = (
        "import sys; from pathlib import Path; from classifier.writers.files import OutputFile\n"
        "OutputFile(Path(sys.argv[1]), None)"
    )
    done = subprocess.run([sys.executable, "-c", second, tmp_path / "out.jsonl"], capture_output=True, text=True)
    assert "out.jsonl: another run is writing it: wait for its end, or name another output." in done.stderr
    file.close()
    commit(tmp_path / "out.jsonl", FORMATS["jsonl"])
    assert (tmp_path / "out.jsonl").read_bytes() == b"one\n"


def test_a_partial_file_that_is_gone_or_shorter_is_told(tmp_path):
    with pytest.raises(ResumeError, match="gone"):
        OutputFile(tmp_path / "out.jsonl", FORMATS["jsonl"], keep=5)
    (tmp_path / ".out.jsonl.partial").write_text("abc")
    with pytest.raises(ResumeError, match="shorter"):
        OutputFile(tmp_path / "out.jsonl", FORMATS["jsonl"], keep=5)


def test_a_pipe_is_written_to_and_not_replaced(tmp_path):
    pipe = tmp_path / "pipe.jsonl"
    os.mkfifo(pipe)
    source = tmp_path / "in.jsonl"
    source.write_text(json.dumps({"id": "a", "text": STORY}) + "\n")
    reader = subprocess.Popen(["cat", pipe], stdout=subprocess.PIPE)
    run(Job((str(source),), str(pipe)), FakeClassifier())
    assert json.loads(reader.communicate()[0])["id"] == "a"
    assert pipe.is_fifo() and sorted(tmp_path.iterdir()) == [source, pipe]


@pytest.mark.parametrize("there", [True, False])
@pytest.mark.parametrize("name", ["o.jsonl", "o.parquet"])
def test_behind_a_link_the_file_meant_is_written(tmp_path, there, name):
    source = tmp_path / "in.jsonl"
    source.write_text(json.dumps({"id": "a", "text": STORY}) + "\n")
    (tmp_path / "real").mkdir()
    link, meant = tmp_path / f"link-{name}", tmp_path / "real" / name
    link.symlink_to(f"real/{name}")
    if there:
        meant.write_text("old")
    plain = written(str(source), tmp_path / name).read_bytes()
    assert written(str(source), link).read_bytes() == plain
    assert link.is_symlink() and list((tmp_path / "real").iterdir()) == [meant]


def test_a_small_file_behind_a_link_too(tmp_path):
    (tmp_path / "link.html").symlink_to("r.html")
    write_whole(tmp_path / "link.html", b"whole")
    assert (tmp_path / "link.html").is_symlink() and (tmp_path / "r.html").read_bytes() == b"whole"


def test_what_is_in_the_way_behind_a_link_is_told_by_the_name_given(tmp_path):
    (tmp_path / "file").write_text("")
    (tmp_path / "link.jsonl").symlink_to("file/o.jsonl")
    with pytest.raises(OutputError, match=r"link\.jsonl: cannot be written"):
        OutputFile(tmp_path / "link.jsonl", FORMATS["jsonl"])


def test_a_small_file_is_written_to_a_pipe_too(tmp_path):
    pipe = tmp_path / "report.html"
    os.mkfifo(pipe)
    reader = subprocess.Popen(["cat", pipe], stdout=subprocess.PIPE)
    write_whole(pipe, b"whole")
    assert reader.communicate(timeout=60)[0] == b"whole"
    assert pipe.is_fifo() and list(tmp_path.iterdir()) == [pipe]


def test_a_small_file_that_cannot_be_written_leaves_nothing(tmp_path, monkeypatch):
    def full(handle):
        raise OSError(errno.ENOSPC, os.strerror(errno.ENOSPC))

    monkeypatch.setattr(os, "fsync", full)
    with pytest.raises(OutputError, match="No space left on device"):
        write_whole(tmp_path / "r.html", b"x")
    assert list(tmp_path.iterdir()) == []


def test_a_folder_is_told(tmp_path):
    with pytest.raises(OutputError, match="is a folder: end the name with /"):
        OutputFile(tmp_path, FORMATS["jsonl"])
