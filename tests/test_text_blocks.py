"""Plain text to blocks: blank lines, single newlines, hard wraps, offsets."""

import json
import textwrap
from pathlib import Path

import pytest
from hypothesis import given
from hypothesis import strategies as st

from classifier.blocks.columns import SEEN
from classifier.blocks.text import split_text

SEEDS = Path(__file__).parent.parent / "seeds" / "pages"

ENGLISH = (
    "The old ferry left the harbour before the fog came in and nobody on the pier could see where it went until noon,"
    " when a boy on the hill heard its horn twice. By then the baker had sold out, the school had sent the children"
    " home, and the keeper of the light had written three pages in his book."
)
GERMAN = (
    "Der Gemeinderat hat am Dienstag beschlossen, die alte Brücke am Mühlbach bis zum Herbst zu sperren, weil in zwei"
    " ihrer Pfeiler Risse gefunden wurden. Wer zu Fuß geht, muss einen Umweg von zehn Minuten nehmen; für Rettungswagen"
    " und für die Kinder der Schule am Hang wird eine Ausnahme gelten, sagte die Bürgermeisterin danach."
)
ARABIC = (
    "غادر القارب القديم الميناء قبل أن يهبط الضباب ولم يعرف أحد على الرصيف إلى أين اتجه حتى الظهر حين سمع صبي على التل"
    " صوت بوقه مرتين وكان الخباز قد باع كل ما عنده وأعادت المدرسة الأطفال إلى بيوتهم وكتب حارس المنارة ثلاث صفحات في"
    " دفتره ثم أطفأ المصباح ونزل إلى السوق ليسأل البحارة عما رأوه في الليل فقال له كبيرهم إن البحر لا يجيب من يسأله على"
    " عجل وإن من أراد أن يعرف فعليه أن ينتظر المد"
)
JAPANESE = "港の古い灯台は三年にわたる工事を終え、春から一般に公開されることになった。" * 6
CASES = {
    "blank lines": ("One.\n\nTwo.\n \t\nThree.", ["One.", "Two.", "Three."]),
    "CRLF": ("One.\r\n\r\nTwo.\r\nThree.", ["One.", "Two.", "Three."]),
    "lone CR": ("One.\rTwo.\r\rThree.", ["One.", "Two.", "Three."]),
    "Unicode line and paragraph separators": ("One.\u2028Two.\u2029Three.", ["One.", "Two.", "Three."]),
    "form feed": ("One.\fTwo.", ["One.", "Two."]),
    "no-break spaces around a line": ("\xa0 One.\xa0\n\n\u3000二。", ["One.", "二。"]),
    "many blank lines": ("\n\n\nOne.\n\n\n\n\nTwo.\n\n\n", ["One.", "Two."]),
    "nothing": ("", []),
    "lines that show nothing are blank": (
        f"{ENGLISH[:60]}\n\u200b\nand so on\n\ufeff\n\u2800\nEnd",
        [ENGLISH[:60], "and so on", "End"],
    ),
    "white space only": (" \n\t\n\xa0", []),
    "a menu": ("Home\nNews\nSport", ["Home", "News", "Sport"]),
    "a notice glued to a paragraph": (
        f"{ENGLISH}\nBu sitede çerezler kullanılmaktadır.",
        [ENGLISH, "Bu sitede çerezler kullanılmaktadır."],
    ),
    "a close button glued to a notice": ("X\nÇerez kullanıyoruz.", ["X", "Çerez kullanıyoruz."]),
    "long lines in lower case are no wrapped paragraph": (
        f"{ENGLISH}\n\na drill with a masonry bit and a wood bit\nfour wall plugs to match the wall that you have",
        [ENGLISH, "a drill with a masonry bit and a wood bit", "four wall plugs to match the wall that you have"],
    ),
    "one wrapped sentence": (textwrap.fill(ENGLISH[:112], 60), [textwrap.fill(ENGLISH[:112], 60)]),
    "Arabic sentences of like width are no wrapped paragraph": (
        "فتحت بلدية الساحل صباح اليوم حديقة جديدة على ضفة النهر وزرع فيها الأطفال مئتي شجرة زيتون\n"
        "وقال رئيس البلدية إن الحديقة ستبقى مفتوحة طوال الليل وإن المقاعد الخشبية صنعها نجارو الحي\n"
        "نستخدم في هذه الصفحة ملفات صغيرة تتذكر اختياراتك ويمكنك أن ترفضها من دون أن تخسر أي شيء\n"
        "أوافق",
        [
            "فتحت بلدية الساحل صباح اليوم حديقة جديدة على ضفة النهر وزرع فيها الأطفال مئتي شجرة زيتون",
            "وقال رئيس البلدية إن الحديقة ستبقى مفتوحة طوال الليل وإن المقاعد الخشبية صنعها نجارو الحي",
            "نستخدم في هذه الصفحة ملفات صغيرة تتذكر اختياراتك ويمكنك أن ترفضها من دون أن تخسر أي شيء",
            "أوافق",
        ],
    ),
    "Thai lines, whose words no blank ends, are no wrapped paragraph": (
        "เทศบาลเปิดสวนริมแม่น้ำแห่งใหม่ให้ชาวบ้านเข้าชมเมื่อเช้าวันนี้\n"
        "เด็กนักเรียนช่วยกันปลูกต้นมะม่วงกว่าร้อยต้นในสวน\n"
        "นายกเทศมนตรีบอกว่าสวนนี้เปิดทั้งคืนและไม่เก็บค่าเข้า\n"
        "หน้านี้เก็บไฟล์ขนาดเล็กไว้จำสิ่งที่คุณเลือก\n"
        "ตกลง",
        [
            "เทศบาลเปิดสวนริมแม่น้ำแห่งใหม่ให้ชาวบ้านเข้าชมเมื่อเช้าวันนี้",
            "เด็กนักเรียนช่วยกันปลูกต้นมะม่วงกว่าร้อยต้นในสวน",
            "นายกเทศมนตรีบอกว่าสวนนี้เปิดทั้งคืนและไม่เก็บค่าเข้า",
            "หน้านี้เก็บไฟล์ขนาดเล็กไว้จำสิ่งที่คุณเลือก",
            "ตกลง",
        ],
    ),
    "lines of code after the prompt of Python": (
        '>>> harbour = service.harbours["Marrow Point"]\n>>> cover = harbour.cover',
        ['>>> harbour = service.harbours["Marrow Point"]', ">>> cover = harbour.cover"],
    ),
    "list items of like length": (
        "Tickets for the boat\nGuides to the coast\nMaps of the island\nNews from the lake",
        [
            "Tickets for the boat",
            "Guides to the coast",
            "Maps of the island",
            "News from the lake",
        ],
    ),
}


@pytest.mark.parametrize(("text", "expected"), CASES.values(), ids=CASES)
def test_blocks(text: str, expected: list[str]) -> None:
    assert split_text(text).texts == expected


@pytest.mark.parametrize("paragraph", [ENGLISH, GERMAN], ids=["english", "german"])
@pytest.mark.parametrize("width", [60, 72, 79, 100])
@pytest.mark.parametrize("newline", ["\n", "\r\n"], ids=["LF", "CRLF"])
def test_a_hard_wrapped_paragraph_is_one_block(paragraph: str, width: int, newline: str) -> None:
    wrapped = textwrap.fill(paragraph, width).replace("\n", newline)
    page = f"Home{newline}News{newline}{newline}{wrapped}{newline}{newline}{wrapped}{newline}"
    assert split_text(page).texts == ["Home", "News", wrapped, wrapped]


def test_a_long_wrapped_paragraph_of_a_script_without_lower_case_is_one_block() -> None:
    wrapped = textwrap.fill(ARABIC, 40)
    assert split_text(f"{wrapped}\n\nقصة قصيرة").texts == [wrapped, "قصة قصيرة"]


def test_a_wrapped_paragraph_without_spaces_between_words_is_one_block() -> None:
    wrapped = "\n".join(JAPANESE[i : i + 36] for i in range(0, len(JAPANESE), 36))
    assert split_text(f"見出し\n\n{wrapped}").texts == ["見出し", wrapped]


def test_wrapped_items_of_a_list_are_blocks_of_their_own() -> None:
    items = [textwrap.fill(f"- {ENGLISH}", 72, subsequent_indent="  "), textwrap.fill(f"- {GERMAN}", 72)]
    assert split_text("\n".join(items)).texts == items


@pytest.mark.parametrize(("marks", "empty"), [("> ", ">"), (">", ">"), ("> > ", "> >"), (">>>> ", ">>>>")])
def test_a_wrapped_paragraph_that_mail_quotes_is_one_block(marks: str, empty: str) -> None:
    quoted = [textwrap.indent(textwrap.fill(paragraph, 72), marks) for paragraph in (GERMAN, ENGLISH)]
    answer = textwrap.fill(ENGLISH, 72)
    page = f"Ann wrote:\n{quoted[0]}\n{empty}\n{quoted[1]}\n>> Who?\n{answer}"
    assert split_text(page).texts == ["Ann wrote:", quoted[0], empty, quoted[1], ">> Who?", answer]


@pytest.mark.parametrize("indent", ["    ", "\t"])
def test_wrapped_paragraphs_that_begin_with_an_indent_are_blocks(indent: str) -> None:
    paragraphs = [
        textwrap.fill(f"{indent}{text}", 76, tabsize=8) for text in (ENGLISH, GERMAN, ENGLISH[:200], GERMAN[:150] + ".")
    ]
    assert split_text("\n".join(paragraphs)).texts == [paragraph.strip() for paragraph in paragraphs]


def test_chinese_paragraphs_of_two_lines_that_begin_with_an_indent_are_blocks() -> None:
    one = "　　北岸的老灯塔经过三年的修缮终于重新开放，许多居民一早就来\n排队参观，孩子们尤其高兴。"
    two = (
        "　　修缮费用由市政府和居民共同承担，剩下的款项将用来整修码头\n"
        "边上的石板路，到时候游客可以沿着海边一直走回城里那座古老的旧\n市场。"
    )
    assert split_text(f"{one}\n{two}").texts == [one.strip(), two.strip()]


def test_a_drawn_line_between_wrapped_paragraphs_is_a_block_of_its_own() -> None:
    one, two = textwrap.fill(ENGLISH, 60), textwrap.fill(GERMAN, 60)
    assert split_text(f"{one}\n{'-' * 60}\n{two}\n{'_' * 60}\n").texts == [one, "-" * 60, two, "_" * 60]


def test_items_of_like_width_behind_a_mark_are_blocks() -> None:
    items = [
        f"●{text}" for text in ("港の古い灯台は春から公開される予定です", "北の埠頭は夏まで工事のため使えませんよ")
    ] * 3
    assert len(set(map(len, items))) == 1
    assert split_text("\n".join(items)).texts == items


def test_a_page_keeps_its_unwrapped_lines_beside_wrapped_ones() -> None:
    wrapped = textwrap.fill(ENGLISH, 72)
    texts = split_text(f"{wrapped}\n\n{GERMAN}\nKurz.\n\n{wrapped}").texts
    assert texts == [wrapped, GERMAN, "Kurz.", wrapped]


@pytest.mark.parametrize("line", (SEEDS / "labels.jsonl").read_text("utf-8").splitlines())
def test_every_labelled_row_of_the_sample_pages_is_a_block(line: str) -> None:
    page = json.loads(line)
    if page["file"].endswith(".txt"):
        text = (SEEDS / page["file"]).read_bytes().decode("utf-8")
        blocks = {" ".join(block.split()) for block in split_text(text).texts}
        assert {" ".join(row.split()) for row in page["gold"] + page["consent"]} <= blocks


@given(st.lists(st.text(min_size=1, max_size=60), max_size=12))
def test_squeezed_lines_between_blank_lines_come_out_whole(lines: list[str]) -> None:
    lines = [squeezed for line in lines if SEEN.search(squeezed := " ".join(line.split()))]
    assert split_text("\n\n".join(lines)).texts == lines


@given(st.text(alphabet=st.sampled_from("ab .-\n\r\t\f\u2028\xa0Ç漢A😀"), max_size=300))
def test_offsets_point_at_their_text_in_order_and_nothing_visible_is_lost(text: str) -> None:
    blocks = split_text(text)
    spans = list(zip(blocks.starts, blocks.ends, strict=True))
    assert [text[start:end] for start, end in spans] == blocks.texts
    assert all(end <= after for (_, end), (after, _) in zip(spans, spans[1:], strict=False))
    assert all(block == block.strip() != "" for block in blocks.texts)
    assert "".join("".join(block.split()) for block in blocks.texts) == "".join(text.split())
    assert blocks.text is text
    assert blocks.markup is None
