"""The teams of a place, as its file has them at each start."""

import pytest
from published_sample import ENTRIES

from braid.care.team_file import TeamEntry
from braid.web.care.team_list import join_demo_users, renew_teams
from braid.web.models import Team, TeamMember, User
from braid.web.watch import known_asker

pytestmark = pytest.mark.django_db
HOUSING = TeamEntry("housing", "Housing", "northmere-council", ("homelessness",), ("ann", "bea"), ("ann",))


def members(team="housing"):
    """Who is of a team now, and whether they lead it."""
    with known_asker():
        return dict(TeamMember.objects.filter(team=team, ended_at=None).values_list("username", "is_lead"))


def test_who_leaves_the_file_leaves_the_team_and_stays_in_the_record(published):
    renew_teams((HOUSING,))
    assert members() == {"ann": True, "bea": False}
    renew_teams((TeamEntry("housing", "Housing", "northmere-council", ("homelessness",), ("bea",), ("bea",)),))
    assert members() == {"bea": True}
    with known_asker():
        assert TeamMember.objects.filter(username="ann", ended_at__isnull=False).exists()
    assert ENTRIES.filter(kind="account_changed").count() == 2
    renew_teams(())
    assert members() == {}


def test_what_a_team_said_of_its_capacity_outlives_a_start(published):
    renew_teams((HOUSING,))
    Team.objects.update(capacity="full")
    renew_teams((HOUSING,))
    assert Team.objects.get().capacity == "full"


def test_demo_users_fill_the_teams_that_the_file_leaves_empty(published):
    User.objects.create(username="demo-a", organisation="northmere-council", is_demo=True, role="practitioner")
    User.objects.create(username="demo-b", organisation="northmere-council", is_demo=True, role="placement_officer")
    empty = TeamEntry("legal", "Legal", "northmere-council", ("legal",))
    renew_teams((HOUSING, empty), keep_members=True)
    join_demo_users()
    assert members("legal") == {"demo-a": True, "demo-b": False}
    assert members() == {"ann": True, "bea": False}
    renew_teams((HOUSING, empty), keep_members=True)
    assert members("legal") == {"demo-a": True, "demo-b": False}
