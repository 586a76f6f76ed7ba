"""Pairs of records under review, as publication leaves them: everybody in them is made up."""

import datetime as dt
import uuid
from typing import Any

from braid.web.models import LinkAnswer, LinkPair, LinkQualityShown
from braid.web.watch import known_asker

RUN = "2026-11-15-sample"
FIELDS = [
    ["prior", "", -12.0],
    ["forename", "form", 4.6],
    ["surname", "exact", 8.1],
    ["birth", "swapped", -1.2],
    ["place", "sector", 2.0],
    ["nhs", "missing", 0.0],
    ["sex", "equal", 1.0],
]
SIDES = [
    {
        "given": "Ada",
        "family": "Example",
        "other": "",
        "birth": "2015-03-02",
        "precision": "day",
        "sex": "female",
        "district": "E08990001",
        "numbers": {"upn": "•••••••••2303"},
    },
    {
        "given": "Adele",
        "family": "Example",
        "other": "",
        "birth": "2015-02-03",
        "precision": "day",
        "sex": "female",
        "district": "E08990001",
        "numbers": {"upn": ""},
    },
]


LINEAGE = {
    "organisation_id": "northmere-council",
    "standard": "housing_register",
    "collection_year": 2026,
    "file_sha256": "0" * 64,
    "row_ref": "1",
    "as_of_date": dt.date(2026, 11, 15),
    "sensitivity": "normal",
}
"""Where records under review are from."""


def sheet(**more: Any) -> dict[str, Any]:
    """Return the sheet of a pair."""
    plain = {
        "asks": "perhaps_one",
        "sides": SIDES,
        "tells_place": True,
        "fields": FIELDS,
        "records": [3, 1],
        "services": [2, 1],
        "waits": [4, 1],
        "stake": 6,
    }
    return {**plain, **more}


def put_pair(person_a: str, person_b: str = "", *, position: int = 1, sheets: Any = None, **more: Any) -> LinkPair:
    """Put a pair of records of two people as its owner."""
    columns = {
        "record_a": uuid.uuid4().hex[:20],
        "record_b": uuid.uuid4().hex[:20],
        "is_sampled": False,
        "needs_two": False,
        "run_id": RUN,
        "is_shown": True,
        "person_a": person_a,
        "person_b": person_b or uuid.uuid4().hex,
        "is_joined": False,
        "position": position,
    }
    with known_asker():
        return LinkPair.objects.create(sheet=sheet(**(sheets or {})), **{**columns, **more})


def put_answer(pair: LinkPair, by: str, answer: str, reason: str = "agrees") -> None:
    """Put what somebody said of a pair in its round, as its owner."""
    with known_asker():
        LinkAnswer.objects.create(
            pair=pair,
            round=pair.round,
            answer=answer,
            reason=reason,
            reference="LR-2026-7",
            run_id=RUN,
            answered_by=by,
        )


def put_quality(told: bool = True) -> None:
    """Put what a sample says of linking, as the worker leaves it: enough of it decided, or nothing told yet."""
    with known_asker():
        LinkQualityShown.objects.update_or_create(
            id=1, defaults={"run_id": RUN, "current": CURRENT, "told": TOLD if told else None}
        )


def _stratum(name: str, pairs: int | None, drawn: int | None, decided: int | None, *, is_joined: bool) -> dict:
    return {"name": name, "is_joined": is_joined, "pairs": pairs, "drawn": drawn, "decided": decided}


STRATA_SHOWN = [
    _stratum("Joined, and alike by far more than is needed", 5230, 215, 210, is_joined=True),
    _stratum("Joined by little", 15, 15, 15, is_joined=True),
    _stratum("Joined through other records alone", 310, 55, 50, is_joined=True),
    _stratum("Apart, though alike enough", None, None, None, is_joined=False),
    _stratum("Apart, as likely one person as two, or more", 85, 65, 60, is_joined=False),
    _stratum("Apart, and rather two people", 0, 0, 0, is_joined=False),
]
CURRENT = {"drawn_date": "2026-11-15", "drawn": 355, "decided": 340, "strata": STRATA_SHOWN, "characteristics": []}


def _share(share: int, low: int, high: int) -> dict[str, int]:
    return {"share": share, "low": low, "high": high}


TOLD = {
    **CURRENT,
    "characteristics": [
        {
            "name": "All",
            "groups": [{"name": "All links", "false": _share(0, 0, 2), "missed": _share(6, 5, 8)}],
        },
        {
            "name": "Sex",
            "groups": [
                {"name": "Female", "false": _share(0, 0, 3), "missed": _share(5, 3, 9)},
                {"name": "Male", "false": _share(1, 0, 4), "missed": _share(7, 5, 11)},
                {"name": "Not known", "false": None, "missed": None},
            ],
        },
        {
            "name": "Pair of standards",
            "groups": [
                {"name": "Children in need census and Housing register", "false": _share(0, 0, 9), "missed": None}
            ],
        },
    ],
}


def put_doubts(most: int = 12) -> None:
    """Put pairs of every kind of question, for a server that pages are looked at on."""
    for number in range(most):
        asks = ("perhaps_one", "perhaps_two", "tie", "refused")[number % 4]
        told = {"asks": asks, "tells_place": number % 3 > 0}
        put_pair(uuid.uuid4().hex, position=number + 1, sheets=told, is_joined=asks == "perhaps_two")
    for number, asks in enumerate(("sample_joined", "sample_apart", "sample_joined")):
        put_pair(
            uuid.uuid4().hex,
            position=0,
            sample_place=number + 1,
            sheets={"asks": asks},
            is_joined=asks == "sample_joined",
        )
    put_quality()
    put_pair(uuid.uuid4().hex, position=0, sheets={"asks": "decided"}, is_joined=True, state="decided")
