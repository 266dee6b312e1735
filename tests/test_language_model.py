"""The language model: its file read into arrays, its scores, and how it is trained."""

from __future__ import annotations

import gzip
import json
from pathlib import Path

import numpy as np
import pytest
import zstandard

from classifier.errors import ModelError, TrainingError
from classifier.language.identifier import LanguageIdentifier
from classifier.language.model_file import Matrices, read_model
from classifier.language.ngrams import word_sums
from classifier.language.normalise import as_strings, clean_texts
from classifier.language_training import Settings, install, read_rows, train_language
from classifier.language_training.report import language_report

SEEDS = Path(__file__).parent.parent / "seeds" / "blocks"
LANGUAGES = ("ar", "ca", "et", "hi", "ja", "ko", "lt", "vi", "zh")
TINY = Settings(dimension=8, epochs=40, buckets=20_000, kept=6_000, threads=1, fewest=5)


@pytest.fixture(scope="module")
def folder(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """A tiny model, trained on our own seed blocks."""
    out = tmp_path_factory.mktemp("language")
    train_language([SEEDS / f"{language}.jsonl" for language in LANGUAGES], out, settings=TINY)
    return out


@pytest.fixture(scope="module")
def texts() -> list[str]:
    return [row["text"] for language in LANGUAGES for row in read_rows(SEEDS / f"{language}.jsonl")]


def probabilities(text: str, model: Matrices) -> dict[str, float]:
    words = text.split()
    codes = np.frombuffer("".join(words).encode("utf-32-le"), np.uint32)
    lengths = np.array([len(word) for word in words])
    sums = word_sums(codes, np.cumsum(lengths) - lengths, lengths, model).sum(axis=0)
    logits = sums[:-1] / max(1.0, sums[-1]) @ model.outputs
    chances = np.exp(logits - logits.max())
    return dict(zip(model.labels, chances / chances.sum(), strict=True))


def test_arrays_give_the_scores_of_the_fasttext_library(folder: Path, texts: list[str]) -> None:
    fasttext = pytest.importorskip("fasttext")
    fasttext.FastText.eprint = lambda *_: None
    library = fasttext.load_model(str(folder / "language.ftz"))
    model = read_model(folder / "language.ftz")
    assert (model.rows == len(model.inputs) - 1).any(), "the tiny model should have pruned n-grams"
    for text in [*as_strings(clean_texts(texts)), "a", "𐓏𐓘 𝔘𝔫", "straße"]:
        want = {label.removeprefix("__label__"): p for p, label in library.f.predict(text + "\n", 99, 0.0, "strict")}
        got = probabilities(text, model)
        for tag, chance in want.items():
            assert got[tag] == pytest.approx(chance, abs=1e-4), (text, tag)


def test_a_trained_model_knows_its_rows(folder: Path, texts: list[str]) -> None:
    tags, scores = LanguageIdentifier.load(folder).identify(texts)
    want = [language for language in LANGUAGES for _ in read_rows(SEEDS / f"{language}.jsonl")]
    assert np.mean([tag == language for tag, language in zip(tags, want, strict=True)]) > 0.9
    assert scores.min() >= 0 and scores.max() <= 1 + 1e-6


def test_neither_batch_nor_order_changes_a_result(folder: Path, texts: list[str]) -> None:
    together = LanguageIdentifier.load(folder).identify(texts)
    alone = LanguageIdentifier.load(folder)
    for text, tag, score in reversed(list(zip(texts, *together, strict=True))):
        ((own_tag,), own_score) = alone.identify([text])
        assert (own_tag, own_score[0]) == (tag, score)


def test_the_same_seed_gives_the_same_model(folder: Path, tmp_path: Path) -> None:
    train_language([SEEDS / f"{language}.jsonl" for language in LANGUAGES], tmp_path, settings=TINY)
    assert (tmp_path / "language.ftz").read_bytes() == (folder / "language.ftz").read_bytes()
    assert sorted(path.name for path in tmp_path.iterdir()) == ["language.ftz", "language.json"]


def test_each_file_is_on_disk_before_it_has_its_name(
    folder: Path, tmp_path: Path, named: list[tuple[str, bool]]
) -> None:  # fmt: skip
    facts = json.loads((folder / "language.json").read_text(encoding="utf-8"))
    install(folder / "language.ftz", {**facts, "sources": {"\ud800": {}}}, tmp_path)
    assert named == [("language.ftz", True), ("language.json", True)]
    assert LanguageIdentifier.load(tmp_path).tags == LanguageIdentifier.load(folder).tags


def test_priors_and_calibration_are_fitted_on_half_of_the_rows_given(tmp_path: Path) -> None:
    dev = tmp_path / "dev.jsonl"
    rows = [{"text": row["text"], "lang": lang} for lang in ("ca", "vi") for row in read_rows(SEEDS / f"{lang}.jsonl")]
    dev.write_text("".join(json.dumps(row) + "\n" for row in rows), encoding="utf-8")
    facts = train_language([SEEDS / "ca.jsonl", SEEDS / "vi.jsonl"], tmp_path / "out", dev=dev, settings=TINY)
    assert facts == json.loads((tmp_path / "out" / "language.json").read_text(encoding="utf-8"))
    assert set(facts["calibration"]["priors"]) == {"ca", "vi"} and facts["tuning"]["used"]["after"] > 0.9
    assert facts["calibration"]["high"] > 0


@pytest.mark.parametrize("keep", [0, 3, 60, 5000])
def test_a_cut_file_is_an_error_that_names_it(folder: Path, tmp_path: Path, keep: int) -> None:
    (tmp_path / "language.json").write_bytes((folder / "language.json").read_bytes())
    (tmp_path / "language.ftz").write_bytes((folder / "language.ftz").read_bytes()[:keep])
    with pytest.raises(ModelError, match=r"language\.ftz: .*train"):
        LanguageIdentifier.load(tmp_path)


def test_a_changed_file_is_an_error_that_says_what_to_do(folder: Path, tmp_path: Path) -> None:
    (tmp_path / "language.json").write_bytes((folder / "language.json").read_bytes())
    raw = bytearray((folder / "language.ftz").read_bytes())
    raw[-200:] = bytes(byte ^ 1 for byte in raw[-200:])
    (tmp_path / "language.ftz").write_bytes(raw)
    message = r"language\.ftz: changed since language\.json was written; restore the file or train it again"
    with pytest.raises(ModelError, match=message):
        LanguageIdentifier.load(tmp_path)
    read_model(tmp_path / "language.ftz")  # nothing else tells


def test_missing_or_foreign_facts_are_errors(folder: Path, tmp_path: Path) -> None:
    with pytest.raises(ModelError, match=r"language\.json"):
        LanguageIdentifier.load(tmp_path)
    (tmp_path / "language.json").write_text('{"format": 99}', encoding="utf-8")
    with pytest.raises(ModelError, match="format 99"):
        LanguageIdentifier.load(tmp_path)
    (tmp_path / "language.json").write_text("[2]", encoding="utf-8")
    with pytest.raises(ModelError, match=r"language\.json: cannot read .*not a JSON object"):
        LanguageIdentifier.load(tmp_path)
    facts = json.loads((folder / "language.json").read_text(encoding="utf-8"))
    (tmp_path / "language.json").write_text(json.dumps({**facts, "sha256": None}), encoding="utf-8")
    (tmp_path / "language.ftz").write_bytes((folder / "language.ftz").read_bytes())
    with pytest.raises(ModelError, match=r"changed since language\.json was written"):
        LanguageIdentifier.load(tmp_path)


def test_a_row_without_text_is_an_error_that_names_its_line(tmp_path: Path) -> None:
    (tmp_path / "xx.jsonl").write_text('{"text": "fine"}\n{"lang": "de"}\n', encoding="utf-8")
    with pytest.raises(TrainingError, match=r"xx\.jsonl, line 2"):
        train_language([tmp_path / "xx.jsonl"], tmp_path / "out", settings=TINY)


ROWS = "".join(json.dumps({"text": f"{text} {i}", "lang": lang}) + "\n" for i in range(9)
               for lang, text in (("de", "der Hund bellt"), ("en", "the dog barks"))).encode()  # fmt: skip


@pytest.mark.parametrize(
    ("name", "content", "message"),
    [
        ("gone.jsonl", None, r"gone\.jsonl: no such file"),
        ("cut.jsonl.gz", gzip.compress(ROWS)[:-20], r"cut\.jsonl\.gz: the gzip data ends early; get the file again"),
        ("cut.jsonl.zst", zstandard.compress(ROWS)[:-4], r"cut\.jsonl\.zst: the zstd data ends early; get"),
        ("list.jsonl", b"[]\n", r"list\.jsonl, line 1: not a row with text and lang"),
        ("bytes.jsonl", b'{"text": "\xff"}\n', r"bytes\.jsonl, line 1: not a row with text and lang"),
        ("text.jsonl", b'\n{"text": 5}\n', r"text\.jsonl, line 2: `text` is no text"),
        ("lang.jsonl", b'{"text": "a", "lang": 5}\n', r"lang\.jsonl, line 1: `lang` is no text"),
        ("licence.jsonl", b'{"text": "a", "licence": null}\n', r"licence\.jsonl, line 1: `licence` is no text"),
        ("folder", None, r"folder: cannot be read \(Is a directory\); name a file that you may read"),
    ],
)  # fmt: skip
@pytest.mark.parametrize("as_dev", [False, True])
def test_a_file_that_cannot_be_used_is_told_before_anything_is_fitted(
    tmp_path: Path, name: str, content: bytes | None, message: str, as_dev: bool
) -> None:
    (tmp_path / "folder").mkdir()
    (tmp_path / "rows.jsonl").write_bytes(ROWS)
    if content is not None:
        (tmp_path / name).write_bytes(content)
    data, dev = ([tmp_path / "rows.jsonl"], tmp_path / name) if as_dev else ([tmp_path / name], None)
    with pytest.raises(TrainingError, match=message):
        train_language(data, tmp_path / "out", dev=dev, settings=TINY)
    assert not (tmp_path / "out").exists()


def test_rows_to_tune_on_must_be_in_languages_of_the_model(tmp_path: Path) -> None:
    (tmp_path / "rows.jsonl").write_bytes(ROWS)
    (tmp_path / "dev.jsonl").write_text('{"text": "le chien", "lang": "fr"}\n{"text": "a dog", "lang": "en"}\n')
    with pytest.raises(TrainingError, match=r"dev\.jsonl: holds no two rows in the languages that are trained; give"):
        train_language([tmp_path / "rows.jsonl"], tmp_path / "out", dev=tmp_path / "dev.jsonl", settings=TINY)
    assert not (tmp_path / "out").exists()


@pytest.mark.parametrize("name", ["rows.jsonl", "rows.jsonl.gz", "rows.jsonl.zst"])
def test_rows_are_read_from_plain_and_compressed_files(tmp_path: Path, name: str) -> None:
    pack = {".gz": gzip.compress, ".zst": zstandard.compress}.get(Path(name).suffix, bytes)
    (tmp_path / name).write_bytes(pack(ROWS.rstrip()))
    rows = list(read_rows(tmp_path / name))
    assert len(rows) == 18 and rows[-1]["text"] == "the dog barks 8" and rows[-1]["kind"] == "prose"


def test_one_language_is_too_few_and_gpl_rows_do_not_count(tmp_path: Path) -> None:
    rows = list(read_rows(SEEDS / "ca.jsonl"))
    (tmp_path / "gl.jsonl").write_text(
        "".join(json.dumps({**row, "licence": "GPL-2.0-or-later"}) + "\n" for row in rows), encoding="utf-8"
    )
    with pytest.raises(TrainingError, match="found 1"):
        train_language([SEEDS / "ca.jsonl", tmp_path / "gl.jsonl"], tmp_path / "out", settings=TINY)
    assert not (tmp_path / "out").exists()


def test_the_report_counts_rows_answers_and_sources(folder: Path, tmp_path: Path) -> None:
    dev = tmp_path / "dev.jsonl"
    rows = [{**row, "kind": "short"} for row in read_rows(SEEDS / "ca.jsonl")]
    rows.append({"text": "ein Satz in einer Sprache, die das Modell nicht kennt", "lang": "deu", "kind": "sentence"})
    dev.write_text("".join(json.dumps(row) + "\n" for row in rows), encoding="utf-8")
    report = language_report(folder, dev)
    catalan = next(line for line in report.splitlines() if line.startswith("| `ca` |"))
    assert catalan.startswith(f"| `ca` | Catalan | {len(rows) - 1} |") and f"({len(rows) - 1})" in catalan
    assert "| all rows |  | 0.0 (1) |" in report
    trained = sum(1 for language in LANGUAGES for _ in read_rows(SEEDS / f"{language}.jsonl"))
    assert f"| rows without a source |  | {trained} |" in report


@pytest.mark.parametrize("field, wrong", [(8, 0), (8, -5), (9, 0), (10, 0)])  # n-gram buckets, shortest, longest
def test_a_file_without_ngrams_is_refused(folder: Path, tmp_path: Path, field: int, wrong: int) -> None:
    raw = bytearray((folder / "language.ftz").read_bytes())
    at = 8 + 4 * field  # past magic and version
    raw[at : at + 4] = wrong.to_bytes(4, "little", signed=True)
    (tmp_path / "language.ftz").write_bytes(raw)
    with pytest.raises(ModelError, match="it has no n-grams"):
        read_model(tmp_path / "language.ftz")
