"""Reads the example's extracts with plain csv, json and XML, apart from Braid's own connectors."""

from __future__ import annotations

import csv
import json
import tomllib
from collections.abc import Iterator
from dataclasses import dataclass
from datetime import date, datetime
from pathlib import Path
from typing import Any

from lxml import etree

from braid.example.write import Summary

DISTRICTS = ("hallowmere", "quillbeck", "tarnwick", "osmerby", "fenhallow")
REPOSITORY = Path(__file__).resolve().parents[2]

PEOPLE = 1500


@dataclass(frozen=True)
class Written:
    """A place folder and the summary of what was written to it."""

    folder: Path
    summary: Summary

    def extract(self, feed: str) -> Path:
        """Return the newest extract folder of a feed."""
        return max((self.folder / "extracts" / feed).iterdir())


Wait = tuple[str, str, str, str]
"""Feed, partner's key, kind, then start and stop as ISO text joined by a slash."""


def table(path: Path) -> list[dict[str, str]]:
    with path.open(encoding="utf-8", newline="") as file:
        return list(csv.DictReader(file))


def header(path: Path) -> list[str]:
    with path.open(encoding="utf-8", newline="") as file:
        return next(csv.reader(file))


def document(path: Path) -> Any:
    return json.loads(path.read_text(encoding="utf-8"))


def place(folder: Path) -> dict[str, Any]:
    return tomllib.loads((folder / "place.toml").read_text(encoding="utf-8"))


def newest(folder: Path, feed: str) -> Path:
    return max((folder / "extracts" / feed).iterdir())


def iso(text: str | None) -> str:
    """Return a dd/mm/yyyy or ISO date as ISO text; empty for empty."""
    if not text:
        return ""
    return datetime.strptime(text, "%d/%m/%Y").date().isoformat() if "/" in text else text[:10]  # noqa: DTZ007


def read_waits(folder: Path) -> Iterator[Wait]:
    """Yield every wait that the newest extracts show, by the rules of the contract."""
    for district in DISTRICTS:
        yield from _register(newest(folder, f"{district}-housing-register"), f"{district}-housing-register")
        yield from _homelessness(newest(folder, f"{district}-homelessness"), f"{district}-homelessness")
        yield from _schools(newest(folder, f"{district}-schools"), f"{district}-schools")
        yield from _children(newest(folder, f"{district}-cin"), f"{district}-cin")
        yield from _looked_after(newest(folder, f"{district}-ssda903"), f"{district}-ssda903")
    for row in table(newest(folder, "hospital-waiting-list") / "wlmds.csv"):
        start = iso(row["REFERRAL_TO_TREATMENT_PERIOD_START_DATE"])
        stop = iso(row["REFERRAL_TO_TREATMENT_PERIOD_END_DATE"])
        yield "hospital-waiting-list", row["LOCAL_PATIENT_IDENTIFIER"], "rtt", f"{start}/{stop}"
    yield from _family_court(newest(folder, "family-court"))
    yield from _crown_court(newest(folder, "crown-court"), newest(folder, "victim-service"))
    yield from _victims(newest(folder, "victim-service"))


def _register(folder: Path, feed: str) -> Iterator[Wait]:
    for application in document(folder / "register.json"):
        dates = f"{application['assessment']['effectiveDate']}/{application['closedDate'] or ''}"
        for member in (application["mainApplicant"], *application["otherMembers"]):
            yield feed, member["person"]["id"], "register", dates


def _homelessness(folder: Path, feed: str) -> Iterator[Wait]:
    rows = table(folder / "hclic.csv")
    families = {row["case_ref"] for row in rows if row["ta_entry"] and _is_family(row)}
    for row in rows:
        for kind, start, stop in (
            ("homelessness_prevention", "prevention_start", "prevention_end"),
            ("homelessness_relief", "relief_start", "relief_end"),
            ("temporary_accommodation", "ta_entry", "ta_exit"),
        ):
            if row[start]:
                yield feed, row["person_ref"], kind, f"{iso(row[start])}/{iso(row[stop])}"
        if row["ta_type"] == "bnb" and row["case_ref"] in families:
            yield feed, row["person_ref"], "bnb_family", f"{iso(row['ta_entry'])}/{iso(row['ta_exit'])}"


def _is_family(row: dict[str, str]) -> bool:
    if "pregnancy" in row["support_needs"]:
        return True
    born, entered = date.fromisoformat(iso(row["date_of_birth"])), date.fromisoformat(iso(row["ta_entry"]))
    return entered < date(born.year + 18, born.month, min(born.day, 28))


def _schools(folder: Path, feed: str) -> Iterator[Wait]:
    for row in table(folder / "admissions.csv"):
        yield feed, row["PupilId"], "in_year_admission", f"{iso(row['ApplicationDate'])}/{iso(row['OutcomeDate'])}"
    for row in table(folder / "ehc_requests.csv"):
        start, decided = iso(row["RequestDate"]), iso(row["RequestOutcomeDate"])
        yield feed, row["PupilId"], "ehcp_decision", f"{start}/{decided}"
        stop = iso(row["PlanStartDate"])
        if row["AssessmentOutcome"] in ("N", "W"):
            stop = iso(row["AssessmentOutcomeDate"])
        if row["RequestOutcome"] in ("N", "W"):
            stop = decided
        yield feed, row["PupilId"], "ehcp_plan", f"{start}/{stop}"


def children(folder: Path) -> list[Any]:
    return list(etree.parse(folder / "cin_census.xml").getroot().iter("Child"))


def _children(folder: Path, feed: str) -> Iterator[Wait]:
    for child in children(folder):
        key = child.findtext("ChildIdentifiers/LAchildID")
        details = child.find("CINdetails")
        referred = details.findtext("CINreferralDate")
        for block in details.iter("Assessments"):
            yield feed, key, "cin_decision", f"{referred}/{block.findtext('AssessmentActualStartDate')}"
            yield feed, key, "cf_assessment", f"{referred}/{block.findtext('AssessmentAuthorisationDate') or ''}"
        for block in details.iter("Section47"):
            if block.findtext("ICPCnotRequired") == "false":
                start = block.findtext("S47ActualStartDate")
                yield feed, key, "icpc", f"{start}/{block.findtext('DateOfInitialCPC') or ''}"
        for block in details.iter("ChildProtectionPlans"):
            span = (block.findtext("CPPstartDate"), block.findtext("CPPendDate") or "")
            reviews = [review.text for review in block.iterfind("Reviews/CPPreviewDate")]
            for kind, dates in _chain(["cpp_review", "cpp_review_later"], span, reviews):
                yield feed, key, kind, dates
        for block in details.iter("PreProceedingsandFGDM"):
            dates = f"{block.findtext('PPStartDate')}/{block.findtext('StepDecisionDate') or ''}"
            yield feed, key, "pre_proceedings", dates


def _looked_after(folder: Path, feed: str) -> Iterator[Wait]:
    spans: dict[str, list[str]] = {}
    for row in table(folder / "episodes.csv"):
        span = spans.setdefault(row["CHILD"], [iso(row["DECOM"]), ""])
        span[1] = iso(row["DEC"]) if row["REC"] != "X1" else ""
    reviews: dict[str, list[str]] = {}
    for row in table(folder / "reviews.csv"):
        reviews.setdefault(row["CHILD"], []).append(iso(row["REVIEW"]))
    for child, (start, end) in spans.items():
        kinds = ["cla_review", "cla_review_second", "cla_review_later"]
        for kind, dates in _chain(kinds, (start, end), reviews.get(child, [])):
            yield feed, child, kind, dates


def _chain(kinds: list[str], span: tuple[str, str], reviews: list[str]) -> Iterator[tuple[str, str]]:
    """Yield kind and dates of each clock of a chain of reviews."""
    days = [span[0], *sorted(reviews)]
    for number, (begun, done) in enumerate(zip(days, [*days[1:], span[1]], strict=True)):
        if number == 0 or begun != span[1]:
            yield kinds[min(number, len(kinds) - 1)], f"{begun}/{done}"


def _family_court(folder: Path) -> Iterator[Wait]:
    for case in document(folder / "cases.json"):
        data = case["caseData"]
        held = [h["value"] for h in data["hearingDetails"] if h["value"]["type"] == "CASE_MANAGEMENT"]
        first = min((h["startDate"][:10] for h in held if h["startDate"][:10] < folder.name), default="")
        for child in data["children1"]:
            key, issued = f"{case['id']}/{child['id']}", data["dateOfIssue"]
            yield "family-court", key, "care_first_hearing", f"{issued}/{first}"
            yield "family-court", key, "care_proceedings", f"{issued}/{child['value'].get('finalDecisionDate', '')}"


def _crown_court(folder: Path, victims: Path) -> Iterator[Wait]:
    clients = [(row["PoliceURN"], row["ClientRef"]) for row in table(victims / "referrals.csv") if row["PoliceURN"]]
    for case in document(folder / "cases.json")["cases"]:
        sittings = [
            day["sittingDay"][:10]
            for hearing in case["hearingSummary"]
            if hearing["jurisdictionType"] == "CROWN"
            for day in hearing["hearingDays"]
        ]
        concluded = all(defendant["proceedingsConcluded"] for defendant in case["defendantSummary"])
        dates = f"{min(sittings)}/{max(sittings) if concluded else ''}"
        for defendant in case["defendantSummary"]:
            yield "crown-court", defendant["defendantId"], "crown_trial", dates
        for urn, client in clients:
            if urn == case["prosecutionCaseReference"]:
                yield "victim-service", client, "crown_trial", dates


def _victims(folder: Path) -> Iterator[Wait]:
    for row in table(folder / "referrals.csv"):
        is_therapy = row["Service"] == "THERAPY"
        stop = row["SupportStartDate" if is_therapy else "FirstContactDate"] or row["ClosedDate"]
        kind = "therapy" if is_therapy else "victim_support"
        yield "victim-service", row["ClientRef"], kind, f"{iso(row['ReferralDate'])}/{iso(stop)}"
