"""Who may read what leaves, besides persons: users and their organisations' inboxes, and what one human released."""

import pytest
from django.utils import timezone
from outbound_world import CHILD, MOTHER, NEW_HOME, OUTSIDER
from sample_agreements import ORGANISATIONS

from braid.language.schema import Sensitivity
from braid.outbound import Text
from braid.trust.overlay import Exclusion
from braid.web.access.context import asking_as
from braid.web.models import User
from braid.web.overlay.entries import add_entry

pytestmark = pytest.mark.django_db
PLAIN = Text("", "Please come to the office.", frozenset({Sensitivity.NORMAL}))
COLLEAGUE, COUNCIL = "test-practitioner", "northmere-council"


def bar(office, reason: str) -> None:
    """Keep the colleague from the outsider."""
    lead = office.users["ig_lead"]
    with asking_as(lead.username, ""):
        add_entry(lead, Exclusion(OUTSIDER, reason, lead.username, timezone.now(), barred_user=COLLEAGUE))


def test_a_closed_account_gets_nothing(post_office):
    """Their organisation has an inbox all the same: a message to them would wait there for whoever comes after."""
    assert ORGANISATIONS["practitioner"] == COUNCIL
    post_office.queue("analyst", [OUTSIDER], [f"user:{COLLEAGUE}"], "email", PLAIN)
    assert post_office.send() == {"sent": 1}
    post_office.arrived.mails.clear()
    message_id = post_office.queue("analyst", [OUTSIDER], [f"user:{COLLEAGUE}"], "email", PLAIN)
    User.objects.filter(username=COLLEAGUE).update(is_active=False)
    assert post_office.send() == {"refused": 1}
    post_office.assert_refused(message_id, "unknown_recipient")


@pytest.mark.parametrize("to", [f"user:{COLLEAGUE}", f"organisation:{COUNCIL}"])
def test_a_barred_user_bars_the_inbox_of_their_organisation(to, post_office):
    """Whoever harmed somebody and works there reads what arrives there."""
    bar(post_office, "relative")
    message_id = post_office.queue("analyst", [OUTSIDER], [to], "email", PLAIN)
    assert post_office.send() == {"refused": 1}
    post_office.assert_refused(message_id, "excluded")


def test_who_only_knows_somebody_bars_no_inbox(post_office):
    """A conflict of one member of staff says nothing against their organisation."""
    bar(post_office, "staff_knows")
    post_office.queue("analyst", [OUTSIDER], [f"organisation:{COUNCIL}"], "email", PLAIN)
    assert post_office.send() == {"sent": 1}
    post_office.arrived.mails.clear()
    message_id = post_office.queue("analyst", [OUTSIDER], [f"user:{COLLEAGUE}"], "email", PLAIN)
    assert post_office.send() == {"refused": 1}
    post_office.assert_refused(message_id, "excluded")


def test_a_release_that_one_human_entered_opens_nothing(post_office):
    """Of everybody at the address, so that nothing else holds the message back."""
    words = f"Write to {NEW_HOME[0]}, {NEW_HOME[1]}."
    for person in (MOTHER, CHILD):
        post_office.release(person, ["address", "postcode"], "organisation", COUNCIL, confirmed=False)
    message_id = post_office.write("analyst", MOTHER, [f"organisation:{COUNCIL}"], "email", words)
    assert post_office.send() == {"refused": 1}
    post_office.assert_refused(message_id, "location")
