"""Children's social care: the children in need census (`cin_census.xml`) and the looked-after return (SSDA903)."""

from __future__ import annotations

from datetime import date, timedelta
from pathlib import Path

from braid.example.coding import ethnicity_code
from braid.example.desk import Desk, iso, spoil, uk
from braid.example.markup import tag
from braid.example.records import CareEpisode, ChildCase
from braid.example.streams import words

HEADER = words("CHILD SEX DOB ETHNIC UPN MOTHER MC_DOB")
EPISODES = words("CHILD DECOM RNE LS CIN PLACE PLACE_PROVIDER DEC REC REASON_PLACE_CHANGE HOME_POST PL_POST URN")
REVIEWS = words("CHILD DOB REVIEW REVIEW_CODE")
MISSING = words("CHILD DOB MISSING MIS_START MIS_END")


def write_children_in_need(desk: Desk, folder: Path) -> None:
    """Write the census as a mid-year extract: its reference date is the date of the extract."""
    upns = {e.person: e.upn for e in desk.world.enrolments}
    cases = [
        case
        for case in desk.world.child_cases
        if case.district == desk.district and desk.shows(case.person, case.referred, case.closed)
    ]
    blocks = [_child(desk, case, upns.get(case.person, "")) for case in cases]
    for number in range(desk.spoils(len(blocks))):
        blocks.append(_spoilt(blocks[number * 11 % len(blocks)], number))
    desk.rows += len(blocks)
    text = _message(desk, "".join(blocks))
    (folder / "cin_census.xml").write_text(text, encoding="utf-8")


def _message(desk: Desk, children: str) -> str:
    number = desk.world.geography.districts[desk.district].la_number
    return (
        '<?xml version="1.0" encoding="utf-8"?>\n<Message>\n<Header>\n<CollectionDetails><Collection>CIN</Collection>'
        f"<Year>{desk.cut.year}</Year><ReferenceDate>{iso(desk.cut)}</ReferenceDate></CollectionDetails>\n"
        f"<Source><SourceLevel>L</SourceLevel><LEA>{number}</LEA><SoftwareCode>Example</SoftwareCode>"
        f"<Release>1</Release><SerialNo>001</SerialNo><DateTime>{iso(desk.cut)}T06:00:00</DateTime></Source>\n"
        f"</Header>\n<Children>\n{children}</Children>\n</Message>\n"
    )


def _spoilt(block: str, number: int) -> str:
    start = block.index("<CINreferralDate>") + len("<CINreferralDate>")
    broken = block[:start] + "2026-02-31" + block[block.index("</CINreferralDate>") :]
    return broken.replace("</LAchildID>", f"X{number}</LAchildID>", 1)


def _child(desk: Desk, case: ChildCase, upn: str) -> str:
    key = desk.key(case.person, "C")
    who = desk.describe(case.person, f"{key}/cin", case.referred)
    held = desk.pupil_number(upn, key)
    unknown = "" if held else "UN4" if upn else "UN1"
    return (
        "<Child>\n<ChildIdentifiers>"
        + tag("LAchildID", key)
        + tag("UPN", held)
        + tag("UPNunknown", unknown)
        + tag("PersonBirthDate", iso(who.birth))
        + tag("Sex", "F" if who.female else "M")
        + "</ChildIdentifiers>\n<ChildCharacteristics>"
        + tag("Ethnicity", desk.code(ethnicity_code("dfe", who.ethnicity), key))
        + "</ChildCharacteristics>\n"
        + _details(desk, case)
        + "</Child>\n"
    )


def _details(desk: Desk, case: ChildCase) -> str:
    closed = desk.known(case.closed)
    return (
        "<CINdetails>"
        + tag("CINreferralDate", iso(case.referred))
        + tag("ReferralSource", case.source)
        + tag("PrimaryNeedCode", case.need)
        + tag("CINclosureDate", iso(closed))
        + tag("ReasonForClosure", case.closed_reason if closed else "")
        + _assessment(desk, case)
        + _enquiry(desk, case)
        + tag("ReferralNFA", "true" if case.no_action else "false")
        + _protection_plan(desk, case)
        + _pre_proceedings(desk, case)
        + "</CINdetails>\n"
    )


def _assessment(desk: Desk, case: ChildCase) -> str:
    """Return the assessment, which starts on the day of the referral unless no further action is taken."""
    if case.no_action:
        return ""
    authorised = desk.known(case.assessed)
    factors = "".join(tag("AssessmentFactors", factor) for factor in case.factors) if authorised else ""
    return (
        "<Assessments>"
        + tag("AssessmentActualStartDate", iso(case.referred))
        + tag("AssessmentAuthorisationDate", iso(authorised))
        + (f"<FactorsIdentifiedAtAssessment>{factors}</FactorsIdentifiedAtAssessment>" if factors else "")
        + "</Assessments>"
    )


def _enquiry(desk: Desk, case: ChildCase) -> str:
    if desk.known(case.enquiry) is None or case.enquiry is None:
        return ""
    return (
        "<Section47>"
        + tag("S47ActualStartDate", iso(case.enquiry))
        + tag("InitialCPCtarget", iso(case.enquiry + timedelta(days=21)))
        + tag("DateOfInitialCPC", iso(desk.known(case.conference)))
        + tag("ICPCnotRequired", "false" if case.conference_needed else "true")
        + "</Section47>"
    )


def _protection_plan(desk: Desk, case: ChildCase) -> str:
    if desk.known(case.plan) is None:
        return ""
    reviews = "".join(tag("CPPreviewDate", iso(day)) for day in case.reviews if day <= desk.cut)
    return (
        "<ChildProtectionPlans>"
        + tag("CPPstartDate", iso(case.plan))
        + tag("CPPendDate", iso(desk.known(case.plan_end)))
        + tag("InitialCategoryOfAbuse", case.category)
        + tag("LatestCategoryOfAbuse", case.category)
        + tag("NumberOfPreviousCPP", 0)
        + (f"<Reviews>{reviews}</Reviews>" if reviews else "")
        + "</ChildProtectionPlans>"
    )


def _pre_proceedings(desk: Desk, case: ChildCase) -> str:
    if desk.known(case.pre_proceedings) is None:
        return ""
    decided = desk.known(case.to_court)
    return (
        "<PreProceedingsandFGDM>"
        + tag("PPStartDate", iso(case.pre_proceedings))
        + tag("LBPSentDate", iso(case.pre_proceedings))
        + tag("StepDecisionDate", iso(decided))
        + tag("PPOutcome", "C" if decided else "")
        + tag("CourtAppDate", iso(decided))
        + "</PreProceedingsandFGDM>"
    )


def write_looked_after(desk: Desk, folder: Path) -> None:
    """Write header, episodes, reviews and missing of the district's looked-after children."""
    upns = {e.person: e.upn for e in desk.world.enrolments}
    shown = [
        episode
        for episode in desk.world.care_episodes
        if episode.district == desk.district
        and desk.shows(episode.person, episode.placements[0].start, episode.placements[-1].end)
    ]
    births = {episode.person: _birth(desk, episode) for episode in shown}
    header = [_header_row(desk, episode, upns.get(episode.person, "")) for episode in shown]
    placements = [row for episode in shown for row in _episode_rows(desk, episode)]
    placements = spoil(placements, desk.spoils(len(placements)), EPISODES.index("DECOM"), 0)
    reviews = [
        [_key(desk, episode), births[episode.person], uk(day), code]
        for episode in shown
        for day, code in episode.reviews
        if day <= desk.cut
    ]
    missing = [
        [_key(desk, episode), births[episode.person], "M", uk(start), uk(desk.known(end))]
        for episode in shown
        for start, end in episode.missing
        if start <= desk.cut
    ]
    desk.write_csv(folder / "header.csv", HEADER, header)
    desk.write_csv(folder / "episodes.csv", EPISODES, placements)
    desk.write_csv(folder / "reviews.csv", REVIEWS, reviews)
    desk.write_csv(folder / "missing.csv", MISSING, missing)


def _key(desk: Desk, episode: CareEpisode) -> str:
    return desk.key(episode.person, "C")


def _birth(desk: Desk, episode: CareEpisode) -> str:
    return uk(_described_birth(desk, episode) or desk.world.birth_date(episode.person))


def _described_birth(desk: Desk, episode: CareEpisode) -> date | None:
    return desk.describe(episode.person, f"{_key(desk, episode)}/903", episode.placements[0].start).birth


def _header_row(desk: Desk, episode: CareEpisode, upn: str) -> list[object]:
    key = _key(desk, episode)
    female = bool(desk.world.people.female[episode.person])
    ethnicity = ethnicity_code("dfe", desk.world.people.ethnicity[episode.person])
    held = desk.pupil_number(upn, key)
    unknown = "UN4" if upn else "UN1"
    return [key, "2" if female else "1", _birth(desk, episode), desk.code(ethnicity, key), held or unknown, "", ""]


def _episode_rows(desk: Desk, episode: CareEpisode) -> list[list[object]]:
    home = desk.world.geography.postcode_of(desk.world.home_address(episode.person, desk.cut))
    rows: list[list[object]] = []
    for placement in episode.placements:
        if placement.start <= desk.cut:
            ended = desk.known(placement.end)
            rows.append(
                [
                    _key(desk, episode),
                    uk(placement.start),
                    placement.reason,
                    placement.legal,
                    episode.need,
                    placement.place,
                    placement.provider,
                    uk(ended),
                    placement.ended_by if ended else "",
                    placement.changed_by if ended else "",
                    home,
                    desk.world.geography.postcode_of(placement.address),
                    "",
                ]
            )
    return rows
