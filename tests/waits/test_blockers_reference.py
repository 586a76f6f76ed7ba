"""The queries of the blocker rules find exactly what the slow obvious evaluation finds."""

from __future__ import annotations

import datetime as dt

from hypothesis import given
from hypothesis import strategies as st

from braid.problems.load import shipped_statements
from braid.waits import reference
from braid.waits.blockers import create_blocker
from braid.waits.blockers_reference import blockers
from braid.waits.model import sensitivity_rank
from braid.waits.run import run
from drawn import drawn
from waits.place import AS_OF, CALENDAR, TinyPlace, close_engines

RULES = tuple(rule for statement in shipped_statements() for rule in statement.rules)
PEOPLE = ("p0", "p1", "p2", "p3")
RECORD = st.integers(0, len(PEOPLE))
REFERENCE = st.sampled_from(["A", "A", "a ", None])
ORGANISATION = st.sampled_from(["court", "court", "other"])
SENSITIVITY = st.sampled_from(["normal", "special", "criminal", "safe_address"])
DAY = st.sampled_from([AS_OF + dt.timedelta(days=n) for n in (-200, -30, -1, 0, 1, 60)])
CASES = (("criminal_case", "victim"), ("criminal_case", "defendant"), ("family_case", "respondent"))
STATUSES = (None, "booked", "adjourned", "adjourned", "vacated", "completed", "entered_in_error")
MAYBE_DAY = st.none() | DAY
KINDS = sorted({rule.held for rule in RULES} | {"register", "crown_trial", "rtt", "cf_assessment"})

WAIT = st.fixed_dictionaries(
    {
        "record": RECORD,
        "kind": st.sampled_from(KINDS),
        "start_date": st.sampled_from([AS_OF - dt.timedelta(days=n) for n in (1, 30, 500)]),
        "stop_date": st.sampled_from([None, None, None, AS_OF]),
        "episode_ref": REFERENCE,
        "organisation_id": ORGANISATION,
        "sensitivity": SENSITIVITY,
    }
)
EPISODE = st.fixed_dictionaries(
    {
        "record": RECORD,
        "case": st.sampled_from(
            [("criminal_case", "victim"), ("criminal_case", "defendant"), ("family_case", "respondent")]
        ),
        "episode_ref": REFERENCE,
        "organisation_id": ORGANISATION,
        "end_date": st.sampled_from([None, None, AS_OF, AS_OF + dt.timedelta(days=1)]),
    }
)
HEARING = st.fixed_dictionaries(
    {
        "record": RECORD,
        "episode_ref": REFERENCE,
        "organisation_id": ORGANISATION,
        "start_date": MAYBE_DAY,
        "planned_date": MAYBE_DAY,
        "end_date": MAYBE_DAY,
        "status": st.sampled_from(
            [None, "booked", "adjourned", "adjourned", "vacated", "completed", "entered_in_error"]
        ),
        "cause_group": st.sampled_from([None, "lawyers", "expert", "external"]),
        "status_reason": st.sampled_from([None, "fpl:LW1", "fpl:LW3", "fpl:EX1", "local:x"]),
    }
)


@st.composite
def places(draw: st.DrawFn) -> TinyPlace:
    place = TinyPlace()
    records = [place.person(person) for person in PEOPLE] + [place.record(PEOPLE[0])]
    for row in draw(st.lists(WAIT, min_size=2, max_size=12)):
        place.add("wait", person_record_id=records[row.pop("record")], start_event="field", **row)
    for row in draw(st.lists(EPISODE, max_size=8)):
        kind, role = row.pop("case")
        place.add("episode", person_record_id=records[row.pop("record")], kind=kind, role=role, **row)
    for row in draw(st.lists(HEARING, max_size=5)):
        place.add("event", person_record_id=records[row.pop("record")], kind="hearing", **row)
    return place


@drawn(15, 200)
@given(places())
def test_queries_and_slow_evaluation_agree(place: TinyPlace) -> None:
    engine = place.load()
    run(engine, CALENDAR, AS_OF)
    create_blocker(engine, RULES, AS_OF)
    rows = engine.rows("select * from blocker")
    waits = reference.person_waits(place.rows, CALENDAR, AS_OF)
    found = sorted(
        (row["rule_id"], row["held_wait_id"], row["holder_kind"], row["holder_wait_id"] or row["readiness_item"])
        for row in rows
    )
    assert found == blockers(place.rows, waits, RULES, AS_OF)
    assert len({row["blocker_id"] for row in rows}) == len(rows)
    rank = {wait["wait_id"]: sensitivity_rank(wait["sensitivity"]) for wait in waits}
    owner = {wait["wait_id"]: wait["person_id"] for wait in waits}
    for row in rows:
        held, holder = row["held_wait_id"], row["holder_wait_id"]
        assert sensitivity_rank(row["sensitivity"]) == max(rank[held], rank.get(holder, 0))
        other = owner[holder] if holder and owner[holder] != owner[held] else None
        assert row["holder_person_id"] == other
        assert not any(person in row["reason"] + row["evidence"] for person in PEOPLE)
    close_engines()
