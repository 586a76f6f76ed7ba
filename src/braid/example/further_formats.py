"""The formats that an example place has only where they are asked for: who sends each, and under which name.

Most of them tell again what a usual feed tells, as partners' returns do. They are there to try readers on and to link.
"""

from __future__ import annotations

from collections.abc import Callable, Collection, Iterable
from dataclasses import dataclass
from pathlib import Path

from braid.example.desk import Desk
from braid.example.extract_annex_a import write_annex_a
from braid.example.extract_annex_a_sen import write_annex_a_sen
from braid.example.extract_emergency import write_emergency_care
from braid.example.extract_fhir import write_hospital_records
from braid.example.extract_gias import write_gias
from braid.example.extract_health_services import write_community_health, write_mental_health
from braid.example.extract_lettings import write_lettings
from braid.example.extract_marac import write_marac
from braid.example.extract_open_pathways import write_open_pathways
from braid.example.extract_registers import write_registers
from braid.example.extract_school_census import write_school_census
from braid.example.extract_sen2 import write_sen2
from braid.example.extract_service_directory import write_service_directory
from braid.example.extract_social_care_feed import write_social_care_feed
from braid.example.extract_transfer_file import write_transfer_file
from braid.example.extract_xhibit import write_xhibit

ALL = "all"
_AUTHORITY, _ICB = "arden-vale-ca", "arden-vale-icb"


@dataclass(frozen=True)
class Format:
    """A further format: its standard, the name of its feed, who sends it, and its service. Councils have one each."""

    standard: str
    feed: str
    organisation: str
    service: str
    write: Callable[[Desk, Path], None]

    @property
    def is_of_councils(self) -> bool:
        """Whether each council sends it for its district."""
        return not self.organisation


FORMATS = (
    Format("annex_a", "annex-a", "", "Children's social care lists", write_annex_a),
    Format("annex_a_sen", "annex-a-sen", "", "Special educational needs lists", write_annex_a_sen),
    Format("csc_api", "social-care-feed", "", "Children's social care feed", write_social_care_feed),
    Format("sen2", "sen2", "", "Special educational needs", write_sen2),
    Format("school_census", "school-census", "", "School census", write_school_census),
    Format("ctf", "transfer-files", "", "Pupils who changed school", write_transfer_file),
    Format("attendance", "registers", "", "Attendance registers", write_registers),
    Format("core", "lettings", "", "Social housing lettings", write_lettings),
    Format("csds", "community-health", _ICB, "Community health services", write_community_health),
    Format("mhsds", "mental-health", _ICB, "Mental health services", write_mental_health),
    Format("ecds", "emergency-care", _ICB, "Emergency care", write_emergency_care),
    Format("rtt_open_pathways", "open-pathways", _ICB, "Open pathways", write_open_pathways),
    Format("fhir_ukcore", "hospital-records", _ICB, "Hospital records", write_hospital_records),
    Format("gias", "schools-register", _AUTHORITY, "Schools register", write_gias),
    Format("oruk", "service-directory", _AUTHORITY, "Service directory", write_service_directory),
    Format("xhibit", "crown-court-moved", "crown-court", "Crown Court cases moved from Xhibit", write_xhibit),
    Format("marac", "marac", "arden-vale-police", "Risk assessment conference", write_marac),
)
BY_STANDARD = {each.standard: each for each in FORMATS}


def find_formats(asked: Collection[str]) -> tuple[Format, ...]:
    """Return the formats of these standards in their own order; `all` means every one.

    Raises `ValueError` for a standard that no further format has.
    """
    unknown = sorted(set(asked) - {ALL} - BY_STANDARD.keys())
    if unknown:
        raise ValueError(f"no further format is called {', '.join(unknown)}: choose of {describe(BY_STANDARD)}")
    return FORMATS if ALL in asked else tuple(each for each in FORMATS if each.standard in asked)


def describe(standards: Iterable[str]) -> str:
    """Return names for a message."""
    return ", ".join(sorted(standards))
