"""The people stage: source records in, persons with stable ids, their links and their history out."""

from __future__ import annotations

import datetime as dt
from collections import Counter
from collections.abc import Callable, Iterable, Mapping, Sequence
from dataclasses import asdict, replace
from functools import partial
from pathlib import Path
from typing import Any

import pyarrow as pa

from braid.language.findings import LINK_PROPOSAL, PERSON_HISTORY, PERSON_LINK, RECORD_MEMORY, SEALED_PERSON, TABLES
from braid.people.causes import Grounds, explain
from braid.people.components import find_named
from braid.people.contested import find_confused, find_contested
from braid.people.decisions import find_decided
from braid.people.describe import describe_persons, load_homes
from braid.people.distribution import find_cluster
from braid.people.drift import find_drift
from braid.people.expected import Gap, create_link_error, find_gaps, find_joins
from braid.people.facts import read_facts, read_standards, with_apart
from braid.people.guarded import Evidence, Settled, count_refused
from braid.people.household_tables import create_household_tables, create_relationships, read_as_of, read_earlier
from braid.people.identity import assign_ids, draw_id
from braid.people.lineage import (
    Moment,
    Newest,
    Past,
    keep_apart,
    leave_out_older,
    now,
    part_whole,
    read_past,
    remember_apart,
    write_lineage,
)
from braid.people.link_engine import explain_pairs, load_model
from braid.people.linkage import Linked, link_records, narrow, select
from braid.people.model import (
    NO_DECISIONS,
    NO_FACTS,
    Decisions,
    Edge,
    EdgeSet,
    Facts,
    FieldWeight,
    Identities,
    LinkSummary,
    Resolution,
    Rest,
    Sides,
)
from braid.people.night import Compared, Night, compare, find_beside, keep_standing, made_by, read_refusals
from braid.people.outside import (
    NOTHING,
    Outside,
    describe_changed,
    find_zone_of,
    forget_earlier,
    open_evening,
    read_outside,
    splice_homes,
    splice_households,
    splice_links,
    splice_memory,
    standardise_changed,
    with_outside,
)
from braid.people.protection import Protection
from braid.people.release import Release, describe_use
from braid.people.resolve import MUST_LINK_WEIGHT, Contradictions
from braid.people.review_queue import (
    Review,
    Standing,
    describe_reviews,
    find_doubts_of,
    list_decided,
    list_sample,
    order_queue,
    read_waits,
    write_queue,
)
from braid.people.sampling import Sample, SamplePlan, find_sample, write_sample
from braid.people.seals import SealedRow, find_apart, find_ended_ids, find_seals, sealed_persons
from braid.people.second_pass import SECOND_PASS_BITS, with_household
from braid.people.sources import NOT_SAID, FeedTrust
from braid.people.standardise import standardise
from braid.people.wrong_numbers import drop_wrong_numbers, find_wrong_numbers
from braid.people.zone import cut_out, find_patients, find_zone
from braid.store.engine import Engine

INPUT_TABLES = ("person_record", "identifier", "stay", "relationship", "episode", "postcode", "wait")
STEPS = ("standardise", "compare", "resolve", "identify", "describe")

NO_GROUPS: Mapping[str, str] = {}
NOBODY: Mapping[str, str] = {}

Progress = Callable[[str, int, int], None]
"""Called with the step that begins, its place from 1, and the number of steps."""


def run(
    engine: Engine,
    previous_links: Path | None = None,
    memory_limit: str = "1GB",
    progress: Progress | None = None,
    draw: Callable[[], str] = draw_id,
    decisions: Decisions = NO_DECISIONS,
    spill_folder: Path | None = None,
    decision_rows: Iterable[tuple[int, Mapping[str, str]]] = (),
    sealed_rows: Iterable[SealedRow] = (),
    groups: Mapping[str, str] = NO_GROUPS,
    wrong_rows: Iterable[tuple[int, Mapping[str, str]]] = (),
    feed_trust: FeedTrust = NOT_SAID,
    release: Release | None = None,
    as_of: dt.date | None = None,
    moment: Moment | None = None,
    withdrawn: Mapping[str, str] = NOBODY,
    night: Night | None = None,
    sample_plan: SamplePlan | None = None,
) -> LinkSummary:
    """Link the records of `engine` into persons: create tables `person_link`, `person_history`, `record_memory`,
    `membership`, `person_lineage`, `kept_apart`, `link_proposal`, `link_review`, `link_review_field`, `sealed_person`,
    `person`, `link_error`, and those of households and relationships as on `as_of`, by default the newest day of an
    extract.

    `previous_links` is `person_link.parquet` of the run before; without it everybody is new. `decision_rows`,
    `wrong_rows` and `sealed_rows` are what the place wrote under `restricted/`, the former two with their lines;
    `feed_trust` is what it says of single feeds; `release` the linkage release in force (default: the shipped one).
    Input tables that are absent count as empty. `groups` is, for each characteristic by which errors are estimated, a
    query of everybody's `person_id` and `group_code`. `moment` is the day that the run speaks of and when it is made
    (default: now). `withdrawn` are records that the engine no longer holds and nothing may name, each with its cause.
    With `night`, who did not change since the run before is not compared again, and only whom that touches is linked
    again (`braid.people.zone`). With `sample_plan`, pairs are drawn for humans to say how often linking errs:
    `link_sample`, `link_sample_group`, `link_frame`. What does not fit into `memory_limit` goes to `spill_folder`.
    Raises `LinkageFailed` where the shipped release does not fit the comparisons.
    """
    tell = progress or _be_quiet
    add_missing_tables(engine)
    model = release or load_model()
    tell(STEPS[0], 1, len(STEPS))
    wrong = find_wrong_numbers(engine, wrong_rows)
    maker, redone, zone = made_by(feed_trust), None, None
    stands = open_evening(engine, night, maker)
    if night is not None and stands:
        records, redone = standardise_changed(engine, night, wrong)
    else:
        records = drop_wrong_numbers(standardise(engine), wrong)
    tell(STEPS[1], 2, len(STEPS))
    seals = find_seals(engine, sealed_rows)
    sealed = frozenset(seals.sides)
    standards, cluster = read_standards(engine), find_cluster(engine)
    compared = compare(records, model, standards, memory_limit, spill_folder, night, sealed, redone, cluster)
    found, day = compared.found, as_of or read_as_of(engine)
    tell(STEPS[2], 3, len(STEPS))
    unlike = found.apart | {(edge.left, edge.right) for edge in found.confused}
    facts = with_apart(read_facts(engine, records, feed_trust, wrong), unlike)
    past, present = read_past(engine, previous_links), frozenset(records.column("record_id").to_pylist())
    evidence = Evidence(
        record_ids=records.column("record_id").to_pylist(),
        edges=found.edges,
        facts=facts,
        decisions=replace(decisions, cannot_link=decisions.cannot_link | keep_apart(past, present).keys()),
        decided=leave_out_older(find_decided(engine, decision_rows), past),
        sides=seals.sides,
        rest=Rest(found.weak),
        widen=partial(part_whole, past),
    )
    named = find_named(evidence.decisions, (pair for pair, _ in evidence.decided.pairs), seals.sides)
    beside = find_beside(found, sealed)
    if night is not None and stands:
        asked = named | beside | seals.absent.keys() | wrong.held.keys() | withdrawn.keys()
        zone = find_zone_of(engine, night, records, compared, asked, day)
    part, linked, outside, zone = _link(engine, records, evidence, night, zone)
    settled, doubts = linked.settled, {**outside.proposals, **linked.doubts}
    known, here = (past, records) if zone is None else (past.within(zone), select(records, zone))
    tell(STEPS[3], 4, len(STEPS))
    ended = find_ended_ids({**seals.absent, **seals.sides}, known.known, known.formers)
    first_pass = linked.first_pass
    identities = _identify(settled, known, draw, ended, seals.sides, withdrawn, read_refusals(night), first_pass)
    _write_links(part, settled.resolution, identities, facts)
    _write_memory(engine, {**known.known, **identities.person_ids}, ended, withdrawn)
    if zone is not None:
        splice_links(engine)
        splice_memory(engine)
    whole = with_outside(settled, outside)
    second = tuple(sorted((*outside.second, *linked.second), key=lambda edge: (edge.left, edge.right)))
    if night is not None:
        named = present & (named | find_named(settled.decisions, (), ()) | beside | wrong.held.keys())
        keep_standing(night, whole, second, {**outside.homes, **linked.homes}, named, sealed, maker)
    moment = moment or now()
    newest = Newest(settled.decisions, evidence.decided, moment.as_of_date)
    remember_apart(engine, past, newest, present, frozenset(withdrawn), sealed)
    write_lineage(engine, moment, str(model["version"]), ended, withdrawn)
    contested = {**outside.contested, **find_contested(settled.resolution.contested, here)}
    contested |= find_confused(found.confused, settled, sealed)
    _write_proposals(engine, whole.resolution, doubts, contested)
    engine.load_rows(SEALED_PERSON, sealed_persons(seals.sides, identities.person_ids))
    tell(STEPS[4], 5, len(STEPS))
    apart = find_apart(part, seals.sides, identities.person_ids)
    before = None if zone is None else frozenset(known.persons.values())
    earlier = read_earlier(previous_links, identities, before, _find_forgotten(past, identities, withdrawn))
    households = create_household_tables(part, identities, apart, earlier, draw, day)
    load_homes(engine, households, _by_person(settled, identities))
    if before is not None:
        splice_households(engine, {*before, *identities.person_ids.values()}, day)
        splice_homes(engine, whole)
    persons = read_persons(engine)
    create_relationships(engine, {one: person for person, group in persons.items() for one in group}, apart, day)
    if before is None:
        describe_persons(engine)
    else:
        describe_changed(engine)
    standard_of = _read_standards_of(engine)
    scored = (*found.edges, *second, *found.weak)
    contradictions = Contradictions(facts, settled.decisions, seals.sides)
    gaps = list(find_gaps(persons, scored, standard_of, contradictions))
    create_link_error(engine, records, find_joins(persons, scored, standard_of), gaps, groups)
    weighed = replace(found, edges=(*found.edges, *second))
    standing = Standing(persons, whole, weighed, doubts, contested, facts, sealed)
    sample = find_sample(engine, sample_plan, standing, previous_links, model["threshold"]) if sample_plan else None

    def weigh(pairs: Sequence[tuple[str, str]]) -> Mapping[tuple[str, str], Sequence[FieldWeight]]:
        return with_household(_explain(records, compared, pairs, memory_limit, spill_folder), second)

    reviews = _ask_humans(engine, standing, gaps, evidence, sample, weigh)
    forget_earlier(engine)
    protected = int(engine.rows("select count(*) as found from person where protected")[0]["found"])
    summary = _summarise(found, whole, identities, (len(present), len(persons), protected), str(model["version"]))
    return replace(
        summary,
        decisions_used=len(evidence.decided.pairs) - summary.decisions_refused + len(evidence.decided.problems),
        decisions_unknown=evidence.decided.unknown,
        reviews=sum(review.position > 0 for review in reviews),
        sealed_persons=len({identities.person_ids[record_id] for record_id in seals.sides}),
        sealed_records_unknown=len(seals.absent),
        proposals=len(whole.resolution.proposed) + len(contested),
        contested=len(contested),
        wrong_numbers=sum(map(len, wrong.held.values())),
        wrong_numbers_lapsed=wrong.lapsed,
        release=asdict(describe_use(model, is_kept=compared.in_force.is_kept)),
        drift=find_drift(model.get("edge_levels", {}), found.levels),
        problems=(*summary.problems, *wrong.problems),
        ids_ended_by_seal=len(ended & set(past.persons.values())),
        second_pass=len(second),
        withdrawn=len(withdrawn),
        compared=compared.how,
        records_changed=len(records if compared.changed is None else compared.changed),
        records_linked=len(here),
    )


def _ask_humans(
    engine: Engine,
    standing: Standing,
    gaps: Sequence[Gap],
    evidence: Evidence,
    sample: Sample | None,
    weigh: Callable[[Sequence[tuple[str, str]]], Mapping[tuple[str, str], Sequence[FieldWeight]]],
) -> list[Review]:
    """Write the pairs that humans are asked about, the likeliest errors and a sample; return the former."""
    waits = read_waits(engine)
    reviews = _choose_reviews(standing, gaps, evidence, waits)
    drawn = list_sample(sample.strata, standing) if sample else []
    fields = weigh(list(dict.fromkeys(review.doubt.pair for review in (*reviews, *drawn))))
    write_queue(engine, standing, reviews, fields, waits, drawn)
    if sample:
        write_sample(engine, sample, describe_reviews(engine, standing, drawn, fields, waits))
    return reviews


def _identify(
    settled: Settled,
    past: Past,
    draw: Callable[[], str],
    ended: frozenset[str],
    sides: Sides,
    withdrawn: Mapping[str, str],
    refused_before: Mapping[tuple[str, str], str],
    first_pass: Mapping[str, str],
) -> Identities:
    """Return who each record is, and every change since the run before with its cause."""
    groups, held_by = settled.resolution.groups, settled.resolution.held_by
    found = assign_ids(past.persons, groups, draw, past.remembered, ended, past.formers, past.arrived)
    grounds = Grounds(
        before=past.known,
        now=found.person_ids,
        refused=settled.resolution.refused,
        decisions=settled.decisions,
        sides=sides,
        refused_before=refused_before,
        by_human=past.by_human,
        by_household=frozenset(one for one in past.by_household if not _is_by_household(held_by.get(one))),
        without_households=first_pass,
        withdrawn=withdrawn,
        ended=ended,
    )
    return replace(found, history=explain(found.history, grounds))


def _explain(
    records: pa.Table,
    compared: Compared,
    pairs: Sequence[tuple[str, str]],
    memory_limit: str,
    spill_folder: Path | None,
) -> dict[tuple[str, str], tuple[FieldWeight, ...]]:
    """Return how the fields of pairs weigh, by what is in force."""
    force = compared.in_force
    return explain_pairs(
        records, force.model, pairs, memory_limit, spill_folder, force.standards, record_count=force.records
    )


def add_missing_tables(engine: Engine) -> None:
    """Create every input table that is absent as an empty one."""
    for name in INPUT_TABLES:
        if not engine.has(name):
            engine.load_rows(TABLES[name], [])


def read_persons(engine: Engine) -> dict[str, tuple[str, ...]]:
    """Return the records of each person by `person_link`, in order."""
    found: dict[str, list[str]] = {}
    table = engine.arrow("select person_id, person_record_id from person_link order by person_record_id")
    for person, record in zip(*(column.to_pylist() for column in table.columns), strict=True):
        found.setdefault(person, []).append(record)
    return {person: tuple(records) for person, records in found.items()}


def _link(
    engine: Engine, records: pa.Table, evidence: Evidence, night: Night | None, zone: frozenset[str] | None
) -> tuple[Engine, Linked, Outside, frozenset[str] | None]:
    """Link everybody, or a zone; return where, what became of it, what stands outside, and the zone.

    A household of the zone may be another than it was and fit a nameless record that the zone does not hold. Then the
    zone grows and is linked again.
    """
    while zone is not None and night is not None:
        part, outside = cut_out(engine, zone), read_outside(night, zone)
        linked = link_records(part, select(records, zone), narrow(evidence, zone), outside.postcodes)
        patients = find_patients(engine, linked.homes, zone)
        if not patients:
            return part, linked, outside, zone
        zone = find_zone(engine, patients, zone)
    return engine, link_records(engine, records, evidence), NOTHING, None


def _find_forgotten(past: Past, identities: Identities, withdrawn: Mapping[str, str]) -> set[str]:
    """Return the ids of whose households nothing may be remembered: whom a withdrawn record was, and who is parted."""
    held = {person for record in withdrawn for person in (past.known.get(record), *past.formers.get(record, ()))}
    parted = {
        end for row in identities.history if row.change == "split" for end in (row.person_id, row.other_person_id)
    }
    return {person for person in held | parted if person}


def _write_memory(
    engine: Engine, memory: Mapping[str, str], ended: frozenset[str], withdrawn: Mapping[str, str]
) -> None:
    """Write who each record was last. An id that led across a seal is forgotten, so that nobody comes back to it; so is
    a record that was withdrawn."""
    rows = (
        {"person_record_id": record, "person_id": person}
        for record, person in memory.items()
        if person not in ended and record not in withdrawn
    )
    engine.load_rows(RECORD_MEMORY, rows)


def _write_links(engine: Engine, resolution: Resolution, identities: Identities, facts: Mapping[str, Facts]) -> None:
    engine.load_rows(
        PERSON_LINK,
        [
            _link_row(record_id, person_id, resolution.held_by.get(record_id), facts)
            for record_id, person_id in identities.person_ids.items()
        ],
    )
    engine.load_rows(
        PERSON_HISTORY,
        [
            {
                "person_id": row.person_id,
                "change": row.change,
                "other_person_id": row.other_person_id,
                "cause": row.cause,
            }
            for row in identities.history
        ],
    )


def _write_proposals(
    engine: Engine, resolution: Resolution, doubts: Mapping[Edge, str], contested: Mapping[Edge, str]
) -> None:
    tied = {item.edge for item in resolution.refused if item.reason == "tie"}
    causes = {edge: "tie" if edge in tied else doubts[edge] for edge in resolution.proposed} | dict(contested)
    engine.load_rows(
        LINK_PROPOSAL,
        [
            {
                "record_a": edge.left,
                "record_b": edge.right,
                "weight": edge.weight,
                "cause": cause,
            }
            for edge, cause in causes.items()
        ],
    )


def _read_standards_of(engine: Engine) -> dict[str, str]:
    """Return the standard of each record."""
    columns = engine.arrow("select record_id, standard from person_record").columns
    return dict(zip(*(column.to_pylist() for column in columns), strict=True))


def _choose_reviews(
    standing: Standing, gaps: Sequence[Gap], evidence: Evidence, waits: Mapping[str, Sequence[str]]
) -> list[Review]:
    """Return what humans are to look at, in order, and what they decided."""
    queue = order_queue(find_doubts_of(standing, gaps), waits)
    asked = {review.doubt.pair for review in queue}
    latest = {pair: decision.decided_date for pair, decision in evidence.decided.pairs if pair not in asked}
    return [*queue, *list_decided(standing, latest.items())]


def _by_person(settled: Settled, identities: Identities) -> Protection:
    """Return protection by person: a person is protected, or withheld, as soon as one record of theirs is."""
    protected, withheld = (
        frozenset(identities.person_ids[record_id] for record_id in records)
        for records in (settled.protected, settled.withheld)
    )
    return Protection(protected, withheld | protected)


def _link_row(record_id: str, person_id: str, edge: Edge | None, facts: Mapping[str, Facts]) -> dict[str, Any]:
    return {
        "person_record_id": record_id,
        "person_id": person_id,
        "match_weight": edge.weight if edge else None,
        "method": _method(edge, facts),
    }


def _is_by_household(edge: Edge | None) -> bool:
    return edge is not None and edge.weight == SECOND_PASS_BITS


def _method(edge: Edge | None, facts: Mapping[str, Facts]) -> str:
    if edge is None:
        return "single"
    if edge.weight >= MUST_LINK_WEIGHT:
        return "human"
    if _is_by_household(edge):
        return "rule"
    left, right = (facts.get(record_id, NO_FACTS).claims for record_id in (edge.left, edge.right))
    shares = any(right.get(scheme) == value for scheme, value in left.items())
    return "exact_id" if shares else "probabilistic"


def _summarise(
    found: EdgeSet, settled: Settled, identities: Identities, counts: tuple[int, int, int], version: str
) -> LinkSummary:
    """Return the summary; `counts` are records, persons and protected persons."""
    records, persons, protected = counts
    refused = count_refused(settled.resolution)
    changes = Counter(row.change for row in identities.history)
    return LinkSummary(
        records=records,
        pairs_scored=found.pairs_scored,
        keys_over_cap=found.keys_over_cap,
        edges=len(found.edges),
        refused_by_constraint=refused["constraint"],
        refused_by_tie=refused["tie"],
        refused_by_protection=refused["protected"],
        refused_by_bridge=refused["bridge"],
        proposals=len(settled.resolution.proposed),
        decisions_refused=len(settled.problems),
        persons=persons,
        new=changes["new"],
        merged=changes["merged"],
        split=changes["split"],
        retired=changes["retired"],
        protected=protected,
        model_version=version,
        problems=settled.problems,
        keys_refined=found.keys_refined,
        pairs_lost=found.pairs_lost,
    )


def _be_quiet(step: str, place: int, steps: int) -> None:
    """Say nothing."""
