"""The main script of many normalised texts at once, from Unicode block ranges (ISO 15924 codes)."""

from __future__ import annotations

from functools import cache

import numpy as np
from numpy.typing import NDArray

from classifier.language.normalise import CleanTexts

# "first-last script" of the ranges that hold letters; what is in none of them has no script
# (the ranges are looked up after normalisation, which leaves letters and marks only)
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
_SIZE = 0x323B1
_KEPT_SIGN = 0xB7  # the middle dot, the only sign in the ranges that normalisation keeps
SIGN_WEIGHT = 3  # letters that one sign of a syllable or word counts for
OTHER_WEIGHT = 2  # of letters beside Latin ones, which are often names in a text of another script
KANA_SHARE = 10  # Han text with one kana in so many signs is Japanese
SCRIPTS = ("", *sorted({part.split()[1] for part in _RANGES.replace("\n", ";").split(";") if part} | {"Jpan", "Kore"}))
_INDEX = {script: index for index, script in enumerate(SCRIPTS)}
LATN, HANI, KANA, HANG, JPAN, KORE = map(_INDEX.__getitem__, ("Latn", "Hani", "Kana", "Hang", "Jpan", "Kore"))


@cache
def script_of_code() -> NDArray[np.uint8]:
    """Code point to index in SCRIPTS."""
    table = np.zeros(_SIZE, np.uint8)
    for part in _RANGES.strip().replace("\n", ";").split(";"):
        span, script = part.split()
        first, last = (int(end, 16) for end in span.split("-"))
        table[first : last + 1] = _INDEX[script]
    table[_KEPT_SIGN] = 0
    return table


def main_scripts(clean: CleanTexts) -> tuple[NDArray[np.intp], NDArray[np.intp]]:
    """Of every text the main script, that of most letters (index in SCRIPTS, 0 for none) and how many letters it has.

    Han with kana is "Jpan", Hangul is "Kore", Han alone is "Hani". A Han, kana or Hangul sign counts as three letters.
    """
    texts = len(clean.ends)
    if not texts:
        return np.zeros(0, np.intp), np.zeros(0, np.intp)
    of_code = script_of_code().take(clean.codes, mode="clip")
    starts = np.append(0, clean.ends[:-1] + 1)
    letters = np.add.reduceat(of_code == LATN, starts, dtype=np.intp)
    scripts = np.where(letters > 0, LATN, 0)
    other = np.flatnonzero(np.logical_or.reduceat((of_code != LATN) & (of_code != 0), starts))
    if len(other):
        lengths = clean.ends[other] - starts[other]
        firsts = np.cumsum(lengths) - lengths
        places = np.repeat(starts[other] - firsts, lengths) + np.arange(lengths.sum())
        scripts[other], letters[other] = _mixed(of_code[places], np.repeat(np.arange(len(other)), lengths), len(other))
    return scripts, letters


def _mixed(
    of_code: NDArray[np.uint8], owner: NDArray[np.intp], texts: int
) -> tuple[NDArray[np.intp], NDArray[np.intp]]:
    """`main_scripts` of texts that are not all Latin: `of_code` the script of each character, `owner` its text."""
    counts = np.bincount(owner * len(SCRIPTS) + of_code, minlength=texts * len(SCRIPTS)).reshape(texts, len(SCRIPTS))
    counts[:, 0] = 0
    japanese = (counts[:, KANA] > 0) & (counts[:, KANA] * KANA_SHARE >= counts[:, KANA] + counts[:, HANI])
    counts[japanese, JPAN] = counts[japanese, KANA] + counts[japanese, HANI]
    counts[japanese, HANI] = 0
    counts[:, KANA] = 0
    counts[:, KORE] = counts[:, HANG]
    counts[:, HANG] = 0
    counts[:, [HANI, JPAN, KORE]] *= SIGN_WEIGHT
    best = np.where(np.arange(len(SCRIPTS)) == LATN, counts, counts * OTHER_WEIGHT).argmax(axis=1)
    letters = counts[np.arange(texts), best]
    return np.where(letters > 0, best, 0), letters
