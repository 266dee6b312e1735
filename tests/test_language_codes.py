"""Language codes: every usual way of writing one, and what a wrong one says."""

from __future__ import annotations

import pytest

from classifier.errors import LanguageCodeError
from classifier.language.codes import accepted, canonical, check_codes, name_of, script_of

KNOWN = ("de", "en", "hr", "id", "ms", "pt", "sh", "sr", "sr-Latn", "bs", "tr", "zh", "zh-Hant", "no", "nn")


@pytest.mark.parametrize(
    ("code", "tag"),
    [
        ("tur", "tr"), ("TR", "tr"), ("tr_Latn", "tr"), ("tr-TR", "tr"), ("ger", "de"), ("deu", "de"), ("nob", "no"),
        ("nb", "no"), ("nno", "nn"), ("zh-TW", "zh-Hant"), ("zho_Hans", "zh"), ("cmn", "zh"), ("srp_Cyrl", "sr"),
        ("srp_Latn", "sr-Latn"), ("sh", "sh"), ("hbs", "sh"), ("iw", "he"), ("pes", "fa"), ("zsm", "ms"), ("fil", "tl"),
        (" en ", "en"), ("kaz_Arab", "kk-Arab"), ("kur_Arab", "ckb"), ("haw", "haw"),
        ("yue-Hant", "yue"), ("yue-Hans", "yue"), ("zh-Hant-HK", "zh-Hant"),
        ("zh-yue", "yue"), ("zh-cmn-Hant", "zh-Hant"), ("ar-arz", "arz"), ("en-USA", "en"),
    ],
)  # fmt: skip
def test_usual_forms_give_one_tag(code: str, tag: str) -> None:
    assert canonical(code) == tag


def test_scripts_and_names() -> None:
    assert script_of("sr") == "Cyrl"
    assert script_of("sr-Latn") == "Latn"
    assert script_of("zh-Hant") == "Hani"
    assert name_of("sr-Latn") == "Serbian (Latn)"
    assert name_of("qqq") == "qqq"


def test_checked_codes_keep_order_and_come_once() -> None:
    assert check_codes(["tur", "en", "tr", "und"], KNOWN) == ["tr", "en", "und"]


@pytest.mark.parametrize(
    ("code", "near"), [("german", "de"), ("Croatan", "hr"), ("zh-Latn", "zh or zh-Hant"), ("trk", "tr")]
)
def test_an_unknown_code_names_near_ones(code: str, near: str) -> None:
    with pytest.raises(LanguageCodeError, match=rf"unknown language code '{code}': did you mean .*{near}.*\?"):
        check_codes(["en", code], KNOWN)


def test_a_code_near_nothing_still_says_where_to_look() -> None:
    with pytest.raises(LanguageCodeError, match="classifier models"):
        check_codes(["xq"], ("de", "en"))


@pytest.mark.parametrize(
    ("code", "tags"),
    [
        ("sr", {"sr", "sr-Latn", "sh"}),
        ("sr-Cyrl", {"sr"}),
        ("sr-RS", {"sr", "sr-Latn", "sh"}),
        ("sr-Latn-RS", {"sr-Latn", "sh"}),
        ("zh", {"zh", "zh-Hant"}),
        ("zh-Hant", {"zh-Hant"}),
        ("zh-CN", {"zh"}),
        ("zh_HK", {"zh-Hant"}),
        ("hr", {"hr", "sh"}),
        ("sh", {"sh", "hr", "bs", "sr-Latn"}),
        ("id", {"id"}),
        ("und", {"und"}),
    ],
)
def test_a_filter_accepts_scripts_and_undecided_text(code: str, tags: set[str]) -> None:
    assert accepted(code, KNOWN) == tags
