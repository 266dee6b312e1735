"""From the options of a command to a run, and from its outcome to messages and an exit code."""

from __future__ import annotations

import os
import re
import sys
from collections.abc import Sequence
from pathlib import Path
from typing import TYPE_CHECKING, NoReturn

import typer

from classifier.cli import INTERRUPTED
from classifier.cli.options import KeepOptions
from classifier.cli.tell import Teller
from classifier.errors import InputError, SettingsError
from classifier.pipeline import Job, run
from classifier.readers import discover
from classifier.readers.formats import PEEK, kind_of
from classifier.readers.raw import PAGES
from classifier.readers.streams import first_bytes
from classifier.records import Label
from classifier.settings import COMPRESSIONS, Selection, near_names, parse_labels, parse_min_scores
from classifier.writers import FORMATS, Format, format_by_name, format_by_path
from classifier.writers.files import is_device

if TYPE_CHECKING:
    from classifier.classify import Classifier


_CODE = re.compile(r"[A-Za-z]{2,3}([-_]([A-Za-z]{4}|[A-Za-z]{2}))?,?")  # how codes of languages look


def load_model(folder: Path | None) -> Classifier:
    """The model of --model, or the shipped one."""
    import classifier

    return classifier.load(folder)


def selection_of(keep: KeepOptions, tags: Sequence[str] | None) -> Selection:
    """The selection asked for; with `tags` (all the model can emit) language codes are checked and resolved.

    A code without a script takes every script of its language that the model tells apart.
    """
    labels, scores = _labels(keep), parse_min_scores(keep.min_score or [])
    wanted_codes = _codes(keep.language, "--language")
    page_codes = _codes(keep.page_language, "--page-language")
    dropped_codes = _codes(keep.drop_language, "--drop-language")
    if tags is None:
        return Selection(labels, min_score=scores, title=keep.title)
    wanted, pages = (_tags(codes, tags, True) for codes in (wanted_codes, page_codes))
    dropped = _tags(dropped_codes, tags, False)
    return Selection(labels, wanted, dropped, pages, scores, keep.title)


def check_values_apart(keep: KeepOptions, inputs: Sequence[str]) -> None:
    """SettingsError where an input that is no file is a label or a language, as after a blank in place of a comma."""
    missing = [name for name in inputs if not os.path.lexists(name)]
    labels = [name.lower() for name in missing if name.lower() in list(Label)]
    if labels:
        wanted = ",".join(dict.fromkeys([*_labels(keep), *labels]))
        raise SettingsError(f"{labels[0]}: no such file: to keep several labels write --keep {wanted}.")
    codes = {
        "--language": keep.language, "--page-language": keep.page_language, "--drop-language": keep.drop_language
    }  # fmt: skip
    given = [(option, ",".join(value).strip(" ,")) for option, value in codes.items() if value]
    if len(given) == 1:
        from classifier.language.codes import NAMES, canonical

        stripped = [name.rstrip(",") for name in missing if _CODE.fullmatch(name)]
        languages = [name for name in stripped if canonical(name).partition("-")[0] in NAMES]
        if languages:
            option, value = given[0]
            wanted = ",".join([value, *languages])
            raise SettingsError(f"{languages[0]}: no such file: to name several languages write {option} {wanted}.")


def _labels(keep: KeepOptions) -> tuple[Label, ...]:
    return (Label.ARTICLE,) if keep.keep is None else parse_labels(",".join(keep.keep))


def _codes(texts: Sequence[str] | None, option: str) -> list[str]:
    """`["en,tr"]` to codes, none where the option is not given; SettingsError where it is, and names none."""
    codes = [part.strip() for text in texts or () for part in text.split(",") if part.strip()]
    if texts and not codes:
        raise SettingsError(f"{option} names no language: write for example en,tr.")
    return codes


def _tags(codes: Sequence[str], known: Sequence[str], undecided: bool) -> frozenset[str]:
    """Tags for a list of codes; with those of text that may be of one of these languages where `undecided`."""
    from classifier.language.codes import accepted, script_less

    found: set[str] = set()
    for code in codes:
        found |= accepted(code, known) if undecided else script_less(code, known)
    return frozenset(found)


def output_name(name: str) -> str:
    """The output as given; a folder that exists gets the slash that tells a folder.

    "-" is stdout, a folder of that name or not; SettingsError for "-/", most likely a slip.
    """
    if name.rstrip("/") == "-" != name:
        raise SettingsError(f"{name}: - is stdout and no folder: write ./-/ for a folder of that name.")
    return name + "/" if name != "-" and not name.endswith("/") and Path(name).is_dir() else name


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
    files = discover(inputs)
    if len(files) != 1 or files[0].problem:
        return False
    try:
        return kind_of(first_bytes(files[0].path, PEEK), files[0].path) in PAGES
    except (InputError, OSError):  # told when it is read
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
    raise typer.Exit(INTERRUPTED)
