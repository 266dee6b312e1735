"""The wheel, built and used outside the source tree: the shipped model is inside and the main job runs."""

import os
import shutil
import subprocess
import sys
import sysconfig
import venv
import zipfile
from pathlib import Path

import pytest

ROOT = Path(__file__).parent.parent


def build(folder, **environment):
    """Build the wheel of a copy of the source tree; returns its path."""
    options = ["-q", "--no-deps", "--no-build-isolation", "-w", folder]
    command = [sys.executable, "-m", "pip", "wheel", *options, folder / "tree"]
    done = subprocess.run(command, capture_output=True, text=True, cwd=folder, env=os.environ | environment)
    assert done.returncode == 0, done.stderr
    (wheel,) = folder.glob("*.whl")
    return wheel


def copy_tree(folder):
    ignored = shutil.ignore_patterns("__pycache__", "*.so", "*.pyd")
    for name in ("classifier", "models"):
        shutil.copytree(ROOT / name, folder / "tree" / name, ignore=ignored)
    for name in ("pyproject.toml", "setup.py", "MANIFEST.in", "README.md", "LICENSE"):
        shutil.copy(ROOT / name, folder / "tree")


def compiled_files(wheel):
    return [name for name in zipfile.ZipFile(wheel).namelist() if name.endswith((".so", ".pyd"))]


@pytest.fixture(scope="module")
def wheel(tmp_path_factory):
    """Built as on a machine without a C compiler, which takes seconds."""
    folder = tmp_path_factory.mktemp("wheel")
    copy_tree(folder)
    return build(folder, CC="/nonexistent/cc")


@pytest.fixture(scope="module")
def installed(wheel):
    """A virtual environment with nothing but the wheel; the libraries come from this one, so nothing is downloaded."""
    folder = wheel.parent
    venv.create(folder / "venv", with_pip=False)
    place = sysconfig.get_path("purelib", "venv", {"base": str(folder / "venv")})
    install = [sys.executable, "-m", "pip", "install", "-q", "--no-deps", "--no-index", "--target", place, wheel]
    assert subprocess.run(install, capture_output=True).returncode == 0
    (Path(place) / "libraries.pth").write_text(sysconfig.get_path("purelib") + "\n")
    return folder / "venv" / "bin" / "python"


def call(python, *args):
    clean = {key: value for key, value in os.environ.items() if not key.startswith("PYTHON")}
    return subprocess.run([python, *args], capture_output=True, text=True, cwd=python.parent, env=clean)


def test_the_package_is_the_installed_one(installed):
    done = call(installed, "-c", "import classifier; print(classifier.__file__)")
    assert str(installed.parents[1]) in done.stdout, done.stderr


def test_the_main_job_runs_from_the_wheel(installed):
    page = ROOT / "seeds" / "pages" / "harbour-en-tr.txt"
    done = call(installed, "-m", "classifier", "filter", str(page), "--language", "en")
    assert done.returncode == 0, done.stderr
    assert len(done.stdout) > 200 and "1 page read: 1 written, 0 rejected" in done.stderr


def test_the_version_is_the_one_that_the_command_tells(wheel, installed):
    assert wheel.name.split("-")[1] == call(installed, "-m", "classifier", "--version").stdout.strip()


def test_the_shipped_model_travels_without_training_objects(installed):
    code = "from classifier.settings import default_model; print(*sorted(p.name for p in default_model().iterdir()))"
    done = call(installed, "-c", code)
    names = done.stdout.split()
    assert "language.ftz" in names and "manifest.json" in names, done.stderr
    assert "training.joblib" not in names


def test_parts_that_do_not_compile_are_left_out(wheel):
    assert compiled_files(wheel) == []


def test_parts_that_compile_are_inside(tmp_path):
    compiler = (sysconfig.get_config_var("CC") or "").split()
    if not compiler or not shutil.which(compiler[0]) or not Path(sysconfig.get_path("include"), "Python.h").exists():
        pytest.skip("no C compiler or no headers of Python")
    copy_tree(tmp_path)
    for path in (tmp_path / "tree").rglob("*.pyx"):
        if path.stem != "compiled_names":  # the smallest: all take a minute
            path.unlink()
    (name,) = compiled_files(build(tmp_path))
    assert name.startswith("classifier/blocks/compiled_names.")
