"""One referral of the children in need census and the work in it: assessments, plans, enquiries, pre-proceedings.

Clocks: the decision on a referral and the first assessment (both from the referral, as the limits of Working Together
run), every later assessment (from its own start: there is no new referral), the initial conference (from the start of
the enquiry), the chain of reviews of a protection plan, and pre-proceedings.
"""

from __future__ import annotations

import datetime as dt
from collections.abc import Callable
from typing import Any

from braid.extracts.fields import Fields, RowRefused
from braid.extracts.model import Reading
from braid.extracts.standards.review_clocks import PROTECTION, chain_reviews
from braid.extracts.xml_files import local_name

SYSTEM = "cin"
SOURCES = frozenset(
    [
        "1A",
        "1B",
        "1C",
        "1D",
        "2A",
        "2B",
        "3A",
        "3B",
        "3C",
        "3D",
        "3E",
        "3F",
        "4",
        "5A",
        "5B",
        "5C",
        "5D",
        "6",
        "7",
        "8",
        "9",
        "10",
    ]
)
PRIMARY_NEEDS = {
    "N1": "other", "N2": "physical_disability", "N3": "other", "N4": "other", "N5": "other", "N6": "antisocial",
    "N7": "income", "N8": "other", "N9": "none", "N0": "other",
}  # fmt: skip
CLOSURES = frozenset(f"RC{digit}" for digit in range(1, 10))
FACTORS = {
    "1": "substance_alcohol", "2": "substance_drugs", "3": "domestic_abuse", "4": "mental_health",
    "5": "learning_disability", "6": "physical_disability",
}  # fmt: skip
SINGLE_FACTORS = {
    "7A": "young_carer", **{f"8{letter}": "private_fostering" for letter in "BCDEF"}, "9A": "unaccompanied",
    "10A": "missing", "11A": "exploitation_sexual", "12A": "trafficking", "13A": "gangs", "14A": "antisocial",
    "15A": "self_harm", "16A": "neglect", "17A": "emotional_abuse", "18A": "physical_abuse", "18B": "physical_abuse",
    "18C": "physical_abuse", "19A": "sexual_abuse", "19B": "sexual_abuse", "19C": "sexual_abuse", "20": "other",
    "21": "none", "22A": "fgm", "23A": "faith_abuse", "24A": "exploitation_criminal",
}  # fmt: skip
FACTOR_NEEDS = {**{number + letter: need for number, need in FACTORS.items() for letter in "ABC"}, **SINGLE_FACTORS}
WHOSE = {"A": "person", "B": "parent", "C": "household"}
ABUSE = {
    "NEG": "neglect", "PHY": "physical_abuse", "SAB": "sexual_abuse", "EMO": "emotional_abuse", "MUL": "other",
}  # fmt: skip
PP_OUTCOMES = frozenset("ABCD")
ENQUIRY_END = "S47EndDate"
"""The census has no end of an enquiry; other sources of the same work do."""
WAITS = ("cin_decision", "cf_assessment", "icpc", *PROTECTION, "pre_proceedings")
"""The kinds of wait whose clocks the census starts."""


class Block:
    """One element of the file with those in it: cells by name, and where it stands."""

    def __init__(self, element: Any, reading: Reading) -> None:
        self.element = element
        self.reading = reading
        self.ref = f"line {element.sourceline}"

    def fields(self, *groups: str) -> Fields:
        """Return the first text of each element directly inside, or directly inside one of the named groups."""
        values: dict[str, str] = {}
        holders = [self.element, *(found for name in groups for found in self.element.iterchildren("{*}" + name))]
        for holder in holders:
            for element in holder:
                if not len(element) and (name := local_name(element)) not in values:
                    values[name] = _text(element)
        return Fields(self.reading, self.ref, values)

    def texts(self, name: str) -> list[str]:
        """Return the texts of all elements of a name anywhere inside, empty ones left out."""
        return [text for element in self.element.iter("{*}" + name) if (text := _text(element))]


def _text(element: Any) -> str:
    return (element.text or "").replace("\xa0", " ").strip()


def read_details(element: Any, child: str, reading: Reading, seen: set[Any]) -> None:
    """Read a referral and the blocks in it. Raises `RowRefused` where the referral itself has no date."""
    seen.add(element)
    reading.row_in("CINdetails")
    row = Block(element, reading).fields()
    referred = row.required_date("CINreferralDate")
    case = Case(reading, child, referred)
    starts = _read_inner(element, case, seen)
    emit_referral(row, case, starts)
    _emit_conference(row, element, case)


def emit_referral(row: Fields, case: Case, starts: list[dt.date]) -> None:
    """Add a referral, its needs and its clocks, once what followed it was read; `starts` are the days of that work."""
    _emit_assessment_clocks(case)
    _emit_referral(row, case, starts)


class Case:
    """What the blocks of one referral share: whose it is, since when, and how its records are added."""

    def __init__(self, reading: Reading, child: str, referred: dt.date) -> None:
        self.reading = reading
        self.child = child
        self.owner = reading.person_record_id(child)
        self.referred = referred
        self.ref = f"{child}/cin/{referred.isoformat()}"
        self.assessments: list[tuple[Fields, dt.date, dt.date | None]] = []

    def emit(self, row: Fields, record_type: str, key: tuple[str, ...], **values: Any) -> None:
        """Add a record about the child of this referral."""
        row.reading.emit(
            record_type, (self.ref, *key), row.position, "special", row.quality, person_record_id=self.owner, **values
        )


def _read_inner(element: Any, case: Case, seen: set[Any]) -> list[dt.date]:
    """Read the blocks in a referral; return the days on which work started, which show that it was decided."""
    starts: list[dt.date] = []
    for inner in element:
        part = local_name(inner)
        reader = READERS.get(part)
        if reader is None:
            continue
        seen.add(inner)
        case.reading.row_in(part)
        try:
            start = reader(Block(inner, case.reading), case)
        except RowRefused as refused:
            _refuse(case.reading, part, inner, refused)
            continue
        case.reading.row_read(part)
        if start:
            starts.append(start)
    return starts


def _refuse(reading: Reading, part: str, element: Any, refused: RowRefused) -> None:
    text = " ".join(f"{local_name(inner)}={_text(inner)}" for inner in element.iter() if not len(inner))
    reading.row_rejected(part, f"line {element.sourceline}", refused.rule, refused.message, text, refused.fld)


def _emit_referral(row: Fields, case: Case, starts: list[dt.date]) -> None:
    source = row.code("ReferralSource", "cin_source", SOURCES)
    closed = row.end_date("CINclosureDate", case.referred)
    reason = row.code("ReasonForClosure", SYSTEM, CLOSURES)
    no_action = row.flag("ReferralNFA")
    case.emit(row, "event", ("referral",), episode_ref=case.ref, kind="referral", subkind=source,
              start_date=case.referred, status="completed")  # fmt: skip
    case.emit(row, "episode", ("cin",), episode_ref=case.ref, kind="cin", start_date=case.referred, start_reason=source,
              end_date=closed, end_reason=reason, status="closed" if closed else "open")  # fmt: skip
    need = row.code("PrimaryNeedCode", SYSTEM, PRIMARY_NEEDS)
    if need and PRIMARY_NEEDS[need.removeprefix("cin:")] != "none":
        case.emit(row, "need", ("primary", need), whose="person", code=PRIMARY_NEEDS[need.removeprefix("cin:")],
                  source_code=need, assessed_date=case.referred, source_type="assessed")  # fmt: skip
    _emit_decision(row, case, starts, closed, no_action)


def _emit_conference(row: Fields, element: Any, case: Case) -> None:
    """Add the initial conference stated beside the enquiries, unless an enquiry states its own."""
    held = row.date("DateOfInitialCPC")
    if held and not any(_text(found) for found in element.iterfind("{*}Section47/{*}DateOfInitialCPC")):
        case.emit(row, "event", ("icpc", held.isoformat()), episode_ref=case.ref, kind="conference", start_date=held,
                  subkind="cin:initial", status="completed")  # fmt: skip


def _emit_decision(
    row: Fields, case: Case, starts: list[dt.date], closed: dt.date | None, no_action: bool | None
) -> None:
    """Add the clock of the decision. The file has no decision date: the first work or the closure shows it by then.

    A referral without further action was decided, on a day the file does not tell: it has no clock.
    """
    later = sorted(day for day in starts if day >= case.referred)
    if no_action and not later:
        return
    stop, stop_event = (later[0], "first work started") if later else (closed, "CINclosureDate")
    case.emit(row, "wait", ("cin_decision",), episode_ref=case.ref, kind="cin_decision", start_date=case.referred,
              start_event="CINreferralDate", stop_date=stop, stop_event=stop_event if stop else None)  # fmt: skip


def _read_assessment(block: Block, case: Case) -> dt.date:
    row = block.fields()
    start = row.required_date("AssessmentActualStartDate")
    done = row.end_date("AssessmentAuthorisationDate", start)
    review = row.date("AssessmentInternalReviewDate")
    day = start.isoformat()
    case.emit(row, "event", ("assessment", day), episode_ref=case.ref, kind="assessment", start_date=start,
              end_date=done, status="completed" if done else "booked", planned_date=review)  # fmt: skip
    case.assessments.append((row, start, done))
    _emit_factors(block, row, case, done or start)
    return start


def _emit_assessment_clocks(case: Case) -> None:
    """Add a clock for each assessment: the first answers the referral and counts from it, a later one from its start.

    One that began before the referral counts from its start too.
    """
    answers = min((start for _, start, _ in case.assessments if start >= case.referred), default=None)
    for row, start, done in case.assessments:
        clock_start, start_event = (
            (case.referred, "CINreferralDate") if start == answers else (start, "AssessmentActualStartDate")
        )
        case.emit(row, "wait", ("cf_assessment", start.isoformat()), episode_ref=case.ref, kind="cf_assessment",
                  start_date=clock_start, start_event=start_event, stop_date=done,
                  stop_event="AssessmentAuthorisationDate" if done else None)  # fmt: skip


def _emit_factors(block: Block, row: Fields, case: Case, assessed: dt.date) -> None:
    factors = list(dict.fromkeys(text.upper() for text in block.texts("AssessmentFactors")))
    if "21" in factors and len(factors) > 1:
        row.doubt("factor_none_with_others", "AssessmentFactors", "AssessmentFactors say none and others: correct one")
        factors.remove("21")
    for factor in factors:
        code = FACTOR_NEEDS.get(factor)
        if code is None:
            row.unknown_code("AssessmentFactors")
        elif code != "none":
            whose = WHOSE.get(factor[-1], "person") if factor[:-1] in FACTORS else "person"
            case.emit(row, "need", ("factor", factor, assessed.isoformat()), whose=whose, code=code,
                      source_code=f"cin_factor:{factor}", assessed_date=assessed, source_type="assessed")  # fmt: skip


def _read_plan(block: Block, case: Case) -> dt.date:
    row = block.fields()
    start = row.required_date("CINPlanStartDate")
    end = row.end_date("CINPlanEndDate", start)
    ref = f"{case.ref}/plan/{start.isoformat()}"
    case.emit(row, "episode", ("plan", start.isoformat()), episode_ref=ref, kind="cin", service="child in need plan",
              parent_episode_ref=case.ref, start_date=start, end_date=end,
              status="closed" if end else "open")  # fmt: skip
    return start


def _read_enquiry(block: Block, case: Case) -> dt.date:
    """Read a section 47 enquiry: its conference, if one is required, is due on the target the file states."""
    row = block.fields()
    start = row.required_date("S47ActualStartDate")
    held = row.end_date("DateOfInitialCPC", start)
    ended = held or row.end_date(ENQUIRY_END, start)
    target = row.date("InitialCPCtarget")
    not_required = row.flag("ICPCnotRequired")
    ref = f"{case.ref}/s47/{start.isoformat()}"
    case.emit(row, "episode", ("s47", start.isoformat()), episode_ref=ref, kind="s47", parent_episode_ref=case.ref,
              start_date=start, end_date=ended, end_reason="cin:ICPCnotRequired" if not_required else None,
              status="closed" if ended or not_required else "open")  # fmt: skip
    if held:
        case.emit(row, "event", ("icpc", held.isoformat()), episode_ref=ref, kind="conference", start_date=held,
                  subkind="cin:initial", status="completed", planned_date=target)  # fmt: skip
    if held or not not_required:
        case.emit(row, "wait", ("icpc", start.isoformat()), episode_ref=ref, kind="icpc", start_date=start,
                  start_event="S47ActualStartDate", stop_date=held, stop_event="DateOfInitialCPC" if held else None,
                  stated_due_date=target)  # fmt: skip
    return start


def _read_protection_plan(block: Block, case: Case) -> dt.date:
    row = block.fields()
    start = row.required_date("CPPstartDate")
    end = row.end_date("CPPendDate", start)
    day = start.isoformat()
    ref = f"{case.ref}/cpp/{day}"
    case.emit(row, "episode", ("cpp", day), episode_ref=ref, kind="cpp", parent_episode_ref=case.ref, start_date=start,
              end_date=end, status="closed" if end else "open")  # fmt: skip
    for name in ("InitialCategoryOfAbuse", "LatestCategoryOfAbuse"):
        abuse = row.code(name, SYSTEM, ABUSE)
        if abuse:
            case.emit(row, "need", ("cpp", day, abuse), whose="person", code=ABUSE[abuse.removeprefix("cin:")],
                      source_code=abuse, assessed_date=start, source_type="assessed")  # fmt: skip
    row.number("NumberOfPreviousCPP", 0, 99)
    _emit_reviews(block, row, case, ref, start, end)
    return start


def _emit_reviews(block: Block, row: Fields, case: Case, ref: str, start: dt.date, end: dt.date | None) -> None:
    """Add the reviews of a plan and their clocks: the first from the start of the plan, later ones from each other."""
    days = sorted({day for day in _review_days(block, row) if day >= start and (end is None or day <= end)})
    for day in days:
        case.emit(row, "event", ("cpp_review", ref, day.isoformat()), episode_ref=ref, kind="review", start_date=day,
                  subkind="cin:cpp", status="completed")  # fmt: skip
    for clock in chain_reviews(PROTECTION, start, end, days):
        key = (clock.kind, ref) if clock.is_first else (clock.kind, ref, clock.start.isoformat())
        stop_event = "CPPreviewDate" if clock.is_held else "CPPendDate"
        case.emit(row, "wait", key, episode_ref=ref, kind=clock.kind, start_date=clock.start,
                  start_event="CPPstartDate" if clock.is_first else "CPPreviewDate", stop_date=clock.stop,
                  stop_event=stop_event if clock.stop else None)  # fmt: skip


def _review_days(block: Block, row: Fields) -> list[dt.date]:
    days = []
    for text in block.texts("CPPreviewDate"):
        review = Fields(row.reading, row.position, {"CPPreviewDate": text})
        day = review.date("CPPreviewDate")
        if day:
            days.append(day)
    return days


def _read_pre_proceedings(block: Block, case: Case) -> dt.date:
    """Read pre-proceedings and family group decision making (from 2026): the bridge from the council to the court."""
    row = block.fields()
    start = row.required_date("PPStartDate")
    decided = row.end_date("StepDecisionDate", start)
    applied = row.end_date("CourtAppDate", start)
    outcome = row.code("PPOutcome", "legal_gateway", PP_OUTCOMES)
    ref = f"{case.ref}/pre_proceedings/{start.isoformat()}"
    case.emit(row, "episode", ("pre_proceedings", start.isoformat()), episode_ref=ref, kind="pre_proceedings",
              parent_episode_ref=case.ref, start_date=start, end_date=decided, end_reason=outcome,
              status="closed" if decided else "open")  # fmt: skip
    case.emit(row, "wait", ("pre_proceedings", start.isoformat()), episode_ref=ref, kind="pre_proceedings",
              start_date=start, start_event="PPStartDate", stop_date=decided,
              stop_event="StepDecisionDate" if decided else None)  # fmt: skip
    for name, kind, day in (
        ("LBPSentDate", "contact", row.date("LBPSentDate")),
        ("LetterInitCPDate", "contact", row.date("LetterInitCPDate")),
        ("FGDMMeetingOffer", "meeting", _offered(row, "FGDMMeetingOffer")),
        ("FGDMMeetingFac", "meeting", _offered(row, "FGDMMeetingFac")),
        ("InitialPPMeetingDate", "meeting", row.date("InitialPPMeetingDate")),
        ("StepDecisionDate", "decision", decided),
        ("CourtAppDate", "decision", applied),
    ):
        if day:
            case.emit(row, "event", (name, start.isoformat(), day.isoformat()), episode_ref=ref, kind=kind,
                      subkind=f"cin:{name}", start_date=day, status="completed")  # fmt: skip
    row.number("ReviewMeetingsCount", 0, 99)
    return start


def _offered(row: Fields, name: str) -> dt.date | None:
    """Return the day of a meeting where the file gives one; some systems write only yes or no."""
    text = row.text(name)
    if text is None or len(text) <= len("false"):
        row.flag(name)
        return None
    return row.date(name)


READERS: dict[str, Callable[[Block, Case], dt.date]] = {
    "Assessments": _read_assessment,
    "CINPlanDates": _read_plan,
    "Section47": _read_enquiry,
    "ChildProtectionPlans": _read_protection_plan,
    "PreProceedingsandFGDM": _read_pre_proceedings,
}
