"""A contact point that is known as a safe contact alone is shared all the same: by e-mail, by number, by address."""

import pytest
from outbound_world import CHILD, FATHER, MOTHER, OUTSIDER, SCHOOL

from braid.language.schema import Sensitivity
from braid.outbound import Text
from braid.store.vault_keys import KeyRing
from braid.trust.guard import Facts, Recipient
from braid.trust.locations import Token
from braid.web.models import SafeContact, SafeContactDigest
from braid.web.outbound.contact_points import digests_of, find_people_at, forms_of
from braid.web.outbound.facts import Knowledge
from braid.web.outbound.resealing import forget_outbound, reseal_outbound
from braid.web.vault.keys import get_key_ring
from braid.web.watch import known_asker

pytestmark = pytest.mark.django_db

MAILBOX = "our.family@mail.example"
NUMBER = "07700 900777"
WORDS = Text("Appointment", "Please ring us.", frozenset({Sensitivity.NORMAL}))


def about_the_child(office, channel: str, to: str = MOTHER) -> str:
    return office.queue("practitioner", [CHILD], [to], channel, WORDS)


@pytest.mark.parametrize(
    ("channel", "mothers", "fathers"),
    [
        ("email", MAILBOX, "Our.Family@mail.example "),
        ("sms", NUMBER, "+44 7700 900777"),
        ("letter", "3 Post Office Yard, Northmere, QB95 8AA", "3, Post Office Yd., QB958AA"),
    ],
)
def test_two_who_are_kept_apart_and_gave_one_contact_point_are_not_reached_there(
    channel, mothers, fathers, post_office
):
    """The mother's and the father's confirmed safe contact is the same mailbox."""
    post_office.make_safe(MOTHER, [mothers])
    before = about_the_child(post_office, channel)
    assert post_office.send() == {"sent": 1}, "or it is refused for something else"
    assert before
    post_office.arrived.mails.clear()
    for path in (post_office.world.place.state_folder / "spool").glob("*"):
        path.unlink()
    post_office.make_safe(FATHER, [fathers])
    message_id = about_the_child(post_office, channel)
    post_office.send()
    post_office.assert_refused(message_id, "shared_contact")


def test_one_that_a_human_entered_and_nobody_confirmed_withholds_too(post_office):
    post_office.make_safe(MOTHER, [MAILBOX])
    post_office.make_safe(FATHER, [MAILBOX], confirmed=False)
    message_id = about_the_child(post_office, "email")
    post_office.send()
    post_office.assert_refused(message_id, "shared_contact")


def test_after_the_keys_changed_it_is_still_known(post_office):
    post_office.make_safe(MOTHER, [MAILBOX])
    post_office.make_safe(FATHER, [MAILBOX])
    ring = get_key_ring()
    both = KeyRing("v9", {**ring.keys, "v9": bytes(range(32))})
    with known_asker():
        reseal_outbound(both)
        assert set(SafeContactDigest.objects.values_list("key_id", flat=True)) == {"v9"}
        alone = KeyRing("v9", {"v9": both.keys["v9"]})
        assert find_people_at(alone, [MAILBOX]) == {MAILBOX: {MOTHER, FATHER}}
        assert find_people_at(ring, [MAILBOX]) == {MAILBOX: frozenset()}, "the old key finds nobody"


def test_where_it_cannot_be_known_because_the_key_is_lost_it_is_withheld(post_office):
    """The father's safe contact can no longer be compared; the mother's was entered again."""
    post_office.make_safe(FATHER, [MAILBOX])
    with known_asker():
        forget_outbound()
    post_office.make_safe(MOTHER, [MAILBOX])
    message_id = about_the_child(post_office, "email")
    post_office.send()
    post_office.assert_refused(message_id, "lookup_failed")


def test_what_was_entered_before_there_were_digests_counts(post_office):
    post_office.make_safe(MOTHER, [MAILBOX])
    post_office.make_safe(FATHER, [MAILBOX])
    with known_asker():
        SafeContactDigest.objects.all().delete()
    message_id = about_the_child(post_office, "email")
    post_office.send()
    post_office.assert_refused(message_id, "shared_contact")


def test_what_somebody_enters_as_a_safe_contact_puts_nobody_there():
    """It makes the child a reader, from whom much is kept; the child's school is not therefore known there."""
    token = Token(CHILD, "school", SCHOOL)
    party = Recipient(OUTSIDER, "address", f"Flat 1, {SCHOOL}, Northmere")
    facts = Facts(frozenset(), frozenset(), contact_parties={party.contact: frozenset({CHILD})})
    for there, is_told in ((frozenset(), False), (frozenset({CHILD}), True)):
        known = Knowledge({}, facts, (token,), frozenset(), there={party.contact: there})
        assert (known.unknown_to(party) == []) is is_told


def test_no_digest_is_a_hash_of_the_contact_point_or_the_same_under_another_key(post_office):
    post_office.make_safe(MOTHER, [MAILBOX])
    one, other = (KeyRing("k", {"k": bytes([number]) * 32}) for number in (1, 2))
    assert not digests_of(one, MAILBOX) & digests_of(other, MAILBOX)
    assert len(forms_of("3 Post Office Yard, Northmere, QB95 8AA") & forms_of("3a or 3 Other Words QB95 8AA")) == 1
    assert not forms_of("3 Post Office Yard, QB95 8AA") & forms_of("4 Post Office Yard, QB95 8AA")
    assert not forms_of("") and not forms_of("a@b.example") & forms_of("ab example")
    with known_asker():
        assert SafeContactDigest.objects.count() == SafeContact.objects.count() == 1
