"""Blocks against gold text, segments and notices: the cases are in cases/matching.json."""

import json
from pathlib import Path

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st

from classifier.matching import (
    LONG,
    SHARE,
    SHINGLE,
    UNKNOWN,
    match_consent,
    match_gold,
    match_labelled,
    match_segments,
    recovered,
    squash,
)

CASES = json.loads((Path(__file__).parent / "cases" / "matching.json").read_text(encoding="utf-8"))
SIGNS = {"a": 0, "b": 1, "c": 2, "?": UNKNOWN}
SHORT_TEXTS = st.text(alphabet="abc ,.-Fog", max_size=40)


def cases(kind):
    return pytest.mark.parametrize("case", CASES[kind], ids=lambda case: case["case"])


def signs(labels):
    return "".join("abc?"[label] for label in labels)


def wanted(case):
    return "".join(sign for sign, _ in case["blocks"])


def texts(case):
    return [text for _, text in case["blocks"]]


@cases("gold")
def test_gold(case):
    assert signs(match_gold(texts(case), case["gold"])) == wanted(case)


@cases("segments")
def test_segments(case):
    assert signs(match_segments(texts(case), case["must"], case["must_not"])) == wanted(case)


@cases("consent")
def test_consent(case):
    before = np.array([SIGNS[sign] for sign in case["labels"]], dtype=np.int8)
    assert signs(match_consent(texts(case), case["notices"], before)) == wanted(case)
    assert signs(before) == case["labels"], "the input is not changed"


@cases("labelled")
def test_labelled(case):
    known, labels = [text for _, text in case["known"]], [SIGNS[sign] for sign, _ in case["known"]]
    assert signs(match_labelled(texts(case), known, labels)) == wanted(case)


def test_the_share_of_a_reworked_block_decides_at_60_percent():
    gold = "abcdefghijklmnopqrstuvwxyz" * 2
    known = {gold[i : i + SHINGLE] for i in range(len(gold) - SHINGLE + 1)}
    found = {}
    for kept in range(LONG, len(gold)):
        block = gold[:kept] + "0123456789" * 2
        shingles = [block[i : i + SHINGLE] for i in range(len(block) - SHINGLE + 1)]
        share = sum(s in known for s in shingles) / len(shingles)
        found[share] = signs(match_gold([block], [gold]))
    assert {label for share, label in found.items() if share >= SHARE} == {"a"}
    assert {label for share, label in found.items() if share < SHARE} == {"?"}


def test_many_repeats_of_a_short_text_take_each_place_once():
    paragraph = "the ferry left the island at nine"
    gold = [paragraph, *["x"] * 3000, paragraph[::-1]]
    labels = match_gold([paragraph, *["x"] * 20_000, paragraph[::-1]], gold)
    assert (labels == 0).sum() == 3002


@given(st.lists(SHORT_TEXTS, max_size=12), st.lists(SHORT_TEXTS, max_size=6))
def test_every_block_gets_a_label(blocks, gold):
    labels = match_gold(blocks, gold)
    assert labels.dtype == np.int8 and len(labels) == len(blocks)
    assert set(labels.tolist()) <= {0, 1, UNKNOWN}
    whole = squash("".join(gold))
    for text, label in zip(blocks, labels, strict=True):
        if label == 0 and len(squash(text)) < LONG:
            assert squash(text) in whole


@given(st.lists(st.text(alphabet="abcdefgh", min_size=LONG, max_size=60), unique=True, max_size=6))
def test_a_page_that_is_its_own_gold_text_is_all_article(blocks):
    labels = match_gold(blocks, blocks)
    assert signs(labels) == "a" * len(blocks)
    assert recovered(blocks, labels, blocks) == (1.0 if blocks else 0.0)


def test_recovered_is_the_f1_of_the_words():
    gold = ["one two three four"]
    assert recovered(["one two", "menu"], np.array([0, 1]), gold) == pytest.approx(2 * 2 / (2 + 4))
    assert recovered(["One, two. Three four!"], np.array([0]), gold) == 1.0
    assert recovered(["one two three four"], np.array([UNKNOWN]), gold) == 0.0
    assert recovered(["quitt\u00e9 \uff11\uff10"], np.array([0]), ["quitte\u0301 10"]) == 1.0


def test_one_text_is_taken_for_one_piece_and_not_for_its_letters():
    blocks = ["Home", "We use cookies.", "use"]
    assert signs(match_gold(blocks, blocks[1])) == signs(match_gold(blocks, [blocks[1]]))
    assert signs(match_segments(blocks, "Home", "use")) == "a?b"
    assert signs(match_consent(blocks, blocks[1], np.array([1, 1, 1]))) == "bcb"
    assert recovered(blocks, np.array([1, 0, 1]), blocks[1]) == 1.0
