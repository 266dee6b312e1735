"""What of pages and file names may reach a terminal: nothing that it could take for a command."""

from __future__ import annotations

from classifier.readers.discover import readable_name


def visible(text: str) -> str:
    """A message on one line: names as `readable_name` gives them, everything else that does not print as an escape."""
    return "".join(c if c.isprintable() else c.encode("unicode_escape").decode() for c in readable_name(text))


def one_line(text: str, blank: str = " ") -> str:
    """The beginning of a block, what does not print as a blank; a `blank` other than that stands for every one."""
    printable = "".join(c if c.isprintable() else " " for c in text)
    return (printable if blank != " " else " ".join(printable.split())).replace(" ", blank)[:400]
