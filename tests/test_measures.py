"""Precision, recall, F1 and calibration, worked out by hand."""

import numpy as np
import pytest

from classifier.measures import by_label, calibration_error


def test_figures_by_label():
    labels = np.array([0, 0, 0, 1, 1, 2], dtype=np.int8)
    got = np.array([0, 0, 1, 1, 2, 2], dtype=np.int8)
    found = by_label(labels, got)
    assert found["article"] == {"precision": 1.0, "recall": 0.6667, "f1": 0.8, "blocks": 3}
    assert found["boilerplate"] == {"precision": 0.5, "recall": 0.5, "f1": 0.5, "blocks": 2}
    assert found["consent"] == {"precision": 0.5, "recall": 1.0, "f1": 0.6667, "blocks": 1}
    assert set(by_label(labels[:3], labels[:3])) == {"article"}


def test_the_calibration_error():
    scores = np.array([[0.95, 0.05, 0]] * 10 + [[0.65, 0.35, 0]] * 10, dtype=np.float32)
    labels = np.array([0] * 9 + [1] + [0] * 5 + [1] * 5, dtype=np.int8)
    assert calibration_error(scores, labels) == pytest.approx((0.05 + 0.15) / 2, abs=1e-4)
    assert calibration_error(scores[:1], np.array([0])) == pytest.approx(0.05, abs=1e-4)
    assert calibration_error(scores[:0], labels[:0]) == 0.0


def test_a_label_that_is_never_given():
    found = by_label(np.array([0, 2], dtype=np.int8), np.array([0, 0], dtype=np.int8))
    assert found["consent"] == {"precision": 0.0, "recall": 0.0, "f1": 0.0, "blocks": 1}
    assert found["article"]["precision"] == 0.5
