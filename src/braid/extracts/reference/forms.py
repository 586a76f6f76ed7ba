"""Which reference data a table is: its headings held against the forms in which such tables are published."""

from __future__ import annotations

import re
import tomllib
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from functools import cache
from importlib import resources
from pathlib import Path
from typing import Any

from braid.extracts.model import UnreadableFile

MONTHS = "jan feb mar apr may jun jul aug sep oct nov dec".split()
_MONTH = re.compile(rf"(?<![a-z])({'|'.join(MONTHS)})[a-z]*[_ -]?(20\d\d)")
_DAY = re.compile(r"(20\d\d)[-_]?(0[1-9]|1[0-2])[-_]?([0-2]\d|3[01])(?!\d)")
_INDICES = re.compile(r"i[mo]d[_ -]?(20\d\d|\d\d)(?!\d)")
_VINTAGE = re.compile(r"20\d\d(-(0[1-9]|1[0-2])(-([0-2]\d|3[01]))?)?")


@dataclass(frozen=True)
class Form:
    """A kind of table in one family of headings: patterns for each column of ours."""

    kind: str
    title: str
    needed: tuple[str, ...]
    without: tuple[str, ...]
    columns: Mapping[str, tuple[str, ...]]
    vintage_by_districts: Mapping[str, str]


@dataclass(frozen=True)
class Fitted:
    """A table that has a form: where each column of ours stands in it, and what years its headings name."""

    form: Form
    positions: Mapping[str, int]
    headings: Mapping[str, str]
    area_years: tuple[int, ...]
    vintage: str
    """As the headings say it; empty where they do not."""

    def why(self) -> str:
        """Say by which headings the table was recognised."""
        found = ", ".join(self.headings[column] for column in self.form.needed)
        return f"{self.form.title}: it has the columns {found}"


@cache
def load_forms() -> tuple[Form, ...]:
    """Return the forms of `forms.toml`, in the order in which they are tried."""
    return tuple(
        Form(
            table["kind"],
            table["title"],
            tuple(table["needed"]),
            tuple(table.get("without", ())),
            {name: tuple(patterns) for name, patterns in table["columns"].items()},
            table.get("vintage_by_districts", {}),
        )
        for table in _toml("forms.toml")["form"]
    )


@cache
def load_publishers() -> Mapping[str, Mapping[str, Any]]:
    """Return who publishes each kind, under which licence, with which attribution."""
    return _toml("publishers.toml")


def _toml(name: str) -> dict[str, Any]:
    return tomllib.loads(resources.files(__package__ or "").joinpath(name).read_text(encoding="utf-8"))


def find_form(headings: Sequence[str]) -> Fitted | None:
    """Return how a table fits the first form that it has, `None` where it has none."""
    plain = [" ".join(heading.split()).lower() for heading in headings]
    for form in load_forms():
        fitted = _fit(form, plain)
        if all(name in fitted.positions for name in form.needed) and not any(
            name in fitted.positions for name in form.without
        ):
            return fitted
    return None


def _fit(form: Form, headings: Sequence[str]) -> Fitted:
    positions: dict[str, int] = {}
    said: dict[str, set[str]] = {"areas": set(), "vintage": set(), "districts": set()}
    for column, patterns in form.columns.items():
        found = _find_heading(patterns, headings)
        if found is not None:
            positions[column] = found[0]
            for name, value in found[1].groupdict().items():
                said[name].add(value if len(value) == 4 else f"20{value}")
    by_districts = next((form.vintage_by_districts.get(year, "") for year in said["districts"]), "")
    return Fitted(
        form,
        positions,
        {column: headings[position] for column, position in positions.items()},
        tuple(sorted(int(year) for year in said["areas"])),
        max(said["vintage"], default=by_districts),
    )


def _find_heading(patterns: Sequence[str], headings: Sequence[str]) -> tuple[int, re.Match[str]] | None:
    for pattern in patterns:
        for position, heading in enumerate(headings):
            found = re.fullmatch(pattern, heading)
            if found:
                return position, found
    return None


def find_vintage(path: Path, kind: str) -> str:
    """Return the vintage that the name of a file says, in ISO form; empty where it says none."""
    name = path.name.lower()
    if kind == "deprivation":
        found = _INDICES.search(name)
        return (found[1] if len(found[1]) == 4 else f"20{found[1]}") if found else ""
    day = _DAY.search(name)
    if day:
        return "-".join(day.groups())
    month = _MONTH.search(name)
    return f"{month[2]}-{MONTHS.index(month[1]) + 1:02d}" if month else ""


def check_vintage(text: str) -> str:
    """Return a vintage that somebody wrote; raise `UnreadableFile` where it is no year, month or day."""
    if text and not _VINTAGE.fullmatch(text):
        raise UnreadableFile(
            "vintage_unknown", "a vintage is a year, a month or a day: write 2025, 2025-11 or 2025-11-20"
        )
    return text
