"""What organisations are called, for the pages of joint work: as the place writes it, read at each start.

Pages name an organisation where it takes part, which its id would say as well. Nothing that says where somebody is
served is named by this: that goes through publication, which knows when a name would be a district.
"""

import os
from collections.abc import Mapping
from functools import lru_cache
from pathlib import Path

from braid.store.place_folder import load_place

PLACE_SETTING = "BRAID_PLACE"
"""Names the place's folder for the processes that answer requests."""


def organisation_words(organisation: str) -> str:
    """Return what an organisation is called; its id where the place names none of that id."""
    return _load(os.environ.get(PLACE_SETTING, "")).get(organisation, organisation)


@lru_cache(maxsize=4)
def _load(folder: str) -> Mapping[str, str]:
    return {one.id: one.name for one in load_place(Path(folder)).organisations} if folder else {}
