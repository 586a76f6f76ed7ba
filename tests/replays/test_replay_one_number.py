"""Replay: two people on one NHS number, each taken for the other (a confusion, as the registers call it).

What must happen here: what a human has parted is never joined again; the parting says who looked at the wrong record,
so that they can be told; and what kept somebody away from the one still keeps them away from both.
"""

import copy
import uuid

import pytest
from outbound_world import FATHER, OUTSIDER, TWIN

from braid.language.schema import Sensitivity
from braid.outbound import Text
from braid.people.model import Decisions, Edge, Facts
from braid.people.resolve import MUST_LINK_WEIGHT, resolve

pytestmark = pytest.mark.django_db
PLAIN = frozenset({Sensitivity.NORMAL})


def test_replay_what_was_parted_is_never_joined_by_the_number_again():
    """However strongly the one number ties the two, and also by way of a third record."""
    records = ["dee", "eve", "third"]
    facts = {record: Facts({"nhs": "9990000018"}) for record in records}
    edges = [Edge("dee", "eve", MUST_LINK_WEIGHT), Edge("dee", "third", 30.0), Edge("eve", "third", 29.0)]
    parted = Decisions(cannot_link=frozenset({("dee", "eve")}))
    groups = [set(group) for group in resolve(records, edges, facts, parted).groups]
    assert not any({"dee", "eve"} <= group for group in groups)
    assert any({"dee", "eve"} <= set(group) for group in resolve(records, edges, facts, Decisions()).groups), "else"


def test_replay_the_parting_says_who_looked_and_keeps_the_exclusions(post_office):
    """One record of two people is looked at; then it is parted. The lead gets the list, and he stays kept from both."""
    practitioner, lead = post_office.clients["practitioner"], post_office.clients["ig_lead"]
    assert practitioner.get(f"/people/{TWIN}/").status_code == 200
    post_office.exclude(TWIN, FATHER)
    _part(post_office)
    listed = lead.get(f"/audit/person/{TWIN}/").content.decode()
    assert "test-practitioner" in listed
    assert practitioner.get(f"/people/{OTHER}/").status_code == 200, "the other has a record of their own"
    post_office.make_safe(FATHER, ["4 Elm Terrace, Northmere, QB98 1AA"])
    for person in (TWIN, OTHER):
        waiting = post_office.queue("practitioner", [person], [FATHER], "letter", Text("", "Please come.", PLAIN))
        post_office.send()
        post_office.assert_refused(waiting, "excluded")
    post_office.queue("practitioner", [OUTSIDER], [FATHER], "letter", Text("", "Please come.", PLAIN))
    assert post_office.send() == {"sent": 1}, "of somebody else he may hear"


OTHER = uuid.uuid5(uuid.NAMESPACE_OID, "the other person on one number").hex


def _part(post_office) -> None:
    """The next run: the person of the wrong merge keeps the id, the other has a new one, and the history says so."""
    tables = post_office.world.tables
    for name in ("person", "person_wait", "cohort"):
        for row in [row for row in tables[name] if row["person_id"] == TWIN]:
            other = {**copy.deepcopy(row), "person_id": OTHER}
            if name == "person_wait":
                other["wait_id"] = uuid.uuid5(uuid.NAMESPACE_OID, row["wait_id"]).hex[:20]
            tables[name].append(other)
    tables["person_history"].append(
        {"person_id": OTHER, "change": "split", "other_person_id": TWIN, "cause": "identifier_conflict"}
    )
    post_office.publish()
