"""Plain text to blocks: blank lines, single newlines, hard wraps, offsets."""

from hypothesis import given
from hypothesis import strategies as st

from classifier.blocks.text import split_text


def test_blank_lines_and_crlf():
    assert split_text("One.\r\n\r\nTwo.\n \nThree.").texts == ["One.", "Two.", "Three."]


def test_single_newlines_split_where_lines_are_not_wrapped():
    assert split_text("Home\nNews\nSport").texts == ["Home", "News", "Sport"]


def test_a_hard_wrapped_paragraph_is_one_block():
    text = "The old ferry left the harbour before the fog came in and\nnobody on the pier could see where it went until noon."
    assert split_text(text).texts == [text]


def test_a_glued_notice_is_its_own_block():
    text = "The council will vote in May.\nBu sitede çerezler kullanılmaktadır."
    assert split_text(text).texts == ["The council will vote in May.", "Bu sitede çerezler kullanılmaktadır."]


@given(st.text(alphabet=st.sampled_from("ab .\n\r\tÇ漢A"), max_size=200))
def test_offsets_point_at_their_text_and_nothing_visible_is_lost(text):
    blocks = split_text(text)
    assert all(text[a:b] == t for a, b, t in zip(blocks.starts, blocks.ends, blocks.texts, strict=True))
    assert "".join("".join(t.split()) for t in blocks.texts) == "".join(text.split())
