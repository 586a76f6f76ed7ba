"""The files are those that the reference page promises, and their identifiers are nobody's."""

from __future__ import annotations

import re
from itertools import pairwise
from pathlib import Path

import example_files as partner
import pytest
from example_files import Written

from braid.example.write import write_example
from braid.language.identifiers import check, find_postcode

PAGE = (partner.REPOSITORY / "docs" / "reference" / "example-extracts.md").read_text(encoding="utf-8")


def promised_columns(opening: str) -> list[str]:
    """Return the column list that follows an opening in the reference page."""
    found = re.search(re.escape(opening) + r"[^`]*`([^`]+)`", PAGE)
    assert found, f"the reference page has no columns after {opening}"
    return [name.strip() for name in found[1].split(",")]


def test_a_place_half_written_is_no_place(tmp_path: Path) -> None:
    def stop(step: str, _share: float) -> None:
        if step == "truth":
            raise KeyboardInterrupt

    with pytest.raises(KeyboardInterrupt):
        write_example(tmp_path, people=500, progress=stop)
    assert any((tmp_path / "extracts").iterdir())
    assert not (tmp_path / "place.toml").exists()


@pytest.mark.parametrize(
    ("opening", "feed", "file"),
    [
        ("(`hclic.csv`, one row a person of a case):", "hallowmere-homelessness", "hclic.csv"),
        ("`roll.csv` —", "hallowmere-schools", "roll.csv"),
        ("`attendance.csv` —", "hallowmere-schools", "attendance.csv"),
        ("`admissions.csv` —", "hallowmere-schools", "admissions.csv"),
        ("`ehc_requests.csv` —", "hallowmere-schools", "ehc_requests.csv"),
        ("(`wlmds.csv`):", "hospital-waiting-list", "wlmds.csv"),
        ("(`referrals.csv`):", "victim-service", "referrals.csv"),
    ],
)
def test_tables_have_the_promised_columns(plain: Written, opening: str, feed: str, file: str) -> None:
    assert partner.header(plain.extract(feed) / file) == promised_columns(opening)


def test_the_looked_after_return_has_its_published_columns(plain: Written) -> None:
    folder = plain.extract("tarnwick-ssda903")
    assert sorted(path.name for path in folder.iterdir()) == [
        "episodes.csv",
        "header.csv",
        "missing.csv",
        "reviews.csv",
    ]
    assert partner.header(folder / "header.csv") == ["CHILD", "SEX", "DOB", "ETHNIC", "UPN", "MOTHER", "MC_DOB"]
    assert partner.header(folder / "episodes.csv")[:6] == ["CHILD", "DECOM", "RNE", "LS", "CIN", "PLACE"]


def test_the_register_has_the_promised_shape(plain: Written) -> None:
    for application in partner.document(plain.extract("hallowmere-housing-register") / "register.json"):
        assert application["status"] in ("Active", "Suspended", "Housed", "Closed")
        assert bool(application["closedDate"]) == (application["status"] in ("Housed", "Closed"))
        person = application["mainApplicant"]["person"]
        assert list(person) == (
            [
                "id",
                "title",
                "firstName",
                "middleName",
                "surname",
                "dateOfBirth",
                "gender",
                "nationalInsuranceNumber",
                "relationshipType",
            ]
        )
        assert person["nationalInsuranceNumber"] == ""


def test_every_feed_of_the_place_file_has_an_extract(plain: Written) -> None:
    place = partner.place(plain.folder)
    sent = {feed["id"] for feed in place["feed"] if feed["standard"] != "joint_work"}  # the place begins without any
    assert sent == {p.name for p in (plain.folder / "extracts").iterdir()}
    organisations = {organisation["id"] for organisation in place["organisation"]}
    assert {feed["organisation"] for feed in place["feed"]} <= organisations
    assert {district["council"] for district in place["district"]} <= organisations
    assert {feed.get("mapping") for feed in place["feed"] if feed["standard"] == "hclic"} == {"hclic"}
    for organisation in place["organisation"]:
        assert re.fullmatch(r"01632 9600\d\d", organisation["contact"])


def test_nhs_numbers_pass_and_stand_in_the_test_range(plain: Written) -> None:
    numbers = {row["NHS_NUMBER"] for row in partner.table(plain.extract("hospital-waiting-list") / "wlmds.csv")}
    assert len(numbers) > 50
    assert all(number.startswith("999") and check("nhs", number) == "pass" for number in numbers)


def test_pupil_numbers_pass_are_unique_and_name_no_real_council(plain: Written) -> None:
    pupils = [row for d in partner.DISTRICTS for row in partner.table(plain.extract(f"{d}-schools") / "roll.csv")]
    numbers = [row["UPN"] for row in pupils]
    assert len(set(numbers)) == len(numbers) > 100
    assert all(check("upn", number) == "pass" and 991 <= int(number[1:4]) <= 995 for number in numbers)
    assert all(900001 <= int(row["URN"]) < 910000 for row in pupils)


def test_telephones_and_references_come_from_reserved_ranges(usual: Written) -> None:
    for row in partner.table(usual.extract("victim-service") / "referrals.csv"):
        assert re.fullmatch(r"07700 900\d{3}", row["Telephone"])
        assert re.fullmatch(r"(99QB0\d{6})?", row["PoliceURN"])
    for path in usual.folder.rglob("*.json"):
        assert set(re.findall(r"\b07\d{3} ?\d{6}\b", path.read_text(encoding="utf-8"))) <= telephones()


def telephones() -> set[str]:
    return {f"07700 {number}" for number in range(900000, 901000)}


def test_postcodes_are_unique_well_formed_and_of_the_invented_area(plain: Written) -> None:
    postcodes = [row["postcode"] for row in partner.table(plain.folder / "geography" / "postcodes.csv")]
    assert len(set(postcodes)) == len(postcodes)
    assert all(postcode.startswith("QB") and find_postcode(postcode) == postcode for postcode in postcodes)


def test_pupils_live_at_known_postcodes(plain: Written) -> None:
    known = {row["postcode"] for row in partner.table(plain.folder / "geography" / "postcodes.csv")}
    for district in partner.DISTRICTS:
        assert {row["PostCode"] for row in partner.table(plain.extract(f"{district}-schools") / "roll.csv")} <= known


def test_the_outlines_close_and_lie_out_at_sea(plain: Written) -> None:
    areas = partner.document(plain.folder / "geography" / "areas.geojson")["features"]
    districts = partner.document(plain.folder / "geography" / "districts.geojson")["features"]
    codes = {feature["properties"]["code"] for feature in districts}
    assert len(codes) == 5
    for feature in areas:
        ring = feature["geometry"]["coordinates"][0]
        assert ring[0] == ring[-1]
        assert all(-11 < longitude < -9 and 48 < latitude < 50 for longitude, latitude in ring)
        assert feature["properties"]["district_code"] in codes


def test_the_districts_cover_exactly_their_areas(plain: Written) -> None:
    folder = plain.folder / "geography"
    of_areas = sum(
        ring_area(f["geometry"]["coordinates"][0]) for f in partner.document(folder / "areas.geojson")["features"]
    )
    polygons = [
        p for f in partner.document(folder / "districts.geojson")["features"] for p in f["geometry"]["coordinates"]
    ]
    assert sum(ring_area(ring) for polygon in polygons for ring in polygon) == pytest.approx(of_areas)


def ring_area(ring: list[list[float]]) -> float:
    """Return the signed area: holes run clockwise and count as negative."""
    return sum(a[0] * b[1] - b[0] * a[1] for a, b in pairwise(ring)) / 2


def test_two_thirds_of_secondary_schools_are_full(plain: Written) -> None:
    rows = [r for r in partner.table(plain.folder / "geography" / "schools.csv") if r["kind"] == "secondary"]
    full = sum(1 for row in rows if int(row["pupils"]) >= int(row["places"]))
    assert 0.45 <= full / len(rows) <= 0.85


def test_only_the_victim_service_shows_a_refuge_and_only_in_protected_rows(high: Written) -> None:
    refuges = {row["postcode"] for row in partner.table(high.folder / "restricted" / "refuges.csv")}
    assert (high.folder / "restricted" / "refuges.csv").stat().st_mode & 0o777 == 0o600
    compact = {postcode.replace(" ", "") for postcode in refuges}
    for path in all_files(high.folder):
        text = path.read_text(encoding="utf-8").upper().replace(" ", "")
        shown = {postcode for postcode in compact if re.search(rf"\b{postcode}\b", text)}
        assert not shown or path.name == "referrals.csv", path.name
    for row in partner.table(high.extract("victim-service") / "referrals.csv"):
        if find_postcode(row["Postcode"]) in refuges:
            assert row["SafeAddress"] == "Y"


def all_files(folder: Path) -> list[Path]:
    return [
        path for part in ("extracts", "geography", "truth") for path in (folder / part).rglob("*") if path.is_file()
    ]


def test_somebody_lives_in_a_refuge(plain: Written) -> None:
    refuges = {row["postcode"] for row in partner.table(plain.folder / "restricted" / "refuges.csv")}
    rows = partner.table(plain.extract("victim-service") / "referrals.csv")
    assert any(row["Postcode"] in refuges for row in rows)
