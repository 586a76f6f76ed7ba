"""A family of the sample: a child, a parent who moved in, a sister, and somebody who left and is not told of."""

import datetime as dt

from sample_run import AS_OF, CHILD, person_id

PARENT, SISTER, FORMER, NEW, FAR = (person_id(number) for number in range(10, 15))
OUTSIDER = "waits-for-nothing"
LONG_AGO, LEFT, SINCE = AS_OF - dt.timedelta(days=900), AS_OF - dt.timedelta(days=700), dt.date(2025, 2, 3)


def day(days: int) -> dt.date:
    return AS_OF - dt.timedelta(days=days)


def lives(home: str, who: str, first: dt.date, last: dt.date | None = None, **more) -> dict:
    row = {"household_id": home, "person_id": who, "from_date": first, "shown_from_date": first, "evidence": "home"}
    stated = {"to_date": last, "shown_to_date": last or AS_OF, "is_open": last is None, "age_role": "adult"}
    return {**row, **stated, **more}


def came(home: str, who: str, on: dt.date, cause: str, change: str = "came") -> dict:
    row = {"household_id": home, "person_id": who, "change": change, "event_date": on, "shown_date": on}
    return {**row, "cause": cause, "other_household_id": "where-they-went"}


def kin(one: str, other: str, kind: str, standard: str = "housing_register", **more) -> dict:
    row = {"person_id": one, "other_person_id": other, "kind": kind, "standard": standard, "as_of_date": day(9)}
    return {**row, "assertions": 1, "standards": 1, "sensitivity": "normal", "from_date": None, **more}


HOMES = {
    "household_member": [
        lives("h1", CHILD, dt.date(2015, 3, 2), age_role="child"),
        lives("h1", PARENT, SINCE),
        lives("h1", SISTER, LONG_AGO, from_date=None, age_role="child"),
        lives("h1", FORMER, LONG_AGO, LEFT),
    ],
    "household_event": [
        came("h1", PARENT, SINCE, "moved_in"),
        came("h1", FORMER, LEFT, "separated", "left"),
    ],
    "person_relationship": [
        kin(CHILD, PARENT, "parent", legal_responsibility=True, from_date=dt.date(2015, 3, 2)),
        kin(CHILD, PARENT, "carer", "cin", sensitivity="special"),
        kin(CHILD, FORMER, "parent"),
        kin(CHILD, SISTER, "sibling", to_date=day(3)),
        kin(CHILD, SISTER, "respondent_in_case_with", "fpl"),
    ],
}
