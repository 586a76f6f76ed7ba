"""From a run to a problem of listing: whom a case is about, when a hearing will be ready, what is left to people."""

from __future__ import annotations

import datetime as dt
import json
from typing import Any

import pytest

from braid.language.documents import DocumentInvalid
from braid.language.findings import TABLES
from braid.planning.contract import Limits
from braid.planning.kinds import KINDS
from braid.planning.listing.model import Hearing, listed_from, sittings_of
from braid.problems.plans import listing
from braid.problems.plans.listing import NotPosed, Parties, Posed, pose
from waits.place import AS_OF, TinyPlace

COURT = {"feed": "family-court", "organisation_id": "family-court", "sensitivity": "special", "standard": "fpl"}
LIST = {"feed": "court-list", "organisation_id": "family-court", "standard": "hearing_management"}
DIARY: dict[str, Any] = {
    "court": {
        "kind": "listing",
        "first_date": "2026-11-09",
        "last_date": "2027-05-14",
        "judges": [{"id": "J1"}, {"id": "J2"}],
        "types": [
            {"id": "CMH"},
            {"id": "IRH"},
            {"id": "FNL", "is_final": True, "list_at_quantile": 0.8},
        ],
    },
    "gap_sessions": {"IRH": 10},
}


class Court:
    """A tiny court: cases with their people and hearings, requests, and a diary."""

    def __init__(self, diary: dict[str, Any] | None = DIARY) -> None:
        self.place = TinyPlace()
        self.place.rows |= {"court_diary": [], "hearing_request": [], "reject": []}
        if diary is not None:
            self.diary(diary)

    def diary(self, diary: dict[str, Any], **more: Any) -> None:
        """Add a court's diary."""
        row = {"first_date": "2026-11-09", "last_date": "2027-05-14", "judges": 2, "diary": json.dumps(diary)}
        self.place.add("court_diary", **(LIST | row | more))

    def request(self, number: str, case: str, kind: str = "CMH", **more: Any) -> None:
        """Add a request of a case; `more` are fields of its parts, by their name."""
        request: dict[str, Any] = {
            "requestDetails": {"hearingRequestID": number},
            "caseDetails": {
                "caseRef": case,
                "caseManagementLocationCode": "301",
                "caseSLAStartDate": "2026-09-01",
            },
            "hearingDetails": {
                "hearingType": kind,
                "duration": 60,
                "hearingWindow": {"dateRangeStart": "2026-12-01"},
            },
        }
        for part, values in more.items():
            request[part] = request.get(part, {}) | values
        row = {"request_ref": number, "case_ref": case, "court_case_ref": f"QB{case}", "request": json.dumps(request)}
        self.place.add("hearing_request", **(LIST | row))

    def listed(self, number: str, case: str, day: str, **more: Any) -> None:
        """Add a request that is listed in the morning of a day."""
        begins = {"hearingStartDateTime": f"{day}T10:00:00Z", "hearingJudgeId": "J1"}
        self.request(number, case, hearingResponse={"listingStatus": "FIXED", "hearingDaySchedule": [begins]}, **more)

    def person(self, name: str, case: str, role: str, **values: Any) -> str:
        """Add somebody of a case; return their record."""
        record = self.place.person(name)
        about = {"person_record_id": record, "episode_ref": f"QB{case}", "kind": "family_case", "role": role}
        self.place.add("episode", **(COURT | about | values))
        return record

    def hearing(self, record: str, case: str, day: str, item: str | None = None) -> None:
        """Add a hearing of a case that was held, or that failed for an item."""
        failed = {"status": "adjourned", "planned_date": day, "status_reason": f"fpl:{item}"}
        values = failed | {"cause_group": GROUPS[item]} if item else {"status": "completed"}
        about = {"person_record_id": record, "episode_ref": f"QB{case}", "kind": "hearing", "start_date": day}
        self.place.add("event", **(COURT | about | values))

    def refused(self, kept: object, part: str = "requests") -> None:
        """Add what was kept of a request that could not be read."""
        values = {"feed": "court-list", "file_sha256": "0" * 64, "file_name": "hearings.json", "part": part}
        row = {**values, "position": f"/{len(self.place.rows['reject'])}", "rule": "number_invalid"}
        self.place.rows["reject"].append(row | {"row": json.dumps(kept)})

    def pose(self) -> Posed:
        """Return the problem of the court."""
        engine = self.place.load()
        for name in ("court_diary", "hearing_request", "reject"):
            engine.load_rows(TABLES[name], self.place.rows[name])
        posed = pose(engine, AS_OF)
        assert KINDS["listing"].faults(posed.problem) == []
        return posed


GROUPS = {"LA5": "service_evidence", "EX1": "expert", "JU1": "court_capacity", "OT11": "not_a_failure"}


def hearing_of(posed: Posed, number: str) -> Hearing:
    (found,) = [each for each in posed.problem.hearings if each.id == number]
    return found


def test_a_request_is_a_hearing_and_the_past_of_the_horizon_is_over() -> None:
    court = Court()
    court.request("1", "100", "CMH")
    court.request("2", "100", "IRH")
    posed = court.pose()
    assert posed.problem.first_date == AS_OF + dt.timedelta(days=1)
    assert [(each.id, each.case, each.type, each.after) for each in posed.problem.hearings] == [
        ("1", "100", "CMH", None),
        ("2", "100", "IRH", "1"),
    ]
    assert (hearing_of(posed, "1").ready, hearing_of(posed, "1").ready_spread_sessions) == ("2026-12-01 am", 0.0)
    assert posed.left == listing.Left(unknown_people=1)


def test_a_case_is_about_its_children_and_apart_from_them_about_other_parties() -> None:
    court = Court()
    court.request("1", "100")
    court.request("2", "200")
    for name, role in (("daughter", "child"), ("son", "child"), ("mother", "respondent"), ("aunt", "other")):
        court.person(name, "100", role)
    court.person("stranger", "999", "child")
    court.person("pupil", "100", "child", organisation_id="another-court", feed="another")
    posed = court.pose()
    assert posed.people == {"100": Parties(("daughter", "son"), ("aunt", "mother")), "200": Parties()}
    assert posed.left.unknown_people == 1


def lateness_of_weeks(court: Court, *weeks: int) -> None:
    """Add closed cases in which an assessment came so many weeks after the hearing that failed for it."""
    for number, late in enumerate(weeks):
        record = court.person(f"past {number}", f"9{number}", "child")
        court.hearing(record, f"9{number}", "2026-01-05", "LA5")
        court.hearing(record, f"9{number}", str(dt.date(2026, 1, 5) + dt.timedelta(weeks=late)))


def test_what_a_case_still_lacks_makes_its_hearings_ready_later_and_less_certainly() -> None:
    court = Court()
    lateness_of_weeks(court, *(8, 9, 10, 11, 12) * 4)
    for case, number in (("100", "1"), ("200", "2")):
        court.request(number, case, hearingDetails={"hearingWindow": {"dateRangeStart": "2026-11-16"}})
        record = court.person(f"child {case}", case, "child")
        court.hearing(record, case, "2026-10-26", "LA5")
        if case == "200":
            court.hearing(record, case, "2026-11-09")
    posed = court.pose()
    lacking, complete = hearing_of(posed, "1"), hearing_of(posed, "2")
    assert (complete.ready, complete.ready_spread_sessions) == ("2026-11-16 am", 0.0)
    # ten weeks after the day of the hearing that failed
    assert "2027-01-01" <= lacking.ready[:10] <= "2027-01-08"
    assert 5 < lacking.ready_spread_sessions < 25


def test_the_window_of_a_request_holds_where_it_begins_later_than_the_forecast() -> None:
    court = Court()
    lateness_of_weeks(court, *(1, 1, 2) * 7)
    court.request("1", "100", "FNL", hearingDetails={"hearingWindow": {"dateRangeStart": "2027-03-01"}})
    court.hearing(court.person("child", "100", "child"), "100", "2026-11-09", "LA5")
    hearing = hearing_of(court.pose(), "1")
    assert (hearing.ready, hearing.ready_spread_sessions) == ("2027-03-01 am", 0.0)


def test_the_later_day_is_reckoned_at_the_quantile_of_the_kind() -> None:
    court = Court()
    lateness_of_weeks(court, *(2, 6, 10, 14, 18) * 4)
    court.request("1", "100", "FNL", hearingDetails={"hearingWindow": {"dateRangeStart": "2027-01-22"}})
    court.hearing(court.person("child", "100", "child"), "100", "2026-11-02", "LA5")
    posed = court.pose()
    hearing, sittings = hearing_of(posed, "1"), sittings_of(posed.problem)
    assert hearing.ready[:10] < "2027-01-22"
    assert listed_from(sittings, hearing, 0.8) > sittings.position("2027-01-22 am")


@pytest.mark.parametrize("item", ["JU1", "OT11"])
def test_what_nobody_has_to_send_is_no_item_of_readiness(item: str) -> None:
    court = Court()
    lateness_of_weeks(court, *(8,) * 20)
    court.request("1", "100")
    court.hearing(court.person("child", "100", "child"), "100", "2026-11-09", item)
    assert hearing_of(court.pose(), "1").ready == "2026-12-01 am"


def test_who_will_not_be_ready_on_a_listed_day_is_told_with_whose_move_it_is() -> None:
    court = Court()
    lateness_of_weeks(court, *(16, 17, 18, 19, 20) * 4)
    for case, number, day in (("100", "1", "2027-01-11"), ("200", "2", "2027-05-10")):
        court.listed(number, case, day)
        court.hearing(court.person(f"child {case}", case, "child"), case, "2026-10-26", "LA5")
    court.request("3", "300")
    court.hearing(court.person("child 300", "300", "child"), "300", "2026-10-26", "LA5")
    (signal,) = court.pose().signals
    assert (signal.hearing, signal.on_date, signal.weeks_left) == ("1", dt.date(2027, 1, 11), 8.1)
    assert signal.ready_probability < 0.2
    assert (signal.holds_up.kind, signal.holds_up.due_date) == ("fpl:LA5", dt.date(2026, 10, 26))
    assert signal.holds_up.owner.startswith("council: ")


def test_a_court_without_a_past_forecasts_nothing() -> None:
    court = Court()
    court.request("1", "100")
    court.hearing(court.person("child", "100", "child"), "100", "2026-11-09", "LA5")
    posed = court.pose()
    assert (hearing_of(posed, "1").ready, posed.signals) == ("2026-12-01 am", ())


def test_what_is_of_a_case_with_an_unreadable_request_is_left_to_people() -> None:
    court = Court()
    court.request("1", "100", "FNL")
    court.listed("2", "200", "2026-12-07")
    court.request("3", "300")
    court.refused({"caseDetails": {"caseRef": "100"}})
    court.refused({"caseDetails": {"caseRef": "200"}})
    court.refused({})
    posed = court.pose()
    assert posed.left.requests == {"1": listing.UNREADABLE, "2": listing.UNREADABLE}
    assert posed.left.unreadable == 3
    assert [(each.id, each.hold) for each in posed.problem.hearings] == [("2", "locked"), ("3", "free")]


def test_a_kind_of_hearing_that_the_court_does_not_name_stops_nothing_else() -> None:
    court = Court()
    court.request("1", "100", "XYZ")
    court.request("2", "200")
    posed = court.pose()
    assert posed.left.requests == {"1": listing.UNKNOWN_KIND}
    assert [each.id for each in posed.problem.hearings] == ["2"]


def test_without_a_diary_with_two_or_with_one_that_is_over_nothing_is_posed() -> None:
    with pytest.raises(NotPosed, match="no court's diary"):
        Court(None).pose()
    two = Court()
    two.diary(DIARY, feed="other-list", organisation_id="other-court")
    with pytest.raises(NotPosed, match="several courts"):
        two.pose()
    with pytest.raises(NotPosed, match="is over"):
        Court({"court": DIARY["court"] | {"last_date": "2026-11-15"}}).pose()


def test_a_diary_that_says_what_cannot_be_is_refused_with_its_place() -> None:
    court = Court({"court": DIARY["court"] | {"judges": []}})
    with pytest.raises(DocumentInvalid, match=r"judges: nobody hears"):
        court.pose()


def test_the_list_of_a_posed_court_passes_its_checker() -> None:
    court = Court()
    lateness_of_weeks(court, *(8, 9, 10, 11, 12) * 4)
    for number in range(12):
        court.request(f"{number}a", f"1{number}", "CMH")
        court.request(f"{number}b", f"1{number}", "FNL", hearingDetails={"duration": 720})
        court.hearing(court.person(f"child {number}", f"1{number}", "child"), f"1{number}", "2026-11-02", "LA5")
    problem = court.pose().problem
    plan = KINDS["listing"].solve(problem, Limits(seconds=0.5))
    assert KINDS["listing"].check(problem, plan).passes
    assert len(plan.placed) == 24
