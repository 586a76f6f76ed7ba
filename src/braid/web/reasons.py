"""Why somebody looks at people: a purpose of their role and the reference of a case, an incident or a meeting."""

import re
import time

from django.conf import settings
from django.contrib.sessions.backends.base import SessionBase

from braid.trust.roles import PURPOSES, Role

REFERENCE = re.compile(r"(?=.*[0-9])[A-Z0-9][A-Z0-9/-]{2,29}")
REFERENCE_HELP = "3 to 30 letters, digits, hyphens and slashes, with at least one digit, for example MTG-2026-041"
_KEY = "reason"


def find_fault(role: Role, purpose: str, reference: str) -> str | None:
    """Return what is wrong with a reason, in words; `None` where the role may look for it."""
    if purpose not in PURPOSES or purpose not in role.purposes:
        return "Choose a purpose of your role"
    if not REFERENCE.fullmatch(reference):
        return f"Enter the reference of a case, an incident or a meeting: {REFERENCE_HELP}"
    return None


def tidy_reference(text: str) -> str:
    """Return a reference as it is kept: upper case, without spaces."""
    return "".join(text.split()).upper()


def keep_reason(session: SessionBase, purpose: str, reference: str) -> None:
    """Keep a checked reason in the session for `REASON_SECONDS`."""
    session[_KEY] = {"purpose": purpose, "reference": reference, "at": int(time.time())}


def kept_reason(session: SessionBase) -> tuple[str, str] | None:
    """Return purpose and reference as given last, whether or not they still hold."""
    kept = session.get(_KEY)
    return (kept["purpose"], kept["reference"]) if kept else None


def find_reason(session: SessionBase, role: Role) -> tuple[str, str] | None:
    """Return purpose and reference given within `REASON_SECONDS` and still permitted to the role; else `None`."""
    kept = session.get(_KEY)
    if not kept or time.time() - kept["at"] > settings.REASON_SECONDS:
        return None
    if find_fault(role, kept["purpose"], kept["reference"]):
        return None
    return kept["purpose"], kept["reference"]
