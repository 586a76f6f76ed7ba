"""What if, for a cohort: counts over the waits that the viewer sees of the people whom a problem statement concerns.

Whom the viewer does not see is not counted, so that they are as absent here as on the list. The counts are of people
whom the viewer may list one by one; they are told as published figures are all the same, so that the page can be shown
in a meeting. Like the count of the list they come from the query alone. The look is recorded with how many people were
counted, and names none of them.
"""

from collections import defaultdict
from collections.abc import Mapping
from dataclasses import dataclass

from django.db.models import Exists, OuterRef

from braid.language.codes import BACKLOGS, WAIT_KINDS
from braid.trust.unblocking import publish_counts
from braid.waits.what_if import Hold, Running, Upshot
from braid.waits.what_if_cohort import Waits, count_upshots
from braid.web.access.decisions import decisions_on
from braid.web.access.projections import Viewer
from braid.web.access.sight import NotPermitted, Sight, blocker_rows, looking, visible_waits
from braid.web.access.what_if import UPSHOTS, Plan, may_begin, running
from braid.web.access.words import headers
from braid.web.models import Cohort
from braid.web.recording import Facts, record


@dataclass(frozen=True)
class CountedSeen:
    """How many waits of a kind come to something with each option, in their order; `None` is not shown."""

    kind_name: str
    backlog_name: str
    upshot: str
    upshot_name: str
    counts: tuple[int | None, ...]


def get_cohort_what_if(viewer: Viewer, problem: str, purpose: str, plan: Plan) -> tuple[CountedSeen, ...]:
    """Return what the options come to over those whom a statement that serves `purpose` concerns; record the look.

    Waits that stay as they are are not told: with them every option would add up to the same total. Raises
    `NotPermitted` where the viewer's role or agreement does not open the purpose.
    """
    counted = count_cohort_what_if(viewer, problem, purpose, plan)
    return _shown([{key: n for key, n in counts.items() if key[1] is not Upshot.UNCHANGED} for counts in counted])


def count_cohort_what_if(viewer: Viewer, problem: str, purpose: str, plan: Plan) -> list[dict[tuple[str, Upshot], int]]:
    """Return the same for each option in their order, exactly, for whoever may list the people one by one."""
    with looking(viewer) as sight:
        if purpose not in sight.problems:
            raise NotPermitted
        people = _people(sight, problem, plan) if plan.options else {}
        _record(sight, len(people))
        return [
            {
                key: count
                for key, count in count_upshots(
                    people.values(), planned, plan.calendar, plan.as_of, plan.looked_at
                ).items()
                if key[1] is not Upshot.BEGUN or may_begin(sight, key[0])
            }
            for planned in plan.options.values()
        ]


_NEEDED = "person_id wait_id kind start_date extended_to_date exception counted_from_date pauses sensitivity".split()


def _people(sight: Sight, problem: str, plan: Plan) -> Mapping[str, Waits]:
    """Return the running waits that the viewer sees of each person concerned, and what holds them up, by person id.

    Dates of birth are asked for only where a clock of the plan begins by age, and as far as the viewer may see them.
    """
    concerned = Exists(Cohort.objects.filter(statement=problem, person=OuterRef("person")))
    rows = visible_waits(sight).filter(concerned, stop_date__isnull=True)
    waits: dict[str, list[Running]] = defaultdict(list)
    sensitivities: dict[str, str] = {}
    for wait in rows.only(*_NEEDED).iterator():
        sensitivities.setdefault(wait.person_id, wait.sensitivity)
        waits[wait.person_id].append(running(wait))
    holds = _holds(sight, {wait.wait_id: person for person, mine in waits.items() for wait in mine}, concerned)
    known = headers(decisions_on(sight, list(waits)), sensitivities) if _asks_for_age(plan) else {}
    return {
        person: Waits(mine, holds[person], known[person].birth_date if known else None)
        for person, mine in waits.items()
    }


def _asks_for_age(plan: Plan) -> bool:
    effects = (effect for each in plan.options.values() for one in each for effect in one.change.effects.values())
    return any(effect.aged for effect in effects)


def _holds(sight: Sight, person_of: Mapping[str, str], concerned: Exists) -> Mapping[str, list[Hold]]:
    """Return what holds up the waits of `person_of`, where every part may be seen, by person id."""
    names = ("held_wait_id", "holder_wait_id", "holder_kind")
    rows = [row for row in blocker_rows(sight).filter(concerned).values_list(*names) if row[0] in person_of]
    of_others = {holder for _, holder, _ in rows if holder} - person_of.keys()
    seen = set(visible_waits(sight).filter(pk__in=of_others).values_list("pk", flat=True)) if of_others else set()
    holds: dict[str, list[Hold]] = defaultdict(list)
    for held, holder, kind in rows:
        if holder is None or holder in person_of or holder in seen:
            holds[person_of[held]].append(Hold(held, holder or kind))
    return holds


def _record(sight: Sight, people: int) -> None:
    facts = Facts(
        organisation=sight.organisation,
        agreement_ids=sight.agreements,
        row_count=people,
        channel="page",
        details={"what": "what if of a cohort"},
    )
    record("look", sight.viewer, facts=facts)


def _shown(counted: list[dict[tuple[str, Upshot], int]]) -> tuple[CountedSeen, ...]:
    keys = {key for counts in counted for key in counts}
    shown = [
        publish_counts({f"{kind} {upshot}": counts.get((kind, upshot), 0) for kind, upshot in keys})
        for counts in counted
    ]
    order = list(WAIT_KINDS)
    upshots = list(Upshot)
    return tuple(
        CountedSeen(
            WAIT_KINDS[kind].name,
            BACKLOGS[WAIT_KINDS[kind].backlog].name,
            upshot,
            UPSHOTS[upshot],
            tuple(each[f"{kind} {upshot}"] for each in shown),
        )
        for kind, upshot in sorted(keys, key=lambda key: (order.index(key[0]), upshots.index(key[1])))
    )
