"""Organisations that joined a case after a return was given: what is shared with them, without sending all again."""

from collections.abc import Collection
from uuid import UUID

from django.db.models import QuerySet

from braid.care import meetings
from braid.language.steps import NotPossible
from braid.web.access.sight import NotThere, Sight
from braid.web.care import cases
from braid.web.care.kept import acting_of, case_type_of, record_step
from braid.web.care.meetings import get_item
from braid.web.care.shares import Grounds, Table, decide_shares, table_of
from braid.web.models import AgendaItem, ReturnLine, ShareDecision
from braid.web.written_once import written_once


def list_newcomers(sight: Sight, item: AgendaItem) -> tuple[str, ...]:
    """Return the organisations whose seat is shown a line of the viewer's seat, and for whom nothing is decided yet."""
    member = cases.noun_of(item.case).member(sight.viewer.username)
    lines = _lines(item, member.organisation, member.agency) if member else []
    if member is None or not lines:
        return ()
    undecided = _undecided(table_of(sight, item.case), lines, member.organisation)
    return tuple(sorted({receiver for receivers in undecided.values() for receiver in receivers}))


def share_with_newcomers(sight: Sight, item_id: UUID, wanted: Collection[str], grounds: Grounds) -> int:
    """Share the lines of one's seat with newcomers, as far as their seats are shown them; return how many decisions.

    Raises `NotPossible`, `NotThere`.
    """
    item = get_item(item_id)
    member = cases.cases.check_edits(acting_of(sight), cases.noun_of(item.case))
    if member.organisation != sight.organisation:
        raise NotThere
    meetings.check_asked(case_type_of(item.case.case_type), member.agency, item.meeting.state)
    table, lines = table_of(sight, item.case), _lines(item, member.organisation, member.agency)
    undecided = _undecided(table, lines, member.organisation)
    count = 0
    for line in lines:
        receivers = [one for one in undecided[line.pk] if one in wanted]
        decide_shares(sight, table, line, receivers, grounds, {})
        count += len(receivers)
    if not count:
        raise NotPossible("Choose from the list with whom it is shared. Everybody else was decided on")
    people = cases.people_of(item.case)
    record_step(sight, "return shared with newcomers", people, "case", case=item.case.reference, lines=count)
    return count


def _lines(item: AgendaItem, organisation: str, agency: str) -> list[ReturnLine]:
    return _standing_lines(item.pk, organisation, agency)


@written_once
def _standing_lines(item_id: UUID, organisation: str, agency: str) -> QuerySet[ReturnLine]:
    rows = ReturnLine.objects.filter(source__item_id=item_id, ended_at__isnull=True)
    return rows.filter(source__organisation=organisation, source__agency=agency).order_by("written_at", "pk")


def _undecided(table: Table, lines: Collection[ReturnLine], mine: str) -> dict[UUID, list[str]]:
    """Return for each line the organisations whose seat is shown it and that no decision on it names."""
    rows = ShareDecision.objects.filter(line_id__in=[line.pk for line in lines])
    decided = set(rows.values_list("line_id", "receiver"))
    return {
        line.pk: [one for one in table.receivers_of(line.question, line.part, mine) if (line.pk, one) not in decided]
        for line in lines
    }
