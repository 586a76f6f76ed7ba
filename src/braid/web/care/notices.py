"""A notice of a move on its way out: drafted whole, put into the outbox, held there by the guard where it must be."""

from collections.abc import Collection, Iterable, Mapping
from dataclasses import dataclass
from uuid import UUID

from django.utils import timezone

from braid.care import moves as rules
from braid.care.notice_drafts import FUNCTIONS, DraftFacts, Paragraph, draft_notice, has_blanks, in_words
from braid.language.dates import london_date
from braid.language.schema import Sensitivity
from braid.language.steps import NotPossible
from braid.outbound import Draft, Text
from braid.trust.agreement_terms import GATEWAYS
from braid.web.access.joint import find_located, find_names, find_with_page
from braid.web.access.sight import Sight
from braid.web.care.kept import now_of_database
from braid.web.care.moves import keep_notice, move_noun, notice_noun, of_notice, record_move
from braid.web.flows import gateways_in_force
from braid.web.models import MoveNotice, Mover, OutboxMessage
from braid.web.outbound.disclosures import Grounds
from braid.web.outbound.outbox import queue_message
from braid.web.published import find_published_run, name_of_organisation

RECEIVERS = {
    "receiving_council": "council",
    "school": "school",
    "gp_practice": "",
    "health_visiting": "",
    "other_body": "",
}
"""Of which kind an organisation is that may receive a notice, by body; empty where any may."""


@dataclass(frozen=True)
class Sending:
    """What whoever sends a notice adds: to whom, by which channel, under which law, and what the draft leaves blank."""

    receiver: str
    channel: str
    grounds: Grounds
    function: str = ""
    address: str = ""


def send_notice(sight: Sight, case_id: UUID, notice_id: UUID, seen: int, sending: Sending) -> OutboxMessage:
    """Put a notice into the outbox, whole and without a blank. The guard decides whether it leaves.

    Where the district of anybody who moves may not be shown, they may be protected: the notice then declares that it
    tells of support, the guard holds it, and the information governance lead has a task. Raises `NotPossible`,
    `NotThere`, `VaultKeyNotAvailable`.
    """
    case, row, notice, movers = of_notice(sight, case_id, notice_id)
    noun, people = move_noun(row, movers), [one.person_id for one in movers]
    names = find_names(sight, people)
    after = rules.take_notice_step(notice_noun(notice), noun, "hand_over", now=now_of_database())
    if set(people) - find_with_page(sight, people):
        raise NotPossible("You do not see everybody who moves. Somebody who does hands the notice over")
    if sending.receiver not in receivers_by_body(sight, [notice.body])[notice.body]:
        raise NotPossible("Choose from the list who receives it")
    facts = DraftFacts(
        sender=name_of_organisation(sight.organisation),
        receiver=name_of_organisation(sending.receiver),
        applicant=applicant_of(movers, names),
        child=children_of(notice, movers, names),
        is_in_force=rules.is_in_force(notice.kind, london_date(sight.now)),
        basis=_basis(sending.grounds.gateway),
        reference=row.application,
        address=sending.address,
        function=FUNCTIONS.get(sending.function, ""),
    )
    draft = draft_notice(notice.kind, notice.body, noun, facts)
    if has_blanks(draft):
        raise NotPossible("Something is missing in the notice. Fill in what is marked, then hand it over")
    is_held = find_located(sight, people) != set(people)
    message = queue_message(
        sight.viewer, _as_message(sight, sending, draft, people, is_held), [("organisation", sending.receiver)],
        grounds=sending.grounds,
    )  # fmt: skip
    keep_notice(sight, notice, seen, after, message.pk)
    record_move(sight, case, people, "notice: hand_over", notice=notice.kind)
    return message


def _as_message(
    sight: Sight, sending: Sending, draft: tuple[Paragraph, ...], people: Collection[str], is_held: bool
) -> Draft:
    classes = {Sensitivity.NORMAL, Sensitivity.LOCATION}
    if is_held:
        classes.add(Sensitivity.EXISTENCE)
    title, *rest = draft
    return Draft(
        reference=sight.viewer.reference,
        channel=sending.channel,
        sent_by=sight.viewer.username,
        subjects=frozenset(people),
        pieces=(Text(in_words((title,)), in_words(tuple(rest)), frozenset(classes)),),
        written_at=timezone.now(),
    )


def receivers_by_body(sight: Sight, bodies: Collection[str]) -> dict[str, dict[str, tuple[str, ...]]]:
    """Return, for each body, the partners that may receive its notice by id, each with the laws that agreements name.

    A partner is reached at the one mailbox that the place names for it.
    """
    if not bodies:
        return {}
    run, named = find_published_run(), gateways_in_force(sight.viewer.purpose)
    kinds = run.kinds if run else {}
    return {
        body: {
            partner: tuple(sorted(laws))
            for partner, laws in sorted(named.items())
            if partner != sight.organisation and RECEIVERS.get(body, "") in ("", kinds.get(partner))
        }
        for body in bodies
    }


def applicant_of(movers: Collection[Mover], names: Mapping[str, str]) -> str:
    """Return the name of whoever applied, as far as it is shown: of 16 or 17 themself, or the first adult who moves."""
    found = [one for one in movers if one.is_applicant] or [one for one in movers if not one.school]
    return next((names[one.person_id] for one in found if one.person_id in names), "")


def children_of(notice: MoveNotice, movers: Iterable[Mover], names: Mapping[str, str]) -> str:
    """Return the name of the child whom a notice is about, or of every child of the move; empty if one is not shown."""
    about = [one.person_id for one in movers if one.school and notice.mover_id in (None, one.pk)]
    return ", ".join(names[one] for one in about) if all(one in names for one in about) else ""


def _basis(gateway: str) -> str:
    found = GATEWAYS.get(gateway)
    return found.law if found else ""
