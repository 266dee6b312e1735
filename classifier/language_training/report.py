"""A page about a language model: its languages, their training rows, how often each is found, what it is taken for."""

from __future__ import annotations

import json
import sys
from collections import Counter, defaultdict
from collections.abc import Mapping, Sequence
from pathlib import Path

import numpy as np

from classifier.language.codes import GROUPS, canonical, name_of
from classifier.language.identifier import FACTS, LanguageIdentifier
from classifier.language_training.rows import read_rows
from classifier.language_training.settings import COMMON
from classifier.records import UNDETERMINED

KINDS = ("paragraph", "sentence", "short")
_MOST_CONFUSIONS = 3
_LEAST_CONFUSED = 0.02  # share of a language's texts from which a confusion is named
_BINS = 10
Answer = tuple[str, str, str, float]  # kind, right tag, tag given, score

_INTRODUCTION = """# Languages

Made by `python -m classifier.language_training.report MODEL ROWS` from a model folder and rows kept apart from
training; do not edit by hand. Each text stands alone: page context, which matters most for short lines, is off. Half of
these rows set the priors of the languages and the calibration of the scores, so the figures are a little kind. A text
counts as right where its language is named in any script, or by the tag of its group
({groups}).
"""


def language_report(folder: Path, dev: Path) -> str:
    """The page in Markdown, for the model in `folder` and the rows (text, lang, kind) in `dev`.

    Raises ModelError for a folder without a model, TrainingError for a row without text or language.
    """
    identifier = LanguageIdentifier.load(folder)
    facts = json.loads((folder / FACTS).read_text(encoding="utf-8"))
    rows = list(read_rows(dev))
    tags, scores = identifier.identify([row["text"] for row in rows])
    answers = [
        (row["kind"], canonical(row["lang"]), tag, float(score))
        for row, tag, score in zip(rows, tags, scores, strict=True)
    ]
    groups = "; ".join(f"`{tag}`: {', '.join(members)}" for tag, members in GROUPS.items())
    parts = [
        _INTRODUCTION.format(groups=groups),
        _totals(answers, facts["rows"]),
        _reliability([a for a in answers if a[1] in facts["rows"]]),
        _languages(answers, facts["rows"]),
        _sources(facts.get("sources", {})),
    ]
    return "\n".join(parts)


def is_right(given: str, wanted: str) -> bool:
    """Whether a tag names the wanted language, in any script, or its group."""
    return given.partition("-")[0] == wanted.partition("-")[0] or wanted in GROUPS.get(given, ())


def _share(answers: Sequence[Answer]) -> str:
    if not answers:
        return ""
    right = np.mean([is_right(given, wanted) for _, wanted, given, _ in answers])
    return f"{100 * right:.1f} ({len(answers)})"


def _table(head: Sequence[str], rows: Sequence[Sequence[str]]) -> str:
    lines = [head, ["---"] * len(head), *rows]
    return "".join("| " + " | ".join(line) + " |\n" for line in lines)


def _totals(answers: Sequence[Answer], known: Mapping[str, int]) -> str:
    sets = {
        "all rows": answers,
        "languages of the model": [a for a in answers if a[1] in known],
        "common languages": [a for a in answers if a[1] in COMMON],
    }
    rows = [[name, *(_share([a for a in part if a[0] == kind]) for kind in KINDS)] for name, part in sets.items()]
    title = f"## In all: {len(known)} languages and scripts\n\nRight of a hundred, number of texts in brackets.\n\n"
    return title + _table(["texts", *KINDS], rows)


def _reliability(answers: Sequence[Answer]) -> str:
    """Of the texts with about one score, how many are right: for a calibrated score the two columns agree."""
    rows = []
    for bin_ in range(_BINS):
        inside = [a for a in answers if min(int(a[3] * _BINS), _BINS - 1) == bin_ and a[2] != UNDETERMINED]
        shares = [_share([a for a in inside if a[0] == kind]) for kind in KINDS]
        rows.append([f"{bin_ / _BINS:.1f} to {(bin_ + 1) / _BINS:.1f}", *shares])
    return "## Score and truth, languages of the model\n\n" + _table(["score", *KINDS], rows)


def _languages(answers: Sequence[Answer], known: Mapping[str, int]) -> str:
    by_tag: dict[str, list[Answer]] = defaultdict(list)
    for answer in answers:
        by_tag[answer[1]].append(answer)
    rows = []
    for tag in sorted(known):
        own = by_tag[tag]
        wrong = Counter(given for _, wanted, given, _ in own if not is_right(given, wanted))
        named = [
            f"{given} {count}"
            for given, count in wrong.most_common(_MOST_CONFUSIONS)
            if count >= max(2, _LEAST_CONFUSED * len(own))
        ]
        shares = [_share([a for a in own if a[0] == kind]) for kind in KINDS]
        rows.append([f"`{tag}`", name_of(tag), str(known[tag]), *shares, ", ".join(named)])
    head = ["tag", "language", "training rows", *KINDS, "taken for"]
    return "## By language\n\n" + _table(head, rows)


def _sources(sources: Mapping[str, Mapping[str, int]]) -> str:
    rows = [[source, licence, str(count)] for source, own in sources.items() for licence, count in own.items()]
    return "## Training text\n\n" + _table(["source", "licence as it states", "rows"], rows)


if __name__ == "__main__":
    sys.stdout.write(language_report(Path(sys.argv[1]), Path(sys.argv[2])))
