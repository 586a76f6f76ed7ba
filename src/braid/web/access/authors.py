"""Whether whoever wrote a message may still write about its people: asked anew when the message leaves."""

from collections.abc import Collection, Iterable
from uuid import UUID

from braid.care.cases import Right
from braid.care.cases import Sight as SightOfCase
from braid.trust.decide import Outcome, may_receive_minutes
from braid.trust.roles import ROLES
from braid.trust.subject_rights import party_of_asker
from braid.web.access.context import asking_as
from braid.web.access.decisions import Decisions, decisions_on
from braid.web.access.projections import Viewer
from braid.web.access.sight import NotPermitted, Sight, looking, visible_waits
from braid.web.models import (
    AgendaItem,
    CaseMember,
    CaseSubject,
    Hidden,
    RightsItem,
    RightsRequest,
    ShareDecision,
    User,
)


def may_write_about(author: Viewer, person_ids: Collection[str]) -> bool:
    """Return whether the author sees each of these people now, for the purpose under which the message was written:
    those it is about, and those it goes to.

    False where the account is closed or has another role, the agreement is suspended or over, an exclusion came since,
    or an emergency's time is up. Shows nobody anything, so it leaves no look.
    """
    wanted = set(person_ids)
    try:
        with looking(author) as sight:
            decisions = decisions_on(sight, wanted)
            waits = decisions.permitted_waits(visible_waits(sight).filter(person__in=wanted))
            return wanted <= {wait.person_id for wait in waits}
    except NotPermitted:
        return False


def may_send_minutes(
    author: Viewer, item_id: UUID, message_id: UUID, person_ids: Collection[str], receivers: Iterable[str]
) -> bool:
    """Return whether the author may send the minutes of a case on an agenda to these organisations now.

    They chair the meeting, its minutes are agreed, they work on the whole case, and the decision lets them for
    everybody whom it is about; each receiver takes part, and it was decided for each person to share it with them.
    """
    try:
        with looking(author) as sight:
            item = AgendaItem.objects.filter(pk=item_id).select_related("meeting").first()
            if item is None or item.meeting.state != "agreed" or item.meeting.chair != author.username:
                return False
            members = CaseMember.objects.filter(case_id=item.case_id, left_at__isnull=True)
            return (
                members.filter(
                    username=author.username,
                    organisation=sight.organisation,
                    right=Right.EDIT,
                    sight=SightOfCase.WHOLE,
                ).exists()
                and _are_all_allowed(sight, item, person_ids)
                and _may_all_receive(message_id, person_ids, receivers, members.values_list("organisation", flat=True))
            )
    except NotPermitted:
        return False


def may_send_answer(
    author: Viewer, request_id: UUID, message_id: UUID, recipients: Collection[tuple[str, str]]
) -> bool:
    """Return whether this message may answer a request about somebody's data now.

    The second human who let it go still accounts for looks, nobody in it is kept from them since, and it goes to the
    one person whom the request names and to nobody else.
    """
    user = User.objects.filter(username=author.username, is_active=True).first()
    role = ROLES.get(user.role) if user else None
    row = RightsRequest.objects.filter(pk=request_id, message_id=message_id, state="leaving").first()
    if role is None or not role.sees_audit or row is None or row.second_by != author.username:
        return False
    party = party_of_asker(row.subject_id, row.asker, row.asker_person_id)
    if set(recipients) - {("person", party)}:
        return False
    people = {row.subject_id, party}
    for about in RightsItem.objects.filter(request=row).values_list("about", flat=True):
        people |= set(about)
    with asking_as(author.username, ""):
        return not Hidden.objects.filter(person_id__in=people).exists()


def _are_all_allowed(sight: Sight, item: AgendaItem, person_ids: Collection[str]) -> bool:
    """Whether these are all the people of the case, and each may be told of by who takes part in it."""
    about = CaseSubject.objects.filter(case_id=item.case_id, ended_at__isnull=True).exclude(person_id="")
    if not person_ids or set(about.values_list("person_id", flat=True)) != set(person_ids):
        return False
    decisions: Decisions = decisions_on(sight, person_ids)
    return all(decisions.on_minutes(person_id).outcome is Outcome.ALLOW for person_id in person_ids)


def _may_all_receive(
    message_id: UUID, person_ids: Iterable[str], receivers: Iterable[str], taking_part: Iterable[str]
) -> bool:
    shared = ShareDecision.objects.filter(message_id=message_id, outcome="shared").values_list("person_id", "receiver")
    known, there, wanted = set(shared), set(taking_part), list(receivers)
    return bool(wanted) and all(
        may_receive_minutes(receiver, there, {one for person, one in known if person == person_id})
        for receiver in wanted
        for person_id in person_ids
    )
