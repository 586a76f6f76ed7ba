"""Every address of the API, asked by a token of every role for every purpose: as the table of all addresses has it.

The table tells what sessions get. A token gets the same where it reads; where it writes, what is not there for its
role is not there, and what its role may not is refused before anything is looked up.
"""

import json

import pytest
from machines import Machine, make_machine
from published_sample import REFERENCE
from sample_agreements import ORGANISATIONS
from test_web_access_matrix import NOBODYS, Cell, expectations

from braid.api.edge import asked_routes
from braid.trust.roles import PURPOSES, ROLES
from braid.web.accounts import create_api_token
from braid.web.models import ApiUse, Team
from drawn import IS_FULL

pytestmark = pytest.mark.django_db
IDS = {
    "problem_id": "school_from_ta",
    "board_id": "nowhere",
    "team_id": "team-test-analyst",
    "person_id": "f" * 32,
    "outcome_id": "attendance_90",
}
BODIES = {
    "answers": {"step": "accept"},
    "steps": {"step": "take_on"},
    "referrals": {"team": "nowhere", "service": "health", "urgency": "urgent"},
    "<slug:team_id>": {"capacity": "full"},
}
ONE_IN = 4
MATCH = '"1-aaaaaaaaaaaaaaaaaaaaaa"'


def callers_of(role: str, user_of) -> list[tuple[Machine, str]]:
    """A machine for each purpose of a role; a human's token where no machine may have the role."""
    if role == "ig_lead":
        return [(Machine(create_api_token(user_of(role)), 0, "test-ig_lead", ""), "")]
    found = []
    for purpose in sorted(ROLES[role].purposes) or [""]:
        name = f"{role}-{purpose or 'figures'}".replace("_", "-")
        found.append((make_machine(name, role=role, purpose=purpose), purpose))
    return found


def address_of(route: str) -> str:
    """Fill in an address with ids that nothing has."""
    path = "/" + route
    while "<" in path:
        start, end = path.index("<"), path.index(">")
        name = path[start + 1 : end].rpartition(":")[2]
        path = path[:start] + IDS.get(name, NOBODYS) + path[end + 1 :]
    return path


def asks_for_purpose(route: str, role: str) -> bool:
    """Whether the table has an address differ by purpose."""
    return Cell(f"/{route}", "GET", role) not in expectations()


def expected(route: str, method: str, role: str, purpose: str) -> int:
    """What the table says; of a write, what its role may ask for at all."""
    if method == "GET":
        whom = ("absent", "open") if "person_id" in route else ("-", "-")
        asked = "-" if not asks_for_purpose(route, role) else "own" if purpose else "none"
        return expectations()[Cell(f"/{route}", method, role, asked, *whom)]
    if not ROLES[role].sees_people:
        return 403
    return 409 if method == "PATCH" else 404


def ask(machine: Machine, route: str, method: str, **headers: str) -> int:
    ApiUse.objects.all().delete()
    sent = {"Idempotency_Key": "key-of-a-test", "If_Match": MATCH, **headers}
    if method == "GET":
        answer = machine.client.get(address_of(route), headers=machine.headers(**headers))
    else:
        body = json.dumps(BODIES[route.rpartition("/")[2]])
        call = getattr(machine.client, method.lower())
        answer = call(address_of(route), body, content_type="application/json", headers=machine.headers(**sent))
    return answer.status_code


def routes_for(turn: int) -> list[tuple[str, str]]:
    """Every address and method with `--full`; else one in four, another for each caller."""
    asked = [(route, method) for route, methods in sorted(asked_routes().items()) for method in sorted(methods)]
    return asked if IS_FULL else asked[turn % ONE_IN :: ONE_IN]


@pytest.mark.parametrize("role", ROLES)
def test_a_token_of_a_role_gets_what_the_table_says(role, published, user_of):
    Team.objects.create(pk="team-test-analyst", name="x", organisation=ORGANISATIONS["analyst"], services=["health"])
    for turn, (machine, purpose) in enumerate(callers_of(role, user_of), list(ROLES).index(role)):
        refused = False
        for route, method in routes_for(turn):
            asked = (role, purpose, method, route)
            more = {"X_Purpose": purpose} if purpose else {}
            assert ask(machine, route, method, **more) == expected(route, method, role, purpose), asked
            if ROLES[role].sees_people and asks_for_purpose(route, role) and (IS_FULL or not refused):
                other = next(one for one in (*PURPOSES, "curiosity") if one != purpose)
                assert ask(machine, route, method, X_Purpose=other) == 403, (asked, other)
                assert ask(machine, route, method, X_Reference="nothing") == 403, asked
                refused = True


def test_the_reference_is_one_that_can_be_checked(published):
    machine = make_machine()
    assert machine.get("/people").status_code == 200
    for wrong in ("", "x", "words of a reason", "ABC"):
        assert machine.get("/people", X_Reference=wrong).status_code == 403
    assert machine.get("/people", X_Reference=REFERENCE.lower()).status_code == 200
