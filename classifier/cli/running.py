"""From the options of a command to a run, and from its outcome to messages and an exit code."""

from __future__ import annotations

import os
import sys
from collections.abc import Sequence
from pathlib import Path
from typing import TYPE_CHECKING, NoReturn

import typer

from classifier.cli.options import KeepOptions
from classifier.cli.tell import Teller
from classifier.errors import InputError, SettingsError
from classifier.pipeline import Job, run
from classifier.readers import Kind, discover
from classifier.readers.formats import PEEK, kind_of
from classifier.readers.streams import ByteSource, open_bytes
from classifier.settings import Selection, near_names, parse_labels, parse_min_scores
from classifier.writers import COMPRESSIONS, FORMATS, Format, format_by_name, format_by_path
from classifier.writers.files import is_device

if TYPE_CHECKING:
    from classifier.classify import Classifier

_INTERRUPTED = 130  # what shells give for a process ended by Ctrl-C


def load_model(folder: Path | None) -> Classifier:
    """The model of --model, or the shipped one."""
    import classifier

    return classifier.load(folder)


def selection_of(keep: KeepOptions, tags: Sequence[str] | None) -> Selection:
    """The selection asked for; with `tags` (all the model can emit) language codes are checked and resolved.

    A code without a script takes every script of its language that the model tells apart.
    """
    labels, scores = parse_labels(keep.keep), parse_min_scores(keep.min_score or [])
    if tags is None:
        return Selection(labels, min_score=scores, title=keep.title)
    wanted, pages = (_tags(codes, tags, True) for codes in (keep.language, keep.page_language))
    dropped = _tags(keep.drop_language, tags, False)
    return Selection(labels, wanted, dropped, pages, scores, keep.title)


def _tags(codes: str, known: Sequence[str], undecided: bool) -> frozenset[str]:
    """Tags for a list of codes; with those of text that may be of one of these languages where `undecided`."""
    from classifier.language.codes import accepted, script_less

    found: set[str] = set()
    for code in filter(None, (part.strip() for part in codes.split(","))):
        found |= accepted(code, known) if undecided else script_less(code, known)
    return frozenset(found)


def output_name(name: str) -> str:
    """The output as given; a folder that exists gets the slash that tells a folder."""
    return name + "/" if not name.endswith("/") and Path(name).is_dir() else name


def choose_format(inputs: Sequence[str], output: str, name: str) -> str:
    """The output format: `name` if given, else by the suffix of a file, else what fits the input on stdout."""
    found = format_by_name(name) if name else _fitting(inputs, output)
    if found.convert is not None:
        _check_parquet(output)
    return found.name


def _fitting(inputs: Sequence[str], output: str) -> Format:
    """The format where none is named."""
    if output == "-":
        return FORMATS["text" if _is_single_page(inputs) else "jsonl"]
    if output.endswith("/"):
        return FORMATS["jsonl"]
    found = format_by_path(output)
    if found is None:
        hint = near_names(Path(output).suffix.lstrip("."), FORMATS)
        raise SettingsError(f"{output}: the name does not tell the format: give --format, {hint}")
    return found


def _check_parquet(output: str) -> None:
    """SettingsError where the output cannot be Parquet, which is made of the whole file at the end of a run."""
    path = Path(output)
    if output == "-" or is_device(path):
        raise SettingsError("Parquet needs a file: name one with -o, as out.parquet.")
    if path.suffix.lower() in COMPRESSIONS and not output.endswith("/"):
        raise SettingsError(f"{output}: Parquet is compressed inside: name it {path.with_suffix('').name}.")


def _is_single_page(inputs: Sequence[str]) -> bool:
    if inputs == ["-"]:
        peek = getattr(sys.stdin.buffer, "peek", None)
        return peek is not None and kind_of(peek(PEEK)[:PEEK], "") in (Kind.TEXT, Kind.HTML)
    files = discover(inputs)
    if len(files) != 1 or files[0].problem:
        return False
    try:
        with open_bytes(files[0].path) as handle:
            return kind_of(ByteSource(handle).peek(PEEK), files[0].path) in (Kind.TEXT, Kind.HTML)
    except (InputError, OSError):
        return False


def run_told(job: Job, classifier: Classifier, quiet: bool, strict: bool) -> None:
    """Do the job, tell about it, and leave with the right exit code."""
    teller = Teller(quiet)
    counts = None
    try:
        counts = run(job, classifier, teller.listen)
    except KeyboardInterrupt:
        _leave(f"interrupted{'' if job.output == '-' else ': the same command with --resume goes on'}")
    except BrokenPipeError:  # the reader of our stdout has seen enough
        os.dup2(os.open(os.devnull, os.O_WRONLY), sys.stdout.fileno())
        raise typer.Exit(0) from None
    finally:
        teller.close(counts)
    if teller.unreadable:
        raise typer.Exit(1)
    if strict and counts.rejected:
        raise typer.Exit(3)


def _leave(message: str) -> NoReturn:
    print(message, file=sys.stderr)
    raise typer.Exit(_INTERRUPTED)
