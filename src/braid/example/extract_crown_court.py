"""Crown Court cases as the Common Platform's search returns them: `cases.json`."""

from __future__ import annotations

import json
from pathlib import Path

from braid.example.desk import Desk, iso
from braid.example.records import CrownCase, Hearing


def write_crown_court(desk: Desk, folder: Path) -> None:
    """Write the cases this cut holds; a case enters on its first Crown Court sitting."""
    cases = [_case(desk, case) for case in desk.world.crown_cases if desk.shows(case.urn, case.opened, case.closed)]
    for number in range(desk.spoils(len(cases))):
        broken = json.loads(json.dumps(cases[number * 5 % len(cases)]))
        broken["prosecutionCaseReference"] = ""
        for defendant in broken["defendantSummary"]:
            defendant["defendantId"] = ""
        cases.append(broken)
    desk.rows += len(cases)
    document = {"totalResults": len(cases), "cases": cases}
    (folder / "cases.json").write_text(json.dumps(document, ensure_ascii=False, indent=1), encoding="utf-8")


def _case(desk: Desk, case: CrownCase) -> dict[str, object]:
    concluded = desk.known(case.closed) is not None
    ids = [identifier for _, identifier in case.defendants]
    hearings = [hearing for hearing in case.hearings if hearing.listed <= desk.cut]
    return {
        "caseStatus": "INACTIVE" if concluded else "ACTIVE",
        "prosecutionCaseId": case.number,
        "prosecutionCaseReference": case.urn,
        "defendantSummary": [_defendant(desk, case, person, key, concluded) for person, key in case.defendants],
        "hearingSummary": [_first_hearing(case, ids), *(_hearing(hearing, ids) for hearing in hearings)],
    }


def _defendant(desk: Desk, case: CrownCase, person: int, key: str, concluded: bool) -> dict[str, object]:
    desk.keys[key] = person
    who = desk.describe(person, key, case.charged)
    return {
        "proceedingsConcluded": concluded,
        "defendantFirstName": who.given,
        "defendantMiddleName": "",
        "defendantLastName": who.family,
        "defendantId": key,
        "defendantDOB": iso(who.birth) or None,
        "defendantNINO": "",
        "defendantASN": f"99QB{case.urn[-6:]}A",
        "offenceSummary": [
            {
                "offenceCode": case.offence[0],
                "offenceTitle": case.offence[1],
                "proceedingsConcluded": concluded,
                "arrestDate": iso(case.offended),
                "startDate": iso(case.offended),
                "chargeDate": iso(case.charged),
                "modeOfTrial": "Either way",
                "orderIndex": 1,
            }
        ],
    }


def _first_hearing(case: CrownCase, ids: list[str]) -> dict[str, object]:
    return {
        "hearingId": f"{case.number[:-4]}0000",
        "jurisdictionType": "MAGISTRATES",
        "defendantIds": ids,
        "hearingDays": [_sitting(iso(case.magistrates), 20)],
        "hearingType": {"description": "First hearing"},
        "courtCentre": {"name": "Arden Vale Magistrates' Court", "code": "QB1MC"},
    }


def _hearing(hearing: Hearing, ids: list[str]) -> dict[str, object]:
    return {
        "hearingId": hearing.number,
        "jurisdictionType": "CROWN",
        "defendantIds": ids,
        "hearingDays": [_sitting(iso(hearing.day), hearing.minutes)],
        "hearingType": {"description": hearing.kind},
        "courtCentre": {"name": "Hallowmere Crown Court", "code": "QB1CC"},
    }


def _sitting(day: str, minutes: int) -> dict[str, object]:
    return {"sittingDay": f"{day}T10:00:00Z", "listedDurationMinutes": minutes, "listingSequence": 1}
