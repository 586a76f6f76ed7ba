"""A table of made-up people, teams and a meeting that the tests of care share."""

from __future__ import annotations

import datetime as dt
import tomllib
from collections.abc import Callable
from importlib import resources
from typing import Any

from braid.care.model import Acting
from braid.care.teams import Team
from braid.language.dates import LONDON
from braid.language.steps import NotPossible

SHIPPED = ("complex_needs", "family_readiness", "marac", "placement_panel")


def acting(
    username: str, organisation: str, *teams: str, leads: tuple[str, ...] = (), coordinates: bool = False
) -> Acting:
    """Return somebody of an organisation, in teams and leading some of them."""
    return Acting(username, organisation, frozenset(teams), frozenset(leads), coordinates)


def team(name: str, organisation: str, *members: str, **changed: Any) -> Team:
    """Return an open team, led by the first of its members, that offers `therapy` and `advice`."""
    services = frozenset({"therapy", "advice"})
    whole = {"services": services, "members": frozenset(members), "leads": frozenset(members[:1]), **changed}
    return Team(id=name, name=name.title(), organisation=organisation, **whole)


def is_refused(taken: Callable[..., Any], *given: Any) -> bool:
    """Return whether a step is refused, with a message that says a rule and a next step and names nobody."""
    try:
        taken(*given)
    except NotPossible as refusal:
        assert len(str(refusal)) > 15
        return True
    return False


def london(text: str) -> dt.datetime:
    """Return an instant from a moment in UK time; the earlier where the clocks give it twice."""
    return dt.datetime.fromisoformat(text).replace(tzinfo=LONDON).astimezone(dt.UTC)


def shipped_text(name: str) -> str:
    """Return the file of a shipped case type."""
    return (resources.files("braid.care") / "case_types" / f"{name}.toml").read_text(encoding="utf-8")


def shipped_table(name: str) -> dict[str, Any]:
    """Return the file of a shipped case type as plain TOML, read by nothing of ours."""
    return tomllib.loads(shipped_text(name))
