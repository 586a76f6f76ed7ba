"""Machines that call the API: a system with a token, in a team that has joint work, and how it sends."""

import itertools
import json
from dataclasses import dataclass, field

from django.test import Client
from published_sample import REFERENCE
from sample_agreements import ORGANISATIONS

from braid.web.acting import Actor
from braid.web.models import ApiToken, Team, TeamMember, User
from braid.web.systems.tokens import Wanted, make_token
from braid.web.watch import known_asker

LEAD = Actor("test-ig_lead", ORGANISATIONS["ig_lead"], "ig_lead", REFERENCE, "token new")
SCHOOL = "school_from_ta"
_KEYS = itertools.count(1)


@dataclass
class Machine:
    """A program with a token. Answers come from the whole of Django, as a browser's do."""

    token: str
    token_id: int
    username: str
    purpose: str = SCHOOL
    client: Client = field(default_factory=Client)

    def headers(self, **more: str) -> dict[str, str]:
        """Return what it sends with each request; underscores stand for hyphens."""
        usual = {"Authorization": f"Bearer {self.token}", "X-Reference": REFERENCE}
        return {**usual, **{name.replace("_", "-"): value for name, value in more.items()}}

    def get(self, path: str, **headers: str):
        """Read an address below /api/v1."""
        return self.client.get(f"/api/v1{path}", headers=self.headers(**headers))

    def send(self, path: str, said: object, method: str = "post", **headers: str):
        """Write to an address, under a new key and for what stands there now unless told otherwise."""
        given = {"Idempotency_Key": f"key-{next(_KEYS):08d}", **headers}
        body = said if isinstance(said, (str, bytes)) else json.dumps(said)
        sent = {"data": body, "content_type": "application/json", "headers": self.headers(**given)}
        return getattr(self.client, method)(f"/api/v1{path}", **sent)

    def tag(self, path: str) -> str:
        """Return the tag of what stands at an address now."""
        return self.get(path)["ETag"]


def make_machine(
    name: str = "northmere-housing", role: str = "practitioner", purpose: str = SCHOOL, **more: object
) -> Machine:
    """Return a machine of the organisation of a role, bound to the sample's agreement of its purpose."""
    wanted = Wanted(
        name=name,
        organisation=str(more.pop("organisation", ORGANISATIONS[role])),
        role=role,
        purpose=purpose,
        agreement_id=str(more.pop("agreement_id", f"sample-{purpose}" if purpose else "")),
        **more,
    )
    token, token_id = make_token(LEAD, wanted)
    return Machine(token, token_id, f"system-{name}", purpose)


def put_in_team(machine: Machine, team_id: str = "northmere-homes", services: tuple[str, ...] = ("health",)) -> Team:
    """Put the machine into a team of its organisation that a human leads."""
    with known_asker():
        user = User.objects.get(username=machine.username)
        values = {"name": team_id, "organisation": user.organisation, "services": list(services)}
        team = Team.objects.get_or_create(pk=team_id, defaults=values)[0]
        for username, is_lead in ((machine.username, False), ("test-practitioner", True)):
            TeamMember.objects.get_or_create(team=team, username=username, defaults={"is_lead": is_lead})
    return team


def put_team_elsewhere(team_id: str = "vale-clinic", services: tuple[str, ...] = ("health",)) -> Team:
    """Put a team of another organisation, of humans alone."""
    with known_asker():
        values = {"name": team_id, "organisation": ORGANISATIONS["partner"], "services": list(services)}
        team = Team.objects.get_or_create(pk=team_id, defaults=values)[0]
        TeamMember.objects.get_or_create(team=team, username="test-partner", defaults={"is_lead": True})
    return team


def row_of(machine: Machine) -> ApiToken:
    """Return the row of its token, as the owner of the tables."""
    return ApiToken.objects.get(pk=machine.token_id)
