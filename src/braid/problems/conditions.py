"""Reading the cohort of a problem file: three lists of conditions, each condition of one of seven forms."""

from __future__ import annotations

import re
from collections.abc import Callable
from dataclasses import replace

from braid.language.clock_rules import CLOCK_RULES
from braid.language.codes import BACKLOGS, EPISODE_KINDS, NEEDS, STAY_KINDS, WAIT_KINDS
from braid.language.rule_files import Fields
from braid.problems.model import (
    RUNNING_CLOCKS,
    WHOSE_NEED,
    Aged,
    Cohort,
    Condition,
    HasNeed,
    InEpisode,
    LivesIn,
    StaysIn,
    WaitsFor,
    WaitsInBacklogs,
)
from braid.trust.roles import VICTIM_RESPONSE
from braid.waits.rules import Standing

DISTRICT = re.compile(r"[A-Z][0-9]{8}")
"""A district's code by the Government Statistical Service: a letter and eight digits."""

SECRET_EPISODES = ("da_support", "marac")
SECRET_STAYS = ("refuge",)
SECRET_WAITS = tuple(kind.code for kind in WAIT_KINDS.values() if kind.sensitivity == "safe_address")
"""What nobody may learn of a person but for the purpose of supporting them. Whoever is in a cohort is known to meet its
conditions, so a statement for another purpose may not ask."""

LISTS = ("all_of", "any_of", "none_of")
_LIMITED = frozenset(rule.kind for rule in CLOCK_RULES)


def load_cohort(fields: Fields, purpose: str, waits: tuple[str, ...]) -> Cohort:
    """Return the cohort that `fields` describe, of a statement about `waits` that serves `purpose`.

    Both are empty where none is known.
    """
    fields.check_known(LISTS)
    read = {name: tuple(_condition(item, purpose, waits) for item in fields.tables(name)) for name in LISTS}
    found = {name: tuple(condition for condition in items if condition) for name, items in read.items()}
    if not read["all_of"] and not read["any_of"] and all(isinstance(fields.values.get(key, []), list) for key in LISTS):
        fields.refuse(
            "the cohort has no condition that somebody must meet and would be everybody", "add all_of or any_of"
        )
    return Cohort(found["all_of"], found["any_of"], found["none_of"])


def _condition(fields: Fields, purpose: str, waits: tuple[str, ...]) -> Condition | None:
    for head, (read, keys) in FORMS.items():
        if fields.has(head):
            fields.check_known(keys)
            condition = read(fields)
            if isinstance(condition, WaitsInBacklogs):
                condition = _of_statement(fields, condition, waits)
            if purpose not in (VICTIM_RESPONSE, "") and is_secret(condition):
                fields.refuse(
                    f"only a statement for the purpose {VICTIM_RESPONSE!r} may ask about support for people harmed",
                    "leave this condition out",
                )
            return condition
    fields.refuse(f"a condition has one of {', '.join(FORMS)}", "split it into one condition an entry")
    return None


def is_secret(condition: Condition) -> bool:
    """Whether a condition asks for what nobody may learn of a person but for the purpose of supporting them."""
    if isinstance(condition, WaitsFor):
        return condition.standing is Standing.VICTIM or bool(set(condition.kinds) & set(SECRET_WAITS))
    if isinstance(condition, StaysIn):
        return bool(set(condition.kinds) & set(SECRET_STAYS))
    return isinstance(condition, InEpisode) and bool(set(condition.kinds) & set(SECRET_EPISODES))


def _waits_for(fields: Fields) -> WaitsFor:
    kinds = fields.codes("wait", WAIT_KINDS)
    clocks = fields.codes("clock", RUNNING_CLOCKS) if fields.has("clock") else RUNNING_CLOCKS
    without_limit = sorted(set(kinds) - _LIMITED)
    if fields.has("clock") and without_limit and not {"no_limit", "not_reckoned"} & set(clocks):
        fields.refuse(
            f"{without_limit[0]} has no limit, so it is never within or past one", "use days_at_least, or leave it out"
        )
    days = fields.number("days_at_least", "days", 1) if fields.has("days_at_least") else None
    return WaitsFor(kinds, clocks, days, _standing(fields, kinds), _days_left(fields, kinds, clocks))


def _days_left(fields: Fields, kinds: tuple[str, ...], clocks: tuple[str, ...]) -> int | None:
    if not fields.has("days_left_at_most"):
        return None
    without_limit = sorted(set(kinds) - _LIMITED)
    if without_limit:
        fields.refuse(f"{without_limit[0]} has no limit, so no days are left", "use days_at_least, or leave it out")
    if "within" not in clocks:
        fields.refuse("days are left only within a limit", 'write clock = ["within"], or leave clock out')
    return fields.number("days_left_at_most", "days")


def _standing(fields: Fields, kinds: tuple[str, ...]) -> Standing | None:
    if "crown_trial" not in kinds:
        if fields.has("wait_as"):
            fields.refuse("'wait_as' is only for crown_trial", "leave wait_as out")
        return None
    if kinds != ("crown_trial",):
        fields.refuse("crown_trial stands alone: it says as whom somebody waits", "give it a condition of its own")
    if not fields.has("wait_as"):
        fields.refuse("crown_trial says as whom somebody waits", 'write wait_as = "defendant" or wait_as = "victim"')
        return None
    code = fields.code("wait_as", [member.value for member in Standing])
    return Standing(code) if code else None


def _waits_in_backlogs(fields: Fields) -> WaitsInBacklogs:
    number = fields.number("backlogs_at_least", "backlogs", 1)
    if number > len(BACKLOGS):
        fields.refuse(f"there are {len(BACKLOGS)} backlogs", "write a smaller number")
    return WaitsInBacklogs(number)


def _of_statement(fields: Fields, condition: WaitsInBacklogs, waits: tuple[str, ...]) -> WaitsInBacklogs:
    """Count the backlogs of the statement alone: how many others somebody waits in is no matter of its purpose."""
    known = {WAIT_KINDS[kind].backlog for kind in waits}
    if waits and condition.at_least > len(known):
        fields.refuse(f"the statement's waits are in {len(known)} backlogs", "write a smaller number")
    return replace(condition, kinds=waits or tuple(WAIT_KINDS))


def _lives_in(fields: Fields) -> LivesIn:
    written = fields.values["district"]
    codes = {text for text in written if isinstance(text, str)} if isinstance(written, list) else set()
    for code in sorted(code for code in codes if not DISTRICT.fullmatch(code)):
        fields.refuse(f"district holds {code!r}, which is no code of a district", "write a letter and eight digits")
    return LivesIn(fields.codes("district", codes))


def _has_need(fields: Fields) -> HasNeed:
    whose = fields.codes("whose", WHOSE_NEED) if fields.has("whose") else WHOSE_NEED
    return HasNeed(fields.codes("need", NEEDS), whose)


def _aged(fields: Fields) -> Aged:
    at_least, under = (
        fields.number(key, "years") if fields.has(key) else None for key in ("age_at_least", "age_under")
    )
    if at_least is not None and under is not None and at_least >= under:
        fields.refuse("nobody is that old and younger", "write age_at_least below age_under")
    return Aged(at_least, under)


_AGES = ("age_at_least", "age_under")

FORMS: dict[str, tuple[Callable[[Fields], Condition], tuple[str, ...]]] = {
    "wait": (_waits_for, ("wait", "clock", "days_at_least", "days_left_at_most", "wait_as")),
    "backlogs_at_least": (_waits_in_backlogs, ("backlogs_at_least",)),
    "stay": (lambda fields: StaysIn(fields.codes("stay", STAY_KINDS)), ("stay",)),
    "district": (_lives_in, ("district",)),
    "episode": (lambda fields: InEpisode(fields.codes("episode", EPISODE_KINDS)), ("episode",)),
    "need": (_has_need, ("need", "whose")),
    "age_at_least": (_aged, _AGES),
    "age_under": (_aged, _AGES),
}
"""The key by which a condition of a form is known, how it is read, and the keys that it may have."""
