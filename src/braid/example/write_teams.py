"""Writes the teams of the example place: to whom somebody may be referred, in each organisation."""

from __future__ import annotations

import json
from pathlib import Path

from braid.example.model import World

_OF_COUNCIL = (
    ("housing", "Housing options", ("homelessness", "placement", "safe_accommodation")),
    ("children", "Children's social care", ("childrens_social_care", "early_help")),
    ("education", "Education and admissions", ("admissions", "education_welfare", "send")),
    ("legal", "Legal team", ("legal",)),
)
_OF_PLACE = (
    ("arden-vale-ca", "coordination", "Joint meetings", ("coordination",)),
    ("arden-vale-icb", "community-health", "Community health", ("health", "therapy", "forensic_examination")),
    ("arden-vale-police", "safeguarding", "Police safeguarding", ("police_safeguarding",)),
    ("arden-vale-probation", "victims", "Probation, victim liaison", ("probation",)),
    ("arden-vale-cafcass", "guardians", "Children's guardians", ("guardian",)),
    ("family-court", "listing", "Family court listing", ("listing",)),
    ("crown-court", "witnesses", "Witness service", ("court_support",)),
    ("lanternhouse", "advocacy", "Advocates", ("advocacy", "therapy")),
)
_LISTED = ("housing", "education", "community-health", "witnesses", "advocacy")
"""Which teams the public directory tells of: those to whom anybody may turn."""


def write_teams(world: World, folder: Path) -> None:
    """Write `teams.toml`. It names no members: those of a demo are put in when it is served."""
    teams = [
        (f"{district.slug}-council", f"{district.slug}-{code}", f"{name}, {district.institution_name}", services)
        for district in world.geography.districts
        for code, name, services in _OF_COUNCIL
    ]
    teams += [(whose, f"{whose}-{code}", name, services) for whose, code, name, services in _OF_PLACE]
    parts = [
        f'[[team]]\nid = "{identifier}"\nname = {json.dumps(name)}\norganisation = "{organisation}"\n'
        f'services = {json.dumps(services)}\ncontact = "duty desk, 01632 {960100 + number}"\n'
        f"{'listed = true' + chr(10) if identifier.endswith(_LISTED) else ''}"
        for number, (organisation, identifier, name, services) in enumerate(teams)
    ]
    (folder / "teams.toml").write_text("\n".join(parts), encoding="utf-8")
