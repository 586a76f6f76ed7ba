"""Who gives whom away, and who is kept from whom as a party to what leaves: the overlay's own spread, around a message.

Reads ids of families, households and merges, as the owner of the tables; no page may.
"""

import datetime as dt
from collections.abc import Collection, Iterable
from dataclasses import dataclass

from django.db.models import Q

from braid.trust.overlay import Exclusion, spread
from braid.web.models import Barred, ExclusionEntry, Home, PersonAlias, Tie, User
from braid.web.overlay.entries import in_force

HOPS = 6
"""Steps by which an entry's reach, and the reach of whoever is reached, are surely loaded: three each."""
STAFF_ONLY = frozenset({"staff_self", "staff_family", "staff_knows"})
"""Conflicts that bar one member of staff and say nothing against their organisation."""
_NO_TIME = dt.datetime(1, 1, 1, tzinfo=dt.UTC)
Pair = tuple[str, str]


@dataclass(frozen=True)
class Near:
    """The part of the overlay's world around some people."""

    people: frozenset[str]
    homes: dict[str, str]
    ties: frozenset[Pair]
    merges: frozenset[Pair]

    def reach(self, person_ids: Iterable[str]) -> frozenset[str]:
        """Return these people and whoever gives them away: household, family, the households of those, merged ids."""
        found: set[str] = set()
        for person_id in person_ids:
            probe = Exclusion(person_id, "relative", "", _NO_TIME, barred_user="probe")
            found |= {person for person, _ in spread([probe], self.homes, self.ties, self.merges).barred}
        return frozenset(found)


def load_near(person_ids: Collection[str]) -> Near:
    """Load what stands within `HOPS` steps of these people."""
    found, edge = set(person_ids), set(person_ids)
    homes: dict[str, str] = {}
    ties: set[Pair] = set()
    merges: set[Pair] = set()
    for _ in range(HOPS):
        mine = set(Home.objects.filter(person_id__in=edge).values_list("household_id", flat=True))
        homes |= dict(Home.objects.filter(household_id__in=mine).values_list("person_id", "household_id"))
        new_ties, new_merges = _pairs(Tie, edge), _pairs(PersonAlias, edge)
        ties |= new_ties
        merges |= new_merges
        members = {person for person, home in homes.items() if home in mine}
        edge = (members | {person for pair in new_ties | new_merges for person in pair}) - found
        if not edge:
            break
        found |= edge
    return Near(frozenset(found), homes, frozenset(ties), frozenset(merges))


def _pairs(model: type[Tie] | type[PersonAlias], people: Collection[str]) -> set[Pair]:
    rows = model.objects.filter(Q(person_id__in=people) | Q(other_id__in=people))
    return set(rows.values_list("person_id", "other_id"))


def excluded_subjects(parties: Collection[str]) -> set[str]:
    """Return the subjects from whom these persons are kept by an entry in force."""
    entries = in_force(ExclusionEntry).filter(barred_person_id__in=parties).exclude(subject_id="")
    return set(entries.values_list("subject_id", flat=True))


def load_kept_from(near: Near, opposed: Iterable[Pair]) -> dict[str, frozenset[str]]:
    """Return of each person around the message the parties who are kept from them, as the guard names parties.

    Entries of the overlay and pairs of a case both spread to household and family. A user who is barred bars the inbox
    of their organisation too, unless they only know the person.
    """
    entries = [
        Exclusion(
            entry.subject_id, entry.reason, entry.entered_by, entry.entered_at, barred_person=entry.barred_person_id
        )
        for entry in in_force(ExclusionEntry).filter(subject_id__in=near.people).exclude(barred_person_id="")
    ]
    entries += [Exclusion(one, "perpetrator", "", _NO_TIME, barred_person=other) for one, other in sorted(opposed)]
    pairs = set(spread(entries, near.homes, near.ties, near.merges).barred_parties)
    pairs |= {(person, alias) for person, party in pairs for alias in _ids_of(party, near)}
    pairs |= {
        (person, f"user:{name}")
        for person, name in Barred.objects.filter(person_id__in=near.people).values_list("person_id", "username")
    }
    pairs |= _inboxes(near)
    kept: dict[str, set[str]] = {}
    for person, party in pairs:
        kept.setdefault(person, set()).add(party)
    return {person: frozenset(parties) for person, parties in kept.items()}


def _ids_of(party: str, near: Near) -> set[str]:
    return {other for pair in near.merges if party in pair for other in pair}


def _inboxes(near: Near) -> set[Pair]:
    rows = in_force(ExclusionEntry).filter(subject_id__in=near.people).exclude(reason__in=STAFF_ONLY)
    barred = {(row.barred_username, row.subject_id) for row in rows.exclude(barred_username="")}
    users = User.objects.filter(username__in={name for name, _ in barred}).exclude(organisation="")
    places = dict(users.values_list("username", "organisation"))
    return {
        (person, f"organisation:{places[name]}")
        for name, subject in barred
        if name in places
        for person in near.reach([subject])
    }
