"""What is overdue of the cases of a meeting, for its chair: returns and actions, and to whom the silence has risen."""

import datetime as dt
from collections import defaultdict
from collections.abc import Collection, Iterable, Mapping
from dataclasses import dataclass
from uuid import UUID

from braid.care import actions, meetings
from braid.care.model import Escalation, Owner
from braid.web.care.actions import noun_of
from braid.web.care.kept import now_of_database
from braid.web.models import AgendaItem, CareAction, CaseMember, MeetingReturn, TeamMember


@dataclass(frozen=True)
class Chased:
    """Something overdue: what it is, of which case and whose, since when, and by name who owns the silence besides."""

    what: str
    words: str
    item_id: UUID
    case_reference: str
    whose: str
    due_at: dt.datetime
    silence: Escalation
    risen_to: tuple[str, ...]


@dataclass(frozen=True)
class _Leads:
    """Who leads which team, and who is of which, or was last: somebody who left has left what they owe to its lead."""

    of_team: Mapping[str, Collection[str]]
    teams_of: Mapping[str, Collection[str]]

    def of_people(self, usernames: Iterable[str]) -> set[str]:
        return {
            lead for name in usernames for team in self.teams_of.get(name, ()) for lead in self.of_team.get(team, ())
        }


def _load_leads() -> _Leads:
    of_team: dict[str, set[str]] = defaultdict(set)
    seats: dict[str, list[tuple[str, dt.datetime | None]]] = defaultdict(list)
    for team, username, leads, ended_at in TeamMember.objects.values_list("team_id", "username", "is_lead", "ended_at"):
        seats[username].append((team, ended_at))
        if leads and ended_at is None:
            of_team[team].add(username)
    return _Leads(of_team, {username: _teams_of_last(theirs) for username, theirs in seats.items()})


def _teams_of_last(seats: Collection[tuple[str, dt.datetime | None]]) -> set[str]:
    ends = [ended_at for _, ended_at in seats if ended_at is not None]
    last = None if len(ends) < len(seats) else max(ends, default=None)
    return {team for team, ended_at in seats if ended_at == last}


def list_chased(meeting_id: UUID, calls_for_chair: bool) -> list[Chased]:
    """Return what is overdue of the cases on an agenda, longest first; of actions those of earlier meetings too.

    Only for the chair, and of cases in which they take part: the policies hold it to that. As many statements for many
    as for one.
    """
    if not calls_for_chair:
        return []
    items = list(AgendaItem.objects.filter(meeting=meeting_id).exclude(state="taken_off").select_related("case"))
    now, leads = now_of_database(), _load_leads()
    found = [*_returns(items, leads, now), *_actions(items, leads, now)]
    return sorted(found, key=lambda one: (one.due_at, one.case_reference, one.words))


def _returns(items: list[AgendaItem], leads: _Leads, now: dt.datetime) -> Iterable[Chased]:
    by_id = {item.pk: item for item in items}
    seats: dict[tuple[UUID, str, str], list[str]] = defaultdict(list)
    for member in CaseMember.objects.filter(case__in=[item.case_id for item in items], left_at__isnull=True):
        seats[member.case_id, member.organisation, member.agency].append(member.username)
    for row in MeetingReturn.objects.filter(item__in=list(by_id), state="asked"):
        silence = meetings.silence_on_return(row.state, row.due_at, now)
        if silence is None or not silence.is_overdue:
            continue
        item = by_id[row.item_id]
        asked = seats[item.case_id, row.organisation, row.agency]
        risen = _risen_to(silence, leads.of_people(asked), set())
        whose = f"{row.agency}, {row.organisation}"
        yield Chased("Return", "", item.pk, item.case.reference, whose, row.due_at, silence, risen)


def _actions(items: list[AgendaItem], leads: _Leads, now: dt.datetime) -> Iterable[Chased]:
    by_case = {item.case_id: item for item in items}
    for row in CareAction.objects.filter(case__in=list(by_case), state="open").select_related("team"):
        noun = noun_of(row)
        silence = actions.silence_on(noun, now)
        if silence is None or not silence.is_overdue:
            continue
        item = by_case[row.case_id]
        risen = _risen_to(
            silence, set(leads.of_team.get(row.team_id, ())), {row.made_by} | leads.of_people([row.made_by])
        )
        yield Chased("Action", row.words, item.pk, item.case.reference, row.team.name, noun.due_at, silence, risen)


def _risen_to(silence: Escalation, team_leads: set[str], asker_leads: set[str]) -> tuple[str, ...]:
    found = set(team_leads) if Owner.TEAM_LEAD in silence.owners else set()
    return tuple(sorted(found | (asker_leads if Owner.ASKER_LEAD in silence.owners else set())))
