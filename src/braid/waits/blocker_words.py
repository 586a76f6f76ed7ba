"""The words of a blocker: why a wait is held up, what in the extracts shows it, and whose move it is.

No name and no identifier of a person enters the words; days and the partner's extract date do.
"""

from __future__ import annotations

import datetime as dt
from collections.abc import Sequence
from typing import Any

import pyarrow as pa

from braid.language.clock_words import day_in_words
from braid.language.codes import CAUSE_GROUPS, WAIT_KINDS
from braid.waits.rules import AdjournedHearing, BlockerRule, HolderWait, MissingEvidence, NoFutureHearing, Words

KEY = ("rule", "holder_kind", "is_other", "day", "seen", "item")
"""What the words of a blocker rest on: the number of its rule, the kind of its holder, whether that is another
person's, the day the evidence speaks of, the day it was seen, and the readiness item, empty where none is recorded."""

_NUMBER, _YES_NO, _TEXT, _DAY = pa.int32(), pa.bool_(), pa.string(), pa.date32()
_SCHEMA = pa.schema(
    [
        *zip(KEY, (_NUMBER, _TEXT, _YES_NO, _DAY, _DAY, _TEXT), strict=True),
        *((name, _TEXT) for name in ("problem", "purpose", "rule_id", "reason", "evidence", "readiness_item")),
        *((name, _TEXT) for name in ("owner_organisation", "owner_role", "next_action")),
    ]
)


def words_table(rules: Sequence[BlockerRule], keys: Sequence[dict[str, Any]]) -> pa.Table:
    """Return a row of words for each of `keys`, which have the columns of `KEY`; rules go by their place in `rules`."""
    return pa.Table.from_pylist([{**key, **_words(rules[key["rule"]], key)} for key in keys], schema=_SCHEMA)


def _words(rule: BlockerRule, key: dict[str, Any]) -> dict[str, str | None]:
    words, reason, evidence = _said(rule, key)
    return {
        "problem": rule.problem,
        "purpose": rule.purpose or rule.problem,
        "rule_id": rule.rule_id,
        "readiness_item": _item(rule, key),
        "reason": reason,
        "evidence": evidence,
        "owner_organisation": words.owner_organisation,
        "owner_role": words.owner_role,
        "next_action": words.next_action,
    }


def extract_in_words(day: dt.date) -> str:
    """Return how the evidence names the extract of a day, once: a nightly delta puts another day there."""
    return f"extract of {day_in_words(day)}"


def _said(rule: BlockerRule, key: dict[str, Any]) -> tuple[Words, str, str]:
    """Return the words that the rule gives, the reason and the evidence."""
    form, day, seen = rule.form, day_in_words(key["day"]), extract_in_words(key["seen"])
    if isinstance(form, HolderWait):
        kind = WAIT_KINDS[key["holder_kind"]].name
        whose = "A respondent in the same case: " if key["is_other"] else ""
        reason = form.words.reason.replace("{holder}", kind.lower())
        return form.words, reason, f"{whose}{kind}, waiting since {day} ({seen})."
    if isinstance(form, MissingEvidence):
        what = form.evidence.replace("_", " ")
        evidence = f"No {what} by {day}, the last day inside the limit ({seen})."
        return form.words, form.words.reason, evidence
    if isinstance(form, NoFutureHearing):
        evidence = f"The court's {seen} lists no sitting day still to come in the case."
        return form.words, form.words.reason, evidence
    item, cause = _item(rule, key), key["holder_kind"]
    words = form.words_by_item[item] if item else form.words_by_cause[cause]
    recorded = CAUSE_GROUPS[cause].lower() + (f", code {item.partition(':')[2]}" if item else "")
    cleared = f" It is cleared by {words.cleared_by}." if words.cleared_by else ""
    evidence = (
        f"The hearing of {day} did not go ahead; cause recorded: {recorded}. None has been completed since.{cleared}"
    )
    return words, words.reason, evidence


def _item(rule: BlockerRule, key: dict[str, Any]) -> str | None:
    """Return the readiness item where the rule has words for it."""
    known = rule.form.words_by_item if isinstance(rule.form, AdjournedHearing) else {}
    return key["item"] if key["item"] in known else None
