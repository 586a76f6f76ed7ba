"""Gathering what is held of somebody who asks: from the run that is published, and from every table, as their owner.

Each line is searched as a message is that leaves: for where protected persons are, and for names of whoever has support
that is a secret. What is found is locked, and its words are not kept. Names of others around the person are pointed out
for a human to weigh.
"""

import dataclasses
from collections.abc import Iterable, Mapping
from dataclasses import dataclass

from django.db import transaction

from braid.language.schema import Sensitivity
from braid.store.lake import Lake
from braid.store.place_folder import Place
from braid.store.vault_keys import KeyRing
from braid.trust.guard import Facts
from braid.trust.locations import FullName, Token, find_names, find_tokens, unfold
from braid.trust.subject_rights import Line, party_of_asker
from braid.trust.subject_rights_terms import ACCESS, LOCATION, OF_ANOTHER, SELF, SUPPORT
from braid.web.models import RightsItem, RightsRequest, SealedPerson
from braid.web.outbound.facts import gather
from braid.web.outbound.readings import Reader, Reading
from braid.web.outbound.run_contacts import RunContacts
from braid.web.published import find_published_run, hold_published_set
from braid.web.rights.lake_items import Found, find_in_lake, read_standing
from braid.web.rights.letters import LETTER
from braid.web.rights.place_items import find_in_place
from braid.web.rights.sealed_lines import seal_lines
from braid.web.vault.keys import get_key_ring


class NotReady(Exception):
    """Nothing can be gathered now: no run is published, or the vault does not answer. It is tried again."""


@dataclass(frozen=True)
class Search:
    """What each line is searched for."""

    tokens: tuple[Token, ...]
    secret: Mapping[str, frozenset[FullName]]
    others: Mapping[str, frozenset[FullName]]

    def look_through(self, line: Line) -> Line:
        """Return the line; locked and without its words where it tells what nobody may tell."""
        if line.locked or not line.words:
            return line
        unfolded = unfold(line.words)
        if find_tokens(unfolded, self.tokens):
            return Line(line.label, "", Sensitivity.LOCATION.value, LOCATION)
        if find_names(unfolded, self.secret):
            return Line(line.label, "", Sensitivity.EXISTENCE.value, SUPPORT)
        return dataclasses.replace(line, hint=OF_ANOTHER) if find_names(unfolded, self.others) else line


@transaction.atomic
def gather_request(place: Place, row: RightsRequest) -> int:
    """Gather what is held for a request that waits, in the place of what was gathered before; return how many items.

    Raises `NotReady`, `VaultKeyNotAvailable`, `VaultSealBroken`; the request then waits on.
    """
    hold_published_set()
    published = find_published_run()
    if published is None:
        raise NotReady("no run is published")
    run, ring = Lake(place.lake_folder).run(published.run_id), get_key_ring()
    standing = read_standing(run, row.subject_id, asks_themselves=row.asker == SELF)
    sealed = set(SealedPerson.objects.values_list("person_id", flat=True))
    found: list[Found] = []
    if row.subject_id not in sealed:
        found = list(find_in_lake(run, row.subject_id, standing, sealed)) if standing else []
        found += _without(find_in_place(ring, row.subject_id), sealed)
    search = _search(row, RunContacts(run), {one for each in found for one in each.about})
    RightsItem.objects.filter(request=row).exclude(kind=LETTER).delete()
    for position, one in enumerate(found, 1):
        _keep(ring, row, position, one, _lines(row, standing is not None and standing.is_protected, one, search))
    RightsRequest.objects.filter(pk=row.pk, state="waiting").update(
        state=ACCESS.after("waiting", "gather"), held_because=""
    )
    return len(found)


def _without(found: Iterable[Found], sealed: set[str]) -> list[Found]:
    return [dataclasses.replace(one, about=one.about - sealed) for one in found]


def _lines(row: RightsRequest, is_protected: bool, found: Found, search: Search) -> tuple[Line, ...]:
    """Return the lines of an item as they are kept. What tells of support is open to the person supported alone."""
    is_theirs = is_protected and row.asker == SELF
    existence = Sensitivity.EXISTENCE.value
    lines = (
        Line("Not said", "", existence, SUPPORT) if one.sensitivity == existence and not is_theirs else one
        for one in found.lines
    )
    return tuple(search.look_through(one) for one in lines)


def _search(row: RightsRequest, run: RunContacts, about: set[str]) -> Search:
    party = party_of_asker(row.subject_id, row.asker, row.asker_person_id)
    subjects = tuple(sorted({row.subject_id, *about}))
    leaving = Reading(subjects, "bundle", row.handled_by, row.reference, "")
    known = gather(leaving, [Reader(1, party, "person")], run, {})
    facts: Facts = known.facts
    if not facts.vault_answered:
        raise NotReady("the vault does not answer")
    around = (run.related({row.subject_id}) | about) - {row.subject_id, party}
    secret = {person: names for person, names in facts.supported_names.items() if person not in (row.subject_id, party)}
    return Search(known.tokens, secret, run.names(around))


def _keep(ring: KeyRing, row: RightsRequest, position: int, found: Found, lines: tuple[Line, ...]) -> None:
    item = RightsItem(
        request=row,
        position=position,
        kind=found.kind,
        title=found.title,
        source=found.source,
        held_on=found.held_on,
        about=sorted(found.about - {row.subject_id}),
        line_count=len(lines),
        locked_count=sum(bool(line.locked) for line in lines),
    )
    for column, value in seal_lines(ring, item.pk, lines).items():
        setattr(item, column, value)
    item.save(force_insert=True)
