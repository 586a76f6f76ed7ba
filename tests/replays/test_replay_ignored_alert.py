"""Replay: an alert was raised and nobody acted on it for 58 hours (Capita, ICO enforcement of 2025).

What must happen here: the alert has an owner and a clock, escalates to a second named role by the clock alone, and is
red with its age on a page that everybody who signs in sees.
"""

import datetime as dt
import re

import pytest
from django.utils import timezone
from published_sample import ENTRIES
from sample_run import VICTIM

from braid.web.models import Alert, BreakGlass

pytestmark = pytest.mark.django_db
ASKED = {
    "person_id": VICTIM,
    "purpose": "school_from_ta",
    "reason": "missing_person",
    "reference_kind": "call",
    "reference": "CALL-58",
    "colleague": "test-practitioner",
}


def _let_pass(hours: float) -> None:
    """Move everything of the alert into the past: no job runs, nobody looks, the clock alone goes on."""
    shift = dt.timedelta(hours=hours)
    for alert in Alert.objects.all():
        Alert.objects.filter(pk=alert.pk).update(raised_at=alert.raised_at - shift)
    for access in BreakGlass.objects.all():
        moved = {
            name: getattr(access, name) - shift for name in ("live_from", "live_to", "alerted_at", "review_due_at")
        }
        BreakGlass.objects.filter(pk=access.pk).update(**moved)


def _status(client) -> str:
    return client.get("/status/").content.decode()


def test_an_alert_ignored_for_58_hours_is_red_and_has_a_second_owner(published, client_of):
    officer, lead, board = (client_of(role) for role in ("placement_officer", "ig_lead", "board_member"))
    asked_at = timezone.now()
    assert officer.post("/break-glass/", ASKED).status_code == 302
    assert all(alert.raised_at - asked_at < dt.timedelta(seconds=60) for alert in Alert.objects.all())
    assert set(Alert.objects.values_list("told", flat=True)) == {"guardian", "record_owner", "colleague"}
    for client in (lead, board):
        assert "Overdue" not in _status(client) and ", Board member" not in _status(client)

    _let_pass(58)
    for client in (officer, lead, board):
        shown = _status(client)
        assert len(re.findall(r"govuk-tag--red[^>]*>\s*Overdue", shown)) == 2
        assert shown.count("2 days 10 hours") == 2
        for first in ("Information governance lead", "Somebody of vale-authority"):
            assert shown.count(f"{first}, Board member") == 1
        assert VICTIM not in shown and "test-placement_officer" not in shown and "CALL-58" not in shown
    assert "2 overdue" in lead.get("/trust/").content.decode()

    for alert in Alert.objects.exclude(told="colleague"):
        lead.post("/trust/break-glass/", {"alert": alert.pk})
    assert "No alert is open" in _status(board)
    recorded = list(ENTRIES.filter(page="overlay change").order_by("pk").values_list("username", "person_id"))
    assert recorded == [("test-placement_officer", VICTIM), ("test-ig_lead", ""), ("test-ig_lead", "")]


@pytest.mark.parametrize(("minutes", "overdue"), [(59, False), (60, True), (61, True)])
def test_the_clock_is_one_hour(minutes, overdue, published, client_of):
    client_of("placement_officer").post("/break-glass/", ASKED)
    _let_pass(minutes / 60)
    assert ("Overdue" in _status(client_of("board_member"))) is overdue


def test_a_review_that_nobody_does_ends_the_right_to_ask(published, client_of):
    officer = client_of("placement_officer")
    for _ in range(2):
        officer.post("/break-glass/", ASKED)
    _let_pass(24 * 10)
    assert officer.post("/break-glass/", ASKED).status_code == 400
