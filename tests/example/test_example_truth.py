"""The truth and the extracts tell one story."""

from __future__ import annotations

from collections import Counter, defaultdict
from pathlib import Path

import example_files as partner
from example_files import Written

from braid.language.codes import HEARING_CANCELLATION_GROUPS, WAIT_KINDS

AS_OF = "2026-11-15"


def who_is_who(folder: Path) -> dict[tuple[str, str], str]:
    rows = partner.table(folder / "truth" / "people.csv")
    return {(row["feed"], row["partner_record_id"]): row["true_person_id"] for row in rows}


def true_waits(folder: Path) -> set[tuple[str, str, str]]:
    rows = partner.table(folder / "truth" / "waits.csv")
    return {(row["true_person_id"], row["kind"], f"{row['start_date']}/{row['stop_date']}") for row in rows}


def seen_waits(folder: Path) -> set[tuple[str, str, str]]:
    people = who_is_who(folder)
    return {(people[feed, key], kind, dates) for feed, key, kind, dates in partner.read_waits(folder)}


def test_every_true_wait_has_its_row_in_an_extract(plain: Written) -> None:
    missing = true_waits(plain.folder) - seen_waits(plain.folder)
    assert Counter(kind for _, kind, _ in missing) == {}


def test_every_recent_wait_of_an_extract_is_true(plain: Written) -> None:
    unknown = seen_waits(plain.folder) - true_waits(plain.folder)
    recent = {wait for wait in unknown if not wait[2].split("/")[1] or wait[2].split("/")[1] > "2026-05-17"}
    assert Counter(kind for _, kind, _ in recent) == {}


def test_true_waits_use_the_common_kinds_and_have_started(plain: Written) -> None:
    waits = true_waits(plain.folder)
    assert {kind for _, kind, _ in waits} <= set(WAIT_KINDS)
    for _, _, dates in waits:
        start, stop = dates.split("/")
        assert start <= AS_OF
        assert not stop or start <= stop <= AS_OF


def test_every_key_of_an_extract_stands_for_a_person(high: Written) -> None:
    people = who_is_who(high.folder)
    persons = {row["true_person_id"] for row in partner.table(high.folder / "truth" / "persons.csv")}
    assert set(people.values()) <= persons
    for district in partner.DISTRICTS:
        feed = f"{district}-homelessness"
        keys = {row["person_ref"] for row in partner.table(high.extract(feed) / "hclic.csv")}
        assert {key for key in keys if key and "-X" not in key} <= {key for name, key in people if name == feed}


def test_the_summary_counts_what_stands_open(plain: Written) -> None:
    counts = Counter(kind for _, kind, dates in true_waits_with_repeats(plain.folder) if dates.endswith("/"))
    assert plain.summary.open_waits == dict(sorted(counts.items()))


def true_waits_with_repeats(folder: Path) -> list[tuple[str, str, str]]:
    rows = partner.table(folder / "truth" / "waits.csv")
    return [(row["true_person_id"], row["kind"], f"{row['start_date']}/{row['stop_date']}") for row in rows]


def blockers(folder: Path) -> set[tuple[str, ...]]:
    return {tuple(row.values()) for row in partner.table(folder / "truth" / "blockers.csv")}


def test_blockers_between_waits_of_one_person_follow_from_the_open_waits(plain: Written) -> None:
    kinds = open_kinds(plain.folder)
    expected = set()
    for rule, held, holders in (
        ("ta_waits_for_letting", "temporary_accommodation", ("register",)),
        ("ehc_plan_waits_for_address", "ehcp_plan", ("temporary_accommodation",)),
        ("school_place_waits_for_address", "in_year_admission", ("temporary_accommodation",)),
        ("therapy_waits_for_home", "therapy", ("register", "temporary_accommodation")),
        ("assessment_outstanding", "care_proceedings", ("cf_assessment",)),
    ):
        for person, own in kinds.items():
            expected |= {(person, rule, held, "wait", holder) for holder in holders if {held, holder} <= own}
    rules = {row[1] for row in expected}
    assert {row for row in blockers(plain.folder) if row[1] in rules} == expected
    assert "ta_waits_for_letting" in rules


def open_kinds(folder: Path) -> dict[str, set[str]]:
    kinds: dict[str, set[str]] = defaultdict(set)
    for person, kind, dates in true_waits(folder):
        if dates.endswith("/"):
            kinds[person].add(kind)
    return kinds


def test_blockers_of_care_cases_follow_from_the_court_files(plain: Written) -> None:
    """Reckons adjourned hearings, respondents' homes and treatment again from the family court's own file."""
    people, kinds = who_is_who(plain.folder), open_kinds(plain.folder)
    expected = set()
    for case in partner.document(plain.extract("family-court") / "cases.json"):
        if case["state"] == "CLOSED":
            continue
        data = case["caseData"]
        parents = [people["family-court", f"{case['id']}/{party['id']}"] for party in data["respondents1"]]
        group = latest_failure(data)
        for child in data["children1"]:
            person = people["family-court", f"{case['id']}/{child['id']}"]
            if group:
                expected.add((person, "hearing_adjourned", "care_proceedings", "evidence", group))
            for kind in {"register", "temporary_accommodation"} & set().union(*(kinds[p] for p in parents)):
                expected.add((person, "family_waits_for_home", "care_proceedings", "wait", kind))
            if any("rtt" in kinds[parent] for parent in parents):
                expected.add((person, "parent_waits_for_treatment", "care_proceedings", "wait", "rtt"))
    rules = {"hearing_adjourned", "family_waits_for_home", "parent_waits_for_treatment"}
    assert {row for row in blockers(plain.folder) if row[1] in rules} == expected
    assert expected


def latest_failure(data: dict[str, list[dict[str, dict[str, str]]]]) -> str:
    held = [h["value"]["startDate"][:10] for h in data["hearingDetails"] if h["value"]["startDate"][:10] <= AS_OF]
    lost = [h["value"] for h in data["cancelledHearingDetails"] if h["value"]["startDate"][:10] <= AS_OF]
    if not lost:
        return ""
    last = max(lost, key=lambda hearing: hearing["startDate"])
    if any(day >= last["startDate"][:10] for day in held):
        return ""
    group = HEARING_CANCELLATION_GROUPS[last["cancellationReason"]]
    return "" if group in ("external", "not_a_failure") else group
