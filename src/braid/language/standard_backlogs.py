"""With which backlog's waits the rows of a standard belong together: what opens these waits opens what the rows say."""

from __future__ import annotations

from collections.abc import Mapping

BACKLOG_OF_STANDARD: Mapping[str, str] = {
    "cin": "childrens_social_care",
    "ssda903": "childrens_social_care",
    "housing_register": "social_housing",
    "core": "social_housing",
    "hclic": "homelessness",
    "ta_stock": "temporary_accommodation",
    "fpl": "care_proceedings",
    "school": "school_place",
    "wlmds": "hospital_treatment",
}
"""What a standard of these says is seen with the waits named; what another says is told of nobody."""
