"""`teams.toml` of a place folder: its teams, what each offers, who is of it and who leads it.

Kept by whoever runs Braid, and read at each start.

Members are named by how they sign in. A team without members may be referred to by nobody, and says so.
"""

from __future__ import annotations

from collections.abc import Collection
from dataclasses import dataclass

from braid.care.services import SERVICES
from braid.language.rule_files import Fault, Fields, RulesInvalid, read_toml

FILE = "teams.toml"
TOP = "teams"
LONGEST_ID = 60
LONGEST_CONTACT = 90


@dataclass(frozen=True)
class TeamEntry:
    """A team as the file has it. `leads` are among `members`."""

    id: str
    name: str
    organisation: str
    services: tuple[str, ...]
    members: tuple[str, ...] = ()
    leads: tuple[str, ...] = ()
    contact: str = ""
    """How the team is reached: the number or address of a duty desk, never a person's own."""
    is_listed: bool = False
    """Whether the directory tells everybody of it: its name, its services and its desk (`listed = true`)."""


def parse_teams(text: str, organisations: Collection[str]) -> tuple[TeamEntry, ...]:
    """Return the teams of a file. Raises `RulesInvalid` with every fault found, `RulesUnreadable` where it is no TOML.

    `organisations` are ids of the place.
    """
    top = read_toml(text, FILE, TOP)
    top.check_known(("team",))
    found = tuple(_team(fields, organisations) for fields in top.tables("team"))
    faults = list(top.faults)
    ids = [one.id for one in found]
    faults += [
        Fault(FILE, "id", f"{one!r} is there twice", "give each team its own id")
        for one in sorted({one for one in ids if ids.count(one) > 1})
    ]
    if faults:
        raise RulesInvalid(faults)
    return found


def _team(fields: Fields, organisations: Collection[str]) -> TeamEntry:
    fields.check_known(("id", "name", "organisation", "services", "members", "leads", "contact", "listed"))
    identifier = fields.text("id", LONGEST_ID)
    if identifier and not all(part.isascii() and part.isalnum() for part in identifier.lower().split("-")):
        fields.refuse("'id' must be letters, digits and hyphens", "choose another id")
    members = _names(fields, "members")
    leads = _names(fields, "leads")
    if not set(leads) <= set(members):
        fields.refuse("a lead is not among the members", "name each lead under members too")
    if members and not leads:
        fields.refuse("nobody leads the team", "name under leads to whom silence rises")
    return TeamEntry(
        identifier,
        fields.text("name", 100),
        fields.code("organisation", organisations),
        fields.codes("services", SERVICES),
        members,
        leads,
        fields.text("contact", LONGEST_CONTACT) if "contact" in fields.values else "",
        fields.has("listed") and fields.flag("listed"),
    )


def _names(fields: Fields, key: str) -> tuple[str, ...]:
    values = fields.values.get(key, [])
    if not isinstance(values, list) or not all(isinstance(one, str) and one.strip() for one in values):
        fields.refuse(f"{key!r} must be a list of user names", f'write {key} = ["…"], or leave it out')
        return ()
    if len(set(values)) < len(values):
        fields.refuse(f"{key} names somebody twice", "name each once")
    return tuple(values)
