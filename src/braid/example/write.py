"""Writes the example place: a folder with everything a real place would hold, and the truth beside it."""

from __future__ import annotations

from collections import Counter
from collections.abc import Callable, Collection, Iterator, Sequence
from dataclasses import dataclass
from datetime import date, timedelta
from pathlib import Path

from braid.example.adoptions import write_seals, write_true_seals
from braid.example.court_list import coming_hearings
from braid.example.desk import Desk, iso
from braid.example.errors import DEFAULT, ErrorRates
from braid.example.extract_children import write_children_in_need, write_looked_after
from braid.example.extract_court_list import write_court_list
from braid.example.extract_crown_court import write_crown_court
from braid.example.extract_family_court import write_family_court
from braid.example.extract_homelessness import write_homelessness
from braid.example.extract_hospital import write_hospital
from braid.example.extract_housing_register import write_housing_register
from braid.example.extract_schools import write_schools
from braid.example.extract_stock import write_stock
from braid.example.extract_victim_service import write_victim_service
from braid.example.further_formats import BY_STANDARD, Format, find_formats
from braid.example.further_services import simulate_further
from braid.example.model import District, World
from braid.example.place_file import COUNCIL_FEEDS, PLACE_FEEDS, write_place_file
from braid.example.reviews import write_decisions
from braid.example.streams import words
from braid.example.truth_blockers import true_blockers
from braid.example.truth_held import true_held
from braid.example.truth_households import true_homes
from braid.example.truth_waits import TrueWait, true_waits
from braid.example.world import build_world
from braid.example.write_agreements import write_agreements
from braid.example.write_boards import write_boards
from braid.example.write_bodies import write_bodies
from braid.example.write_funds import write_funds
from braid.example.write_geography import write_geography, write_refuges, write_table
from braid.example.write_interventions import write_interventions
from braid.example.write_opt_outs import choose_opt_outs, write_opt_outs
from braid.example.write_outcomes import write_outcomes
from braid.example.write_teams import write_teams
from braid.language.codes import BACKLOGS, WAIT_KINDS
from braid.language.example_mark import EXAMPLE_MARK
from braid.language.open_ground import OpenGround

Progress = Callable[[str, float], None]
Writer = Callable[[Desk, Path], None]

WRITERS: dict[str, Writer] = {
    "cin": write_children_in_need,
    "ssda903": write_looked_after,
    "housing_register": write_housing_register,
    "hclic": write_homelessness,
    "school": write_schools,
    "wlmds": write_hospital,
    "fpl": write_family_court,
    "common_platform": write_crown_court,
    "victim_service": write_victim_service,
    "ta_stock": write_stock,
    "hearing_management": write_court_list,
}
LAGGING_FEED, LAG_WEEKS = "osmerby-schools", 2
MINIMUM_PEOPLE, MAXIMUM_PEOPLE = 500, 5_000_000


@dataclass(frozen=True)
class Feed:
    """A feed of the example: its id, its standard, and the district whose council sends it (0 for the whole place)."""

    name: str
    standard: str
    district: int


def feeds_of(districts: Sequence[District], further: Sequence[Format] = ()) -> tuple[Feed, ...]:
    """Return the feeds of a place: those of each district's council, then those of the whole place."""
    usual = [(suffix, standard) for suffix, standard, _ in COUNCIL_FEEDS]
    asked = [(each.feed, each.standard) for each in further if each.is_of_councils]
    of_councils = (
        Feed(f"{district.slug}-{suffix}", standard, index)
        for index, district in enumerate(districts)
        for suffix, standard in (*usual, *asked)
    )
    of_place = [(name, standard) for name, _, standard, _ in PLACE_FEEDS]
    of_place += [(each.feed, each.standard) for each in further if not each.is_of_councils]
    return (*of_councils, *(Feed(name, standard, 0) for name, standard in of_place))


@dataclass(frozen=True)
class Summary:
    """What was written: people, households, rows of the newest extract of each feed, open waits by kind, blockers."""

    people: int
    households: int
    intensity: float
    rows: dict[str, int]
    open_waits: dict[str, int]
    people_by_backlogs: dict[int, int]
    blockers: dict[str, int]


def write_example(
    folder: Path,
    people: int = 20_000,
    seed: int = 1,
    weeks: int = 1,
    as_of: date = date(2026, 11, 15),
    errors: ErrorRates = DEFAULT,
    progress: Callable[[str, float], None] | None = None,
    intensity: float = 5.0,
    ground: OpenGround | None = None,
    also: Collection[str] = (),
) -> Summary:
    """Write a fictional place of exactly `people` people into a folder, with `weeks` weekly extracts a feed.

    The same arguments give the same bytes. `intensity` multiplies the rarest services, so that a small place has a few
    of each; 1 gives national proportions. `progress` is called with the step and the share done, 0 to 1. On a `ground`
    the people live at real postcodes, in houses and streets that are not there, and are marked as fictional. `also`
    names standards of further formats, or `all`. Raises `ValueError` for fewer than 500 or more than five million
    people, fewer than one week, a format that there is not, or a ground that will not do.

    `place.toml` is written last: a folder that was left half written is no place, and nobody runs it.
    """
    if not MINIMUM_PEOPLE <= people <= MAXIMUM_PEOPLE:
        raise ValueError(f"an example place has {MINIMUM_PEOPLE} to {MAXIMUM_PEOPLE} people; choose a number between")
    if weeks < 1:
        raise ValueError("an example place needs one weekly extract at least; choose weeks of 1 or more")
    further = find_formats(also)
    report = progress or _say_nothing
    report("world", 0.0)
    world = build_world(people, seed, as_of, intensity, ground)
    simulate_further(world, {each.standard for each in further})
    _make_folders(folder)
    report("geography", 0.2)
    write_geography(world, folder / "geography")
    write_refuges(world, folder / "restricted")
    write_opt_outs(world, folder / "restricted")
    rows, keys = _write_feeds(world, folder, feeds_of(world.geography.districts, further), weeks, errors, report)
    write_seals(world, keys, folder / "restricted")
    write_decisions(world, keys, find_protected(world), folder / "restricted")
    report("truth", 0.95)
    waits = true_waits(world)
    blockers = _write_truth(world, folder / "truth", waits, keys)
    (folder / "truth" / EXAMPLE_MARK).write_text("Nobody in this place is real.\n", encoding="utf-8")
    write_agreements(folder / "agreements", world.geography.districts)
    write_teams(world, folder)
    write_bodies(world, folder)
    write_boards(folder)
    write_funds(folder)
    write_outcomes(world, folder)
    write_interventions(folder)
    write_place_file(world, folder, further)
    report("done", 1.0)
    return _summarise(world, rows, waits, blockers)


def _say_nothing(step: str, share: float) -> None:
    """Stand in for a progress display where none was asked for."""


def _make_folders(folder: Path) -> None:
    for name in ("geography", "restricted", "extracts", "truth", "agreements"):
        (folder / name).mkdir(parents=True, exist_ok=True)


def cut_dates(feed: Feed, as_of: date, weeks: int, errors: ErrorRates) -> list[date]:
    """Return the dates of a feed's extracts, oldest first; one feed stops two weeks before the others."""
    dates = [as_of - timedelta(weeks=weeks - 1 - number) for number in range(weeks)]
    lags = errors.lagging_feed and weeks > LAG_WEEKS and feed.name == LAGGING_FEED
    return dates[:-LAG_WEEKS] if lags else dates


def find_writer(standard: str) -> Writer:
    """Return what writes the files of a standard."""
    return WRITERS.get(standard) or BY_STANDARD[standard].write


def _write_feeds(
    world: World, folder: Path, feeds: Sequence[Feed], weeks: int, errors: ErrorRates, report: Progress
) -> tuple[dict[str, int], dict[str, dict[str, int]]]:
    """Write every extract; return the rows of the newest of each feed, and whom each partner's key stands for."""
    rows: dict[str, int] = {}
    keys: dict[str, dict[str, int]] = {}
    for number, feed in enumerate(feeds):
        report(feed.name, 0.25 + 0.7 * number / len(feeds))
        keys[feed.name] = {}
        for cut in cut_dates(feed, world.as_of, weeks, errors):
            target = folder / "extracts" / feed.name / cut.isoformat()
            target.mkdir(parents=True, exist_ok=True)
            desk = Desk(world, feed.name, feed.district, errors, cut, keys[feed.name])
            find_writer(feed.standard)(desk, target)
            rows[feed.name] = desk.rows
    return rows, keys


def _write_truth(world: World, folder: Path, waits: list[TrueWait], keys: dict[str, dict[str, int]]) -> Counter[str]:
    people = ([feed, key, _name(person)] for feed in sorted(keys) for key, person in sorted(keys[feed].items()))
    write_table(folder / "people.csv", ["feed", "partner_record_id", "true_person_id"], people)
    columns = words(
        "true_person_id given_name family_name birth_date sex ethnicity district_code household_id protected"
    )
    protected = find_protected(world)
    write_table(folder / "persons.csv", columns, (_person(world, k, k in protected) for k in range(len(world.people))))
    rows = ([_name(w.person), w.kind, iso(w.start), iso(w.stop)] for w in waits)
    write_table(folder / "waits.csv", ["true_person_id", "kind", "start_date", "stop_date"], rows)
    columns = words("true_person_id household_id from_date to_date")
    homes = ([_name(h.person), h.household, iso(h.first), iso(h.last)] for h in true_homes(world))
    write_table(folder / "homes.csv", columns, homes)
    write_true_seals(world, folder)
    blockers = true_blockers(world, waits)
    columns = words("true_person_id rule_id held_kind holder_type holder_kind")
    once = sorted({blocker[:5] for blocker in blockers})
    write_table(folder / "blockers.csv", columns, ([_name(person), *facts] for person, *facts in once))
    held = ([_name(h.person), h.held_kind, h.holder_kind] for h in true_held(blockers))
    write_table(folder / "held.csv", ["true_person_id", "held_kind", "holder_kind"], held)
    columns = words("request_ref case_number kind listed_date is_linked")
    write_table(folder / "hearings.csv", columns, _coming(world))
    write_table(folder / "opt_outs.csv", ["true_person_id"], ([_name(person)] for person in choose_opt_outs(world)))
    return Counter(rule for _, rule, *_ in once)


def _coming(world: World) -> Iterator[list[object]]:
    """Yield the hearings of open family cases that are still to come, with the day they are fixed for."""
    for case in world.family_cases:
        for each in coming_hearings(world, case, world.as_of):
            day = each.hearing.day if each.hearing else None
            yield [each.reference, case.number, each.kind, iso(day), "true" if each.is_linked else "false"]


def _name(person: int) -> str:
    return f"T{person:07d}"


def find_protected(world: World) -> set[int]:
    """Return those whom a source marks as needing a safe address, and everybody who lives with them."""
    marked = {r.person for r in world.referrals if r.withdrawn is None and r.safe}
    marked |= {k for application in world.register if application.sensitive for k in application.members}
    marked |= {k for case in world.family_cases if case.hidden for k in case.children}
    marked |= {k for k in world.stays if world.in_refuge(k, world.as_of)}
    marked |= {k for case in world.risk_referrals for k in (case.victim, *case.children)}
    return {other for person in marked for other in world.members(world.household_of(person))}


def _person(world: World, person: int, is_protected: bool) -> list[object]:
    people = world.people
    return [
        _name(person),
        people.given[person],
        people.family[person],
        iso(world.birth_date(person)),
        "female" if people.female[person] else "male",
        people.ethnicity[person],
        world.geography.districts[world.district_of(person)].code,
        f"H{world.household_of(person):07d}",
        "true" if is_protected else "false",
    ]


def _summarise(world: World, rows: dict[str, int], waits: list[TrueWait], blockers: Counter[str]) -> Summary:
    from_kind = {kind: WAIT_KINDS[kind].backlog for kind in {wait.kind for wait in waits}}
    backlogs: dict[int, set[str]] = {}
    for wait in waits:
        if wait.stop is None and BACKLOGS[from_kind[wait.kind]].article:
            backlogs.setdefault(wait.person, set()).add(from_kind[wait.kind])
    return Summary(
        people=len(world.people),
        households=len(world.households.first) - 1,
        intensity=world.intensity,
        rows=rows,
        open_waits=dict(sorted(Counter(wait.kind for wait in waits if wait.stop is None).items())),
        people_by_backlogs=dict(sorted(Counter(len(found) for found in backlogs.values()).items())),
        blockers=dict(sorted(blockers.items())),
    )
