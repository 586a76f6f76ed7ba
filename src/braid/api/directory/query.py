"""What a request for a page of the directory asks: nothing is ignored, since an ignored filter widens what comes."""

import math
from collections.abc import Mapping
from dataclasses import dataclass

from django.http import QueryDict

from braid.web.directory.seen import Wanted

USUAL, MOST = 50, 100
LARGEST_PAGE = 1_000_000
LONGEST_SEARCH = 200
PAGING = ("page", "per_page")
_FILTERS = ("search", "minimum_age", "maximum_age", "taxonomy_term_id", "taxonomy_id", "organization_id", "full")
PARAMETERS: Mapping[str, tuple[str, ...]] = {
    "service": (*PAGING, *_FILTERS),
    "service_at_location": (*PAGING, *_FILTERS),
    "organization": (*PAGING, "search", "full"),
    "taxonomy": PAGING,
    "taxonomy_term": (*PAGING, "taxonomy_id"),
}
"""By what each kind is asked for. The standard's days, times, postcodes and formats are not among them: no record here
tells when a service is open, and JSON alone is answered."""


class NotAsked(Exception):
    """A parameter that is not known here, or whose value has not its form. `fields` are names of ours, or `query`."""

    def __init__(self, *fields: str) -> None:
        """Name the parameters."""
        super().__init__("not valid")
        self.fields = fields


@dataclass(frozen=True)
class Asked:
    """A page that is asked for: its number from 1, its size, what narrows it, and whether entries come whole."""

    number: int
    size: int
    wanted: Wanted
    taxonomy: str
    is_full: bool


def read_query(kind: str, given: QueryDict) -> Asked:
    """Return what is asked of a kind. Raises `NotAsked`."""
    known = PARAMETERS[kind]
    strange = sorted(set(given) - set(known))
    if strange:
        raise NotAsked("query")
    twice = [name for name in known if len(given.getlist(name)) > 1]
    if twice:
        raise NotAsked(*twice)
    search = given.get("search", "")
    if len(search) > LONGEST_SEARCH or "\0" in search:
        raise NotAsked("search")
    columns = {"taxonomy_term_id": "term", "organization_id": "organisation"}
    exact = {column: _text(given, name) for name, column in columns.items() if name in given}
    return Asked(
        _whole(given, "page", 1, LARGEST_PAGE),
        _whole(given, "per_page", USUAL, MOST),
        Wanted(
            tuple(search.split()),
            exact,
            has_term="taxonomy_id" in given,
            minimum_age=_number(given, "minimum_age"),
            maximum_age=_number(given, "maximum_age"),
        ),
        _text(given, "taxonomy_id"),
        _flag(given, "full"),
    )


def check_alone(given: QueryDict) -> None:
    """Raise `NotAsked` where an address that takes nothing is asked something."""
    if given:
        raise NotAsked("query")


def _text(given: QueryDict, name: str) -> str:
    value = given.get(name, "")
    if len(value) > LONGEST_SEARCH or "\0" in value:
        raise NotAsked(name)
    return value


def _whole(given: QueryDict, name: str, usual: int, most: int) -> int:
    value = given.get(name)
    if value is None:
        return usual
    if not (value.isascii() and value.isdecimal() and len(value) <= 7 and 1 <= int(value) <= most):
        raise NotAsked(name)
    return int(value)


def _number(given: QueryDict, name: str) -> float | None:
    value = given.get(name)
    if value is None:
        return None
    try:
        number = float(value)
    except ValueError:
        raise NotAsked(name) from None
    if not math.isfinite(number):
        raise NotAsked(name)
    return number


def _flag(given: QueryDict, name: str) -> bool:
    value = given.get(name, "false")
    if value not in ("true", "false"):
        raise NotAsked(name)
    return value == "true"
