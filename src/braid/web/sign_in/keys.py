"""Security keys and passkeys (W3C Web Authentication): registered, used, removed; each asks for PIN or finger.

A challenge is drawn for one session and one action, is taken once and holds five minutes. A key whose counter does not
go on was copied: it is stopped, and the leads get a task. Nothing of an attestation is asked or kept.
"""

from __future__ import annotations

import ipaddress
import json
import secrets
from dataclasses import dataclass
from enum import StrEnum

from django.contrib.sessions.backends.base import SessionBase
from django.db import transaction
from django.http import HttpRequest
from django.utils import timezone
from webauthn import (
    base64url_to_bytes,
    generate_authentication_options,
    generate_registration_options,
    options_to_json,
    verify_authentication_response,
    verify_registration_response,
)
from webauthn.helpers import bytes_to_base64url
from webauthn.helpers.structs import (
    AuthenticatorSelectionCriteria,
    PublicKeyCredentialDescriptor,
    ResidentKeyRequirement,
    UserVerificationRequirement,
)

from braid.web.models import SecurityKey, User
from braid.web.vault.tasks import KEY_COPIED, raise_task

MOST_KEYS = 10
CHALLENGE = "key_challenge"
CHALLENGE_SECONDS = 5 * 60
LONGEST_ANSWER = 20_000
"""Characters of what a browser sends for a key."""


class KeyAnswer(StrEnum):
    """What came of a key."""

    CONFIRMED = "confirmed"
    WRONG = "wrong_key"
    COPIED = "copied_key"


class KeyRefused(Exception):
    """A key was not registered. The message is for whoever registers it."""


@dataclass(frozen=True)
class Site:
    """What a key is bound to: the host by which people reach Braid, and where its pages come from."""

    host: str
    origin: str


def find_site(request: HttpRequest) -> Site | None:
    """Return what keys are bound to at this address; `None` where it is a number, to which no browser binds one."""
    host = request.get_host()
    name = host.partition(":")[0] if not host.startswith("[") else host
    try:
        ipaddress.ip_address(name.strip("[]"))
    except ValueError:
        return Site(name, f"{request.scheme}://{host}")
    return None


def list_keys(user: User) -> list[SecurityKey]:
    """Return the keys of an account, in the order in which they were made."""
    return list(SecurityKey.objects.filter(user=user).order_by("made_at", "pk"))


def ask_to_register(session: SessionBase, user: User, site: Site) -> str:
    """Draw a challenge and return, as JSON, what a browser needs to make a key. Raises `KeyRefused` beyond ten."""
    keys = list_keys(user)
    if len(keys) >= MOST_KEYS:
        raise KeyRefused(f"An account has {MOST_KEYS} keys at most. Remove one first")
    options = generate_registration_options(
        rp_id=site.host,
        rp_name="Braid",
        user_id=f"braid-{user.pk}".encode(),
        user_name=user.username,
        user_display_name=user.display_name,
        challenge=_draw(session, "register"),
        authenticator_selection=AuthenticatorSelectionCriteria(
            resident_key=ResidentKeyRequirement.DISCOURAGED, user_verification=UserVerificationRequirement.REQUIRED
        ),
        exclude_credentials=[PublicKeyCredentialDescriptor(id=bytes(key.credential_id)) for key in keys],
    )
    return str(options_to_json(options))


@transaction.atomic
def register(session: SessionBase, user: User, site: Site, answer: str, name: str) -> SecurityKey:
    """Keep a key that a browser made for this session's challenge. Raises `KeyRefused` where it is not one."""
    challenge = _take(session, "register")
    if challenge is None:
        raise KeyRefused("The page was open for too long. Try again")
    try:
        made = verify_registration_response(
            credential=_read(answer),
            expected_challenge=challenge,
            expected_rp_id=site.host,
            expected_origin=site.origin,
            require_user_verification=True,
        )
    except Exception:  # whatever it was that a browser sent, it was no key
        raise KeyRefused("The key was not made for this page, or did not ask who holds it. Try again") from None
    if SecurityKey.objects.filter(credential_id=made.credential_id).exists():
        raise KeyRefused("This key is in use already")
    return SecurityKey.objects.create(
        user=user,
        credential_id=made.credential_id,
        public_key=made.credential_public_key,
        sign_count=made.sign_count,
        name=name,
        made_at=timezone.now(),
    )


def ask_to_use(session: SessionBase, user: User, site: Site, action: str) -> str | None:
    """Draw a challenge for one action and return, as JSON, what a browser needs; `None` where there is no key."""
    keys = [key for key in list_keys(user) if key.stopped_at is None]
    if not keys:
        return None
    options = generate_authentication_options(
        rp_id=site.host,
        challenge=_draw(session, action),
        allow_credentials=[PublicKeyCredentialDescriptor(id=bytes(key.credential_id)) for key in keys],
        user_verification=UserVerificationRequirement.REQUIRED,
    )
    return str(options_to_json(options))


@transaction.atomic
def use(session: SessionBase, user: User, site: Site | None, answer: str, action: str) -> tuple[KeyAnswer, int | None]:
    """Check what a key signed for this session's challenge of this action; return the answer and which key it was."""
    challenge = _take(session, action)
    if site is None:
        return KeyAnswer.WRONG, None
    try:
        given = _read(answer)
        raw_id = base64url_to_bytes(given["id"])
    except (ValueError, KeyError, TypeError):
        return KeyAnswer.WRONG, None
    key = SecurityKey.objects.select_for_update().filter(user=user, credential_id=raw_id, stopped_at=None).first()
    if challenge is None or key is None:
        return KeyAnswer.WRONG, None
    try:
        signed = verify_authentication_response(
            credential=given,
            expected_challenge=challenge,
            expected_rp_id=site.host,
            expected_origin=site.origin,
            credential_public_key=bytes(key.public_key),
            credential_current_sign_count=0,  # compared below: a copy is told from a wrong key
            require_user_verification=True,
        )
    except Exception:  # whatever it was that a browser sent, it opens nothing
        return KeyAnswer.WRONG, None
    count = signed.new_sign_count
    if (count or key.sign_count) and count <= key.sign_count:
        SecurityKey.objects.filter(pk=key.pk).update(stopped_at=timezone.now())
        raise_task(KEY_COPIED, str(user.pk))
        return KeyAnswer.COPIED, key.pk
    SecurityKey.objects.filter(pk=key.pk).update(sign_count=count, last_used_at=timezone.now())
    return KeyAnswer.CONFIRMED, key.pk


def remove(user: User, key_id: int) -> bool:
    """Remove a key of an account; return whether there was one."""
    return bool(SecurityKey.objects.filter(user=user, pk=key_id).delete()[0])


def _draw(session: SessionBase, action: str) -> bytes:
    challenge = secrets.token_bytes(32)
    session[CHALLENGE] = {"for": action, "is": bytes_to_base64url(challenge), "at": timezone.now().timestamp()}
    return challenge


def _take(session: SessionBase, action: str) -> bytes | None:
    """Return the challenge of an action once; nothing where it was drawn for another or too long ago."""
    kept = session.pop(CHALLENGE, None)
    if not isinstance(kept, dict) or kept["for"] != action:
        return None
    if not 0 <= timezone.now().timestamp() - kept["at"] < CHALLENGE_SECONDS:
        return None
    return bytes(base64url_to_bytes(kept["is"]))


def _read(answer: str) -> dict:
    if len(answer) > LONGEST_ANSWER:
        raise ValueError("too long")
    found = json.loads(answer)
    if not isinstance(found, dict) or not isinstance(found.get("id"), str):
        raise ValueError("not a key's answer")
    return found
