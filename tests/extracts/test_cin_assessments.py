"""The clocks of assessments: the first answers the referral, a later one counts from its own start."""

from __future__ import annotations

from pathlib import Path

from extracts.census import clocks_of, read_census


def test_only_the_first_assessment_counts_from_the_referral(tmp_path: Path) -> None:
    block = "<Assessments><AssessmentActualStartDate>{}</AssessmentActualStartDate>{}</Assessments>"
    done = "<AssessmentAuthorisationDate>2025-02-20</AssessmentAuthorisationDate>"
    later, first, before = (block.format("2025-06-10", ""), block.format("2025-01-07", done), "2024-12-20")
    waits = read_census(tmp_path, later + first + block.format(before, ""))
    assert clocks_of(waits, "cf_assessment") == [
        ("cf_assessment", "2025-06-10", "AssessmentActualStartDate", None, None),
        ("cf_assessment", "2025-01-06", "CINreferralDate", "2025-02-20", "AssessmentAuthorisationDate"),
        ("cf_assessment", "2024-12-20", "AssessmentActualStartDate", None, None),
    ]
