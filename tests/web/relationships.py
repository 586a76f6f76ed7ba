"""People in every relationship to every user: published as a run, then barred, admitted and granted as rows.

Everybody waits in the same two backlogs, so that what differs between two people is their relationship alone. Once as
somebody whose location is published, once as somebody protected.
"""

import datetime as dt
import uuid
from collections.abc import Iterable
from pathlib import Path

from django.utils import timezone
from sample_run import AS_OF, _cohort, _person, _wait, sample_tables, write_run, write_sample_place

from braid.store.lake import Run
from braid.store.place_folder import Place
from braid.trust.items import ITEMS
from braid.trust.roles import PURPOSES
from braid.web.models import Admitted, Barred, BreakGlass, EmergencyApproval, User
from braid.web.watch import known_asker

ABSENT = "absent"
CONCERNED = {"concerned", "excluded", "excluded_break_glass", "restricted_in", "restricted_out"}
RELATIONSHIPS = (
    *(
        "none",
        "household",
        "break_glass",
        "break_glass_over",
        "break_glass_of_another",
        "admitted_without_relationship",
    ),
    *sorted(CONCERNED),
)
PERSONS = ("open", "protected")


def person_in(relationship: str, person: str = "open") -> str:
    """Return the id of who stands in this relationship; of `absent`, an id that nobody has."""
    return uuid.uuid5(uuid.NAMESPACE_OID, f"{person} person in relationship {relationship}").hex


def write_relationships(folder: Path) -> tuple[Place, Run]:
    """Write the sample place and a run with somebody in each relationship."""
    place, _ = write_sample_place(folder, 4)
    tables = sample_tables(4)
    for relationship in RELATIONSHIPS:
        for person in PERSONS:
            identity, home = person_in(relationship, person), f"home of {relationship} {person}"
            born = dt.date(2013, 4, 5)
            protected = person == "protected"
            _person(tables, identity, "Gil", "Example", born, "E08990001", protected=protected, household=home)
            _wait(tables, identity, "register", 70)
            _wait(tables, identity, "care_proceedings", 90)
            concerned = identity
            if relationship == "household":
                concerned = person_in("who lives with them", person)
                _person(tables, concerned, "Hal", "Example", born, "E08990001", household=home)
                _wait(tables, concerned, "register", 71)
            if relationship in CONCERNED or relationship == "household":
                for purpose in PURPOSES:
                    _cohort(tables, concerned, purpose)
    return place, write_run(place, f"{AS_OF}-relationships", tables)


def relate(users: Iterable[User]) -> None:
    """Bar, admit and grant, for each user and purpose, as the relationships say."""
    now = timezone.now()
    with known_asker():
        for user in users:
            name = user.username
            for person in PERSONS:
                for relationship in ("excluded", "excluded_break_glass"):
                    Barred.objects.create(person_id=person_in(relationship, person), username=name)
                for relationship in ("restricted_in", "admitted_without_relationship"):
                    Admitted.objects.create(person_id=person_in(relationship, person), username=name)
                for purpose in PURPOSES:
                    for relationship in ("break_glass", "excluded_break_glass"):
                        _grant(name, purpose, person_in(relationship, person), now)
                    _grant(name, purpose, person_in("break_glass_over", person), now - dt.timedelta(hours=5))
        for person in PERSONS:
            Admitted.objects.create(person_id=person_in("restricted_out", person), username="somebody else")
            for purpose in PURPOSES:
                _grant("somebody else", purpose, person_in("break_glass_of_another", person), now)


def _grant(username: str, purpose: str, person_id: str, start: dt.datetime) -> None:
    grant = BreakGlass.objects.create(
        username=username,
        organisation="",
        role="",
        person_id=person_id,
        purpose=purpose,
        reason="immediate_danger",
        reference="INC-1",
        colleague="another",
        items=[code for code in ITEMS if not code.startswith("waits.")],
        live_from=start,
        live_to=start + dt.timedelta(hours=4),
        review_due_at=start + dt.timedelta(days=3),
    )
    EmergencyApproval.objects.create(break_glass=grant, asked_by=username, approved_by="a second")
