"""Why one person and not another: two people whom the viewer sees, under the rules that serve the purpose.

Of somebody whom the statement does not concern, which of its conditions does not hold, as far as what the viewer sees
of them says so: a function of what is shown, which cannot tell what is hidden.
"""

from __future__ import annotations

import datetime as dt
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from typing import Any

from braid.language.dates import years_lived
from braid.web.access.decisions import Decisions
from braid.web.access.projections import BesideSeen, WaitSeen
from braid.web.access.ranks import compare_ranks, is_item_open
from braid.web.models import District, PersonRank, PriorityVersion

NOT_TOLD = "Which of this does not hold of them rests on what is not shown here."


@dataclass(frozen=True)
class Seen:
    """What the viewer sees of a person: the running waits; the day of birth and the district in words, where shown."""

    person_id: str
    waits: Sequence[WaitSeen]
    birth_date: dt.date | None
    district: str
    sensitivity: str


def put_beside(decisions: Decisions, this: Seen, other: Seen, name: str, as_of: dt.date) -> BesideSeen | None:
    """Return what sets `this` person apart from the other, called `name`; `None` where no ranks are open."""
    sight = decisions.sight
    if not sight.opens("priority"):
        return None
    sensitivities = {each.person_id: each.sensitivity for each in (this, other)}
    rows = PersonRank.objects.filter(purpose=sight.viewer.purpose, person__in=list(sensitivities))
    found = {(row.rules_id, row.person_id): row for row in decisions.permitted_ranks(rows, sensitivities)}
    said = []
    for version in PriorityVersion.objects.filter(purpose=sight.viewer.purpose).order_by("name"):
        pair = [found.get((version.problem, each.person_id)) for each in (this, other)]
        if pair[0] is not None and pair[1] is not None:
            said.append((version.name, compare_ranks(decisions, version, pair[0], pair[1])))
            continue
        for who, row, words in ((this, pair[0], "This person"), (other, pair[1], "The other")):
            if row is None:
                why = _why_not_concerned(decisions, version, who, as_of)
                said.append((version.name, f"{words} is not in this order. {why}"))
    return BesideSeen(other.person_id, name, tuple(said))


def _why_not_concerned(decisions: Decisions, version: PriorityVersion, who: Seen, as_of: dt.date) -> str:
    cohort: Mapping[str, Sequence[Mapping[str, Any]]] = version.rests_on.get("cohort", {})

    def holds(condition: Mapping[str, Any]) -> bool | None:
        return _holds(decisions, condition, who, as_of)

    failed = [each["words"] for each in cohort.get("all_of", ()) if holds(each) is False]
    options = cohort.get("any_of", ())
    if options and all(holds(each) is False for each in options):
        failed.append(" or ".join(each["words"] for each in options))
    left_out = [each["words"] for each in cohort.get("none_of", ()) if holds(each)]
    said = [f"It concerns people who {words}, and by what is shown here they are not." for words in failed]
    said += [f"It leaves out people who {words}." for words in left_out]
    return " ".join(said) or NOT_TOLD


def _holds(decisions: Decisions, condition: Mapping[str, Any], who: Seen, as_of: dt.date) -> bool | None:
    """Whether a condition holds by what the viewer sees; `None` where that does not say."""
    if not all(is_item_open(decisions, who.person_id, item) for item in condition["items"]):
        return None
    if "wait" in condition:
        return _waits(condition["wait"], who.waits)
    if "backlogs" in condition:
        asked = condition["backlogs"]
        return len({wait.backlog for wait in who.waits if wait.kind in asked["kinds"]}) >= asked["at_least"]
    if "age" in condition and who.birth_date is not None:
        return _is_aged(condition["age"], who.birth_date, as_of)
    if "districts" in condition:
        code = District.objects.filter(name=who.district).values_list("code", flat=True).first()
        return None if code is None else code in condition["districts"]
    return None


def _waits(asked: Mapping[str, Any], waits: Sequence[WaitSeen]) -> bool | None:
    """Whether one of the waits is what is asked; `None` where it is, but for as whom they wait, which is not shown."""
    least, left = asked["least_days"], asked["most_days_left"]
    is_there = any(
        wait.kind in asked["kinds"]
        and wait.clock in asked["clocks"]
        and (least is None or wait.elapsed_days >= least)
        and (left is None or (wait.clock == "within" and wait.days_left is not None and wait.days_left <= left))
        for wait in waits
    )
    return None if is_there and asked["has_standing"] else is_there


def _is_aged(asked: Mapping[str, Any], born: dt.date, as_of: dt.date) -> bool:
    years, least, under = years_lived(born, as_of), asked["at_least"], asked["under"]
    return (least is None or years >= least) and (under is None or years < under)
