"""The people stage: source records in, persons with stable ids, their links and their history out."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import asdict, replace
from pathlib import Path

from braid.language.findings import SEALED_PERSON, TABLES
from braid.people.causes import Grounds, explain
from braid.people.components import find_named
from braid.people.contested import find_confused, find_contested
from braid.people.describe import describe_persons, load_homes
from braid.people.distribution import find_cluster
from braid.people.drift import find_drift
from braid.people.facts import read_standards
from braid.people.gather import evidence_of, gather
from braid.people.guarded import Settled
from braid.people.household_tables import create_household_tables, read_as_of, read_earlier
from braid.people.identity import assign_ids
from braid.people.judge import judge
from braid.people.lineage import (
    Newest,
    Past,
    now,
    remember_apart,
    write_lineage,
)
from braid.people.linkage import link_records, select
from braid.people.model import Identities, LinkSummary
from braid.people.night import compare, keep_standing, made_by, read_refusals
from braid.people.outside import (
    NOTHING,
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
)
from braid.people.protection import Protection
from braid.people.relationships import create_relationships
from braid.people.release import describe_use
from braid.people.review_queue import (
    Review,
)
from braid.people.run_call import ALONE, NOTHING_SAID, Call, Course, Said
from braid.people.run_parts import Asked, Found, Named, Standardised, Weighed
from braid.people.run_tables import (
    is_by_household,
    summarise,
    write_links,
    write_memory,
    write_proposals,
)
from braid.people.seals import find_apart, find_ended_ids, find_seals, sealed_persons
from braid.people.standardise import standardise
from braid.people.wrong_numbers import drop_wrong_numbers, find_wrong_numbers
from braid.people.zone import cut_out, find_patients, find_zone
from braid.store.engine import Engine

INPUT_TABLES = ("person_record", "identifier", "stay", "relationship", "episode", "postcode", "wait")
Pair = tuple[str, str]


def run(
    engine: Engine, previous_links: Path | None = None, said: Said = NOTHING_SAID, course: Course = ALONE
) -> LinkSummary:
    """Link the records of `engine` into persons: create tables `person_link`, `person_history`, `record_memory`,
    `membership`, `person_lineage`, `kept_apart`, `link_proposal`, `link_review`, `link_review_field`, `sealed_person`,
    `person`, `link_error`, those of households and relationships as on the day that it speaks of, and with a sample
    plan `link_sample`, `link_sample_group`, `link_frame`.

    `previous_links` is `person_link.parquet` of the run before; without it everybody is new. Input tables that are
    absent count as empty. Raises `LinkageFailed` where the release does not fit the comparisons.
    """
    add_missing_tables(engine)
    call = Call(engine, previous_links, replace(said, decision_rows=tuple(said.decision_rows)), course)
    call.begin(0)
    rows = _standardise(call)
    call.begin(1)
    weighed = _compare(call, rows)
    call.begin(2)
    found = _resolve(call, gather(call, weighed))
    call.begin(3)
    named = _identify(call, found)
    _keep(call, named)
    call.begin(4)
    persons = _describe(call, named)
    reviews = judge(call, named)
    forget_earlier(engine)
    return _summarise(call, named, persons, reviews)


def _standardise(call: Call) -> Standardised:
    engine, night = call.engine, call.course.night
    wrong, maker = find_wrong_numbers(engine, call.said.wrong_rows), made_by(call.said.feed_trust)
    if open_evening(engine, night, maker) and night is not None:
        return Standardised(*standardise_changed(engine, night, wrong), wrong, maker, stands=True)
    return Standardised(drop_wrong_numbers(standardise(engine), wrong), None, wrong, maker, stands=False)


def _compare(call: Call, rows: Standardised) -> Weighed:
    engine, course = call.engine, call.course
    seals = find_seals(engine, call.said.sealed_rows)
    compared = compare(
        rows.records,
        call.model,
        read_standards(engine),
        course.memory_limit,
        course.spill_folder,
        course.night,
        frozenset(seals.sides),
        rows.redone,
        find_cluster(engine),
    )
    return Weighed(rows, seals, compared, course.as_of or read_as_of(engine))


def _resolve(call: Call, asked: Asked) -> Found:
    """Decide who is whom: of everybody, or of whom a night touches and whoever hangs together with them.

    A household of the zone may be another than it was and fit a nameless record that the zone does not hold. Then the
    zone grows and is linked again.
    """
    engine, night, rows = call.engine, call.course.night, asked.weighed.rows
    zone = _find_zone(call, asked)
    while zone is not None and night is not None:
        part, here, outside = cut_out(engine, zone), select(rows.records, zone), read_outside(night, zone)
        evidence, known = evidence_of(call, asked, part, here, zone)
        linked = link_records(part, here, evidence, outside.postcodes)
        patients = find_patients(engine, linked.homes, zone)
        if not patients:
            return Found(asked, part, evidence, linked, outside, zone, known, here)
        zone = find_zone(engine, patients, zone)
    evidence, known = evidence_of(call, asked, engine, rows.records, None)
    linked = link_records(engine, rows.records, evidence)
    return Found(asked, engine, evidence, linked, NOTHING, None, known, rows.records)


def _find_zone(call: Call, asked: Asked) -> frozenset[str] | None:
    weighed, night = asked.weighed, call.course.night
    rows = weighed.rows
    if night is None or not rows.stands:
        return None
    touched = asked.named | asked.beside | weighed.seals.absent.keys() | rows.wrong.held.keys()
    touched |= call.said.withdrawn.keys()
    return find_zone_of(call.engine, night, rows.records, weighed.compared, touched, weighed.day)


def _identify(call: Call, found: Found) -> Named:
    """Give ids, and write who each record is."""
    engine, said, known, asked = call.engine, call.said, found.known, found.asked
    weighed = asked.weighed
    ended = find_ended_ids({**weighed.seals.absent, **weighed.seals.sides}, known.known, known.formers)
    identities = _name(call, found, ended)
    write_links(found.part, found.settled.resolution, identities, found.evidence.facts)
    write_memory(engine, {**known.known, **identities.person_ids}, ended, said.withdrawn)
    if found.zone is not None:
        splice_links(engine)
        splice_memory(engine)
    contested = {**found.outside.contested, **find_contested(found.settled.resolution.contested, found.here)}
    contested |= find_confused(weighed.compared.edges_of(found.zone).confused, found.settled, weighed.sealed)
    return Named(found, identities, ended, contested)


def _keep(call: Call, named: Named) -> None:
    """Keep what the night after needs, and what is known of who was whom."""
    engine, night, moment = call.engine, call.course.night, call.course.moment or now()
    found, asked = named.found, named.found.asked
    weighed, rows = asked.weighed, asked.weighed.rows
    if night is not None:
        told = asked.named | find_named(found.settled.decisions, (), ()) | asked.beside | rows.wrong.held.keys()
        keep_standing(
            night,
            found.whole,
            found.second,
            found.linked.homes,
            rows.those_of(told),
            weighed.sealed,
            rows.maker,
            found.zone,
        )
    newest = Newest(found.settled.decisions, asked.decided, moment.as_of_date)
    withdrawn = call.said.withdrawn
    remember_apart(engine, asked.past, newest, asked.present, frozenset(withdrawn), weighed.sealed)
    part = None if found.zone is None else found.part
    write_lineage(engine, moment, str(call.model["version"]), named.ended, withdrawn, part)
    write_proposals(engine, found.whole.resolution, found.doubts, named.contested)
    engine.load_rows(SEALED_PERSON, sealed_persons(weighed.seals.sides, named.identities.person_ids))


def _describe(call: Call, named: Named) -> int:
    """Write households, relationships and what is told of everybody; return how many persons there are."""
    engine, identities, found = call.engine, named.identities, named.found
    weighed, before = found.asked.weighed, found.before
    apart = find_apart(found.part, weighed.seals.sides, identities.person_ids)
    forgotten = _find_forgotten(found.known, identities, call.said.withdrawn)
    earlier = read_earlier(call.previous_links, identities, before, forgotten)
    households = create_household_tables(found.part, identities, apart, earlier, call.course.draw, weighed.day)
    load_homes(engine, households, _by_person(found.settled, identities))
    if before is not None:
        splice_households(engine, {*before, *identities.person_ids.values()}, weighed.day)
        splice_homes(engine, found.whole)
    create_relationships(engine, apart, weighed.day)
    if before is None:
        describe_persons(engine)
    else:
        describe_changed(engine)
    return int(engine.rows("select count(distinct person_id) as found from person_link")[0]["found"])


def _summarise(call: Call, named: Named, persons: int, reviews: Sequence[Review]) -> LinkSummary:
    found, asked, weighed = named.found, named.found.asked, named.found.asked.weighed
    rows = weighed.rows
    protected = int(call.engine.rows("select count(*) as found from person where protected")[0]["found"])
    counts = (rows.records.num_rows, persons, protected)
    summary = summarise(weighed.compared, found.whole, named.identities, counts, str(call.model["version"]))
    decided, compared, wrong = asked.decided, weighed.compared, rows.wrong
    return replace(
        summary,
        decisions_used=len(decided.pairs) - summary.decisions_refused + len(decided.problems),
        decisions_unknown=decided.unknown,
        reviews=sum(review.position > 0 for review in reviews),
        sealed_persons=len({named.identities.person_ids[record_id] for record_id in weighed.seals.sides}),
        sealed_records_unknown=len(weighed.seals.absent),
        proposals=len(found.whole.resolution.proposed) + len(named.contested),
        contested=len(named.contested),
        wrong_numbers=sum(map(len, wrong.held.values())),
        wrong_numbers_lapsed=wrong.lapsed,
        release=asdict(describe_use(call.model, is_kept=compared.in_force.is_kept)),
        drift=find_drift(call.model.get("edge_levels", {}), compared.counts.levels),
        problems=(*summary.problems, *wrong.problems),
        ids_ended_by_seal=len(named.ended & set(found.known.persons.values())),
        second_pass=len(found.second),
        withdrawn=len(call.said.withdrawn),
        compared=compared.how,
        records_changed=len(rows.records if compared.changed is None else compared.changed),
        records_linked=len(found.here),
    )


def _name(call: Call, found: Found, ended: frozenset[str]) -> Identities:
    """Return who each record is, and every change since the run before with its cause."""
    settled, past = found.settled, found.known
    groups, held_by = settled.resolution.groups, settled.resolution.held_by
    given = assign_ids(past.persons, groups, call.course.draw, past.remembered, ended, past.formers, past.arrived)
    grounds = Grounds(
        before=past.known,
        now=given.person_ids,
        refused=settled.resolution.refused,
        decisions=settled.decisions,
        sides=found.asked.weighed.seals.sides,
        refused_before=read_refusals(call.course.night),
        by_human=past.by_human,
        by_household=frozenset(one for one in past.by_household if not is_by_household(held_by.get(one))),
        without_households=found.linked.first_pass,
        withdrawn=call.said.withdrawn,
        ended=ended,
    )
    return replace(given, history=explain(given.history, grounds))


def add_missing_tables(engine: Engine) -> None:
    """Create every input table that is absent as an empty one."""
    for name in INPUT_TABLES:
        if not engine.has(name):
            engine.load_rows(TABLES[name], [])


def _find_forgotten(past: Past, identities: Identities, withdrawn: Mapping[str, str]) -> set[str]:
    """Return the ids of whose households nothing may be remembered: whom a withdrawn record was, and who is parted."""
    held = {person for record in withdrawn for person in (past.known.get(record), *past.formers.get(record, ()))}
    parted = {
        end for row in identities.history if row.change == "split" for end in (row.person_id, row.other_person_id)
    }
    return {person for person in held | parted if person}


def _by_person(settled: Settled, identities: Identities) -> Protection:
    """Return protection by person: a person is protected, or withheld, as soon as one record of theirs is."""
    protected, withheld = (
        frozenset(identities.person_ids[record_id] for record_id in records)
        for records in (settled.protected, settled.withheld)
    )
    return Protection(protected, withheld | protected)
