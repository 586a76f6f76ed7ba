"""`braid retention` as a user types it: the schedule, a plan that removes nothing, and whom it refuses."""

from __future__ import annotations

import json

from cli.forked import braid


def test_the_schedule_is_listed_with_its_laws() -> None:
    listed = json.loads(braid("retention", "list", "--json").stdout)
    assert {"rule": "searches", "days": 28, "from": "the search", "law": "UK GDPR article 5(1)(e)"} in listed
    assert all(rule["law"] for rule in listed)


def test_a_sweep_is_planned_until_somebody_says_yes_and_by_a_lead_alone(served, place) -> None:
    lead = ("--by", "demo-ig-lead", "--reference", "IG-2026-17", "--json")
    for verb in (("plan",), ("sweep",), ("sweep", "--yes")):
        ended = served.braid("retention", *verb[:1], str(place), *verb[1:], *lead)
        assert ended.returncode == 0, ended.stderr
        assert {row["rule"] for row in json.loads(ended.stdout)} >= {"message_words", "gathered_words", "drafts"}
    refused = served.braid("retention", "plan", str(place), "--by", "demo-analyst", "--reference", "IG-2026-17")
    assert refused.returncode == 5
