"""`braid problem`: check what a place states as its problems, and begin a new statement."""

from __future__ import annotations

import datetime as dt
from collections import Counter
from collections.abc import Iterable, Mapping
from dataclasses import dataclass
from pathlib import Path
from typing import Annotated, Any

import typer

from braid.cli.arguments import AsJson, PlaceFolder, place_of
from braid.cli.output import errors, output, plain, print_json
from braid.language.rule_files import Fault
from braid.pipeline import open_run
from braid.problems.check import Checked, check_files
from braid.problems.cohorts import find_members
from braid.problems.load import SHIPPED, find_own, place_files, shipped_statements
from braid.problems.model import Statement
from braid.problems.new import write_new
from braid.problems.words import explain
from braid.store.agreements import load_agreements
from braid.store.engine import Engine
from braid.store.lake import Lake, Run
from braid.store.place_folder import Place, load_place
from braid.trust.coverage import covered_at, is_covered
from braid.trust.disclosure import SUPPRESSED_TO, publishable_count
from braid.waits.blockers import create_blocker

problems = typer.Typer(help="Check problem statements, and begin a new one.", no_args_is_help=True)
REFUSED, UNREADABLE = 1, 3
NAME_HELP = "Lower case letters, digits and underscores."


@problems.command("check")
def check(
    path: Annotated[
        Path, typer.Argument(help="A problem file, a folder of them, or a place folder.", show_default="this folder")
    ] = Path(),
    as_json: AsJson = False,
) -> int:
    """Say in words what each problem statement says and lacks, and every fault with its place, rule and next step.

    In a place that was run, it also says how many people the statement concerns and how many blockers each rule finds,
    rounded; and where no agreement in force covers it, how many more people could be seen if one did. Exit code 1 where
    a file is refused, 3 where one cannot be read.

    Example: braid problem check place/problems/care_leavers.toml
    """
    place = place_of(path, "problems")
    files = _files(path)
    found = check_files(files, place.folder if place else None, place.district_names() if place else None)
    run = Lake(place.lake_folder).current() if place else None
    known = {each.problem_id: each for each in shipped_statements()}
    known |= {each.statement.problem_id: each.statement for each in found if each.statement}
    described = [_described(each, place, run, known) for each in found]
    if as_json:
        faults = [vars(fault) for each in found for fault in each.faults]
        print_json({"statements": [each for each in described if each], "refused": faults})
    else:
        for each, words in zip(found, described, strict=True):
            _show(each, words)
        if not found:
            errors.print(
                f"No problem files of its own: {', '.join(SHIPPED)} hold. Begin one with braid problem new NAME"
            )
    if not all(each.readable for each in found):
        return UNREADABLE
    return REFUSED if any(each.faults for each in found) else 0


@problems.command("new")
def new(name: Annotated[str, typer.Argument(help=NAME_HELP)], folder: PlaceFolder = Path()) -> int:
    """Write a problem statement to begin with into problems/ of the place: sound as it stands, every part commented.

    With the name of a shipped statement it writes that one, to be changed: a place's statement replaces it.

    Example: braid problem new care_leavers place
    """
    place = load_place(folder)
    if not name.isascii() or not name.replace("_", "").isalnum() or name != name.lower():
        raise typer.BadParameter(NAME_HELP, param_hint="NAME")
    try:
        path = write_new(place.folder, name)
    except FileExistsError:
        raise typer.BadParameter(f"problems/{name}.toml is there already; choose another", param_hint="NAME") from None
    errors.print(plain(f"{path} written. Change it, then type: braid problem check {path}"), markup=False)
    return 0


def _files(path: Path) -> list[Path]:
    if not path.is_dir():
        return [path]
    if (path / "place.toml").is_file():
        return place_files(path)
    files = sorted(path.glob("*.toml"))
    if not files:
        raise typer.BadParameter("the folder holds no place.toml and no problem file", param_hint="PATH")
    return files


def _described(
    checked: Checked, place: Place | None, run: Run | None, known: Mapping[str, Statement]
) -> dict[str, Any] | None:
    """Return a sound statement as a document; counts are `None` where they are suppressed, and absent without a run."""
    statement = checked.statement
    if statement is None:
        return None
    words = explain(statement, place.district_names() if place else {}).splitlines()
    coverage = Coverage.of(statement, place, known) if place else None
    counts = _counts(run, statement, coverage) if run else {}
    if coverage:
        counts["covered"] = coverage.is_covered
    head = {"file": checked.file, "id": statement.problem_id, "name": statement.name, "words": words}
    return head | {"advice": [vars(advice) for advice in checked.advice]} | counts


@dataclass(frozen=True)
class Coverage:
    """Whether an agreement in force covers a statement, and which other statements of its purpose one covers."""

    is_covered: bool
    beside: tuple[Statement, ...]

    @classmethod
    def of(cls, statement: Statement, place: Place, known: Mapping[str, Statement]) -> Coverage:
        """Return it as the place's files of agreements say it now; `known` are the statements by id."""
        purpose, now = statement.purpose_code, dt.datetime.now(dt.UTC)
        covered = covered_at(load_agreements(place).valid, purpose, now)
        own = find_own(known.values())
        found = [
            each
            for each in known.values()
            if each.purpose_code == purpose and is_covered(each.problem_id, each.problem_id not in own, covered)
        ]
        return cls(statement in found, tuple(each for each in found if each != statement))


def _counts(run: Run, statement: Statement, coverage: Coverage | None) -> dict[str, Any]:
    """Return how many people a statement concerns and how many blockers each rule finds, as they may be published.

    Of a statement that no agreement covers also how many people more it would let be seen, with whoever lives with
    them.
    """
    as_of = dt.date.fromisoformat(run.manifest["as_of"])
    engine = open_run(run, names=("person", "person_link", "person_wait", "stay", "episode", "need", "wait", "event"))
    try:
        create_blocker(engine, statement.rules, as_of)
        people = len(find_members(engine, statement, as_of))
        more = None
        if coverage and not coverage.is_covered:
            seen = _reached(engine, coverage.beside, as_of)
            more = len(_reached(engine, (statement,), as_of) - seen)
        found = Counter(row["rule_id"] for row in engine.rows("select rule_id from blocker"))
    finally:
        engine.close()
    blockers = {rule.rule_id: publishable_count(found[rule.rule_id]) for rule in statement.rules}
    counts = {"run": run.id, "people": publishable_count(people), "blockers": blockers}
    return counts if more is None else {**counts, "could_be_seen": publishable_count(more)}


def _reached(engine: Engine, statements: Iterable[Statement], as_of: dt.date) -> set[str]:
    """Return who waits of those whom any of the statements concerns and of those who live with them."""
    concerned = {person for each in statements for person in find_members(engine, each, as_of)}
    waiting = {row["person_id"] for row in engine.rows("select distinct person_id from person_wait")}
    homes = {row["person_id"]: row["household_id"] for row in engine.rows("select person_id, household_id from person")}
    shared = {homes[person] for person in concerned & waiting & homes.keys()} - {None, ""}
    return {person for person in waiting if person in concerned or homes.get(person) in shared}


def _show(checked: Checked, words: dict[str, Any] | None) -> None:
    if words is None:
        lines = [f"{checked.file}: REFUSED", *(f"  {_line(fault)}" for fault in checked.faults)]
    else:
        lines = [f"{checked.file}: sound", *(f"  {line}" for line in words["words"])]
        if "people" in words:
            lines.append(f"  In run {words['run']} it concerns {_about(words['people'])} people.")
            lines += [f"    {rule}: {_about(count)} blockers" for rule, count in words["blockers"].items()]
        if not words.get("covered", True):
            lines.append("  No agreement in force covers it, so it lets nobody be seen.")
        if "could_be_seen" in words:
            more = _about(words["could_be_seen"])
            lines.append(f"  Named under statements of one, it would let {more} more people be seen.")
        lines += [f"  Advice: {_line(advice)}" for advice in checked.advice]
    output.print(plain("\n".join(lines)), markup=False)


def _line(fault: Fault) -> str:
    return f"{fault.place}: {fault.rule}; {fault.next_step}"


def _about(count: int | None) -> str:
    if count is None:
        return f"1 to {SUPPRESSED_TO}"
    return f"about {count}" if count else "no"
