"""The case types that the pages know: those that come with Braid, and those of the place, read at each start."""

import os
from collections.abc import Mapping
from functools import lru_cache
from pathlib import Path

from braid.care.case_types import CaseType, load_case_types

FOLDER_SETTING = "BRAID_CASE_TYPES"
"""Names the place's folder of case types for the processes that answer requests."""


def case_types() -> Mapping[str, CaseType]:
    """Return the case types by id. Raises `RulesInvalid` where a file of the place has a fault."""
    return _load(os.environ.get(FOLDER_SETTING, ""))


@lru_cache(maxsize=4)
def _load(folder: str) -> Mapping[str, CaseType]:
    return load_case_types(Path(folder) if folder else Path(os.devnull))
