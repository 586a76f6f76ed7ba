"""People in every relationship to every user: published as a run, then barred, admitted and granted as rows.

Everybody waits in the same two backlogs, so that what differs between two people is their relationship alone. Once as
somebody whose location is published, once as somebody protected.
"""

import datetime as dt
import itertools
import uuid
from collections.abc import Iterable
from pathlib import Path

from django.utils import timezone
from sample_run import AS_OF, _cohort, _person, _wait, sample_tables, write_run, write_sample_place

from braid.store.lake import Run
from braid.store.place_folder import Place
from braid.trust.items import ITEMS
from braid.trust.roles import PURPOSES
from braid.web.models import (
    Admitted,
    Barred,
    BreakGlass,
    CaseMember,
    CaseSubject,
    EmergencyApproval,
    JointCase,
    Referral,
    Team,
    TeamMember,
    User,
)
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
        "case_member",
        "case_left",
        "referred",
        "referral_over",
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
            _work_jointly(user, now)
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


def _work_jointly(user: User, now: dt.datetime) -> None:
    """A joint case of each person that the user is in, or has left; a referral to a team of theirs, open or done."""
    slug = user.username.replace("_", "-")
    team = Team.objects.create(id=f"team-{slug}", name="A team", organisation=user.organisation, services=["health"])
    TeamMember.objects.create(team=team, username=user.username, is_lead=True)
    for person, purpose in itertools.product(PERSONS, PURPOSES):
        for relationship in ("case_member", "case_left"):
            case = JointCase.objects.create(
                reference=uuid.uuid4().hex[:20], case_type="complex_needs", purpose=purpose, opened_by="somebody else"
            )
            CaseSubject.objects.create(case=case, part="person", person_id=person_in(relationship, person))
            CaseMember.objects.create(
                case=case,
                username=user.username,
                organisation=user.organisation,
                agency="social_care",
                right="edit",
                sight="whole",
                left_at=now if relationship == "case_left" else None,
            )
        for relationship, state in (("referred", "pending"), ("referral_over", "done")):
            Referral.objects.create(
                reference=uuid.uuid4().hex[:20],
                purpose=purpose,
                person_id=person_in(relationship, person),
                service="health",
                team=team,
                urgency="standard",
                state=state,
                sent_by="somebody else",
                due_at=now,
            )


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
