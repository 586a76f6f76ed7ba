"""Replay of a real breach: attackers came in through one account without a second factor, and took how to get into
the homes of 890 people who were cared for there: door codes and key safes.

The world is seeded with such entry details; the attacker has an account of the one role that may read them, its
password, its session and a reason, and tries every way there is. Without a second factor nothing comes out.
"""

import pytest
from django.db import connection
from django.utils import timezone
from published_sample import ENTRIES, PASSWORD
from sample_run import CANARIES, CHILD, CHILD_PROTECTED, VICTIM
from vault_sample import VICTIMS, code_of, confirm_session, query

from braid.store.vault_keys import load_key_ring
from braid.web.models import SecondFactor
from braid.web.second_factor import enrol
from braid.web.vault.filling import store_sealed
from braid.web.vault.keys import key_file
from braid.web.vault.values import VaultValue
from braid.web.watch import known_asker

pytestmark = pytest.mark.django_db

ENTRY = {"door code": "C4831Y-door", "key safe": "7719-key-safe-left-of-porch", "alarm": "alarm-word-Kestrel"}
FIELDS = "address postcode telephone district contacts school entry".split()
LOOT = [*ENTRY.values(), *CANARIES.values()]


@pytest.fixture
def homes(published):
    """The sample's victim again, with how to get into her home among the items of the vault."""
    query("delete from vault.field where person_id = %s", VICTIM)
    query("delete from vault.data_key where person_id = %s", VICTIM)
    entry = [VaultValue(f"{name}: {value}", "venue", "Home care") for name, value in ENTRY.items()]
    fields = {"vault.entry": entry, "vault.address": [VaultValue(CANARIES["address"], "address", "Home care")]}
    with known_asker(), connection.cursor() as cursor:
        store_sealed(cursor, load_key_ring(key_file()), {VICTIM: fields})


def everything_tried(client) -> list[bytes]:
    """Each page and answer about each person, and each field, by each method, before and after trying to confirm."""
    answers = []
    headers = {"X-Purpose": VICTIMS, "X-Reference": "MTG-2026-041"}
    for people in ((VICTIM, CHILD_PROTECTED, CHILD), (VICTIM,)):
        for person in people:
            answers.append(client.get(f"/people/{person}/"))
            answers.append(client.get(f"/api/v1/people/{person}", headers=headers))
            for field in FIELDS:
                address = f"/people/{person}/location/{field}/"
                answers.append(
                    client.get(f"{address}?assurance=2&confirmed_at={timezone.now().timestamp()}", follow=True)
                )
            answers += [ask(address, follow=True) for ask in (client.head, client.post, client.put)]
        form = {"password": PASSWORD, "code": "123456", "assurance": "2", "next": f"/people/{VICTIM}/location/entry/"}
        answers.append(client.post("/confirm/", form, follow=True))
    return [answer.content for answer in answers]


def test_replay_one_account_without_a_second_factor(homes, client_of, user_of):
    client = client_of("advocate", VICTIMS)
    assert client.get(f"/people/{VICTIM}/").status_code == 200, "the attacker is in: she may see that there is a person"
    everything = b"".join(everything_tried(client))
    assert [name for name in LOOT if name.encode() in everything] == []

    confirm_session(client)  # even a session that says it was confirmed: the account has nothing to confirm with
    everything = b"".join(everything_tried(client))
    assert [name for name in LOOT if name.encode() in everything] == []

    assert query("select count(*) from vault.call") == [(0,)], "no ciphertext left the vault either"
    rows = ENTRIES.filter(page__startswith="vault").values_list("page", flat=True)
    assert {page.rpartition(" ")[2] for page in rows} == {"step_up", "refused"}, "each try is on record, and no read"
    assert ENTRIES.filter(page="vault.entry step_up", person_id=VICTIM).exists()


def test_the_same_account_with_a_second_factor_reads_one_field_at_a_time(homes, client_of, user_of):
    """The counterpart, without which the replay would pass on an empty vault."""
    secret = enrol(user_of("advocate")).secret
    SecondFactor.objects.update(created_at=timezone.now() - timezone.timedelta(hours=1))
    client = client_of("advocate", VICTIMS)
    form = {"password": PASSWORD, "code": code_of(secret, timezone.now()), "next": f"/people/{VICTIM}/location/entry/"}
    shown = client.post("/confirm/", form, follow=True).content.decode()
    assert all(value in shown for value in ENTRY.values())
    assert CANARIES["address"] not in shown
    assert list(ENTRIES.filter(page__startswith="vault").values_list("page", flat=True)) == ["vault.entry"]


def test_a_stolen_session_is_closed_again_after_five_minutes(homes, client_of, user_of):
    enrol(user_of("advocate"))
    SecondFactor.objects.update(created_at=timezone.now() - timezone.timedelta(hours=1))
    client = confirm_session(client_of("advocate", VICTIMS), seconds_ago=300)
    pages = [client.get(f"/people/{VICTIM}/location/{field}/", follow=True) for field in FIELDS]
    everything = b"".join(page.content for page in pages)
    assert [name for name in LOOT if name.encode() in everything] == []
