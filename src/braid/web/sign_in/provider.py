"""Signing in by an identity provider: OpenID Connect Core 1.0, code flow with PKCE (RFC 7636), Back-Channel Logout 1.0.

Nothing that a provider says is believed before its signature, issuer, audience, time, nonce and strength fit; what does
not fit is a `ProviderRefused` with a code for the record, and what does not answer a `ProviderAway`. Nothing falls back
to anything. A provider says who somebody is and never what they may: its groups and roles are not read.
"""

from __future__ import annotations

import datetime as dt
import secrets
from collections.abc import Mapping
from dataclasses import dataclass, field
from typing import Any
from urllib.parse import urlencode

import requests
from authlib.integrations.base_client import OAuthError
from authlib.integrations.requests_client import OAuth2Session
from authlib.oidc.core import CodeIDToken
from django.conf import settings
from joserfc import jwt
from joserfc.errors import InvalidKeyIdError, JoseError
from joserfc.jwk import KeySet
from joserfc.jws import JWSRegistry

from braid.web.sign_in.issuer import MOST_BYTES, TIMEOUT, Issuer, ProviderAway
from braid.web.sign_in.provider_settings import ProviderSettings, is_safe_address

ALGORITHMS = [*(f"{kind}{bits}" for kind in ("RS", "PS", "ES") for bits in (256, 384, 512)), "EdDSA"]
"""Signatures by a private key alone; a shared secret and `none` are not among them."""
SKEW_SECONDS = 60
LOGOUT_EVENT = "http://schemas.openid.net/event/backchannel-logout"
LOGOUT_TYPES = frozenset({"logout+jwt", "application/logout+jwt"})
LOGOUT_SECONDS = 5 * 60


class ProviderRefused(Exception):
    """What came back opens no session. `reason` is a code for the record; nothing of the token is in it."""

    def __init__(self, reason: str) -> None:
        super().__init__(reason)
        self.reason = reason


@dataclass(frozen=True)
class Begun:
    """A sign-in that was begun in a browser, and what must come back to it alone."""

    address: str = field(repr=False)
    state: str = field(repr=False)
    nonce: str = field(repr=False)
    verifier: str = field(repr=False)


@dataclass(frozen=True)
class Seen:
    """Whom the provider saw, when, and under which session of its own."""

    subject: str = field(repr=False)
    seen_at: dt.datetime
    sid: str = field(repr=False)
    id_token: str = field(repr=False)


@dataclass(frozen=True)
class Ended:
    """What the provider says is over: one session, or all of somebody."""

    subject: str = field(repr=False)
    sid: str = field(repr=False)
    said_at: dt.datetime


class Provider:
    """An identity provider: where it sends people, and what it says of them when they come back."""

    def __init__(self, provider_settings: ProviderSettings) -> None:
        self.settings = provider_settings
        self._issuer = Issuer(provider_settings)

    def begin(self, redirect_uri: str, *, again: bool = False) -> Begun:
        """Return where to send the browser; `again` has the human sign in there anew. Raises `ProviderAway`."""
        nonce, verifier = secrets.token_urlsafe(32), secrets.token_urlsafe(64)
        extra = {"nonce": nonce, "code_verifier": verifier, "max_age": settings.LONGEST_SESSION_SECONDS}
        if again:
            extra |= {"max_age": 0, "prompt": "login"}
        if classes := self.settings.again_acr if again else self.settings.acr:
            extra["acr_values"] = " ".join(classes)
        with self._client(redirect_uri) as client:
            address, state = client.create_authorization_url(self._issuer.endpoint("authorization_endpoint"), **extra)
        return Begun(address, state, nonce, verifier)

    def finish(
        self,
        answer: Mapping[str, str],
        begun: Begun,
        redirect_uri: str,
        now: dt.datetime,
        *,
        again_from: dt.datetime | None = None,
    ) -> Seen:
        """Return whom the provider saw, by what the browser brought back. Raises `ProviderRefused`, `ProviderAway`.

        With `again_from` it must have seen them since then, by a class that the settings name for it: a clock may be a
        minute away, and a sign-in of before is none.
        """
        self._check_answer(answer, begun)
        token = self._fetch_token(answer["code"], begun, redirect_uri)
        id_token = token.get("id_token")
        if not isinstance(id_token, str):
            raise ProviderRefused("provider_token_missing")
        claims = self._read(id_token)
        self._check_identity(claims, begun, token, now)
        classes = self.settings.acr if again_from is None else self.settings.again_acr
        if not self._is_strong(claims.claims, classes):
            raise ProviderRefused("token_no_second_factor")
        if again_from is not None and claims.claims["auth_time"] < again_from.timestamp() - SKEW_SECONDS:
            raise ProviderRefused("token_not_seen_again")
        return Seen(
            self._subject(claims),
            dt.datetime.fromtimestamp(claims.claims["auth_time"], dt.UTC),
            _text(claims.claims.get("sid")),
            id_token,
        )

    def read_logout(self, logout_token: str, now: dt.datetime) -> Ended:
        """Return what a logout token says is over. Raises `ProviderRefused`, `ProviderAway`."""
        token = self._read(logout_token)
        claims = token.claims
        if _text(token.header.get("typ")).lower() not in LOGOUT_TYPES:
            raise ProviderRefused("logout_wrong_type")
        if claims.get("iss") != self.settings.issuer or self.settings.client_id not in _list(claims.get("aud")):
            raise ProviderRefused("logout_wrong_audience")
        events = claims.get("events")
        if not isinstance(events, dict) or not isinstance(events.get(LOGOUT_EVENT), dict) or "nonce" in claims:
            raise ProviderRefused("logout_wrong_type")
        said_at, at = claims.get("iat"), now.timestamp()
        if not _is_number(said_at) or not at - LOGOUT_SECONDS - SKEW_SECONDS <= said_at <= at + SKEW_SECONDS:
            raise ProviderRefused("logout_too_old")
        if not _is_number(claims.get("exp")) or claims["exp"] + SKEW_SECONDS <= at or not _text(claims.get("jti")):
            raise ProviderRefused("logout_too_old")
        subject = self._logout_subject(claims)
        sid = _text(claims.get("sid"))
        if not subject and not sid:
            raise ProviderRefused("logout_of_nobody")
        return Ended(subject, sid, dt.datetime.fromtimestamp(said_at + SKEW_SECONDS, dt.UTC))

    def logout_address(self, id_token: str, back: str) -> str | None:
        """Return where a browser ends its session at the provider; `None` where it offers none or does not answer."""
        try:
            address = self._issuer.describe().get("end_session_endpoint")
        except ProviderAway:
            return None
        if not isinstance(address, str) or not is_safe_address(address.partition("?")[0]):
            return None
        asked = {"client_id": self.settings.client_id, "post_logout_redirect_uri": back}
        if id_token:
            asked["id_token_hint"] = id_token
        return f"{address}{'&' if '?' in address else '?'}{urlencode(asked)}"

    def _check_answer(self, answer: Mapping[str, str], begun: Begun) -> None:
        if not begun.state or not secrets.compare_digest(answer.get("state", "").encode(), begun.state.encode()):
            raise ProviderRefused("provider_wrong_state")
        issuer = answer.get("iss")
        if issuer is None and self._issuer.describe().get("authorization_response_iss_parameter_supported") is True:
            raise ProviderRefused("provider_wrong_issuer")
        if issuer is not None and issuer != self.settings.issuer:
            raise ProviderRefused("provider_wrong_issuer")
        if answer.get("error") or not answer.get("code"):
            raise ProviderRefused("provider_said_no")

    def _fetch_token(self, code: str, begun: Begun, redirect_uri: str) -> Mapping[str, Any]:
        address = self._issuer.endpoint("token_endpoint")
        try:
            with self._client(redirect_uri) as client:
                token: Mapping[str, Any] = client.fetch_token(
                    address,
                    code=code,
                    grant_type="authorization_code",
                    code_verifier=begun.verifier,
                    timeout=TIMEOUT,
                    allow_redirects=False,
                )
                return token
        except OAuthError:
            raise ProviderRefused("provider_code_refused") from None
        except (requests.RequestException, OSError, ValueError):
            raise ProviderAway from None

    def _check_identity(self, token: jwt.Token, begun: Begun, given: Mapping[str, Any], now: dt.datetime) -> None:
        at, claims = int(now.timestamp()), token.claims
        if claims.get("iss") != self.settings.issuer:
            raise ProviderRefused("token_wrong_issuer")
        if self.settings.client_id not in _list(claims.get("aud")):
            raise ProviderRefused("token_wrong_audience")
        if not secrets.compare_digest(_text(claims.get("nonce")).encode(), begun.nonce.encode()):
            raise ProviderRefused("token_wrong_nonce")
        params = {"nonce": begun.nonce, "client_id": self.settings.client_id}
        params["access_token"] = given.get("access_token")
        try:
            CodeIDToken(claims, token.header, {}, params).validate(now=at, leeway=SKEW_SECONDS)
        except (JoseError, ValueError, TypeError):
            raise ProviderRefused("token_not_valid_now") from None
        if not _is_number(claims.get("iat")) or claims["iat"] > at + SKEW_SECONDS:
            raise ProviderRefused("token_not_valid_now")
        seen = claims.get("auth_time")
        if not _is_number(seen) or not at - settings.LONGEST_SESSION_SECONDS < seen <= at + SKEW_SECONDS:
            raise ProviderRefused("token_sign_in_too_old")

    def _is_strong(self, claims: Mapping[str, Any], classes: tuple[str, ...]) -> bool:
        """Whether the provider says that two factors were shown: one of these classes, and a method of the settings."""
        by_class = not classes or claims.get("acr") in classes
        by_method = not self.settings.amr or bool(set(self.settings.amr) & set(_list(claims.get("amr"))))
        return by_class and by_method

    def _subject(self, token: jwt.Token) -> str:
        subject = _text(token.claims.get(self.settings.user_claim))
        if not subject or len(subject) > 255:
            raise ProviderRefused("token_names_nobody")
        return subject

    def _logout_subject(self, claims: Mapping[str, Any]) -> str:
        """A logout token names people by `sub`; where accounts go by another claim, its session alone ends."""
        return _text(claims.get("sub")) if self.settings.user_claim == "sub" else ""

    def _read(self, token: str) -> jwt.Token:
        """Return a token whose signature is by a key of the provider; a key that is new to us is asked for once."""
        if len(token) > MOST_BYTES:
            raise ProviderRefused("token_not_signed_by_provider")
        try:
            try:
                return self._decode(token, self._issuer.keys())
            except (InvalidKeyIdError, ValueError):
                return self._decode(token, self._issuer.keys(renewed=True))
        except (JoseError, ValueError, TypeError):
            raise ProviderRefused("token_not_signed_by_provider") from None

    def _decode(self, token: str, keys: KeySet) -> jwt.Token:
        return jwt.decode(token, keys, registry=JWSRegistry(algorithms=ALGORITHMS, strict_check_header=False))

    def _client(self, redirect_uri: str) -> OAuth2Session:
        try:
            secret = self.settings.read_secret()
        except (OSError, ValueError):
            raise ProviderAway from None
        client = OAuth2Session(
            self.settings.client_id,
            secret,
            scope="openid",
            redirect_uri=redirect_uri,
            code_challenge_method="S256",
            token_endpoint_auth_method="client_secret_basic",  # noqa: S106 - a method, no secret
        )
        client.verify = self._issuer.trusted
        return client


def _is_number(value: object) -> bool:
    return isinstance(value, (int, float)) and not isinstance(value, bool)


def _text(value: object) -> str:
    return value if isinstance(value, str) else ""


def _list(value: object) -> list[str]:
    if isinstance(value, str):
        return [value]
    return [one for one in value if isinstance(one, str)] if isinstance(value, list) else []


_kept: dict[ProviderSettings, Provider] = {}


def find_provider() -> Provider | None:
    """Return the provider that the settings name, one for each process; `None` where they name none."""
    named: ProviderSettings | None = settings.SIGN_IN_PROVIDER
    if named is None:
        return None
    return _kept.setdefault(named, Provider(named))
