"""The audit entry: who saw, changed, sent or was refused what, about whom, why, and under which rules.

An entry holds codes, ids and counts; names and values of the person looked at are never in it. Its canonical form is
what the log hashes: the version, then every column in order, each with its type and length before it, so that no two
entries share a form. A new column means a new version; older entries keep theirs.
"""

from __future__ import annotations

import datetime as dt
import hashlib
import json
import re
from collections.abc import Mapping, Sequence
from dataclasses import dataclass

KINDS = {
    "look": "Looked at",
    "refused": "Refused",
    "vault_read": "Read from the vault",
    "changed": "Changed",
    "sent": "Sent",
    "withheld": "Withheld",
    "disclosure": "Decided to share or not",
    "break_glass": "Opened in an emergency",
    "signed_in": "Signed in",
    "signed_out": "Signed out",
    "exported": "Exported",
    "overlay_set": "Protection set",
    "overlay_lifted": "Protection lifted",
    "suspended": "Agreement suspended",
    "reviewed": "Reviewed",
    "audit_read": "Read the audit log",
    "account_changed": "Account changed",
}
"""What an entry may record. An entry of another kind is refused."""
COLUMNS = (
    "id",
    "recorded_at",
    "kind",
    "username",
    "organisation",
    "role",
    "session_digest",
    "assurance",
    "purpose",
    "agreement_id",
    "agreement_version",
    "relation",
    "reference",
    "person_id",
    "item_classes",
    "decision",
    "reason",
    "row_count",
    "page",
    "channel",
    "request_id",
    "policy_hash",
    "details",
)
"""Every column of an entry, in the order of its canonical form."""
FORM = b"braid-audit-entry/1"
CHAIN_START = bytes(32)
_EPOCH = dt.datetime(1970, 1, 1, tzinfo=dt.UTC)
_SHORT = 512
_LENGTHS = [length.to_bytes(4, "big") for length in range(_SHORT)]
_MICROSECOND = dt.timedelta(microseconds=1)
_CODE = re.compile(r"[A-Za-z0-9_.:/ -]{0,100}")
_CLASSES = re.compile(r"[A-Za-z_.]{0,40}( [A-Za-z_.]{1,40}){0,40}")

Value = str | int | dt.datetime | Mapping[str, object] | None


class EntryInvalid(Exception):
    """An entry breaks the rules of the record. The message names the column and the rule, never the value."""


def check_entry(kind: str, item_classes: str, details: Mapping[str, object]) -> None:
    """Raise `EntryInvalid` unless the kind is known and classes and details hold codes and counts alone."""
    if kind not in KINDS:
        raise EntryInvalid("kind: not in the list of braid.trust.audit.KINDS; add it there first")
    if not _CLASSES.fullmatch(item_classes):
        raise EntryInvalid("item_classes: write codes of items or classes, with one space between")
    for value in (*details.keys(), *details.values()):
        if not isinstance(value, int) and not (isinstance(value, str) and is_code(value)):
            raise EntryInvalid("details: holds codes and whole numbers alone; keep values of people out of it")


def is_code(text: str) -> bool:
    """Whether a text may stand in the details of an entry."""
    return _CODE.fullmatch(text) is not None


def encode_entry(values: Sequence[Value]) -> bytes:
    """Return the canonical form of an entry, given its values in the order of `COLUMNS`."""
    if len(values) != len(COLUMNS):
        raise ValueError("an entry has a value for each column")
    parts = [FORM]
    for value in values:
        text = b"s" + value.encode() if type(value) is str else _encode(value)  # most are text: no call for those
        length = len(text)
        parts += (_LENGTHS[length] if length < _SHORT else length.to_bytes(4, "big"), text)
    return b"".join(parts)


def _encode(value: Value) -> bytes:
    if value is None:
        return b"n"
    if isinstance(value, str):
        return b"s" + value.encode()
    if isinstance(value, int):
        return b"i%d" % value
    if isinstance(value, dt.datetime):
        return b"t%d" % ((value - _EPOCH) // _MICROSECOND)
    return b"j" + json.dumps(value, sort_keys=True, separators=(",", ":")).encode()


def chain(before: bytes, leaf_hash: bytes) -> bytes:
    """Return the chain's hash after a leaf: over the hash before and the leaf."""
    return hashlib.sha256(b"\x02" + before + leaf_hash).digest()


@dataclass(frozen=True)
class Entry:
    """An entry as rules read it: who, why, whom, what came of it."""

    id: int
    recorded_at: dt.datetime
    kind: str
    username: str
    organisation: str = ""
    role: str = ""
    purpose: str = ""
    agreement_id: str = ""
    relation: str = ""
    reference: str = ""
    person_id: str = ""
    item_classes: str = ""
    decision: str = "allow"
    reason: str = "permitted"
    page: str = ""
