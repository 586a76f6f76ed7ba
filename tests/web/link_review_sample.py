"""Pairs of records under review, as publication leaves them: everybody in them is made up."""

import uuid
from typing import Any

from braid.web.models import LinkAnswer, LinkPair
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


def put_doubts(most: int = 12) -> None:
    """Put pairs of every kind of question, for a server that pages are looked at on."""
    for number in range(most):
        asks = ("perhaps_one", "perhaps_two", "tie", "refused")[number % 4]
        told = {"asks": asks, "tells_place": number % 3 > 0}
        put_pair(uuid.uuid4().hex, position=number + 1, sheets=told, is_joined=asks == "perhaps_two")
    put_pair(uuid.uuid4().hex, position=0, sheets={"asks": "decided"}, is_joined=True, state="decided")
