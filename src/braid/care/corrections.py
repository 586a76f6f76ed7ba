"""Why a fact that was written down is corrected: what stood there is kept beside what holds, with this reason.

A correction is no step of a process: it says that something was otherwise than written (UK GDPR article 16).
"""

from __future__ import annotations

from collections.abc import Mapping

from braid.language.steps import NotPossible

CORRECTIONS: Mapping[str, str] = {
    "typed_wrong": "It was typed wrongly",
    "learned_later": "It was found out later",
    "other_case": "It belongs to another case or household",
    "not_so": "It did not happen",
}
"""Why something written down is corrected."""
NOT_AT_ALL = frozenset({"not_so", "other_case"})
"""Reasons for which nothing takes the place of what was written."""


def check_reason(reason: str) -> None:
    """Raise `NotPossible` for a reason that is none of the list."""
    if reason not in CORRECTIONS:
        raise NotPossible("Choose why it is corrected")
