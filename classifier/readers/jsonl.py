"""JSON Lines: one page a line, with an id, a url, and html, markdown or text; other keys are kept as metadata."""

from __future__ import annotations

import json
import math
from collections.abc import Iterator
from typing import Any

from classifier.errors import DamagedInput
from classifier.markdown import markup_of
from classifier.readers.raw import Kind, Raw, refuse
from classifier.readers.streams import ByteSource, lines_of
from classifier.records import Page, Rejection
from classifier.settings import TOLERATED_BYTES, ReadOptions

_EXPECTED = "; one JSON object a line is expected"
_OF_A_LIST = ": `jq -c '.[]'` makes them of a list"
_OF_AN_OBJECT = ": `jq -c .` makes one of an object on several lines"


def split(source: ByteSource, name: str, options: ReadOptions) -> Iterator[Raw | Rejection]:
    """Lines without decoding them; a line over `limits.line` bytes is refused without being held in memory."""
    number = 0
    try:
        for number, line in enumerate(lines_of(source, options.limits.line), 1):
            if line is None:
                detail = f"a line of more than {options.limits.line} bytes: see --max-line"
                yield refuse(f"{name}:{number}", "too_large", detail)
            elif line and not line.isspace():
                yield Raw(Kind.JSONL, line, f"{name}:{number}")
    except DamagedInput as error:
        yield refuse(f"{name}:{number + 1}", error.reason, error.detail)


def decode(raw: Raw, options: ReadOptions) -> Page | Rejection:
    """One line to a page. Reasons: `bad_json`, `undecodable`, `no_text`."""
    import orjson

    try:
        record = orjson.loads(raw.data)
    except orjson.JSONDecodeError as error:
        try:
            record = _leniently(raw.data, options.encoding_errors)
        except DamagedInput as damage:
            return refuse(raw.source, damage.reason, damage.detail)
        except (ValueError, RecursionError):
            expected = f"{_EXPECTED}, in UTF-8" if b"\0" in raw.data else _EXPECTED
            begun = raw.data.strip()
            advice = _OF_A_LIST if begun.startswith(b"[") else _OF_AN_OBJECT if begun == b"{" else ""
            what = str(error).partition(":")[0]
            return refuse(raw.source, "bad_json", f"not a JSON object: {what}{expected}{advice}")
    if not isinstance(record, dict):
        advice = _OF_A_LIST if isinstance(record, list) else ""
        return refuse(raw.source, "bad_json", f"not a JSON object but another value{_EXPECTED}{advice}")
    if isinstance(record.get(options.id_key), float):
        record[options.id_key] = _exact(record[options.id_key], raw.data, options.id_key)
    return page_of(record, raw.source, options)


def _exact(number: float, data: bytes, key: str) -> Any:
    """The number under `key` as it is written, since orjson reads whole numbers from 2**64 on as floats."""
    try:
        return json.loads(data.decode("utf-8-sig", "replace"), parse_int=str)[key]
    except (ValueError, RecursionError):
        return number


def _leniently(data: bytes, errors: str) -> Any:
    """A line that orjson refused: with a BOM, NaN, half a surrogate pair or some undecodable bytes. Else ValueError."""
    data = data.removeprefix(b"\xef\xbb\xbf")
    text = data.decode("utf-8", "replace")
    try:
        data.decode("utf-8")
    except UnicodeDecodeError as error:
        bad = text.count("\ufffd")
        if errors == "strict" or (errors == "tolerate" and bad > TOLERATED_BYTES * len(data)):
            keep = "convert the file" if b"\0" in data else "--encoding-errors replace keeps the page"
            detail = f"byte {error.start} of the line is not UTF-8, in which JSON Lines are written; {keep}"
            raise DamagedInput("undecodable", detail) from None
    without_halves = json.dumps(json.loads(text, parse_int=_whole), ensure_ascii=False).encode("utf-8", "replace")
    return json.loads(without_halves)


def _whole(text: str) -> float:
    """A whole number as orjson reads it, and can write it: beyond 64 bits as a float."""
    number = int(text) if len(text) <= len(str(-(2**63))) else float(text)
    return number if -(2**63) <= number < 2**64 else float(number)


def id_of(value: Any) -> str | None:
    """The id of a page as text, what is no text or number as JSON; None where it is missing (NaN in Parquet)."""
    if value is None or (isinstance(value, float) and math.isnan(value)):
        return None
    if isinstance(value, bool | dict | list):
        return json.dumps(value, ensure_ascii=False, separators=(",", ":"), default=str)
    return str(value)


def page_of(record: dict[str, Any], source: str, options: ReadOptions) -> Page | Rejection:
    """A row of keys and values to a page; html goes before markdown, and that before text. `record` is used up."""
    keys = options.html_key, options.markdown_key, options.text_key
    html, markdown, text = (record.pop(key, None) for key in keys)
    page_id = id_of(record.pop(options.id_key, None))
    url = record.pop(options.url_key, None) if isinstance(record.get(options.url_key), str | None) else None
    inner = record.pop("metadata", None)
    if isinstance(inner, dict):
        record = {**inner, **record}
    elif inner is not None:
        record["metadata"] = inner
    markup = markup_of(html, markdown, record.get("title"))
    content = text if markup is None else markup
    if not isinstance(content, str):
        named = "no text under the keys {!r}, {!r} or {!r}".format(*keys)
        return refuse(source, "no_text", f"{named}: see --html-key, --markdown-key and --text-key", page_id)
    return Page(source if page_id is None else page_id, content, markup is not None, source, url, record)
