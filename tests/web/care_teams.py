"""Teams of the sample's organisations, each led by the sample's user of a role."""

from braid.web.models import Team, TeamMember
from braid.web.watch import known_asker

TEAMS = {
    "harbour-advocacy": ("harbour", ["advocacy"], ["advocate"]),
    "hospital-safeguarding": ("vale-hospital", ["health", "therapy"], ["responder", "partner"]),
    "northmere-education": ("northmere-council", ["education_welfare", "admissions"], ["practitioner"]),
    "vale-coordination": ("vale-authority", ["coordination"], ["coordinator"]),
}


def make_teams() -> None:
    """Write the teams and their members."""
    with known_asker():
        for team_id, (organisation, services, roles) in TEAMS.items():
            Team.objects.create(id=team_id, name=team_id, organisation=organisation, services=services)
            for number, role in enumerate(roles):
                TeamMember.objects.create(team_id=team_id, username=f"test-{role}", is_lead=number == 0)
