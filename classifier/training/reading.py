"""Files of training data to examples: records of several shapes to pages whose blocks have labels.

A record is a JSON object, one a line (.jsonl, also .gz and .zst), of one of these shapes:

- a gold page: `html` or `text`, and `gold` (the article text, a list of paragraphs or one string) or `must` or
  `must_not` (segments that belong to it or do not); also `consent` (texts of its consent notice), `domain` or `url`,
  `id`;
- the same with `file`: the page lies beside the record's file, and is read as `classifier label` reads it;
- a labelled page: `blocks`, each with `text` and `label`, as `classifier label` writes them; with `html` or `file` too,
  it is learned from twice, with its markup and as plain text;
- a labelled block: `text`, `label`, and `lang`; with `page` the blocks of one page stand together, in order; without,
  `inside` tells that it stands between the paragraphs of an article, as a heading does, or a prompt to subscribe;
- `names` and `label` consent: what class names, ids and labels of elements that ask for consent contain.

Blocks without a label take part in a page but are not learned from. docs/training.md tells of the other fields.
"""

from __future__ import annotations

import re
from collections import Counter
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass
from itertools import islice
from pathlib import Path
from typing import Any
from urllib.parse import urlsplit

import numpy as np

from classifier.blocks.columns import BlockColumns
from classifier.blocks.page import split_page
from classifier.errors import TrainingError
from classifier.markdown import markup_of
from classifier.matching import UNKNOWN, match_consent, match_gold, match_labelled, match_segments, recovered
from classifier.readers import read_pages
from classifier.readers.discover import readable_name
from classifier.records import LABELS, Label, Rejection, counted
from classifier.settings import ReadOptions
from classifier.training.examples import Example, LabelledText, join_blocks
from classifier.training_files import data_files, read_records

NO_LABEL = (None, "", "unknown")  # a block that somebody looked at and could not tell
_NAME_OF_SITE = re.compile(r"[\w-]+(?:\.[\w-]+)+(?::\d+)?")  # in an address without a scheme
_OF_PAGES = ("html", "markdown", "file", "gold", "must", "must_not", "blocks")  # fields that make a record a page
LEAST_RECOVERED = 0.5  # share of the gold text that the matched blocks must hold, or the page is left out
_LEAST_BLOCKS = 5  # of a page that should hold something beside its article
_MANY_WHOLE = 0.1  # share of such pages among those with gold text from which it looks like a mistake
_ARTICLE = LABELS.index(Label.ARTICLE)
_LEFT_OUT = {
    "gold_not_found": "whose gold text is not found in them, or only in short blocks",
    "no_gold": "without gold text",
}


@dataclass(frozen=True, slots=True)
class TrainingData:
    """What files of training data hold.

    `names` are those of elements that ask for consent, in lower case, each once, in order; `left_out` counts pages that
    could not be used by reason, each view for itself.
    """

    pages: list[Example]
    texts: list[LabelledText]
    names: tuple[str, ...]
    left_out: Mapping[str, int]

    def remarks(self) -> list[str]:
        """What people should hear of the data: pages left out, pages that say nothing, gold text that is all."""
        remarks = _told(self.left_out)
        silent = sum(not (page.labels != UNKNOWN).any() for page in self.pages)
        if silent:
            remarks.append(f"{counted(silent, 'page')} without a labelled block or a segment that is found")
        with_gold = [page for page in self.pages if page.gold]
        whole = sum(len(page.labels) >= _LEAST_BLOCKS and bool((page.labels <= _ARTICLE).all()) for page in with_gold)
        if whole and whole >= _MANY_WHOLE * len(with_gold):
            remarks.append(
                f"{counted(whole, 'page')} without a block outside of the gold text: does that hold the article alone?"
            )
        return remarks


def _told(left_out: Mapping[str, int]) -> list[str]:
    reasons = ", ".join(f"{count} {_LEFT_OUT[reason]}" for reason, count in left_out.items())
    return [f"{counted(sum(left_out.values()), 'page')} left out: {reasons}"] if left_out else []


def read_examples(paths: Sequence[Path], split: str = "") -> TrainingData:
    """All examples of files and folders (every *.jsonl, *.jsonl.gz, *.jsonl.zst in them, in order).

    With `split`, records whose `split` field says otherwise are left out. TrainingError names a file or line that
    cannot be used. Pages without gold text, or of which too little is found again, are left out and counted.
    """
    pages: list[Example] = []
    texts: list[LabelledText] = []
    names: dict[str, None] = {}
    left_out: Counter[str] = Counter()
    of_others = unlabelled = 0
    for path in data_files(paths):
        by_page: dict[str, list[Mapping[str, Any]]] = {}
        for where, record in read_records(path):
            if not _is_of(record, split):
                of_others += 1
            elif _holds_names(record):
                names.update(dict.fromkeys(_names(record, where)))
            elif not _is_block(record):
                pages.extend(_page(record, path, where, left_out))
            elif "page" in record:
                by_page.setdefault(str(record["page"]), []).append(_checked_block(record, where))
            elif record["label"] not in NO_LABEL and str(record.get("text", "-")).strip():
                texts.append(_labelled_text(record, path, where))
            else:
                unlabelled += 1
        for key, rows in by_page.items():
            about = {name: value for row in reversed(rows) for name, value in row.items()}
            pages.extend(_from_blocks({**about, "id": key, "blocks": rows}, path, str(path)))
    if not pages and not texts:
        why = _why(left_out, of_others, unlabelled)
        raise TrainingError(
            f"no training data in {', '.join(map(str, paths))}{why}; see `classifier train --help` for the shapes"
        )
    return TrainingData(pages, texts, tuple(names), left_out)


def _why(left_out: Mapping[str, int], of_others: int, unlabelled: int) -> str:
    """Why there are no examples: records of another split, and single blocks that have no label or no text."""
    reasons = _told(left_out)
    if unlabelled:
        reasons.append(f"{counted(unlabelled, 'loose block')} without a label or a text")
    if of_others:
        reasons.append(f"{counted(of_others, 'record')} of another split")
    return f" ({'; '.join(reasons)})" if reasons else ""


def page_files(paths: Sequence[Path]) -> Iterator[Path]:
    """The pages that records of these files and folders name with `file`; pipes are left to be read once."""
    for path in filter(Path.is_file, data_files(paths)):
        for _, record in read_records(path):
            if "file" in record:
                yield _beside(path, record)


def _beside(path: Path, record: Mapping[str, Any]) -> Path:
    return path.parent / str(record["file"])


def _is_of(record: Mapping[str, Any], split: str) -> bool:
    """Whether a record is asked for: always where none is, or it does not say."""
    return not split or record.get("split", split) == split


def _holds_names(record: Mapping[str, Any]) -> bool:
    """Whether a record has names of elements; a page or a text may have a field of that name for itself."""
    return "names" in record and not any(key in record for key in ("text", *_OF_PAGES))


def _is_block(record: Mapping[str, Any]) -> bool:
    """Whether a record is a block; one without a label may be a page whose fields were filled up with nulls."""
    return "label" in record and not (record["label"] in NO_LABEL and any(key in record for key in _OF_PAGES))


def _names(record: Mapping[str, Any], where: str) -> list[str]:
    """The names of elements of a record, in lower case."""
    found = [name.strip().lower() for name in _texts(record, "names", where)]
    if record.get("label") != Label.CONSENT or not all(found):
        raise TrainingError(f"{where}: `names` are texts, none of them empty, and need the label consent")
    return found


def _label(value: object, where: str) -> Label:
    try:
        return Label(str(value))
    except ValueError as error:
        raise TrainingError(f"{where}: unknown label {value!r}; labels are {', '.join(LABELS)}") from error


def _checked_block(record: Mapping[str, Any], where: str) -> Mapping[str, Any]:
    """`record`, which has a text, and a known label or none."""
    if not isinstance(record.get("text"), str):
        raise TrainingError(f"{where}: a labelled block needs a `text`")
    if record["label"] not in NO_LABEL:
        _label(record["label"], where)
    return record


def _labelled_text(record: Mapping[str, Any], path: Path, where: str) -> LabelledText:
    _checked_block(record, where)
    name = readable_name(path.name).split(".")[0]
    language = str(record.get("lang") or (name if path.parent.name == "blocks" else ""))
    source = str(record.get("source") or name)
    label = _label(record["label"], where)
    inside = _flag(record, "inside", where)
    return LabelledText(record["text"], label, language, source, group=record["text"], inside=inside)


def _flag(record: Mapping[str, Any], key: str, where: str) -> bool:
    value = record.get(key, False)
    if not isinstance(value, bool):
        raise TrainingError(f"{where}: `{key}` is neither true nor false")
    return value


def _page(record: Mapping[str, Any], path: Path, where: str, left_out: Counter[str]) -> list[Example]:
    """The views of a page: its markup, and its plain text where both are given; those left out are counted."""
    record = _with_markup(_with_file(record, path, where))
    if isinstance(record.get("blocks"), list):
        return _from_blocks(record, path, where)
    views = [_split(record, key) for key in ("html", "text") if isinstance(record.get(key), str)]
    if not views:
        raise TrainingError(
            f"{where}: neither a page (`html`, `markdown`, `text` or `file` with `gold` or `must`) nor a labelled block"
        )
    gold, must, must_not, notices = (_texts(record, key, where) for key in ("gold", "must", "must_not", "consent"))
    by_segments = record.get("gold") is None
    if by_segments and not must and not must_not:
        raise TrainingError(f"{where}: the page has no `gold`, `must` or `must_not`: nothing says what its article is")
    examples, rare = [], _flag(record, "rare", where)
    for columns in views:
        if by_segments:
            labels = match_segments(columns.texts, must, must_not)
        else:
            labels = match_gold(columns.texts, gold)
            if recovered(columns.texts, labels, gold) < LEAST_RECOVERED:
                left_out["gold_not_found" if any(text.strip() for text in gold) else "no_gold"] += 1
                continue
        labels = match_consent(columns.texts, notices, labels)
        about = _id(record, where), columns, labels, _group(record, where), _source(record, path)
        examples.append(Example(*about, gold=tuple(gold), whole=not by_segments, rare=rare))
    return examples


def _split(record: Mapping[str, Any], key: str) -> BlockColumns:
    """The blocks of one view of a page, `html` or `text`."""
    return split_page(record[key], key == "html", str(record["url"]) if record.get("url") else None)


def _texts(record: Mapping[str, Any], key: str, where: str) -> list[str]:
    """A field that is a text or a list of texts, or is missing."""
    value = record.get(key) or []
    texts = [value] if isinstance(value, str) else value
    if not isinstance(texts, list) or not all(isinstance(text, str) for text in texts):
        raise TrainingError(f"{where}: `{key}` is neither a text nor a list of texts")
    return texts


def _with_file(record: Mapping[str, Any], path: Path, where: str) -> Mapping[str, Any]:
    if "file" not in record:
        return record
    page = _beside(path, record)
    found = list(islice(read_pages([str(page)], ReadOptions()), 2))
    if len(found) != 1 or isinstance(found[0], Rejection):
        error = found[0].detail if isinstance(found[0], Rejection) else "it holds several pages"
        raise TrainingError(f"{where}: the page {page} cannot be read ({error})")
    return {**record, "html" if found[0].is_html else "text": found[0].content}


def _with_markup(record: Mapping[str, Any]) -> Mapping[str, Any]:
    """`record` with its Markdown as HTML, where it has Markdown and no HTML."""
    markup = markup_of(*(record.get(key) for key in ("html", "markdown", "title")))
    return record if markup is None else {**record, "html": markup}


def _from_blocks(record: Mapping[str, Any], path: Path, where: str) -> list[Example]:
    """The views of a page whose blocks have labels: its markup where the record has it, and the texts alone."""
    blocks = record["blocks"]
    if not all(isinstance(block, dict) for block in blocks) or (blocks and not any("text" in b for b in blocks)):
        raise TrainingError(f"{where}: an entry of `blocks` is no object with `text` and `label`")
    texts = ["" if b.get("text") is None else " ".join(str(b["text"]).split()) for b in blocks]
    kept = [i for i, text in enumerate(texts) if text]
    known, named = [texts[i] for i in kept], [blocks[i].get("label") for i in kept]
    values = [UNKNOWN if label in NO_LABEL else LABELS.index(_label(label, where)) for label in named]
    views = [(join_blocks(known), np.array(values, dtype=np.int8))]
    if isinstance(record.get("html"), str):
        columns = _split(record, "html")
        found = match_labelled(columns.texts, known, values)
        if (found != UNKNOWN).sum() < LEAST_RECOVERED * (views[0][1] != UNKNOWN).sum():
            raise TrainingError(f"{where}: less than half of the labelled `blocks` are on the page; is it another one?")
        views.insert(0, (columns, found))
    rare = _flag(record, "rare", where)
    return [
        Example(_id(record, where), columns, labels, _group(record, where), _source(record, path), rare=rare)
        for columns, labels in views
    ]


def _id(record: Mapping[str, Any], where: str) -> str:
    return str(record.get("id") or record.get("url") or where)


def _group(record: Mapping[str, Any], where: str) -> str:
    return str(record.get("domain") or _site(str(record.get("url") or "")) or _id(record, where))


def _site(url: str) -> str:
    """The site of an address, with a scheme or without, "" where it is none."""
    try:
        if site := urlsplit(url).netloc:
            return site
        site = urlsplit(f"//{url}").netloc
    except ValueError:
        return ""
    return site if _NAME_OF_SITE.fullmatch(site) else ""


def _source(record: Mapping[str, Any], path: Path) -> str:
    return str(record.get("source") or readable_name(path.name).split(".")[0])
