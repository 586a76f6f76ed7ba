"""What a write under a key came to: kept in the transaction of the write, given again to whoever sends it again.

A key is one token's. Two requests with one key wait for each other: the database holds the second until the first has
ended, and gives it what that came to. What was refused leaves nothing, and its key may be used again.
"""

import datetime as dt
import hashlib
from dataclasses import dataclass

from django.db import connection

from braid.web.models import ApiAnswer

KEPT_FOR = dt.timedelta(hours=24)
CLAIM = """
insert into braid_apianswer as kept
    (token_id, key_digest, request_digest, status, body, location, expires_at)
    values (%s, %s, %s, 0, '', '', statement_timestamp() + %s)
on conflict (token_id, key_digest) do update
    set request_digest = excluded.request_digest, status = 0, body = '', location = '',
        created_at = statement_timestamp(), expires_at = excluded.expires_at
    where kept.expires_at <= statement_timestamp()
returning id
"""


class OtherRequest(Exception):
    """The key was used for something else."""


@dataclass(frozen=True)
class Claim:
    """A key that is ours for this transaction (`answer` is `None`), or what was answered under it before."""

    digest: str
    answer: ApiAnswer | None


def digest_key(key: str) -> str:
    """Return what is kept of a key: whoever chose it may have put a value into it."""
    return hashlib.sha256(b"braid key " + key.encode()).hexdigest()


def digest_request(method: str, path: str, purpose: str, body: bytes) -> str:
    """Return what tells two requests apart."""
    parts = (method.encode(), path.encode(), purpose.encode(), body)
    return hashlib.sha256(b"".join(len(part).to_bytes(8, "big") + part for part in parts)).hexdigest()


def claim_key(token_id: int, key: str, request_digest: str) -> Claim:
    """Claim a key for this transaction, or return what it came to before. Raises `OtherRequest`.

    Inside `asking_as` by the token.
    """
    digest = digest_key(key)
    with connection.cursor() as cursor:
        cursor.execute(CLAIM, [token_id, digest, request_digest, KEPT_FOR])
        if cursor.fetchone() is not None:
            return Claim(digest, None)
    kept = ApiAnswer.objects.get(token=token_id, key_digest=digest)
    if kept.request_digest != request_digest:
        raise OtherRequest
    return Claim(digest, kept)


def keep_answer(token_id: int, claim: Claim, status: int, body: str, location: str) -> None:
    """Write down what a write came to, in its transaction."""
    kept = ApiAnswer.objects.filter(token=token_id, key_digest=claim.digest)
    kept.update(status=status, body=body, location=location)


def forget_answers() -> int:
    """Delete what is over, as the owner of the tables; return how many."""
    with connection.cursor() as cursor:
        cursor.execute("delete from braid_apianswer where expires_at <= statement_timestamp()")
        return cursor.rowcount
