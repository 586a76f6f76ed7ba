"""Where the priority rules place people, as far as the viewer may see them.

A place in the order is counted among those whom the viewer may see, each time: the place in everybody's order would say
how many come before, and so that somebody is there. Ranks are shown for the purpose that their rules serve.
"""

from __future__ import annotations

import datetime as dt
from collections import defaultdict
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from typing import Any

from django.db.models import Exists, F, OuterRef, Q, QuerySet, Window
from django.db.models.functions import Rank as RankInOrder

from braid.language.codes import CODE_LISTS
from braid.problems.model import Cohort
from braid.problems.priority.model import Band, Points, PriorityRules, Rank, Reason
from braid.problems.priority.words import why_not
from braid.trust.items import is_wait
from braid.web.access.decisions import Decisions, decisions_on
from braid.web.access.projections import RankedPerson, RankingPage, RankSeen, Viewer
from braid.web.access.sight import Sight, looking, page_of, record_look, visible_waits
from braid.web.access.words import headers
from braid.web.models import DecidedRules, PersonRank, PriorityVersion
from braid.web.written_once import written_once

Version = PriorityVersion | DecidedRules
"""Rules as published, or as they stood when something was decided."""

PEOPLE_ON_PAGE = 25
EVERYBODY = Cohort((), ())
"""Conditions of points, which published rules say in words and which no page asks again."""

BANDS, LONGEST = "The band", "The longest wait"
NOT_ALL_OPEN = "Not all that the rules ask about is open to you, so what sets the two apart is not said."

_ORDER = (F("band_position").asc(), F("points").desc(), F("longest_since_date").asc(nulls_last=True))


def get_ranking(viewer: Viewer, problem: str, number: object) -> RankingPage | None:
    """Return one page of the people whom a problem statement's rules order, first to last, and record the looks.

    Without a `problem`, those of the first statement that serves the viewer's purpose; `None` where none with rules
    does. Raises `NotPermitted`, or `NotThere` where there is no such page.
    """
    with looking(viewer) as sight:
        version = _version_for(viewer, problem)
        if version is None:
            return None
        rows, paginator, page = page_of(_ordered(sight, version), PEOPLE_ON_PAGE, number)
        found = _shown(sight, version, rows)
    return RankingPage(version.problem, version.name, tuple(found), paginator.count, page, paginator.num_pages)


Place = tuple[int, int, str, str]
"""Where somebody stands in the order: band, points, since when they wait longest (empty where nobody knows), id."""


def get_ranking_after(
    viewer: Viewer, problem: str, after: Place | None, limit: int
) -> tuple[PriorityVersion, list[RankedPerson], Place | None] | None:
    """Return the rules, at most `limit` people of the same order after a place, and the place of the last where others
    follow; record the looks. `None` where no rules serve the viewer's purpose. Raises `NotPermitted`.
    """
    with looking(viewer) as sight:
        version = _version_for(viewer, problem)
        if version is None:
            return None
        ordered = _ordered(sight, version)
        start = _visible_ranks(sight).filter(rules=version).filter(_up_to(after)).count() if after else 0
        rows = list(ordered[start : start + limit + 1])
        found = _shown(sight, version, rows[:limit])
        follows = _place_of(rows[limit - 1]) if len(rows) > limit else None
    return version, found, follows


def _version_for(viewer: Viewer, problem: str) -> PriorityVersion | None:
    # Chosen here and not by the database, which fails on text that it cannot hold.
    serving = PriorityVersion.objects.filter(purpose=viewer.purpose).order_by("name")
    return next((each for each in serving if problem in ("", each.problem)), None)


def _ordered(sight: Sight, version: PriorityVersion) -> QuerySet[PersonRank]:
    rows = _visible_ranks(sight).filter(rules=version)
    return rows.annotate(position=Window(RankInOrder(), order_by=_ORDER)).order_by(*_ORDER, "person_id")


def _place_of(row: PersonRank) -> Place:
    since = row.longest_since_date
    return row.band_position, row.points, since.isoformat() if since else "", row.person_id


def _up_to(place: Place) -> Q:
    """Whoever stands in the order up to a place: counted among those whom the viewer may see, and nobody else."""
    band, points, since, person_id = place
    day = dt.date.fromisoformat(since) if since else None
    same = Q(band_position=band, points=points)
    is_later = Q(longest_since_date__isnull=False) if day is None else Q(longest_since_date__lt=day)
    return (
        Q(band_position__lt=band)
        | Q(band_position=band, points__gt=points)
        | same & is_later
        | same & Q(longest_since_date=day, person_id__lte=person_id)
    )


def _shown(sight: Sight, version: PriorityVersion, rows: Sequence[PersonRank]) -> list[RankedPerson]:
    decisions = decisions_on(sight, [row.person_id for row in rows])
    sensitivities = sensitivities_of(sight, list(decisions.subjects))
    shown = decisions.permitted_ranks(rows, sensitivities)
    record_look(sight, {row.person_id: decisions.relation_to(row.person_id) for row in shown})
    return _ranked(decisions, version, shown, sensitivities)


def _visible_ranks(sight: Sight) -> QuerySet[PersonRank]:
    rows = PersonRank.objects.filter(purpose=sight.viewer.purpose)
    if not sight.opens("priority"):
        return rows.none()
    return rows.filter(Exists(visible_waits(sight).filter(person_id=OuterRef("person_id"))))


def sensitivities_of(sight: Sight, person_ids: Sequence[str]) -> dict[str, str]:
    """Return the sensitivity of a wait through which each person is there for the viewer; nobody else has one."""
    waits = visible_waits(sight).filter(person__in=person_ids).order_by("wait_id")
    return dict(waits.values_list("person_id", "sensitivity"))


def _ranked(
    decisions: Decisions,
    version: PriorityVersion,
    rows: Sequence[PersonRank],
    sensitivities: Mapping[str, str],
) -> list[RankedPerson]:
    known = headers(decisions, {row.person_id: sensitivities[row.person_id] for row in rows})
    return [
        RankedPerson(
            person_id=row.person_id,
            name=known[row.person_id].name,
            district=known[row.person_id].district,
            position=row.position,
            rank=rank_seen(decisions, version, row),
            next_in_order=compare_ranks(decisions, version, row, rows[place + 1]) if place + 1 < len(rows) else "",
        )
        for place, row in enumerate(rows)
    ]


def find_ranks(decisions: Decisions, sensitivities: Mapping[str, str]) -> dict[str, tuple[RankSeen, ...]]:
    """Return the ranks, by person id, that the viewer may see of the people decided on, for the purpose of the look."""
    sight = decisions.sight
    if not sight.opens("priority"):
        return {}
    purpose = sight.viewer.purpose
    rows = _ranks_of(purpose, list(sensitivities))
    found: dict[str, list[RankSeen]] = defaultdict(list)
    for row in decisions.permitted_ranks(rows, sensitivities):
        found[row.person_id].append(rank_seen(decisions, row.rules, row))
    return {person_id: tuple(ranks) for person_id, ranks in found.items()}


@written_once
def _ranks_of(purpose: str, people: list[str]) -> QuerySet[PersonRank]:
    rows = PersonRank.objects.filter(purpose=purpose, person_id__among=people)
    return rows.select_related("rules").order_by("rules")


@dataclass(frozen=True)
class RankThen:
    """A rank as a decision keeps it, with the names of `PersonRank`."""

    person_id: str
    band_position: int
    points: int
    longest_since_date: dt.date | None
    reasons: Sequence[str]
    changes: Mapping[str, Any] = field(default_factory=dict)
    earlier: Sequence[Mapping[str, Any]] = ()


Placed = PersonRank | RankThen


@dataclass(frozen=True)
class Open:
    """Which parts of a version of the rules are open to the viewer of a person: bands, longest wait, points."""

    bands: bool
    longest: bool
    points: frozenset[str]

    @classmethod
    def to(cls, decisions: Decisions, version: Version, person_id: str) -> Open:
        """Return it from the items on which the parts rest; a part that rests on what is not known is not open."""
        rests = version.rests_on

        def are_open(items: Sequence[str] | None) -> bool:
            return items is not None and all(is_item_open(decisions, person_id, item) for item in items)

        entries = (name for name, _, _ in version.points if are_open(rests.get("points", {}).get(name)))
        return cls(are_open(rests.get("bands")), are_open(rests.get("longest")), frozenset(entries))

    def is_whole(self, version: Version) -> bool:
        """Whether every part is open."""
        return self.bands and self.longest and len(self.points) == len(version.points)


def is_item_open(decisions: Decisions, person_id: str, item: str) -> bool:
    """Whether role, agreement and relationship open an item of a person, whoever provides it."""
    sight = decisions.sight
    if not decisions.relation_to(person_id, item):
        return False
    if is_wait(item):
        return bool(sight.providers.get(item.removeprefix("waits.")))
    if item == "district" and not sight.role.sees_location:
        return False
    return any((purpose, code) == (sight.viewer.purpose, item) for purpose, _, code in sight.flows)


def rank_seen(decisions: Decisions, version: Version, row: Placed) -> RankSeen:
    """Return where rules place a person, as far as what that rests on is open to the viewer."""
    seen = Open.to(decisions, version, row.person_id)
    held = set(row.reasons) & seen.points
    reasons = tuple((points, reason) for name, points, reason in version.points if name in held)
    closed = [reason for name, _, reason in version.points if name not in seen.points]
    closed = [*([BANDS] if not seen.bands else []), *closed, *([LONGEST] if not seen.longest else [])]
    return RankSeen(
        problem=version.problem,
        problem_name=version.name,
        holds_from=version.holds_from_date,
        band_position=row.band_position if seen.bands else None,
        band=version.bands[row.band_position - 1][1] if seen.bands else "",
        band_count=len(version.bands),
        points=sum(points for points, _ in reasons),
        reasons=reasons,
        longest_since=row.longest_since_date if seen.longest else None,
        changes=_changes(version, row.changes, seen),
        earlier=_earlier(version, row, seen),
        not_open=tuple(closed),
    )


def _earlier(version: Version, row: Placed, seen: Open) -> tuple[tuple[dt.date, tuple[str, ...]], ...]:
    """Return what changed in runs of earlier days, newest first, where anything of it is open."""
    told = ((dt.date.fromisoformat(each["as_of"]), _changes(version, each, seen)) for each in row.earlier)
    return tuple((day, words) for day, words in told if words)


def _changes(version: Version, changed: Mapping[str, Any], seen: Open) -> tuple[str, ...]:
    """Return what changed since the run before, in words; reasons that the rules of today do not name are left out.

    So are those that are not open, and a cause that rests on them.
    """
    if not changed:
        return ()
    names = dict(version.bands) if seen.bands else {}
    names |= {name: reason for name, _, reason in version.points if name in seen.points}
    is_new = "joined" in changed["causes"]
    shown = {key: [names[name] for name in changed[key] if name in names] for key in ("gained", "lost")}
    told = {"joined"} | ({"longest_changed"} if seen.longest else set())
    if seen.is_whole(version):
        told |= {"rule_changed", "reasons_changed"}
    elif shown["gained"] or shown["lost"]:
        told.add("reasons_changed")
    words = [CODE_LISTS["rank_cause"][cause] for cause in changed["causes"] if cause in told]
    for said, key in (("Holds now", "gained"), ("Does not hold any more", "lost")):
        words += [f"{said}: {name}" for name in shown[key] if not is_new]
    return tuple(words)


def compare_ranks(decisions: Decisions, version: PriorityVersion, this: PersonRank, other: PersonRank) -> str:
    """Return what sets `this` person apart from the other, as far as what that rests on is open of both."""
    seen = [Open.to(decisions, version, row.person_id) for row in (this, other)]
    by_band = this.band_position != other.band_position and all(each.bands for each in seen)
    if by_band or all(each.is_whole(version) for each in seen):
        rules = _rules(version)
        places = (2, 1) if _key(this) > _key(other) else (1, 2)
        return why_not(*(_rank(rules, *each) for each in zip((this, other), places, strict=True)), rules)
    return NOT_ALL_OPEN


def _key(row: PersonRank) -> tuple[int, int, dt.date]:
    """By which the rules order people: the lower comes first."""
    return row.band_position, -row.points, row.longest_since_date or dt.date.max


def _rules(version: PriorityVersion) -> PriorityRules:
    """Return the published rules as nouns, without their conditions."""
    return PriorityRules(
        problem=version.problem,
        purpose_code=version.purpose,
        holds_from=version.holds_from_date,
        basis="",
        places=1,
        longest_of=(),
        bands=tuple(Band(name, words, None) for name, words in version.bands),
        points=tuple(Points(name, points, reason, EVERYBODY) for name, points, reason in version.points),
        text=version.text,
    )


def _rank(rules: PriorityRules, row: PersonRank, position: int) -> Rank:
    held = set(row.reasons)
    return Rank(
        person_id=row.person_id,
        band_position=row.band_position,
        points=row.points,
        longest_since=row.longest_since_date,
        position=position,
        reasons=tuple(
            Reason(each.points_id, each.reason, each.points) for each in rules.points if each.points_id in held
        ),
    )
