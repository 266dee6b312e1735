"""Normalisation and main script, many texts at once."""

from __future__ import annotations

import unicodedata

import pytest
from hypothesis import given
from hypothesis import strategies as st

from classifier.language.normalise import LONG_WINDOW, WINDOW, as_strings, clean_texts
from classifier.language.scripts import SCRIPTS, main_scripts


def normal(text: str, window: int = WINDOW) -> str:
    return as_strings(clean_texts([text], window))[0]


@pytest.mark.parametrize(
    ("text", "want"),
    [
        ("Hello,  World!", "hello world"),
        ("a\u00a0b\u202fc\td", "a b c d"),
        ("zero\u200bwidth\ufeff so\u00adft", "zerowidth soft"),
        ("caf\u0065\u0301", "caf\u00e9"),
        ("It\u2019s", "it's"),
        ("COVID-19 in 2020", "covid- in"),
        ("see https://example.org/a?b=c now", "see now"),
        ("see WWW.Example.org now", "see now"),
        ("请看https://example.org/x谢谢", "请看 谢谢"),
        ("mail me@example.org or @handle", "mail or"),
        ("ok \U0001f389\U0001f44d", "ok"),
        ("\u200fمرحبا\u200e", "مرحبا"),
        ("nul\0byte", "nul byte"),
        ("lone \ud800 surrogate", "lone surrogate"),
        ("sep\x1earator", "sep arator"),
        ("ΟΔΟΣ", "οδος"),
        ("Ｆｅｒｒｙ　ＡＺ，１２", "ferry az"),
        ("", ""),
        ("12 % – 34", ""),
    ],
)
def test_text_as_the_model_sees_it(text: str, want: str) -> None:
    assert normal(text) == unicodedata.normalize("NFC", want)


def test_a_beginning_without_letters_is_read_past() -> None:
    assert normal("1" * 1000 + " letters come late") == "letters come late"


def test_windows_cut_long_texts() -> None:
    assert len(normal("word " * 1000)) <= WINDOW
    assert len(normal("word " * 1000, LONG_WINDOW)) > WINDOW


@given(st.lists(st.text(max_size=60), max_size=8))
def test_texts_do_not_touch_each_other(texts: list[str]) -> None:
    assert as_strings(clean_texts(texts)) == [normal(text) for text in texts]


@given(st.text(max_size=80))
def test_normal_text_stays_as_it_is(text: str) -> None:
    once = normal(text)
    assert normal(once) == once


@pytest.mark.parametrize(
    ("text", "script", "letters"),
    [
        ("hello", "Latn", 5),
        ("привет, web", "Cyrl", 6),
        ("漢字かな", "Jpan", 12),
        ("漢字", "Hani", 6),
        ("서울 Seoul", "Kore", 6),
        ("한국 samsung galaxy", "Latn", 13),
        ("12 – 34", "", 0),
        ("ไทย", "Thai", 3),
    ],
)
def test_main_script(text: str, script: str, letters: int) -> None:
    scripts, counts = main_scripts(clean_texts(["before", text, "after"]))
    assert (SCRIPTS[scripts[1]], counts[1]) == (script, letters)
    assert SCRIPTS[scripts[0]] == SCRIPTS[scripts[2]] == "Latn"
