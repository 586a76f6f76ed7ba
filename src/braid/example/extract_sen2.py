"""Requests for education, health and care plans under the field names of the standard safeguarding dataset: `sen2.csv`.

What is empty is written as that dataset's placeholders: SSD_PH for a code, 1900-01-01 for a day.
"""

from __future__ import annotations

from datetime import date
from pathlib import Path

from braid.example.desk import Desk, iso, spoil
from braid.example.records import PlanRequest
from braid.example.streams import words

COLUMNS = words(
    "send_person_id send_upn ehcr_ehcp_request_id ehcr_send_table_id ehcr_ehcp_req_date ehcr_ehcp_req_outcome_date"
    " ehcr_ehcp_req_outcome ehca_ehcp_assessment_outcome_date ehca_ehcp_assessment_outcome"
    " ehca_ehcp_assessment_exceptions ehcn_named_plan_id ehcn_named_plan_start_date ehcn_named_plan_ceased_date"
    " ehcn_named_plan_ceased_reason senn_active_ehcp_need_type"
)
NO_CODE, NO_DAY = "SSD_PH", "1900-01-01"


def write_sen2(desk: Desk, folder: Path) -> None:
    """Write the district's requests that this cut holds."""
    upns = {e.person: e.upn for e in desk.world.enrolments}
    rows = [
        _row(desk, request, upns.get(request.person, ""))
        for request in desk.world.plan_requests
        if request.district == desk.district and desk.shows(("ehc", request.person), request.requested, request.stopped)
    ]
    rows = spoil(rows, desk.spoils(len(rows)), COLUMNS.index("ehcr_ehcp_req_date"), 0)
    desk.write_csv(folder / "sen2.csv", COLUMNS, rows)


def _day(day: date | None) -> str:
    return iso(day) or NO_DAY


def _row(desk: Desk, request: PlanRequest, upn: str) -> list[object]:
    key = desk.key(request.person, "N")
    decided, assessed = desk.known(request.decided), desk.known(request.assessed)
    assessment = request.assessment if assessed else "A" if decided and request.decision == "Y" else NO_CODE
    plan = desk.known(request.plan)
    return [
        key,
        desk.pupil_number(upn, key),
        f"RQ{key[1:]}",
        f"T{key[1:]}",
        iso(request.requested),
        _day(decided),
        request.decision if decided else "A",
        _day(assessed),
        assessment,
        "1" if request.exception else "0",
        f"PL{key[1:]}" if plan else NO_CODE,
        _day(plan),
        NO_DAY,
        NO_CODE,
        request.need or NO_CODE,
    ]
