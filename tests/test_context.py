"""The second stage: the network against scikit-learn, its arrays, batches without effect."""

import warnings

import numpy as np
import pytest
import random_model
from hypothesis import given, settings
from hypothesis import strategies as st
from random_pages import flat, languages_of, pages
from sklearn.exceptions import ConvergenceWarning
from sklearn.neural_network import MLPClassifier

from classifier.model import store
from classifier.model.batch import gather
from classifier.model.blocks import probabilities
from classifier.model.context import CLIP, ContextModel, Network, input_names, inputs
from classifier.model.kinds import BARE, MARKUP, PLAIN
from classifier.model.languages import LanguageInputs, language_inputs, main_language
from classifier.training.networks import network_of

SOME = st.lists(pages(), min_size=1, max_size=4)
SEED = st.integers(0, 1000)


@pytest.fixture(scope="module")
def stored(tmp_path_factory):
    return store.load(random_model.save(tmp_path_factory.mktemp("random")))


@given(SOME, st.randoms(use_true_random=False))
def test_the_batch_and_the_order_of_pages_do_not_change_a_score(stored, some, random):
    def scored(batch):
        parts, shapes = stored.blocks.score(batch)
        spoken = LanguageInputs(np.where(batch.links > 0.5, 0.9, 0.0).astype(np.float32), languages_of(batch))
        return probabilities(stored.context.score(batch, parts * 0.1, shapes, spoken))

    alone = {id(page): scored(gather([page])) for page in some}
    random.shuffle(some)
    batch = gather(some)
    together = scored(batch)
    assert together.shape == (batch.size, 3)
    np.testing.assert_allclose(together.sum(axis=1), 1, atol=1e-6)
    for number, page in enumerate(some):
        own = slice(*batch.bounds[number : number + 2])
        np.testing.assert_allclose(together[own], alone[id(page)], atol=1e-5)


def test_a_page_of_20_000_blocks(stored):
    batch = gather([flat(20_000), flat(3)])
    parts, shapes = stored.blocks.score(batch)
    scores = probabilities(stored.context.score(batch, parts, shapes, LanguageInputs.unknown(batch.size)))
    assert scores.shape == (20_003, 3) and np.isfinite(scores).all()


def test_no_blocks_at_all(stored):
    batch = gather([])
    parts, shapes = stored.blocks.score(batch)
    assert stored.context.score(batch, parts, shapes, LanguageInputs.unknown(batch.size)).shape == (0, 2)


def one_page(values):
    return np.array([0, len(values)])


def fitted_network(seed):
    rng = np.random.default_rng(seed)
    values = rng.normal(3, 2, (300, 12)).astype(np.float32)
    labels = (values[:, 0] > 3).astype(np.int8) + (values[:, 1] > 4)
    mean, scale = values.mean(axis=0), 1 / values.std(axis=0)
    mlp = MLPClassifier((8, 4), max_iter=20, random_state=seed)
    with warnings.catch_warnings():
        warnings.simplefilter("ignore", ConvergenceWarning)
        mlp.fit(np.clip((values - mean) * scale, -CLIP, CLIP), labels)
    return values, mlp, network_of(mlp, mean, scale)


@pytest.mark.parametrize("seed", [1, 2, 3])
def test_the_arrays_score_as_the_fitted_network(seed):
    values, mlp, network = fitted_network(seed)
    values[:5] *= 100  # beyond CLIP
    expected = mlp.predict_proba(network.standardise(values))
    assert np.ptp(expected[:, 0]) > 0.3
    np.testing.assert_allclose(probabilities(network.score(values, one_page(values))), expected, atol=1e-5)


@settings(max_examples=30)
@given(SEED, st.lists(st.integers(1, 9), max_size=3))
def test_contributions_add_up_to_the_score(seed, hidden):
    rng = np.random.default_rng(seed)
    sizes = [6, *hidden, 2]
    weights = tuple(rng.normal(0, 1, pair).astype(np.float32) for pair in zip(sizes, sizes[1:], strict=False))
    biases = tuple(rng.normal(0, 1, size).astype(np.float32) for size in sizes[1:])
    network = Network(np.zeros(6, dtype=np.float32), np.ones(6, dtype=np.float32), weights, biases)
    values = rng.normal(0, 2, (7, 6)).astype(np.float32)
    exact = network.standardise(values).astype(np.float64)
    for number, (w, b) in enumerate(zip(weights, biases, strict=True)):
        exact = exact @ w.astype(np.float64) + b
        exact = np.maximum(exact, 0) if number < len(weights) - 1 else exact
    contributions, rest = network.explain(values)
    assert contributions.shape == (7, 6, 2) and rest.shape == (7, 2)
    np.testing.assert_allclose(contributions.sum(axis=1) + rest, exact, rtol=1e-6, atol=1e-6)
    np.testing.assert_allclose(network.score(values, one_page(values)), exact, rtol=1e-4, atol=1e-4)


def test_the_arrays_come_back(stored):
    again = ContextModel.from_arrays(stored.context.arrays())
    assert again.notice_names == stored.context.notice_names
    for kind in ("markup", "plain", "bare"):
        one, other = (getattr(model.networks, kind) for model in (again, stored.context))
        for name in ("mean", "scale", "weights", "biases"):
            for a, b in zip(getattr(one, name), getattr(other, name), strict=True):
                np.testing.assert_array_equal(a, b)
        for name in ("gates", "biases", "out"):
            np.testing.assert_array_equal(getattr(one.recurrence, name), getattr(other.recurrence, name))


def test_each_kind_of_pages_has_its_network(stored):
    networks = stored.context.networks
    values = np.random.default_rng(3).normal(0, 1, (9, len(input_names()))).astype(np.float32)
    bounds, kinds = np.array([0, 2, 5, 9]), np.repeat([PLAIN, BARE, MARKUP], [2, 3, 4])
    found = networks.score(values, kinds, bounds)
    for network, own in ((networks.plain, slice(0, 2)), (networks.bare, slice(2, 5)), (networks.markup, slice(5, 9))):
        alone = network.score(values[own], np.array([0, own.stop - own.start]))
        np.testing.assert_allclose(found[own], alone, rtol=1e-5, atol=1e-5)


def test_a_model_without_a_network_for_bare_markup_scores_it_as_other_markup(stored):
    arrays = {name: own for name, own in stored.context.arrays().items() if not name.startswith("bare.")}
    networks = ContextModel.from_arrays(arrays).networks
    assert networks.bare is None and networks.arrays().keys() == arrays.keys() - {"repeated", "notice_names"}
    values = np.random.default_rng(3).normal(0, 1, (3, len(input_names()))).astype(np.float32)
    bare, markup = (networks.score(values, np.full(3, kind), one_page(values)) for kind in (BARE, MARKUP))
    np.testing.assert_array_equal(bare, markup)


def test_a_scaled_network_gives_so_many_times_the_log_odds(stored):
    values = np.random.default_rng(2).normal(0, 1, (9, len(input_names()))).astype(np.float32)
    network = stored.context.networks.markup
    bounds = np.array([0, 4, 9])
    expected = network.score(values, bounds) / 4
    assert network.recurrence is not None and np.ptp(expected) > 0.1
    np.testing.assert_allclose(network.scaled(0.25).score(values, bounds), expected, rtol=1e-5, atol=1e-6)


def test_inputs_have_the_columns_that_they_name(stored):
    batch = gather([flat(5)])
    parts, shapes = stored.blocks.score(batch)
    strange = np.array([0.0, 0.0, 0.9, 0.0, 0.0], dtype=np.float32)
    odds = parts.sum(axis=1)
    found = inputs(batch, parts, shapes, LanguageInputs(strange, languages_of(batch)))
    named = dict(zip(input_names(), found.T, strict=True))
    assert found.dtype == np.float32
    np.testing.assert_array_equal(named["foreign"], strange)
    np.testing.assert_allclose(named["foreign before"], [0, 0, 0, 0.9, 0])
    np.testing.assert_allclose(named["foreign after"], [0, 0.9, 0, 0, 0], rtol=1e-6)
    np.testing.assert_array_equal(named["score consent"], odds[:, 1])
    np.testing.assert_array_equal(named["text article"], parts[:, 0, 0])
    np.testing.assert_array_equal(named["shape consent"], parts[:, 2, 1])


def test_foreign_blocks():
    sure = np.array([0.9, 0.8, 0.7, 0.6], dtype=np.float32)
    sizes = np.array([100, 30, 20, 5, 10, 10], dtype=np.float32)
    found = language_inputs([(["en", "tr", "en", "und"], sure), (["und", "und"], sure[:2])], sizes)
    np.testing.assert_allclose(found.foreign, [0, 0.8, 0, 0, 0, 0])
    assert found.code.tolist() == [0, 1, 0, -1, -1, -1]
    assert main_language([], np.zeros(0)) == "und"
    assert main_language(["de", "en", "de"], np.array([5.0, 9.0, 5.0])) == "de"
