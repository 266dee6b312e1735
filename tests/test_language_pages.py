"""The shipped language model on blocks and whole pages: what must hold whatever model is shipped."""

from __future__ import annotations

from pathlib import Path

import numpy as np
import pytest

from classifier.language.chinese import ChineseScripts
from classifier.language.groups import Groups
from classifier.language.identifier import LanguageIdentifier

MODEL = Path(__file__).parent.parent / "models" / "default"
ENGLISH = [
    "The council voted on Tuesday to close the old bridge for repairs until the spring.",
    "Residents on the east side will have to take the long way round, and some are not amused.",
    "A spokeswoman said the work could not wait, because the winter floods had weakened two of the pillars.",
]
TURKISH_NOTICE = [
    "Web sitemizde size daha iyi bir deneyim sunabilmek için çerezler kullanıyoruz.",
    "Tümünü kabul et",
    "Ayarlar",
]


@pytest.fixture(scope="module")
def identifier() -> LanguageIdentifier:
    return LanguageIdentifier.load(MODEL)


def test_it_knows_many_languages(identifier: LanguageIdentifier) -> None:
    assert len(identifier.tags) >= 180
    assert {"en", "tr", "sr", "sr-Latn", "zh", "zh-Hant", "sh", "und"} <= set(identifier.tags)


@pytest.mark.parametrize(
    ("text", "tag"),
    [
        ("Wir haben gestern lange auf den Bus gewartet.", "de"),
        ("WIR HABEN GESTERN LANGE AUF DEN BUS GEWARTET.", "de"),
        ("Wir\u00a0haben\u00a0gestern\u00a0lange auf den Bus gewartet.", "de"),
        ("https://example.org/index.html Wir haben gestern lange auf den Bus gewartet.", "de"),
        ("Dün akşam otobüsü çok uzun süre bekledik.", "tr"),
        ("Вчера мы долго ждали автобус.", "ru"),
        ("Χθες περιμέναμε πολλή ώρα το λεωφορείο.", "el"),
        ("昨日はバスを長い間待ちました。", "ja"),
        ("어제 우리는 버스를 오래 기다렸다.", "ko"),
        ("昨天我们等公共汽车等了很久。", "zh"),
        ("เมื่อวานเรารอรถเมล์นานมาก", "th"),
    ],
)
def test_sentences(identifier: LanguageIdentifier, text: str, tag: str) -> None:
    assert identifier.identify([text])[0] == [tag]


TRADITIONAL = "舊渡輪在大霧來臨之前離開了港口，碼頭上沒有人能看見它去了哪裡。"
SIMPLIFIED = "旧渡轮在大雾来临之前离开了港口，码头上没有人能看见它去了哪里。"


def test_signs_tell_the_script_of_chinese(identifier: LanguageIdentifier) -> None:
    texts = [TRADITIONAL, SIMPLIFIED, TRADITIONAL, SIMPLIFIED]
    assert identifier.identify(texts)[0] == ["zh-Hant", "zh"] * 2
    assert [tags for tags, _ in identifier.identify_pages([texts, texts[:1]])] == [["zh-Hant", "zh"] * 2, ["zh-Hant"]]


def test_chinese_without_such_signs_goes_with_its_page(identifier: LanguageIdentifier) -> None:
    assert identifier.identify_pages([[TRADITIONAL, "日期", TRADITIONAL]])[0][0] == ["zh-Hant"] * 3


def test_signs_of_each_text_are_its_own() -> None:
    """Beside texts that are empty, longer than what is looked at, or hold signs beyond the common ones."""
    texts = ["日期", "这", "", "這这", "\ud800\U0003ffff這", "日" * 2000 + "这"]
    pages = [[0, 1], [2, 3, 4, 5], [0, 0, 4], [0, 1, 4]]
    labels = np.array([2, 2, 0, 2, 0, 1, 0, 1, 0, 2, 2, 0])
    of_page = np.repeat(np.arange(4), list(map(len, pages)))
    ChineseScripts(["zh", "en", "zh-Hant"]).settle(labels, texts, np.array(sum(pages, [])), of_page)
    assert labels.tolist() == [0, 0, 2, 2, 2, 1, 2, 1, 2, 2, 0, 2], "on the last page they do not agree"


@pytest.mark.parametrize(
    "text", ["", " \n ", "2024-11-03", "\U0001f389\U0001f44d", "\u200f\u200e", "A", "\ud800", "\0", "\x1e", "ᚠᚢᚦ"]
)
def test_what_says_nothing_is_undetermined(identifier: LanguageIdentifier, text: str) -> None:
    tags, scores = identifier.identify([text])
    assert tags == ["und"] and scores[0] == 0


def test_hostile_texts_are_answered(identifier: LanguageIdentifier) -> None:
    texts = [
        "x" * 10_000_000,
        "lone \ud800 surrogate in an English sentence",
        "a\0b",
        "<>" * 1000,
        "\n" * 5000 + "hello",
    ]
    tags, scores = identifier.identify(texts)
    assert len(tags) == len(texts) and tags[1] == "en"
    assert np.isfinite(scores).all()


def test_menu_entries_take_the_language_of_their_page(identifier: LanguageIdentifier) -> None:
    ((tags, scores),) = identifier.identify_pages([["Home", "Sport", "Video", *ENGLISH, "Contact", "© 2024"]])
    assert tags == ["en"] * 7 + ["und"]
    assert scores[-1] == 0 and scores[3] > 0.95


@pytest.mark.parametrize("at", [0, 2, 3])
def test_a_foreign_notice_keeps_its_own(identifier: LanguageIdentifier, at: int) -> None:
    blocks = [*ENGLISH[:at], *TURKISH_NOTICE, *ENGLISH[at:]]
    ((tags, _),) = identifier.identify_pages([blocks])
    assert tags == ["en"] * at + ["tr"] * 3 + ["en"] * (3 - at)


def test_pages_do_not_touch_each_other(identifier: LanguageIdentifier) -> None:
    pages = [ENGLISH, [], ["", "12"], TURKISH_NOTICE, [*ENGLISH, *TURKISH_NOTICE, "Home"], ["Home"]] * 3
    together = identifier.identify_pages(pages)
    alone = LanguageIdentifier.load(MODEL)
    for page, (tags, scores) in reversed(list(zip(pages, together, strict=True))):
        ((own_tags, own_scores),) = alone.identify_pages([page])
        assert tags == own_tags and len(tags) == len(page)
        np.testing.assert_allclose(scores, own_scores, atol=1e-6)  # last digits depend on how many are added


def test_no_pages_give_nothing(identifier: LanguageIdentifier) -> None:
    assert identifier.identify_pages([]) == []
    assert identifier.identify([])[0] == []


def test_undecided_text_of_a_group_says_so() -> None:
    groups = Groups(["bs", "en", "hr", "id"])
    labels, sure = np.array([0, 2, 1, 2, 3, -1]), np.array([0.4, 0.45, 0.4, 0.9, 0.5, 0.0], np.float32)
    mass = {0: 0.8, 1: 0.6}
    for group, places in groups.unsure(labels, sure).items():
        groups.settle(group, places, np.array([mass.get(place, 0.5) for place in places], np.float32), labels, sure)
    assert labels.tolist() == [4, 2, 1, 2, 3, -1], "4 is the first group, sh; .45 of .6 leads; id is alone in its group"
    assert sure.tolist() == pytest.approx([0.8, 0.45, 0.4, 0.9, 0.5, 0.0])


def test_a_line_of_a_group_is_never_far_off(identifier: LanguageIdentifier) -> None:
    tags, _ = identifier.identify(["Danas je lijep dan i idemo na more.", "dobar dan svima"])
    assert set(tags) <= {"sh", "hr", "bs", "sr-Latn"}


def test_a_page_of_one_block_is_a_text_standing_alone(identifier: LanguageIdentifier) -> None:
    texts = [*ENGLISH, *TURKISH_NOTICE, "dobar dan svima", "Video", "", "12"]
    tags, scores = identifier.identify(texts)
    pages = identifier.identify_pages([[text] for text in texts])
    assert [tag for own, _ in pages for tag in own] == tags
    assert [score for _, own in pages for score in own.tolist()] == scores.tolist()
