"""Cursors: where a list goes on, as a text that says nothing and that nobody but us can write.

Sealed with AES-SIV (RFC 5297): the same place of the same list is the same text each time, so that an answer has one
tag, and one for another list, caller, purpose or filter does not open. It holds the place of the last one shown, which
the caller has seen; of anybody else it knows nothing, and no list says how many there are.
"""

import base64
import hashlib
import hmac
import json
from collections.abc import Callable, Sequence
from typing import Any

from cryptography.exceptions import InvalidTag
from cryptography.hazmat.primitives.ciphers.aead import AESSIV
from django.conf import settings
from django.http import HttpRequest
from ninja.errors import ValidationError

MOST, USUAL = 100, 25
PAD_TO = 96
LONGEST = 400


def _key() -> bytes:
    return hmac.new(settings.SECRET_KEY.encode(), b"braid api cursors", hashlib.sha512).digest()


class Cursors:
    """The cursors of one list, as one caller asks for it."""

    def __init__(self, request: HttpRequest, name: str, purpose: str = "", **narrowed: object) -> None:
        """Bind to the list's name, the caller, the purpose and what narrows or orders the list."""
        bound = [name, request.caller.user.username, purpose, narrowed]
        self._bound = json.dumps(bound, sort_keys=True, default=str).encode()

    def seal(self, place: Sequence[object]) -> str:
        """Return a place of the list, as text of one length for all but very long places."""
        said = json.dumps(list(place), default=str).encode()
        padded = said.ljust(-(-len(said) // PAD_TO) * PAD_TO)
        return base64.urlsafe_b64encode(AESSIV(_key()).encrypt(padded, [self._bound])).decode().rstrip("=")

    def open(self, text: str) -> list[Any] | None:
        """Return the place that a cursor names; `None` for the beginning. Raises `ValidationError` for what is none."""
        if not text:
            return None
        try:
            if len(text) > LONGEST or not text.isascii():
                raise ValueError
            sealed = base64.urlsafe_b64decode(text + "=" * (-len(text) % 4))
            place: list[Any] = json.loads(AESSIV(_key()).decrypt(sealed, [self._bound]))
        except (InvalidTag, ValueError):
            raise ValidationError([{"loc": ["cursor"]}]) from None
        return place

    def cut(
        self, rows: Sequence[Any], limit: int, place_of: Callable[[Any], Sequence[object]]
    ) -> tuple[list[Any], str | None]:
        """Return at most `limit` of rows, of which one more was read where there is one, and the cursor after them."""
        shown = list(rows[:limit])
        return shown, self.seal(place_of(shown[-1])) if len(rows) > limit else None
