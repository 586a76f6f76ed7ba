"""Reads an agreement from its file: every problem is gathered, and one error names them all."""

from __future__ import annotations

import datetime as dt
import re
from collections.abc import Mapping
from typing import Any

from braid.language.dates import LONDON
from braid.language.printable import is_printable
from braid.trust.agreement_rules import Problem, find_problems
from braid.trust.agreement_terms import ARTICLE_6, ARTICLE_9, CONTROLLER_ROLES, GATEWAYS, SCHEDULE_1
from braid.trust.agreements import Agreement, Party
from braid.trust.items import ITEMS
from braid.trust.roles import PURPOSES

AGREEMENT_KEYS = frozenset(
    "id version title purpose gateways subjects items host valid_from valid_to review_on retention_days"
    " retention_reason dpia opt_out_applies opt_out_reason law_enforcement suspended_at statements".split()
)
PARTY_KEYS = frozenset(
    "organisation controller_role article_6 article_9 schedule_1 provides receives signed_by signed_at left_at".split()
)
STATEMENT_ID = "[a-z0-9_]{1,40}"
_NEVER = dt.datetime(1, 1, 2, tzinfo=dt.UTC)


class AgreementInvalid(Exception):
    """An agreement breaks a rule, so it decides nothing. `problems` are all of them; the message lists them."""

    def __init__(self, source: str, problems: list[Problem]) -> None:
        self.source = source
        self.problems = problems
        super().__init__("\n".join(f"{source}: {problem.clause}: {problem.message}" for problem in problems))


def read_agreement(document: Mapping[str, Any], source: str, kinds: Mapping[str, str]) -> Agreement:
    """Return the agreement in a parsed TOML document; raise `AgreementInvalid` with every problem.

    `source` names the file; `kinds` maps each organisation of the place to its kind. All moments are in UTC.
    """
    problems: list[Problem] = []
    for key in sorted(document.keys() - {"agreement", "party"}):
        problems.append(Problem(_shown(key), "is no table of an agreement; write [agreement] and [[party]] only"))
    head, rows = document.get("agreement"), document.get("party")
    if not isinstance(head, Mapping):
        raise AgreementInvalid(source, [*problems, Problem("[agreement]", "is missing; begin the file with it")])
    if not isinstance(rows, list) or not all(isinstance(row, Mapping) for row in rows):
        raise AgreementInvalid(source, [*problems, Problem("[[party]]", "is missing; write one for each party")])
    clause = _Clause("[agreement]", head, AGREEMENT_KEYS, problems)
    parties = tuple(
        _party(_Clause(f"[[party]] number {number}", row, PARTY_KEYS, problems)) for number, row in enumerate(rows, 1)
    )
    agreement = _agreement(clause, parties)
    if not problems:
        problems += find_problems(agreement, kinds)
    if problems:
        raise AgreementInvalid(source, problems)
    return agreement


def _agreement(clause: _Clause, parties: tuple[Party, ...]) -> Agreement:
    return Agreement(
        id=clause.identity("id"),
        version=clause.text("version"),
        title=clause.text("title"),
        purpose=clause.code("purpose", PURPOSES),
        gateways=tuple(clause.codes("gateways", GATEWAYS, at_least_one=True)),
        subjects=clause.text("subjects"),
        items=frozenset(clause.codes("items", ITEMS, at_least_one=True)),
        host=clause.text("host"),
        parties=parties,
        valid_from=clause.moment("valid_from") or _NEVER,
        valid_to=clause.moment("valid_to") or _NEVER,
        review_on=clause.day("review_on"),
        retention_days=clause.days("retention_days"),
        retention_reason=clause.text("retention_reason"),
        dpia=clause.text("dpia"),
        opt_out_applies=clause.flag("opt_out_applies"),
        opt_out_reason=clause.text("opt_out_reason"),
        law_enforcement=clause.flag("law_enforcement", needed=False),
        suspended_at=clause.moment("suspended_at", needed=False),
        statements=tuple(clause.names("statements", STATEMENT_ID)),
    )


def _party(clause: _Clause) -> Party:
    return Party(
        organisation=clause.text("organisation"),
        controller_role=clause.code("controller_role", CONTROLLER_ROLES),
        article_6=clause.code("article_6", ARTICLE_6),
        article_9=clause.code("article_9", ARTICLE_9, needed=False),
        schedule_1=clause.code("schedule_1", SCHEDULE_1, needed=False),
        provides=frozenset(clause.codes("provides", ITEMS)),
        receives=frozenset(clause.codes("receives", ITEMS)),
        signed_by=clause.text("signed_by", needed=False),
        signed_at=clause.moment("signed_at", needed=False),
        left_at=clause.moment("left_at", needed=False),
    )


class _Clause:
    """One table of the file: reads its keys, and notes what is wrong instead of stopping at the first."""

    def __init__(self, name: str, row: Mapping[str, Any], keys: frozenset[str], problems: list[Problem]) -> None:
        self._name, self._row, self._problems = name, row, problems
        for key in sorted(row.keys() - keys):
            self._note(_shown(key), f"is no key of this table; keys are {', '.join(sorted(keys))}")

    def _note(self, key: str, message: str) -> None:
        self._problems.append(Problem(f"{self._name} {key}", message))

    def text(self, key: str, *, needed: bool = True) -> str:
        value = self._row.get(key)
        if isinstance(value, str) and value.strip():
            if not is_printable(value):
                self._note(key, "holds a character that cannot be printed; write it without")
            return value
        if needed or key in self._row:
            self._note(key, f'is missing or no text (ICO Data Sharing Code: terms are written); write {key} = "…"')
        return ""

    def identity(self, key: str) -> str:
        value = self.text(key)
        if value and not re.fullmatch(r"[a-z0-9][a-z0-9-]*", value):
            self._note(key, "has small letters, digits and hyphens only; rename it")
        return value

    def code(self, key: str, known: Mapping[str, object], *, needed: bool = True) -> str:
        value = self._row.get(key)
        if isinstance(value, str) and value in known:
            return value
        if needed or key in self._row:
            self._note(key, f"is none of the known codes; write one of {', '.join(known)}")
        return ""

    def codes(self, key: str, known: Mapping[str, object], *, at_least_one: bool = False) -> list[str]:
        values = self._row.get(key, [])
        if not isinstance(values, list) or (at_least_one and not values):
            self._note(key, "is missing or no list; write the codes in square brackets")
            return []
        if not all(isinstance(value, str) and value in known for value in values):
            self._note(key, f"holds a code that is not known; codes are {', '.join(known)}")
            return []
        if len(set(values)) < len(values):
            self._note(key, "holds a code twice; write it once")
        return values

    def names(self, key: str, form: str) -> list[str]:
        values = self._row.get(key, [])
        if key in self._row and (not isinstance(values, list) or not values):
            self._note(key, "is no list or an empty one; write the ids in square brackets, or leave it out")
            return []
        if not all(isinstance(value, str) and re.fullmatch(form, value) for value in values):
            self._note(key, "holds what is no id: small letters, digits and underscores; correct it")
            return []
        if len(set(values)) < len(values):
            self._note(key, "holds an id twice; write it once")
        return [str(value) for value in values]

    def flag(self, key: str, *, needed: bool = True) -> bool:
        value = self._row.get(key)
        if isinstance(value, bool):
            return value
        if needed or key in self._row:
            self._note(key, "must be true or false; write one of the two")
        return False

    def days(self, key: str) -> int:
        value = self._row.get(key)
        if isinstance(value, int) and not isinstance(value, bool) and value > 0:
            return value
        self._note(key, "must be a number of days, 1 or more (UK GDPR article 5(1)(e)); write how long items are kept")
        return 0

    def day(self, key: str) -> dt.date:
        value = self._row.get(key)
        if isinstance(value, dt.date) and not isinstance(value, dt.datetime):
            return value
        self._note(key, f"is missing or no date; write {key} = 2027-04-01, without quotation marks")
        return _NEVER.date()

    def moment(self, key: str, *, needed: bool = True) -> dt.datetime | None:
        value = self._row.get(key)
        if isinstance(value, dt.date):
            try:
                return london_moment(value)
            except ValueError as error:
                self._note(key, str(error))
        elif needed or key in self._row:
            self._note(key, f"is missing or no date; write {key} = 2026-04-01, without quotation marks")
        return None


def london_moment(value: dt.date) -> dt.datetime:
    """Return a date of TOML as a moment in UTC: a day is its first second in London, a local time is London's.

    Raises `ValueError` for a local time that the clock change makes happen twice or never.
    """
    if not isinstance(value, dt.datetime):
        value = dt.datetime.combine(value, dt.time())
    try:
        if value.tzinfo is not None:
            return value.astimezone(dt.UTC)
        first = value.replace(tzinfo=LONDON, fold=0)
        if first.utcoffset() != first.replace(fold=1).utcoffset():
            raise ValueError(
                "happens twice or never, as the clocks change in that hour; write it with +00:00 or +01:00 at its end"
            )
        return first.astimezone(dt.UTC)
    except OverflowError:
        raise ValueError("is outside the calendar; write a date of this century") from None


def _shown(key: object) -> str:
    return str(key)[:40]
