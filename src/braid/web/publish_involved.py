"""Publication of who is involved: how often each source's extract comes, which of its teams to call.

Where a person's location is withheld, the partner is not told. The date of its extract could tell it, for each partner
sends in its own time and the page of the place says which when: so what stands there then is the oldest extract, and
the longest rhythm, of all partners of the kind that send for the service.
"""

import datetime as dt
from collections import defaultdict
from collections.abc import Iterable, Mapping
from dataclasses import dataclass, field
from typing import Any

from braid.care.team_file import TeamEntry
from braid.store.place_folder import Place
from braid.waits.involvements import STANDARD_SERVICES

TEAM_SERVICES: Mapping[str, str] = {
    "cin": "childrens_social_care",
    "ssda903": "childrens_social_care",
    "housing_register": "homelessness",
    "hclic": "homelessness",
    "ta_stock": "placement",
    "school": "admissions",
    "wlmds": "health",
    "fhir_ukcore": "health",
    "fpl": "listing",
    "hearing_management": "listing",
    "common_platform": "court_support",
    "victim_service": "advocacy",
    "csds": "health",
    "mhsds": "health",
    "rtt_open_pathways": "health",
    "annex_a": "childrens_social_care",
    "xhibit": "court_support",
    "ecds": "health",
    "attendance": "admissions",
    "school_census": "admissions",
    "ctf": "admissions",
    "marac": "advocacy",
}
"""Standard of a feed to the service of the team that answers for it: whom to call where a source names no team."""


@dataclass(frozen=True)
class Sources:
    """What is known of the feeds behind an organisation's services.

    `every_days` and `teams` go by organisation and service; `oldest` and `longest` by kind of organisation and service.
    """

    every_days: Mapping[tuple[str, str], int] = field(default_factory=dict)
    longest: Mapping[tuple[str, str], int] = field(default_factory=dict)
    oldest: Mapping[tuple[str, str], dt.date] = field(default_factory=dict)
    teams: Mapping[tuple[str, str], TeamEntry] = field(default_factory=dict)

    def shown(self, row: Mapping[str, Any], kind: str, *, is_told: bool) -> dict[str, Any]:
        """Return date of extract and rhythm of an involvement; `is_told`: the page says which partner it is."""
        service = row["service"]
        if is_told:
            every = self.every_days.get((row["organisation_id"], service))
            return {"as_of_date": row["as_of_date"], "every_days": every}
        oldest = self.oldest.get((kind, service), row["as_of_date"])
        return {"as_of_date": oldest, "every_days": self.longest.get((kind, service))}

    def team(self, row: Mapping[str, Any]) -> TeamEntry | None:
        """Return the one team of the organisation that answers for the service."""
        return self.teams.get((row["organisation_id"], row["service"]))


def find_sources(
    place: Place, teams: Iterable[TeamEntry], rows: Iterable[Mapping[str, Any]], as_of: dt.date | None
) -> Sources:
    """Return what is known of the sources of a place; `rows` are involvements of everybody, for their dates."""
    kinds = {organisation.id: organisation.kind for organisation in place.organisations}
    rhythms: dict[tuple[str, str], list[int]] = defaultdict(list)
    services: dict[tuple[str, str], set[str]] = defaultdict(set)
    for feed in place.feeds:
        key = feed.organisation, feed.service or STANDARD_SERVICES.get(feed.standard, feed.standard)
        every = place.rhythm_days(feed, as_of or dt.date.max)
        rhythms[key] += [every] if every is not None else []
        services[key] |= {TEAM_SERVICES[feed.standard]} if feed.standard in TEAM_SERVICES else set()
    every_days = {key: min(found) for key, found in rhythms.items() if found}
    longest: dict[tuple[str, str], int] = {}
    for (organisation, service), every in every_days.items():
        kind = kinds[organisation], service
        longest[kind] = max(every, longest.get(kind, 0))
    return Sources(every_days, longest, find_oldest(rows, kinds, "service"), _find_teams(teams, services))


def find_oldest(rows: Iterable[Mapping[str, Any]], kinds: Mapping[str, str], of: str) -> dict[tuple[str, str], dt.date]:
    """Return the date of the oldest extract by kind of organisation and what the rows have in the column `of`."""
    oldest: dict[tuple[str, str], dt.date] = {}
    for row in rows:
        key = kinds.get(row["organisation_id"], ""), row[of]
        oldest[key] = min(row["as_of_date"], oldest.get(key, row["as_of_date"]))
    return oldest


def oldest_by_feed(place: Place, feeds: Iterable[Mapping[str, Any]]) -> dict[str, dt.date]:
    """Return for each feed the oldest of the newest extracts of its standard, of partners of several of a kind.

    `feeds` are those of the published run: feed, standard and the date of the newest extract in ISO, or none.
    """
    kinds = [organisation.kind for organisation in place.organisations]
    kind_of = {organisation.id: organisation.kind for organisation in place.organisations}
    one_of_many = {feed.id for feed in place.feeds if kinds.count(kind_of[feed.organisation]) > 1}
    known = [row for row in feeds if row["as_of_date"] and row["feed"] in one_of_many]
    oldest: dict[str, str] = {}
    for row in known:
        oldest[row["standard"]] = min(row["as_of_date"], oldest.get(row["standard"], row["as_of_date"]))
    return {row["feed"]: dt.date.fromisoformat(oldest[row["standard"]]) for row in known}


def _find_teams(
    teams: Iterable[TeamEntry], services: Mapping[tuple[str, str], set[str]]
) -> dict[tuple[str, str], TeamEntry]:
    teams = list(teams)
    found: dict[tuple[str, str], TeamEntry] = {}
    for key, wanted in services.items():
        fitting = [team for team in teams if team.organisation == key[0] and wanted & set(team.services)]
        if len(fitting) == 1:
            found[key] = fitting[0]
    return found
