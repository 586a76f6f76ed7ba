"""What an identity provider says of itself: its description and keys, asked for when needed and kept for a while."""

from __future__ import annotations

import threading
import time
from typing import Any

import requests
from joserfc.errors import JoseError
from joserfc.jwk import KeySet

from braid.web.sign_in.provider_settings import ProviderSettings, is_safe_address

TIMEOUT = (3.05, 5)
"""Seconds to connect and to answer."""
KEPT_SECONDS = 15 * 60
"""How long a provider's description and keys are used before they are asked for again."""
KEYS_AGAIN_SECONDS = 30
"""How soon keys may be asked for again because of one that nobody knows: else anybody could make us ask."""
MOST_BYTES = 200_000


class ProviderAway(Exception):
    """The identity provider does not answer, or not as one."""


class Issuer:
    """The provider as its own description has it, for one process."""

    def __init__(self, provider_settings: ProviderSettings) -> None:
        self.settings = provider_settings
        self._lock = threading.Lock()
        self._description: tuple[float, dict[str, Any]] | None = None
        self._keys: tuple[float, KeySet] | None = None

    @property
    def trusted(self) -> str | bool:
        """Whose certificates are taken: of the file that the settings name, else those of the machine."""
        return self.settings.ca_file or True

    def keys(self, *, renewed: bool = False) -> KeySet:
        """Return the keys by which it signs; `renewed` where one came that is not among them. Raises `ProviderAway`."""
        with self._lock:
            now = time.monotonic()
            age = now - self._keys[0] if self._keys else KEPT_SECONDS
            if self._keys is None or age >= (KEYS_AGAIN_SECONDS if renewed else KEPT_SECONDS):
                try:
                    self._keys = now, KeySet.import_key_set(self._get(self.endpoint("jwks_uri")))
                except (JoseError, ValueError, TypeError, KeyError):
                    raise ProviderAway from None
            return self._keys[1]

    def endpoint(self, name: str) -> str:
        """Return an address of its description, which is one over TLS. Raises `ProviderAway`."""
        address = self.describe().get(name)
        if not isinstance(address, str) or not is_safe_address(address.partition("?")[0]):
            raise ProviderAway
        return address

    def describe(self) -> dict[str, Any]:
        """Return the provider's description, which must be of exactly the issuer that the settings name."""
        now = time.monotonic()
        if self._description is None or now - self._description[0] >= KEPT_SECONDS:
            found = self._get(f"{self.settings.issuer.rstrip('/')}/.well-known/openid-configuration")
            if found.get("issuer") != self.settings.issuer:
                raise ProviderAway
            self._description = now, found
        return self._description[1]

    def _get(self, address: str) -> dict[str, Any]:
        try:
            answer = requests.get(address, timeout=TIMEOUT, allow_redirects=False, verify=self.trusted)
            answer.raise_for_status()
            found = answer.json() if answer.status_code == 200 and len(answer.content) <= MOST_BYTES else None
        except (requests.RequestException, OSError, ValueError):
            raise ProviderAway from None
        if not isinstance(found, dict):
            raise ProviderAway
        return found
