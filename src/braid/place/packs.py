"""What changed in a board pack since the last one: the same figure then and now, and what came and went."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass

from braid.language.documents import Part
from braid.store.exports import Pack


@dataclass(frozen=True)
class PackFigure(Part):
    """A figure of a pack. `key` names it from pack to pack; `value` is None where it is not published."""

    key: str
    title: str
    value: float | None
    words: str
    day: str
    """Of which day it is, as yyyy-mm-dd."""
    source: str
    lower_is_better: bool | None
    """None where neither way is better."""


@dataclass(frozen=True)
class MadePack(Part):
    """A pack as it is kept: what stands in it, and its figures by which the next one is compared."""

    kind: str
    pack: Pack
    figures: tuple[PackFigure, ...]


@dataclass(frozen=True)
class Change:
    """A figure in two packs. `then` is None where the last pack had none, `now` where this one has none."""

    title: str
    then: str | None
    now: str | None
    verdict: str


VERDICTS = {
    "better": "Better",
    "worse": "Worse",
    "same": "As before",
    "changed": "Changed",
    "new": "New in this pack",
    "gone": "No longer in the pack",
    "not_shown": "Not published then or now",
}


def compare_packs(then: Sequence[PackFigure], now: Sequence[PackFigure]) -> tuple[Change, ...]:
    """Return each figure of either pack with what it was and is, in the order of this pack; what is gone comes last."""
    before = {figure.key: figure for figure in then}
    present = {figure.key for figure in now}
    found = [
        Change(
            figure.title,
            before[figure.key].words if figure.key in before else None,
            figure.words,
            _verdict(before.get(figure.key), figure),
        )
        for figure in now
    ]
    gone = [Change(figure.title, figure.words, None, "gone") for figure in then if figure.key not in present]
    return (*found, *gone)


def _verdict(then: PackFigure | None, now: PackFigure) -> str:
    if then is None:
        return "new"
    if then.value is None or now.value is None:
        return "not_shown"
    if then.value == now.value:
        return "same"
    if now.lower_is_better is None:
        return "changed"
    return "better" if (now.value < then.value) == now.lower_is_better else "worse"
