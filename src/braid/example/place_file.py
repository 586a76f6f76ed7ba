"""Writes `place.toml`: who the partners are, what they send, and when schools are open."""

from __future__ import annotations

import json
from collections.abc import Sequence
from pathlib import Path

from braid.example.calendar import CLOSED_DAYS, TERMS
from braid.example.further_formats import Format
from braid.example.geography import PLACE_ID, PLACE_NAME
from braid.example.model import World

COUNCIL_FEEDS = (
    ("cin", "cin", "Children's social care"),
    ("ssda903", "ssda903", "Children looked after"),
    ("housing-register", "housing_register", "Housing register"),
    ("homelessness", "hclic", "Homelessness"),
    ("schools", "school", "Schools and admissions"),
    ("ta-stock", "ta_stock", "Temporary accommodation stock"),
)
PLACE_FEEDS = (
    ("hospital-waiting-list", "arden-vale-icb", "wlmds", "Hospital waiting list"),
    ("family-court", "family-court", "fpl", "Family court"),
    ("court-list", "family-court", "hearing_management", "Family court list"),
    ("crown-court", "crown-court", "common_platform", "Crown Court"),
    ("victim-service", "lanternhouse", "victim_service", "Victim service"),
)
OWN_FEED = ("joint-work", "arden-vale-ca", "joint_work", "Joint work")
"""What the web app of the place writes of itself. A place begins without any."""
_ORGANISATIONS = (
    ("arden-vale-ca", "Arden Vale Combined Authority", "authority", "01632 960015"),
    ("arden-vale-icb", "NHS Arden Vale Integrated Care Board", "icb", "01632 960010"),
    ("family-court", "Arden Vale Family Court", "court", "01632 960011"),
    ("crown-court", "Hallowmere Crown Court", "court", "01632 960012"),
    ("arden-vale-police", "Arden Vale Police", "police", "01632 960013"),
    ("lanternhouse", "Lanternhouse", "voluntary", "01632 960014"),
    ("arden-vale-probation", "Arden Vale Probation", "probation", "01632 960016"),
    ("arden-vale-cafcass", "Cafcass, Arden Vale", "cafcass", "01632 960017"),
)


def write_place_file(world: World, folder: Path, further: Sequence[Format] = ()) -> None:
    """Write the description of the place that every later stage reads."""
    districts = world.geography.districts
    parts = [
        f"{_place(world)}\n",
        f"[calendar]\nterms = {json.dumps([[str(a), str(b)] for a, b in TERMS])}\n"
        f"closed_days = {json.dumps([str(day) for day in CLOSED_DAYS])}\n",
        "[directory]\npublic = true\n",
    ]
    for district in districts:
        parts.append(
            f'[[district]]\ncode = "{district.code}"\nid = "{district.slug}"\nname = "{district.name}"\n'
            f'council = "{district.slug}-council"\nla_number = {district.la_number}\n'
        )
        parts.append(_organisation(f"{district.slug}-council", district.council_name, "council", district.telephone))
    parts += [_organisation(*organisation) for organisation in _ORGANISATIONS]
    for district in districts:
        asked = [(each.feed, each.standard, each.service) for each in further if each.is_of_councils]
        for suffix, standard, service in (*COUNCIL_FEEDS, *asked):
            parts.append(
                _feed(f"{district.slug}-{suffix}", f"{district.slug}-council", standard, service, world.as_of.year)
            )
    parts += [
        _feed(feed, organisation, standard, service, world.as_of.year)
        for feed, organisation, standard, service in (*PLACE_FEEDS, OWN_FEED)
    ]
    parts += [
        _feed(each.feed, each.organisation, each.standard, each.service, world.as_of.year)
        for each in further
        if not each.is_of_councils
    ]
    (folder / "place.toml").write_text("\n".join(parts), encoding="utf-8")


def _place(world: World) -> str:
    """Return the head of the file. On real ground the name itself says that the people are not: every title has it."""
    given = world.geography.open_ground
    if given is None:
        return f'[place]\nid = "{PLACE_ID}"\nname = "{PLACE_NAME}"\nas_of = "{world.as_of}"\n'.rstrip("\n")
    name = json.dumps(f"Fictional people on the ground of {given.name}", ensure_ascii=False)
    return f'[place]\nid = "{PLACE_ID}-on-real-ground"\nname = {name}\nas_of = "{world.as_of}"\npeople = "fictional"'


def _organisation(identifier: str, name: str, kind: str, contact: str) -> str:
    return f'[[organisation]]\nid = "{identifier}"\nname = "{name}"\nkind = "{kind}"\ncontact = "{contact}"\n'


def _feed(identifier: str, organisation: str, standard: str, service: str, year: int) -> str:
    mapping = 'mapping = "hclic"\n' if standard == "hclic" else ""
    rhythm = "" if standard == OWN_FEED[2] else "every_days = 7\n"
    return (
        f'[[feed]]\nid = "{identifier}"\norganisation = "{organisation}"\nstandard = "{standard}"\nyear = {year}\n'
        f'{mapping}service = "{service}"\n{rhythm}'
    )
