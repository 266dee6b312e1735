"""Imports point down only, and what a newcomer relies on: short files, few parameters, no catch-all modules."""

import ast
import re
import subprocess
import sys
import tomllib
from importlib.metadata import packages_distributions
from pathlib import Path

import pytest

ROOT = Path(__file__).parent.parent
FILES = sorted((ROOT / "classifier").rglob("*.py"))
_LINES, _FUNCTION_LINES, _PARAMETERS = 350, 40, 6
# the one loop over the tags of a page: a call for each tag would cost a third of the time
_LONGER = {("html.py", "run"): 60}


def test_imports_point_down():
    command = [Path(sys.executable).parent / "lint-imports", "--config", ROOT / "pyproject.toml", "--no-cache"]
    done = subprocess.run(command, capture_output=True, text=True, cwd=ROOT)
    assert done.returncode == 0, done.stdout + done.stderr


def test_every_library_that_is_imported_is_declared():
    def plain(name):
        return re.sub("[-_.]+", "-", name).lower()

    project = tomllib.loads((ROOT / "pyproject.toml").read_text())["project"]
    declared = {plain(re.match(r"[\w.-]+", line)[0]) for line in project["dependencies"]}
    imported = set()
    for node in (node for path in FILES for node in ast.walk(ast.parse(path.read_text()))):
        if isinstance(node, ast.Import):
            imported |= {alias.name.partition(".")[0] for alias in node.names}
        elif isinstance(node, ast.ImportFrom):
            imported.add((node.module or "").partition(".")[0])
    owners = packages_distributions()
    libraries = imported - set(sys.stdlib_module_names) - {"classifier"}
    assert [name for name in sorted(libraries) if declared.isdisjoint(map(plain, owners.get(name, [])))] == []


@pytest.mark.parametrize("path", FILES, ids=lambda p: str(p.relative_to(ROOT)))
def test_files_and_functions_stay_small(path):
    text = path.read_text()
    assert text.count("\n") <= _LINES
    assert path.name not in ("utils.py", "helpers.py")
    for node in ast.walk(ast.parse(text)):
        if isinstance(node, ast.FunctionDef):
            assert node.end_lineno - node.lineno < _LONGER.get((path.name, node.name), _FUNCTION_LINES), node.name
            names = [a.arg for a in [*node.args.posonlyargs, *node.args.args, *node.args.kwonlyargs]]
            command = path.parent.name == "cli"  # there every parameter is an option that users see
            assert command or len([n for n in names if n not in ("self", "cls")]) <= _PARAMETERS, node.name
        if isinstance(node, ast.ExceptHandler):
            broad = isinstance(node.type, ast.Name) and node.type.id in ("Exception", "BaseException")
            assert node.type is not None and not broad, f"line {node.lineno}: a broad except"
