"""The nouns of this stage: what it counted, and the order of sensitivities."""

from __future__ import annotations

import datetime as dt
from collections.abc import Callable
from dataclasses import asdict, dataclass

from braid.language.clock_model import Extension

Progress = Callable[[str], None]
"""Called with the name of each step as it begins."""

SENSITIVITIES = ("normal", "special", "criminal", "safe_address")
"""Codes of the list `row_sensitivity`, from the mildest to the strictest. The place in it is the rank."""

STRICTEST = len(SENSITIVITIES) - 1

RECENT_DAYS = 91
"""A wait that ended within so many days counts as recently completed: thirteen weeks."""

YEAR_DAYS = 365

WEEK_DAYS = 7

MEASURED_WEEKS = 52
"""How many weeks, the last of which ends on the as-of date, the measures of services look back."""

LONG_WEEKS = (18, 52, 65)
"""NHS England counts open pathways over so many weeks: the standard, a year, and the planning guidance's longest."""

RECURRING = (
    "bnb_family",
    "cla_health_review",
    "cla_health_review_under_5",
    "cla_placement_notice",
    "cla_review",
    "cla_review_later",
    "cpp_review",
    "cpp_review_later",
    "ed_4h",
    "out_of_area_notice",
    "pathway_plan_review",
    "return_interview",
    "temporary_accommodation",
    "victim_notice",
    "victim_notice_enhanced",
)
"""Kinds whose clock begins again within one case: another record may well assert the next stay or review of it."""

CLOCK_PER_CASE = ("care_proceedings", "crown_trial", "rtt")
"""Kinds with one clock a case or pathway: two cases that began on one day are two waits of one person."""


@dataclass(frozen=True)
class WaitSummary:
    """What the stage read, what it could not count and why, and what came out. Every field counts rows."""

    waits_read: int
    unlinked: int
    """Waits of a record that no person holds."""
    unknown_kind: int
    """Waits of a kind that the common language does not know."""
    begins_later: int
    """Waits that begin after the as-of date."""
    ended_before_start: int
    """Waits that end before they begin: no length can be told, so they are left out of every figure."""
    repeated: int
    """Further assertions of a clock already counted."""
    told_again: int
    """Clocks that another feed of the same organisation tells too, beyond the one that counts."""
    inherited: int
    """Trials that victims wait for, taken from the case their referral names."""
    victims_without_case: int
    """Victims' case references that no Crown Court wait carries."""
    person_waits: int
    running: int
    people_waiting: int
    people_in_several: int
    """People with running waits in two or more backlogs."""

    def as_document(self) -> dict[str, int]:
        """Return the counts by name, for `--json`."""
        return asdict(self)


def sensitivity_rank(code: str | None) -> int:
    """Return the rank of a sensitivity; a code nobody knows ranks as the strictest."""
    return SENSITIVITIES.index(code) if code in SENSITIVITIES else STRICTEST


def strictest(*codes: str | None) -> str:
    """Return the strictest of some sensitivities."""
    return SENSITIVITIES[max(sensitivity_rank(code) for code in codes)]


def rank_sql(column: str) -> str:
    """Return portable SQL for `sensitivity_rank` of a column."""
    cases = " ".join(f"when '{code}' then {rank}" for rank, code in enumerate(SENSITIVITIES[:-1]))
    return f"case {column} {cases} else {STRICTEST} end"


def code_sql(rank: str) -> str:
    """Return portable SQL for the code of a rank."""
    cases = " ".join(f"when {rank} then '{code}'" for rank, code in enumerate(SENSITIVITIES[:-1]))
    return f"case {rank} {cases} else '{SENSITIVITIES[-1]}' end"


def stated_extensions(until: dt.date | None) -> tuple[Extension, ...]:
    """Return the extension that a wait record states; a source gives the end of the latest and no day of its grant."""
    return (Extension(until),) if until is not None else ()


def case_reference(reference: str) -> str:
    """Return a criminal case reference as it is compared: upper case without spaces."""
    return reference.upper().replace(" ", "")


def case_reference_sql(column: str) -> str:
    """Return portable SQL for `case_reference`."""
    return f"upper(replace({column}, ' ', ''))"


def quoted(codes: tuple[str, ...]) -> str:
    """Return registry codes as a list of SQL literals. Raises `ValueError` for anything that is not a plain code."""
    for code in codes:
        if not code.replace("_", "").isalnum():
            raise ValueError("a code has letters, digits and underscores only")
    return ", ".join(f"'{code}'" for code in codes)
