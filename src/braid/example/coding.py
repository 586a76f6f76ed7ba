"""From the common ethnicity codes back to the codes that partners use."""

from __future__ import annotations

from functools import cache

from braid.language.codes import ETHNICITY_CROSSWALKS

_NEAREST = {
    ("dfe", "arab"): "OOTH",
    ("nhs", "arab"): "S",
    ("nhs", "gypsy_traveller"): "C",
    ("nhs", "roma"): "C",
}


@cache
def ethnicity_code(system: str, ethnicity: str) -> str:
    """Return the code of a system (`dfe` or `nhs`) for an ethnicity of the common language."""
    found = next((code for code, hub in ETHNICITY_CROSSWALKS[system].items() if hub == ethnicity), None)
    return found or _NEAREST[system, ethnicity]
