"""What the tests of the vault share: sessions at each assurance, the vault's rows, and a field as the pages get it."""

import base64
import datetime as dt
import hashlib
import hmac
import struct

from django.db import connection
from django.test import Client
from django.utils import timezone
from published_sample import as_pages

from braid.web.access.context import asking_as
from braid.web.models import SecondFactor, User
from braid.web.second_factor import enrol
from braid.web.vault.reading import get_field
from braid.web.vault.values import VaultValue
from braid.web.watch import known_asker

ADVOCATE, VICTIMS = "test-advocate", "victim_response"


def has_factor(user: User) -> User:
    """Give the user a second factor, made an hour ago."""
    enrol(user)
    SecondFactor.objects.filter(user=user).update(created_at=timezone.now() - dt.timedelta(hours=1))
    return user


def confirm_session(client: Client, seconds_ago: float = 1, assurance: int = 2) -> Client:
    """Put into the session what a confirmation leaves there."""
    session = client.session
    session["assurance"], session["confirmed_at"] = assurance, timezone.now().timestamp() - seconds_ago
    session["confirmed_for"], session["confirmed_by"] = "vault", "code"
    session.save()
    return client


def read_as_pages(
    person_id: str, item: str, username: str = ADVOCATE, purpose: str = VICTIMS
) -> tuple[VaultValue, ...]:
    """Get a field as a page does, in the pages' role."""
    with as_pages(), asking_as(username, purpose):
        return get_field(person_id, item)


def query(statement: str, *parameters: object) -> list[tuple]:
    """Run a statement as the owner of the tables."""
    with known_asker(), connection.cursor() as cursor:
        cursor.execute(statement, parameters)
        return cursor.fetchall() if cursor.description else []


def code_of(secret: str, at: dt.datetime) -> str:
    """The code of RFC 6238 at an instant, written from the RFC."""
    step = struct.pack(">Q", int(at.timestamp()) // 30)
    digest = hmac.new(base64.b32decode(secret), step, hashlib.sha1).digest()
    start = digest[-1] & 0x0F
    return f"{(struct.unpack('>I', digest[start : start + 4])[0] & 0x7FFFFFFF) % 1_000_000:06d}"
