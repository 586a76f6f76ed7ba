"""Small files in the forms of their publishers, of a ground of six made-up districts.

The districts and small areas have codes in the form of real ones, since the readers tell by them of which census they
are; postcodes and places are made up.
"""

from __future__ import annotations

import csv
import json
from collections.abc import Sequence
from pathlib import Path
from typing import Any

DISTRICTS = 6
AREAS_EACH = 4
POSTCODES_EACH = 12
NAMES = ("Aldmoor", "Birchby", "Cranfold", "Dunswick", "Elmstead Vale", "Farrowby")
DIRECTORY = (
    "pcd7 pcd8 pcds dointr doterm usrtypind east1m north1m gridind oa21cd cty25cd lad25cd wd25cd lsoa21cd lsoa11cd"
    " msoa21cd lat long imd20ind"
).split()
WEST, SOUTH, STEP = -2.6, 53.3, 0.02


def district_code(number: int) -> str:
    return f"E08000{number + 1:03d}"


def area_code(district: int, number: int, year: int = 2021) -> str:
    """Return the code of a small area: the last of each district is new in 2021."""
    if number == AREAS_EACH - 1 and year == 2021:
        return f"E01034{district:03d}"
    return f"E01005{district:02d}{number}"


def corner(district: int, area: int) -> tuple[float, float]:
    return round(WEST + STEP * area, 4), round(SOUTH + STEP * district, 4)


def square(west: float, south: float, wide: float, high: float) -> list[list[list[float]]]:
    east, north = round(west + wide, 4), round(south + high, 4)
    return [[[west, south], [east, south], [east, north], [west, north], [west, south]]]


def postcode(district: int, area: int, number: int) -> str:
    return f"ZZ{district + 1}{area} {number % 10}{'AB'[number // 10]}X"


def directory_rows() -> list[dict[str, str]]:
    """Rows of a postcode directory: in each area one postcode in six is terminated."""
    rows = []
    for district in range(DISTRICTS):
        for area in range(AREAS_EACH):
            west, south = corner(district, area)
            for number in range(POSTCODES_EACH):
                text = postcode(district, area, number)
                row = dict.fromkeys(DIRECTORY, "")
                row |= {"pcd7": text.replace(" ", ""), "pcds": text, "dointr": "198001"}
                row |= {"doterm": "201906" if number % 6 == 5 else "", "lad25cd": district_code(district)}
                row |= {"east1m": f"{350000 + area * 1000 + number * 50}", "north1m": f"{390000 + district * 2000}"}
                row |= {"lat": f"{south + 0.01:.6f}", "long": f"{west + 0.001 * (number + 1):.6f}"}
                row |= {"lsoa21cd": area_code(district, area), "lsoa11cd": area_code(district, area, 2011)}
                rows.append(row)
    return rows


def write_csv(path: Path, columns: Sequence[str], rows: Sequence[dict[str, Any]], encoding: str = "utf-8") -> Path:
    with path.open("w", encoding=encoding, newline="") as file:
        writer = csv.DictWriter(file, columns)
        writer.writeheader()
        writer.writerows(rows)
    return path


def write_directory(folder: Path, name: str = "ONSPD_NOV_2025_UK.csv") -> Path:
    return write_csv(folder / name, DIRECTORY, directory_rows())


def feature(properties: dict[str, str], polygons: Any, kind: str = "Polygon") -> dict[str, Any]:
    return {"type": "Feature", "properties": properties, "geometry": {"type": kind, "coordinates": polygons}}


def area_features(year: int = 2021) -> list[dict[str, Any]]:
    short = str(year)[2:]
    return [
        feature(
            {f"LSOA{short}CD": area_code(district, area, year), f"LSOA{short}NM": f"{NAMES[district]} 00{area + 1}A"},
            square(*corner(district, area), STEP, STEP),
        )
        for district in range(DISTRICTS)
        for area in range(AREAS_EACH)
    ]


def district_features() -> list[dict[str, Any]]:
    return [
        feature(
            {"LAD23CD": district_code(district), "LAD23NM": NAMES[district]},
            [square(*corner(district, 0), STEP * AREAS_EACH, STEP)],
            "MultiPolygon",
        )
        for district in range(DISTRICTS)
    ]


def write_features(path: Path, features: list[dict[str, Any]], **more: Any) -> Path:
    path.write_text(json.dumps({"type": "FeatureCollection", **more, "features": features}), encoding="utf-8")
    return path


INDICES_2025 = {
    "area": "LSOA code (2021)",
    "district": "Local Authority District code (2024)",
    "score": "Index of Multiple Deprivation (IMD) Score",
    "rank": "Index of Multiple Deprivation (IMD) Rank (where 1 is most deprived)",
    "decile": "Index of Multiple Deprivation (IMD) Decile (where 1 is most deprived 10% of LSOAs)",
}
INDICES_2019 = {
    **INDICES_2025,
    "area": "LSOA code (2011)",
    "district": "Local Authority District code (2019)",
    "rank": "Index of Multiple Deprivation (IMD) Rank",
    "decile": "Index of Multiple Deprivation (IMD) Decile",
}


def write_indices(path: Path, headings: dict[str, str], year: int) -> Path:
    rows = [
        {
            headings["area"]: area_code(district, area, year),
            headings["district"]: district_code(district),
            headings["score"]: "21.5",
            headings["rank"]: "1,204",
            headings["decile"]: str(district + 1 if year == 2021 else 9),
        }
        for district in range(DISTRICTS)
        for area in range(AREAS_EACH)
    ]
    return write_csv(path, list(headings.values()), rows)


SCHOOLS = {
    "URN": "urn",
    "EstablishmentName": "name",
    "EstablishmentStatus (name)": "status",
    "PhaseOfEducation (name)": "phase",
    "TypeOfEstablishment (name)": "type",
    "Postcode": "postcode",
    "DistrictAdministrative (code)": "district",
    "Easting": "easting",
    "Northing": "northing",
    "SchoolCapacity": "places",
    "NumberOfPupils": "pupils",
    "LSOA (code)": "area",
}


def school_rows() -> list[dict[str, str]]:
    """Two schools a district, a closed one, a nursery, and a special school with a name that is not in ASCII."""
    rows = []
    for district in range(DISTRICTS):
        for number, phase in enumerate(("Primary", "Secondary")):
            row = dict.fromkeys(SCHOOLS, "")
            row |= {"URN": f"10{district}{number}00", "EstablishmentName": f"{NAMES[district]} {phase}"}
            row |= {"EstablishmentStatus (name)": "Open", "PhaseOfEducation (name)": phase}
            row |= {"Postcode": postcode(district, 0, number), "DistrictAdministrative (code)": district_code(district)}
            row |= {"Easting": "350100", "Northing": "390100", "SchoolCapacity": "420", "NumberOfPupils": ""}
            rows.append(row)
    closed = {**rows[0], "URN": "109001", "EstablishmentStatus (name)": "Closed"}
    nursery = {**rows[0], "URN": "109002", "PhaseOfEducation (name)": "Nursery"}
    special = {
        **rows[0],
        "URN": "109003",
        "PhaseOfEducation (name)": "Not applicable",
        "EstablishmentName": "Café House",
    }
    special |= {"TypeOfEstablishment (name)": "Community special school", "Postcode": postcode(0, 1, 0)}
    return [*rows, closed, nursery, special]


def write_schools(folder: Path) -> Path:
    return write_csv(folder / "edubasealldata20250701.csv", list(SCHOOLS), school_rows(), encoding="cp1252")


def courts() -> list[dict[str, Any]]:
    """Courts as the register of courts gives them out."""
    told = f"Write to us: PO Box 1, Aldmoor, {postcode(1, 0, 3)}\nVisit us: Castle Street, Aldmoor, {postcode(0, 2, 1)}"
    crown = {
        "name": "Aldmoor Law Courts",
        "open": "open",
        "addresses": told,
        "court_types": "Crown Court, County Court",
    }
    family = {**crown, "name": "Cranfold Family Court", "court_types": "Family Court", "slug": "cranfold-family-court"}
    return [
        {**crown, "slug": "aldmoor-law-courts", "crown_court_code": 999, "areas_of_law": "Crime"},
        {**family, "addresses": f"Visit us: The Moot Hall, Cranfold, {postcode(2, 1, 2)}"},
        {**family, "slug": "old-court", "open": "closed"},
    ]


def bank_holidays(year: int = 2026) -> dict[str, Any]:
    days = ("01-01", "04-03", "04-06", "05-04", "05-25", "08-31", "12-25", "12-28")
    events = [{"title": f"Holiday {day}", "date": f"{year}-{day}", "notes": "", "bunting": True} for day in days]
    return {
        "england-and-wales": {"division": "england-and-wales", "events": events},
        "scotland": {"division": "scotland", "events": [{"title": "2nd January", "date": f"{year}-01-02"}]},
    }


def write_all(folder: Path) -> Path:
    """Write the files of every kind into a folder, in the forms of their publishers."""
    folder.mkdir(exist_ok=True)
    write_directory(folder)
    write_features(folder / "Lower_layer_Super_Output_Areas_December_2021.geojson", area_features())
    write_features(folder / "Local_Authority_Districts_2023.geojson", district_features())
    authority = feature({"CAUTH23CD": "E47000099", "CAUTH23NM": "Six Towns"}, square(WEST, SOUTH, 0.08, 0.12))
    write_features(folder / "Combined_Authorities_2023.geojson", [authority])
    write_indices(folder / "File_7_IoD2025_All_Ranks_Scores_Deciles.csv", INDICES_2025, 2021)
    write_schools(folder)
    (folder / "courts.json").write_text(json.dumps(courts()), encoding="utf-8")
    (folder / "bank-holidays.json").write_text(json.dumps(bank_holidays()), encoding="utf-8")
    (folder / "term_dates.csv").write_text(
        "first_day,last_day,name\n03/09/2026,23/10/2026,Autumn 1\n", encoding="utf-8"
    )
    return folder


def place_toml() -> str:
    """The place.toml of a place of these districts."""
    parts = ['[place]\nid = "six-towns"\nname = "Six Towns"\n']
    for number in range(DISTRICTS):
        slug = NAMES[number].lower().replace(" ", "-")
        parts.append(f'[[organisation]]\nid = "{slug}-council"\nname = "{NAMES[number]} Council"\nkind = "council"\n')
        code = district_code(number)
        parts.append(
            f'[[district]]\ncode = "{code}"\nid = "{slug}"\nname = "{NAMES[number]}"\ncouncil = "{slug}-council"\n'
        )
    return "\n".join(parts)
