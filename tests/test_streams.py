"""The first bytes of files and pipes: enough to tell the format by, and still there to be read."""

import io
import json
import os
import subprocess
import sys

import pytest
import zstandard
from test_readers import packed

from classifier.errors import DamagedInput
from classifier.readers.formats import PEEK
from classifier.readers.streams import ByteSource, first_bytes, open_bytes

LINES = b"".join(json.dumps({"id": i, "text": os.urandom(3000).hex()}).encode() + b"\n" for i in range(100))


class Pipe(io.BytesIO):
    def seekable(self):
        return False


@pytest.mark.parametrize("file", [io.BytesIO, Pipe])
@pytest.mark.parametrize("suffix", ["", ".gz", ".zst"])
def test_the_first_bytes_of_stdin_are_unpacked_and_read_again(monkeypatch, file, suffix):
    monkeypatch.setattr(sys, "stdin", io.TextIOWrapper(file(packed(LINES, suffix))))
    assert first_bytes("-", PEEK) == LINES[:PEEK]
    with open_bytes("-") as pipe:
        assert b"".join(ByteSource(pipe)) == LINES


def test_the_first_bytes_of_a_pipe_that_gives_one_at_a_time(tmp_path):
    path = str(tmp_path / "pipe")
    os.mkfifo(path)
    slowly = 'head -c 1 "$1"; sleep 0.2; tail -c +2 "$1"'
    (tmp_path / "in.jsonl").write_bytes(LINES)
    with subprocess.Popen(["sh", "-c", f'({slowly}) > "$2"', "sh", tmp_path / "in.jsonl", path]):
        assert first_bytes(path, PEEK) == LINES[:PEEK]
        with open_bytes(path) as pipe:
            assert b"".join(ByteSource(pipe)) == LINES


def test_bytes_before_damage_in_a_pipe_are_given(monkeypatch):
    whole = zstandard.ZstdCompressor().compress(b"{")
    monkeypatch.setattr(sys, "stdin", io.TextIOWrapper(Pipe(whole + whole[:9])))
    assert first_bytes("-", PEEK) == b"{"
    assert open_bytes("-").read() == whole + whole[:9]


def test_zstd_behind_frames_that_are_skipped():
    skipped = b"".join(bytes([0x50 + i]) + b"\x2a\x4d\x18\4\0\0\0data" for i in (0, 15))
    assert b"".join(ByteSource(io.BytesIO(skipped + packed(LINES, ".zst")))) == LINES


def test_zstd_with_a_dictionary_is_told():
    fitted = zstandard.train_dictionary(1000, [b"the ferry left %d times" % i for i in range(999)])
    data = zstandard.ZstdCompressor(dict_data=fitted).compress(LINES)
    with pytest.raises(DamagedInput, match="needs a dictionary: unpack it first"):
        list(ByteSource(io.BytesIO(data)))
