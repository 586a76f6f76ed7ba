"""Who may see a row of a partner's file: everybody whom it speaks of is asked, item by item."""

from __future__ import annotations

import pytest
from sample_run import CHILD, ONLY_HIDDEN, VICTIM

from braid.language.standard_backlogs import BACKLOG_OF_STANDARD
from braid.web.access import NotPermitted
from braid.web.access.projections import Viewer
from braid.web.access.sources import may_show_row
from braid.web.models import ExclusionEntry, PersonWait
from braid.web.overlay.effects import renew_effects
from braid.web.watch import known_asker

pytestmark = pytest.mark.django_db
ANALYST = Viewer("test-analyst", "analyst", "school_from_ta", "DQ-2026-7", "trace")


@pytest.fixture
def row(published) -> tuple[str, str]:
    """Standard and partner of a row about the child that an analyst may see."""
    with known_asker():
        waits = list(PersonWait.objects.filter(person_id=CHILD))
    for wait in waits:
        for standard, backlog in BACKLOG_OF_STANDARD.items():
            if backlog == wait.backlog and may_show_row(ANALYST, [CHILD], standard, wait.provider, "normal"):
                return standard, wait.provider
    pytest.fail("no row about the child may be shown to an analyst")


def test_a_row_is_shown_where_everybody_in_it_may_be_seen(row):
    assert may_show_row(ANALYST, [CHILD], *row, "normal")
    assert not may_show_row(ANALYST, [CHILD, VICTIM], *row, "normal"), "one of them is protected"
    assert not may_show_row(ANALYST, [CHILD, ONLY_HIDDEN], *row, "normal"), "of one no wait is seen"
    assert not may_show_row(ANALYST, [CHILD, "f" * 32], *row, "normal"), "one is not published"
    assert not may_show_row(ANALYST, [], *row, "normal"), "of a row about nobody known nothing is said here"


def test_a_row_of_another_kind_standard_or_partner_is_not_shown(row):
    standard, partner = row
    assert not may_show_row(ANALYST, [CHILD], standard, partner, "safe_address")
    assert not may_show_row(ANALYST, [CHILD], standard, "somebody-else", "normal")
    assert not may_show_row(ANALYST, [CHILD], "oruk", partner, "normal"), "no agreement opens rows of it"


def test_whoever_has_no_purpose_or_is_kept_away_sees_no_row(row):
    with pytest.raises(NotPermitted):
        may_show_row(Viewer("test-ig_lead", "ig_lead", "", "DQ-1", "trace"), [CHILD], *row, "normal")
    listing = Viewer("test-listing_officer", "listing_officer", "court_readiness", "DQ-1", "trace")
    assert not may_show_row(listing, [CHILD], *row, "special"), "a role without locations"
    with known_asker():
        ExclusionEntry.objects.create(
            subject_id=CHILD, barred_username="test-analyst", reason="staff_knows", entered_by="test-ig_lead"
        )
        renew_effects()
    assert not may_show_row(ANALYST, [CHILD], *row, "normal")
