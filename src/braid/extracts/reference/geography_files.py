"""Writes the geography of a place folder, which the chain reads, from the datasets that were loaded into it."""

from __future__ import annotations

import json
from collections.abc import Iterator, Mapping
from typing import Any

from braid.extracts.reference.joined import Joined
from braid.store.place_folder import Place
from braid.store.reference_data import Dataset, GeographyFiles, find_dataset

POSTCODES = (
    "postcode",
    "area_code",
    "district_code",
    "deprivation_decile",
    "longitude",
    "latitude",
    "easting",
    "northing",
)
SITE = ("name", "kind", "district_code", "postcode", "longitude", "latitude", "easting", "northing")
SCHOOLS = ("urn", *SITE, "places", "pupils")
COURTS = ("code", *SITE)
TERMS = ("kind", "first_date", "last_date", "name")
HOLIDAYS = ("date", "name")


class GeographyWriter:
    """Writes what can be written, and says of each file what became of it."""

    def __init__(self, place: Place) -> None:
        self._place, self._joined = place, Joined(place.folder)
        self._files = GeographyFiles(place.folder)
        self._districts = place.district_names()
        self.messages: list[str] = []

    def write(self) -> list[str]:
        """Write each file of `geography/` for which there is a dataset, and return a sentence for each."""
        if self._joined.directory:
            self._write("postcodes.csv", POSTCODES, self._postcode_rows())
            self._write_outlines("areas.geojson", self._joined.of_areas("area_boundaries"), self._areas())
        names = dict.fromkeys(self._districts)
        self._write_outlines("districts.geojson", find_dataset(self._place.folder, "district_boundaries"), names)
        places = self._places() if self._has("schools") or self._has("courts") else {}
        if self._has("schools"):
            self._write("schools.csv", SCHOOLS, self._school_rows(places))
        if self._has("courts"):
            self._write("courts.csv", COURTS, self._court_rows(places))
        self._write_calendar()
        self._say_other_years()
        return self.messages

    def _has(self, kind: str) -> bool:
        return find_dataset(self._place.folder, kind) is not None

    def _is_free(self, name: str) -> bool:
        """Whether a file may be written; say so where it may not."""
        is_free = self._files.is_free(name)
        if not is_free:
            own = f"geography/{name} is the place's own and was left; remove it to have it written from what was loaded"
            self.messages.append(own)
        return is_free

    def _write(self, name: str, columns: tuple[str, ...], rows: Iterator[tuple[Any, ...]]) -> None:
        if not self._is_free(name):
            return
        count = self._files.write_table(name, columns, rows)
        self.messages.append(f"geography/{name}: {count:,} {'row' if count == 1 else 'rows'} of this place")

    def _postcode_rows(self) -> Iterator[tuple[Any, ...]]:
        for row in self._joined.postcodes(self._districts):
            if row["terminated"] is None:
                position = (row["longitude"], row["latitude"], row["easting"], row["northing"])
                yield row["postcode"], row["area"], row["district_code"], row["decile"], *position

    def _areas(self) -> Mapping[str, str]:
        """Return the small areas of the place as its postcodes have them, with their districts."""
        rows = self._place.reference_rows("postcodes")
        return {row["area_code"]: row["district_code"] for row in rows if row.get("area_code")}

    def _write_outlines(self, name: str, dataset: Dataset | None, codes: Mapping[str, str | None]) -> None:
        if dataset is None or not self._is_free(name):
            return
        found = {row["code"]: row for row in self._joined.rows(dataset) if row["code"] in codes}
        missing = sorted(codes.keys() - found.keys())
        if missing:
            listed = ", ".join(missing[:3]) + (" …" if len(missing) > 3 else "")
            words = f"geography/{name} was not written: {dataset.title} {dataset.vintage} lack {listed}"
            self.messages.append(f"{words}; load outlines of the year of the postcode directory")
            return
        features = (_feature(row, codes[row["code"]]) for row in found.values())
        count = self._files.write_features(name, features, " ".join(dataset.attribution))
        self.messages.append(f"geography/{name}: {count:,} outlines")

    def _places(self) -> Mapping[str, dict[str, Any]]:
        """Return where the postcodes of the place lie: schools and courts are often given without."""
        return {row["postcode"]: row for row in self._joined.postcodes(self._districts)}

    def _school_rows(self, places: Mapping[str, dict[str, Any]]) -> Iterator[tuple[Any, ...]]:
        for row in self._joined.schools(self._districts):
            position = _position(row, places.get(row["postcode"], {}))
            if position[2] is not None:
                site = (row["name"], row["kind"], row["district_code"], row["postcode"], *position)
                yield row["urn"], *site, row["places"], row["pupils"]

    def _court_rows(self, places: Mapping[str, dict[str, Any]]) -> Iterator[tuple[Any, ...]]:
        for row in self._joined.courts():
            lies = places.get(row["postcode"], {})
            district = row["district_code"] or lies.get("district_code")
            if district in self._districts:
                yield row["slug"], row["name"], row["kind"], district, row["postcode"], *_position(row, lies)

    def _write_calendar(self) -> None:
        for kind, columns in (("term_dates", TERMS), ("bank_holidays", HOLIDAYS)):
            dataset = find_dataset(self._place.folder, kind)
            if dataset:
                rows = (tuple(row[name] for name in columns) for row in self._joined.rows(dataset))
                self._write(f"{kind}.csv", columns, rows)

    def _say_other_years(self) -> None:
        """Say which datasets of another census were not joined to the postcodes."""
        directory = self._joined.directory
        for kind in ("deprivation", "area_boundaries"):
            newest = find_dataset(self._place.folder, kind)
            if directory and newest and self._joined.of_areas(kind) is None:
                theirs, ours = _years(newest), _years(directory)
                words = f"{newest.title} {newest.vintage} have small areas of {theirs}, the postcode directory those of"
                self.messages.append(f"{words} {ours}: they were not joined; load what is of the same census")


def _years(dataset: Dataset) -> str:
    return " and ".join(map(str, dataset.area_years)) or "the place's own"


def _feature(row: Mapping[str, Any], district: str | None) -> dict[str, Any]:
    named = {"code": row["code"], "name": row["name"], **({"district_code": district} if district else {})}
    geometry = {"type": "MultiPolygon", "coordinates": json.loads(row["polygons"])}
    return {"type": "Feature", "properties": named, "geometry": geometry}


def _position(row: Mapping[str, Any], lies: Mapping[str, Any]) -> tuple[Any, ...]:
    """Return where something stands, as it says itself or else as its postcode lies."""
    names = ("longitude", "latitude", "easting", "northing")
    return tuple(row[name] if row.get(name) is not None else lies.get(name) for name in names)
