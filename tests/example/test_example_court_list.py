"""The court's list is of the cases that its case system holds: same numbers, same days, and nobody is double-booked."""

from __future__ import annotations

import json
from collections import Counter
from datetime import date, timedelta
from pathlib import Path
from typing import Any

import example_files as partner
import pytest
from example_files import Written

from braid.example.write import write_example

TYPES = {
    "ABA3-CMH": "CASE_MANAGEMENT",
    "ABA3-FCM": "FURTHER_CASE_MANAGEMENT",
    "ABA3-IRH": "ISSUE_RESOLUTION",
    "ABA3-FNL": "FINAL",
}


@pytest.fixture(scope="module")
def court(tmp_path_factory: pytest.TempPathFactory) -> Written:
    """A place with many care cases, over three weeks, whose partners make the usual mistakes."""
    folder = tmp_path_factory.mktemp("court")
    return Written(folder, write_example(folder, people=2000, seed=7, weeks=3, intensity=60.0))


def cuts(court: Written) -> list[str]:
    return sorted(path.name for path in (court.folder / "extracts" / "court-list").iterdir())


def requests_of(court: Written, cut: str) -> list[dict[str, Any]]:
    """Return the requests of a cut that can be read."""
    requests = partner.document(court.folder / "extracts" / "court-list" / cut / "hearings.json")
    return [each for each in requests if isinstance(each["hearingDetails"]["duration"], int)]


def listed_day(request: dict[str, Any]) -> str:
    schedule = request.get("hearingResponse", {}).get("hearingDaySchedule", [])
    return schedule[0]["hearingStartDateTime"][:10] if schedule else ""


def diary_of(court: Written, cut: str) -> dict[str, Any]:
    found: dict[str, Any] = partner.document(court.folder / "extracts" / "court-list" / cut / "diary.json")
    return found


def test_what_is_listed_is_what_the_case_system_has_booked_and_the_rest_is_of_open_cases(court: Written) -> None:
    for cut in cuts(court):
        cases = {
            case["id"]: case
            for case in partner.document(court.folder / "extracts" / "family-court" / cut / "cases.json")
        }
        booked = {
            (case["id"], hearing["value"]["type"], hearing["value"]["startDate"][:10])
            for case in cases.values()
            for hearing in case["caseData"]["hearingDetails"]
            if hearing["value"]["startDate"][:10] > cut and case["state"] != "CLOSED" and "X" not in case["id"]
        }
        requests = requests_of(court, cut)
        for request in requests:
            case = cases[request["caseDetails"]["caseRef"]]
            assert case["state"] != "CLOSED"
            assert request["caseDetails"]["externalCaseReference"] == case["caseData"]["familyManCaseNumber"]
        listed = {
            (each["caseDetails"]["caseRef"], TYPES[each["hearingDetails"]["hearingType"]], listed_day(each))
            for each in requests
            if listed_day(each)
        }
        assert listed == booked
        assert len(listed) > 5


def test_each_open_case_goes_on_to_its_final_hearing_and_asks_for_each_kind_once(court: Written) -> None:
    requests = requests_of(court, cuts(court)[-1])
    kinds: dict[str, list[str]] = {}
    for each in requests:
        kinds.setdefault(each["caseDetails"]["caseRef"], []).append(each["hearingDetails"]["hearingType"])
    order = list(TYPES)
    assert all(found == order[order.index(found[0]) :] for found in kinds.values())
    assert len({each["requestDetails"]["hearingRequestID"] for each in requests}) == len(requests)


def test_a_judge_sits_on_the_days_of_what_is_listed_and_away_on_others(court: Written) -> None:
    cut = cuts(court)[-1]
    court_diary = diary_of(court, cut)["court"]
    closed = {judge["id"]: judge["closed"] for judge in court_diary["judges"]}
    for request in requests_of(court, cut):
        day = listed_day(request)
        if day:
            judge = request["hearingResponse"]["hearingDaySchedule"][0]["hearingJudgeId"]
            assert not any(span["first"][:10] <= day <= span["last"][:10] for span in closed[judge])
    first, last = (date.fromisoformat(court_diary[name]) for name in ("first_date", "last_date"))
    assert date.fromisoformat(cut) < first <= date.fromisoformat(cut) + timedelta(days=3)
    weekdays = sum((first + timedelta(days=step)).weekday() < 5 for step in range((last - first).days + 1))
    for spans in closed.values():
        away = sum(_weekdays(span) for span in spans)
        assert weekdays * 0.1 < away < weekdays


def _weekdays(span: dict[str, str]) -> int:
    first, last = date.fromisoformat(span["first"][:10]), date.fromisoformat(span["last"][:10])
    return sum((first + timedelta(days=step)).weekday() < 5 for step in range((last - first).days + 1))


def test_who_attends_several_cases_is_never_away_on_the_day_of_a_listed_hearing(court: Written) -> None:
    attending: Counter[str] = Counter()
    for request in requests_of(court, cuts(court)[-1]):
        day = listed_day(request)
        for party in request["partyDetails"]:
            reference = party.get("organisationDetails", {}).get("cftOrganisationID", "")
            attending[reference] += 1
            for span in party.get("unavailabilityRanges", ()):
                assert not day or not span["unavailableFromDate"] <= day <= span["unavailableToDate"]
            for weekly in party.get("unavailabilityDOW", ()):
                assert not day or weekly["DOWUnavailabilityType"] != "All Day" or f"{_day(day):%A}" != weekly["DOW"]
    assert {"SW", "GUARDIAN", "ADVOCATE"} <= {part for name in attending for part in name.split("-")} | {
        "SW" for name in attending if "-SW" in name
    }


def _day(text: str) -> date:
    return date.fromisoformat(text)


def test_some_are_told_and_near_some_are_told_and_far_and_some_are_not_listed(court: Written) -> None:
    cut = date.fromisoformat(cuts(court)[-1])
    listed = [each for each in requests_of(court, cut.isoformat()) if listed_day(each)]
    told = [each for each in listed if each["hearingResponse"].get("partiesNotified")]
    far = [each for each in told if _day(listed_day(each)) > cut + timedelta(days=28)]
    assert any(_day(listed_day(each)) < cut + timedelta(days=14) for each in told)
    assert 0 < len(far) < len([each for each in listed if _day(listed_day(each)) > cut + timedelta(days=28)])


def test_the_truth_holds_the_hearings_of_the_newest_cut(plain: Written) -> None:
    requests = partner.document(plain.extract("court-list") / "hearings.json")
    written = {(each["requestDetails"]["hearingRequestID"], each["caseDetails"]["caseRef"], listed_day(each))
               for each in requests}  # fmt: skip
    truth = {(row["request_ref"], row["case_number"], row["listed_date"])
             for row in partner.table(plain.folder / "truth" / "hearings.csv")}  # fmt: skip
    assert written == truth
    assert len(truth) > 5


def test_the_same_seed_writes_the_same_list_and_another_another(tmp_path: Path) -> None:
    texts = []
    for number, seed in enumerate((1, 1, 2)):
        folder = tmp_path / str(number)
        write_example(folder, people=600, seed=seed)
        texts.append(
            [path.read_text(encoding="utf-8") for path in sorted((folder / "extracts/court-list").rglob("*.json"))]
        )
    assert texts[0] == texts[1] != texts[2]
    assert json.loads(texts[0][0])["court"]["kind"] == "listing"
