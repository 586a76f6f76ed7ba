"""Finding a person by name or something by its reference, among what the viewer may see.

Whoever is hidden is absent: the same statements are asked and the same words answered as for somebody who is not there.
A name is compared by its key with `=`, which the database may ask an index before the policies, and tells nothing of
rows that they leave out. Identifiers such as NHS numbers do not rest where pages are: nobody is found by one.
"""

import datetime as dt
import re
from collections.abc import Iterable
from dataclasses import dataclass

from django.db.models import Q

from braid.people.names import fold
from braid.web.access.joint import find_names, find_with_page
from braid.web.access.sight import Sight
from braid.web.models import CaseOffer, JointCase, Meeting, PersonIdentity, Referral

MOST_FOUND = 20
MOST_COMPARED = 400
"""People of one family name, or given name, that are ranked; of more of them somebody says more of the name."""
MOST_NAMES = 5
LONGEST_SEARCH = 100
REFERENCE = re.compile(r"(?:RF|JC|MT)-[2-9A-Z]{4}-[2-9A-Z]{2,4}")


@dataclass(frozen=True)
class PersonFound:
    """A person found: the id leads to their page, empty where that is not there for the viewer."""

    person_id: str
    name: str
    birth_date: dt.date | None


@dataclass(frozen=True)
class ReferenceFound:
    """Something found by its reference: the name of its address, its id, and what it is."""

    page: str
    id: object
    reference: str
    what: str


@dataclass(frozen=True)
class Found:
    """What was found, best first. `is_cut`: there may be more than are shown, so say more of the name."""

    people: tuple[PersonFound, ...]
    references: tuple[ReferenceFound, ...]
    is_cut: bool


def find(sight: Sight, words: str) -> Found:
    """Return what the viewer may see of what they search for, and record the look at each person found."""
    text = words.strip()[:LONGEST_SEARCH]
    references = _by_reference(text.upper())
    names = tuple(part for part in fold(text).split() if part)[:MOST_NAMES]
    ranked, is_cut = _by_name(() if REFERENCE.fullmatch(text.upper()) else names)
    shown = ranked[:MOST_FOUND]
    allowed = find_names(sight, [row.pk for row in shown])
    with_page = find_with_page(sight, allowed)
    people = tuple(
        PersonFound(row.pk if row.pk in with_page else "", allowed[row.pk], row.birth_date)
        for row in shown
        if row.pk in allowed
    )
    return Found(people, references, is_cut or len(ranked) > MOST_FOUND)


def _by_reference(text: str) -> tuple[ReferenceFound, ...]:
    """Return what has this reference, as far as the policies show it: always by the same statements."""
    found = [ReferenceFound("referral", row.pk, text, "Referral") for row in Referral.objects.filter(reference=text)]
    found += [ReferenceFound("case", row.pk, text, "Joint case") for row in JointCase.objects.filter(reference=text)]
    found += [
        ReferenceFound("offer", row.pk, text, "Offer of a joint case")
        for row in CaseOffer.objects.filter(case_reference=text, state="offered")
    ]
    found += [ReferenceFound("meeting", row.pk, text, "Meeting") for row in Meeting.objects.filter(reference=text)]
    return tuple(found)


def _by_name(names: tuple[str, ...]) -> tuple[list[PersonIdentity], bool]:
    """Return the people whose names fit, best first, and whether there may be more: one statement for any name."""
    rows = list(PersonIdentity.objects.filter(_condition(names)).order_by("pk")[: MOST_COMPARED + 1])
    fitting = [(rank, row) for row in rows if (rank := rank_of(names, row.given_key, row.family_key)) is not None]
    fitting.sort(key=lambda one: (one[0], one[1].family_name, one[1].given_name, one[1].pk))
    return [row for _, row in fitting], len(rows) > MOST_COMPARED


def _condition(names: tuple[str, ...]) -> Q:
    families, givens = _keys(names)
    return Q(family_key__in=sorted(families)) | Q(given_key__in=sorted(givens))


def _keys(names: tuple[str, ...]) -> tuple[set[str], set[str]]:
    """Return the family names that may be meant, with or without the others before or after; one name may be either."""
    if not names:
        return set(), set()
    whole = "".join(names)
    after = {"".join(names[at:]) for at in range(len(names))}
    before = {"".join(names[: at + 1]) for at in range(len(names))}
    return after | before | {whole}, {whole}


def rank_of(names: Iterable[str], given: str, family: str) -> int | None:
    """Return how well what was typed fits somebody, 0 best; `None` where it does not.

    Given name before family name or after it; a given name may be cut short, as people do.
    """
    listed = list(names)
    if not listed or not (given or family):
        return None
    whole = "".join(listed)
    if whole in (given + family, family + given):
        return 0
    if whole == family:
        return 1
    for at in range(1, len(listed)):
        first, last = "".join(listed[:at]), "".join(listed[at:])
        if (last == family and given.startswith(first)) or (first == family and given.startswith(last)):
            return 2
    return 3 if whole == given else None
