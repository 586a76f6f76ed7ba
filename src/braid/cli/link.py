"""`braid link`: how records became persons in the visible run, and what humans decide about it."""

from __future__ import annotations

import csv
import datetime as dt
from collections.abc import Container, Mapping
from dataclasses import asdict
from importlib import import_module
from pathlib import Path
from typing import Annotated, Any

import typer

from braid.cli.acting import Acting, By, Reference, acting
from braid.cli.arguments import AsJson, PlaceFolder
from braid.cli.default_verb import WithDefault
from braid.cli.link_files import is_of_files, link_files
from braid.cli.link_groups import score_expected, score_groups
from braid.cli.link_homes import score_homes
from braid.cli.link_quality import link_quality
from braid.cli.link_release import release, train
from braid.cli.output import errors, output, plain, print_json, print_table
from braid.cli.truth import read_people
from braid.cli.waits import current_run
from braid.people.decisions import COLUMNS, DECISIONS_FILE, DIFFERENT, SAME, parse_decisions
from braid.people.drift import describe_drift
from braid.people.lineage import find_person, list_changes
from braid.people.quality import (
    ProtectionScore,
    score_b_cubed,
    score_by_source_pair,
    score_pairs,
    score_protection,
)
from braid.people.review import approve_row, find_key, propose_row
from braid.people.sources import NUMBERS
from braid.people.wrong_numbers import COLUMNS as WRONG_NUMBER_COLUMNS
from braid.people.wrong_numbers import WRONG_NUMBERS_FILE, approve_wrong, find_number, propose_wrong
from braid.pipeline import open_run
from braid.problems.priority.groups import GROUPS, group_sql
from braid.store.lake import Run
from braid.store.place_folder import Place, PlaceInvalid, load_place
from braid.store.restricted import append_restricted, read_restricted
from braid.trust.roles import ROLES

DEFAULT = "show"
FILES = "files"
PAGE = "link decide"
Scores = list[dict[str, Any]]


class LinkVerbs(WithDefault):
    """`braid link DIR` is `braid link show DIR`, and `braid link FILE… --mapping M.toml` is `braid link files`."""

    def understood(self, args: list[str]) -> str:
        """Return the verb for files where these words are of files."""
        return FILES if is_of_files(args) else DEFAULT


links = typer.Typer(
    cls=LinkVerbs,
    help="How records became persons, and what humans decide about it.\n\nExample: braid link place --against truth",
)


@links.command(DEFAULT)
def link(
    folder: PlaceFolder = Path(),
    against: Annotated[str, typer.Option("--against", help="`truth` prints precision and recall.")] = "",
    as_json: AsJson = False,
) -> int:
    """Show how records became persons: counts, what constraints refused, and precision and recall by pair of sources.

    Example: braid link place --against truth
    """
    place = load_place(folder)
    run = current_run(place)
    if against not in ("", "truth"):
        raise typer.BadParameter("write --against truth", param_hint="--against")
    counts = {
        name: value
        for name, value in run.manifest["stages"]["link"].items()
        if name not in ("rows", "problems", "drift", "release")
    }
    linked = run.manifest["stages"]["link"]
    problems, used, drift = linked.get("problems", []), linked.get("release", {}), linked.get("drift", {})
    scores, groups, expected, protection = _scores(place, run) if against else ([], [], [], None)
    if as_json:
        of_truth = {"scores": scores, "groups": groups, "expected": expected}
        judged = {**of_truth, "protection": asdict(protection)} if protection else {}
        print_json({"run": run.id, **counts, "release": used, "drift": drift, "problems": problems, **judged})
        return 0
    print_table(
        f"{place.name}, run {run.id}", ["", "number"], [[name.replace("_", " "), counts[name]] for name in counts]
    )
    if against:
        columns = ("what", "found", "true", "both", "precision", "recall", "f1")
        print_table("Against the truth", columns, [[_shown(score[name]) for name in columns] for score in scores])
        columns = ("characteristic", "group", "found", "true", "both", "precision", "recall")
        print_table("Against the truth, by group", columns, [[_shown(row[name]) for name in columns] for row in groups])
        _show_expected(expected)
    if protection:
        print_table("Safe addresses, in persons", ["", "number"], [list(item) for item in _named(protection).items()])
    for problem in (*problems, *describe_drift(drift)):
        errors.print(plain(problem))
    return 0


def _show_expected(expected: Scores) -> None:
    def give_or_take(row: dict[str, Any], what: str) -> str:
        return f"{row[f'{what}_expected']:.1f} ± {row[f'{what}_give_or_take']:.1f}"

    print_table(
        "What linking expects of its own error, against the truth",
        ["characteristic", "group", "links", "false, expected", "false", "missed, expected", "missed"],
        [
            [
                *(row[name] for name in ("characteristic", "group", "links")),
                *(give_or_take(row, "false"), row["false"], give_or_take(row, "missed"), row["missed"]),
            ]
            for row in expected
        ],
    )


links.command(FILES)(link_files)
links.command("quality")(link_quality)


@links.command("proposals")
def proposals(by: By, reference: Reference, folder: PlaceFolder = Path(), as_json: AsJson = False) -> int:
    """List the pairs of records that only a human may join, the weightiest first: ids, weights and causes alone.

    Whoever asks has an open account whose role decides on links; exit code 5 where not. No pair of a person from whom
    they are kept is listed, as none can be decided on.

    Example: braid link proposals place --by asmith --reference LR-2026-7
    """
    run = current_run(load_place(folder))
    with acting(folder, by, reference, "link proposals") as acts:
        _check_role(acts)
        known = _keys(run, import_module("braid.web.acting").find_hidden(acts.actor))
        rows = [row for row in _proposals(run) if {row["record_a"], row["record_b"]} <= known.keys()]
        acts.record("audit_read", "link proposals", {"run": run.id}, row_count=len(rows))
    if as_json:
        print_json({"run": run.id, "proposals": rows})
    else:
        columns = ["record_a", "record_b", "weight", "cause"]
        print_table(
            f"{len(rows):,} proposals, run {run.id}", columns, [[_shown(row[c]) for c in columns] for row in rows]
        )
    return 0


@links.command("decide")
def decide(
    record_a: Annotated[str, typer.Argument(help="One record, by its id in `braid link proposals`.")],
    record_b: Annotated[str, typer.Argument(help="The other.")],
    by: By,
    reference: Reference,
    folder: PlaceFolder = Path(),
    decision: Annotated[str, typer.Option("--decision", help="`same` or `different`.")] = "",
    approve: Annotated[bool, typer.Option("--approve", help="Approve what another human decided.")] = False,
) -> int:
    """Write a decision, or the approval of one, into restricted/link_decisions.csv; the next run follows it.

    Where a protected or sealed person is concerned it holds only once another human has approved it. Each has an open
    account whose role decides on links; exit code 5 where not. A record of somebody from whom they are kept is not
    there for them.

    Example: braid link decide 0f3a9c 77b1d2 place --decision same --by asmith --reference LR-2026-7
    """
    if bool(decision) == approve or decision not in ("", SAME, DIFFERENT):
        raise typer.BadParameter("write --decision same, --decision different, or --approve", param_hint="--decision")
    run = current_run(load_place(folder))
    with acting(folder, by, reference, PAGE) as acts:
        _check_role(acts)
        place, actor, today = acts.place, acts.actor, dt.datetime.now(dt.UTC).date()
        keys = _keys(run, import_module("braid.web.acting").find_hidden(actor))
        left, right = find_key(keys, record_a), find_key(keys, record_b)
        if decision:
            is_same = decision == SAME
            row = propose_row(left, right, is_same=is_same, by=actor.username, day=today, reference=actor.reference)
        else:
            decided = parse_decisions(read_restricted(place, DECISIONS_FILE, COLUMNS))[0]
            row = approve_row(left, right, decided, approver=actor.username, deciders=_deciders(), day=today)
        what = "link approved" if approve else "link decided"
        details: dict[str, str | int] = {"decision": row["decision"], "run": run.id}
        append_restricted(
            place,
            DECISIONS_FILE,
            COLUMNS,
            row,
            before=lambda line: acts.record("changed", what, {**details, "line": line}),
        )
        import_module("braid.web.link_reviews.settling").renew_at_once(place)
    output.print(f"Written. The next run follows it: braid run {place.folder.name}")
    return 0


@links.command("who")
def who(
    record: Annotated[str, typer.Argument(help="A source record, by its id.")],
    by: By,
    reference: Reference,
    folder: PlaceFolder = Path(),
    as_of: Annotated[str, typer.Option("--as-of", help="The day of which is asked.", show_default="the run's")] = "",
    known: Annotated[
        str, typer.Option("--known", help="By what was known on that day, or at that UTC moment.", show_default="now")
    ] = "",
    as_json: AsJson = False,
) -> int:
    """Say who a source record was on a day, by what was known on another day, and every change of that person since.

    Whoever asks has an open account whose role decides on links; exit code 5 where not. A record of somebody from whom
    they are kept, then or now, is as one that was never held. The look is recorded about the person.

    Example: braid link who 0f3a9c place --as-of 2026-11-01 --known 2026-11-08 --by asmith --reference LR-2026-7
    """
    run = current_run(load_place(folder))
    day, known_at = _day(as_of or run.manifest["as_of"], "--as-of"), _moment(known)
    with acting(folder, by, reference, "link who") as acts:
        _check_role(acts)
        person, changes = _look_up(
            run, record, day, known_at, import_module("braid.web.acting").find_hidden(acts.actor)
        )
        people = [person] if person else [""]
        acts.record("audit_read", "link who", {"run": run.id}, people, row_count=len(changes))
    if as_json:
        asked = {"record": record, "as_of": day.isoformat(), "known_at": known_at.isoformat()}
        print_json({"run": run.id, **asked, "person_id": person, "changes": changes})
        return 0
    title = f"On {day}, as known at {known_at:%Y-%m-%d %H:%M} UTC: {person or 'not held, or not known'}"
    columns = ["known_at", "as_of_date", "person_id", "change", "other_person_id", "cause", "release"]
    print_table(title, columns, [[_shown(row[name]) for name in columns] for row in changes])
    return 0


def _look_up(
    run: Run, record: str, day: dt.date, known_at: dt.datetime, hidden: Container[str]
) -> tuple[str | None, list[dict[str, Any]]]:
    """Return who a record was and the changes of that person; of changes, none that names somebody kept from the asker.

    Who stands before an adoption is nobody's to be asked for.
    """
    if not run.table("membership").is_file():
        raise PlaceInvalid("the visible run is from before lineage was kept; run the chain again: braid run")
    engine = open_run(run, names=("membership", "person_lineage", "sealed_person", "person_link"))
    sealed = {
        row["person_id"] for row in engine.rows("select person_id from sealed_person where side = 'pre_adoptive'")
    }
    now = engine.rows("select person_id from person_link where person_record_id = ?", [record])
    person = find_person(engine, record, day, known_at)
    known = {row["person_id"] for row in now} | ({person} if person else set())
    is_kept = any(one in hidden or one in sealed for one in known)
    changes = [] if is_kept or not person else list_changes(engine, person)
    engine.close()
    told = [row for row in changes if not any(row[end] in hidden or row[end] in sealed for end in _ENDS)]
    dated = [{**row, **{name: row[name].isoformat() for name in ("known_at", "as_of_date")}} for row in told]
    return (None, []) if is_kept else (person, dated)


_ENDS = ("person_id", "other_person_id")


def _day(text: str, option: str) -> dt.date:
    try:
        return dt.date.fromisoformat(text)
    except ValueError:
        raise typer.BadParameter("write a day as yyyy-mm-dd", param_hint=option) from None


def _moment(text: str) -> dt.datetime:
    """Return a moment in UTC: of a day, the end of it; of nothing, now."""
    if not text:
        return dt.datetime.now(dt.UTC)
    try:
        moment = dt.datetime.fromisoformat(text)
    except ValueError:
        raise typer.BadParameter(
            "write a day as yyyy-mm-dd, or a moment as yyyy-mm-ddThh:mm", param_hint="--known"
        ) from None
    if len(text) == len("yyyy-mm-dd"):
        moment += dt.timedelta(days=1)
    return moment if moment.tzinfo else moment.replace(tzinfo=dt.UTC)


def _check_role(acts: Acting) -> None:
    acts.check_role(lambda role: role.decides_links, "decide on links")


def _deciders() -> frozenset[str]:
    names: frozenset[str] = import_module("braid.web.acting").list_open_accounts(
        [role for role in ROLES.values() if role.decides_links]
    )
    return names


@links.command("wrong-number")
def wrong_number(
    record: Annotated[str, typer.Argument(help="The record, by its id in `braid link proposals`.")],
    by: By,
    reference: Reference,
    folder: PlaceFolder = Path(),
    scheme: Annotated[str, typer.Option("--scheme", help="`nhs` or `upn`: which of its numbers.")] = "nhs",
    approve: Annotated[bool, typer.Option("--approve", help="Approve what another human said.")] = False,
) -> int:
    """Say that a record holds somebody else's number: from the next run on it does not count, once another approves.

    The row goes into restricted/wrong_numbers.csv, without the number, and lapses once the partner sends another. Each
    of the two has an open account whose role decides on links; exit code 5 where not.

    Example: braid link wrong-number 0f3a9c place --scheme nhs --by asmith --reference LR-2026-7
    """
    if scheme not in NUMBERS:
        raise typer.BadParameter("write --scheme nhs or --scheme upn", param_hint="--scheme")
    run = current_run(load_place(folder))
    with acting(folder, by, reference, "link wrong-number") as acts:
        _check_role(acts)
        place, actor, today = acts.place, acts.actor, dt.datetime.now(dt.UTC).date()
        find_key(_keys(run, import_module("braid.web.acting").find_hidden(actor)), record)
        engine = open_run(run, names=("person_record", "identifier"))
        number = find_number(engine, record, scheme)
        engine.close()
        if approve:
            said = read_restricted(place, WRONG_NUMBERS_FILE, WRONG_NUMBER_COLUMNS)
            row = approve_wrong(number, said, approver=actor.username, deciders=_deciders(), day=today)
        else:
            row = propose_wrong(number, actor.username, today, actor.reference)
        details: dict[str, str | int] = {"scheme": scheme, "run": run.id}
        what = "wrong number approved" if approve else "wrong number said"
        append_restricted(
            place,
            WRONG_NUMBERS_FILE,
            WRONG_NUMBER_COLUMNS,
            row,
            before=lambda line: acts.record("changed", what, {**details, "line": line}),
        )
    output.print(f"Written. The next run follows it: braid run {place.folder.name}")
    return 0


links.command("train")(train)
links.command("release")(release)


def _proposals(run: Run) -> list[dict[str, Any]]:
    if not run.table("link_proposal").is_file():
        return []
    engine = open_run(run, names=("link_proposal",))
    rows = engine.rows("select record_a, record_b, weight, cause from link_proposal order by weight desc, record_a")
    engine.close()
    return [{**row, "weight": float(row["weight"])} for row in rows]


def _keys(run: Run, hidden: Container[str]) -> dict[str, tuple[str, str]]:
    """Return feed and key of each record, but those of the people who are hidden from whoever decides."""
    engine = open_run(run, names=("person_record", "person_link"))
    rows = engine.rows(
        "select r.record_id, r.feed, r.partner_record_id, l.person_id from person_record r"
        " left join person_link l on l.person_record_id = r.record_id"
    )
    engine.close()
    seen = (row for row in rows if row["person_id"] not in hidden)
    return {row["record_id"]: (row["feed"], row["partner_record_id"]) for row in seen}


def _named(protection: ProtectionScore) -> dict[str, int]:
    return {
        "truly protected, with records": protection.true,
        "of them, no district may be shown": protection.kept,
        "described with a district all the same": protection.leaks,
        "described without a district": protection.not_shown,
        "of them, truly protected": protection.not_shown_protected,
    }


def _scores(place: Place, run: Run) -> tuple[Scores, Scores, Scores, ProtectionScore]:
    """Return pairwise scores over all records and by pair of standards, B-cubed; by group; what linking expects of its
    own error, where the run reckoned it; and that of protection."""
    expects, is_dated = run.table("link_error").is_file(), run.table("household_member").is_file()
    as_of = dt.date.fromisoformat(run.manifest["as_of"])
    engine = open_run(
        run,
        names=(
            *("person_record", "person_link", "person", "need"),
            *(("link_error",) if expects else ()),
            *(("household_member",) if is_dated else ()),
        ),
    )
    members = engine.rows("select * from household_member") if is_dated else []
    errors_expected = engine.rows("select * from link_error order by group_code") if expects else []
    grouped = {
        name: {row["person_id"]: row["group_code"] for row in engine.rows(group_sql(name, as_of))} for name in GROUPS
    }
    persons = engine.rows(
        "select person_id, household_id, district_code is not null and not location_withheld as shown from person"
    )
    records = engine.rows("select record_id, feed, partner_record_id, standard from person_record")
    links = engine.rows("select person_record_id, person_id from person_link")
    engine.close()
    known = read_people(place)
    keys = {row["record_id"]: (row["feed"], row["partner_record_id"]) for row in records}
    truth = {record: known[key] for record, key in keys.items() if key in known}
    found = {row["person_record_id"]: row["person_id"] for row in links if row["person_record_id"] in truth}
    standards = {row["record_id"]: row["standard"] for row in records}
    scored = [("all pairs of records", score_pairs(found, truth))]
    scored += [(" - ".join(pair), score) for pair, score in score_by_source_pair(found, truth, standards).items()]
    homes = {row["person_id"]: row["household_id"] for row in persons if row["household_id"]}
    scored.append(("who lives together, pairs of people", score_pairs(homes, _homes_in_truth(place, found, truth))))
    true_people = {found[record]: truth[record] for record in sorted(found, reverse=True)}
    scored += score_homes(place.folder / "truth", members, true_people, as_of).items() if is_dated else []
    rows = [
        {
            "what": name,
            "found": score.found,
            "true": score.true,
            "both": score.true_positive,
            "precision": score.precision,
            "recall": score.recall,
            "f1": score.f1,
        }
        for name, score in scored
    ]
    precision, recall, f1 = score_b_cubed(found, truth)
    blank = {"found": None, "true": None, "both": None}
    b_cubed = {"what": "B-cubed", **blank, "precision": precision, "recall": recall, "f1": f1}
    shown = {row["person_id"]: row["shown"] for row in persons}
    groups = score_groups(place.folder / "truth", found, truth, as_of)
    expected = score_expected(errors_expected, found, truth, grouped)
    protection = score_protection(shown, found, truth, _truly_protected(place))
    return [rows[0], b_cubed, *rows[1:]], groups, expected, protection


def _homes_in_truth(place: Place, found: Mapping[str, str], truth: Mapping[str, str]) -> dict[str, str]:
    """Return the true household of each person whom linking found, that of the first of their records by id."""
    with (place.folder / "truth" / "persons.csv").open(encoding="utf-8", newline="") as file:
        home_of = {row["true_person_id"]: row["household_id"] for row in csv.DictReader(file)}
    homes: dict[str, str] = {}
    for record in sorted(found):
        homes.setdefault(found[record], home_of[truth[record]])
    return homes


def _truly_protected(place: Place) -> set[str]:
    with (place.folder / "truth" / "persons.csv").open(encoding="utf-8", newline="") as file:
        return {row["true_person_id"] for row in csv.DictReader(file) if row["protected"] == "true"}


def _shown(value: object) -> object:
    return f"{value:.4f}" if isinstance(value, float) else value
