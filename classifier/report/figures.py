"""The report of an evaluation: tables, confusion matrix, precision-recall and calibration curves."""

from __future__ import annotations

from collections.abc import Iterable, Mapping, Sequence
from string import Template
from typing import Any

from classifier.records import LABELS
from classifier.report.document import asset, document, escape
from classifier.report.svg import Bar, Curve, bars, curves

_BARS = 20  # languages and sources with a bar; the table has all
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
        _figure("Labels; alone: what the first stage says", _label_table(figures["labels"], figures["alone"])),
        _figure("Confusion: true label in rows, label given in columns", _confusion(figures["confusion"])),
    ]
    if figures["articles"]:
        parts.append(_figure("Text of articles against the gold text", _articles(figures["articles"])))
    return "".join(parts)


def _figure(name: str, inside: str) -> str:
    return f"<figure><figcaption>{escape(name)}</figcaption>{inside}</figure>"


def _table(head: Sequence[str], rows: Iterable[Sequence[object]]) -> str:
    """A table whose first column names its rows."""
    names = "".join(f'<th scope="col">{escape(name)}</th>' for name in head)
    body = "".join(f'<tr><th scope="row">{escape(first)}</th>{"".join(map(_cell, rest))}</tr>' for first, *rest in rows)
    return _scrolled(f"<table><thead><tr>{names}</tr></thead><tbody>{body}</tbody></table>")


def _scrolled(table: str) -> str:
    return f'<div class="scroll" tabindex="0">{table}</div>'


def _cell(value: object) -> str:
    text = f"{value:.3f}" if isinstance(value, float) else f"{value:,}" if isinstance(value, int) else str(value)
    return f'<td class="number-cell">{escape(text)}</td>'


def _label_table(labels: Figures, alone: Figures) -> str:
    columns = ("precision", "recall", "f1")
    rows = [(name, *(row[c] for c in columns), alone[name]["f1"], row["blocks"]) for name, row in labels.items()]
    return _table(("label", *columns, "f1 alone", "blocks"), rows)


def _confusion(table: Figures) -> str:
    """Shaded by share of the row, so that frequent labels do not drown the others; numbers stand in every cell."""
    head = "".join(f'<th scope="col">{label}</th>' for label in LABELS)
    body = []
    for label, row in table.items():
        whole = max(1, sum(row.values()))
        cells = "".join(
            f'<td class="number-cell shade{round(n / whole * _SHADES)}">{n:,}<br><small>{n / whole:.1%}</small></td>'
            for n in row.values()
        )
        body.append(f'<tr><th scope="row">{escape(label)}</th>{cells}</tr>')
    top = f'<thead><tr><th scope="col">true</th>{head}</tr></thead>'
    return (
        f'<div class="scroll" tabindex="0"><table class="confusion">{top}<tbody>{"".join(body)}</tbody></table></div>'
    )


def _articles(articles: Figures) -> str:
    columns = ("precision", "recall", "f1", "pages")
    names = {"words": "words", "runs": "4-grams"}
    rows = [
        (source, names[kind], *(own[c] for c in columns))
        for source, kinds in articles.items()
        for kind, own in kinds.items()
    ]
    return _table(("pages", "of", *columns), rows)


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
        + _figure("Scores given, and the share that is true", _score_table(bins))
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
    head = f"<h2>By {one}</h2>"
    return f'<section>{head}<div class="plots">{_figure("Accuracy (blocks)", plot)}</div>{table}</section>'


def _by_label(labels: Figures) -> list[object]:
    return [labels[label][what] if label in labels else "" for label in LABELS for what in ("f1", "blocks")]
