"""What the whole suite shares: no clock in property tests, and one tiny model trained on the seeds."""

import os
from pathlib import Path

import hypothesis
import pytest

from classifier.model.batch import gather
from classifier.model.elements import ancestors
from classifier.settings import default_model
from classifier.training import TrainingSettings, train
from classifier.training.reading import read_examples

hypothesis.settings.register_profile("project", deadline=None)  # the first example pays for tables and imports
hypothesis.settings.load_profile("project")

SEEDS = Path(__file__).parent.parent / "seeds"
FEW = [SEEDS / part for part in ("blocks", "names", "pages")]  # the pages in html/ take a minute more
TINY = TrainingSettings(composed=60, iterations=6, epochs=2)


def elements_around(example):
    """Of each block of a page the elements around it, as written, the innermost first."""
    batch = gather([example.columns])
    levels = list(ancestors(batch.element, batch.parents))
    return [[batch.keys[batch.element_key[level[row]]] for level in levels if level[row] >= 0]
            for row in range(batch.size)]  # fmt: skip


@pytest.fixture(scope="session")
def examples():
    """The pages and the single texts that the tiny model learns from."""
    data = read_examples(FEW)
    return data.pages, data.texts


@pytest.fixture(scope="session")
def seed_model(tmp_path_factory):
    """A model folder trained on a part of seeds/ with few iterations, and its manifest."""
    folder = tmp_path_factory.mktemp("model") / "tiny"
    return folder, train(FEW, folder, default_model(), TINY)


@pytest.fixture
def named(monkeypatch):
    """Names of files in the order in which they got them, each with whether it was on disk by then."""
    names, synced, fsync, replace = [], set(), os.fsync, os.replace

    def sync(handle):
        fsync(handle)
        synced.add(os.fstat(handle).st_ino)

    def rename(old, new):
        names.append((Path(new).name, os.stat(old).st_ino in synced))
        replace(old, new)

    monkeypatch.setattr(os, "fsync", sync)
    monkeypatch.setattr(os, "replace", rename)
    return names


def pytest_addoption(parser):
    parser.addoption("--update-golden", action="store_true", help="write what comes out as what is expected")


@pytest.fixture
def update_golden(request):
    return request.config.getoption("--update-golden")
