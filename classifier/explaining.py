"""Why a block got its label: what each n-gram, word, markup token, number and neighbour added to its score.

Both stages are sums (the second one for a given block, see `Network.explain`), so the reasons of a stage add up to its
log-odds. Computed in float64 from the stored weights; `filter` computes in float32, so its scores differ by rounding.
"""

from __future__ import annotations

import math
from collections import Counter
from collections.abc import Iterator, Sequence
from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray

from classifier.classify import Classifier, Scored, split
from classifier.errors import SettingsError
from classifier.model import shape
from classifier.model.batch import Batch
from classifier.model.blocks import (
    LINK_EDGES,
    MARKUP_BITS,
    TEXT_BITS,
    BlockModel,
    ancestor_share,
    link_bins,
    number_bins,
)
from classifier.model.context import ContextModel, input_names, inputs
from classifier.model.elements import ancestors
from classifier.model.kinds import kinds_of_pages
from classifier.model.markup import ROLES, tokens
from classifier.model.ngrams import ORDERS, PAIR_KIND, WORD_KIND, Frames, Substrings, bucket, encode
from classifier.model.repeats import repeats
from classifier.records import LABELS, Block, Label, Page, Rejection

START, END = "⟦", "⟧"  # how the marks at the ends of a text are shown inside n-grams
_MARKS = str.maketrans({"\x02": START, "\x03": END})
_ROWS = 256  # blocks explained at once by the second stage: bounds the memory for slopes
_LOGARITHMS = ("length", "words")  # numbers kept as logarithms, told as counts
_YES_OR_NO = ("ends_", "starts_")  # numbers that are 0 or 1
_COURSE = ("course before", "course after")  # what the recurrent layer adds, see `Network.course`
_TEXT_KINDS = ("ngram", "word", "pair")
_COLUMN = {Label.ARTICLE: 0, Label.CONSENT: 1}  # columns of log-odds; boilerplate is what they are measured against


@dataclass(frozen=True, slots=True)
class Reason:
    """One summand of a block's log-odds against boilerplate: `article` and `consent` are what it adds to each.

    `kind` is ngram, word, pair, markup, shape, context or bias; `text` names it; `count` is how often it occurs in the
    block, `value` the number behind it where there is one.
    """

    kind: str
    text: str
    article: float
    consent: float
    count: int = 1
    value: float | None = None

    def push(self, label: Label, rival: Label) -> float:
        """What it adds to the log-odds of `label` against `rival`."""
        odds = (self.article, self.consent)
        return sum(sign * odds[_COLUMN[x]] for sign, x in ((1, label), (-1, rival)) if x in _COLUMN)


@dataclass(frozen=True, slots=True)
class Stage:
    """The log-odds of article and of consent against boilerplate after a stage, and the reasons that add up to them."""

    log_odds: tuple[float, float]
    reasons: tuple[Reason, ...]

    @property
    def scores(self) -> tuple[float, float, float]:
        """Probabilities in the order of LABELS."""
        odds = np.array([self.log_odds[0], 0.0, self.log_odds[1]])
        full = np.exp(odds - odds.max())
        article, boilerplate, consent = (full / full.sum()).tolist()
        return article, boilerplate, consent

    def strongest(self, label: Label, rival: Label, most: int) -> tuple[list[Reason], Reason]:
        """The `most` reasons for `label` against `rival` and as many against it, in that order, and the rest as one.

        The rest has kind "others", and `count` says how many reasons it sums up. `most` 0 gives all of them.
        """
        ordered = sorted(self.reasons, key=lambda reason: -reason.push(label, rival))
        middle = ordered[most : len(ordered) - most] if most else []
        shown = ordered[:most] + ordered[-most:] if middle else ordered
        article, consent = math.fsum(r.article for r in middle), math.fsum(r.consent for r in middle)
        return shown, Reason("others", "", article, consent, len(middle))

    def by_kind(self) -> list[Reason]:
        """What the reasons of each kind add up to, those of the text (n-grams, words and pairs) together.

        The kind of the sums is "sum", `text` the kind summed up, `count` how many reasons there are.
        """
        groups: dict[str, list[Reason]] = {}
        for reason in self.reasons:
            groups.setdefault("text" if reason.kind in _TEXT_KINDS else reason.kind, []).append(reason)
        return [
            Reason("sum", kind, math.fsum(r.article for r in own), math.fsum(r.consent for r in own), len(own))
            for kind, own in groups.items()
        ]


@dataclass(frozen=True, slots=True)
class Explanation:
    """A block, why it is what it is by itself (`alone`), and why in its surroundings (`context`, the final score).

    `rival` is the label it is told apart from: the likeliest other one after context.
    """

    block: Block
    rival: Label
    alone: Stage
    context: Stage


def explain(
    classifier: Classifier, page: Page, blocks: Sequence[int] | None = None, preset: str = "balanced"
) -> list[Explanation]:
    """Explanations of the blocks of a page (all, or those whose index is in `blocks`), in order.

    SettingsError for a block that the page does not have, and on an unknown preset.
    """
    labelled = classifier.classify_batch([page], preset)[0]
    if isinstance(labelled, Rejection):
        return []
    found = labelled.blocks
    wanted = list(range(len(found)) if blocks is None else blocks)
    for index in wanted:
        if not 0 <= index < len(found):
            raise SettingsError(f"{page.source}: no block {index}: `classifier label` numbers them.")
    scored = classifier.score([split(page)])
    model, markup = classifier.model, _Markup(scored.batch, classifier.model.blocks)
    around = _around(model.context, scored, wanted)
    return [
        Explanation(found[row], _rival(found[row]), _alone(model.blocks, markup, scored.shapes, row), stage)
        for row, stage in zip(wanted, around, strict=True)
    ]


def _rival(block: Block) -> Label:
    return max((x for x in LABELS if x is not block.label), key=lambda x: block.scores[LABELS.index(x)])


def _alone(model: BlockModel, markup: _Markup, shapes: NDArray[np.float32], row: int) -> Stage:
    batch = markup.batch
    reasons = [
        *_of_text(model, batch.texts[batch.which[row]]),
        *markup.reasons(row),
        *_of_shape(model, batch, shapes, row),
    ]
    reasons.append(Reason("bias", "intercept", *_pair(model.intercept)))
    return _stage(reasons)


def _stage(reasons: Sequence[Reason]) -> Stage:
    return Stage((math.fsum(r.article for r in reasons), math.fsum(r.consent for r in reasons)), tuple(reasons))


def _pair(weights: NDArray[np.floating], times: float = 1.0) -> tuple[float, float]:
    return float(weights[0]) * times, float(weights[1]) * times


def _of_text(model: BlockModel, text: str) -> list[Reason]:
    """N-grams, words and pairs of words; their weights are divided by the root of their number."""
    counts: Counter[tuple[str, str, int]] = Counter(_substrings(encode([text]), TEXT_BITS))
    share = 1.0 / math.sqrt(counts.total())
    return [
        Reason(kind, piece.translate(_MARKS), *_pair(model.ngrams[place], count * share), count)
        for (kind, piece, place), count in counts.items()
    ]


def _substrings(frames: Frames, bits: int) -> Iterator[tuple[str, str, int]]:
    """Kind, letters and bucket of every feature of one text."""
    text = "".join(map(chr, frames.codes.tolist()))
    strings = Substrings(frames)
    for order in ORDERS:
        buckets, beyond = strings.ngrams(order, bits)
        outside = set(beyond.tolist())
        for at, place in enumerate(buckets.tolist()):
            if at not in outside:
                yield "ngram", text[at : at + order], place
    words, pairs, hashes, pair_hashes = _spans(text, strings)
    for kind, spans, places in (
        ("word", words, bucket(hashes, WORD_KIND, bits)),
        ("pair", pairs, bucket(pair_hashes, PAIR_KIND, bits)),
    ):
        yield from ((kind, piece, place) for piece, place in zip(spans, places.tolist(), strict=True))


def _spans(text: str, strings: Substrings) -> tuple[list[str], list[str], NDArray[np.uint64], NDArray[np.uint64]]:
    """The letters of every word and pair of words, in the order of `Substrings.words`, and the hashes it gives."""
    at, hashes, pair_at, pair_hashes = strings.words()
    starts = at.tolist()
    ends = [_word_end(text, start) for start in starts]
    follows = dict(zip(starts[:-1], ends[1:], strict=True))
    words = [text[start:end] for start, end in zip(starts, ends, strict=True)]
    return words, [text[start : follows[start]] for start in pair_at.tolist()], hashes, pair_hashes


def _word_end(text: str, start: int) -> int:
    return next((at for at in range(start, len(text)) if not text[at].isalnum()), len(text))


class _Markup:
    """The tokens of the elements of one page, ready to be looked up block by block."""

    def __init__(self, batch: Batch, model: BlockModel) -> None:
        self.batch = batch
        found = tokens(batch.keys)
        self._weights = [model.markup[found.buckets(role, MARKUP_BITS)] for role in range(len(ROLES))]
        self._of_key: dict[int, list[tuple[str, int]]] = {}
        frames = encode(batch.keys) if batch.keys else None
        if frames is not None:
            words, pairs, _, _ = _spans("".join(map(chr, frames.codes.tolist())), Substrings(frames))
            for token, (owner, name) in enumerate(zip(found.owner.tolist(), [*words, *pairs], strict=True)):
                self._of_key.setdefault(owner, []).append((name, token))

    def reasons(self, row: int) -> list[Reason]:
        """Tokens of the block's element and those around it, by the role in which they count."""
        sums: dict[tuple[int, str], list[tuple[float, float]]] = {}
        chain = np.concatenate([self.batch.element[:0], *ancestors(self.batch.element[[row]], self.batch.parents)])
        anywhere = len(ROLES) - 1
        share = [1.0] * anywhere + [float(ancestor_share(np.array(len(chain))))]
        for level, key in enumerate(self.batch.element_key[chain].tolist()):
            roles = [anywhere] + ([level] if level < anywhere else [])
            for name, token in self._of_key.get(key, []):
                for role in roles:
                    sums.setdefault((role, name), []).append(_pair(self._weights[role][token], share[role]))
        return [
            Reason("markup", f"{ROLES[role]} {name}", sum(a for a, _ in own), sum(c for _, c in own), len(own))
            for (role, name), own in sums.items()
        ]


def _of_shape(model: BlockModel, batch: Batch, shapes: NDArray[np.float32], row: int) -> list[Reason]:
    bins = number_bins(shapes[row : row + 1], model.edges)[0].tolist()
    width = model.edges.shape[1] + 1
    reasons = []
    for number, (name, place) in enumerate(zip(shape.NAMES, bins, strict=True)):
        value = float(shapes[row, number])
        edges = model.edges[number].tolist()
        if name in _LOGARITHMS:
            value, edges = math.expm1(value), [math.expm1(edge) for edge in edges]
        said = ("yes" if value else "no") if name.startswith(_YES_OR_NO) else _bounds(edges, place - number * width)
        reasons.append(Reason("shape", f"{name.replace('_', ' ')} {said}", *_pair(model.shape[place]), value=value))
    place = int(link_bins(batch, model.edges)[row, 0])
    markup = int(batch.element[row]) >= 0
    text = f"links {_bounds(list(LINK_EDGES), place - len(shape.NAMES) * width - 1)}" if markup else "no markup"
    share = float(batch.links[row]) if markup else None
    return [*reasons, Reason("shape", text, *_pair(model.shape[place]), value=share)]


def _bounds(edges: list[float], place: int) -> str:
    """The bin `place` in words, as in "0.3 to 0.6"."""
    known = [edge for edge in edges if math.isfinite(edge)]
    if not known:
        return "of any size"
    if place <= 0:
        return f"under {known[0]:.3g}"
    low = f"{known[place - 1]:.3g}"
    return f"{low} to {known[place]:.3g}" if place < len(known) else f"{low} or more"


def _around(model: ContextModel, scored: Scored, rows: Sequence[int]) -> Iterator[Stage]:
    """The second stage of some blocks of one page."""
    values = inputs(scored.batch, scored.parts, scored.shapes, scored.spoken, model.notice_names)
    bounds = scored.batch.bounds
    network = model.networks.of(int(kinds_of_pages(scored.batch)[0]))
    odds = network.score(values, bounds)
    again = repeats(scored.batch, shape.sizes(scored.shapes), odds)[list(rows)]
    course = network.course(values, bounds)
    names = [*input_names(), *_COURSE[: course.shape[1]]]
    for start in range(0, len(rows), _ROWS):
        some = list(rows[start : start + _ROWS])
        by_inputs, rest = network.explain(values[some])
        added = np.concatenate([by_inputs, course[some]], axis=1)
        shown = zip(values[some].tolist(), added, rest, again[start : start + _ROWS].tolist(), strict=True)
        for own, own_added, own_rest, repeated in shown:
            reasons = [
                Reason("context", name, *_pair(pair), value=value)
                for name, pair, value in zip(names, own_added, [*own, *[None] * course.shape[1]], strict=True)
            ]
            reasons.append(Reason("bias", "biases", *_pair(own_rest)))
            yield _stage([*reasons, *_of_repeat(model, reasons)] if repeated else reasons)


def _of_repeat(model: ContextModel, reasons: Sequence[Reason]) -> list[Reason]:
    """What a text loses by repeating one above it."""
    loss = min(0.0, model.repeated - math.fsum(reason.article for reason in reasons))
    return [Reason("context", "repeats a block above", loss, 0.0)] if loss else []
