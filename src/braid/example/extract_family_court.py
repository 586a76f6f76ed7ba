"""Care proceedings as the HMCTS Family Public Law service stores them: `cases.json`."""

from __future__ import annotations

import json
from datetime import timedelta
from pathlib import Path

from braid.example.desk import Desk, iso
from braid.example.records import FamilyCase, Hearing

_COURTS = {0: "301", 2: "302"}


def write_family_court(desk: Desk, folder: Path) -> None:
    """Write the cases this cut holds, with a hearing for each date fixed by then."""
    cases = [_case(desk, case) for case in desk.world.family_cases if desk.shows(case.number, case.issued, case.closed)]
    for number in range(desk.spoils(len(cases))):
        broken = json.loads(json.dumps(cases[number * 5 % len(cases)]))
        original = broken["id"]
        broken["id"] = f"{original}X{number}"
        for party in (*broken["caseData"]["children1"], *broken["caseData"]["respondents1"]):
            desk.also(f"{original}/{party['id']}", f"{broken['id']}/{party['id']}")
        broken["caseData"]["dateOfIssue"] = broken["caseData"]["dateSubmitted"] = "To be confirmed"
        cases.append(broken)
    desk.rows += len(cases)
    (folder / "cases.json").write_text(json.dumps(cases, ensure_ascii=False, indent=1), encoding="utf-8")


def _case(desk: Desk, case: FamilyCase) -> dict[str, object]:
    closed = desk.known(case.closed)
    district = desk.world.geography.districts[case.district]
    listed = [hearing for hearing in case.hearings if hearing.listed <= desk.cut]
    held = [h for h in listed if not _failed(desk, h)]
    lost = [h for h in listed if _failed(desk, h)]
    data: dict[str, object] = {
        "caseName": f"{district.council_name} and others {case.family_number}",
        "familyManCaseNumber": case.family_number,
        "caseLocalAuthority": f"QB{case.district + 1}",
        "caseLocalAuthorityName": district.council_name,
        "court": {"code": _COURTS[0 if case.district in (0, 1) else 2], "name": "Family Court"},
        "dateSubmitted": iso(case.issued),
        "dateOfIssue": iso(case.issued),
        "caseCompletionDate": iso(case.issued + timedelta(weeks=34 if case.extended else 26)),
        "orders": {"orderType": ["CARE_ORDER"]},
        "children1": [_child(desk, case, person, closed is not None) for person in case.children],
        "respondents1": [_respondent(desk, case, person, relation) for person, relation in case.respondents],
        "hearingDetails": [_hearing(desk, hearing) for hearing in held],
        "cancelledHearingDetails": [_hearing(desk, hearing) for hearing in lost],
    }
    if case.extended:
        data["caseExtensionReasonList"] = "TIMETABLE_FOR_PROCEEDINGS"
    if case.abuse:
        data["factorsParenting"] = {"domesticViolence": "Yes"}
    return {"id": case.number, "state": _state(desk, case, held), "caseData": data}


def _state(desk: Desk, case: FamilyCase, held: list[Hearing]) -> str:
    if desk.known(case.closed):
        return "CLOSED"
    if any(hearing.kind == "FINAL" for hearing in held):
        return "FINAL_HEARING"
    return "PREPARE_FOR_HEARING" if held else "GATEKEEPING"


def _failed(desk: Desk, hearing: Hearing) -> bool:
    return hearing.failed is not None and hearing.failed <= desk.cut


def _child(desk: Desk, case: FamilyCase, person: int, is_closed: bool) -> dict[str, object]:
    key = f"{case.number}/{case.items[person]}"
    desk.keys[key] = person
    who = desk.describe(person, key, case.issued)
    refuge = desk.world.in_refuge(person, desk.cut)
    value: dict[str, object] = {
        "party": {
            "firstName": who.given,
            "lastName": who.family,
            "dateOfBirth": iso(who.birth) or None,
            "gender": "Girl" if who.female else "Boy",
            "livingSituation": "Living in a refuge" if refuge else "Living with respondents",
            "detailsHidden": "Yes" if case.hidden or refuge else "No",
        },
        "completionDate": iso(case.issued + timedelta(weeks=34 if case.extended else 26)),
    }
    if is_closed:
        value["finalOrderIssued"] = "Yes"
        value["finalOrderIssuedType"] = case.order
        value["finalDecisionDate"] = iso(case.closed)
    return {"id": case.items[person], "value": value}


def _respondent(desk: Desk, case: FamilyCase, person: int, relation: str) -> dict[str, object]:
    key = f"{case.number}/{case.items[person]}"
    desk.keys[key] = person
    who = desk.describe(person, key, case.issued)
    hidden = (case.hidden and relation == "Mother") or desk.world.in_refuge(person, desk.cut)
    party: dict[str, object] = {
        "firstName": who.given,
        "lastName": who.family,
        "dateOfBirth": iso(who.birth) or None,
        "gender": "Female" if who.female else "Male",
        "relationshipToChild": relation,
        "addressKnow": "No" if hidden else "Yes",
        "contactDetailsHidden": "Yes" if hidden else "No",
    }
    if not hidden:
        party["address"] = {"AddressLine1": who.line, "PostTown": "Arden Vale", "PostCode": who.postcode}
    return {"id": case.items[person], "value": {"party": party, "legalRepresentation": "Yes"}}


def _hearing(desk: Desk, hearing: Hearing) -> dict[str, object]:
    value: dict[str, object] = {
        "type": hearing.kind,
        "startDate": f"{iso(hearing.day)}T10:00:00",
        "endDate": f"{iso(hearing.day)}T12:00:00",
        "attendance": ["IN_PERSON"],
        "venue": "Family Court",
        "judgeAndLegalAdvisor": {"judgeTitle": "HER_HONOUR_JUDGE", "judgeLastName": "Larkspur"},
    }
    if _failed(desk, hearing):
        value["status"] = hearing.status
        value["cancellationReason"] = desk.code(hearing.reason, hearing.number)
        if hearing.status == "VACATED":
            value["vacatedDate"] = iso(hearing.failed)
    return {"id": hearing.number, "value": value}
