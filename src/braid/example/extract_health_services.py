"""Community services (CSDS) and mental health services (MHSDS): one CSV a table, as a commissioner receives them.

Both tell of referrals in the same way, under names of their own; the community tables also hold what the service knows
of a child's special needs, protection plan and care. There are no names.
"""

from __future__ import annotations

from collections.abc import Iterable, Iterator
from datetime import date
from pathlib import Path

from braid.example.coding import ethnicity_code
from braid.example.desk import Desk, iso, spoil
from braid.example.records_further import HealthReferral
from braid.example.streams import words

Row = list[object]


def _names(text: str) -> list[str]:
    return [" ".join(part.split()) for part in text.split("|")]


CYP001 = _names(
    "PERSON ID|LOCAL PATIENT IDENTIFIER (EXTENDED)|NHS NUMBER|NHS NUMBER STATUS INDICATOR CODE|PERSON BIRTH DATE"
    "|POSTCODE OF USUAL ADDRESS|PERSON STATED GENDER CODE|ETHNIC CATEGORY|LOOKED AFTER CHILD INDICATOR"
    "|ORGANISATION IDENTIFIER (CODE OF PROVIDER)|PERSON DEATH DATE|RECORD NUMBER"
)
CYP101 = _names(
    "SERVICE REQUEST IDENTIFIER|PERSON ID|LOCAL PATIENT IDENTIFIER (EXTENDED)|REFERRAL REQUEST RECEIVED DATE"
    "|REFERRAL REQUEST RECEIVED TIME|SOURCE OF REFERRAL FOR COMMUNITY|PRIORITY TYPE CODE"
    "|PRIMARY REASON FOR REFERRAL (COMMUNITY CARE)|SERVICE DISCHARGE DATE|ORGANISATION IDENTIFIER (CODE OF PROVIDER)"
    "|RECORD NUMBER"
)
CYP102 = _names(
    "SERVICE REQUEST IDENTIFIER|PERSON ID|CARE PROFESSIONAL TEAM LOCAL IDENTIFIER"
    "|SERVICE OR TEAM TYPE REFERRED TO (COMMUNITY CARE)|REFERRAL CLOSURE DATE|REFERRAL REJECTION DATE"
    "|REFERRAL CLOSURE REASON|REFERRAL REJECTION REASON|RECORD NUMBER"
)
CYP104 = _names(
    "SERVICE REQUEST IDENTIFIER|PERSON ID|WAITING TIME MEASUREMENT TYPE (COMMUNITY CARE)"
    "|REFERRAL TO TREATMENT PERIOD START DATE|REFERRAL TO TREATMENT PERIOD END DATE"
    "|REFERRAL TO TREATMENT PERIOD STATUS|RECORD NUMBER"
)
CYP201 = _names(
    "CARE CONTACT IDENTIFIER|SERVICE REQUEST IDENTIFIER|PERSON ID|CARE CONTACT DATE|CARE CONTACT TIME|CONSULTATION TYPE"
    "|ATTENDED OR DID NOT ATTEND CODE|CARE CONTACT CANCELLATION DATE|CARE CONTACT CANCELLATION REASON"
    "|REPLACEMENT APPOINTMENT DATE OFFERED|RECORD NUMBER"
)
CYP401 = _names("PERSON ID|LOCAL PATIENT IDENTIFIER (EXTENDED)|SPECIAL EDUCATIONAL NEED TYPE|RECORD NUMBER")
CYP403 = _names(
    "PERSON ID|LOCAL PATIENT IDENTIFIER (EXTENDED)|CHILD PROTECTION PLAN REASON CODE|CHILD PROTECTION PLAN START DATE"
    "|CHILD PROTECTION PLAN END DATE|RECORD NUMBER"
)
MHS001 = words(
    "Person_ID LocalPatientId NHSNumber NHSNumberStatus PersonBirthDate Postcode Gender EthnicCategory"
    " LanguageCodePreferred OrgIDEduEstab PersDeathDate RecordNumber"
)
MHS101 = words(
    "ServiceRequestId Person_ID LocalPatientId OrgIDProv ReferralRequestReceivedDate ReferralRequestReceivedTime"
    " SourceOfReferralMH ClinRespPriorityType PrimReasonReferralMH ServDischDate ReferRejectionDate ReferRejectReason"
    " ReferClosReason RecordNumber"
)
MHS104 = words(
    "ServiceRequestId Person_ID WaitTimeMeasureType ReferToTreatPeriodStartDate ReferToTreatPeriodEndDate"
    " ReferToTreatPeriodStatus RecordNumber"
)
MHS201 = words(
    "CareContactId ServiceRequestId Person_ID CareContDate CareContTime AttendOrDNACode CareContCancelDate"
    " CareContCancelReas RepApptOfferDate RecordNumber"
)
COMMUNITY, MENTAL_HEALTH = "RQBCH", "RQBMH"
_TEAM, _MEASURE, _REJECTED, _CLOSED = "18", "02", "02", "03"
_PLAN_REASONS = {"NEG": "01", "PHY": "02", "SAB": "03", "EMO": "04"}


def write_community_health(desk: Desk, folder: Path) -> None:
    """Write the seven tables of the community services data set."""
    referrals = _shown(desk, is_mental=False)
    people, in_care = _people(referrals), _in_care(desk)
    _write(desk, folder / "CYP001_MPI.csv", CYP001, (_community_patient(desk, k, k in in_care) for k in people))
    rows = [_community_referral(desk, r) for r in referrals]
    rows = spoil(rows, desk.spoils(len(rows)), CYP101.index("REFERRAL REQUEST RECEIVED DATE"), 0)
    _write(desk, folder / "CYP101_Referral.csv", CYP101, rows)
    _write(desk, folder / "CYP102_ServiceTypeReferredTo.csv", CYP102, (_community_team(desk, r) for r in referrals))
    waits = ([r.reference, _key(desk, r.person), _MEASURE, *_period(desk, r)] for r in referrals if not r.rejected)
    _write(desk, folder / "CYP104_RTT.csv", CYP104, waits)
    contacts = ([*row[:5], "01", *row[5:]] for r in referrals for row in _contacts(desk, r))
    _write(desk, folder / "CYP201_CareContact.csv", CYP201, contacts)
    support = {e.person: e.need for e in desk.world.enrolments if e.need}
    needs: Iterator[Row] = ([_key(desk, k), _key(desk, k), support[k]] for k in people if k in support)
    _write(desk, folder / "CYP401_SpecialEducationalNeed.csv", CYP401, needs)
    _write(desk, folder / "CYP403_ChildProtectionPlan.csv", CYP403, _plans(desk, people))


def write_mental_health(desk: Desk, folder: Path) -> None:
    """Write the four tables of the mental health services data set."""
    referrals = _shown(desk, is_mental=True)
    _write(desk, folder / "MHS001MPI.csv", MHS001, (_mental_patient(desk, k) for k in _people(referrals)))
    rows = [_mental_referral(desk, r) for r in referrals]
    rows = spoil(rows, desk.spoils(len(rows)), MHS101.index("ReferralRequestReceivedDate"), 0)
    _write(desk, folder / "MHS101Referral.csv", MHS101, rows)
    waits = ([r.reference, _key(desk, r.person), _MEASURE, *_period(desk, r)] for r in referrals if not r.rejected)
    _write(desk, folder / "MHS104RTT.csv", MHS104, waits)
    _write(desk, folder / "MHS201CareContact.csv", MHS201, (row for r in referrals for row in _contacts(desk, r)))


def _write(desk: Desk, path: Path, columns: Iterable[str], rows: Iterable[Row]) -> None:
    """Write a table whose last column numbers its rows."""
    desk.write_csv(path, list(columns), [[*row, number] for number, row in enumerate(rows, start=1)])


def _shown(desk: Desk, *, is_mental: bool) -> list[HealthReferral]:
    return [
        r
        for r in desk.world.health_referrals
        if r.is_mental == is_mental and desk.shows(("health", r.number), r.referred, r.discharged or r.rejected)
    ]


def _people(referrals: list[HealthReferral]) -> list[int]:
    return sorted({referral.person for referral in referrals})


def _key(desk: Desk, person: int) -> str:
    return desk.key(person, "HP")


def _in_care(desk: Desk) -> set[int]:
    """Return the children who are looked after on the day of the cut."""
    begun = (c for c in desk.world.care_episodes if c.placements[0].start <= desk.cut)
    return {c.person for c in begun if desk.known(c.placements[-1].end) is None}


def _community_patient(desk: Desk, person: int, is_looked_after: bool) -> Row:
    key = _key(desk, person)
    who = desk.describe(person, key, desk.cut)
    number = desk.nhs_number(person, key)
    ethnicity = desk.code(ethnicity_code("nhs", who.ethnicity), key)
    sex, looked_after = "2" if who.female else "1", "Y" if is_looked_after else "N"
    status = "01" if number else "03"
    return [key, key, number, status, iso(who.birth), who.postcode, sex, ethnicity, looked_after, COMMUNITY, ""]


def _mental_patient(desk: Desk, person: int) -> Row:
    key = _key(desk, person)
    who = desk.describe(person, key, desk.cut)
    number = desk.nhs_number(person, key)
    ethnicity = desk.code(ethnicity_code("nhs", who.ethnicity), key)
    sex, status = "2" if who.female else "1", "01" if number else "03"
    return [key, key, number, status, iso(who.birth), who.postcode, sex, ethnicity, "en", "", ""]


def _community_referral(desk: Desk, referral: HealthReferral) -> Row:
    key, over = _key(desk, referral.person), desk.known(referral.discharged)
    received = [iso(referral.referred), "09:00:00", referral.source, "1", referral.reason]
    return [referral.reference, key, key, *received, iso(over), COMMUNITY]


def _mental_referral(desk: Desk, referral: HealthReferral) -> Row:
    key, over, rejected = _key(desk, referral.person), desk.known(referral.discharged), desk.known(referral.rejected)
    received = [iso(referral.referred), "09:00:00", referral.source, "3", referral.reason]
    ends = [iso(over), iso(rejected), _REJECTED if rejected else "", _CLOSED if over else ""]
    return [referral.reference, key, key, MENTAL_HEALTH, *received, *ends]


def _community_team(desk: Desk, referral: HealthReferral) -> Row:
    over, rejected = desk.known(referral.discharged), desk.known(referral.rejected)
    ends = [iso(over), iso(rejected), _CLOSED if over else "", _REJECTED if rejected else ""]
    return [referral.reference, _key(desk, referral.person), "T1", _TEAM, *ends]


def _period(desk: Desk, referral: HealthReferral) -> Row:
    """Return start, end and status of the period of waiting: 20 while it runs, 30 once treatment began."""
    begun = desk.known(referral.started)
    return [iso(referral.referred), iso(begun), "30" if begun else "20"]


def _contacts(desk: Desk, referral: HealthReferral) -> list[Row]:
    rows: list[Row] = []
    attended: tuple[tuple[date | None, str, date | None], ...] = (
        (referral.missed, "3", referral.started),
        (referral.started, "5", None),
    )
    for number, (day, code, offered) in enumerate(attended, start=1):
        if day and day <= desk.cut:
            key = _key(desk, referral.person)
            facts = [iso(day), "10:30:00", code, "", "", iso(offered)]
            rows.append([f"{referral.reference}-{number}", referral.reference, key, *facts])
    return rows


def _plans(desk: Desk, people: list[int]) -> list[Row]:
    known = set(people)
    return [
        [
            _key(desk, case.person),
            _key(desk, case.person),
            _PLAN_REASONS[case.category],
            iso(case.plan),
            iso(desk.known(case.plan_end)),
        ]
        for case in desk.world.child_cases
        if case.person in known
        and desk.known(case.plan)
        and desk.shows(("plan", case.person), case.referred, case.closed)
    ]
