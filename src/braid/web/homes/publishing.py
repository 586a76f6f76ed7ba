"""Publication of who lives with whom: the least that a page needs, and nothing from which somebody could be found.

Three rules, each against whoever looks for somebody who fled:

- *Quiet* people are left out, and whoever ever lived with one of them: whose location is withheld, who stands on a side
  of a seal, and people who came apart less than a year ago. So a spell that breaks, begins or ends tells of nobody.
- Only who lives there now is told by name: what leads from one page to another is living together today.
- Who lived there before is told as an adult or a child, by months. Where they went is not told, nor that they were
  placed in care or that a relationship ended; and who is related and lives elsewhere is not told at all.

Only people who wait are told of, as on every page.
"""

import datetime as dt
from collections import defaultdict
from collections.abc import Iterable, Iterator, Mapping, Sequence, Set
from dataclasses import dataclass, replace
from functools import cached_property
from itertools import combinations
from typing import Any

from braid.language.findings import PERSON, PERSON_LINEAGE
from braid.language.household_findings import HOUSEHOLD_EVENT, HOUSEHOLD_MEMBER, PERSON_RELATIONSHIP
from braid.language.standard_backlogs import BACKLOG_OF_STANDARD
from braid.people.seals import ADOPTIVE, PRE_ADOPTIVE
from braid.store.lake import Run
from braid.store.place_folder import Place
from braid.web.copying import copy_rows, rows_if_there, rows_of
from braid.web.overlay.seals import read_sides

QUIET_DAYS = 365
"""Days after two people came apart in which nothing of either's household is told, new or old."""
SPELL_COLUMNS = "person_id other_id since_date is_stated last_date age_role cause is_own".split()
KINSHIP_COLUMNS = (
    "person_id other_id kind backlog standard since_date as_of_date every_days legal_responsibility sensitivity".split()
)
MEMBER_COLUMNS = "household_id person_id from_date shown_from_date shown_to_date is_open age_role".split()
EVENT_COLUMNS = "household_id person_id change event_date shown_date cause".split()
KINSHIP_SOURCE_COLUMNS = (
    "person_id other_person_id kind standard from_date to_date as_of_date legal_responsibility sensitivity".split()
)
FROM_THE_OTHER_END = {"parent": "child", "partner": "partner", "sibling": "sibling"}
KINDS_TOLD = frozenset({"parent", "partner", "sibling", "carer"})
TOLD_OF_COMING = frozenset({"born", "moved_in", "household_formed"})
TOLD_OF_LEAVING = {"moved_out": "moved_out", "separated": "moved_out", "home_ended": "moved_out", "died": "died"}
SENSITIVITIES_TOLD = frozenset({"normal", "special"})
ONE_DAY = dt.timedelta(days=1)
Row = Mapping[str, Any]
Pair = tuple[str, str]


@dataclass(frozen=True)
class Together:
    """Days on which two people lived in one household; what each was on the last, and which days a source states."""

    first: dt.date
    last: dt.date
    is_open: bool
    homes: tuple[str, ...]
    stated_from: frozenset[dt.date]
    age_roles: tuple[str, str]


@dataclass(frozen=True)
class Known:
    """What a run says of households: spells of each two people in order, and events by household and person."""

    together: Mapping[Pair, Sequence[Together]]
    events: Mapping[Pair, Sequence[Row]]

    @cached_property
    def cohabitants(self) -> dict[str, set[str]]:
        """Return with whom each person ever lived."""
        found: dict[str, set[str]] = defaultdict(set)
        for one, other in self.together:
            found[one].add(other)
            found[other].add(one)
        return found


def load_homes(cursor: Any, run: Run, place: Place, waiting: Set[str], as_of: dt.date | None) -> None:
    """Load who lives with whom of the people who wait. A run from before households were kept has none."""
    known = read_known(run)
    day = as_of or max((spell.last for spells in known.together.values() for spell in spells), default=dt.date.max)
    told = find_told(known, find_quiet(known, _read_withheld(run) | _read_parted(run, day), day), waiting)
    spells = [row for pair in sorted(told) for row in list_spells(pair, known, day)]
    copy_rows(cursor, "homespell", SPELL_COLUMNS, spells)
    near = {row["person_id"] for row in spells}
    beside = known.cohabitants
    copy_rows(
        cursor,
        "cohabitant",
        ("person_id", "other_id"),
        ({"person_id": one, "other_id": other} for one in sorted(near) for other in sorted(beside[one])),
    )
    living = {(row["person_id"], row["other_id"]) for row in spells if row["other_id"]}
    rows = rows_if_there(run, PERSON_RELATIONSHIP.name, KINSHIP_SOURCE_COLUMNS)
    copy_rows(cursor, "kinship", KINSHIP_COLUMNS, list_kinships(rows, living, find_rhythms(place, day), day))


def read_known(run: Run) -> Known:
    """Return what a run says of who lived with whom."""
    members: dict[str, list[Row]] = defaultdict(list)
    for row in rows_if_there(run, HOUSEHOLD_MEMBER.name, MEMBER_COLUMNS):
        members[row["household_id"]].append(row)
    events: dict[Pair, list[Row]] = defaultdict(list)
    for row in rows_if_there(run, HOUSEHOLD_EVENT.name, EVENT_COLUMNS):
        events[row["household_id"], row["person_id"]].append(row)
    return Known(find_together(members.values()), events)


def find_together(households: Iterable[Sequence[Row]]) -> dict[Pair, list[Together]]:
    """Return for each two people the spells in which they lived together, whichever household it was called."""
    found: dict[Pair, list[Together]] = defaultdict(list)
    for members in households:
        for one, other in combinations(sorted(members, key=lambda row: row["person_id"]), 2):
            first = max(one["shown_from_date"], other["shown_from_date"])
            last = min(one["shown_to_date"], other["shown_to_date"])
            if one["person_id"] != other["person_id"] and first <= last:
                spell = Together(
                    first,
                    last,
                    one["is_open"] and other["is_open"],
                    (one["household_id"],),
                    frozenset(row["from_date"] for row in (one, other) if row["from_date"]),
                    (one["age_role"] or "", other["age_role"] or ""),
                )
                found[one["person_id"], other["person_id"]].append(spell)
    return {pair: list(_run_on(sorted(spells, key=lambda spell: spell.first))) for pair, spells in found.items()}


def _run_on(spells: Sequence[Together]) -> Iterator[Together]:
    """Yield spells of two people with those that follow without a gap made one."""
    before: Together | None = None
    for spell in spells:
        if before is not None and spell.first <= before.last + ONE_DAY:
            later = spell if spell.last >= before.last else before
            before = replace(
                later, first=before.first, homes=(*before.homes, *spell.homes), stated_from=before.stated_from
            )
            continue
        if before is not None:
            yield before
        before = spell
    if before is not None:
        yield before


def _read_withheld(run: Run) -> set[str]:
    """Return whose household nobody is told of, whoever asks: location withheld, or on a side of a seal."""
    columns = ("person_id", "protected", "location_withheld")
    withheld = {
        row["person_id"] for row in rows_of(run, PERSON.name, columns) if row["protected"] or row["location_withheld"]
    }
    sides = read_sides(run)
    return withheld | sides[PRE_ADOPTIVE] | sides[ADOPTIVE]


def _read_parted(run: Run, as_of: dt.date) -> set[str]:
    """Return who was parted within the quiet days: with whom they lived was another's, or another lived with theirs."""
    columns = ("person_id", "change", "other_person_id", "as_of_date")
    rows = rows_if_there(run, PERSON_LINEAGE.name, columns)
    recent = [row for row in rows if row["change"] == "split" and (as_of - row["as_of_date"]).days <= QUIET_DAYS]
    return {end for row in recent for end in (row["person_id"], row["other_person_id"]) if end}


def find_quiet(known: Known, withheld: Set[str], as_of: dt.date) -> set[str]:
    """Return the people of whom nothing is told, and who lets nothing be told of whoever lived with them."""
    found = set(withheld)
    for pair, spells in known.together.items():
        last = spells[-1]
        is_recent = (as_of - last.last).days <= QUIET_DAYS
        if not last.is_open and is_recent and not _did_one_die(pair, last, known):
            found |= set(pair)
    return found


def _did_one_die(pair: Pair, spell: Together, known: Known) -> bool:
    return any(
        event["cause"] == "died" for home in spell.homes for who in pair for event in known.events.get((home, who), ())
    )


def find_quiet_people(run: Run, as_of: dt.date) -> set[str]:
    """Return the quiet people of a run: the withheld, the sealed, and who came apart from somebody within a year."""
    return find_quiet(read_known(run), _read_withheld(run) | _read_parted(run, as_of), as_of)


def find_told(known: Known, quiet: Set[str], waiting: Set[str]) -> set[Pair]:
    """Return the pairs of people who wait, both of whom never lived with anybody quiet."""
    beside = known.cohabitants
    clear = {one for one, others in beside.items() if one in waiting and one not in quiet and others.isdisjoint(quiet)}
    return {pair for pair in known.together if clear.issuperset(pair)}


def list_spells(pair: Pair, known: Known, as_of: dt.date) -> Iterator[dict[str, Any]]:
    """Yield the rows of two people, each seen from the other: living together now, else, without a name, before."""
    spells = known.together[pair]
    now = [spell for spell in spells if spell.is_open]
    for spell in now or spells:
        if not spell.is_open and spell.last >= as_of:
            continue
        for place, (one, other) in enumerate((pair, pair[::-1])):
            cause, is_own = _cause(one, other, spell, known)
            yield {
                "person_id": one,
                "other_id": other if spell.is_open else None,
                "since_date": spell.first if spell.is_open else spell.first.replace(day=1),
                "is_stated": spell.first in spell.stated_from,
                "last_date": None if spell.is_open else spell.last.replace(day=1),
                "age_role": spell.age_roles[1 - place],
                "cause": cause,
                "is_own": is_own,
            }


def _cause(one: str, other: str, spell: Together, known: Known) -> tuple[str, bool]:
    """Return why a spell began, or why it is over, and whether that is the person's own doing and not the other's."""
    for who, is_own in ((other, False), (one, True)):
        events = [event for home in spell.homes for event in known.events.get((home, who), ())]
        cause = _came(events, spell) if spell.is_open else _left(events, spell)
        if cause:
            return cause, is_own and cause != "household_formed"
    return "", False


def _came(events: Iterable[Row], spell: Together) -> str:
    causes = {row["cause"] for row in events if row["change"] == "came" and row["shown_date"] == spell.first}
    return next((cause for cause in sorted(causes) if cause in TOLD_OF_COMING), "")


def _left(events: Iterable[Row], spell: Together) -> str:
    causes = {row["cause"] for row in events if row["change"] == "left" and row["event_date"] == spell.last}
    return next((TOLD_OF_LEAVING[cause] for cause in sorted(causes) if cause in TOLD_OF_LEAVING), "")


def find_rhythms(place: Place, as_of: dt.date) -> dict[str, int]:
    """Return for each standard the longest rhythm of the feeds that send it, in days."""
    found: dict[str, int] = {}
    for feed in place.feeds:
        every = place.rhythm_days(feed, as_of)
        if every is not None:
            found[feed.standard] = max(every, found.get(feed.standard, 0))
    return found


def list_kinships(
    rows: Iterable[Row], living: Set[Pair], rhythms: Mapping[str, int], as_of: dt.date
) -> Iterator[dict[str, Any]]:
    """Yield what people who live together are to each other, both ways round, by each standard that says so now."""
    for row in rows:
        ends = row["person_id"], row["other_person_id"]
        is_over = row["to_date"] is not None and row["to_date"] < as_of
        is_told = row["kind"] in KINDS_TOLD and row["sensitivity"] in SENSITIVITIES_TOLD
        if is_over or not is_told or row["standard"] not in BACKLOG_OF_STANDARD or ends not in living:
            continue
        shown = {
            "backlog": BACKLOG_OF_STANDARD[row["standard"]],
            "standard": row["standard"],
            "since_date": row["from_date"],
            "as_of_date": row["as_of_date"],
            "every_days": rhythms.get(row["standard"]),
            "legal_responsibility": row["legal_responsibility"],
            "sensitivity": row["sensitivity"],
        }
        yield {**shown, "person_id": ends[0], "other_id": ends[1], "kind": row["kind"]}
        if row["kind"] in FROM_THE_OTHER_END:
            inverse = {"kind": FROM_THE_OTHER_END[row["kind"]], "legal_responsibility": None}
            yield {**shown, "person_id": ends[1], "other_id": ends[0], **inverse}
