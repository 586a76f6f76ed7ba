"""The items: what an agreement may name as shared, each with its class. An item that is not here is shared with nobody.

Items of a row rest with the partner who sent it. Items of the joined record (who somebody is, in which district, what
holds a wait up) rest with the host of the agreement, who joins the extracts for all of its parties.
"""

from __future__ import annotations

from dataclasses import dataclass

from braid.language.codes import BACKLOGS
from braid.language.schema import Sensitivity

JOINED = ""
"""The provider of an item of the joined record: whoever hosts the agreement."""


@dataclass(frozen=True)
class Item:
    """What may be shared: `code` stands in agreements, `name` is read by lawyers.

    `joined` items are of the joined record. `in_vault` items rest encrypted, apart from every other table: one field is
    read at a time, by somebody who has just confirmed who they are with a second factor.
    """

    code: str
    name: str
    sensitivity: Sensitivity
    joined: bool = False
    in_vault: bool = False


_SUPPORT = "victim_support"
_JOINED = (
    Item("identity", "Name and date of birth", Sensitivity.IDENTITY, joined=True),
    Item("district", "District of the home", Sensitivity.LOCATION, joined=True),
    Item(
        "household",
        "Who lives with the person, since when, and what they are to each other",
        Sensitivity.LOCATION,
        joined=True,
    ),
    Item("blockers", "What holds a wait up, and whose move it is", Sensitivity.SPECIAL, joined=True),
    Item("priority", "Where the priority rules place the person, and why", Sensitivity.SPECIAL, joined=True),
    Item(
        "placement",
        "Where a household could be placed, and how far its children's schools are",
        Sensitivity.LOCATION,
        joined=True,
    ),
    Item("hearings", "When a case is listed to be heard, and when it could be", Sensitivity.SPECIAL, joined=True),
    Item("joint_case", "Referrals, joint cases and meetings about the person", Sensitivity.EXISTENCE, joined=True),
    Item("involvements", "Which services know the person", Sensitivity.SPECIAL),
    Item("contacts", "Workers and teams to ask", Sensitivity.LOCATION),
)
_WAITS = tuple(
    Item(
        f"waits.{backlog}",
        f"Waits: {BACKLOGS[backlog].name}",
        Sensitivity.EXISTENCE if backlog == _SUPPORT else Sensitivity.SPECIAL,
    )
    for backlog in BACKLOGS
)
_VAULT = tuple(
    Item(f"vault.{code}", name, Sensitivity.LOCATION, joined=True, in_vault=True)
    for code, name in (
        ("address", "Address of somebody with a safe address"),
        ("postcode", "Postcode of somebody with a safe address"),
        ("telephone", "Telephone number of somebody with a safe address"),
        ("district", "District of somebody with a safe address"),
        ("contacts", "Workers and teams of somebody with a safe address"),
        ("school", "School of a child with a safe address"),
        ("entry", "How to get in: door codes and key safes"),
    )
)
ITEMS: dict[str, Item] = {item.code: item for item in (*_JOINED, *_WAITS, *_VAULT)}


HOUSEHOLD = "household"
"""The item that leads from one person to others: shown to no role that reaches the whole place."""
PLAN_ITEMS = {"placements": "placement", "listing": "hearings"}
"""By kind of plan, the item that a proposal of it is."""


def waits_item(backlog: str) -> str:
    """Return the code of the item that a wait in `backlog` is."""
    return f"waits.{backlog}"


def is_wait(item: str) -> bool:
    """Whether an item is the waits in a backlog: what emergency access opens without being asked for it by name."""
    return item.startswith("waits.")


def needs_approval(item: Item) -> bool:
    """Whether emergency access opens the item only once a second human approved: location and identity."""
    return item.sensitivity in (Sensitivity.LOCATION, Sensitivity.IDENTITY)
