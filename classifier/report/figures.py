"""The report of an evaluation: tables, confusion matrix, precision-recall and calibration curves."""

from __future__ import annotations

from collections.abc import Iterable, Mapping, Sequence
from string import Template
from typing import Any

from classifier.records import LABELS
from classifier.report.document import asset, document, escape
from classifier.report.svg import Bar, Curve, bars, curves

_BARS = 20  # languages and sources with a bar; the table has all
_WORDS = frozenset(("label", "measure", "scores", "view", "of", "source", "language"))  # columns without numbers
_SHADES = 10  # steps of the colour of a confusion cell
Figures = Mapping[str, Any]


def figures_report(figures: Figures) -> bytes:
    """One HTML file from what `evaluation.evaluate` gives."""
    facts = (
        f"{figures['pages']:,} pages, {figures['single_blocks']:,} single blocks, {figures['blocks']:,} blocks judged"
    )
    about = f"model {figures['model']}, preset {figures['preset']}; {facts}"
    body = Template(asset("figures.html")).substitute(
        patterns=asset("patterns.html"), facts=escape(about), tables=_tables(figures), plots=_plots(figures),
        groups="".join(_groups(name, figures[name]) for name in ("views", "sources", "languages")),
    )  # fmt: skip
    return document("Scores of a model", body, ("theme.js",))


def _tables(figures: Figures) -> str:
    parts = [
        _panel("Labels; f1 alone: that of the first stage", _label_table(figures["labels"], figures["alone"])),
        _panel("Confusion: true label in rows, label given in columns", _confusion(figures["confusion"])),
    ]
    if figures["articles"]:
        parts.append(_panel("Text of articles against the gold text", _articles(figures["articles"])))
    return "".join(parts)


def _figure(name: str, inside: str) -> str:
    return f"<figure><figcaption>{escape(name)}</figcaption>{inside}</figure>"


def _panel(name: str, table: str) -> str:
    return _figure(name, _scrolled(name, table))


def _scrolled(name: str, table: str) -> str:
    """A table that may be wider or higher than its place; whoever gets there with the tab key hears its name."""
    return f'<div class="scroll" tabindex="0" role="region" aria-label="{escape(name)}">{table}</div>'


def _table(head: Sequence[str], rows: Iterable[Sequence[object]]) -> str:
    """A table whose first column names its rows; columns named in `_WORDS` hold no numbers."""
    kinds = ["" if name in _WORDS else ' class="number-cell"' for name in head]
    names = "".join(f'<th scope="col"{kind}>{escape(name)}</th>' for name, kind in zip(head, kinds, strict=True))
    body = "".join(
        f'<tr><th scope="row">{escape(first)}</th>{"".join(map(_cell, rest, kinds[1:]))}</tr>' for first, *rest in rows
    )
    return f"<table><thead><tr>{names}</tr></thead><tbody>{body}</tbody></table>"


def _cell(value: object, kind: str) -> str:
    text = f"{value:.3f}" if isinstance(value, float) else f"{value:,}" if isinstance(value, int) else str(value)
    return f"<td{kind}>{escape(text)}</td>"


def _label_table(labels: Figures, alone: Figures) -> str:
    """A label a column: there are three of them, so that the table has room on a phone."""
    rows = [(name, *(own[name] for own in labels.values())) for name in ("precision", "recall", "f1")]
    rows += [("f1 alone", *(alone[name]["f1"] for name in labels))]
    rows += [("blocks", *(own["blocks"] for own in labels.values()))]
    return _table(("measure", *labels), rows)


def _confusion(table: Figures) -> str:
    """Shaded by share of the row, so that frequent labels do not drown the others; numbers stand in every cell."""
    head = "".join(f'<th scope="col" class="number-cell">{label}</th>' for label in LABELS)
    body = []
    for label, row in table.items():
        whole = max(1, sum(row.values()))
        cells = "".join(
            f'<td class="number-cell shade{round(n / whole * _SHADES)}">{n:,}<br><small>{n / whole:.1%}</small></td>'
            for n in row.values()
        )
        body.append(f'<tr><th scope="row">{escape(label)}</th>{cells}</tr>')
    top = f'<thead><tr><th scope="col">true</th>{head}</tr></thead>'
    return f'<table class="confusion">{top}<tbody>{"".join(body)}</tbody></table>'


def _articles(articles: Figures) -> str:
    columns = ("precision", "recall", "f1", "pages")
    names = {"words": "words", "runs": "4-grams"}
    rows = [
        (view, names[kind], *(own[c] for c in columns))
        for view, kinds in articles.items()
        for kind, own in kinds.items()
    ]
    return _table(("view", "of", *columns), rows)


def _plots(figures: Figures) -> str:
    found = figures["curves"]
    recall = [
        Curve(f"{name}, average precision {own['average_precision']:.3f}", [(r, p) for r, p, _ in own["points"]])
        for name, own in found.items()
    ]
    bins = figures["calibration"]["bins"]
    reliable = [Curve(name, [(row["score"], row["share"]) for row in bins[name]]) for name in bins]
    error = figures["calibration"]["error"]
    return (
        _figure("Precision and recall", curves("Precision by recall", recall, ("recall", "precision")))
        + _figure(
            f"Calibration, expected error {error:.3f}",
            curves("True share by score", reliable, ("score", "true share"), diagonal=True),
        )
        + _panel("Scores given, and the share that is true", _score_table(bins))
    )


def _score_table(bins: Figures) -> str:
    rows = [
        (name, f"{row['low']:.1f} to {row['high']:.1f}", row["score"], row["share"], row["blocks"])
        for name, own in bins.items() for row in own
    ]  # fmt: skip
    return _table(("label", "scores", "mean", "true", "blocks"), rows)


def _groups(name: str, groups: Figures) -> str:
    """Bars of accuracy for the frequent ones, and a table of all."""
    if not groups:
        return ""
    one = name.removesuffix("s")
    rows = [
        Bar(key, (("measure", own["accuracy"]),), f"{own['accuracy']:.3f} ({own['blocks']:,})")
        for key, own in list(groups.items())[:_BARS]
    ]
    plot = bars(f"Accuracy by {one}", rows)
    columns = [f"{label} {what}" for label in LABELS for what in ("f1", "blocks")]
    table = _table(
        (one, "blocks", "accuracy", *columns),
        [(key, own["blocks"], own["accuracy"], *_by_label(own["labels"])) for key, own in groups.items()],
    )
    both = _figure("Accuracy (blocks)", plot) + _scrolled(f"By {one}", table)
    return f'<section><h2>By {one}</h2><div class="group">{both}</div></section>'


def _by_label(labels: Figures) -> list[object]:
    return [labels[label][what] if label in labels else "" for label in LABELS for what in ("f1", "blocks")]
