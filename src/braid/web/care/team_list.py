"""The teams of a place as its file has them: written at each start, as the owner of the tables."""

import datetime as dt
from pathlib import Path

from django.db import transaction
from django.utils import timezone

from braid.care.team_file import FILE, TeamEntry, parse_teams
from braid.language.rule_files import read_text
from braid.store.place_folder import Place
from braid.trust.roles import ROLES
from braid.web.accounts import DEMO
from braid.web.models import Team, TeamMember, User
from braid.web.recording import Facts, record
from braid.web.watch import known_asker


def load_teams(place: Place) -> tuple[TeamEntry, ...]:
    """Return the teams of the place folder; none where it has no file of them. Raises `RulesInvalid`."""
    path = Path(place.folder) / FILE
    if not path.is_file():
        return ()
    return parse_teams(read_text(path), [organisation.id for organisation in place.organisations])


@transaction.atomic
def renew_teams(entries: tuple[TeamEntry, ...], *, keep_members: bool = False) -> None:
    """Write the teams, and who is of each from now on; what a team said of its capacity stays.

    A team that the file names no more loses its members and keeps what was sent to it. With `keep_members`, a team for
    which the file names nobody keeps those it has: those of a demo.
    """
    with known_asker():
        changed, now = 0, timezone.now()  # one moment: whoever leaves several teams at once was last of all of them
        for entry in entries:
            values = {"name": entry.name, "organisation": entry.organisation, "services": list(entry.services)}
            Team.objects.update_or_create(pk=entry.id, defaults=values)
            if entry.members or not keep_members:
                changed += _renew_members(entry.id, entry.members, entry.leads, now)
        for gone in Team.objects.exclude(pk__in=[entry.id for entry in entries]):
            changed += _renew_members(gone.pk, (), (), now)
        if changed:
            details = {"what": "members of teams renewed", "changes": changed}
            record("account_changed", DEMO, facts=Facts(details=details))


def _renew_members(team_id: str, members: tuple[str, ...], leads: tuple[str, ...], now: dt.datetime) -> int:
    standing = {row.username: row for row in TeamMember.objects.filter(team_id=team_id, ended_at__isnull=True)}
    changed = 0
    for username, row in standing.items():
        if username not in members or row.is_lead != (username in leads):
            row.ended_at = now
            row.save(update_fields=["ended_at"])
            changed += 1
    known = {name for name, row in standing.items() if row.ended_at is None}
    for username in members:
        if username not in known:
            TeamMember.objects.create(team_id=team_id, username=username, is_lead=username in leads)
            changed += 1
    return changed


@transaction.atomic
def join_demo_users() -> None:
    """Put each demo user into the teams of their organisation for which the file names nobody; the first one leads."""
    with known_asker():
        users = User.objects.filter(is_demo=True, is_active=True).order_by("username")
        of_organisation: dict[str, list[str]] = {}
        for user in users:
            if not ROLES[user.role].sees_people:
                continue  # whoever commissions or keeps a ledger answers no referral, and leads no team that does
            of_organisation.setdefault(user.organisation, []).append(user.username)
        for team in Team.objects.all():
            standing = TeamMember.objects.filter(team=team, ended_at__isnull=True)
            if standing.exclude(username__startswith="demo-").exists():
                continue
            names = tuple(of_organisation.get(team.organisation, ()))
            _renew_members(team.pk, names, names[:1], timezone.now())
