"""The pages of README and docs say what is so: their examples run, their links lead somewhere, nothing is left out."""

import ast
import doctest
import importlib
import pkgutil
import re
import subprocess
import sys

import pytest

import classifier
import doc_pages
from doc_pages import PAGES, ROOT


@pytest.mark.parametrize("path", PAGES, ids=lambda path: path.stem)
def test_examples_give_what_the_page_says(path, tmp_path, monkeypatch, update_golden):
    monkeypatch.chdir(tmp_path)
    page, differences = doc_pages.run_page(path, tmp_path)
    if update_golden:
        path.write_text(page, encoding="utf-8")
    else:
        assert not differences, "\n".join(differences) + "\n`make refresh` takes over what is right."


def test_numbers_of_an_output_may_be_off_by_their_last_digit():
    page = "article  0.91  +0.439  (en 77%)  12 blocks"
    assert doc_pages.same(page, "article 0.92 +0.438 (en 78%) 12 blocks")
    for other in ("0.93  +0.439  (en 77%)  12", "0.91  +0.441  (en 77%)  12", "0.91  +0.439  (en 79%)  12",
                  "0.91  +0.439  (en 77%)  13"):  # fmt: skip
        assert not doc_pages.same(page, f"article  {other} blocks"), other


def test_figures_of_a_training_may_be_off_a_little_more():
    page = "labels article  precision 0.903  f1 0.903  blocks 264"
    assert doc_pages.same(page, "labels article  precision 0.905  f1 0.901  blocks 265", fitted=True)
    assert not doc_pages.same(page, "labels article  precision 0.905  f1 0.901  blocks 265")
    assert not doc_pages.same(page, "labels article  precision 0.923  f1 0.903  blocks 264", fitted=True)
    assert not doc_pages.same(page, "labels article  precision 0.903  f1 0.903  blocks 274", fitted=True)


@pytest.mark.parametrize("path", PAGES, ids=lambda path: path.stem)
def test_links_lead_to_files_and_headings(path):
    text = path.read_text(encoding="utf-8")
    for target in re.findall(r"\]\(([^)\s]+)\)", text):
        if "://" not in target:
            name, _, heading = target.partition("#")
            file = path.parent / name if name else path
            assert file.exists(), target
            assert not heading or heading in anchors(file.read_text(encoding="utf-8")), target


def anchors(text):
    """The anchors that a forge makes of the headings."""
    titles = re.findall(r"^#+ (.+)$", text, re.M)
    return {re.sub(r"[^\w\- ]", "", title.lower()).replace(" ", "-") for title in titles}


def name_of(path):
    return path.relative_to(ROOT).as_posix()


@pytest.mark.parametrize("path", sorted({*PAGES, *ROOT.glob("*.md"), *ROOT.glob("*/README.md")}), ids=name_of)
def test_every_table_has_its_head(path):
    """A blank line inside a table ends it: what follows would stand as plain text."""
    tables = re.findall(r"(?:^\|.*\n)+", path.read_text(encoding="utf-8"), re.M)
    assert [table.splitlines()[0] for table in tables if not re.match(r"\|.*\n\|[-| ]+\|\n", table)] == []


def test_the_tutorial_corrects_a_real_mistake():
    page = (ROOT / "docs" / "tutorial.md").read_text(encoding="utf-8")
    before, after = (f.body for f in doc_pages.fences(page) if "$ classifier filter" in f.body)
    assert "Thu 7 May" not in before and "Thu 7 May" in after


def test_every_page_is_in_the_index():
    index = (ROOT / "docs" / "index.md").read_text()
    missing = [path.name for path in PAGES[1:] if path.name != "index.md" and f"({path.name})" not in index]
    assert not missing


def test_the_site_builds_without_a_warning(tmp_path):
    pytest.importorskip("myst_parser", reason="the extra `docs` is not installed")
    options = ["-W", "-q", "-d", tmp_path / "cache", ROOT / "docs", tmp_path / "site"]
    done = subprocess.run([sys.executable, "-m", "sphinx", *options], capture_output=True, text=True)
    assert done.returncode == 0, done.stderr
    assert "CC-BY-4.0" in (tmp_path / "site" / "model-card.html").read_text(encoding="utf-8")


def test_the_readme_stays_short():
    assert len((ROOT / "README.md").read_text().splitlines()) < 150


def modules():
    found = pkgutil.walk_packages(classifier.__path__, "classifier.")
    return ["classifier", *(module.name for module in found if not module.name.endswith("__main__"))]


@pytest.mark.parametrize("name", modules())
def test_examples_in_docstrings(name):
    assert doctest.testmod(importlib.import_module(name)).failed == 0


def test_every_reason_stands_in_the_page_of_formats():
    page = (ROOT / "docs" / "formats.md").read_text()
    missing = {token for token in reasons() if f"`{token}`" not in page}
    assert not missing


def reasons():
    """The reason tokens in the code: given where something is refused, or chosen for it."""
    places = {"refuse": 1, "Rejection": 2, "DamagedInput": 0, "self._replace": 1}
    found = []
    for path in (ROOT / "classifier").rglob("*.py"):
        for node in ast.walk(ast.parse(path.read_text())):
            if isinstance(node, ast.Call) and ast.unparse(node.func) in places:
                at = places[ast.unparse(node.func)]
                found += node.args[at : at + 1]
            elif isinstance(node, ast.Assign) and ast.unparse(node.targets[0]) == "reason":
                found += [node.value.body, node.value.orelse] if isinstance(node.value, ast.IfExp) else []
    return {node.value for node in found if isinstance(node, ast.Constant)}
