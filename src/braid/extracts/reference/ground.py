"""The open ground that the datasets of a folder hold, whole: what fictional people can be put on."""

from __future__ import annotations

import json
from collections.abc import Collection, Iterator, Mapping
from pathlib import Path

from braid.extracts.model import UnreadableFile
from braid.extracts.reference.joined import Joined
from braid.language.open_ground import OpenArea, OpenDistrict, OpenGround, OpenPostcode, OpenSite
from braid.store.reference_data import Dataset, attribution_lines, find_dataset


def read_open_ground(folder: Path) -> OpenGround:
    """Return the open ground of a folder of datasets.

    Raises `UnreadableFile` naming what lacks: a postcode directory with small areas of a census, outlines of those and
    of their districts.
    """
    joined = Joined(folder)
    year, directory = joined.area_year, joined.directory
    areas = joined.of_areas("area_boundaries")
    districts = find_dataset(folder, "district_boundaries")
    if directory is None or year is None or areas is None or districts is None:
        raise _incomplete(directory, year, areas)
    outlines = {row["code"]: row for row in joined.rows(districts)}
    postcodes = _postcodes(joined, outlines.keys())
    owners = {each.area_code: each.district_code for each in postcodes}
    found = tuple(_areas(joined, areas, owners))
    drawn = {area.code for area in found}
    used = {area.district_code for area in found}
    name, code = _place_of(joined, folder)
    return OpenGround(
        name,
        code,
        year,
        tuple(OpenDistrict(one, outlines[one]["name"], json.loads(outlines[one]["polygons"])) for one in sorted(used)),
        found,
        tuple(each for each in postcodes if each.area_code in drawn),
        (*_schools(joined, used), *_courts(joined, {each.postcode: each.district_code for each in postcodes})),
        attribution_lines(folder),
    )


def _incomplete(directory: Dataset | None, year: int | None, areas: Dataset | None) -> UnreadableFile:
    if directory is None:
        lacks = "a postcode directory"
    elif year is None:
        lacks = "small areas of a census in the postcode directory"
    else:
        lacks = f"outlines of small areas of {year}" if areas is None else "outlines of districts"
    words = f"the ground is not whole: there is no file with {lacks}; put it beside the others, unpacked"
    return UnreadableFile("ground_incomplete", words)


def _postcodes(joined: Joined, districts: Collection[str]) -> tuple[OpenPostcode, ...]:
    return tuple(
        OpenPostcode(
            row["postcode"],
            row["area"],
            row["district_code"],
            row["longitude"],
            row["latitude"],
            row["easting"],
            row["northing"],
            row["terminated"] is not None,
        )
        for row in joined.postcodes(districts)
        if row["area"] and row["longitude"] is not None
    )


def _areas(joined: Joined, dataset: Dataset, owners: Mapping[str, str]) -> Iterator[OpenArea]:
    for row in joined.rows(dataset):
        if row["code"] in owners:
            polygons = json.loads(row["polygons"])
            yield OpenArea(row["code"], row["name"], owners[row["code"]], polygons, joined.deciles.get(row["code"]))


def _place_of(joined: Joined, folder: Path) -> tuple[str, str]:
    """Return name and code of the combined authority, where its outline is there and no other's."""
    rows = list(joined.rows(find_dataset(folder, "authority_boundaries"), "code", "name"))
    return (rows[0]["name"], rows[0]["code"]) if len(rows) == 1 else ("real districts", "")


def _schools(joined: Joined, districts: set[str]) -> Iterator[OpenSite]:
    for row in joined.schools(districts):
        yield OpenSite(row["kind"], row["district_code"], row["postcode"])


def _courts(joined: Joined, lies: Mapping[str, str]) -> Iterator[OpenSite]:
    for row in joined.courts():
        district = row["district_code"] or lies.get(row["postcode"])
        if district:
            yield OpenSite(row["kind"], district, row["postcode"])
