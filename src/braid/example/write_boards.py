"""Writes the boards of the example place: each by a template, with the bodies that sit on it."""

from __future__ import annotations

from pathlib import Path

BOARDS = """\
# Who sits on the boards of the place. What each seat is, and its law, stands in the template.

[[board]]
id = "family-justice"
name = "Arden Vale Local Family Justice Board"
template = "local_family_justice_board"
chair = "hallowmere-council"
review_date = 2027-03-31

[board.remit]
statements = ["court_readiness"]
backlogs = ["care_proceedings"]

[[board.seat]]
id = "court"
bodies = ["family-court", "fenside-family-court"]

[[board.seat]]
id = "judiciary"
bodies = ["family-court"]

[[board.seat]]
id = "cafcass"
bodies = ["arden-vale-cafcass"]

[[board.seat]]
id = "childrens_services"
bodies = ["hallowmere-council", "quillbeck-council", "tarnwick-council"]

[[board.seat]]
id = "health"
bodies = ["arden-vale-icb"]

[[board]]
id = "health-and-wellbeing"
name = "Hallowmere Health and Wellbeing Board"
template = "health_and_wellbeing_board"
review_date = 2027-05-31

[board.remit]
statements = ["school_from_ta"]
backlogs = ["hospital_treatment", "send", "school_place", "emergency_care"]

[[board.seat]]
id = "councillor"
bodies = ["hallowmere-council"]

[[board.seat]]
id = "adult_social_services"
bodies = ["hallowmere-council"]

[[board.seat]]
id = "childrens_services"
bodies = ["hallowmere-council"]

[[board.seat]]
id = "public_health"
bodies = ["hallowmere-council"]

[[board.seat]]
id = "healthwatch"
bodies = ["hallowmere-healthwatch"]

[[board.seat]]
id = "icb"
bodies = ["arden-vale-icb"]

[[board.seat]]
id = "others"
bodies = ["beacon-schools"]

[[board]]
id = "community-safety"
name = "Hallowmere Community Safety and Domestic Abuse Partnership"
template = "community_safety_partnership"
review_date = 2027-06-30

[board.remit]
statements = ["victim_response"]
backlogs = ["crown_court", "victim_support", "temporary_accommodation", "homelessness"]

[[board.seat]]
id = "council"
bodies = ["hallowmere-council"]

[[board.seat]]
id = "police"
bodies = ["arden-vale-police"]

[[board.seat]]
id = "probation"
bodies = ["arden-vale-probation"]

[[board.seat]]
id = "fire"
bodies = ["arden-vale-fire"]

[[board.seat]]
id = "health"
bodies = ["arden-vale-icb"]

[[board.seat]]
id = "victims"
bodies = ["lanternhouse"]

[[board.seat]]
id = "children"
bodies = ["arden-vale-cafcass"]

[[board.seat]]
id = "charities"
bodies = ["lanternhouse"]
"""


def write_boards(folder: Path) -> None:
    """Write `boards.toml`: a local family justice board, a health and wellbeing board and a partnership for safety."""
    (folder / "boards.toml").write_text(BOARDS, encoding="utf-8")
