"""Reading priority rules: the ones that ship and those a place agreed. Strict: nothing unknown passes."""

from __future__ import annotations

import datetime as dt
import tomllib
from collections import Counter
from collections.abc import Iterable, Mapping, Sequence
from importlib import resources
from pathlib import Path

from braid.language.codes import WAIT_KINDS
from braid.language.rule_files import RULES_TOP as TOP
from braid.language.rule_files import Fault, Fields, RulesInvalid, read_text, read_toml
from braid.problems.conditions import SECRET_WAITS, load_cohort
from braid.problems.model import Statement
from braid.problems.priority.model import Band, Points, PriorityRules
from braid.trust.roles import VICTIM_RESPONSE

KEYS = ("problem", "holds_from", "basis", "places", "longest_of", "band", "points")
BAND_KEYS = ("id", "name", "when")
POINTS_KEYS = ("id", "points", "reason", "when")
LONGEST_ID = 40
MOST_POINTS, MOST_PLACES = 1000, 10_000


def shipped_texts() -> dict[str, str]:
    """Return the rules that ship, as text by file name."""
    folder = resources.files("braid.problems.priority").joinpath("rules")
    files = sorted(folder.iterdir(), key=lambda file: file.name)
    return {file.name: file.read_text(encoding="utf-8") for file in files if file.name.endswith(".toml")}


def place_files(place_folder: Path) -> list[Path]:
    """Return the files of rules that a place wrote, in order of file name."""
    return sorted(place_folder.glob("priority/*.toml"))


def load_versions(statements: Iterable[Statement], place_folder: Path | None = None) -> tuple[PriorityRules, ...]:
    """Return every version of the rules of `statements`, by problem and date.

    Where a place wrote rules for a problem, those that ship for it do not count; shipped rules of a problem that is not
    among `statements` neither. Raises `RulesInvalid` with the faults of the first file that has any, or where two
    files are of one problem and date.
    """
    known = {statement.problem_id: statement for statement in statements}
    own = [(path.name, load_file(path, known)) for path in (place_files(place_folder) if place_folder else ())]
    faults = find_clashes(own)
    if faults:
        raise RulesInvalid(faults)
    replaced = {rules.problem for _, rules in own}
    shipped = [
        parse_rules(text, file, known)
        for file, text in shipped_texts().items()
        if tomllib.loads(text)["problem"] in known.keys() - replaced
    ]
    found = [*shipped, *(rules for _, rules in own)]
    return tuple(sorted(found, key=lambda rules: (rules.problem, rules.holds_from)))


def in_force(versions: Iterable[PriorityRules], as_of: dt.date) -> tuple[PriorityRules, ...]:
    """Return the version of each problem that holds on `as_of`: the latest that began by then."""
    latest = {rules.problem: rules for rules in sorted(versions, key=_began) if rules.holds_from <= as_of}
    return tuple(latest[problem] for problem in sorted(latest))


def _began(rules: PriorityRules) -> dt.date:
    return rules.holds_from


def find_clashes(written: Sequence[tuple[str, PriorityRules]]) -> list[Fault]:
    """Return the files that are of the same problem and date as another."""
    times = Counter((rules.problem, rules.holds_from) for _, rules in written)
    rule = "another file has the rules of this problem from this day too"
    return [
        Fault(file, TOP, rule, "give the later version its own holds_from")
        for file, rules in written
        if times[rules.problem, rules.holds_from] > 1
    ]


def places_in(text: str) -> int:
    """Return how many people are reached at a time by rules that a run kept, whatever else they say."""
    return int(tomllib.loads(text)["places"])


def load_file(path: Path, statements: Mapping[str, Statement]) -> PriorityRules:
    """Return the rules in one file. Raises `RulesInvalid` with every fault."""
    return parse_rules(read_text(path), path.name, statements)


def parse_rules(text: str, file: str, statements: Mapping[str, Statement]) -> PriorityRules:
    """Return the rules that `text` describes for one of `statements`. Raises `RulesInvalid` with every fault."""
    top = read_toml(text, file, TOP)
    rules = _read(top, text, statements)
    if top.faults:
        raise RulesInvalid(top.faults)
    return rules


def _read(top: Fields, text: str, statements: Mapping[str, Statement]) -> PriorityRules:
    top.check_known(KEYS)
    problem = top.code("problem", statements)
    statement = statements.get(problem)
    purpose = statement.purpose_code if statement else ""
    waits = statement.waits if statement else ()
    bands = top.tables("band")
    points = top.tables("points")
    rules = PriorityRules(
        problem=problem,
        purpose_code=purpose,
        holds_from=top.day("holds_from"),
        basis=top.text("basis"),
        places=top.number("places", "people", 1, MOST_PLACES),
        longest_of=top.codes("longest_of", statement.waits if statement else WAIT_KINDS),
        bands=tuple(_band(each, purpose, waits, is_last=each is bands[-1]) for each in bands),
        points=tuple(_points(each, purpose, waits) for each in points),
        text=text,
    )
    secret = sorted(set(rules.longest_of) & {*SECRET_WAITS, "crown_trial"})
    if secret and purpose not in (VICTIM_RESPONSE, ""):
        top.refuse(f"longest_of holds {secret[0]!r}, and how long may tell that somebody was harmed", "leave it out")
    if not bands:
        top.refuse("there is no band", "write one [[band]], without when, for everybody")
    names = Counter([band.band_id for band in rules.bands] + [each.points_id for each in rules.points])
    for name in sorted(name for name, times in names.items() if times > 1 and name):
        top.refuse(f"two bands or points are called {name!r}", "give each its own id")
    return rules


def _band(fields: Fields, purpose: str, waits: tuple[str, ...], *, is_last: bool) -> Band:
    fields.check_known(BAND_KEYS)
    if is_last and fields.has("when"):
        fields.refuse("the last band is for everybody who is in no other", "leave when out, or add a last band")
    elif not is_last and not fields.has("when"):
        fields.refuse("without when everybody is in this band, and nobody in a later one", "say when, or make it last")
    when = load_cohort(fields.table("when"), purpose, waits) if fields.has("when") else None
    return Band(fields.name("id", LONGEST_ID), fields.text("name"), when)


def _points(fields: Fields, purpose: str, waits: tuple[str, ...]) -> Points:
    fields.check_known(POINTS_KEYS)
    return Points(
        points_id=fields.name("id", LONGEST_ID),
        points=fields.number("points", "points", 1, MOST_POINTS),
        reason=fields.text("reason"),
        when=load_cohort(fields.table("when"), purpose, waits),
    )
