"""The first stage: its arrays against the fitted scikit-learn objects, and what a batch may not change."""

import json
from pathlib import Path

import numpy as np
import pytest
import random_model
from hypothesis import given
from hypothesis import strategies as st
from random_pages import pages
from sklearn.exceptions import ConvergenceWarning, NotFittedError
from sklearn.model_selection import cross_val_predict, cross_val_score
from sklearn.naive_bayes import MultinomialNB

import classifier
from classifier.blocks.html import split_html
from classifier.errors import TrainingError
from classifier.model import store
from classifier.model.batch import gather
from classifier.model.blocks import LINK_EDGES, PARTS, link_bins, number_bins, probabilities, shape_rows, two_columns
from classifier.records import LABELS
from classifier.training.estimators import BlockClassifier
from classifier.training.examples import join_blocks
from classifier.training.first_stage import BINS, Features, bin_edges, fit_blocks, markup_counts

SEEDS = Path(__file__).parent.parent / "seeds"


@pytest.fixture(scope="module")
def model(tmp_path_factory):
    return store.load(random_model.save(tmp_path_factory.mktemp("random"))).blocks


@pytest.fixture(scope="module")
def seeds():
    """Blocks of the seed pages in HTML and of one language, with labels that need not be right."""
    columns = [split_html(path.read_text(encoding="utf-8")) for path in sorted((SEEDS / "pages").glob("*.html"))]
    rows = map(json.loads, (SEEDS / "blocks" / "en.jsonl").read_text(encoding="utf-8").splitlines())
    columns.append(join_blocks([row["text"] for row in rows]))
    batch = gather(columns)
    labels = np.random.default_rng(1).integers(0, 3, batch.size).astype(np.int8)
    return columns, batch, labels


@pytest.fixture(scope="module")
def fitted(seeds):
    _, batch, labels = seeds
    features = Features.of(batch)
    weights = np.ones(batch.size, dtype=np.float32)
    with pytest.warns(ConvergenceWarning):  # labels at random: any weights will do
        return features, fit_blocks(features, np.arange(batch.size), labels, weights, iterations=4)


def test_the_arrays_score_as_the_fitted_pipeline(seeds, fitted):
    _, batch, _ = seeds
    features, blocks = fitted
    expected = blocks.regression.decision_function(features.matrix(np.arange(batch.size), blocks.idf))
    parts, shapes = blocks.arrays().score(batch)
    found = parts.sum(axis=1)
    assert np.ptp(expected) > 1, "a model that tells nothing apart proves nothing"
    np.testing.assert_allclose(found, np.delete(expected - expected[:, 1:2], 1, axis=1), atol=1e-5)
    np.testing.assert_allclose(
        probabilities(found), blocks.regression.predict_proba(features.matrix(np.arange(batch.size), blocks.idf)),
        atol=1e-5,
    )  # fmt: skip
    np.testing.assert_array_equal(shapes, features.shapes)


def test_each_part_is_the_sum_over_its_own_features(seeds, fitted):
    _, batch, _ = seeds
    features, blocks = fitted
    parts, _ = blocks.arrays().score(batch)
    matrix = features.matrix(np.arange(batch.size), blocks.idf)
    weights = two_columns(blocks.regression.coef_.T)
    at = features.texts.shape[1]
    end = at + features.markup.shape[1]
    bias = two_columns(blocks.regression.intercept_[None, :])
    for number, (low, high, extra) in enumerate([(0, at, 0), (at, end, 0), (end, matrix.shape[1], bias)]):
        np.testing.assert_allclose(parts[:, number], matrix[:, low:high] @ weights[low:high] + extra, atol=1e-5)
    assert np.abs(parts[:, 1]).max() > 0.01
    assert not parts[batch.element < 0, 1].any(), "no markup, no markup score"


@given(st.lists(pages(), min_size=1, max_size=5), st.randoms(use_true_random=False))
def test_the_batch_does_not_change_a_page(model, some, random):
    alone = {id(page): model.score(gather([page])) for page in some}
    random.shuffle(some)
    batch = gather(some)
    parts, shapes = model.score(batch)
    assert parts.shape == (batch.size, len(PARTS), 2)
    assert np.isfinite(parts).all()
    for number, page in enumerate(some):
        own = slice(*batch.bounds[number : number + 2])
        np.testing.assert_allclose(parts[own], alone[id(page)][0], atol=1e-5)
        np.testing.assert_allclose(shapes[own], alone[id(page)][1], rtol=1e-6)


@given(st.lists(pages(markup=True), min_size=1, max_size=3))
def test_markup_counts_follow_the_parents(some):
    """The same counts from each block's chain of elements, one element at a time."""
    batch = gather(some)
    single = {key: _role_counts(key) for key in batch.keys}
    found = markup_counts(batch)
    for row in range(batch.size):
        element, level = int(batch.element[row]), 0
        near, anywhere = 0, 0
        while element >= 0:
            roles = single[batch.keys[batch.element_key[element]]]
            near, anywhere = near + (roles[level] if level < 3 else 0), anywhere + roles[3]
            element, level = int(batch.parents[element]), level + 1
        expected = near + anywhere * (2.5 / level)
        np.testing.assert_allclose((found.getrow(row) - expected).data, 0, atol=1e-5)


def _role_counts(key):
    """Rows of counts of one element in each role, from pages where it stands at that place alone."""
    from scipy.sparse import csr_matrix

    from classifier.model.blocks import MARKUP_BITS
    from classifier.model.markup import ROLES, tokens

    own = tokens([key])
    out = []
    for role in range(len(ROLES)):
        row = np.zeros((1, 1 << MARKUP_BITS), dtype=np.float32)
        np.add.at(row[0], own.buckets(role, MARKUP_BITS), 1)
        out.append(csr_matrix(row))
    return out


@given(st.lists(pages(), max_size=4))
def test_probabilities_sum_to_one(model, some):
    parts, _ = model.score(gather(some))
    scores = probabilities(parts.sum(axis=1))
    assert (scores >= 0).all()
    np.testing.assert_allclose(scores.sum(axis=1), 1, atol=1e-6)


def test_probabilities_of_huge_odds():
    odds = np.array([[1e6, 0], [-1e6, -1e6], [0, 1e6], [0, 0]], dtype=np.float32)
    np.testing.assert_allclose(probabilities(odds), [[1, 0, 0], [0, 1, 0], [0, 0, 1], [1 / 3] * 3], atol=1e-6)


@given(st.lists(pages(), min_size=1, max_size=4))
def test_gathering_keeps_every_block_and_its_element(some):
    batch = gather(some)
    assert [batch.texts[i] for i in batch.which] == [text for page in some for text in page.texts]
    assert len(set(batch.texts)) == len(batch.texts)
    row = 0
    for number, page in enumerate(some):
        for i in range(len(page.texts)):
            assert batch.page[row] == number
            if page.markup is None:
                assert batch.element[row] == -1 and batch.links[row] == 0
            else:
                own = page.markup.tags[page.markup.blocks[i]]
                assert batch.keys[batch.element_key[batch.element[row]]] == page.markup.keys[own]
                assert batch.links[row] == pytest.approx(page.markup.link_chars[i] / max(1, len(page.texts[i])))
            row += 1


def test_bins_of_numbers():
    values = np.array([[0.0], [1.0], [2.0], [3.0]] * 25, dtype=np.float32)
    edges = bin_edges(values)
    assert edges.shape == (1, BINS - 1)
    assert (np.diff(edges[0][np.isfinite(edges[0])]) > 0).all()
    bins = number_bins(values, edges)[:4, 0]
    assert len(set(bins.tolist())) > 1 and (np.diff(bins) >= 0).all()
    assert number_bins(np.array([[1e9]], dtype=np.float32), edges).max() < shape_rows(edges)
    assert number_bins(np.array([[-1.0]], dtype=np.float32), edges).min() == 0


@given(st.lists(pages(), min_size=1, max_size=3))
def test_link_bins_stay_inside_the_rows(some):
    edges = np.zeros((2, BINS - 1), dtype=np.float32)
    batch = gather(some)
    bins = link_bins(batch, edges)[:, 0]
    base = 2 * BINS
    assert ((bins >= base) & (bins < shape_rows(edges))).all()
    assert ((bins == base) == (batch.element < 0)).all()
    assert shape_rows(edges) == base + 2 + len(LINK_EDGES)


TEXTS = ["The ferry left at nine and the fog came after it.", "Home | News | Sport", "We use cookies. Accept all"]
NAMES = ["article", "boilerplate", "consent"]


def test_the_estimator_learns_and_keeps_the_order_of_labels():
    model = classifier.BlockClassifier().fit(TEXTS, NAMES)
    found = model.predict_proba([*TEXTS, ""])
    assert found.shape == (4, 3)
    np.testing.assert_allclose(found.sum(axis=1), 1, rtol=1e-6)
    assert model.predict(TEXTS).tolist() == NAMES == list(model.classes_)
    assert model.score(TEXTS, NAMES) == 1.0
    assert model.predict_proba([]).shape == (0, 3)


def test_the_estimator_takes_another_estimator_and_a_label_may_be_missing():
    model = BlockClassifier(MultinomialNB()).fit(TEXTS, ["article", "consent", "article"], [1.0, 2.0, 1.0])
    found = model.predict_proba(TEXTS)
    assert isinstance(model.estimator_, MultinomialNB) and model.estimator_ is not model.estimator
    assert found.shape == (3, 2) and list(model.classes_) == ["article", "consent"]
    np.testing.assert_allclose(found.sum(axis=1), 1)
    assert model.predict(TEXTS[1:2]).tolist() == ["consent"] and model.predict_proba([]).shape == (0, 2)


def test_scikit_learn_checks_an_estimator_of_two_labels():
    """It wants a column for each label of the data: with three of them it failed, or scores were nan."""
    texts, names = TEXTS[:2] * 3, NAMES[:2] * 3
    found = cross_val_predict(BlockClassifier(), texts, names, cv=3, method="predict_proba")
    assert found.shape == (6, 2)
    for scoring in ("neg_log_loss", "roc_auc"):
        assert np.isfinite(cross_val_score(BlockClassifier(), texts, names, cv=3, scoring=scoring)).all()


def test_the_estimator_sees_the_markup_of_pages(seeds):
    columns, batch, labels = seeds
    named = [LABELS[label] for label in labels]
    with_markup = BlockClassifier(MultinomialNB()).fit(columns, named).predict_proba(columns)
    texts = [batch.texts[i] for i in batch.which]
    without = BlockClassifier(MultinomialNB()).fit(texts, named).predict_proba(texts)
    assert with_markup.shape == without.shape == (batch.size, 3)
    assert np.abs(with_markup - without).max() > 0.01


def test_what_the_estimator_refuses():
    with pytest.raises(TrainingError, match="1 labels for 3 blocks; give one label a block"):
        BlockClassifier().fit(TEXTS, ["article"])
    with pytest.raises(TrainingError, match="'advert' is no label; labels are article, boilerplate, consent, or their"):
        BlockClassifier().fit(TEXTS, ["article", "advert", "consent"])
    with pytest.raises(TrainingError, match="-1 is no label; labels are"):
        BlockClassifier().fit(TEXTS, [0, 1, -1])
    with pytest.raises(TrainingError, match="None is no label; labels are"):
        BlockClassifier().fit(TEXTS, ["article", None, "consent"])
    with pytest.raises(TrainingError, match="no block to learn from"):
        BlockClassifier().fit([], [])
    with pytest.raises(NotFittedError):
        BlockClassifier().predict_proba(TEXTS)
    with pytest.raises(NotFittedError):
        BlockClassifier().predict(TEXTS)
    with pytest.raises(AttributeError, match="module 'classifier' has no attribute 'BlockClassifer'"):
        _ = classifier.BlockClassifer


def test_the_estimator_takes_labels_as_scikit_learn_codes_them():
    """For probabilities, cross_val_predict gives the estimator places in place of names."""
    model = BlockClassifier(MultinomialNB())
    found = cross_val_predict(model, TEXTS * 2, NAMES * 2, cv=2, method="predict_proba")
    np.testing.assert_allclose(found, np.tile(model.fit(TEXTS, NAMES).predict_proba(TEXTS), (2, 1)))
    assert model.fit(TEXTS, np.array([0, 1, 2])).predict(TEXTS).tolist() == [0, 1, 2] == model.classes_.tolist()


@pytest.mark.parametrize("kind", [list, tuple, np.array, iter])
def test_texts_may_come_in_any_order_of_things(kind):
    model = BlockClassifier(MultinomialNB()).fit(kind(TEXTS), kind(NAMES))
    assert model.predict(kind(TEXTS)).tolist() == NAMES
    assert (classifier.NgramCounts().fit_transform(kind(TEXTS)) != classifier.NgramCounts().transform(TEXTS)).nnz == 0


@pytest.mark.parametrize(
    ("given", "message"),
    [("We use cookies", "several texts are wanted, not one"), ([b"News"], "texts .*are wanted, not bytes"),
     (["News", None], "texts .*are wanted, not NoneType")],
)  # fmt: skip
def test_what_is_no_list_of_texts_is_refused(given, message):
    """A text alone went letter by letter."""
    model = BlockClassifier(MultinomialNB()).fit(TEXTS, NAMES)
    for call in (model.predict, classifier.NgramCounts().transform):
        with pytest.raises(TypeError, match=message):
            call(given)
