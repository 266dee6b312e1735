"""The wheel, built and used outside the source tree: the shipped model is inside and the main job runs."""

import os
import shutil
import subprocess
import sys
import sysconfig
import venv
from pathlib import Path

import pytest

ROOT = Path(__file__).parent.parent


@pytest.fixture(scope="module")
def installed(tmp_path_factory):
    """A virtual environment with nothing but the wheel; the libraries come from this one, so nothing is downloaded."""
    folder = tmp_path_factory.mktemp("wheel")
    for name in ("classifier", "models"):
        shutil.copytree(ROOT / name, folder / "tree" / name, ignore=shutil.ignore_patterns("__pycache__"))
    for name in ("pyproject.toml", "setup.py", "README.md", "LICENSE"):
        shutil.copy(ROOT / name, folder / "tree")
    options = ["-q", "--no-deps", "--no-build-isolation", "-w", folder]
    build = [sys.executable, "-m", "pip", "wheel", *options, folder / "tree"]
    built = subprocess.run(build, capture_output=True, text=True, cwd=folder)
    assert built.returncode == 0, built.stderr
    (wheel,) = folder.glob("*.whl")
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


def test_the_shipped_model_travels_without_training_objects(installed):
    code = "from classifier.settings import default_model; print(*sorted(p.name for p in default_model().iterdir()))"
    done = call(installed, "-c", code)
    names = done.stdout.split()
    assert "language.ftz" in names and "manifest.json" in names, done.stderr
    assert "training.joblib" not in names
