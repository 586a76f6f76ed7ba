"""Every connector there is. Standards drift by year, so a connector is found by standard and collection year."""

from __future__ import annotations

from braid.extracts.model import Connector
from braid.extracts.standards import (
    cin,
    common_platform,
    core,
    csc_api,
    defined,
    fhir_ukcore,
    fpl,
    hearing_management,
    housing_register,
    joint_work,
    mapped,
    oruk,
    school,
    ssda903,
    ta_stock,
    victim_service,
    wlmds,
)

CONNECTORS: tuple[Connector, ...] = (
    *cin.CONNECTORS,
    *csc_api.CONNECTORS,
    *ssda903.CONNECTORS,
    *school.CONNECTORS,
    *housing_register.CONNECTORS,
    *core.CONNECTORS,
    *mapped.CONNECTORS,
    *wlmds.CONNECTORS,
    *fhir_ukcore.CONNECTORS,
    *fpl.CONNECTORS,
    *common_platform.CONNECTORS,
    *victim_service.CONNECTORS,
    *oruk.CONNECTORS,
    *joint_work.CONNECTORS,
    *ta_stock.CONNECTORS,
    *hearing_management.CONNECTORS,
    *defined.CONNECTORS,
)


class UnknownStandard(ValueError):
    """No connector has this standard, or none reads this year of it. The message lists what there is."""


def get_standards() -> dict[str, tuple[int, int]]:
    """Return the standards that can be read, each with its first and last collection year."""
    years: dict[str, tuple[int, int]] = {}
    for connector in CONNECTORS:
        first, last = years.get(connector.standard, (connector.first_year, connector.last_year))
        years[connector.standard] = min(first, connector.first_year), max(last, connector.last_year)
    return years


def get_latest_year(standard: str) -> int:
    """Return the latest collection year that a standard is read in; raise `UnknownStandard` for another name."""
    years = get_standards()
    if standard not in years:
        raise UnknownStandard(f"no standard of that name; known are {_describe(years)}")
    return years[standard][1]


def find_connector(standard: str, year: int | None = None) -> Connector:
    """Return the connector of a standard for a collection year, by default the latest; raise `UnknownStandard`."""
    latest = get_latest_year(standard)
    wanted = latest if year is None else year
    for connector in CONNECTORS:
        if connector.standard == standard and connector.first_year <= wanted <= connector.last_year:
            return connector
    first, last = get_standards()[standard]
    raise UnknownStandard(
        f"{standard} is read for the years {first} to {last}, not {wanted}: {how_to_add(standard, wanted)}"
    )


def how_to_add(standard: str, year: int) -> str:
    """Return what to do about a file of a year that nobody described yet, for a message."""
    first, last = get_standards()[standard]
    return (
        "how to add a year stands in docs/reference/definitions.md; until then the file can be tried by the rules of"
        f" the nearest, --as {standard}:{min(max(year, first), last)}"
    )


def _describe(years: dict[str, tuple[int, int]]) -> str:
    return ", ".join(f"{name}:{first}-{last}" for name, (first, last) in sorted(years.items()))
