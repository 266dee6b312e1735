"""What stands between `<!-- begin NAME -->` and `<!-- end NAME -->` on a page is made from the code or the model."""

import ast
import json
import re
from collections import Counter

import pytest
import typer

import doc_pages
from benchmarks import written as benchmark
from classifier import errors
from classifier.cli import app
from classifier.records import LABELS
from classifier.settings import default_model
from doc_pages import PAGES, ROOT

CARD = ROOT / "models" / "default" / "CARD.md"
READING = "Reading"  # the group of options that most commands share, shown once
HEAD = "| option | value | default | what it does |\n|---|---|---|---|\n"


def commands():
    return typer.main.get_command(app.build()).commands


def options(name):
    """A table of the options of a command, those of the shared group left out; of the group itself for its name."""
    shared = name == READING
    params = commands()["filter" if shared else name].params
    rows = [_row(param) for param in params if (getattr(param, "rich_help_panel", None) == READING) == shared]
    return HEAD + "".join(rows)


def _row(param):
    names = " ".join(f"`{name}`" for name in param.opts if name.startswith("-")) or f"`{param.metavar}`"
    flag = getattr(param, "is_flag", False)
    value = "" if flag or not param.opts[0].startswith("-") else param.metavar or _kind(param)
    shown = param.default not in (None, "", False) and getattr(param, "show_default", True)
    default = "required" if param.required else f"`{param.default}`" if shown else ""
    return f"| {names} | {value} | {default} | {param.help} |\n"


def _kind(param):
    """What Typer makes of the value, by its type."""
    described = getattr(param, "type_descriptor", None)
    told = str(described.annotation) if described else param.type.name
    return "number" if re.search("int|float", told) else "path" if re.search("[Pp]ath", told) else "text"


def messages(name):
    """Every message that the code raises under this error, with the names of what it tells in braces."""
    found = set()
    for path in sorted((ROOT / "classifier").rglob("*.py")):
        for node in ast.walk(ast.parse(path.read_text(encoding="utf-8"))):
            if isinstance(node, ast.Call) and getattr(node.func, "id", "") == name and node.args:
                found.add(_template(node.args[0]).replace("`", "'"))
    return "".join(f"- `{text}`\n" for text in sorted(found) if re.search("[a-z]{3} ", text)) or "Nothing.\n"


def _template(node):
    """An f-string with short names in its braces: the last name of each expression."""
    if isinstance(node, ast.BinOp):
        return _template(node.left) + _template(node.right)
    if isinstance(node, ast.Constant):
        return str(node.value)
    if isinstance(node, ast.FormattedValue):
        return _template(node.value)
    if isinstance(node, ast.JoinedStr):
        return "".join(map(_template, node.values))
    names = [
        n.id if isinstance(n, ast.Name) else n.attr for n in ast.walk(node) if isinstance(n, ast.Name | ast.Attribute)
    ]
    return "{" + (names[-1] if names else "...") + "}"


def figures(_name):
    """The held-out scores of the shipped label model and what it was made from."""
    return figures_of(json.loads((default_model() / "manifest.json").read_text(encoding="utf-8")))


def figures_of(manifest):
    scores = manifest["scores"]
    blocks = ", ".join(f"{label} {count:,}" for label, count in manifest["data"]["blocks"].items())
    libraries = ", ".join(f"{name} {version}" for name, version in manifest["libraries"].items())
    out = [f"Trained {manifest.get('date', '')} with {libraries}.\n", f"Labelled blocks: {blocks}.\n"]
    rows = [("all", scores["labels"]), *scores["views"].items(), *scores["sources"].items()]
    out += ["\n| pages | label | precision | recall | F1 | blocks |\n|---|---|---|---|---|---|\n"]
    for view, labels in rows:
        for label, found in labels.items():
            if "precision" in found:
                numbers = " | ".join(f"{found[key]:.3f}" for key in ("precision", "recall", "f1"))
                out.append(f"| {view} | {label} | {numbers} | {found['blocks']:,} |\n")
    out.append(f"\nExpected calibration error {scores['calibration_error']:.4f}.\n")
    return "".join(out) + by_language(scores.get("languages", {}))


def by_language(languages):
    """A line for each language that was found in enough held-out blocks; models of earlier versions do not tell."""
    if not languages:
        return ""
    out = [f"\nBy language of the block, F1:\n\n| language | {' | '.join(LABELS)} | blocks |\n|---|---|---|---|---|\n"]
    for tag, found in languages.items():
        numbers = " | ".join(f"{found[label]['f1']:.3f}" if label in found else "" for label in LABELS)
        out.append(f"| `{tag}` | {numbers} | {sum(own['blocks'] for own in found.values()):,} |\n")
    return "".join(out)


def presets(_name):
    manifest = json.loads((default_model() / "manifest.json").read_text(encoding="utf-8"))
    rows = (
        f"| `{name}` | {t['article']:.3f} | {t['consent']:.3f} | {t.get('gap', '')} | {t.get('least', '')} |\n"
        for name, t in manifest["presets"].items()
    )
    return "| preset | article | consent | gap | least |\n|---|---|---|---|---|\n" + "".join(rows)


def language_facts(_name):
    facts, size = _language(), (default_model() / "language.ftz").stat().st_size
    return f"{len(facts['rows'])} languages, {sum(facts['rows'].values()):,} training rows, {size / 1e6:.1f} MB.\n"


def language_sources(_name):
    """Rows by source and licence; rows made from others of a source by transliteration count with it."""
    rows = Counter()
    for source, licences in _language()["sources"].items():
        for licence, count in licences.items():
            rows[licence or "MIT", source.removesuffix(" (transliterated)")] += count
    by_licence = {}
    for (licence, source), count in sorted(rows.items()):
        by_licence.setdefault(licence, []).append(f"{source} {count:,}")
    lines = (f"| {licence} | {', '.join(sources)} |\n" for licence, sources in by_licence.items())
    return "| licence | sources and rows |\n|---|---|\n" + "".join(lines)


def language_scores(_name):
    """What tuning said about the half of the development rows that it did not see."""
    other = _language().get("tuning", {}).get("other")
    if not other:
        return "Not tuned on a development set.\n"
    share = f"{other['after']:.3f} ({other['before']:.3f} before priors were tuned)"
    return f"Share of {other['rows']:,} texts, each standing alone, whose language is right: {share}.\n"


def written_fragments(_name):
    return benchmark.overview(benchmark.measure(folder=benchmark.FRAGMENTS))


def written_in(folder):
    return lambda _name: benchmark.tables(benchmark.measure(folder=folder))


def _language():
    return json.loads((default_model() / "language.json").read_text(encoding="utf-8"))


MAKERS = {
    "options": options, "messages": messages, "figures": figures, "presets": presets, "language-facts": language_facts,
    "language-sources": language_sources, "language-scores": language_scores, "written": written_in(benchmark.PAGES),
    "written-fragments": written_fragments, "written-inserts": written_in(benchmark.INSERTS),
    "written-kinds": written_in(benchmark.KINDS), "written-words": written_in(benchmark.WORDS),
}  # fmt: skip
MARKED = [(path, name) for path in [*PAGES, CARD] for name in doc_pages.regions(path.read_text(encoding="utf-8"))]
MADE = [(path, name) for path, name in MARKED if name not in doc_pages.MEASURED]


@pytest.mark.parametrize(("path", "name"), MADE, ids=[f"{path.stem} {name}" for path, name in MADE])
def test_generated_parts_are_up_to_date(path, name, update_golden):
    kind, _, argument = name.partition(" ")
    page, made = path.read_text(encoding="utf-8"), MAKERS[kind](argument)
    if update_golden:
        path.write_text(doc_pages.with_region(page, name, made), encoding="utf-8")
    else:
        assert doc_pages.region(page, name) == made, "`make refresh` writes it anew."


def test_every_marked_part_is_made_or_measured():
    assert MAKERS.keys().isdisjoint(doc_pages.MEASURED)
    assert {name.partition(" ")[0] for _, name in MARKED} == {*MAKERS, *doc_pages.MEASURED}


@pytest.mark.parametrize("path", [*PAGES, CARD], ids=lambda path: path.stem)
def test_every_mark_has_its_end(path):
    page = path.read_text(encoding="utf-8")
    ends = re.findall(r"^<!-- end (.+?) -->$", page, re.M)
    assert ends == doc_pages.regions(page) and len(set(ends)) == len(ends)


def test_every_command_has_its_section_and_options():
    page = (ROOT / "docs" / "commands.md").read_text(encoding="utf-8")
    sections = dict(re.findall(r"^## classifier (\S+)\n(.*?)(?=^## |\Z)", page, re.M | re.S))
    assert set(sections) == set(commands())
    assert [name for name, text in sections.items() if f"<!-- begin options {name} -->" not in text] == []


def test_an_example_of_every_command_is_run():
    pages = [path.read_text(encoding="utf-8") for path in PAGES]
    examples = "\n".join(fence.body for page in pages for fence in doc_pages.fences(page))
    assert [name for name in commands() if not re.search(rf"^\$ classifier {name}( |$)", examples, re.M)] == []


def test_every_error_has_its_messages():
    page = (ROOT / "docs" / "errors.md").read_text(encoding="utf-8")
    kinds = [name for name, kind in vars(errors).items() if isinstance(kind, type) and name.endswith("Error")]
    assert [name for name in kinds if f"<!-- begin messages {name} -->" not in page] == []


def test_the_card_shows_languages_where_the_manifest_has_them(seed_model):
    _, manifest = seed_model
    card = figures_of(manifest)
    assert re.search(r"^\| `en` \| 0\.\d{3} \| 0\.\d{3} \| 0\.\d{3} \| [\d,]+ \|$", card, re.M)
    few = {"consent": {"f1": 0.5, "blocks": 1200}}
    assert by_language({"ga": few}).endswith("| `ga` |  |  | 0.500 | 1,200 |\n")
    older = {name: own for name, own in manifest["scores"].items() if name != "languages"}
    assert "language" not in figures_of({**manifest, "scores": older})


def test_the_card_names_every_source_of_the_labels():
    card, manifest = CARD.read_text(encoding="utf-8"), json.loads((default_model() / "manifest.json").read_text())
    codes = {path.stem for path in (ROOT / "seeds" / "blocks").glob("*.jsonl")}
    names = set(manifest["data"]["sources"]) - codes
    assert sorted(name for name in names if not re.search(rf"(?<![\w/-]){re.escape(name)}(?![\w/-])", card)) == []
