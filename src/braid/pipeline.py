"""The chain, every step named, on one screen; the one place that picks engines.

```
read      partner files → source records, issues, rejects
link      records → persons, with the ids of the run before
waits     persons → clocks, involvements, people in several backlogs, measures of backlogs and services
problems  waits → blockers and cohorts of each problem statement; paths, deadlocks, and what frees most
place     all of these → counts and sums of the whole place, for boards
publish   the run becomes visible, whole
```
"""

from __future__ import annotations

import datetime as dt
import hashlib
import os
import shutil
from collections.abc import Callable, Mapping, Sequence
from contextlib import ExitStack, closing
from dataclasses import asdict, dataclass
from importlib.metadata import version
from pathlib import Path
from typing import Any

from pyarrow import parquet

from braid import __version__
from braid.extracts import retractions
from braid.extracts import run as extracts
from braid.extracts.arrivals import compare_feed
from braid.extracts.feed_shape import create_feed_shape, find_feed_alerts
from braid.extracts.retractions import Retractions
from braid.language.feed_findings import FEED_SHAPE
from braid.language.findings import FINDING_TABLES, REFERENCE_TABLES, TABLES
from braid.language.graph_findings import GRAPH_TABLES
from braid.language.household_findings import HOUSEHOLD_TABLES
from braid.language.place_findings import PLACE_TABLES
from braid.language.priority_findings import PRIORITY_REACH, PRIORITY_TABLES
from braid.language.records import ISSUE, REJECT, SOURCE_TABLES
from braid.language.schema import Table
from braid.people import decisions, link_quality, seals, withdrawals, wrong_numbers
from braid.people import run as people
from braid.people.lineage import Moment
from braid.people.link_quality import LinkQuality
from braid.people.night import Night
from braid.people.opt_outs import OPT_OUT_LIST, find_opt_outs, match_opt_outs
from braid.people.release import FOLDER as RELEASES
from braid.people.release import find_release
from braid.people.run_call import Course, Said
from braid.people.sampling import SamplePlan
from braid.people.sources import SourceTrust, trust_of, with_said
from braid.place import run as place_run
from braid.place.boards.board_file import FILE as BOARDS_FILE
from braid.place.boards.board_file import load_boards
from braid.place.bodies import FILE as BODIES_FILE
from braid.place.geography import load_geography
from braid.place.outcomes.load import FILE as OUTCOMES_FILE
from braid.place.outcomes.load import load_outcomes
from braid.place.outcomes.reckoning import create_outcome_count
from braid.place.rollups import create_area_measure
from braid.problems import run as problems
from braid.problems.delta import Delta
from braid.problems.documents import describe_statement
from braid.problems.load import find_own, load_statements
from braid.problems.nightly import ASKED, Reckoning, rules_fingerprint, why_full
from braid.problems.priority import run as priority
from braid.problems.priority.changes import EARLIER
from braid.problems.priority.groups import GROUPS, group_sql
from braid.problems.priority.link_quality import quality_groups
from braid.problems.priority.load import in_force, load_versions
from braid.problems.priority.run import CARRIED
from braid.store.duckdb_engine import DuckDBEngine
from braid.store.engine import Engine
from braid.store.lake import Lake, Run, Work, fingerprint_of
from braid.store.place_folder import Place, PlaceInvalid
from braid.store.portable import ENGINES
from braid.store.reference_rows import read_reference
from braid.store.restricted import change_restricted, read_restricted
from braid.store.spark_engine import SparkEngine
from braid.waits import run as waits
from braid.waits.blockers import TOLD_APART, create_running_wait
from braid.waits.model import WaitSummary
from braid.waits.sources import count_told_again

MEMORY_LIMIT = "600MB"
"""What each engine may hold in memory before it spills; the chain uses two at once while it links."""

LIBRARIES = ("duckdb", "pyarrow", "splink", "sqlglot")
"""Libraries whose version could change a finding; the manifest names them."""

PARTS = "parts"
"""Folder of a work where the feeds' parts rest until they are joined."""

SPILL = "spill"
"""Folder of a work where the engines put what does not fit into memory."""

MOST_RUNS_BEFORE = 60
"""Runs whose shapes of feeds a run is compared with; of them the last dozen extracts of each feed count."""

RECKONED = ("waits", "problems")
"""Stages that a nightly delta makes from the run before."""

ON_CHOSEN_ENGINE = ("link", *RECKONED, "place")
"""Stages that run on whichever engine a run chose; sums of the place are counted anew each night, from all findings.
Partner files are read by Python, file by file, and on the embedded engine whichever that is."""

STAGES = ("read", "link", "waits", "problems", "place", "publish")

TABLES_OF_STAGE: Mapping[str, tuple[Table, ...]] = {
    "read": (*SOURCE_TABLES, ISSUE, REJECT, *REFERENCE_TABLES, FEED_SHAPE),
    "link": tuple(
        TABLES[name]
        for name in (
            "person_link",
            "record_memory",
            "person_history",
            "membership",
            "person_lineage",
            "kept_apart",
            "link_proposal",
            "link_review",
            "link_review_field",
            "link_sample",
            "link_sample_group",
            "link_frame",
            "sealed_person",
            "person",
            "link_error",
            *(table.name for table in HOUSEHOLD_TABLES),
            "opted_out_person",
        )
    ),
    "waits": tuple(
        TABLES[name]
        for name in (
            "person_wait",
            "involvement",
            "backlog_measure",
            "service_measure",
            "service_week",
            "service_overlap",
            "wait_tally",
            "people_tally",
            "overlap_tally",
        )
    ),
    "problems": (TABLES["blocker"], *GRAPH_TABLES, TABLES["cohort"], *PRIORITY_TABLES, TABLES["multi_backlog"]),
    "place": (*PLACE_TABLES, TABLES["area_measure"], TABLES["outcome_count"]),
}
"""Which stage writes which table; every finding has exactly one writer."""


@dataclass(frozen=True)
class Chain:
    """What the steps share while a run is made."""

    place: Place
    as_of: dt.date
    fingerprint: str
    """Of the input: a run of the same is a run repeated."""
    engine: Engine
    work: Work
    previous: Run | None
    tell: Callable[[str, str], None]
    reckoning: Reckoning

    def engine_of(self, stage: str) -> Engine:
        """Return the engine that a stage runs on."""
        return self.reckoning.engine if stage in ON_CHOSEN_ENGINE else self.engine


@dataclass(frozen=True)
class RunReport:
    """A run that is visible. `fresh` is False where the same input had been run before and nothing was done."""

    run: Run
    fresh: bool

    @property
    def rejected(self) -> int:
        """Rows of partner files that were refused, and extracts that could not be read."""
        feeds = self.run.manifest["stages"]["read"]["feeds"]
        return sum(int(feed["rows_rejected"]) + len(feed["unreadable"]) for feed in feeds)


def run_chain(
    place: Place,
    as_of: dt.date | None = None,
    *,
    tell: Callable[[str, str], None] | None = None,
    again: bool = False,
    full: bool = False,
    engine: str | None = None,
) -> RunReport:
    """Run the whole chain on a place folder and publish the run.

    `as_of` is the day it speaks of (default: place.toml's, else the newest extract). `tell(stage, detail)` hears of
    progress. Input that was run before is shown, not run twice, unless `again`. On a run before, waits and problems are
    reckoned anew only for whom something touches; `full` and `again` reckon everybody, and so does `engine` "spark"
    (default: place.toml's).
    Raises `LakeBusy`, `PlaceInvalid`, `RulesInvalid` of what the place wrote, and `EngineNotAvailable` where the engine
    is not there.
    """
    load_geography(place)
    load_boards(place)
    lake = Lake(place.lake_folder)
    engine = engine or place.engine
    day = as_of or place.as_of or _newest_extract(place)
    load_outcomes(place)  # a fault of the file is told now, not when all else is done
    with lake.writing():
        retracted = find_retractions(place)
        inputs = input_hashes(place, day, retracted)
        if not inputs:
            raise PlaceInvalid(f"no feed of {place.name} has an extract on or before {day}; put files under extracts/")
        previous = _latest_run(lake)
        fingerprint = input_fingerprint(place, day, inputs)
        made = None if again else _run_of(lake, place, fingerprint)
        if made:
            shown = lake.show(made.id)
            forget_withdrawn(place)
            return RunReport(shown, fresh=False)
        rules = rules_fingerprint(place, _libraries())
        why = why_full(previous, day, rules, asked=full or again) or ("" if engine == ENGINES[0] else "on a cluster")
        begun = {"run": fingerprint, "previous": previous.id if previous else None, "full": why, "engine": engine}
        work = lake.begin(fingerprint_of(begun))
        spill = _empty_folder(work.folder / SPILL)
        with ExitStack() as opened:
            opened.callback(shutil.rmtree, spill, ignore_errors=True)
            embedded = opened.enter_context(closing(new_engine(spill)))
            reckons = embedded if engine == ENGINES[0] else opened.enter_context(closing(_open_cluster(spill)))
            reckoning = opened.enter_context(closing(Reckoning(reckons, engine, previous, why)))
            chain = Chain(place, day, fingerprint, embedded, work, previous, tell or _silence, reckoning)
            stages = {stage: _step(chain, stage) for stage in STAGES[:-1]}
        run_id = _new_run_id(lake, day, fingerprint)
        made_of = {"fingerprint": fingerprint, "inputs": inputs, "rules": rules}
        published = lake.publish(work, run_id, _manifest(chain, made_of, stages))
        forget_withdrawn(place)
        return RunReport(published, fresh=True)


def _open_cluster(spill_folder: Path) -> Engine:
    return SparkEngine(spill_folder=spill_folder)


def _empty_folder(folder: Path) -> Path:
    shutil.rmtree(folder, ignore_errors=True)
    folder.mkdir()
    return folder


def _silence(_stage: str, _detail: str) -> None:
    """Nobody listens."""


def _step(chain: Chain, stage: str) -> dict[str, Any]:
    """Do a stage, or take up what an interrupted run finished; either way the next stage reads it from the disk."""
    chain.tell(stage, "")
    if not chain.work.is_done(stage):
        summary = _STEPS[stage](chain)
        by_delta = stage in RECKONED and chain.reckoning.delta is not None
        rows = {
            table.name: chain.engine_of(stage).write(table, chain.work.table(table.name), in_order=not by_delta)
            for table in TABLES_OF_STAGE[stage]
        }
        chain.work.mark_done(stage, {**summary, "rows": rows})
    for table in TABLES_OF_STAGE[stage]:
        for engine in {id(one): one for one in (chain.engine, chain.reckoning.engine)}.values():
            engine.load_parquet(table.name, chain.work.table(table.name))
    shutil.rmtree(chain.work.folder / PARTS, ignore_errors=True)
    return chain.work.summary(stage)


def _read(chain: Chain) -> dict[str, Any]:
    parts = chain.work.folder / PARTS
    shutil.rmtree(parts, ignore_errors=True)
    named, retracted = _withdrawn(chain), _retracted(chain)
    summaries = extracts.read_place(
        chain.place,
        chain.as_of,
        parts,
        _workers(),
        lambda feed: chain.tell("read", feed),
        new_engine,
        retracted,
        withdrawals.keys_by_feed(named),
    )
    extracts.gather(chain.engine, parts)
    withdrawals.withdraw(chain.engine, {**named, **read_stopped(chain.place)})
    retractions.retract(chain.engine, retracted)
    for table in REFERENCE_TABLES:
        chain.engine.load_rows(table, read_reference(chain.place, table))
    earlier = (
        {feed["feed"]: feed for feed in chain.previous.manifest["stages"]["read"]["feeds"]} if chain.previous else {}
    )
    alerts = _watch_feeds(chain, summaries)
    feeds = [
        {
            **summary.document(),
            "rows_before": earlier.get(summary.feed, {}).get("rows_in"),
            **compare_feed(summary, earlier.get(summary.feed)),
            "alerts": alerts.get(summary.feed, []),
        }
        for summary in summaries
    ]
    return {"feeds": feeds, "retracted": len(retracted), "withdrawn": len(named)}


def _watch_feeds(chain: Chain, summaries: Sequence[extracts.FeedSummary]) -> dict[str, list[dict[str, Any]]]:
    """Measure the shape of each feed, and return what of it changed suddenly since the runs before."""
    create_feed_shape(chain.engine, summaries)
    runs = sorted(Lake(chain.place.lake_folder).runs(), key=lambda run: str(run.manifest["made_at"]))
    paths = [run.table(FEED_SHAPE.name) for run in runs if run.table(FEED_SHAPE.name).is_file()]
    found = find_feed_alerts(chain.engine, paths[-MOST_RUNS_BEFORE:])
    return {feed: [one.document() for one in alerts] for feed, alerts in found.items()}


def _link(chain: Chain) -> dict[str, Any]:
    previous = chain.previous.table("person_link") if chain.previous else None
    decided = read_restricted(chain.place, decisions.DECISIONS_FILE, decisions.COLUMNS)
    sealed = seals.parse_seals(read_restricted(chain.place, seals.SEALS_FILE, seals.COLUMNS))
    if not sealed and chain.previous and _count(chain.previous, "link", "sealed_persons"):
        raise PlaceInvalid(
            f"restricted/{seals.SEALS_FILE}.csv is gone or empty, and the run before had seals; put it back: a seal"
            " never lapses by itself"
        )
    engine = chain.engine_of("link")
    said = Said(
        decision_rows=decided,
        sealed_rows=sealed,
        groups={name: group_sql(name, chain.as_of) for name in GROUPS},
        wrong_rows=read_restricted(chain.place, wrong_numbers.WRONG_NUMBERS_FILE, wrong_numbers.COLUMNS),
        feed_trust=feed_trust(chain.place),
        release=find_release(chain.place.folder),
        withdrawn={**_taken_back_with_files(chain), **withdrawals.find_withdrawn(_withdrawn(chain))},
        sample_plan=SamplePlan(chain.as_of, quality_groups(chain.as_of)),
    )
    before = chain.previous.folder if chain.previous else None
    course = Course(
        MEMORY_LIMIT,
        chain.work.folder / SPILL,
        _sub_steps(chain, "link"),
        as_of=chain.as_of,
        moment=Moment(chain.as_of, dt.datetime.now(dt.UTC)),
        night=Night(before, chain.work.folder, full=chain.reckoning.why_full == ASKED),
    )
    summary = people.run(engine, previous, said, course)
    opt_outs = find_opt_outs(chain.place.folder)
    opted_out = match_opt_outs(engine, opt_outs)
    return {**asdict(summary), "opted_out": opted_out, "opt_out_list": opt_outs is not None}


def read_link_quality(place: Place, run: Run) -> LinkQuality | None:
    """Return what the sample of a run says of linking, by what humans decided until now; `None` where it has none."""
    paths = [run.table(name) for name in link_quality.TABLES_READ]
    if not all(path.is_file() and parquet.read_metadata(path).num_rows for path in paths[:2]):
        return None
    decided = read_restricted(place, decisions.DECISIONS_FILE, decisions.COLUMNS)
    with closing(open_run(run, names=link_quality.TABLES_READ)) as engine:
        return link_quality.read_quality(engine, decided)


def feed_trust(place: Place) -> dict[str, SourceTrust]:
    """Return what the place says of its feeds over what their standards say; feeds of which it says nothing are out."""
    return {
        feed.id: with_said(trust_of(feed.standard), feed.trusted_numbers, feed.one_row_a_person)
        for feed in place.feeds
        if feed.trusted_numbers is not None or feed.one_row_a_person is not None
    }


def forget_withdrawn(place: Place) -> int:
    """Take the keys of withdrawn records out of what humans decided on links; return how many rows named one.

    It is done after a run that knew them: what was decided is in its own tables by then, of the records that are left.
    """
    named = read_withdrawn(place)
    drawn: dict[tuple[str, str], str] = {}

    def stand_in(key: tuple[str, str]) -> str:
        return drawn.setdefault(key, withdrawals.draw_stand_in())

    def change(row: dict[str, str]) -> dict[str, str]:
        return decisions.forget_record(row, named, stand_in)

    return change_restricted(place, decisions.DECISIONS_FILE, decisions.COLUMNS, change) if named else 0


def read_withdrawn(place: Place) -> dict[tuple[str, str], str]:
    """Return the cause by feed and partner's key of the records that nothing may hold. Raises `PlaceInvalid`."""
    return withdrawals.parse_withdrawn(read_restricted(place, withdrawals.WITHDRAWN_FILE, withdrawals.COLUMNS))


def read_stopped(place: Place) -> dict[tuple[str, str], str]:
    """Return the reference by feed and partner's key of the records that are kept and not used."""
    return withdrawals.parse_stopped(read_restricted(place, withdrawals.STOPPED_FILE, withdrawals.STOPPED_COLUMNS))


def _withdrawn(chain: Chain) -> dict[tuple[str, str], str]:
    named = read_withdrawn(chain.place)
    if not named and chain.previous and _count_withdrawn(chain.previous):
        raise PlaceInvalid(
            f"restricted/{withdrawals.WITHDRAWN_FILE}.csv is gone or empty, and the run before had records withdrawn;"
            " put it back: what was erased must not come back by itself"
        )
    return named


def find_retractions(place: Place) -> Retractions:
    """Return what partners took back, by `restricted/retracted.csv`. Raises `PlaceInvalid` where it cannot be read."""
    return retractions.parse_retracted(read_restricted(place, retractions.RETRACTED_FILE, retractions.COLUMNS))


def _retracted(chain: Chain) -> Retractions:
    found = find_retractions(chain.place)
    if not len(found) and chain.previous and _count(chain.previous, "read", "retracted"):
        raise PlaceInvalid(
            f"restricted/{retractions.RETRACTED_FILE}.csv is gone or empty, and the run before had retractions; put it"
            " back: what a partner took back must not come back by itself"
        )
    return found


def _taken_back_with_files(chain: Chain) -> dict[str, str]:
    """Return the cause by id of the person records that any run had of what was taken back, and that nothing holds now.

    What runs keep of them leaves with them.
    """
    found = _retracted(chain)
    if not len(found) or chain.previous is None:
        return {}
    memory = parquet.read_table(chain.previous.table("record_memory"), columns=["person_record_id"])
    gone = found.records & set(memory.column("person_record_id").to_pylist())
    columns = ["record_id", "feed", "file_sha256", "row_ref"]
    for run in Lake(chain.place.lake_folder).runs():
        if _has_read(run, found):
            rows = parquet.read_table(run.table("person_record"), columns=columns).to_pylist()
            gone |= {row["record_id"] for row in rows if found.holds(row)}
    held = {row["record_id"] for row in chain.engine.rows("select record_id from person_record")} if gone else set()
    return dict.fromkeys(sorted(gone - held), "retraction")


def _has_read(run: Run, found: Retractions) -> bool:
    """Whether a run read a file that was taken back, or one that holds a row that was."""
    named = frozenset().union(*found.files.values(), (digest for _, digest, _ in found.rows))
    feeds = run.manifest["stages"]["read"]["feeds"]
    return any(digest in named for feed in feeds for digest in feed["files"].values())


def _count_withdrawn(run: Run) -> int:
    """Return how many people the list named when a run was made; older runs know only how many records left."""
    read = run.manifest["stages"]["read"]
    return int(read["withdrawn"]) if "withdrawn" in read else _count(run, "link", "withdrawn")


def _count(run: Run, stage: str, name: str) -> int:
    return int(run.manifest["stages"][stage].get(name, 0))


def _sub_steps(chain: Chain, stage: str) -> Callable[[str, int, int], None]:
    return lambda step, _position, _total: chain.tell(stage, step)


def _waits(chain: Chain) -> dict[str, Any]:
    delta = _find_delta(chain)
    if delta is not None:
        chain.tell("waits", "delta")
        return _waits_document(chain, delta.run_waits())
    summary = waits.run(
        chain.engine_of("waits"),
        chain.place.calendar,
        chain.as_of,
        lambda step: chain.tell("waits", step),
        _feed_services(chain.place),
        chain.place.precedence(),
    )
    return _waits_document(chain, summary)


def _waits_document(chain: Chain, summary: WaitSummary) -> dict[str, Any]:
    by_feed = count_told_again(chain.engine_of("waits"), chain.as_of)
    return {**asdict(summary), "told_again_by_feed": by_feed, "reckoned": chain.reckoning.document()}


def _feed_services(place: Place) -> dict[str, str]:
    return {feed.id: feed.service for feed in place.feeds if feed.service}


def _find_delta(chain: Chain) -> Delta | None:
    return chain.reckoning.find_delta(
        chain.place.calendar,
        chain.as_of,
        lambda: load_statements(chain.place.folder),
        _feed_services(chain.place),
        lambda: new_engine(chain.work.folder / SPILL),
        chain.place.precedence(),
    )


def _problems(chain: Chain) -> dict[str, Any]:
    statements = load_statements(chain.place.folder)
    delta = _find_delta(chain)
    engine = chain.engine_of("problems")
    if delta is not None:
        delta.run_problems()
        create_running_wait(engine, TOLD_APART)
    else:
        problems.run(engine, statements, chain.as_of)
    rules = in_force(load_versions(statements, chain.place.folder), chain.as_of)
    histories = _load_earlier_ranks(chain)
    priority.run(engine, statements, rules, chain.as_of, has_earlier=bool(histories), histories=histories)
    counted = ("blocker", "deadlock", "cohort")
    counts = {name: chain.engine_of("problems").rows(f"select count(*) as n from {name}")[0]["n"] for name in counted}
    return {
        "blockers": counts["blocker"],
        "deadlocks": counts["deadlock"],
        "people_in_cohorts": counts["cohort"],
        "statements": [describe_statement(each, chain.place.district_names()) for each in statements],
        "own": list(find_own(statements)),
    }


def _place(chain: Chain) -> dict[str, Any]:
    engine = chain.engine_of("place")
    remits = [board.remit for board in load_boards(chain.place)]
    place_run.run(engine, remits)
    create_area_measure(engine)
    found = load_outcomes(chain.place)
    districts = [district.code for district in chain.place.districts]
    create_outcome_count(engine, found.outcomes, chain.as_of, districts)
    return {
        "outcomes": [outcome.id for outcome in found.outcomes],
        "gaps": len(found.gaps),
        "remits": {one.board: {"statements": one.statements, "backlogs": one.backlogs} for one in remits},
    }


def _load_earlier_ranks(chain: Chain) -> tuple[str, ...]:
    """Load what the runs before knew of ranks; return the tables of who was joined or parted since, none without a run.

    A run that is repeated compares ranks with those that the first run of the same input did, most often of an earlier
    day: it tells the same changes, and not that nothing changed since that one. Who was reached is carried on from the
    run just before. Where no other run is left, that one is what there is to compare with.
    """
    before = chain.previous
    if before is None or not _has_ranks(before):
        return ()
    engine, histories, compared = chain.engine_of("problems"), ["person_history"], before
    while compared.manifest.get("fingerprint") == chain.fingerprint:
        earlier = _run_before(chain.place, compared)
        if earlier is None or not _has_ranks(earlier):
            histories, compared = ["person_history"], before
            break
        histories.append(f"{EARLIER}person_history_{len(histories)}")
        engine.load_parquet(histories[-1], compared.table("person_history"))
        compared = earlier
    for table in CARRIED:
        run = before if table is PRIORITY_REACH else compared
        engine.load_parquet(f"{EARLIER}{table.name}", run.table(table.name))
    return tuple(histories)


def _has_ranks(run: Run) -> bool:
    """Whether a run is not from before people were ranked."""
    return all(run.table(table.name).is_file() for table in CARRIED)


def _run_before(place: Place, run: Run) -> Run | None:
    """Return the run that a run followed, where it is still there."""
    known = {each.id: each for each in Lake(place.lake_folder).runs()}
    return known.get(run.manifest.get("previous_run") or "")


_STEPS: Mapping[str, Callable[[Chain], dict[str, Any]]] = {
    "read": _read,
    "link": _link,
    "waits": _waits,
    "problems": _problems,
    "place": _place,
}


def input_hashes(place: Place, as_of: dt.date, retracted: Retractions = retractions.NOTHING) -> dict[str, str]:
    """Return the SHA-256 of every extract file that a run as at `as_of` would read, by its path in the folder."""
    files = [
        path
        for feed in place.feeds
        for path in retractions.kept_files(place, feed, as_of, retracted.files_of(feed.id))[1]
    ]
    return {str(path.relative_to(place.folder)): _sha256(path) for path in files}


def new_engine(spill_folder: Path | None = None) -> DuckDBEngine:
    """Return an empty engine of the kind the chain uses; what it spills is personal data and goes to `spill_folder`."""
    return DuckDBEngine(MEMORY_LIMIT, spill_folder=spill_folder)


def open_run(run: Run, *, names: tuple[str, ...] = (), spill_folder: Path | None = None) -> DuckDBEngine:
    """Return an engine with the tables of a published run loaded; only those named, where names are given.

    A table that came into the registry after the run was made is not there.
    """
    engine = new_engine(spill_folder)
    for table in (*SOURCE_TABLES, ISSUE, REJECT, *REFERENCE_TABLES, *FINDING_TABLES):
        if table.name in names or (not names and run.table(table.name).is_file()):
            engine.load_parquet(table.name, run.table(table.name))
    return engine


def _sha256(path: Path) -> str:
    with path.open("rb") as file:
        return hashlib.file_digest(file, "sha256").hexdigest()


def _newest_extract(place: Place) -> dt.date:
    dates = place.extract_dates()
    if not dates:
        raise PlaceInvalid(f"{place.name} has no extracts; put them under extracts/<feed>/<date>/")
    return dates[-1]


def _latest_run(lake: Lake) -> Run | None:
    """Return the run of the latest day, whichever is visible: a look back must not cost anybody their id."""
    return max(lake.runs(), key=lambda run: (run.manifest["as_of"], run.manifest["made_at"]), default=None)


def _run_of(lake: Lake, place: Place, fingerprint: str) -> Run | None:
    """Return the latest run made of this input, also one that a kill left without its pointer; `None` if none was.

    An extract that stood in for one that could not be read is input too, so every file the run read is looked at.
    """
    made = [run for run in lake.runs() if run.manifest["fingerprint"] == fingerprint and _still_holds(place, run)]
    return max(made, key=lambda run: str(run.manifest["made_at"]), default=None)


def _still_holds(place: Place, run: Run) -> bool:
    read = {name: digest for feed in run.manifest["stages"]["read"]["feeds"] for name, digest in feed["files"].items()}
    return all((place.folder / name).is_file() and _sha256(place.folder / name) == read[name] for name in read)


_RESTRICTED = (
    decisions.DECISIONS_FILE,
    seals.SEALS_FILE,
    wrong_numbers.WRONG_NUMBERS_FILE,
    withdrawals.WITHDRAWN_FILE,
    withdrawals.STOPPED_FILE,
    retractions.RETRACTED_FILE,
)


def input_fingerprint(place: Place, as_of: dt.date, inputs: Mapping[str, str]) -> str:
    """Return the fingerprint of all that a run depends on: Braid, the day, the extracts, and what the place wrote."""
    folder = place.folder
    written = [*folder.glob("problems/*.toml"), *folder.glob("priority/*.toml"), *folder.glob("geography/*.csv")]
    written += [path for path in folder.glob(f"{RELEASES}/*") if path.is_file()]
    mappings = [feed.mapping for feed in place.feeds if feed.mapping]
    restricted = [f"restricted/{name}.csv" for name in _RESTRICTED]
    names = {
        "place.toml",
        BODIES_FILE,
        BOARDS_FILE,
        OUTCOMES_FILE,
        str(OPT_OUT_LIST),
        *mappings,
        *restricted,
        *(str(path.relative_to(folder)) for path in written),
    }
    settings = {name: _sha256(folder / name) for name in sorted(names) if (folder / name).is_file()}
    return fingerprint_of({"version": __version__, "as_of": as_of, "inputs": inputs, "settings": settings})


def _new_run_id(lake: Lake, as_of: dt.date, fingerprint: str) -> str:
    """Return a run id of date and fingerprint; a run made again of the same input is numbered."""
    base = f"{as_of.isoformat()}-{fingerprint[:8]}"
    taken = {run.id for run in lake.runs()}
    names = [base, *(f"{base}-{number}" for number in range(2, len(taken) + 3))]
    return next(name for name in names if name not in taken)


def _libraries() -> dict[str, str]:
    return {name: version(name) for name in LIBRARIES}


def _more_libraries(engine: str) -> dict[str, str]:
    return {"pyspark": version("pyspark")} if engine == "spark" else {}


def _manifest(chain: Chain, made_of: Mapping[str, Any], stages: Mapping[str, Mapping[str, Any]]) -> dict[str, Any]:
    """Return what the run was made of. `seed` is empty: nothing is drawn but person ids, which must not repeat."""
    return {
        "place": chain.place.id,
        "as_of": chain.as_of.isoformat(),
        "previous_run": chain.previous.id if chain.previous else None,
        "made_at": dt.datetime.now(dt.UTC).isoformat(timespec="seconds"),
        "versions": {"braid": __version__, **_libraries(), **_more_libraries(chain.reckoning.engine_name)},
        "seed": None,
        "reckoned": stages["waits"]["reckoned"],
        "stages": stages,
        **made_of,
    }


def _workers() -> int:
    return int(os.environ.get("BRAID_WORKERS", min(4, os.cpu_count() or 1)))
