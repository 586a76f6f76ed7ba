"""The slow obvious twin of rules of the census: plain Python over the tree of a file, one child after another.

It shares nothing with the rules: neither their conditions, nor their tables, nor the engine. A rule is a function that
is given a child and yields the elements that break it.
"""

from __future__ import annotations

import datetime as dt
import xml.etree.ElementTree as ET
from collections.abc import Callable, Iterator
from pathlib import Path

START, END = dt.date(2025, 4, 1), dt.date(2026, 3, 31)


class Node:
    """An element with its path, its cells by name, and the elements in it by name."""

    def __init__(self, element: ET.Element, path: str) -> None:
        self.element = element
        self.path = path

    def text(self, name: str) -> str | None:
        found = self.element.find(name)
        return (found.text or "").strip() or None if found is not None else None

    def day(self, name: str) -> dt.date | None:
        text = self.text(name)
        return dt.date.fromisoformat(text) if text else None

    def flag(self, name: str) -> bool | None:
        return {"1": True, "true": True, "0": False, "false": False}.get(self.text(name) or "")

    def all(self, name: str) -> list[Node]:
        return [Node(found, f"{self.path}/{name}[{n}]") for n, found in enumerate(self.element.findall(name), 1)]

    def identifier(self, name: str) -> str | None:
        return self.text(f"ChildIdentifiers/{name}")

    def born(self, name: str = "PersonBirthDate") -> dt.date | None:
        text = self.identifier(name)
        return dt.date.fromisoformat(text) if text else None


Test = Callable[[Node], Iterator[Node]]
TWINS: dict[str, Test] = {}


def twin(code: str) -> Callable[[Test], Test]:
    """Enter a function as the twin of a rule."""

    def enter(test: Test) -> Test:
        TWINS[code] = test
        return test

    return enter


def _before(code: str, block: str, name: str, other: str, of: str) -> None:
    """Enter the twin of a rule: a date of a block lies before one of itself (`self`), the referral or the child."""

    def test(child: Node) -> Iterator[Node]:
        for details in child.all("CINdetails"):
            for own in [details] if block == "CINdetails" else details.all(block):
                first = own.day(name)
                holder = {"self": own, "details": details}.get(of)
                second = holder.day(other) if holder else child.born(other)
                if first and second and first < second:
                    yield own

    TWINS[code] = test


def _outside(code: str, block: str, name: str) -> None:
    def test(child: Node) -> Iterator[Node]:
        for details in child.all("CINdetails"):
            for own in [details] if block == "CINdetails" else details.all(block):
                day = own.day(name)
                if day and not START <= day <= END:
                    yield own

    TWINS[code] = test


def _overlap(code: str, block: str, start: str, end: str, *, of_child: bool) -> None:
    def test(child: Node) -> Iterator[Node]:
        groups = [details.all(block) for details in child.all("CINdetails")]
        for group in [[own for each in groups for own in each]] if of_child else groups:
            for own in group:
                for other in group:
                    if own is not other and (_within(own, other, start, end) or _within(other, own, start, end)):
                        yield own

    TWINS[code] = test


def _within(own: Node, other: Node, start: str, end: str) -> bool:
    begun, first, last = own.day(start), other.day(start), other.day(end) or END
    return begun is not None and first is not None and first <= begun <= last


_before("1103", "Assessments", "AssessmentActualStartDate", "CINreferralDate", "details")
_before("1104", "Section47", "DateOfInitialCPC", "CINreferralDate", "details")
_before("1105", "ChildProtectionPlans", "CPPstartDate", "CINreferralDate", "details")
_before("2889", "Section47", "S47ActualStartDate", "CINreferralDate", "details")
_before("4015", "CINPlanDates", "CINPlanStartDate", "CINreferralDate", "details")
_before("4011", "CINPlanDates", "CINPlanEndDate", "CINPlanStartDate", "self")
_before("8608", "Assessments", "AssessmentAuthorisationDate", "AssessmentActualStartDate", "self")
_before("8630", "CINdetails", "CINclosureDate", "CINreferralDate", "self")
_before("8925", "ChildProtectionPlans", "CPPendDate", "CPPstartDate", "self")
_outside("4013", "CINPlanDates", "CINPlanEndDate")
_outside("8620", "CINdetails", "CINclosureDate")
_outside("8696", "Assessments", "AssessmentAuthorisationDate")
_outside("8715", "Section47", "DateOfInitialCPC")
_outside("8930", "ChildProtectionPlans", "CPPendDate")
_overlap("4014", "CINPlanDates", "CINPlanStartDate", "CINPlanEndDate", of_child=True)
_overlap("8940", "ChildProtectionPlans", "CPPstartDate", "CPPendDate", of_child=True)
_overlap("8863Q", "Assessments", "AssessmentActualStartDate", "AssessmentAuthorisationDate", of_child=False)


@twin("2885")
def _plan_on_conference_day(child: Node) -> Iterator[Node]:
    for details in child.all("CINdetails"):
        enquiries = details.all("Section47")
        days = [each.day("DateOfInitialCPC") for each in enquiries] or [details.day("DateOfInitialCPC")]
        for plan in details.all("ChildProtectionPlans"):
            start = plan.day("CPPstartDate")
            if start and START <= start <= END and start not in days:
                yield plan


@twin("8815")
def _two_open(child: Node) -> Iterator[Node]:
    still = [
        one for one in child.all("CINdetails") if not one.day("CINclosureDate") and one.flag("ReferralNFA") is False
    ]
    if len(still) > 1:
        yield from still


@twin("8816")
def _open_not_latest(child: Node) -> Iterator[Node]:
    days = [day for one in child.all("CINdetails") if (day := one.day("CINreferralDate"))]
    for one in child.all("CINdetails"):
        own = one.day("CINreferralDate")
        if own and not one.day("CINclosureDate") and one.flag("ReferralNFA") is False and own < max(days):
            yield one


@twin("8839")
def _two_waiting(child: Node) -> Iterator[Node]:
    for details in child.all("CINdetails"):
        waiting = [
            one
            for one in details.all("Section47")
            if not one.day("DateOfInitialCPC") and not one.flag("ICPCnotRequired")
        ]
        if len(waiting) > 1:
            yield from waiting


@twin("8867")
def _closed_with_open_assessment(child: Node) -> Iterator[Node]:
    for details in child.all("CINdetails"):
        unfinished = [one for one in details.all("Assessments") if not one.day("AssessmentAuthorisationDate")]
        if details.day("CINclosureDate") and unfinished:
            yield details


@twin("8875")
def _conference_at_weekend(child: Node) -> Iterator[Node]:
    for details in child.all("CINdetails"):
        for one in details.all("Section47"):
            day = one.day("DateOfInitialCPC")
            if day and day.weekday() in (5, 6):
                yield one


@twin("8590")
def _no_referral(child: Node) -> Iterator[Node]:
    if not child.all("CINdetails"):
        yield child


@twin("8606")
def _long_before_birth(child: Node) -> Iterator[Node]:
    for details in child.all("CINdetails"):
        referred = details.day("CINreferralDate")
        for born in (child.born(), child.born("ExpectedPersonBirthDate")):
            if referred and born and (born - referred).days > 280:
                yield details


def find_slowly(path: Path) -> dict[str, set[str]]:
    """Return the paths of the elements that break each rule that has a twin."""
    root = ET.parse(path).getroot()
    children = [Node(found, f"Child[{n}]") for n, found in enumerate(root.iter("Child"), 1)]
    return {code: {node.path for child in children for node in test(child)} for code, test in TWINS.items()}
