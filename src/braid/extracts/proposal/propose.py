"""Which column is what: headings and cells weighed together, the key of the person chosen, nothing taken twice."""

from __future__ import annotations

from collections.abc import Callable, Iterable
from dataclasses import dataclass, field, replace

from braid.extracts.model import UnreadableFile
from braid.extracts.proposal.contents import GUESS, LIKELY, SURE, Content, look_at
from braid.extracts.proposal.names import KEY, TAKEN, Meaning, find_meanings, plain
from braid.extracts.proposal.samples import Sample, SampledColumn

CONTENT_MEANS = {
    "nhs": Meaning("identifier", "value", "nhs"),
    "upn": Meaning("identifier", "value", "upn"),
    "nino": Meaning("identifier", "value", "nino"),
    "postcode": Meaning("stay", "postcode"),
    "telephone": Meaning("person_record", "telephone"),
    "sex": Meaning("person_record", "sex"),
}
"""What the cells alone tell, whatever the heading."""
FITS = {
    "birth_date": ("date", "moment"),
    "death_date": ("date", "moment"),
    "postcode": ("postcode",),
    "sex": ("sex", "code", "words", "text"),
    "gender": ("sex", "code", "words", "text"),
    "ethnicity": ("code", "words", "text"),
    "telephone": ("telephone", "number", "text"),
}
"""What cells must look like for a field, whatever the heading says."""
DANGER = ("marac", "dash", "refuge", "victim", "perpetrator", "safeaddress", "domesticabuse")
"""Parts of headings of files about people who are in danger: all their rows are then protected."""
PROTECTING = ("safeaddress", "confidential", "addresswithheld", "sensitiveaddress")
WORDS = {"key": "the key of the person", "value": "an identifier"}


@dataclass(frozen=True)
class Proposed:
    """A column with what it is taken for, how sure that is and why. Without a meaning it is read and not used yet."""

    name: str
    content: Content
    meaning: Meaning | None = None
    certainty: str = GUESS
    reasons: tuple[str, ...] = ()

    @property
    def said(self) -> str:
        """What it is taken for, in words."""
        if self.meaning is None:
            return "not used yet"
        words = WORDS.get(self.meaning.field, self.meaning.field.replace("_", " "))
        return f"{words} ({self.meaning.scheme})" if self.meaning.scheme else words


@dataclass(frozen=True)
class Clock:
    """A wait that a date starts and another may stop, as a human said it."""

    kind: str
    start: str
    stop: str = ""


@dataclass(frozen=True)
class Proposal:
    """A mapping to be written: its columns, the one that tells people apart, and whether the rows are protected."""

    columns: tuple[Proposed, ...]
    key: str
    rows: int
    left_out: tuple[str, ...]
    """What is said of columns that are not read, since they have no name, or one that another has too."""
    path: str
    is_protected: bool
    clocks: tuple[Clock, ...] = field(default=())

    def taken_as(self, record: str, name: str) -> Proposed | None:
        """Return the column that fills a field of a record, if one does."""
        return next((one for one in self.columns if one.meaning == Meaning(record, name)), None)

    @property
    def dates(self) -> tuple[Proposed, ...]:
        """Columns with dates of which nobody said yet what they are."""
        return tuple(one for one in self.columns if one.meaning is None and one.content.kind in ("date", "moment"))


def propose(sample: Sample, choose_key: Callable[[list[str]], str] | None = None) -> Proposal:
    """Return a proposal for a sample. `choose_key` may choose among columns that could tell one person from another.

    Raises `UnreadableFile` where no column is filled.
    """
    found = _without_twice([_look(column) for column in sample.columns])
    keys = _rank_keys(sample, found)
    if not keys:
        raise UnreadableFile("no_key", "no column is filled, so that nothing tells one person from another")
    key = choose_key(keys) if choose_key else keys[0]
    columns = tuple(_as_key(one) if one.name == key else _no_key(one) for one in found)
    is_protected = any(mark in plain(one.name) for one in columns for mark in DANGER)
    return Proposal(columns, key, sample.rows, sample.left_out, sample.path, is_protected)


def _look(column: SampledColumn) -> Proposed:
    content = look_at(column.filled)
    named = [(meaning, by) for meaning, by in find_meanings(column.name).items() if _can_be(meaning, content)]
    usable = [(meaning, by) for meaning, by in named if meaning.record in (*TAKEN, "key")]
    by_content = CONTENT_MEANS.get(content.kind)
    reasons = [content.reason]
    if usable:
        meaning, standards = max(usable, key=lambda one: (one[0] == by_content, len(one[1])))
        reasons.insert(0, f"the heading is used so by {', '.join(standards[:3])}")
        certainty = SURE if by_content == meaning or _is_proved(meaning, content) else LIKELY
        return Proposed(column.name, content, meaning, certainty, tuple(reasons))
    if by_content and content.kind != "sex":
        certainty = content.certainty if content.kind in ("nhs", "upn") else LIKELY
        return Proposed(column.name, content, by_content, certainty, tuple(reasons))
    hints = [f"{'/'.join(by[:2])} has a {meaning.record} with it as {meaning.field}" for meaning, by in named[:1]]
    return Proposed(column.name, content, None, content.certainty, (*reasons, *hints))


def _can_be(meaning: Meaning, content: Content) -> bool:
    if content.kind in ("free text", "email", "empty"):
        return False
    return content.kind in FITS.get(meaning.field, (content.kind,))


def _is_proved(meaning: Meaning, content: Content) -> bool:
    return meaning.field in ("birth_date", "death_date") and content.certainty == SURE


def _without_twice(columns: list[Proposed]) -> list[Proposed]:
    """Return the columns, each field of a record taken by the surest of them, the others not used."""
    order = {SURE: 0, LIKELY: 1, GUESS: 2}
    best: dict[Meaning, Proposed] = {}
    for one in columns:
        if one.meaning and one.meaning != KEY:
            held = best.get(one.meaning)
            if held is None or order[one.certainty] < order[held.certainty]:
                best[one.meaning] = one
    return [
        one
        if one.meaning in (None, KEY) or best[one.meaning] is one
        else replace(one, meaning=None, reasons=(*one.reasons, f"{best[one.meaning].name} is taken for it already"))
        for one in columns
    ]


def _rank_keys(sample: Sample, columns: Iterable[Proposed]) -> list[str]:
    """Return the columns that could be the key of a person, the best first."""
    ranked = []
    for one, sampled in zip(columns, sample.columns, strict=True):
        filled = sampled.filled
        if not filled or one.content.kind in ("free text", "date", "moment", "flag", "sex", "decimal"):
            continue
        is_number = one.meaning is not None and one.meaning.record == "identifier"
        heading = plain(one.name)
        looks = heading.endswith(("id", "ref", "reference", "number", "no", "key"))
        share = len(filled) / max(sample.rows, 1)
        ranked.append((one.meaning == KEY, looks and not is_number, is_number, share, len(set(filled)), one.name))
    ranked.sort(key=lambda rank: rank[:5], reverse=True)
    return [rank[-1] for rank in ranked]


def _as_key(one: Proposed) -> Proposed:
    """Return the column that tells people apart; a number with a check is an identifier too."""
    if one.meaning is None or one.meaning.record not in ("key", "identifier"):
        return replace(one, meaning=KEY, certainty=GUESS, reasons=(*one.reasons, "no other column is a better key"))
    return one


def _no_key(one: Proposed) -> Proposed:
    """Return a column that another was preferred to as the key: an identifier of the partner's own."""
    return replace(one, meaning=Meaning("identifier", "value", "local")) if one.meaning == KEY else one
