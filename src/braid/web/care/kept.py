"""Rows as nouns of `braid.care`, who acts, and the one way in which a row with a version is changed."""

import datetime as dt
import secrets
from typing import Any

from django.db import models
from django.db.models.functions import Now

from braid.care.case_types import CaseType
from braid.care.model import Acting
from braid.care.teams import Team
from braid.language.steps import NotPossible
from braid.trust.roles import ROLES
from braid.web.access.projections import Viewer
from braid.web.access.sight import Sight
from braid.web.case_type_files import case_types
from braid.web.models import Team as TeamRow
from braid.web.models import TeamMember, User
from braid.web.recording import Facts, record
from braid.web.written_once import written_once

_LETTERS = "ABCDEFGHJKMNPQRSTVWXYZ"
_DIGITS = "23456789"


class ChangedMeanwhile(NotPossible):
    """Somebody else changed it since it was read. What they did is shown; what was to be done is not lost."""

    def __init__(self) -> None:
        super().__init__(
            "Somebody else changed this while you had it open. What stands now is shown below; your entries are kept in"
            " the form. Look at both, and send again if it still holds"
        )


def new_reference(kind: str) -> str:
    """Return a reference such as `JC-7K3M-42`: drawn at random, so that it tells neither how many nor when."""
    letters = "".join(secrets.choice(_DIGITS + _LETTERS) for _ in range(6))
    return f"{kind}-{letters[:4]}-{letters[4:]}{secrets.choice(_DIGITS)}"


def acting_of(sight: Sight) -> Acting:
    """Return who acts, with the teams that they are of, read once in the transaction of an answer."""
    if "acting" not in sight.memo:
        sight.memo["acting"] = acting(sight.viewer.username, sight.organisation, sight.role.code)
    found: Acting = sight.memo["acting"]
    return found


def acting(username: str, organisation: str, role: str) -> Acting:
    """Return a named human as the rules know them."""
    teams = dict(_teams_now(username))
    return Acting(
        username,
        organisation,
        frozenset(teams),
        frozenset(team for team, leads in teams.items() if leads),
        ROLES[role].coordinates,
    )


@written_once
def _teams_now(username: str) -> models.QuerySet[TeamMember, Any]:
    return TeamMember.objects.filter(username=username, ended_at__isnull=True).values_list("team_id", "is_lead")


def colleague_of(username: str) -> Acting:
    """Return another active account as the rules know it. Raises `NotPossible` where there is none."""
    user = User.objects.filter(username=username, is_active=True).first()
    if user is None or user.role not in ROLES:
        raise NotPossible("There is no active account of that name. Check how they sign in")
    return acting(user.username, user.organisation, user.role)


def load_team(team_id: str) -> Team:
    """Return a team with its members of now. Raises `NotPossible` where there is none."""
    row = TeamRow.objects.filter(pk=team_id).first()
    if row is None:
        raise NotPossible("Choose a team from the list")
    members = TeamMember.objects.filter(team=row, ended_at__isnull=True, username__in=_active())
    known = dict(members.values_list("username", "is_lead"))
    return Team(
        row.pk,
        row.name,
        row.organisation,
        frozenset(row.services),
        frozenset(known),
        frozenset(name for name, leads in known.items() if leads),
        row.capacity,
        row.capacity_until,
    )


def name_of_user(username: str) -> str:
    """Return what somebody with an account is called; how they sign in where there is none any more."""
    found: str | None = User.objects.filter(username=username).values_list("display_name", flat=True).first()
    return found or username


def _active() -> models.QuerySet[User, str]:
    return User.objects.filter(is_active=True).values_list("username", flat=True)


def teams_of(username: str) -> frozenset[str]:
    """Return the ids of the teams that somebody is of, or was last of where they are of none."""
    rows = list(TeamMember.objects.filter(username=username).values_list("team_id", "ended_at"))
    ends = [ended_at for _, ended_at in rows]
    last = None if None in ends else max(ends, default=None)
    return frozenset(team for team, ended_at in rows if ended_at == last)


def change(row: Any, seen: int, **values: object) -> None:
    """Change a row that has a version, if it is still the version that was seen. Raises `ChangedMeanwhile`.

    One statement: of two who change at once, the database lets one through.
    """
    model: Any = type(row)
    changed = model.objects.filter(pk=row.pk, version=seen).update(version=seen + 1, **values)
    if changed != 1:
        raise ChangedMeanwhile
    row.version = seen + 1
    for name, value in values.items():
        setattr(row, name, value)


def case_type_of(code: str) -> CaseType:
    """Return a case type by its id. Raises `NotPossible` for one that is not there any more."""
    found = case_types().get(code)
    if found is None:
        raise NotPossible("There is no such kind of joint case any more. Ask whoever runs Braid for its file")
    return found


def check_joint(sight: Sight) -> None:
    """Raise `NotPossible` unless an agreement in force opens joint work to the viewer's organisation."""
    if not sight.opens("joint_case"):
        raise NotPossible("No agreement in force opens joint work to your organisation for this purpose")


def now_of_database() -> dt.datetime:
    """Return the database's clock: due times and policies compare with that one."""
    now: dt.datetime = User.objects.annotate(now=Now()).values_list("now", flat=True)[0]
    return now


def record_step(
    sight: Sight, what: str, people: list[str], relation: str = "", kind: str = "changed", **details: str | int
) -> None:
    """Write down a step, one entry for each person it is about, or one about nobody; in the transaction of the step."""
    viewer: Viewer = sight.viewer
    facts = Facts(
        organisation=sight.organisation,
        agreement_ids=sight.agreements,
        relations=dict.fromkeys(people, relation),
        item_classes="E",
        details={"what": what, **details},
    )
    record(kind, viewer, people or [""], facts)
