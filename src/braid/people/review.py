"""A decision on two records as a human takes it: one proposes, another approves, each by a row of its own."""

from __future__ import annotations

import datetime as dt
from collections.abc import Container, Iterable, Mapping

from braid.people.decisions import DIFFERENT, SAME, Decision, fold_name

Key = tuple[str, str]
"""A feed and the partner's own key in it."""


class NotDecidable(Exception):
    """A decision that cannot be written: says the rule and the next step, and never a person's value."""


def propose_row(left: Key, right: Key, *, is_same: bool, by: str, day: dt.date, reference: str) -> dict[str, str]:
    """Return the row by which the first human decides. Raises `NotDecidable`."""
    if left == right:
        raise NotDecidable("one record was named twice; name two")
    return _row(left, right, SAME if is_same else DIFFERENT, _name(by), "", day, reference)


def approve_row(
    left: Key,
    right: Key,
    decisions: Iterable[Decision],
    *,
    approver: str,
    deciders: Container[str],
    day: dt.date,
) -> dict[str, str]:
    """Return the row by which a second human approves what the last of `decisions` on the two records says.

    `deciders` are the user names of those who may decide. Raises `NotDecidable` where nobody has decided yet, where
    two people have already, where one human is both, or where who decided first is none of `deciders`.
    """
    on_pair = [item for item in decisions if {item.left, item.right} == {left, right}]
    if not on_pair:
        raise NotDecidable("nobody has decided on these two records yet; decide with --decision first")
    last = max(on_pair, key=lambda item: (item.decided_date, item.line))
    if last.has_two_people:
        raise NotDecidable(
            "two people stand behind the last decision already; decide anew with --decision to change it"
        )
    if fold_name(last.decided_by) == fold_name(approver):
        raise NotDecidable("whoever decided cannot approve; ask another person")
    if last.decided_by not in deciders:
        raise NotDecidable(
            "whoever decided has no open account that may decide on links; decide anew with --decision, and let another"
            " approve that"
        )
    day = max(day, last.decided_date)
    return _row(left, right, SAME if last.is_same else DIFFERENT, last.decided_by, _name(approver), day, last.reference)


def _row(
    left: Key, right: Key, decision: str, decided_by: str, approved_by: str, day: dt.date, reference: str
) -> dict[str, str]:
    return {
        "feed_a": left[0],
        "partner_record_id_a": left[1],
        "feed_b": right[0],
        "partner_record_id_b": right[1],
        "decision": decision,
        "decided_by": decided_by,
        "approved_by": approved_by,
        "decided_date": day.isoformat(),
        "reference": _words(reference),
    }


def _words(text: str) -> str:
    """Return a text on one line. Raises `NotDecidable` where a spreadsheet would take it for a formula."""
    words = " ".join(text.split())
    if words.startswith(("=", "+", "-", "@")):
        raise NotDecidable("names and references begin with a letter or a digit; write it so")
    return words


def _name(text: str) -> str:
    name = _words(text)
    if not name:
        raise NotDecidable("a decision has the name of a person behind it; give one")
    return name


def find_key(keys: Mapping[str, Key], record_id: str) -> Key:
    """Return the feed and key of a record of the run. Raises `NotDecidable`."""
    if record_id not in keys:
        raise NotDecidable("the visible run has no such record; take both from `braid link proposals`")
    return keys[record_id]
