"""Measure the classifier beside its peers in one run: time, memory, scaling by workers and by input size.

Machines are noisy: rounds alternate between the tools, the median is taken, and ratios are what to quote, those of
processor time, which other work on the machine disturbs least. The time of the classifier is that of its command on a
large and on a small input, the difference taken, so that start-up drops out.
"""

from __future__ import annotations

import argparse
import json
import statistics
import tempfile
import time
from collections.abc import Sequence
from pathlib import Path
from typing import Any

from benchmarks import measure, peers

SEEDS = Path(__file__).parent.parent / "seeds" / "pages"
MEGABYTE = 1e6


def load(path: Path | None, limit: int) -> list[dict[str, str]]:
    """Pages with `id` and `html` (and `text`) from JSON Lines; the sample pages of the repository if none is given."""
    if path is not None:
        with path.open(encoding="utf-8") as lines:
            pages = [json.loads(line) for line in lines]
    else:
        pages = [{"id": p.stem, "html": p.read_text(encoding="utf-8")} for p in sorted(SEEDS.glob("*.html"))]
    return pages[: limit or None]


Times = tuple[float, float]  # milliseconds a page by the clock, and of the processor


def per_page(small: Path, large: Path, pages: int, folder: Path) -> Times:
    """Milliseconds a page, start-up left out; `pages` is how many more the large input has."""
    few = measure.run(small, folder / "out.jsonl")
    many = measure.run(large, folder / "out.jsonl")
    more, more_cpu = many.seconds - few.seconds, many.cpu_seconds - few.cpu_seconds
    return 1000 * more / pages, 1000 * more_cpu / pages


def timed(extract: peers.Extract, pages: Sequence[dict[str, str]]) -> Times:
    """Milliseconds a page of a peer, in this process."""
    start, start_cpu = time.perf_counter(), time.process_time()
    for page in pages:
        extract(page["html"])
    seconds, cpu = time.perf_counter() - start, time.process_time() - start_cpu
    return 1000 * seconds / len(pages), 1000 * cpu / len(pages)


def beside_peers(pages: Sequence[dict[str, str]], rounds: int, folder: Path) -> dict[str, Any]:
    """Milliseconds a page of every tool, and the classifier's processor time as a share of each."""
    htmls = [{"id": p["id"], "html": p["html"]} for p in pages]
    number = max(150, len(htmls))
    small = measure.write(folder / "small.jsonl", measure.repeated(htmls, number // 5))
    large = measure.write(folder / "large.jsonl", measure.repeated(htmls, number))
    tools = peers.installed()
    times: dict[str, list[Times]] = {name: [] for name in ("classifier", *tools)}
    for _ in range(rounds):
        times["classifier"].append(per_page(small, large, number - number // 5, folder))
        for name, extract in tools.items():
            times[name].append(timed(extract, htmls))
    wall = {name: statistics.median(ms for ms, _ in values) for name, values in times.items()}
    cpu = {name: statistics.median(ms for _, ms in values) for name, values in times.items()}
    return {
        name: {"ms a page": wall[name], "CPU ms": cpu[name], "classifier / it": cpu["classifier"] / cpu[name]}
        for name in times
    }


def on_text(pages: Sequence[dict[str, str]], folder: Path) -> float:
    """MB of plain text a second of processor time; the text is given with the pages or made of their tags' contents."""
    texts = [{"id": p["id"], "text": p.get("text") or _visible(p["html"])} for p in pages]
    number = max(400, len(texts))
    small = measure.write(folder / "small.jsonl", measure.repeated(texts, number // 5))
    large = measure.write(folder / "large.jsonl", measure.repeated(texts, number))
    more = sum(len(r["text"].encode()) for r in measure.repeated(texts, number))
    fewer = sum(len(r["text"].encode()) for r in measure.repeated(texts, number // 5))
    cpu = per_page(small, large, 1, folder)[1] / 1000
    return (more - fewer) / MEGABYTE / cpu


def _visible(html: str) -> str:
    from classifier.blocks.html import split_html

    return split_html(html).text


def by_workers(pages: Sequence[dict[str, str]], workers: Sequence[int], number: int, folder: Path) -> dict[str, Any]:
    """Seconds on the same input for each number of workers, and how many times faster than one."""
    source = measure.write(folder / "scale.jsonl", measure.repeated(pages, number))
    runs = {n: measure.run(source, folder / "out.jsonl", "--workers", str(n)) for n in workers}
    one = runs[workers[0]].seconds
    return {
        str(n): {"seconds": run.seconds, "times one": one / run.seconds, "CPU seconds": run.cpu_seconds}
        for n, run in runs.items()
    }


def by_size(pages: Sequence[dict[str, str]], sizes: Sequence[int], folder: Path) -> dict[str, Any]:
    """Seconds and peak memory for inputs of growing size (pages)."""
    found = {}
    for number in sizes:
        source = measure.write(folder / "size.jsonl", measure.repeated(pages, number))
        run = measure.run(source, folder / "out.jsonl")
        megabytes = source.stat().st_size / MEGABYTE
        found[str(number)] = {"MB in": megabytes, "seconds": run.seconds, "peak MB": run.peak / MEGABYTE}
    return found


def show(title: str, rows: dict[str, Any]) -> None:
    """One table of figures."""
    print(f"\n{title}")
    for name, row in rows.items():
        print(f"  {name:18} " + "   ".join(f"{key} {value:9.2f}" for key, value in row.items()))


def main() -> None:
    """Measure everything and print it; `--json` keeps the figures."""
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument(
        "--pages", type=Path, help="JSON Lines with id and html (and text); the sample pages if not given"
    )
    parser.add_argument("--limit", type=int, default=150, help="pages used, 0 for all")
    parser.add_argument("--rounds", type=int, default=3)
    parser.add_argument("--workers", default="1,2", help="numbers of workers to compare, the first is the measure")
    parser.add_argument("--scale", type=int, default=2000, help="pages for the comparison of workers")
    parser.add_argument("--sizes", default="500,2000,8000", help="pages for the scaling by input size")
    parser.add_argument("--json", type=Path)
    options = parser.parse_args()
    pages = load(options.pages, options.limit)
    figures: dict[str, Any] = {}
    with tempfile.TemporaryDirectory() as name:
        folder = Path(name)
        one = folder / "page.html"
        one.write_text(min((page["html"] for page in pages), key=len), encoding="utf-8")
        starts = [measure.first_output(one) for _ in range(5)]
        figures["start to first output"] = {"one small page": {"seconds": statistics.median(starts)}}
        figures["beside peers, HTML, one worker"] = beside_peers(pages, options.rounds, folder)
        figures["plain text, one worker"] = {"classifier": {"MB a second": on_text(pages, folder)}}
        workers = [int(n) for n in options.workers.split(",")]
        figures["by workers"] = by_workers(pages, workers, options.scale, folder)
        figures["by size"] = by_size(pages, [int(n) for n in options.sizes.split(",")], folder)
    for title, rows in figures.items():
        show(title, rows)
    if options.json:
        options.json.write_text(json.dumps(figures, indent=1) + "\n")


if __name__ == "__main__":
    main()
