"""What the datasets of a place say together: its postcodes in small areas of one census, its schools and its courts.

Small areas of two censuses are never joined. Of the years that a directory has, the newest counts; indices and outlines
of another year are left out, and whoever asks is told.
"""

from __future__ import annotations

from collections import Counter, defaultdict
from collections.abc import Collection, Iterator, Mapping
from dataclasses import dataclass
from functools import cached_property
from pathlib import Path
from typing import Any

from braid.store.reference_data import UNDATED, Dataset, find_dataset, list_datasets, rows_of

Row = dict[str, Any]
PRIMARY = ("primary", "middle deemed primary")
SECONDARY = ("secondary", "middle deemed secondary", "all-through")
COURT_KINDS = ("crown", "family", "magistrates", "county", "tribunal")
"""Words of a court's types by which its kind is told, the first that is there."""


@dataclass(frozen=True)
class Joined:
    """The datasets of a place folder, of one census of small areas."""

    folder: Path

    @cached_property
    def directory(self) -> Dataset | None:
        """The newest postcode directory."""
        return find_dataset(self.folder, "postcodes")

    @property
    def area_year(self) -> int | None:
        """The newest census of small areas that the directory has; `None` where they are the place's own."""
        return max(self.directory.area_years, default=None) if self.directory else None

    def of_areas(self, kind: str) -> Dataset | None:
        """Return the newest dataset of a kind whose small areas are of the year of the directory."""
        years = () if self.area_year is None else (self.area_year,)
        found = [one for one in list_datasets(self.folder) if one.kind == kind and one.area_years == years]
        return max(found, key=lambda one: (one.vintage != UNDATED, one.vintage), default=None)

    @cached_property
    def deciles(self) -> Mapping[str, int]:
        """The tenth by deprivation of each small area, where indices of its census are there."""
        indices = self.of_areas("deprivation")
        return {row["area_code"]: row["decile"] for row in self.rows(indices, "area_code", "decile")}

    def rows(self, dataset: Dataset | None, *columns: str) -> Iterator[Row]:
        """Yield the rows of a dataset; none of no dataset."""
        return rows_of(self.folder, dataset, columns) if dataset else iter(())

    def postcodes(self, districts: Collection[str]) -> Iterator[Row]:
        """Yield the postcodes of districts that have a place on the grid, with `area` and `decile`.

        A small area lies in one district: where a postcode's own district is another, its area is not known.
        """
        column = "area_code" if self.area_year is None else f"area_{self.area_year}"
        owners = self._owners(column, districts)
        for row in self.rows(self.directory):
            if row["district_code"] in districts and row["easting"] is not None and row["northing"] is not None:
                area = row[column] if owners.get(row[column]) == row["district_code"] else None
                yield {**row, "area": area, "decile": self.deciles.get(area or "")}

    def _owners(self, column: str, districts: Collection[str]) -> Mapping[str, str]:
        """Return the district in which most postcodes of each small area lie."""
        counts: dict[str, Counter[str]] = defaultdict(Counter)
        for row in self.rows(self.directory, column, "district_code"):
            if row[column] and row["district_code"] in districts:
                counts[row[column]][row["district_code"]] += 1
        return {area: max(sorted(found), key=found.__getitem__) for area, found in counts.items()}

    def schools(self, districts: Collection[str]) -> Iterator[Row]:
        """Yield the open schools of districts with their `kind`; those of no kind that is read are left out."""
        for row in self.rows(find_dataset(self.folder, "schools")):
            kind = find_school_kind(row)
            if kind and row["district_code"] in districts and row["postcode"]:
                yield {**row, "kind": kind}

    def courts(self) -> Iterator[Row]:
        """Yield the open courts with their `kind`."""
        for row in self.rows(find_dataset(self.folder, "courts")):
            kind = find_court_kind(row["types"])
            is_open = (row["status"] or "open").lower() in ("open", "true", "1", "yes")
            if kind and is_open and row["postcode"]:
                yield {**row, "kind": kind}


def find_school_kind(row: Mapping[str, Any]) -> str | None:
    """Return `primary`, `secondary` or `special`; `None` of a school that is closed or of another kind."""
    if not (row["status"] or "open").lower().startswith("open"):
        return None
    phase = (row["phase"] or "").lower().rstrip("?")
    if phase == "special" or "special" in (row["type"] or "").lower():
        return "special"
    return "primary" if phase in PRIMARY else "secondary" if phase in SECONDARY else None


def find_court_kind(types: str | None) -> str | None:
    """Return the kind of a court by its types; `None` where they name none that is known."""
    return next((kind for kind in COURT_KINDS if kind in (types or "").lower()), None)
