"""`braid audit disclosures` as a lead types it, under a name and recorded; `braid joint-work` on the same place."""

from __future__ import annotations

import json
from pathlib import Path

from cli.one_process import Opened

LEAD = ("--by", "demo-ig-lead", "--reference", "MTG-2026-9")
INSERT = (
    "insert into braid_sharedecision (outcome, gateway, reason, detriment, decided_by, role, purpose, reference,"
    " person_id, receiver, item_classes, agreement_ids) values ('withheld', '', 'not_necessary', '', 'demo-analyst',"
    " 'analyst', 'school_from_ta', 'MTG-1', %s, %s, 'N S', '')"
)


def test_a_lead_reads_decisions_and_every_reading_is_in_the_record(place: Path, served: Opened) -> None:
    asking = ("audit", "disclosures", str(place), "--json")
    assert json.loads(served.braid(*asking, *LEAD).stdout)["count"] == 0
    people = [row["person_id"] for row in served.database.execute("select person_id from braid_person limit 2")]
    for person, receiver in zip(people, ("tarnwick-council", "arden-vale-police"), strict=True):
        served.database.execute(INSERT, [person, receiver])
    since = served.newest()
    read = json.loads(served.braid(*asking, *LEAD).stdout)["decisions"]
    assert {(row["person_id"], row["receiver"]) for row in read} == {
        (people[0], "tarnwick-council"),
        (people[1], "arden-vale-police"),
    }
    narrowed = served.braid(*asking, *LEAD, "--receiver", "tarnwick-council", "--outcome", "withheld")
    assert [row["person_id"] for row in json.loads(narrowed.stdout)["decisions"]] == people[:1]
    assert people[0] in served.braid("audit", "disclosures", str(place), *LEAD).stdout
    analyst = served.braid(*asking, "--by", "demo-analyst", "--reference", "MTG-2")
    assert analyst.returncode == 5 and "whose role may: ig_lead" in analyst.stderr
    assert served.braid(*asking, *LEAD, "--page", "7").returncode == 2
    assert served.braid(*asking, *LEAD, "--outcome", "perhaps").returncode == 2
    assert served.braid(*asking, *LEAD, "--receiver", "nobody").returncode == 2
    assert [(row["kind"], row["username"], row["channel"], row["row_count"]) for row in served.entries(since)] == [
        ("audit_read", "demo-ig-lead", "command", 2),
        ("audit_read", "demo-ig-lead", "command", 1),
        ("audit_read", "demo-ig-lead", "command", 2),
        ("refused", "demo-analyst", "command", 1),
    ]
    bar = ("--bar-user", "demo-ig-lead", "--reason", "relative", "--by", "demo-ig-lead-2")
    added = served.braid("overlay", "add", people[0], *bar, str(place))
    assert added.returncode == 0, added.stderr
    left = json.loads(served.braid(*asking, *LEAD).stdout)["decisions"]
    assert [row["person_id"] for row in left] in ([people[1]], []), "their family is hidden with them"
    second = json.loads(served.braid(*asking, "--by", "demo-ig-lead-2", "--reference", "MTG-3").stdout)
    assert second["count"] == 2


def test_joint_work_is_written_as_an_extract_that_the_place_reads(place: Path, served: Opened) -> None:
    person = served.database.execute("select person_id from braid_person order by 1 limit 1").fetchone()["person_id"]
    served.database.execute(
        "insert into braid_team (id, name, organisation, services, capacity, version)"
        " values ('own-team', 'Own', 'arden-vale-ca', '[]', 'open', 1) on conflict do nothing"
    )
    values = {
        "reference": "RF-TEST-01",
        "purpose": "school_from_ta",
        "person_id": person,
        "service": "health",
        "team_id": "own-team",
        "urgency": "urgent",
        "note": "words",
        "since": "",
        "sent_by": "x",
        "refusal": "",
        "sent_from": "arden-vale-ca",
        "state": "pending",
        "answered_by": "",
        "version": 1,
        "earlier_ids": "[]",
    }
    before = json.loads(served.braid("joint-work", str(place)).stdout)["rows"]
    names, marks = ", ".join(values), ", ".join(["%s"] * len(values))
    insert = f"insert into braid_referral (id, due_at, {names}) values (gen_random_uuid(), now(), {marks})"
    served.database.execute(insert, list(values.values()))
    ended = served.braid("joint-work", str(place))
    told = json.loads(ended.stdout)
    assert ended.returncode == 0 and (told["rows"], told["left_out"]) == (before + 1, 0)
    text = (place / told["written"]).read_text(encoding="utf-8")
    assert "RF-TEST-01,sent," in text and person not in text and "words" not in text
