"""A case type: what a kind of meeting is for, as data. Who is at the table, what each is asked, who sees which answer.

A place adds its own as a file and no code. What an agency sees is written out question by question and part by part:
what is not written, it does not see.
"""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from dataclasses import dataclass
from functools import lru_cache
from importlib import resources
from pathlib import Path
from typing import TypeVar

from braid.language.codes import CODE_LISTS, ORGANISATION_KINDS
from braid.language.readiness import READINESS_ITEMS
from braid.language.rule_files import CASE_TYPE_TOP, Fault, Fields, RulesInvalid, read_text, read_toml
from braid.trust.agreement_terms import GATEWAYS
from braid.trust.roles import PURPOSES

LONGEST_WORDS = 300
LONGEST_ID = 40
KINDS_AT_TABLE: Mapping[str, str] = {"authority": "the authority", **ORGANISATION_KINDS}
_REASONS = frozenset(READINESS_ITEMS)


@dataclass(frozen=True)
class Part:
    """A part that somebody has in a case: who was harmed, a child, a parent.

    Of somebody `apart`, such as whoever is accused, the case opens nothing to those who take part: neither their waits
    nor their page. They are there so that each agency can say what it holds.
    """

    id: str
    name: str
    apart: bool = False


@dataclass(frozen=True)
class Question:
    """What an agency is asked beforehand, about whom, and how sensitive an answer is (a code of `row_sensitivity`)."""

    id: str
    words: str
    about: tuple[str, ...]
    sensitivity: str


@dataclass(frozen=True)
class Agency:
    """A seat at the table, and the kinds of organisation that may fill it.

    `answers` are ids of questions. `sees` are pairs of question and part: all that this agency is shown of others.
    """

    id: str
    name: str
    organisations: tuple[str, ...]
    must_attend: bool
    answers: tuple[str, ...]
    sees: frozenset[tuple[str, str]]


@dataclass(frozen=True)
class DecisionType:
    """What a meeting may decide. One that `needs_action` is not a decision until somebody owns what follows.

    One that `needs_ready` says that the case goes ahead: it is held back while a required readiness item is open. The
    actions of one `apart` are of the side of who is apart.
    """

    id: str
    words: str
    needs_action: bool
    needs_ready: bool = False
    apart: bool = False


@dataclass(frozen=True)
class FollowUp:
    """An action that a decision brings with it: proposed with its words, agency and days, and confirmed by a human."""

    decision: str
    agency: str
    words: str
    working_days: int


@dataclass(frozen=True)
class ReadinessItem:
    """Something that must be there before the meeting can decide or the court can hear: whose it is, in whose words.

    `days_needed` are the working days that it usually takes, `due_before` the working days before the day of the
    hearing or meeting by which it is due. `reasons` are the court's own codes for hearings cancelled for want of it.
    """

    id: str
    words: str
    agency: str
    required: bool = True
    days_needed: int = 5
    due_before: int = 2
    reasons: tuple[str, ...] = ()


@dataclass(frozen=True)
class CaseType:
    """A kind of joint case and its meeting. `independent`: nobody sees what others returned until it begins.

    `returns_due` are the working days before the meeting by which returns are due, `minutes_due` those after it.
    """

    id: str
    version: str
    name: str
    short_name: str
    purpose: str
    gateways: tuple[str, ...]
    source: str
    independent: bool
    returns_due: int
    minutes_due: int
    review_after_days: int
    parts: Mapping[str, Part]
    questions: Mapping[str, Question]
    agencies: Mapping[str, Agency]
    decisions: Mapping[str, DecisionType]
    follow_ups: tuple[FollowUp, ...]
    readiness: tuple[ReadinessItem, ...]
    outcomes: Mapping[str, str]
    """What may come of a case of this kind, beside what may come of any: words by code."""

    def may_see(self, agency: str, question: str, part: str) -> bool:
        """Whether an agency may be shown what others answered to a question about a part."""
        return agency in self.agencies and (question, part) in self.agencies[agency].sees

    def may_fill(self, agency: str, kind: str) -> bool:
        """Whether an organisation of this kind (a code of `KINDS_AT_TABLE`) may fill a seat."""
        return agency in self.agencies and kind in self.agencies[agency].organisations

    def lists(self, agency: str) -> bool:
        """Whether a seat is the court's own, which fixes the days of hearings: one that courts alone may fill."""
        return agency in self.agencies and self.agencies[agency].organisations == ("court",)


_Row = TypeVar("_Row", Part, Question, Agency, DecisionType)
_KEYS = (
    "id version name short_name purpose gateways source independent returns_due minutes_due review_after_days part"
    " question agency decision follow_up readiness outcome"
).split()


@lru_cache(maxsize=1)
def shipped_case_types() -> Mapping[str, CaseType]:
    """Return the case types that come with Braid, by id."""
    folder = resources.files("braid.care") / "case_types"
    texts = {path.name: path.read_text(encoding="utf-8") for path in folder.iterdir() if path.name.endswith(".toml")}
    return {one.id: one for one in (parse_case_type(text, name) for name, text in sorted(texts.items()))}


def load_case_types(folder: Path) -> Mapping[str, CaseType]:
    """Return the shipped case types and those of a place's `case_types/` folder, which replace those of their id.

    Raises `RulesInvalid` with every fault of the first file that has one.
    """
    own = [parse_case_type(read_text(path), path.name) for path in sorted(folder.glob("*.toml"))]
    twice = [one.id for number, one in enumerate(own) if one.id in {other.id for other in own[:number]}]
    if twice:
        raise RulesInvalid([Fault(folder.name, "id", f"{twice[0]!r} is there twice", "give each case type its own id")])
    return {**shipped_case_types(), **{one.id: one for one in own}}


def parse_case_type(text: str, file: str) -> CaseType:
    """Return the case type that a file holds. Raises `RulesInvalid` with every fault found, `RulesUnreadable`."""
    top = read_toml(text, file, CASE_TYPE_TOP)
    top.check_known(_KEYS)
    parts = _by_id([_part(fields) for fields in top.tables("part")], top, "part")
    questions = _by_id([_question(fields, parts) for fields in top.tables("question")], top, "question")
    agencies = _by_id([_agency(fields, questions) for fields in top.tables("agency")], top, "agency")
    decisions = _by_id([_decision(fields) for fields in top.tables("decision")], top, "decision")
    found = CaseType(
        id=top.name("id", LONGEST_ID),
        version=top.text("version", LONGEST_ID),
        name=top.text("name", 100),
        short_name=top.text("short_name", 30),
        purpose=top.code("purpose", PURPOSES),
        gateways=top.codes("gateways", GATEWAYS),
        source=top.text("source", LONGEST_WORDS),
        independent=top.flag("independent"),
        returns_due=top.number("returns_due", "working days", 1, 20),
        minutes_due=top.number("minutes_due", "working days", 1, 20),
        review_after_days=top.number("review_after_days", "days", 1, 366),
        parts=parts,
        questions=questions,
        agencies=agencies,
        decisions=decisions,
        follow_ups=tuple(_follow_up(fields, decisions, agencies) for fields in top.tables("follow_up")),
        readiness=tuple(_readiness(fields, agencies) for fields in top.tables("readiness")),
        outcomes=_outcomes(top),
    )
    _check_whole(found, top)
    if top.faults:
        raise RulesInvalid(top.faults)
    return found


def _by_id(rows: Iterable[_Row], top: Fields, what: str) -> dict[str, _Row]:
    found: dict[str, _Row] = {}
    for row in rows:
        if row.id in found:
            top.refuse(f"the {what} {row.id!r} is there twice", "give each its own id")
        found[row.id] = row
    if not found:
        top.refuse(f"there is no {what}", f"begin one with [[{what}]]")
    return found


def _part(fields: Fields) -> Part:
    fields.check_known(("id", "name", "apart"))
    return Part(fields.name("id", LONGEST_ID), fields.text("name", 60), fields.has("apart") and fields.flag("apart"))


def _question(fields: Fields, parts: Mapping[str, Part]) -> Question:
    fields.check_known(("id", "words", "about", "sensitivity"))
    return Question(
        fields.name("id", LONGEST_ID),
        fields.text("words", LONGEST_WORDS),
        fields.codes("about", parts),
        fields.code("sensitivity", CODE_LISTS["row_sensitivity"]),
    )


def _agency(fields: Fields, questions: Mapping[str, Question]) -> Agency:
    fields.check_known(("id", "name", "organisations", "must_attend", "answers", "sees"))
    pairs = {f"{question.id}@{part}": (question.id, part) for question in questions.values() for part in question.about}
    return Agency(
        fields.name("id", LONGEST_ID),
        fields.text("name", 60),
        fields.codes("organisations", KINDS_AT_TABLE),
        fields.flag("must_attend"),
        fields.codes("answers", questions),
        frozenset(pairs[one] for one in fields.codes("sees", pairs)),
    )


def _decision(fields: Fields) -> DecisionType:
    fields.check_known(("id", "words", "needs_action", "needs_ready", "apart"))
    return DecisionType(
        fields.name("id", LONGEST_ID),
        fields.text("words", LONGEST_WORDS),
        fields.flag("needs_action"),
        fields.has("needs_ready") and fields.flag("needs_ready"),
        fields.has("apart") and fields.flag("apart"),
    )


def _follow_up(fields: Fields, decisions: Mapping[str, DecisionType], agencies: Mapping[str, Agency]) -> FollowUp:
    fields.check_known(("decision", "agency", "words", "working_days"))
    return FollowUp(
        fields.code("decision", decisions),
        fields.code("agency", agencies),
        fields.text("words", LONGEST_WORDS),
        fields.number("working_days", "working days", 1, 120),
    )


def _readiness(fields: Fields, agencies: Mapping[str, Agency]) -> ReadinessItem:
    fields.check_known(("id", "words", "agency", "required", "days_needed", "due_before", "reasons"))
    days = {
        key: fields.number(key, "working days", least, 120)
        for key, least in (("days_needed", 1), ("due_before", 0))
        if fields.has(key)
    }
    return ReadinessItem(
        id=fields.name("id", LONGEST_ID),
        words=fields.text("words", LONGEST_WORDS),
        agency=fields.code("agency", agencies),
        required=not fields.has("required") or fields.flag("required"),
        reasons=fields.codes("reasons", _REASONS) if fields.has("reasons") else (),
        **days,
    )


def _outcomes(top: Fields) -> dict[str, str]:
    found: dict[str, str] = {}
    for fields in top.tables("outcome"):
        fields.check_known(("id", "words"))
        code = fields.name("id", LONGEST_ID)
        if code in found:
            top.refuse(f"the outcome {code!r} is there twice", "give each its own id")
        found[code] = fields.text("words", LONGEST_WORDS)
    return found


def _check_whole(found: CaseType, top: Fields) -> None:
    """Leave a fault for what no field alone can say: a table that would decide nothing, or see nothing."""
    if found.parts and all(part.apart for part in found.parts.values()):
        top.refuse("every part is apart, so the case would open nothing to anybody", "take 'apart' from one part")
    asked = {question for agency in found.agencies.values() for question in agency.answers}
    for question in sorted(found.questions.keys() - asked):
        top.refuse(f"nobody is asked the question {question!r}", "name it under 'answers' of an agency")
    if found.agencies and not any(agency.must_attend for agency in found.agencies.values()):
        top.refuse("nobody must attend", "set must_attend = true for those without whom nothing is decided")
    items = [item.id for item in found.readiness]
    for twice in sorted({item for item in items if item and items.count(item) > 1}):
        top.refuse(f"the readiness item {twice!r} is there twice", "give each its own id")
    if found.decisions and not any(one.needs_action for one in found.decisions.values()):
        top.refuse("no decision needs an action", "set needs_action = true where somebody must do something")
