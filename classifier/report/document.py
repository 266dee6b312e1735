"""The frame of an HTML report: style, script and data inside, nothing loaded, nothing of a page run.

A content security policy names the hashes of the one style and the one script, so that nothing else can run or load
even where a text of a page would slip through as markup.
"""

from __future__ import annotations

import base64
import hashlib
import html
import json
import re
from importlib.resources import files
from typing import Any

_NOT_TEXT = re.compile("[\x00-\x08\x0b\x0c\x0e-\x1f\x7f\ud800-\udfff]")
_SURROGATE = re.compile("[\ud800-\udfff]")
_FRAME = """<!doctype html>
<html lang="en">
<head>
<meta charset="utf-8">
<meta http-equiv="Content-Security-Policy" content="{policy}">
<meta name="viewport" content="width=device-width, initial-scale=1">
<meta name="referrer" content="no-referrer">
<title>{title}</title>
<style>{style}</style>
</head>
<body>
{body}
{data}<script>{script}</script>
</body>
</html>
"""


def document(title: str, body: str, scripts: tuple[str, ...], data: Any = None) -> bytes:
    """A whole HTML file: `body` is markup, `scripts` name files of this package, `data` is for them."""
    style, script = asset("style.css"), "\n".join(asset(name) for name in scripts)
    policy = (
        f"default-src 'none'; style-src {_hash(style)}; script-src {_hash(script)}; base-uri 'none'; form-action 'none'"
    )
    element = "" if data is None else f'<script type="application/json" id="data">{as_json(data)}</script>\n'
    frame = _FRAME.format(policy=policy, title=escape(title), style=style, body=body, data=element, script=script)
    return frame.encode("utf-8")


def asset(name: str) -> str:
    """The text of a file of this package."""
    return (files("classifier.report") / name).read_text(encoding="utf-8").replace("\r\n", "\n")


def escape(text: object) -> str:
    """Text as HTML, for elements and quoted attributes; what UTF-8 cannot hold becomes a replacement character."""
    return html.escape(_NOT_TEXT.sub("\ufffd", str(text)))


def as_json(data: Any) -> str:
    """JSON that no text in it can leave: `<` is written as an escape, and so are lone surrogates."""
    text = json.dumps(data, ensure_ascii=False, separators=(",", ":")).replace("<", "\\u003c")
    return _SURROGATE.sub(lambda found: f"\\u{ord(found.group()):04x}", text)


def _hash(text: str) -> str:
    digest = base64.b64encode(hashlib.sha256(text.encode("utf-8")).digest()).decode("ascii")
    return f"'sha256-{digest}'"
