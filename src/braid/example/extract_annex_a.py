"""The child-level lists for an inspection (Annex A): `annex_a.xlsx`, eleven sheets as a council's staff fill them.

Blemishes on purpose: titles above the first heading, letters before codes and labels behind them, plain words instead
of codes, no-break spaces, `#N/A` where there is nothing, days as text, as days and as formulas, and a hidden sheet.
"""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from datetime import date
from pathlib import Path

from braid.example.coding import ethnicity_code
from braid.example.desk import Desk, uk
from braid.example.records import CareEpisode, ChildCase
from braid.example.records_further import Adopter, AdoptionPlan, CareLeaver, EarlyHelp
from braid.example.workbook_file import Cell, Formula, Sheet, write_workbook

CHILD = ["Child Unique ID", "Gender", "Ethnicity", "Date of Birth", "Age of Child (Years)"]
_DISABILITY, _STAFF = ["Does the Child have a Disability"], ["Allocated Team", "Allocated Worker"]
LISTS: dict[str, list[str]] = {
    "List 1": [*CHILD, "Date of Contact", "Contact Source"],
    "List 2": [
        *CHILD, "Assessment start date", "Assessment completion date", "Organisation completing assessment",
    ],
    "List 3": [
        *CHILD, "Date of referral", "Referral Source", "Referral NFA?", "Number of Referrals in Last 12 Months",
        *_STAFF,
    ],
    "List 4": [
        *CHILD, *_DISABILITY, "Continuous Assessment Start Date", "Child Seen During Continuous Assessment",
        "Continuous Assessment Date of Authorisation",
        "Was the child assessed as requiring LA children's social care support?", *_STAFF,
    ],
    "List 5": [
        *CHILD, *_DISABILITY, "Strategy discussion initiating Section 47 Enquiry Start Date",
        "Was an Initial Child Protection Conference deemed unnecessary?", "Date of Initial Child Protection Conference",
        "Did the Initial Child Protection Conference Result in a Child Protection Plan",
        "Number of Section 47 Enquiries in the last 12 months", "Number of ICPCs in the last 12 months", *_STAFF,
    ],
    "List 6": [
        *CHILD, *_DISABILITY, "CIN Start Date", "Primary Need Code", "Date Child Was Last Seen", "CIN Closure Date",
        "Reason for Closure", "Case Status", *_STAFF,
    ],
    "List 7": [
        *CHILD, *_DISABILITY, "Child Protection Plan Start Date", "Initial Category of Abuse",
        "Latest Category of Abuse", "Date of the Last Statutory Visit", "Was the Child Seen Alone?",
        "Date of latest review conference", "Child Protection Plan End Date",
        "Subject to Emergency Protection Order or Protected Under Police Powers in Last Six Months (Y/N)",
        "Number of Previous Child Protection Plans", *_STAFF,
    ],
    "List 8": [
        *CHILD, *_DISABILITY, "Unaccompanied Asylum Seeking Child (UASC) within the Last 12 Months (Y/N)",
        "Date Started to be Looked After", "Child's Category of Need",
        "Is this a second or subsequent period of being a Looked After Child within the last 12 months (Y/N)",
        "Start date of current legal status", "Child's Legal Status", "Date of Latest Statutory Review",
        "Date of Last Social Work Visit", "What is the permanence plan for this child?",
        "Date of Last IRO Visit / Contact to the Child", "Date of Last Health Assessment", "Date of Last Dental Check",
        "Number of Placements in the Last 12 months", "Date Ceased to be Looked After",
        "Reason Ceased to be Looked After", "Start Date of Most Recent Placement", "Placement Type",
        "Placement Provider", "Placement postcode", "URN of Placement", "Placement Location", "LA of Placement",
        "Number of Episodes the Child has been 'Missing' from their Placement in the last 12 months",
        "Number of Episodes the Child has been 'Absent' from their Placement in the last 12 months",
        "Was the child offered a Return Interview after their last missing episode (Y/N)?",
        "Did the child accept a Return Interview after their last missing episode (Y/N)?", *_STAFF,
    ],
    "List 9": [
        *CHILD, *_DISABILITY, "Eligibility Category", "LA in Touch", "Type of Accommodation",
        "Suitability of Accommodation", "Activity Status", *_STAFF,
    ],
    "List 10": [
        *CHILD, *_DISABILITY, "Family identifier", "Date the Child Entered Care",
        "Date of Decision that Child Should be Placed for Adoption", "Date of Placement Order",
        "Date of Matching Child and Prospective Adopters", "Date Placed for Adoption", "Date of Adoption Order",
        "Date of Decision that Child Should No Longer be Placed for Adoption",
        "Reason Why Child No Longer Placed for Adoption",
        "Date the child was placed for fostering in FFA or concurrent planning placement",
    ],
    "List 11": [
        "Individual adopter identifier", "Family identifier", "Gender", "Ethnicity", "Disability",
        "Is the (prospective) adopter fostering for adoption?", "Date enquiry received", "Date Stage 1 started",
        "Date Stage 1 ended", "Date Stage 2 started", "Date Stage 2 ended", "Date application submitted",
        "Date application approved", "Date adopter matched with child(ren)",
        "Date child/children placed with adopter(s)", "No. of children placed", "Date of Adoption Order",
        "Date of leaving adoption process", "Reason for leaving adoption process",
    ],
}  # fmt: skip
NOTHING = "#N/A"
_YES, _NO = "a) Yes", "b) No"
_SOURCES = {
    "1A": "a) 1A: Individual - family member", "2A": "e) 2A: Schools", "3A": "g) 3A: Health services - GP",
    "3E": "k) 3E: Health services - A&E", "4": "n) 4: Housing", "5A": "o) 5A: LA services - social care",
    "5D": "r) 5D: LA services - early help", "6": "s) 6: Police", "7": "t) 7: Other legal agency",
    "9": "v) 9: Anonymous",
}  # fmt: skip
_NEEDS = {
    "N1": "N1 - Abuse or neglect", "N2": "N2 - Child's disability", "N3": "N3 - Parental disability or illness",
    "N4": "N4 - Family in acute stress", "N5": "N5 - Family dysfunction", "N8": "N8 - Absent parenting",
}  # fmt: skip
_HOMES = {
    "U": "U: Independent living", "D": "D: Semi-independent", "E": "E: Supported lodgings",
    "W": "W: Bed and breakfast", "S": "S: No fixed abode/homeless", "V": "V: Emergency accommodation",
}  # fmt: skip
_UNSUITABLE = "WSV"
_ABUSE = {"NEG": "a) Neglect", "PHY": "b) Physical abuse", "SAB": "c) Sexual abuse", "EMO": "d) Emotional abuse"}
_TEAM, _WORKER = "Team\u00a0North", "W. Orker"
Row = list[Cell]


def write_annex_a(desk: Desk, folder: Path) -> None:
    """Write the eleven lists of the district's council."""
    hidden = find_hidden(desk)
    lists = {
        "List 1": [_contact(desk, c) for c in _cases(desk)],
        "List 2": [_early_help(desk, e) for e in desk.world.early_help if e.district == desk.district],
        "List 3": [_referral(desk, c) for c in _cases(desk)],
        "List 4": [_assessment(desk, c) for c in _cases(desk) if not c.no_action],
        "List 5": [_enquiry(desk, c) for c in _cases(desk) if desk.known(c.enquiry)],
        "List 6": [_need(desk, c) for c in _cases(desk) if not c.no_action],
        "List 7": [_plan(desk, c) for c in _cases(desk) if desk.known(c.plan)],
        "List 8": [_care(desk, e, e.person in hidden) for e in _episodes(desk)],
        "List 9": [_leaver(desk, c) for c in desk.world.care_leavers if c.district == desk.district],
        "List 10": [_adoption(desk, p) for p in desk.world.adoption_plans if _shows_plan(desk, p)],
        "List 11": [_adopter(desk, a) for a in desk.world.adopters if a.district == desk.district],
    }
    desk.rows += sum(len(rows) for rows in lists.values())
    spoilt = [["", *row[1:]] for row in lists["List 1"][: desk.spoils(len(lists["List 1"]))]]
    lists["List 1"] = [*lists["List 1"], *spoilt]
    sheets: list[Sheet] = [("Notes", [["Made by hand. Not part of the lists."]])]
    sheets += [(f"{name} ", _sheet(name, rows)) for name, rows in lists.items()]
    write_workbook(folder / "annex_a.xlsx", sheets, frozenset({"Notes"}))


def _sheet(name: str, rows: list[Row]) -> Sequence[Row]:
    """Return the rows of a sheet: titles above the first list, a no-break space in the headings of the others."""
    if name == "List 1":
        return [["Annex A: contacts of the last six months"], [], list(LISTS[name]), *rows]
    headings: Row = [heading.replace(" of ", "\u00a0of ") for heading in LISTS[name]]
    return [headings, *rows]


def _cases(desk: Desk) -> list[ChildCase]:
    return [
        c for c in desk.world.child_cases if c.district == desk.district and desk.shows(c.person, c.referred, c.closed)
    ]


def _episodes(desk: Desk) -> list[CareEpisode]:
    return [
        e
        for e in desk.world.care_episodes
        if e.district == desk.district and desk.shows(e.person, e.placements[0].start, e.placements[-1].end)
    ]


def _shows_plan(desk: Desk, plan: AdoptionPlan) -> bool:
    return plan.district == desk.district and plan.decided <= desk.cut


def _day(desk: Desk, day: date | None, form: int = 0) -> Cell:
    """Return a day as people leave it in a cell: a day, a text, or a formula with its result."""
    known = desk.known(day)
    if known is None:
        return NOTHING
    forms: tuple[Cell, ...] = (known, uk(known), Formula(f"DATE({known.year},{known.month},{known.day})", known))
    return forms[form % 3]


def _who(desk: Desk, person: int, number: int) -> Row:
    key = desk.key(person, "C")
    who = desk.describe(person, f"{key}/annex-a", desk.cut)
    ethnicity = desk.code(ethnicity_code("dfe", who.ethnicity), key)
    sex = ("b) Female" if who.female else "a) Male") if number % 2 else ("Female" if who.female else "Male")
    return [
        key,
        sex,
        f"c) {ethnicity} - as recorded" if number % 2 else ethnicity,
        _day(desk, who.birth, number),
        desk.world.age_years(person, desk.cut),
    ]


def _contact(desk: Desk, case: ChildCase) -> Row:
    return [*_who(desk, case.person, 1), _day(desk, case.referred, case.person), _SOURCES[case.source]]


def _early_help(desk: Desk, early: EarlyHelp) -> Row:
    return [*_who(desk, early.person, 2), _day(desk, early.started), _day(desk, early.completed), "Family hub"]


def _referral(desk: Desk, case: ChildCase) -> Row:
    acted = _YES if case.no_action else _NO
    return [*_who(desk, case.person, 3), _day(desk, case.referred), _SOURCES[case.source], acted, 1, _TEAM, _WORKER]


def _assessment(desk: Desk, case: ChildCase) -> Row:
    start, done = _day(desk, case.referred, 1), _day(desk, case.assessed, 1)
    return [*_who(desk, case.person, 4), _NO, start, _YES, done, "Yes" if case.enquiry else "No", _TEAM, _WORKER]


def _enquiry(desk: Desk, case: ChildCase) -> Row:
    held = desk.known(case.conference)
    facts: Row = [
        _day(desk, case.enquiry), _NO if case.conference_needed else _YES, _day(desk, case.conference, 2),
        (_YES if case.plan else _NO) if held else NOTHING, 1, 1 if held else 0,
    ]  # fmt: skip
    return [*_who(desk, case.person, 5), _NO, *facts, _TEAM, _WORKER]


def find_status(desk: Desk, case: ChildCase) -> str:
    """Return how far a case has come."""
    if desk.known(case.closed):
        return "Closed episode"
    if desk.known(case.plan) and not desk.known(case.plan_end):
        return "Child Protection plan"
    return "Child in need plan" if desk.known(case.assessed) else "Open assessment"


def _need(desk: Desk, case: ChildCase) -> Row:
    closed = desk.known(case.closed)
    reason: Cell = f"{case.closed_reason} - reason" if closed else NOTHING
    facts: Row = [
        _day(desk, case.referred), _NEEDS[case.need], _day(desk, case.assessed, 1), _day(desk, closed), reason,
        f"c) {find_status(desk, case)}",
    ]  # fmt: skip
    return [*_who(desk, case.person, 6), _NO, *facts, _TEAM, _WORKER]


def _plan(desk: Desk, case: ChildCase) -> Row:
    reviews = [day for day in case.reviews if day <= desk.cut]
    facts: Row = [
        _day(desk, case.plan), _ABUSE[case.category], _ABUSE[case.category], _day(desk, case.plan), _YES,
        _day(desk, max(reviews, default=None), 1), _day(desk, case.plan_end), _NO, 0,
    ]  # fmt: skip
    return [*_who(desk, case.person, 7), _NO, *facts, _TEAM, _WORKER]


def find_hidden(desk: Desk) -> set[int]:
    """Return the children of whom a court keeps from everybody where they live."""
    return {child for case in desk.world.family_cases if case.hidden for child in case.children}


def _care(desk: Desk, episode: CareEpisode, is_hidden: bool) -> Row:
    geography = desk.world.geography
    begun = [p for p in episode.placements if p.start <= desk.cut]
    last, first = begun[-1], episode.placements[0].start
    ended = desk.known(last.end)
    is_over = ended is not None and last.ended_by != "X1"
    placed = geography.districts[geography.district_of(last.address)]
    reviews = [day for day, _ in episode.reviews if day <= desk.cut]
    missing = [start for start, _ in episode.missing if start <= desk.cut]
    facts: Row = [
        _NO, _day(desk, first), _NEEDS[episode.need], _NO, _day(desk, first), f"a) {last.legal}: order",
        _day(desk, max(reviews, default=None)), _day(desk, last.start), "f) Long-term fostering", NOTHING, NOTHING,
        NOTHING, len(begun), _day(desk, ended if is_over else None), last.ended_by if is_over else NOTHING,
        _day(desk, last.start, 2), f"{last.place}: placement", f"{last.provider}: provider",
        geography.postcode_of(last.address), NOTHING, "a) In" if placed.code == _own(desk) else "b) Out",
        "CON - confidential" if is_hidden else f"{placed.code} - {placed.name}", len(missing), 0,
        _YES if missing else NOTHING, _NO if missing else NOTHING,
    ]  # fmt: skip
    return [*_who(desk, episode.person, 8), _NO, *facts, _TEAM, _WORKER]


def _own(desk: Desk) -> str:
    return desk.world.geography.districts[desk.district].code


def _leaver(desk: Desk, leaver: CareLeaver) -> Row:
    suitable = "b) Unsuitable" if leaver.home in _UNSUITABLE else "a) Suitable"
    facts: Row = [f"a) {leaver.category}", f"a) {leaver.in_touch}", _HOMES[leaver.home], suitable]
    return [*_who(desk, leaver.person, 9), _NO, *facts, f"{leaver.activity}: activity", _TEAM, _WORKER]


def _adoption(desk: Desk, plan: AdoptionPlan) -> Row:
    days = (plan.entered, plan.decided, plan.ordered, plan.matched, plan.placed, None, plan.given_up)
    reason: Cell = "RD3 - no longer" if desk.known(plan.given_up) else NOTHING
    return [*_who(desk, plan.person, 10), _NO, plan.family, *_days(desk, days), reason, NOTHING]


def _days(desk: Desk, days: Sequence[date | None]) -> Iterator[Cell]:
    for number, day in enumerate(days):
        yield _day(desk, day, number)


def _adopter(desk: Desk, adopter: Adopter) -> Row:
    key = desk.key(adopter.person, "AD")
    del desk.keys[key]
    desk.keys[f"adopter/{key}"] = adopter.person
    who = desk.describe(adopter.person, key, adopter.enquired)
    ethnicity = ethnicity_code("dfe", who.ethnicity)
    days = (adopter.enquired, None, None, None, None, None, adopter.approved, None, None)
    ends: Row = [NOTHING, NOTHING, _day(desk, adopter.left), "1 - left" if desk.known(adopter.left) else NOTHING]
    who_is: Row = [key, adopter.family, "Female" if who.female else "Male", ethnicity, _NO, _NO]
    return [*who_is, *_days(desk, days), *ends]
