"""The main script of a text, from Unicode block ranges (ISO 15924 codes)."""

from __future__ import annotations

from bisect import bisect_right
from collections import Counter

# "first-last script" of the ranges that hold letters; what is in none of them has no script
_RANGES = """
41-24F Latn;250-2AF Latn;370-3FF Grek;400-52F Cyrl;531-58F Armn;591-5FF Hebr;600-6FF Arab;700-74F Syrc;750-77F Arab
780-7BF Thaa;7C0-7FF Nkoo;860-86F Syrc;870-8FF Arab;900-963 Deva;966-97F Deva;980-9FF Beng;A00-A7F Guru;A80-AFF Gujr
B00-B7F Orya;B80-BFF Taml;C00-C7F Telu;C80-CFF Knda;D00-D7F Mlym;D80-DFF Sinh;E00-E7F Thai;E80-EFF Laoo;F00-FFF Tibt
1000-109F Mymr;10A0-10FF Geor;1100-11FF Hang;1200-139F Ethi;13A0-13FF Cher;1400-167F Cans;1680-169F Ogam
16A0-16FF Runr;1780-17FF Khmr;1800-18AF Mong;18B0-18FF Cans;1C50-1C7F Olck;1C80-1C8F Cyrl;1C90-1CBF Geor
1D00-1DBF Latn;1E00-1EFF Latn;1F00-1FFF Grek;2C60-2C7F Latn;2D00-2D2F Geor;2D30-2D7F Tfng;2D80-2DDF Ethi
2DE0-2DFF Cyrl;2E80-2FDF Hani;3005-3007 Hani;3040-30FA Kana;30FC-30FF Kana;3105-312F Bopo;3130-318F Hang
31F0-31FF Kana;3400-4DBF Hani;4E00-9FFF Hani;A000-A4CF Yiii;A4D0-A4FF Lisu;A500-A63F Vaii;A640-A69F Cyrl
A720-A7FF Latn;A960-A97F Hang;A980-A9DF Java;A9E0-A9FF Mymr;AA60-AA7F Mymr;AAE0-AAFF Mtei;AB00-AB2F Ethi
AB30-AB6F Latn;AB70-ABBF Cher;ABC0-ABFF Mtei;AC00-D7FF Hang;F900-FAFF Hani;FB00-FB06 Latn;FB13-FB17 Armn
FB1D-FB4F Hebr;FB50-FDFF Arab;FE70-FEFF Arab;FF21-FF5A Latn;FF66-FF9F Kana;FFA0-FFDC Hang;11100-1114F Cakm
1E900-1E95F Adlm;20000-323AF Hani
"""
_TABLE = [
    (int(span.split("-")[0], 16), int(span.split("-")[1], 16), script)
    for span, script in (part.split() for part in _RANGES.replace("\n", ";").strip(";").split(";"))
]
_STARTS = [first for first, _, _ in _TABLE]
SIGNS = frozenset({"Hani", "Kana", "Hang", "Jpan", "Kore", "Yiii"})  # one sign is a syllable or a word
_WEIGHT = 3  # letters that one such sign counts for


class _Scripts(dict[str, str]):
    """Character to script ("" for none), filled as it is asked."""

    def __missing__(self, char: str) -> str:
        code = ord(char)
        first, last, script = _TABLE[max(0, bisect_right(_STARTS, code) - 1)]
        got = self[char] = script if first <= code <= last and (char.isalpha() or code > 0x900) else ""
        return got


_SCRIPTS = _Scripts()


def main_script(features: str) -> tuple[str, int]:
    """The script of most letters of a normalised text and how many letters it has; ("", 0) without letters.

    Han with kana is "Jpan", Hangul is "Kore", Han alone is "Hani"; a Han or Hangul sign weighs as much as three letters.
    """
    if features.isascii():
        count = sum(map(features.count, _ASCII_OTHER))
        return ("Latn", len(features) - count) if len(features) > count else ("", 0)
    counts: Counter[str] = Counter()
    for char, number in Counter(features).items():
        script = _SCRIPTS[char]
        if script:
            counts[script] += number
    kana, han = counts.pop("Kana", 0), counts.get("Hani", 0)
    if kana and kana * 10 >= kana + han:
        counts["Jpan"] = counts.pop("Hani", 0) + kana
    if counts.get("Hang"):
        counts["Kore"] = counts.pop("Hang")
    if not counts:
        return "", 0
    best = max(counts, key=lambda s: counts[s] * (_WEIGHT if s in SIGNS else 1))
    return best, counts[best]


_ASCII_OTHER = " '-"
