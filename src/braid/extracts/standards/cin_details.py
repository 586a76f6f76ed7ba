"""One referral of the children in need census and the work in it: what its blocks say only together.

What a block holds and the records that it makes by itself stand in `definitions/cin.toml`. Clocks that are added here:
the decision on a referral and the first assessment (both from the referral, as the limits of Working Together run),
every later assessment (from its own start: there is no new referral), and the chain of reviews of a protection plan.
"""

from __future__ import annotations

import datetime as dt
from collections import Counter
from typing import Any

from braid.extracts.fields import Fields, RowRefused
from braid.extracts.model import Reading
from braid.extracts.standards.review_clocks import PROTECTION, chain_reviews
from braid.extracts.walked import WalkedRow, read_row, walked
from braid.extracts.xml_files import local_name

STANDARD = "cin"
REFERRAL = "CINdetails"
ENQUIRY_END = "S47EndDate"
"""The census has no end of an enquiry; other sources of the same work do."""
WAITS = ("cin_decision", "cf_assessment", "icpc", *PROTECTION, "pre_proceedings")
"""The kinds of wait whose clocks the census starts."""
WORK = {
    "Assessments": "AssessmentActualStartDate",
    "CINPlanDates": "CINPlanStartDate",
    "Section47": "S47ActualStartDate",
    "ChildProtectionPlans": "CPPstartDate",
    "PreProceedingsandFGDM": "PPStartDate",
}
"""The blocks of work in a referral, and the day on which each began."""


class Block:
    """One element of the file with those in it: cells by name, and where it stands."""

    def __init__(self, element: Any, reading: Reading, ref: str) -> None:
        self.element = element
        self.reading = reading
        self.ref = ref

    def fields(self, *groups: str, **given: str) -> Fields:
        """Return the first text of each element directly inside, or directly inside one of the named groups.

        `given` is what the block has from those that it stands in.
        """
        values: dict[str, str] = {}
        holders = [self.element, *(found for name in groups for found in self.element.iterchildren("{*}" + name))]
        for holder in holders:
            for element in holder:
                if not len(element) and (name := local_name(element)) not in values:
                    values[name] = text_of(element)
        return Fields(self.reading, self.ref, values | given)

    def texts(self, name: str) -> list[str]:
        """Return the texts of all elements of a name anywhere inside, empty ones left out."""
        return [text for element in self.element.iter("{*}" + name) if (text := text_of(element))]


def text_of(element: Any) -> str:
    """Return the text of an element without outer spaces, a no-break space being one."""
    return (element.text or "").replace("\xa0", " ").strip()


class Case:
    """What the blocks of one referral share: whose it is, since when, and how records of several blocks are added."""

    def __init__(self, reading: Reading, child: str, referred: dt.date) -> None:
        self.reading = reading
        self.child = child
        self.owner = reading.person_record_id(child)
        self.referred = referred
        self.ref = f"{child}/cin/{referred.isoformat()}"
        self.assessments: list[tuple[Fields, dt.date, dt.date | None]] = []

    @property
    def given(self) -> dict[str, str]:
        """What every block of the referral has from it, as the definition calls it."""
        return {"child": self.child, "case": self.ref}

    def emit(self, row: Fields, record_type: str, key: tuple[str, ...], **values: Any) -> None:
        """Add a record about the child of this referral."""
        row.reading.emit(
            record_type, (self.ref, *key), row.position, "special", row.quality, person_record_id=self.owner, **values
        )


def read_details(element: Any, child: str, reading: Reading, seen: set[Any], place: str) -> None:
    """Read a referral and the blocks in it. Raises `RowRefused` where the referral itself has no date."""
    seen.add(element)
    reading.row_in(REFERRAL)
    row = Block(element, reading, place).fields()
    case = open_case(row, child)
    starts = _read_inner(element, case, seen, place)
    details = emit_referral(row, case, starts)
    _emit_conference(details, element, case)


def open_case(row: Fields, child: str) -> Case:
    """Return the referral that a row begins. Raises `RowRefused` where it has no date."""
    return Case(row.reading, child, row.required_date("CINreferralDate"))


def emit_referral(row: Fields, case: Case, starts: list[dt.date]) -> WalkedRow:
    """Add a referral, its needs and its clocks, once what followed it was read; `starts` are the days of that work."""
    _emit_assessment_clocks(case)
    row.take_in(case.given)
    details = WalkedRow(walked(STANDARD).part(REFERRAL), row)
    details.make()
    _emit_decision(details, case, starts)
    return details


def read_block(part: str, block: Block, case: Case) -> dt.date:
    """Read a block of work in a referral; return the day on which it began. Raises `RowRefused`."""
    fields = block.fields(**case.given)
    row = read_row(walked(STANDARD).part(part), fields, block.texts)
    start = row.date(WORK[part])
    assert start is not None  # a row without it was refused
    if part == "Assessments":
        case.assessments.append((fields, start, row.date("AssessmentAuthorisationDate")))
    elif part == "ChildProtectionPlans":
        _emit_reviews(block, row, case, start)
    return start


def _read_inner(element: Any, case: Case, seen: set[Any], place: str) -> list[dt.date]:
    """Read the blocks in a referral; return the days on which work started, which show that it was decided."""
    starts: list[dt.date] = []
    numbers: Counter[str] = Counter()
    for inner in element:
        part = local_name(inner)
        if part not in WORK:
            continue
        seen.add(inner)
        numbers[part] += 1
        case.reading.row_in(part)
        block = Block(inner, case.reading, f"{place}/{part}[{numbers[part]}]")
        try:
            starts.append(read_block(part, block, case))
        except RowRefused as refused:
            _refuse(block, part, refused)
            continue
        case.reading.row_read(part)
    return starts


def _refuse(block: Block, part: str, refused: RowRefused) -> None:
    text = " ".join(f"{local_name(inner)}={text_of(inner)}" for inner in block.element.iter() if not len(inner))
    block.reading.row_rejected(part, block.ref, refused.rule, refused.message, text, refused.fld)


def _emit_conference(row: WalkedRow, element: Any, case: Case) -> None:
    """Add the initial conference stated beside the enquiries, unless an enquiry states its own."""
    held = row.date("DateOfInitialCPC")
    if held and not any(text_of(found) for found in element.iterfind("{*}Section47/{*}DateOfInitialCPC")):
        case.emit(row.fields, "event", ("icpc", held.isoformat()), episode_ref=case.ref, kind="conference",
                  start_date=held, subkind="cin:initial", status="completed")  # fmt: skip


def _emit_decision(row: WalkedRow, case: Case, starts: list[dt.date]) -> None:
    """Add the clock of the decision. The file has no decision date: the first work or the closure shows it by then.

    A referral without further action was decided, on a day the file does not tell: it has no clock.
    """
    later = sorted(day for day in starts if day >= case.referred)
    if row.value("ReferralNFA") and not later:
        return
    stop, stop_event = (later[0], "first work started") if later else (row.date("CINclosureDate"), "CINclosureDate")
    case.emit(row.fields, "wait", ("cin_decision",), episode_ref=case.ref, kind="cin_decision",
              start_date=case.referred, start_event="CINreferralDate", stop_date=stop,
              stop_event=stop_event if stop else None)  # fmt: skip


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


def _emit_reviews(block: Block, row: WalkedRow, case: Case, start: dt.date) -> None:
    """Add the reviews of a plan and their clocks: the first from the start of the plan, later ones from each other."""
    fields, end = row.fields, row.date("CPPendDate")
    ref = f"{case.ref}/cpp/{start.isoformat()}"
    days = sorted({day for day in _review_days(block, fields) if day >= start and (end is None or day <= end)})
    for day in days:
        case.emit(fields, "event", ("cpp_review", ref, day.isoformat()), episode_ref=ref, kind="review",
                  start_date=day, subkind="cin:cpp", status="completed")  # fmt: skip
    for clock in chain_reviews(PROTECTION, start, end, days):
        key = (clock.kind, ref) if clock.is_first else (clock.kind, ref, clock.start.isoformat())
        stop_event = "CPPreviewDate" if clock.is_held else "CPPendDate"
        case.emit(fields, "wait", key, episode_ref=ref, kind=clock.kind, start_date=clock.start,
                  start_event="CPPstartDate" if clock.is_first else "CPPreviewDate", stop_date=clock.stop,
                  stop_event=stop_event if clock.stop else None)  # fmt: skip


def _review_days(block: Block, row: Fields) -> list[dt.date]:
    days = []
    for text in block.texts("CPPreviewDate"):
        day = Fields(row.reading, row.position, {"CPPreviewDate": text}).date("CPPreviewDate")
        if day:
            days.append(day)
    return days
