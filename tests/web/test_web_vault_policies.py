"""What the vault itself gives, whatever the pages decided: asked by a query smuggled into a page of the advocate."""

import pytest
from django.db import connection
from published_sample import as_pages
from sample_agreements import CHILD as CHILD_ITEMS
from sample_agreements import agreement, sample_agreements
from sample_run import CHILD_PROTECTED, VICTIM
from vault_sample import ADVOCATE, VICTIMS

from braid.web.access.context import asking_as
from braid.web.enforcement import enforce
from braid.web.models import Admitted, Barred, Suspension, User
from braid.web.watch import known_asker

pytestmark = pytest.mark.django_db


def gives(person: str = VICTIM, username: str = ADVOCATE, purpose: str = VICTIMS) -> bool:
    """Whether the vault gives an address: that of the victim to the advocate, if nobody else is named."""
    with as_pages(), asking_as(username, purpose), connection.cursor() as cursor:
        cursor.execute("select permitted, sealed is not null from vault.read_field(%s, 'vault.address')", [person])
        permitted, is_there = cursor.fetchone()
    assert permitted or not is_there, "no ciphertext without permission"
    return permitted


def test_it_gives_what_the_decision_gives(published):
    """Without it, the tests below would pass where nothing is ever given."""
    assert gives()


def test_it_gives_nothing_of_whoever_is_kept_away(published):
    with known_asker():
        Barred.objects.create(person_id=VICTIM, username=ADVOCATE)
    assert not gives()


def test_it_gives_nothing_of_whoever_is_restricted_to_others(published):
    with known_asker():
        Admitted.objects.create(person_id=VICTIM, username="test-practitioner")
    assert not gives()


def test_it_gives_nothing_while_the_agreement_is_suspended(published):
    Suspension.objects.create(agreement_id=f"sample-{VICTIMS}", suspended_by="lead", reason="breach")
    assert not gives()


def test_it_gives_nothing_to_an_account_that_was_closed(published):
    User.objects.filter(username=ADVOCATE).update(is_active=False)
    assert not gives()


def test_an_agreement_that_names_its_items_opens_it_to_no_other_role(published):
    """Whoever drafts an agreement too wide gives nobody a right that their role does not have."""
    purpose = "school_from_ta"
    wide = agreement(purpose, CHILD_ITEMS | {"vault.address"}, {"northmere-council"}, id="too-wide")
    enforce([*sample_agreements(), wide])
    assert not gives(CHILD_PROTECTED, "test-practitioner", purpose)
