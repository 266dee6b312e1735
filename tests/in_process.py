"""The command `classifier` inside the test's own process: a process of its own costs a second of imports each time."""

import sys

import pytest

from classifier import cli


def call(monkeypatch, capsys, *args):
    """Run the command with these arguments: exit code, what went to stdout, what went to stderr."""
    monkeypatch.setattr(sys, "argv", ["classifier", *map(str, args)])
    capsys.readouterr()
    with pytest.raises(SystemExit) as left:
        cli.main()
    printed = capsys.readouterr()
    return left.value.code or 0, printed.out, printed.err
