"""What tells the standards that have a connector of their own: columns of tables, paths of XML and JSON documents."""

from __future__ import annotations

import itertools
import tomllib
from collections.abc import Mapping
from dataclasses import dataclass, field
from functools import cache
from importlib import resources
from pathlib import Path
from typing import Any

from lxml import etree

from braid.extracts.json_files import load_json
from braid.extracts.json_lines import LineList
from braid.extracts.json_stored import StoredList
from braid.extracts.model import Reading, Source
from braid.extracts.recognition_years import CALENDAR_YEAR, YearRule, make_year_rule

ELEMENTS = 5_000
MEMBERS = 20
"""How many members of a list are looked at for the keys of a JSON document."""
DEPTH = 3


@dataclass(frozen=True)
class Mark:
    """What tells one part of a standard that has a connector of its own."""

    standard: str
    part: str
    form: str
    all: tuple[str, ...] = ()
    any: tuple[str, ...] = ()
    others: tuple[str, ...] = ()
    texts: Mapping[str, str] = field(default_factory=dict)
    since: Mapping[str, int] = field(default_factory=dict)
    year_at: str = ""
    namespace: str = ""
    dated_by: tuple[str, ...] = ()
    year_rule: YearRule = CALENDAR_YEAR


@cache
def load_marks() -> tuple[Mark, ...]:
    """Return what tells the standards with a connector of their own."""
    text = resources.files("braid.extracts").joinpath("recognised.toml").read_text(encoding="utf-8")
    marks = []
    for entry in tomllib.loads(text)["mark"]:
        lists: dict[str, Any] = {name: tuple(entry.pop(name, ())) for name in ("all", "any", "others", "dated_by")}
        rule = make_year_rule(entry.pop("year_begins", None), entry.pop("year_named_by", None))
        marks.append(Mark(form=entry.pop("form", "table"), year_rule=rule, **entry, **lists))
    return tuple(marks)


def xml_paths(path: Path) -> tuple[set[str], dict[str, str]]:
    """Return the paths of the first elements, the namespace of the root, and the texts that stand in them."""
    paths: set[str] = set()
    texts: dict[str, str] = {}
    here: list[str] = []
    options = {"resolve_entities": False, "no_network": True, "load_dtd": False, "huge_tree": False}
    try:
        with path.open("rb") as stream:
            events = etree.iterparse(stream, events=("start", "end"), recover=True, **options)
            for event, element in itertools.islice(events, ELEMENTS):
                _look_at(event, element, here, paths, texts)
    except (etree.XMLSyntaxError, OSError):
        pass  # What was read so far is what can be told; reading the file says where it breaks.
    return paths - {""}, texts


def _look_at(event: str, element: Any, here: list[str], paths: set[str], texts: dict[str, str]) -> None:
    if not isinstance(element.tag, str):
        return
    if event == "end":
        texts.setdefault("/".join(here), (element.text or "").strip())
        here.pop()
        return
    namespace, _, name = element.tag.rpartition("}")
    here.append(name)
    paths |= {"/".join(here), namespace.lstrip("{")}


def json_paths(path: Path) -> tuple[set[str], str]:
    """Return the paths of the first keys of a JSON file, and how its objects stand in it where there is no other.

    Raises `UnreadableFile` where it is none.
    """
    value = load_json(path, Reading(Source("", "", "", 0), "", path.name))
    paths: set[str] = set()
    _walk(value, "", DEPTH, paths)
    if isinstance(value, LineList):
        return paths, "it holds one object on each line"
    return paths, "it is a list of objects" if isinstance(value, list | StoredList) else ""


def _walk(value: Any, here: str, depth: int, paths: set[str]) -> None:
    if isinstance(value, list | StoredList):
        for member in itertools.islice(value, MEMBERS):
            _walk(member, here, depth, paths)
    elif isinstance(value, dict) and depth:
        for key, below in value.items():
            name = f"{here}/{key}" if here else key
            paths.add(name)
            _walk(below, name, depth - 1, paths)
