"""Who lives with a person, as far as the viewer may see both: told by name only while they live together.

What may not be seen is absent, in the same words as where nobody is known to live with them: no count, no gap, no name
left out. See `braid.web.homes.publishing` for what is not published at all.
"""

import datetime as dt
from collections import defaultdict
from collections.abc import Iterable, Mapping, Sequence

from django.db.models import QuerySet

from braid.language.codes import CODE_LISTS
from braid.language.freshness import describe_freshness
from braid.trust.decide import Outcome
from braid.trust.items import HOUSEHOLD, JOINED
from braid.trust.roles import Reach
from braid.web.access.decisions import Decisions, decisions_on
from braid.web.access.projections import FormerSeen, HouseholdSeen, KinshipSeen, MemberSeen
from braid.web.access.sight import Sight, record_look, run_shown, visible_waits
from braid.web.access.words import names_seen
from braid.web.models import HomeSpell, Kinship
from braid.web.written_once import written_once

PEOPLE = {"adult": "An adult", "child": "A child", "": "Somebody"}
AGES = {"adult": "Adult", "child": "Child", "": "Age not known"}
COMING = {"born": "Born", "moved_in": "Moved in", "household_formed": "The household is first shown with both"}
OWN_COMING = {"born": "This person was born", "moved_in": "This person moved in"}
LEAVING = {"moved_out": "Moved out", "died": "Died"}
OWN_LEAVING = {"moved_out": "This person moved out", "died": "This person died"}
NOT_SAID = "No source says why"


def find_household(decisions: Decisions, person_id: str, sensitivity: str) -> HouseholdSeen:
    """Return who lives with a person, and record the look at each who is named.

    `sensitivity` is that of a row through which the person is there for the viewer.
    """
    sight = decisions.sight
    if not _is_open(sight):
        return HouseholdSeen(is_open=False)
    rows = _spells(person_id)
    if decisions.on(person_id, HOUSEHOLD, JOINED, sensitivity).outcome is not Outcome.ALLOW:
        return HouseholdSeen(is_open=True)
    return HouseholdSeen(
        is_open=True,
        members=_members(sight, person_id, [row for row in rows if row.other_id]),
        former=tuple(_former_seen(row) for row in rows if not row.other_id),
    )


@written_once
def _spells(person_id: str) -> QuerySet[HomeSpell]:
    return HomeSpell.objects.filter(person_id=person_id).order_by("-since_date", "pk")


def _is_open(sight: Sight) -> bool:
    """Whether role and agreements open households at all, whoever it is."""
    is_of_role = sight.role.sees_location and sight.role.reach is not Reach.PLACE
    return is_of_role and sight.opens(HOUSEHOLD)


def _members(sight: Sight, person_id: str, rows: Sequence[HomeSpell]) -> tuple[MemberSeen, ...]:
    if not rows:
        return ()
    ids = {str(row.other_id) for row in rows}
    decisions = decisions_on(sight, ids)
    there: dict[str, str] = {}
    for wait in decisions.permitted_waits(visible_waits(sight).filter(person__in=ids).order_by("wait_id")):
        there.setdefault(wait.person_id, wait.sensitivity)
    seen = {
        who: sensitivity
        for who, sensitivity in there.items()
        if decisions.on(who, HOUSEHOLD, JOINED, sensitivity).outcome is Outcome.ALLOW
    }
    names = names_seen(decisions, seen)
    kin = _kinships(sight, person_id, seen)
    if seen:
        record_look(sight, {who: decisions.relation_to(who) for who in sorted(seen)})
    return tuple(
        _member_seen(row, names[str(row.other_id)], kin[str(row.other_id)]) for row in rows if row.other_id in seen
    )


def _member_seen(row: HomeSpell, name: str, kin: Sequence[KinshipSeen]) -> MemberSeen:
    words = OWN_COMING if row.is_own else COMING
    return MemberSeen(
        person_id=str(row.other_id),
        name=name,
        age=AGES.get(row.age_role, AGES[""]),
        since_date=row.since_date,
        is_stated=row.is_stated,
        how=words.get(row.cause, ""),
        kinships=tuple(kin),
    )


def _former_seen(row: HomeSpell) -> FormerSeen:
    words = OWN_LEAVING if row.is_own else LEAVING
    last = row.last_date or row.since_date
    return FormerSeen(PEOPLE.get(row.age_role, PEOPLE[""]), row.since_date, last, words.get(row.cause, NOT_SAID))


def _kinships(sight: Sight, person_id: str, others: Iterable[str]) -> Mapping[str, list[KinshipSeen]]:
    """Return what others are to a person, by the standards whose waits role and agreements open."""
    run = run_shown(sight)
    opened = [backlog for backlog, providers in sight.providers.items() if providers]
    rows = Kinship.objects.filter(
        person=person_id, other__in=list(others), backlog__in=opened, sensitivity__in=sight.sensitivities
    )
    found: dict[str, list[KinshipSeen]] = defaultdict(list)
    for row in rows.order_by("kind", "standard", "pk"):
        found[row.other_id].append(_kinship_seen(row, (run.as_of_date if run else None) or row.as_of_date))
    return found


def _kinship_seen(row: Kinship, today: dt.date) -> KinshipSeen:
    fresh = describe_freshness(row.as_of_date, row.every_days, today)
    return KinshipSeen(
        kind=CODE_LISTS["relationship_kind"].get(row.kind, row.kind),
        source=CODE_LISTS["standard"].get(row.standard, row.standard),
        since_date=row.since_date,
        as_of_date=row.as_of_date,
        freshness=fresh.words,
        is_late=fresh.is_late,
        legal_responsibility=row.legal_responsibility,
    )
