"""Trees that teach: what they say of a page comes from other sites alone."""

from dataclasses import replace

import numpy as np
import pytest
from random_pages import flat

from classifier.model.batch import gather
from classifier.records import LABELS, Label
from classifier.training import networks
from classifier.training.rows import Rows
from classifier.training.trees import chances_by_trees

PAGES, SIZE, FOLDS = 12, 60, 3
CONSENT = LABELS.index(Label.CONSENT)


@pytest.fixture(scope="module")
def data():
    rng, batch = np.random.default_rng(4), gather([flat(SIZE) for _ in range(PAGES)])
    values = rng.normal(0, 1, (batch.size, 5)).astype(np.float32)
    labels = np.where(values[:, 0] > 0.5, 0, np.where(values[:, 1] > 0, 1, CONSENT)).astype(np.int8)
    weights = np.ones(batch.size, dtype=np.float32)
    return Rows(batch, values, values, (), np.arange(batch.size), labels, weights, np.arange(PAGES) % FOLDS, True)


def with_labels(data, labels):
    return replace(data, labels=labels.astype(np.int8))


def test_pages_are_told_by_trees_that_have_not_seen_their_fold(data):
    every, fold = np.ones(len(data.rows), dtype=bool), data.fold[data.batch.page]
    found = chances_by_trees(data, every, 1)
    np.testing.assert_allclose(found.sum(axis=1), 1, atol=1e-5)
    assert (found.argmax(axis=1) == data.labels).mean() > 0.9, "it can be learned from the others"
    other = chances_by_trees(with_labels(data, np.where(fold == 1, 0, data.labels)), every, 1)
    np.testing.assert_array_equal(other[fold == 1], found[fold == 1])
    assert (other[fold != 1] != found[fold != 1]).any(axis=1).mean() > 0.9


def test_rows_that_are_not_chosen_teach_nothing_and_their_folds_get_nothing(data):
    fold = data.fold[data.batch.page]
    found = chances_by_trees(data, fold != 2, 1)
    assert np.isnan(found[fold == 2]).all() and np.isfinite(found[fold != 2]).all()
    other = chances_by_trees(with_labels(data, np.where(fold == 2, 0, data.labels)), fold != 2, 1)
    np.testing.assert_array_equal(other, found)


def test_where_the_other_folds_lack_a_label_there_is_nothing(data):
    fold = data.fold[data.batch.page]
    labels = np.where((fold != 0) & (data.labels == CONSENT), 1, data.labels)
    found = chances_by_trees(with_labels(data, labels), np.ones(len(data.rows), dtype=bool), 1)
    assert np.isnan(found[fold == 0]).all() and np.isfinite(found[fold != 0]).all()


def test_the_kept_network_learns_what_the_trees_say(data, monkeypatch):
    def chance_of_consent():
        kept, _ = networks.fit_kept(data, np.ones(len(data.rows), dtype=bool), 2, 1)
        odds = data.score([kept])
        return float((odds[:, 1] > 0).mean())

    honest = chance_of_consent()
    said = np.zeros((data.batch.size, len(LABELS)), dtype=np.float32)
    said[:, CONSENT] = 1.0
    monkeypatch.setattr(networks, "chances_by_trees", lambda *_: said)
    assert chance_of_consent() > honest + 0.2
    monkeypatch.setattr(networks, "chances_by_trees", lambda *_: np.full_like(said, np.nan))
    assert abs(chance_of_consent() - honest) < 0.1, "where they say nothing, the other teachers count alone"
