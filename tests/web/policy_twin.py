"""What each protected table should show a human, worked out row by row in Python, never from SQL: from `decide()`, and
from the naive specification, which must agree with it.

A person is there for whoever may see one of their waits; every other table is a fact about a person, and a fact is seen
where the person is and where the item that it stands for is permitted. An item without a sensitivity of its own is
asked for at one that the role has.
"""

import datetime as dt
from collections import defaultdict
from collections.abc import Callable
from dataclasses import dataclass

from braid.trust.decide import Actor, Held, Outcome, Subject, decide, find_relation, knows_of_protection
from braid.trust.items import ITEMS, JOINED, waits_item
from braid.trust.roles import ROLES, Reach
from braid.web import models
from naive_decision import naive

RELATIONS = {
    Reach.PLACE: set(),
    Reach.COHORT: {"concerned"},
    Reach.HOUSEHOLD: {"concerned", "household"},
    Reach.CASE: set(),
}


@dataclass(frozen=True)
class Asked:
    """A human and a purpose, at an instant."""

    actor: Actor
    purpose: str
    now: dt.datetime


class Twin:
    """Every protected row, read once by the owner of the tables."""

    def __init__(self, subjects: dict[str, Subject]) -> None:
        self.subjects = subjects
        self.decided = 0
        self.rows = {table: list(model.objects.values()) for table, (model, _) in self.tables().items()}
        self.waits_of: dict[str, list[dict]] = defaultdict(list)
        for wait in self.rows["braid_personwait"]:
            self.waits_of[wait["person_id"]].append(wait)
        self.lived_with: dict[str, set[str]] = defaultdict(set)
        for person_id, other_id in models.Cohabitant.objects.values_list("person_id", "other_id"):
            self.lived_with[person_id].add(other_id)
        self.sealed = set(models.SealedPerson.objects.values_list("person_id", flat=True))

    @classmethod
    def tables(cls) -> dict[str, tuple[type, Callable]]:
        """Each protected table with its model, and the rule for one of its rows."""
        return {
            "braid_personwait": (models.PersonWait, cls.sees_wait),
            "braid_person": (models.Person, cls.sees_person),
            "braid_personidentity": (models.PersonIdentity, cls.sees_identity),
            "braid_persondistrict": (models.PersonDistrict, cls.sees_district),
            "braid_protection": (models.Protection, cls.sees_protection),
            "braid_reach": (models.Reach, cls.sees_reach),
            "braid_cohort": (models.Cohort, cls.sees_cohort),
            "braid_personrank": (models.PersonRank, cls.sees_rank),
            "braid_blocker": (models.Blocker, cls.sees_blocker),
            "braid_involvement": (models.Involvement, cls.sees_involvement),
            "braid_contact": (models.Contact, cls.sees_contact),
            "braid_homespell": (models.HomeSpell, cls.sees_spell),
            "braid_kinship": (models.Kinship, cls.sees_kinship),
            "braid_breakglass": (models.BreakGlass, cls.sees_grant),
            "braid_emergencyapproval": (models.EmergencyApproval, cls.sees_approval),
            "braid_exclusionentry": (models.ExclusionEntry, cls.sees_exclusion),
            "braid_restrictionentry": (models.RestrictionEntry, cls.sees_restriction),
        }

    def expected(self, table: str, asked: Asked) -> set:
        """The keys of the rows of a table that this human should see."""
        model, sees = self.tables()[table]
        key = model._meta.pk.attname
        self._seen: dict[str, bool] = {}
        return {row[key] for row in self.rows[table] if sees(self, row, asked)}

    def allows(self, person_id: str, item: str, provider: str, sensitivity: str, purpose: str, asked: Asked) -> bool:
        """Whether `decide()` allows an item of a person, which the naive specification must say too."""
        held, subject = Held(item, provider, sensitivity), self.subjects[person_id]
        outcome = decide(asked.actor, subject, held, purpose, asked.now).outcome
        assert outcome == naive(asked.actor, subject, held, purpose, asked.now), (asked.actor.role, item, purpose)
        self.decided += 1
        return outcome is Outcome.ALLOW

    def allows_item(self, person_id: str, item: str, provider: str, asked: Asked) -> bool:
        """The same of an item without a sensitivity of its own."""
        role = ROLES.get(asked.actor.role)
        return any(
            self.allows(person_id, item, provider, sensitivity, asked.purpose, asked)
            for sensitivity in (role.row_sensitivities if role else ())
        )

    def sees_wait(self, row: dict, asked: Asked) -> bool:
        item = waits_item(row["backlog"])
        return self.allows(row["person_id"], item, row["provider"], row["sensitivity"], asked.purpose, asked)

    def sees_person(self, row: dict, asked: Asked) -> bool:
        person_id = row["person_id"]
        if person_id not in self._seen:
            self._seen[person_id] = any(self.sees_wait(wait, asked) for wait in self.waits_of[person_id])
        return self._seen[person_id]

    def sees_identity(self, row: dict, asked: Asked) -> bool:
        return self.sees_person(row, asked) and self.allows_item(row["person_id"], "identity", JOINED, asked)

    def sees_district(self, row: dict, asked: Asked) -> bool:
        return self.sees_person(row, asked) and self.allows_item(row["person_id"], "district", JOINED, asked)

    def sees_protection(self, row: dict, asked: Asked) -> bool:
        return self.sees_person(row, asked) and knows_of_protection(ROLES[asked.actor.role])

    def sees_reach(self, row: dict, asked: Asked) -> bool:
        """Whom the role reaches, of those who are not kept away, where an agreement opens any waits at all."""
        role, subject = ROLES[asked.actor.role], self.subjects[row["person_id"]]
        name = asked.actor.username
        kept = self.is_kept(subject, name)
        opened = any(
            flow.receiver == asked.actor.organisation
            and flow.purpose == asked.purpose
            and flow.item in {waits_item(backlog) for backlog in role.backlogs}
            and flow.is_live(asked.now)
            for flow in asked.actor.sharings
        )
        is_reached = row["relation"] in RELATIONS[role.reach] and asked.purpose in role.purposes
        return asked.actor.is_active and opened and not kept and row["purpose"] == asked.purpose and is_reached

    def is_kept(self, subject: Subject, username: str) -> bool:
        """Whether a person is kept from a user, whatever permits: excluded, restricted to others, or sealed."""
        is_outside = subject.restricted_to is not None and username not in subject.restricted_to
        return subject.sealed or username in subject.excluded or is_outside

    def reaches_blockers(self, person_id: str, asked: Asked) -> bool:
        """Whether what problem statements say of a person is within reach for the purpose asked for."""
        role, subject = ROLES[asked.actor.role], self.subjects[person_id]
        return bool(find_relation(asked.actor, role, subject, asked.purpose, asked.now, ITEMS["blockers"]))

    def sees_cohort(self, row: dict, asked: Asked) -> bool:
        role = ROLES[asked.actor.role]
        return (
            self.sees_person(row, asked)
            and self.reaches_blockers(row["person_id"], asked)
            and any(
                self.allows(row["person_id"], "blockers", JOINED, sensitivity, row["problem"], asked)
                for sensitivity in role.row_sensitivities
            )
        )

    def sees_rank(self, row: dict, asked: Asked) -> bool:
        for_this = row["purpose"] == asked.purpose and self.sees_person(row, asked)
        return for_this and self.allows_item(row["person_id"], "priority", JOINED, asked)

    def sees_blocker(self, row: dict, asked: Asked) -> bool:
        by_id = {wait["wait_id"]: wait for wait in self.rows["braid_personwait"]}
        holder, whose = row["holder_wait_id"], self.subjects.get(row["holder_person_id"])
        return (
            self.reaches_blockers(row["person_id"], asked)
            and not (whose and self.is_kept(whose, asked.actor.username))
            and self.allows(row["person_id"], "blockers", JOINED, row["sensitivity"], row["problem"], asked)
            and self.sees_wait(by_id[row["held_wait_id"]], asked)
            and (holder is None or self.sees_wait(by_id[holder], asked))
        )

    def sees_involvement(self, row: dict, asked: Asked) -> bool:
        whom, what = row["person_id"], (row["provider"], row["sensitivity"], asked.purpose, asked)
        return self.sees_person(row, asked) and self.allows(whom, "involvements", *what)

    def sees_contact(self, row: dict, asked: Asked) -> bool:
        of = next(one for one in self.rows["braid_involvement"] if one["id"] == row["involvement_id"])
        seen = self.sees_involvement(of, asked)
        return seen and self.allows_item(of["person_id"], "contacts", row["provider"], asked)

    def sees_home_of(self, person_id: str, asked: Asked) -> bool:
        """Whether a person's household may be told: theirs to see, and kept from nobody who ever lived with them."""
        near = {person_id, *self.lived_with[person_id]}
        subjects = [self.subjects[one] for one in near if one in self.subjects]
        kept = near & self.sealed or any(self.is_kept(subject, asked.actor.username) for subject in subjects)
        seen = self.sees_person({"person_id": person_id}, asked)
        return not kept and seen and self.allows_item(person_id, "household", JOINED, asked)

    def sees_spell(self, row: dict, asked: Asked) -> bool:
        return all(self.sees_home_of(row[who], asked) for who in ("person_id", "other_id") if row[who])

    def sees_kinship(self, row: dict, asked: Asked) -> bool:
        role, who = ROLES[asked.actor.role], (row["person_id"], row["other_id"])
        opened = any(
            flow.receiver == asked.actor.organisation
            and flow.purpose == asked.purpose
            and flow.item == waits_item(row["backlog"])
            and flow.is_live(asked.now)
            for flow in asked.actor.sharings
        )
        spells = [one for one in self.rows["braid_homespell"] if (one["person_id"], one["other_id"]) == who]
        is_of_role = row["backlog"] in role.backlogs and row["sensitivity"] in role.row_sensitivities
        return opened and is_of_role and any(self.sees_spell(one, asked) for one in spells)

    def sees_grant(self, row: dict, asked: Asked) -> bool:
        return row["username"] == asked.actor.username or self._accounts(asked)

    def sees_approval(self, row: dict, asked: Asked) -> bool:
        return row["asked_by"] == asked.actor.username or self._accounts(asked)

    def sees_exclusion(self, row: dict, asked: Asked) -> bool:
        name = asked.actor.username
        return row["entered_by"] == name or (self._accounts(asked) and row["barred_username"] != name)

    def sees_restriction(self, row: dict, asked: Asked) -> bool:
        return self._accounts(asked)

    def _accounts(self, asked: Asked) -> bool:
        return asked.actor.is_active and ROLES[asked.actor.role].sees_audit
