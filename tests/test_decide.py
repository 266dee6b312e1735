"""From probabilities to labels: fixed thresholds, those that follow the page, and texts that a page repeats."""

import math

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st

from classifier.model import shape
from classifier.model.batch import gather
from classifier.model.context import cut_repeats
from classifier.model.decide import decide, expected_f1
from classifier.model.repeats import repeats
from classifier.training.examples import join_blocks
from classifier.training.presets import THRESHOLDS

FIXED = {"article": 0.6, "consent": 0.5}
FOLLOWING = {**FIXED, "gap": 0.25, "least": 0.25}
PARAGRAPH = "The boats that came in before dawn lay low in the water, and nobody on the quay asked what they carried."
PROBABILITY = st.floats(0, 1, width=32)


def labels(scores, thresholds, bounds=None, sizes=None):
    scores = np.array(scores, dtype=np.float32)
    bounds = np.array(bounds or [0, len(scores)])
    return decide(scores, thresholds, bounds, np.array(sizes or [100] * len(scores))).tolist()


def test_consent_goes_before_article_and_article_before_boilerplate():
    assert labels([[0.7, 0.2, 0.1], [0.3, 0.1, 0.6], [0.5, 0.0, 0.5], [0.5, 0.4, 0.1]], FIXED) == [0, 2, 2, 1]


def test_a_page_of_sure_blocks_keeps_the_threshold_and_one_of_doubtful_blocks_a_lower_one():
    sure = [[0.99, 0.01, 0]] * 9 + [[0.55, 0.45, 0]]
    doubtful = [[0.45, 0.55, 0]] * 9 + [[0.1, 0.9, 0]]
    assert labels(sure, FOLLOWING)[-1] == 1
    assert labels(doubtful, FIXED) == [1] * 10
    assert labels(doubtful, FOLLOWING) == [0] * 9 + [1]


def test_a_page_of_unlikely_blocks_stays_empty():
    assert labels([[0.24, 0.76, 0]] * 9 + [[0.05, 0.95, 0]], FOLLOWING) == [1] * 10


def test_notices_do_not_make_a_page_surer():
    notices = [[0.0, 0.05, 0.95]] * 20
    assert labels([[0.45, 0.55, 0], *notices], FOLLOWING)[0] == labels([[0.45, 0.55, 0]], FOLLOWING)[0] == 0


@given(st.lists(st.tuples(PROBABILITY, st.integers(0, 900)), max_size=12), st.integers(0, 12))
def test_the_expected_f1_is_the_best_over_all_cuts(blocks, border):
    article, sizes = (np.array([b[i] for b in blocks], dtype=float) for i in (0, 1))
    border = min(border, len(blocks))
    found = expected_f1(article, np.array([0, border, len(blocks)]), sizes)
    for page, rows in enumerate((slice(0, border), slice(border, None))):
        pairs = sorted(zip(article[rows], sizes[rows] + 1, strict=True), reverse=True)
        wanted, best = sum(p * w for p, w in pairs), 0.0
        for cut in range(1, len(pairs) + 1):
            hits = sum(p * w for p, w in pairs[:cut])
            best = max(best, 2 * hits / (sum(w for _, w in pairs[:cut]) + wanted))
        if len({p for p, _ in pairs}) == len(pairs):
            assert found[page] == pytest.approx(best, abs=1e-9)
        else:  # equal probabilities may stand in either order, and a cut between them differs
            sure = sum(p * w for p, w in pairs) * 2 / max(sum(w for _, w in pairs) + wanted, 1e-9)
            assert sure - 1e-9 <= found[page] <= 1 + 1e-9


@given(st.lists(st.tuples(PROBABILITY, PROBABILITY), min_size=1, max_size=20), st.integers(0, 20))
def test_labels_of_a_page_do_not_hang_on_the_pages_beside_it(pairs, border):
    odds = np.array([[a, 1, c] for a, c in pairs], dtype=np.float32)
    scores = odds / odds.sum(axis=1, keepdims=True)
    border = min(border, len(pairs))
    both = labels(scores, FOLLOWING, [0, border, len(pairs)])
    assert both == labels(scores[:border], FOLLOWING) + labels(scores[border:], FOLLOWING)


@given(st.lists(st.tuples(PROBABILITY, PROBABILITY), min_size=1, max_size=20))
def test_precision_keeps_no_more_than_balanced_and_recall_no_less(pairs):
    odds = np.array([[a, 1, c] for a, c in pairs], dtype=np.float32)
    scores = odds / odds.sum(axis=1, keepdims=True)
    kept = [np.array(labels(scores, THRESHOLDS[name])) == 0 for name in ("precision", "balanced", "recall")]
    assert (kept[0] <= kept[1]).all() and (kept[1] <= kept[2]).all()


def test_no_blocks_get_no_labels():
    assert labels(np.zeros((0, 3)), FOLLOWING, [0, 0]) == []


def page_of(texts):
    fill = [f"Line {i}" for i in range(25)]
    batch = gather([join_blocks([*texts, *fill])])
    return batch, np.array([len(t) for t in batch.texts], dtype=np.float32)[batch.which]


def test_a_long_text_counts_once_on_a_page():
    batch, lengths = page_of([PARAGRAPH, "Something else", PARAGRAPH, PARAGRAPH])
    odds = np.full((batch.size, 2), -2.0, dtype=np.float32)
    odds[:4, 0] = 3.0
    assert np.flatnonzero(repeats(batch, lengths, odds)).tolist() == [2, 3]


def test_what_is_no_article_above_is_no_repeat_below():
    batch, lengths = page_of([PARAGRAPH, PARAGRAPH, PARAGRAPH])
    odds = np.full((batch.size, 2), -2.0, dtype=np.float32)
    odds[1:3, 0] = 3.0
    assert np.flatnonzero(repeats(batch, lengths, odds)).tolist() == [2]


@pytest.mark.parametrize("texts", [["Chorus", "Verse", "Chorus"], [PARAGRAPH, PARAGRAPH + " "]])
def test_short_lines_and_texts_that_differ_are_no_repeats(texts):
    batch, lengths = page_of(texts)
    assert not repeats(batch, lengths, np.full((batch.size, 2), [3.0, -2.0], dtype=np.float32)).any()


def test_short_pages_and_other_pages_repeat_nothing():
    batch = gather([join_blocks([PARAGRAPH, PARAGRAPH]), join_blocks([PARAGRAPH, *map(str, range(30))])])
    lengths = np.full(batch.size, 120, dtype=np.float32)
    assert not repeats(batch, lengths, np.full((batch.size, 2), [3.0, -2.0], dtype=np.float32)).any()


def test_a_repeat_is_cut_to_what_training_found_and_never_raised():
    batch, _ = page_of([PARAGRAPH, PARAGRAPH, PARAGRAPH])
    shapes = np.zeros((batch.size, len(shape.NAMES)), dtype=np.float32)
    shapes[:3, shape.NAMES.index("length")] = math.log1p(len(PARAGRAPH))
    odds = np.full((batch.size, 2), -2.0, dtype=np.float32)
    odds[:3, 0] = 3.0, 2.0, 0.5
    cut = cut_repeats(batch, shapes, odds, 1.0)
    assert cut[:3, 0].tolist() == [3.0, 1.0, 0.5] and (cut[3:] == odds[3:]).all() and odds[1, 0] == 2.0
    assert (cut_repeats(batch, shapes, odds, math.inf) == odds).all()
