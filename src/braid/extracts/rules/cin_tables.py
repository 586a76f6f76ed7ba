"""The blocks of a children in need census as tables: one row an element, numbered by the child and referral it is in.

The file is read child by child, and a child's elements are let go of once its rows are written.
"""

from __future__ import annotations

import io
import re
from collections.abc import Iterator, Mapping
from pathlib import Path
from typing import Any

from lxml import etree

from braid.extracts.checks import check_date
from braid.extracts.files import read_bytes
from braid.extracts.rules.gather import Gathered
from braid.extracts.xml_files import in_known_encoding, local_name, place_below

_YEAR = re.compile(r"\d{4}")


def gather_cin(path: Path, number: int, tables: Mapping[str, Gathered]) -> int | None:
    """Write the rows of a census to `tables`; return the year that it speaks of, if it says so.

    That is the census year, from 1 April to 31 March, in which its reference date lies.
    """
    year: int | None = None
    holder, above, count = None, "", 0
    for event, element in _events(path):
        name = local_name(element)
        if name == "Header" and event == "end":
            year = _gather_header(element, number, tables)
        elif name == "Child" and event == "end":
            if element.getparent() is not holder:
                holder, count = element.getparent(), 0
                above = _place(holder)
            count += 1
            if len(element):
                _Child(number, tables, f"{above}/Child[{count}]").gather(element)
            _let_go(element)
    return year


def _place(element: Any) -> str:
    """Return where an element stands, beside and above which nothing was let go of."""
    if element is None:
        return ""
    root = element.getroottree().getroot()
    return place_below(element, root, f"/{local_name(root)}")


def _events(path: Path) -> Iterator[tuple[str, Any]]:
    return _parse(in_known_encoding(read_bytes(path)))


def _parse(data: bytes) -> Iterator[tuple[str, Any]]:
    yield from etree.iterparse(
        io.BytesIO(data), events=("end",), resolve_entities=False, no_network=True, load_dtd=False, huge_tree=False,
        remove_comments=True, remove_pis=True,
    )  # fmt: skip


def _let_go(element: Any) -> None:
    element.clear()
    while element.getprevious() is not None:
        del element.getparent()[0]


def _gather_header(element: Any, number: int, tables: Mapping[str, Gathered]) -> int | None:
    cells = {local_name(inner): _text(inner) for inner in element.iter() if not len(inner)}
    tables["Header"].add(number, _place(element), cells)
    day, _ = check_date(cells.get("ReferenceDate", ""))
    if day is not None:
        return day.year + (day.month > 3)
    found = _YEAR.match(cells.get("Year", ""))
    return int(found[0]) if found else None


def _text(element: Any) -> str:
    return (element.text or "").replace("\xa0", " ").strip()


class _Child:
    """The rows of one child."""

    def __init__(self, number: int, tables: Mapping[str, Gathered], path: str) -> None:
        self.number = number
        self.tables = tables
        self.path = path
        self.child = 0

    def add(self, table: str, path: str, cells: Mapping[str, str], **keys: int | None) -> int:
        return self.tables[table].add(self.number, path, cells, **{"child": self.child, **keys})

    def gather(self, child: Any) -> None:
        self.child = self.tables["Child"].count
        cells = _cells(child, "ChildIdentifiers", "ChildCharacteristics")
        cells["Sex"] = cells.get("Sex") or cells.get("GenderCurrent", "")
        self.add("Child", self.path, cells)
        for element in _inside(child, "Disability"):
            self.add("Disabilities", place_below(element, child, self.path), {"Disability": _text(element)})
        for place, details in enumerate(child.iterchildren("{*}CINdetails"), 1):
            self.gather_details(details, f"{self.path}/CINdetails[{place}]")

    def gather_details(self, element: Any, path: str) -> None:
        details = self.tables["CINdetails"].count
        self.add("CINdetails", path, _cells(element), details=details)
        for name in ("CINPlanDates", "Section47", "PreProceedingsandFGDM"):
            for place, block in enumerate(element.iterchildren("{*}" + name), 1):
                self.add(name, f"{path}/{name}[{place}]", _cells(block), details=details)
        for place, block in enumerate(element.iterchildren("{*}Assessments"), 1):
            own = self.tables["Assessments"].count
            at = f"{path}/Assessments[{place}]"
            self.add("Assessments", at, _cells(block), details=details, assessment=own)
            for factor in _inside(block, "AssessmentFactors"):
                self.add("AssessmentFactors", place_below(factor, block, at), {"AssessmentFactors": _text(factor)},
                         details=details, assessment=own)  # fmt: skip
        for place, block in enumerate(element.iterchildren("{*}ChildProtectionPlans"), 1):
            own = self.tables["ChildProtectionPlans"].count
            at = f"{path}/ChildProtectionPlans[{place}]"
            self.add("ChildProtectionPlans", at, _cells(block), details=details, plan=own)
            for order, review in enumerate(block.iterchildren("{*}Reviews"), 1):
                self.add("Reviews", f"{at}/Reviews[{order}]", _cells(review), details=details, plan=own)


def _cells(element: Any, *groups: str) -> dict[str, str]:
    """Return the first text of each element directly inside, or directly inside one of the named groups."""
    values: dict[str, str] = {}
    for holder in (element, *(found for name in groups for found in element.iterchildren("{*}" + name))):
        for inner in holder:
            if not len(inner):
                values.setdefault(local_name(inner), _text(inner))
    return values


def _inside(element: Any, name: str) -> list[Any]:
    """Return the elements of a name anywhere inside, whose group may bear the same name."""
    return [found for found in element.iter("{*}" + name) if not len(found) and _text(found)]
