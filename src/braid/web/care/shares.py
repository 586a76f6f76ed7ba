"""Decisions to share a line of a return with an organisation, or not: under which law, why, about whom, by whom."""

from collections.abc import Iterable, Mapping
from dataclasses import dataclass
from uuid import UUID

from braid.care.case_types import CaseType
from braid.language.schema import Sensitivity
from braid.language.steps import NotPossible
from braid.trust.agreement_terms import GATEWAYS
from braid.trust.disclosure_decisions import DETRIMENTS, SHARED, WITHHELD, DecisionInvalid, check_decision
from braid.trust.disclosure_decisions import ShareDecision as ShareNoun
from braid.web.access.sight import Sight
from braid.web.care.kept import case_type_of, record_step
from braid.web.flows import gateways_in_force
from braid.web.models import CaseSubject, JointCase, ReturnLine, ShareDecision
from braid.web.owner_functions import ask_rows

CLASSES: Mapping[str, frozenset[Sensitivity]] = {
    "normal": frozenset({Sensitivity.NORMAL, Sensitivity.EXISTENCE}),
    "special": frozenset({Sensitivity.SPECIAL, Sensitivity.EXISTENCE}),
    "criminal": frozenset({Sensitivity.SPECIAL, Sensitivity.EXISTENCE}),
    "safe_address": frozenset({Sensitivity.SPECIAL, Sensitivity.EXISTENCE}),
}
"""What a line holds, by the sensitivity of its question. That there is a joint case is told by every line."""


@dataclass(frozen=True)
class Grounds:
    """Why lines of a return are shared: law, necessity, and what came of weighing the detriment to a child."""

    gateway: str
    necessity: str
    weighing: str = ""


@dataclass(frozen=True)
class Table:
    """A case at whose table a line is shared: who sits in which seat, and under which laws each may receive it.

    `seats` are ids of organisations with their agencies. `laws` are the codes that an agreement in force names for an
    organisation and its kind of case permits, each with the ids of those agreements.
    """

    row: JointCase
    case_type: CaseType
    seats: Mapping[str, frozenset[str]]
    laws: Mapping[str, Mapping[str, tuple[str, ...]]]

    def receivers_of(self, question: str, part: str, source: str) -> list[str]:
        """Return the organisations beside the source whose seat is shown answers to a question about a part."""
        return sorted(
            organisation
            for organisation, seats in self.seats.items()
            if organisation != source and any(self.case_type.may_see(seat, question, part) for seat in seats)
        )

    def all_laws(self, receivers: Iterable[str]) -> list[str]:
        """Return the laws under which any of these organisations may receive something, in the order of the kind."""
        named = {law for one in receivers for law in self.laws.get(one, {})}
        return [law for law in self.case_type.gateways if law in named]


def table_of(sight: Sight, row: JointCase) -> Table:
    """Return the table of a case that the viewer takes part in."""
    kind, seats = case_type_of(row.case_type), seats_of(row)
    named = gateways_in_force(sight.viewer.purpose)
    laws = {
        organisation: {law: ids for law, ids in named.get(organisation, {}).items() if law in kind.gateways}
        for organisation in seats
    }
    return Table(row, kind, seats, laws)


def seats_of(row: JointCase) -> dict[str, frozenset[str]]:
    """Return which organisations fill which seats of a case, also for whoever finds no other member by name."""
    found: dict[str, set[str]] = {}
    for organisation, agency in ask_rows("braid_at_table", ("organisation", "agency"), row.pk):
        found.setdefault(organisation, set()).add(agency)
    return {organisation: frozenset(seats) for organisation, seats in found.items()}


def withheld_of(line_ids: Iterable[UUID]) -> list[tuple[UUID, str, str]]:
    """Return from whom lines of the viewer's own seat are withheld, and why: line, organisation, code of the reason."""
    rows = ShareDecision.objects.filter(line_id__in=list(line_ids), outcome=WITHHELD).order_by("decided_at", "pk")
    found = rows.values_list("line_id", "receiver", "reason", "detriment")
    return [(line_id, receiver, reason or detriment) for line_id, receiver, reason, detriment in found if line_id]


def check_law(case_type: CaseType, gateway: str) -> None:
    """Raise `NotPossible` for a law under which nothing of this kind of case is shared."""
    if gateway in GATEWAYS and gateway not in case_type.gateways:
        named = " or ".join(GATEWAYS[code].law for code in case_type.gateways)
        raise NotPossible(f"This kind of case is shared under {named}. Choose one of these")


def decide_shares(
    sight: Sight,
    table: Table,
    line: ReturnLine,
    receivers: Iterable[str],
    grounds: Grounds,
    withheld_from: Mapping[str, str],
) -> None:
    """Keep the decision on a line for each of the organisations. Raises `NotPossible`.

    `withheld_from` gives why it is withheld, a code of `REFUSALS` or `DETRIMENTS`; what is not in it is shared. It is
    decided about each person of the line's part. Where nobody of that part has an id, as of somebody apart, it is
    decided about those whom the case is about, and says so.
    """
    check_law(table.case_type, grounds.gateway)
    people, about = _whom(table.row, line.part)
    for receiver in receivers:
        for person_id in people:
            _decide(sight, table, line, receiver, person_id, about, grounds, withheld_from.get(receiver, ""))


def _whom(row: JointCase, part: str) -> tuple[list[str], str]:
    rows = CaseSubject.objects.filter(case=row, ended_at__isnull=True).exclude(person_id="").order_by("pk")
    known = list(rows.values_list("part", "person_id"))
    of_part = [person_id for of, person_id in known if of == part]
    if not known:
        raise NotPossible("The case is about nobody any more. Ask its lead professional")
    return (of_part, "") if of_part else ([person_id for _, person_id in known], part)


def _decide(
    sight: Sight,
    table: Table,
    line: ReturnLine,
    receiver: str,
    person_id: str,
    about: str,
    grounds: Grounds,
    because: str,
) -> None:
    laws = table.laws.get(receiver, {})
    is_detriment = because in DETRIMENTS
    # A law that does not reach the receiver is named by no refusal: there, that none does may be the reason.
    gateway = grounds.gateway if not because or grounds.gateway in laws else ""
    noun = ShareNoun(
        outcome=WITHHELD if because else SHARED,
        gateway=gateway,
        reason=("" if is_detriment else because) if because else grounds.necessity,
        detriment=(because if is_detriment else "") if because else grounds.weighing,
        decider=sight.viewer.username,
        reference=table.row.reference,
        person_id=person_id,
        receiver=receiver,
        item_classes=CLASSES.get(line.sensitivity, CLASSES["special"]),
    )
    try:
        check_decision(noun, laws)
    except DecisionInvalid as refusal:
        raise NotPossible(str(refusal)) from None
    ShareDecision.objects.append_one(
        ShareDecision(
            outcome=noun.outcome,
            gateway=noun.gateway,
            reason=noun.reason,
            detriment=noun.detriment,
            decided_by=noun.decider,
            role=sight.viewer.role,
            purpose=sight.viewer.purpose,
            reference=noun.reference,
            person_id=person_id,
            receiver=receiver,
            item_classes=" ".join(sorted(noun.item_classes)),
            agreement_ids=" ".join(sorted(laws.get(noun.gateway, ()))),
            line_id=line.pk,
            about=about,
        )
    )
    record_step(
        sight,
        "line of a return",
        [person_id],
        "case",
        kind="disclosure",
        outcome=noun.outcome,
        receiver=receiver,
        gateway=noun.gateway,
        reason=noun.reason or noun.detriment,
        **({"about": about} if about else {}),
    )
