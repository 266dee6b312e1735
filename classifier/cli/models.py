"""`classifier models`: what is installed, and what a model folder says about itself."""

from __future__ import annotations

import json
import sys
from collections.abc import Iterator, Mapping
from pathlib import Path
from typing import Annotated, Any

import typer

from classifier.cli.figures import columns_of, table
from classifier.cli.terminal import visible
from classifier.errors import ModelError
from classifier.readers.discover import readable_name
from classifier.settings import default_model, models_folder

ORDER = 7
_MEGABYTE = 1e6
_INDENT = "    "  # of scores
_SHOWN = {"date": str, "licence": str, "labels": list, "scores": dict}  # fields of a manifest that people read


def models(
    folders: Annotated[
        list[Path] | None,
        typer.Argument(metavar="DIR...", help="Model folders; those installed if not given.", show_default=False),
    ] = None,
    languages: Annotated[bool, typer.Option("--languages", help="Name every language with its code.")] = False,
    as_json: Annotated[bool, typer.Option("--json", help="All facts as JSON.")] = False,
) -> None:
    """Show the models installed: size, labels, languages, held-out scores, date, licence.

    Example: classifier models --languages
    """
    facts = [describe(folder) for folder in folders or installed()]
    if as_json:
        print(json.dumps(facts, indent=1, ensure_ascii=False))
        return
    print("\n\n".join("\n".join(map(visible, lines(model, languages))) for model in facts))


def installed() -> list[Path]:
    """The folders that came with the package; ModelError where there are none."""
    found = sorted(path.parent for path in models_folder().glob("*/manifest.json"))
    if not found:
        raise ModelError(f"{models_folder()}: no model there: reinstall the package or run `classifier train`.")
    return found


def describe(folder: Path) -> dict[str, Any]:
    """What manifest.json and language.json of a model folder say; ModelError where it is none."""
    from classifier.language.identifier import FACTS, read_facts
    from classifier.model.store import read_manifest

    manifest = read_manifest(folder)
    told = read_facts(folder) if (folder / FACTS).exists() else {}
    wrong = [f"manifest.json: `{name}`" for name in _SHOWN if not _may_be_shown(name, manifest.get(name))]
    wrong += [] if isinstance(told.get("rows", {}), dict) else ["language.json: `rows`"]
    if wrong:
        path = folder / wrong[0]
        raise ModelError(f"{path} is not as `classifier train` writes it; restore the file or train again")
    size = sum(path.stat().st_size for path in folder.iterdir() if path.is_file())
    shipped = folder.resolve() == default_model().resolve()
    tags = sorted(told.get("rows", {}))
    name = readable_name(str(folder))
    return {"folder": name, "default": shipped, "bytes": size, "languages": tags, "manifest": manifest}


def _may_be_shown(name: str, value: Any) -> bool:
    """Whether a field of a manifest, None where it has none, is what `train` writes, as far as it is printed."""
    if value is None:
        return True
    if not isinstance(value, _SHOWN[name]):
        return False
    if name == "labels":
        return all(isinstance(label, str) for label in value)
    if name == "scores":
        languages = value.get("languages", {})
        return isinstance(languages, dict) and all(map(_are_figures, languages.values()))
    return True


def _are_figures(labels: Any) -> bool:
    """Whether these are the figures of a language by label."""
    if not isinstance(labels, dict):
        return False
    return all(isinstance(own, dict) and _is_number(own, "f1") and _is_number(own, "blocks") for own in labels.values())


def _is_number(figures: Mapping[str, Any], name: str) -> bool:
    return isinstance(figures.get(name), int | float)


def lines(model: Mapping[str, Any], languages: bool) -> Iterator[str]:
    """A model as people read it."""
    manifest = model["manifest"]
    yield f"{model['folder']}{' (used where none is named)' if model['default'] else ''}"
    yield f"  size       {model['bytes'] / _MEGABYTE:.1f} MB"
    for name in ("date", "licence", "labels"):
        if value := manifest.get(name):
            yield f"  {name:<10} {', '.join(value) if isinstance(value, list) else value}"
    yield f"  languages  {len(model['languages'])}{'' if languages else ' (--languages names them)'}"
    if languages:
        from classifier.language.codes import name_of

        yield from (f"    {tag:<10} {name_of(tag)}" for tag in model["languages"])
    if manifest.get("scores"):
        yield "  scores on sites held out:"
        columns = max(0, columns_of(sys.stdout) - len(_INDENT))
        yield from (_INDENT + line for line in held_out(manifest["scores"], columns).splitlines())


def held_out(scores: Mapping[str, Any], columns: int = 0) -> str:
    """The held-out scores of a manifest as a table; a language takes one line, since there may be a hundred."""
    languages = {
        tag: {
            "blocks": sum(own["blocks"] for own in labels.values()),
            **{f"{label} f1": own["f1"] for label, own in labels.items()},
        }
        for tag, labels in scores.get("languages", {}).items()
    }
    return table({**scores, "languages": languages}, columns)


def register(app: typer.Typer) -> None:
    """Add the command."""
    app.command("models")(models)
