"""`braid priority`: who comes first by which rules, what other rules would do, and who is never reached."""

from __future__ import annotations

import datetime as dt
from collections import Counter
from collections.abc import Mapping
from contextlib import closing
from dataclasses import asdict
from pathlib import Path
from typing import Annotated, Any

import typer

from braid.cli.arguments import AsJson, PlaceFolder, place_of
from braid.cli.output import errors, output, plain, print_json, print_table
from braid.cli.waits import current_run
from braid.language.rule_files import Fault, RulesInvalid, RulesUnreadable
from braid.pipeline import open_run
from braid.problems.load import load_statements
from braid.problems.priority.groups import NAMES, group_in_place, groups_of_place
from braid.problems.priority.link_error import LinkErrors, publish_link_errors
from braid.problems.priority.load import in_force, load_file, load_versions, place_files, places_in
from braid.problems.priority.model import PriorityRules
from braid.problems.priority.simulate import Simulation, simulate
from braid.problems.priority.words import explain
from braid.store.engine import Engine
from braid.store.lake import Run
from braid.store.place_folder import Place, PlaceInvalid, load_place
from braid.trust.disclosure import SUPPRESSED_TO, publishable_count
from braid.trust.fairness import Beside, CharacteristicShown, exact_counts, publish_groups
from braid.trust.link_error import Share
from braid.waits.blockers import create_blocker

priorities = typer.Typer(help="Rules that say who comes first: read them, try others, see whom they never reach.")
REFUSED, UNREADABLE = 1, 3
Names = Mapping[str, Mapping[str, str]]
"""Groups in words, by characteristic and code."""
COMPARED = "by the linkage's own chances, over the pairs that it compared; pairs never compared are missed unseen."
ROUNDED = (
    f"Counts are rounded to 5 and from 1 to {SUPPRESSED_TO} not shown. That is so that a meeting can see them; it does"
    " not hold against somebody who tries rules one after another."
)


@priorities.command("show")
def show(folder: PlaceFolder = Path(), as_json: AsJson = False) -> int:
    """Say in words which rules hold in the place, for each problem statement, and since when.

    Example: braid priority show place
    """
    place = load_place(folder)
    run = current_run(place)
    as_of = dt.date.fromisoformat(run.manifest["as_of"])
    held = in_force(_versions(place), as_of)
    if as_json:
        print_json({"as_of": as_of, "rules": [_rules_document(rules, place) for rules in held]})
        return 0
    for rules in held:
        lines = [f"{rules.problem}, version {rules.digest[:12]}", *explain(rules, place.district_names())]
        output.print(plain("\n  ".join(lines)), markup=False)
    return 0


def _rules_document(rules: PriorityRules, place: Place) -> dict[str, Any]:
    words = explain(rules, place.district_names())
    return {"problem": rules.problem, "holds_from": rules.holds_from, "digest": rules.digest, "words": words}


@priorities.command("check")
def check(
    path: Annotated[
        Path, typer.Argument(help="A file of rules, or a place folder.", show_default="this folder")
    ] = Path(),
    as_json: AsJson = False,
) -> int:
    """Say in words what rules say, and every fault with its place, rule and next step.

    Exit code 1 where a file is refused, 3 where one cannot be read.

    Example: braid priority check place/priority/school_from_ta.toml
    """
    place = place_of(path, "priority")
    statements = {each.problem_id: each for each in load_statements(place.folder if place else None)}
    files = place_files(path) if path.is_dir() else [path]
    sound: list[dict[str, Any]] = []
    faults: list[Fault] = []
    unreadable = False
    for file in files:
        try:
            rules = load_file(file, statements)
        except RulesInvalid as invalid:
            faults += invalid.faults
            unreadable |= isinstance(invalid, RulesUnreadable)
            continue
        words = explain(rules, place.district_names() if place else None)
        sound.append({"file": file.name, "problem": rules.problem, "holds_from": rules.holds_from, "words": words})
    _tell(sound, faults, as_json=as_json)
    if unreadable:
        return UNREADABLE
    return REFUSED if faults else 0


def _tell(sound: list[dict[str, Any]], faults: list[Fault], *, as_json: bool) -> None:
    if as_json:
        print_json({"rules": sound, "refused": [vars(fault) for fault in faults]})
        return
    for each in sound:
        output.print(plain("\n  ".join([f"{each['file']}: sound", *each["words"]])), markup=False)
    for fault in faults:
        output.print(plain(f"REFUSED {fault}"), markup=False)
    if not sound and not faults:
        errors.print("No rules of its own: those that ship hold. Copy one into priority/ of the place to begin.")


@priorities.command("simulate")
def simulate_rules(
    rules_file: Annotated[Path, typer.Argument(metavar="RULES", help="A file of proposed rules.")],
    folder: PlaceFolder = Path(),
    first: Annotated[
        int, typer.Option("--first", min=0, help="How many come first; the rules' places if left out.")
    ] = 0,
    as_json: AsJson = False,
) -> int:
    """Say what proposed rules would do to the people of the visible run: who moves, and which groups come first.

    Nothing is adopted: rules hold once their file is in priority/ of the place and their day has come.

    Example: braid priority simulate new.toml place
    """
    place = load_place(folder)
    run = current_run(place)
    statements = {each.problem_id: each for each in load_statements(place.folder)}
    proposed = load_file(rules_file, statements)
    names = groups_of_place(place.district_names())
    as_of = dt.date.fromisoformat(run.manifest["as_of"])
    held = {rules.problem: rules for rules in in_force(_versions(place), as_of)}
    if proposed.problem not in held:
        raise PlaceInvalid(f"no rules of {proposed.problem} hold on {as_of}, so there is nothing to compare with")
    with closing(
        open_run(
            run,
            names=("cohort", "person", "person_link", "person_wait", "stay", "episode", "need", "wait", "event"),
        )
    ) as engine:
        create_blocker(engine, (), as_of)
        found = simulate(engine, held[proposed.problem], proposed, as_of, first or proposed.places, names)
    document = _simulation(found, proposed, names)
    if as_json:
        print_json({"run": run.id, "as_of": as_of, "rests_on": ROUNDED, **document})
        return 0
    _show_simulation(document)
    errors.print(ROUNDED)
    return 0


def _simulation(found: Simulation, proposed: PriorityRules, names: Names) -> dict[str, Any]:
    """Return a simulation as a document of publishable counts."""
    return {
        "problem": proposed.problem,
        "people": publishable_count(found.people),
        "first": found.first,
        "moves": {name: publishable_count(getattr(found, name)) for name in ("earlier", "later", "unmoved")},
        "entering": publishable_count(found.entering),
        "leaving": publishable_count(found.leaving),
        "bands": [
            {"band": position, "people": publishable_count(now), "proposed": publishable_count(then)}
            for position, (now, then) in found.bands.items()
        ],
        "groups": [
            {
                "characteristic": NAMES[name],
                "group": names[name][group],
                "people": publishable_count(people),
                "first": publishable_count(now),
                "first_proposed": publishable_count(then),
            }
            for name, groups in found.composition.items()
            for group, (people, now, then) in groups.items()
        ],
    }


def _show_simulation(document: Mapping[str, Any]) -> None:
    print_table(
        f"What the proposed rules would do to {_about(document['people'])} people",
        ["what", "people"],
        [
            *([f"come {name} than now", _about(document["moves"][name])] for name in ("earlier", "later")),
            ["keep their place", _about(document["moves"]["unmoved"])],
            [f"come among the first {document['first']}", _about(document["entering"])],
            [f"are not among the first {document['first']} any more", _about(document["leaving"])],
            *([f"in band {row['band']}, now", _about(row["people"])] for row in document["bands"]),
            *([f"in band {row['band']}, proposed", _about(row["proposed"])] for row in document["bands"]),
        ],
    )
    print_table(
        f"Who would be among the first {document['first']}",
        ["characteristic", "group", "people", "among the first", "proposed"],
        [
            [row["characteristic"], row["group"], *(_about(row[key]) for key in ("people", "first", "first_proposed"))]
            for row in document["groups"]
        ],
    )


@priorities.command("fairness")
def fairness(folder: PlaceFolder = Path(), as_json: AsJson = False) -> int:
    """Say whom the rules reached and whom they never did, by group, as it may be published beside the rules; and how
    often linking is expected to err.

    Example: braid priority fairness place
    """
    place = load_place(folder)
    run = current_run(place)
    if not run.table("priority_fairness").is_file():
        raise PlaceInvalid(
            f"run {run.id} was made before people were ranked; type: braid run {place.folder.name} --again"
        )
    with closing(open_run(run, names=("priority_fairness", "priority_rule", "cohort"))) as engine:
        rows = engine.rows("select * from priority_fairness order by problem, group_code")
        beside = _published_beside(engine)
    linking = _published_error(run, place)
    names = groups_of_place(place.district_names())
    published = {
        problem: publish_groups(
            exact_counts((row for row in rows if row["problem"] == problem), names, group_in_place), beside[problem]
        )
        for problem in sorted({row["problem"] for row in rows})
    }
    if as_json:
        problems = {name: _documents(shown, names) for name, shown in published.items()}
        print_json({"run": run.id, "problems": problems, "linking": [_error_document(each) for each in linking]})
        return 0
    for problem, shown in published.items():
        _show_fairness(problem, shown, names)
    _show_linking(linking)
    errors.print(
        "Reached: ever among as many as the team can take up. In doubt: records that a human has to link or part."
        f" Intervals are Wilson's at 95 %, of rounded counts. Not shown: 1 to {SUPPRESSED_TO}. Of linking: {COMPARED}"
    )
    return 0


def _published_error(run: Run, place: Place) -> tuple[LinkErrors, ...]:
    """Return how often linking is expected to err; nothing of a run from before that was reckoned."""
    if not run.table("link_error").is_file():
        return ()
    with closing(open_run(run, names=("link_error",))) as engine:
        rows = engine.rows("select * from link_error")
    return publish_link_errors(rows, place.district_names())


def _error_document(each: LinkErrors) -> dict[str, Any]:
    return {"by": each.name, "groups": [{"group": group, **asdict(error)} for group, error in each.groups]}


def _show_linking(linking: tuple[LinkErrors, ...]) -> None:
    def shown(share: Share | None) -> str:
        return f"{share.share} ({share.low} to {share.high})" if share else "not shown"

    print_table(
        "How often linking is expected to err, over all people, in per cent",
        ["by", "group", "false links", "missed links, at least", "records without a name"],
        [
            [each.name, group, shown(error.false), shown(error.missed), _about(error.unnamed)]
            for each in linking
            for group, error in each.groups
        ],
    )


def _published_beside(engine: Engine) -> dict[str, Beside]:
    """Return what the pages publish beside the figures of each problem."""
    concerned = Counter(row["problem"] for row in engine.rows("select problem from cohort"))
    return {
        row["problem"]: Beside(publishable_count(concerned[row["problem"]]), places_in(row["text"]))
        for row in engine.rows("select problem, text from priority_rule")
    }


def _documents(shown: list[CharacteristicShown], names: Names) -> list[dict[str, Any]]:
    return [
        {
            "characteristic": NAMES[each.characteristic],
            "withheld": sorted(each.withheld),
            "groups": [{**vars(group), "group": names[each.characteristic][group.group]} for group in each.groups],
        }
        for each in shown
    ]


def _show_fairness(problem: str, shown: list[CharacteristicShown], names: Names) -> None:
    print_table(
        f"{problem}: whom the rules never reached",
        ["characteristic", "group", "reached", "never reached", "% never reached", "from", "to", "links in doubt"],
        [
            [
                NAMES[each.characteristic],
                names[each.characteristic][group.group],
                _about(group.reached),
                _about(group.never_reached),
                *(group.share, group.low, group.high),
                _about(group.in_doubt),
            ]
            for each in shown
            for group in each.groups
        ],
    )


def _about(count: int | None) -> int | str:
    return "not shown" if count is None else count


def _versions(place: Place) -> tuple[PriorityRules, ...]:
    return load_versions(load_statements(place.folder), place.folder)
