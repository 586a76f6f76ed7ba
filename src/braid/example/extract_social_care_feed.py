"""The daily feed of children's social care that councils send to the Department for Education: `children.json`.

A payload is a list of children with everything below them. A code that a council has not yet is sent as SSD_PH.
"""

from __future__ import annotations

import json
from dataclasses import dataclass
from datetime import date
from pathlib import Path

from braid.example.coding import ethnicity_code
from braid.example.desk import Desk, iso
from braid.example.records import CareEpisode, ChildCase, PlanRequest
from braid.example.records_further import AdoptionPlan, CareLeaver

NO_CODE = "SSD_PH"
Node = dict[str, object]


def write_social_care_feed(desk: Desk, folder: Path) -> None:
    """Write the district's children whom this cut shows, each once with all that is known of them."""
    known = know(desk)
    children = [_child(desk, person, known) for person in known.children()]
    desk.rows += len(children)
    for number in range(desk.spoils(len(children))):
        broken = json.loads(json.dumps(children[number * 11 % len(children)]))
        desk.keys[f"{broken['la_child_id']}-X{number}"] = desk.keys[broken["la_child_id"]]
        broken["la_child_id"] = f"{broken['la_child_id']}-X{number}"
        for episode in broken["social_care_episodes"]:
            episode["referral_date"] = "2026-02-31"
        children.append(broken)
    (folder / "children.json").write_text(json.dumps(children, ensure_ascii=False, indent=1), encoding="utf-8")


@dataclass(frozen=True)
class Known:
    """What the council of a district knows of its children, by child."""

    cases: dict[int, ChildCase]
    care: dict[int, CareEpisode]
    requests: dict[int, PlanRequest]
    leavers: dict[int, CareLeaver]
    plans: dict[int, AdoptionPlan]
    upns: dict[int, str]

    def children(self) -> list[int]:
        """Return those of whom the feed tells."""
        return sorted({*self.cases, *self.care, *self.requests, *self.leavers})


def know(desk: Desk) -> Known:
    """Return what the council of the desk's district knows at its cut."""
    plans = {p.person: p for p in desk.world.adoption_plans if p.decided <= desk.cut}
    upns = {e.person: e.upn for e in desk.world.enrolments}
    return Known(_cases(desk), _care(desk), _requests(desk), _leavers(desk), plans, upns)


def _cases(desk: Desk) -> dict[int, ChildCase]:
    return {
        c.person: c
        for c in desk.world.child_cases
        if c.district == desk.district and desk.shows(c.person, c.referred, c.closed)
    }


def _care(desk: Desk) -> dict[int, CareEpisode]:
    return {
        e.person: e
        for e in desk.world.care_episodes
        if e.district == desk.district and desk.shows(e.person, e.placements[0].start, e.placements[-1].end)
    }


def _requests(desk: Desk) -> dict[int, PlanRequest]:
    return {
        r.person: r
        for r in desk.world.plan_requests
        if r.district == desk.district and desk.shows(("ehc", r.person), r.requested, r.stopped)
    }


def _leavers(desk: Desk) -> dict[int, CareLeaver]:
    return {c.person: c for c in desk.world.care_leavers if c.district == desk.district}


def _child(desk: Desk, person: int, known: Known) -> Node:
    key = desk.key(person, "C")
    who = desk.describe(person, f"{key}/feed", desk.cut)
    upn = known.upns.get(person, "")
    held = desk.pupil_number(upn, key)
    details: Node = {
        "first_name": who.given,
        "surname": who.family,
        "date_of_birth": iso(who.birth) or None,
        "sex": "F" if who.female else "M",
        "ethnicity": desk.code(ethnicity_code("dfe", who.ethnicity), key),
        "disabilities": [NO_CODE],
        "postcode": who.postcode or None,
        "uasc_flag": False,
        "purge": False,
    }
    number: Node = {"unique_pupil_number": held} if held else {}
    unknown: Node = {} if held else {"unique_pupil_number_unknown_reason": "UN4" if upn else "UN1"}
    request = known.requests.get(person)
    return {
        "la_child_id": key,
        "mis_child_id": f"MIS-{key}",
        "child_details": {**number, **unknown, **details},
        "education_health_care_plans": [_request(desk, key, request)] if request else [],
        "social_care_episodes": _episodes(desk, person, key, known),
        "purge": False,
    }


def _request(desk: Desk, key: str, request: PlanRequest) -> Node:
    return {
        "education_health_care_plan_id": f"E{key}",
        "request_received_date": iso(request.requested),
        "request_outcome_date": _known(desk, request.decided),
        "assessment_outcome_date": _known(desk, request.assessed),
        "plan_start_date": _known(desk, request.plan),
        "purge": False,
    }


def _known(desk: Desk, day: date | None) -> str | None:
    return iso(desk.known(day)) or None


def _episodes(desk: Desk, person: int, key: str, known: Known) -> list[Node]:
    """Return the one episode of a child: its case, or, of who is only looked after or has left, what stands for one."""
    case, care, leaver = known.cases.get(person), known.care.get(person), known.leavers.get(person)
    if not (case or care or leaver):
        return []
    episode: Node = {"social_care_episode_id": f"S{key}", "purge": False}
    if case:
        episode |= _case(desk, key, case)
    else:
        episode |= _stand_in(desk, person, care)
    if care:
        episode["child_looked_after_placements"] = _placements(desk, key, care)
    plan = known.plans.get(person)
    if plan and care:
        episode["adoption"] = _adoption(desk, plan)
    if leaver:
        contact = iso(desk.cut.replace(day=1)) if leaver.in_touch == "YES" else None
        episode["care_leavers"] = {
            "contact_date": contact, "activity": leaver.activity, "accommodation": leaver.home, "purge": False,
        }  # fmt: skip
    return [episode]


def _stand_in(desk: Desk, person: int, care: CareEpisode | None) -> Node:
    """Return the referral of whom the feed has no case: it was settled long ago, and no clock of it runs."""
    referred = care.placements[0].start if care else desk.world.birth_date(person).replace(day=1)
    return {
        "referral_date": iso(referred), "referral_source": NO_CODE, "referral_no_further_action_flag": True,
        "closure_date": None, "closure_reason": NO_CODE,
    }  # fmt: skip


def _case(desk: Desk, key: str, case: ChildCase) -> Node:
    closed = desk.known(case.closed)
    return {
        "referral_date": iso(case.referred),
        "referral_source": case.source,
        "referral_no_further_action_flag": case.no_action,
        "closure_date": iso(closed) or None,
        "closure_reason": case.closed_reason if closed else NO_CODE,
        "care_worker_details": [
            {"worker_id": f"W{case.person % 40:03d}", "start_date": iso(case.referred), "end_date": iso(closed) or None}
        ],
        "child_and_family_assessments": [] if case.no_action else [_assessment(desk, key, case)],
        "child_in_need_plans": [],
        "section_47_assessments": [_enquiry(desk, key, case)] if desk.known(case.enquiry) else [],
        "child_protection_plans": [
            {
                "child_protection_plan_id": f"P{key}", "start_date": iso(case.plan),
                "end_date": _known(desk, case.plan_end), "purge": False,
            }
        ] if desk.known(case.plan) else [],
    }  # fmt: skip


def _assessment(desk: Desk, key: str, case: ChildCase) -> Node:
    authorised = desk.known(case.assessed)
    return {
        "child_and_family_assessment_id": f"A{key}", "start_date": iso(case.referred),
        "authorisation_date": iso(authorised) or None, "factors": list(case.factors) if authorised else [],
        "purge": False,
    }  # fmt: skip


def _enquiry(desk: Desk, key: str, case: ChildCase) -> Node:
    return {
        "section_47_assessment_id": f"Q{key}", "start_date": iso(case.enquiry),
        "icpc_required_flag": case.conference_needed, "icpc_date": _known(desk, case.conference), "purge": False,
    }  # fmt: skip


def _placements(desk: Desk, key: str, care: CareEpisode) -> list[Node]:
    nodes: list[Node] = []
    for number, placement in enumerate(care.placements, start=1):
        if placement.start <= desk.cut:
            ended = desk.known(placement.end)
            nodes.append(
                {
                    "child_looked_after_placement_id": f"L{key}-{number}",
                    "start_date": iso(placement.start),
                    "start_reason": placement.reason,
                    "placement_type": placement.place,
                    "postcode": desk.world.geography.postcode_of(placement.address),
                    "end_date": iso(ended) or None,
                    "end_reason": placement.ended_by if ended else None,
                    "change_reason": placement.changed_by if ended else None,
                    "purge": False,
                }
            )
    return nodes


def _adoption(desk: Desk, plan: AdoptionPlan) -> Node:
    return {
        "initial_decision_date": iso(plan.decided), "matched_date": _known(desk, plan.matched),
        "placed_date": _known(desk, plan.placed), "purge": False,
    }  # fmt: skip
