"""The recurrent layer: what it computes, what it learns, and that its gradients are right."""

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st

from classifier.model.blocks import probabilities
from classifier.model.context import Network
from classifier.model.recurrence import Recurrence, running_sums_in_numpy
from classifier.training.recurrent import Layers, Sequences, fit_recurrent, gradients, initial

LAYERS = Layers(16, 8, 8, 0.0)
LENGTHS = st.lists(st.integers(1, 7), min_size=1, max_size=6)


def layer(rng, units=3, means=2):
    gates, biases = rng.normal(0, 1, (units, 4 * means)), rng.normal(0, 1, 4 * means)
    return Recurrence(*(a.astype(np.float32) for a in (gates, biases, rng.normal(0, 1, (2 * means, 2)))))


def test_a_sum_keeps_what_a_block_says_to_keep():
    keep = np.array([[0.5, 0.0], [0.5, 0.5], [1.0, 0.5], [0.0, 0.5]], dtype=np.float32)
    added = np.array([[4.0, 1.0], [2.0, 1.0], [0.0, 2.0], [7.0, 4.0]], dtype=np.float32)
    found = running_sums_in_numpy(keep, added, np.array([0, 3, 4]))
    np.testing.assert_allclose(found[:, 0], [4.0, 4.0, 4.0, 7.0])  # forward: 4, 4/2 + 2, kept; a page of its own
    np.testing.assert_allclose(found[:, 1], [1.0, 2.0, 2.0, 4.0])  # backward: 2, 2/2 + 1, nothing kept


@given(LENGTHS, st.integers(0, 2**32))
def test_a_page_gets_the_same_means_in_any_company(lengths, seed):
    rng, bounds = np.random.default_rng(seed), np.cumsum([0, *lengths])
    hidden, recurrence = rng.normal(0, 1, (bounds[-1], 3)).astype(np.float32), layer(rng)
    together = recurrence.score(hidden, bounds)
    for start, end in zip(bounds, bounds[1:], strict=False):
        alone = recurrence.score(hidden[start:end], np.array([0, end - start]))
        np.testing.assert_allclose(together[start:end], alone, atol=1e-5)


def test_a_page_read_backwards_swaps_before_and_after():
    rng = np.random.default_rng(3)
    one, hidden = layer(rng), rng.normal(0, 1, (6, 3)).astype(np.float32)

    order = [2, 3, 0, 1]
    columns = [*order, *(4 + i for i in order)]
    other = Recurrence(one.gates[:, columns], one.biases[columns], one.out[order])
    before, after = one.parts(hidden, np.array([0, 6]))
    before_again, after_again = other.parts(hidden[::-1], np.array([0, 6]))
    np.testing.assert_allclose(before, after_again[::-1], atol=1e-6)
    np.testing.assert_allclose(after, before_again[::-1], atol=1e-6)
    np.testing.assert_allclose(before + after, one.score(hidden, np.array([0, 6])), atol=1e-6)
    assert np.ptp(before) > 0.1


def test_gradients_are_those_of_the_loss():
    rng = np.random.default_rng(5)
    parameters = {name: a.astype(np.float64) for name, a in initial(4, Layers(5, 3, 2, 0.0), rng).items()}
    for values in parameters.values():
        values += rng.normal(0, 0.3, values.shape)
    values, bounds = rng.normal(0, 1, (9, 4)), np.array([0, 3, 4, 9])
    targets = np.where(np.arange(9)[:, None] < 4, np.eye(3)[rng.integers(0, 3, 9)], rng.dirichlet([1, 1, 1], 9))
    weights = rng.random(9) * (np.arange(9) != 4)
    keep = [rng.integers(0, 2, (9, 5)) * 2.0, rng.integers(0, 2, (9, 4)) * 2.0]

    def loss():
        return gradients(parameters, values, bounds, targets, weights, keep)[0]

    found = gradients(parameters, values, bounds, targets, weights, keep)[1]
    assert set(found) == set(parameters)
    for name, table in parameters.items():
        for at in np.ndindex(table.shape):
            held, step = table[at], 1e-6
            table[at] = held + step
            above = loss()
            table[at] = held - step
            slope = (above - loss()) / (2 * step)
            table[at] = held
            assert found[name][at] == pytest.approx(slope, abs=1e-7), (name, at)


def marked_pages(count, seed):
    """Pages of blocks that look alike; those between a first and a second mark have label 0, the others 1."""
    rng = np.random.default_rng(seed)
    inputs, labels, lengths = [], [], rng.integers(12, 40, count)
    for length in lengths.tolist():
        first, second = np.sort(rng.choice(np.arange(1, length - 1), 2, replace=False)).tolist()
        values = rng.normal(0, 0.3, (length, 3))
        values[first, 0], values[second, 1] = 3.0, 3.0
        inputs.append(values)
        labels.append(np.where((np.arange(length) > first) & (np.arange(length) < second), 0, 1))
    labels = np.eye(3, dtype=np.float32)[np.concatenate(labels)]
    weights = (rng.random(len(labels)) < 0.7).astype(np.float32)
    return Sequences(np.concatenate(inputs).astype(np.float32), np.cumsum([0, *lengths]), labels, weights)


@pytest.fixture(scope="module")
def marks():
    return marked_pages(300, 1), marked_pages(60, 2)


def standard():
    return np.zeros(3, dtype=np.float32), np.ones(3, dtype=np.float32)


def test_what_lies_between_two_marks_is_learned_however_far_they_are(marks):
    learned, new = marks
    network = fit_recurrent(learned, *standard(), LAYERS, 80, 1)
    odds = network.score(new.inputs, new.bounds)
    assert ((odds[:, 0] > 0) == (new.targets[:, 0] == 1)).mean() > 0.97
    without = Network(network.mean, network.scale, network.weights, network.biases)
    alone = ((without.score(new.inputs, new.bounds)[:, 0] > 0) == (new.targets[:, 0] == 1)).mean()
    assert alone < 0.9, "the blocks look alike"


def test_probabilities_are_learned_too_and_the_same_seed_gives_the_same_network(marks):
    learned, new = marks
    teacher = fit_recurrent(learned, *standard(), LAYERS, 80, 1)
    wanted = probabilities(teacher.score(learned.inputs, learned.bounds))
    task = Sequences(learned.inputs, learned.bounds, wanted, np.ones(len(wanted), dtype=np.float32))
    one, again = (fit_recurrent(task, *standard(), LAYERS, 80, 7) for _ in range(2))
    for name, table in one.arrays("").items():
        np.testing.assert_array_equal(table, again.arrays("")[name])
    expected, found = (probabilities(network.score(new.inputs, new.bounds)) for network in (teacher, one))
    assert np.abs(found - expected).mean() < 0.1 * np.abs(expected - expected.mean(axis=0)).mean()


def test_blocks_of_no_weight_teach_nothing(marks):
    learned, _ = marks
    changed = np.where(learned.weights[:, None] > 0, learned.targets, np.eye(3, dtype=np.float32)[2])
    other = Sequences(learned.inputs, learned.bounds, changed, learned.weights)
    one, again = (fit_recurrent(task, *standard(), Layers(4, 4, 2, 0.1), 1, 1) for task in (learned, other))
    for name, table in one.arrays("").items():
        np.testing.assert_array_equal(table, again.arrays("")[name])


def test_tables_that_do_not_fit_are_refused():
    arrays = layer(np.random.default_rng(1)).arrays("x.")
    assert Recurrence.from_arrays(arrays, "y.") is None
    with pytest.raises(ValueError, match="a recurrent layer whose tables differ in size"):
        Recurrence.from_arrays(arrays | {"x.out": np.zeros((3, 2), np.float32)}, "x.")
    with pytest.raises(KeyError, match=r"x\.out"):
        Recurrence.from_arrays({name: a for name, a in arrays.items() if name != "x.out"}, "x.")
