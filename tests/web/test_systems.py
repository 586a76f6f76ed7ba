"""The page of systems: each sees what they answer for, changes no more than that, and a new token is shown once."""

import sys
from pathlib import Path

import pytest

sys.path.insert(0, str(Path(__file__).resolve().parents[1] / "api"))

from machines import LEAD, make_machine, put_in_team
from vault_sample import confirm_session, has_factor

from braid.outbound import Routes
from braid.web.models import ApiToken, WebhookDelivery, WebhookSubscription
from braid.web.systems.subscriptions import subscribe
from braid.web.vault.keys import open_key_ring

pytestmark = pytest.mark.django_db
URL = "https://partner.example/events"


@pytest.fixture
def machine(published, user_of):
    """A machine in a team of the practitioner's organisation, told of events of which one is dead."""
    open_key_ring()
    has_factor(user_of("practitioner"))
    made = make_machine()
    put_in_team(made)
    listed = Routes(event_urls={"northmere-council": frozenset({URL})}).event_urls
    subscription, _ = subscribe(LEAD, "northmere-housing", URL, ["referral.sent"], listed)
    WebhookDelivery.objects.create(
        subscription_id=subscription, kind="referral.sent", subject_id="0" * 32, state="dead", attempts=9
    )
    return made


def page_of(client) -> str:
    return client.get("/systems/").content.decode()


def test_the_lead_sees_every_system_and_a_team_lead_their_organisations(machine, client_of):
    make_machine("harbour-desk", role="advocate", purpose="victim_response")
    lead, mine, other = (page_of(client_of(role)) for role in ("ig_lead", "practitioner", "advocate"))
    assert "system-northmere-housing" in lead and "system-harbour-desk" in lead
    assert "system-northmere-housing" in mine and "system-harbour-desk" not in mine
    assert "system-" not in other
    assert machine.token not in lead + mine
    assert "1 could not be told" in mine


def test_a_new_token_needs_the_second_factor_and_is_shown_once(machine, client_of):
    client = client_of("practitioner")
    sent = {"step": "renew", "id": str(machine.token_id)}
    assert client.post("/systems/", sent).status_code == 400
    assert ApiToken.objects.count() == 1
    answer = confirm_session(client).post("/systems/", sent)
    (token,) = {
        word for word in answer.content.decode().replace("<", " ").replace(">", " ").split() if "braid_" in word
    }
    assert answer["Cache-Control"] == "no-store"
    assert token not in page_of(client)
    machine.token = token
    assert machine.get("/people").status_code == 200


def test_a_token_is_revoked_and_events_sent_anew_and_ended(machine, client_of):
    client, subscription = client_of("practitioner"), WebhookSubscription.objects.get()
    assert client.post("/systems/", {"step": "again", "id": str(subscription.pk)}).status_code == 302
    assert WebhookDelivery.objects.get().state == "queued"
    assert client.post("/systems/", {"step": "end", "id": str(subscription.pk)}).status_code == 302
    assert client.post("/systems/", {"step": "revoke", "id": str(machine.token_id)}).status_code == 302
    assert machine.get("/people").status_code == 401
    for step, number in (("revoke", machine.token_id), ("end", subscription.pk), ("renew", "x"), ("nothing", "1")):
        assert client.post("/systems/", {"step": step, "id": str(number)}).status_code == 400, step


def test_nobody_else_changes_anything(machine, client_of):
    subscription = WebhookSubscription.objects.get()
    for role in ("advocate", "board_member", "partner"):
        client = confirm_session(client_of(role))
        for step, number in (("revoke", machine.token_id), ("renew", machine.token_id), ("end", subscription.pk)):
            assert client.post("/systems/", {"step": step, "id": str(number)}).status_code == 400, (role, step)
    assert ApiToken.objects.filter(revoked_at=None).count() == 1
    assert WebhookSubscription.objects.get().ended_at is None
