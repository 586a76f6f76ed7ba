"""`decide()` over what the database let through: it has the last word on every row before it is shown.

The filter of the query and the policies beneath it say the same, faster; where they let a row through that the decision
denies, the row is not shown and the log says so, in codes. Facts about everybody on a page are read in one query.
"""

import logging
from collections import defaultdict
from collections.abc import Collection, Iterable, Mapping
from dataclasses import dataclass, replace
from typing import Any, TypeVar

from django.db.models import QuerySet

from braid.trust.decide import Decision, Grant, Held, Outcome, Subject, decide, decide_minutes, find_relation
from braid.trust.items import ITEMS, JOINED, waits_item
from braid.web.access.sight import Sight
from braid.web.models import Blocker, Fact, FrozenRank, Involvement, PersonRank, PersonWait
from braid.web.written_once import written_once

log = logging.getLogger(__name__)

Ranked = TypeVar("Ranked", PersonRank, FrozenRank)


@dataclass(frozen=True)
class Decisions:
    """The decisions of one answer: the viewer, and what is known of each person on it, by person id."""

    sight: Sight
    subjects: Mapping[str, Subject]

    def on(self, person_id: str, item: str, provider: str, sensitivity: str, purpose: str = "") -> Decision:
        """Return the decision on an item of a person as `provider` holds it; for the viewer's purpose if none is named.

        An item of the joined record has no sensitivity of its own: it takes that of a row through which the person is
        there for the viewer.
        """
        subject, asked = self.subjects[person_id], purpose or self.sight.viewer.purpose
        if asked != self.sight.viewer.purpose:
            # What another problem statement says of somebody is theirs to see who reaches them for this one.
            if not self.relation_to(person_id, item):
                return Decision(Outcome.DENY, "no_relationship")
            subject = replace(subject, concerned=subject.concerned | {asked})
        actor = self.sight.actor_for(asked, provider, item)
        return decide(actor, subject, Held(item, provider, sensitivity), asked, self.sight.now)

    def on_minutes(self, person_id: str) -> Decision:
        """Return the decision on sending what a meeting decided about a person."""
        sight = self.sight
        actor = sight.actor_for(sight.viewer.purpose, JOINED, "joint_case")
        held = Held("joint_case", JOINED, min(sight.sensitivities))
        return decide_minutes(actor, self.subjects[person_id], held, sight.viewer.purpose, sight.now)

    def permitted_waits(self, waits: Iterable[PersonWait]) -> list[PersonWait]:
        """Return the waits that the decision allows, in the order given."""
        return [wait for wait in waits if self._allows(wait, waits_item(wait.backlog), wait.provider)]

    def permitted_involvements(self, rows: Iterable[Involvement]) -> list[Involvement]:
        """Return the involvements that the decision allows, in the order given."""
        return [row for row in rows if self._allows(row, "involvements", row.provider)]

    def permitted_blockers(self, rows: Iterable[Blocker]) -> list[Blocker]:
        """Return the blockers that the decision allows for the problem statement that each belongs to."""
        return [row for row in rows if self._allows(row, "blockers", JOINED, row.problem)]

    def permitted_ranks(self, rows: Iterable[Ranked], sensitivities: Mapping[str, str]) -> list[Ranked]:
        """Return the ranks that the decision allows, of now or of when something was decided.

        `sensitivities` gives each person id the sensitivity of a row through which they are there for the viewer.
        """
        permitted = []
        for row in rows:
            decision = self.on(row.person_id, "priority", JOINED, sensitivities[row.person_id])
            if decision.outcome is Outcome.ALLOW:
                permitted.append(row)
            elif decision.reason != "not_in_grant":
                log.error("A row of priority that the database let through was denied: %s.", decision.reason)
        return permitted

    def relation_to(self, person_id: str, item: str = "") -> str:
        """Return the relationship under which the viewer reaches a person, or this item of theirs; nothing if none."""
        sight, subject = self.sight, self.subjects[person_id]
        actor = sight.actor_for(sight.viewer.purpose, JOINED, "")
        return find_relation(actor, sight.role, subject, sight.viewer.purpose, sight.now, ITEMS.get(item)) or ""

    def _allows(self, row: PersonWait | Involvement | Blocker, item: str, provider: str, purpose: str = "") -> bool:
        decision = self.on(row.person_id, item, provider, row.sensitivity, purpose)
        if decision.outcome is Outcome.ALLOW:
            return True
        log.error("A row of %s that the database let through was denied: %s.", item, decision.reason)
        return False


def decisions_on(sight: Sight, person_ids: Collection[str]) -> Decisions:
    """Return the decisions about these people, with the facts as they stand in the viewer's transaction.

    Who is excluded and who alone is admitted comes as the database's answer for whoever asks: hidden, or not. The
    sealed are among the hidden, and said apart.
    """
    username = sight.viewer.username
    facts: dict[str, dict[str, list[Any]]] = {person_id: defaultdict(list) for person_id in person_ids}
    for person_id, fact, purpose, live_from, live_to, items, approved in _facts(person_ids):
        grant = Grant(username, purpose, live_from, live_to, frozenset(items or ()), approved)
        facts[person_id][fact].append(grant if fact == "grant" else purpose)
    subjects = {
        person_id: Subject(
            person_id,
            protected="protected" in known,
            sealed="sealed" in known,
            excluded=frozenset({username} if "hidden" in known and "sealed" not in known else ()),
            concerned=frozenset(known["concerned"]),
            at_home=frozenset(known["household"]),
            in_case=frozenset(known["case"]),
            referred=frozenset(known["referral"]),
            grants=tuple(known["grant"]),
        )
        for person_id, known in facts.items()
    }
    return Decisions(sight, subjects)


def _facts(person_ids: Collection[str]) -> list[tuple[Any, ...]]:
    """Return (person, fact, purpose, from, to, items, approved) of these people."""
    return _facts_of(list(person_ids))


@written_once
def _facts_of(people: list[str]) -> QuerySet[Fact, Any]:
    names = ("person_id", "fact", "purpose", "live_from", "live_to", "items", "approved")
    return Fact.objects.filter(person_id__among=people).values_list(*names)
