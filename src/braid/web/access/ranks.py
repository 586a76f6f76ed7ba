"""Where the priority rules place people, as far as the viewer may see them.

A place in the order is counted among those whom the viewer may see, each time: the place in everybody's order would say
how many come before, and so that somebody is there. Ranks are shown for the purpose that their rules serve.
"""

from collections import defaultdict
from collections.abc import Mapping, Sequence

from django.db.models import Exists, F, OuterRef, QuerySet, Window
from django.db.models.functions import Rank as RankInOrder

from braid.language.codes import CODE_LISTS
from braid.problems.model import Cohort
from braid.problems.priority.model import Band, Points, PriorityRules, Rank, Reason
from braid.problems.priority.words import why_not
from braid.web.access.decisions import Decisions, decisions_on
from braid.web.access.projections import RankedPerson, RankingPage, RankSeen, Viewer
from braid.web.access.sight import Sight, looking, page_of, record_look, visible_waits
from braid.web.access.words import headers
from braid.web.models import PersonRank, PriorityVersion

PEOPLE_ON_PAGE = 25
EVERYBODY = Cohort((), ())
"""Conditions of points, which published rules say in words and which no page asks again."""

_ORDER = (F("band_position").asc(), F("points").desc(), F("longest_since_date").asc(nulls_last=True))


def get_ranking(viewer: Viewer, problem: str, number: object) -> RankingPage | None:
    """Return one page of the people whom a problem statement's rules order, first to last, and record the looks.

    Without a `problem`, those of the first statement that serves the viewer's purpose; `None` where none with rules
    does. Raises `NotPermitted`, or `NotThere` where there is no such page.
    """
    with looking(viewer) as sight:
        # Chosen here and not by the database, which fails on text that it cannot hold.
        serving = PriorityVersion.objects.filter(purpose=viewer.purpose).order_by("name")
        version = next((each for each in serving if problem in ("", each.problem)), None)
        if version is None:
            return None
        ordered = _visible_ranks(sight).filter(rules=version)
        ordered = ordered.annotate(position=Window(RankInOrder(), order_by=_ORDER)).order_by(*_ORDER, "person_id")
        rows, paginator, page = page_of(ordered, PEOPLE_ON_PAGE, number)
        decisions = decisions_on(sight, [row.person_id for row in rows])
        sensitivities = _sensitivities(sight, list(decisions.subjects))
        shown = decisions.permitted_ranks(rows, sensitivities)
        record_look(sight, {row.person_id: decisions.relation_to(row.person_id) for row in shown})
        found = _ranked(decisions, version, shown, sensitivities)
    return RankingPage(version.problem, version.name, tuple(found), paginator.count, page, paginator.num_pages)


def _visible_ranks(sight: Sight) -> QuerySet[PersonRank]:
    rows = PersonRank.objects.filter(purpose=sight.viewer.purpose)
    if not sight.opens("priority"):
        return rows.none()
    return rows.filter(Exists(visible_waits(sight).filter(person_id=OuterRef("person_id"))))


def _sensitivities(sight: Sight, person_ids: Sequence[str]) -> dict[str, str]:
    waits = visible_waits(sight).filter(person__in=person_ids).order_by("wait_id")
    return dict(waits.values_list("person_id", "sensitivity"))


def _ranked(
    decisions: Decisions,
    version: PriorityVersion,
    rows: Sequence[PersonRank],
    sensitivities: Mapping[str, str],
) -> list[RankedPerson]:
    rules = _rules(version)
    known = headers(decisions, {row.person_id: sensitivities[row.person_id] for row in rows})
    return [
        RankedPerson(
            person_id=row.person_id,
            name=known[row.person_id].name,
            district=known[row.person_id].district,
            position=row.position,
            rank=_seen(version, row),
            next_in_order=why_not(_rank(rules, row), _rank(rules, rows[place + 1]), rules)
            if place + 1 < len(rows)
            else "",
        )
        for place, row in enumerate(rows)
    ]


def find_ranks(decisions: Decisions, sensitivities: Mapping[str, str]) -> dict[str, tuple[RankSeen, ...]]:
    """Return the ranks, by person id, that the viewer may see of the people decided on, for the purpose of the look."""
    sight = decisions.sight
    if not sight.opens("priority"):
        return {}
    purpose = sight.viewer.purpose
    rows = PersonRank.objects.filter(purpose=purpose, person__in=list(sensitivities)).select_related("rules")
    found: dict[str, list[RankSeen]] = defaultdict(list)
    for row in decisions.permitted_ranks(rows.order_by("rules"), sensitivities):
        found[row.person_id].append(_seen(row.rules, row))
    return {person_id: tuple(ranks) for person_id, ranks in found.items()}


def _seen(version: PriorityVersion, row: PersonRank) -> RankSeen:
    held = set(row.reasons)
    return RankSeen(
        problem=version.problem,
        problem_name=version.name,
        holds_from=version.holds_from_date,
        band_position=row.band_position,
        band=version.bands[row.band_position - 1][1],
        band_count=len(version.bands),
        points=row.points,
        reasons=tuple((points, reason) for name, points, reason in version.points if name in held),
        longest_since=row.longest_since_date,
        changes=_changes(version, row),
    )


def _changes(version: PriorityVersion, row: PersonRank) -> tuple[str, ...]:
    """Return what changed since the run before, in words; reasons that the rules of today do not name are left out."""
    if not row.changes:
        return ()
    names = dict(version.bands) | {name: reason for name, _, reason in version.points}
    is_new = "joined" in row.changes["causes"]
    words = [CODE_LISTS["rank_cause"][cause] for cause in row.changes["causes"]]
    for said, key in (("Holds now", "gained"), ("Does not hold any more", "lost")):
        words += [f"{said}: {names[name]}" for name in row.changes[key] if name in names and not is_new]
    return tuple(words)


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


def _rank(rules: PriorityRules, row: PersonRank) -> Rank:
    held = set(row.reasons)
    return Rank(
        person_id=row.person_id,
        band_position=row.band_position,
        points=row.points,
        longest_since=row.longest_since_date,
        position=row.position,
        reasons=tuple(
            Reason(each.points_id, each.reason, each.points) for each in rules.points if each.points_id in held
        ),
    )
