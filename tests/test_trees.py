"""Trees give what scikit-learn gives, compiled and in Python, and tell exactly why."""

import numpy as np
import pytest
from sklearn.ensemble import HistGradientBoostingClassifier

from classifier.model.blocks import probabilities
from classifier.model.trees import Trees, tree_sums_in_numpy
from classifier.settings import PURE_PYTHON
from classifier.training.trees import SIZES, fit_trees, scaled, trees_of


def tables(trees):
    return trees.roots, trees.asked, trees.threshold, trees.below, trees.value


@pytest.fixture(scope="module")
def data():
    dice = np.random.default_rng(4)
    values = dice.normal(0, 1, (900, 7)).astype(np.float32)
    values[:, 3] = np.round(values[:, 3])  # ties
    labels = np.where(values[:, 0] * values[:, 1] > 0.2, 0, np.where(values[:, 3] > 0, 2, 1)).astype(np.int8)
    return values, labels, dice.uniform(0.5, 2, 900).astype(np.float32)


@pytest.fixture(scope="module")
def fitted(data):
    return fit_trees(*data, SIZES[0], seed=3)


def test_the_same_probabilities_as_scikit_learn(data, fitted):
    trees, boosting = fitted
    values, labels, _ = data
    found = probabilities(trees.score(values))
    np.testing.assert_allclose(found, boosting.predict_proba(values), atol=1e-5)
    assert (found.argmax(axis=1) == labels).mean() > 0.95, "the data can be learned"
    assert trees.count == 1 + 60 * 3


def test_the_last_digits_of_inputs_change_nothing():
    """Many rows have the same value, and boosting likes to split there; other processors round it otherwise."""
    dice = np.random.default_rng(8)
    common = np.log(np.array([1, 2, 3, 5], dtype=np.float32))
    values = np.where(dice.random((4000, 4)) < 0.4, dice.choice(common, (4000, 4)), dice.normal(0, 1, (4000, 4)))
    values = values.astype(np.float32)
    labels = ((values > 0.69).sum(axis=1) % 3).astype(np.int8)
    trees, boosting = fit_trees(values, labels, np.ones(4000, dtype=np.float32), SIZES[0], seed=3)
    on_a_threshold = np.isin(values, [n.num_threshold for n in nodes_of(boosting)]).sum()
    assert on_a_threshold > 100, "the case occurs"
    rows = np.isin(values, common).all(axis=1)
    for factor in (1 - 1e-6, 1 + 1e-6):
        moved = (values[rows] * np.float32(factor)).astype(np.float32)
        np.testing.assert_array_equal(trees.score(moved), trees.score(values[rows]))


def nodes_of(boosting):
    return [node for of_round in boosting._predictors for tree in of_round for node in tree.nodes.view(np.recarray)]


def test_compiled_and_python_agree(data, fitted):
    compiled = pytest.importorskip("classifier.model.compiled_trees", reason="the extension is not built: see setup.py")
    values, trees = data[0], fitted[0]
    np.testing.assert_array_equal(
        compiled.tree_sums(values, *tables(trees)), tree_sums_in_numpy(values, *tables(trees))
    )
    assert compiled.tree_sums(values[:0], *tables(trees)).shape == (0, 2)
    if not PURE_PYTHON:
        from classifier.model import trees as module

        assert module.tree_sums is compiled.tree_sums


def test_contributions_add_up_to_the_score(data, fitted):
    values, trees = data[0][:50], fitted[0]
    added, rest = trees.explain(values)
    assert added.shape == (50, 7, 2) and rest.shape == (50, 2)
    np.testing.assert_allclose(added.sum(axis=1) + rest, trees.score(values), atol=1e-4)
    assert np.abs(added[:, [0, 1, 3]]).sum() > 10 * np.abs(added[:, [2, 4, 5, 6]]).sum(), "the inputs that matter"
    none, nothing = Trees.none().explain(values)
    assert not none.any() and not nothing.any() and none.shape == (50, 7, 2)


def test_a_row_is_scored_the_same_in_any_company_and_layout(data, fitted):
    values, trees = data[0], fitted[0]
    together = trees.score(np.asfortranarray(values))
    for row in (0, 17, 899):
        np.testing.assert_array_equal(trees.score(values[row : row + 1]), together[row : row + 1])


def test_scaling_and_the_same_trees_from_the_same_data(data, fitted):
    trees = fitted[0]
    np.testing.assert_allclose(scaled(trees, 0.5).score(data[0]), trees.score(data[0]) / 2, atol=1e-5)
    for one, other in zip(tables(fit_trees(*data, SIZES[0], seed=3)[0]), tables(trees), strict=True):
        np.testing.assert_array_equal(one, other)


def test_arrays_come_back_and_bad_ones_are_refused(data, fitted):
    trees = fitted[0]
    arrays = trees.arrays("trees.plain.")
    again = Trees.from_arrays(arrays, "trees.plain.", 7)
    np.testing.assert_array_equal(again.score(data[0]), trees.score(data[0]))
    assert Trees.from_arrays(Trees.none().arrays("x."), "x.", 7).score(data[0]).tolist() == [[0.0, 0.0]] * len(data[0])
    with pytest.raises(KeyError, match="roots"):
        Trees.from_arrays(arrays, "other.", 7)
    node = int(np.flatnonzero(trees.asked >= 0)[0])
    for name, place, wrong in (("below", (node, 0), node), ("below", (node, 1), 10**6), ("roots", 0, -1)):
        bad = {key: value.copy() for key, value in arrays.items()}
        bad[f"trees.plain.{name}"][place] = wrong
        with pytest.raises(ValueError, match="tree"):
            Trees.from_arrays(bad, "trees.plain.", 7)
    short = {**arrays, "trees.plain.value": arrays["trees.plain.value"][:-1]}
    with pytest.raises(ValueError, match="differ in length"):
        Trees.from_arrays(short, "trees.plain.", 7)
    with pytest.raises(ValueError, match="an input there is not"):
        Trees.from_arrays(arrays, "trees.plain.", 3)
    with pytest.raises(ValueError, match="ask for input"):
        trees.score(data[0][:, :2])


def test_one_leaf_alone():
    values = np.zeros((60, 2), dtype=np.float32)
    labels = np.repeat(np.arange(3, dtype=np.int8), 20)
    boosting = HistGradientBoostingClassifier(max_iter=2, early_stopping=False).fit(values, labels)
    np.testing.assert_allclose(probabilities(trees_of(boosting).score(values)), 1 / 3, atol=1e-6)
