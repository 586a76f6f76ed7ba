"""Reading the blocker rules of a problem file: four forms, each with its own keys."""

from __future__ import annotations

from collections.abc import Callable

from braid.language.codes import CAUSE_GROUPS, WAIT_KINDS
from braid.problems.fields import Fields
from braid.problems.model import ORGANISATION_KINDS
from braid.waits.blockers import BLAMELESS
from braid.waits.rules import (
    AdjournedHearing,
    BlockerRule,
    Form,
    HolderWait,
    MissingEvidence,
    NoFutureHearing,
    Standing,
    Whose,
    Words,
)

_RULE_KEYS = ("id", "held", "held_as", "held_by")
_WORD_KEYS = ("reason", "owner_organisation", "owner_role", "next_action")
_PREVENTABLE = tuple(group for group in CAUSE_GROUPS if group not in BLAMELESS)


def load_rule(fields: Fields, problem: str) -> BlockerRule:
    """Return the blocker rule that `fields` describe. Raises `ProblemInvalid`."""
    named = Fields(fields.file, f"rule {fields.text('id')!r}", fields.values)
    read_form, keys = _FORMS[named.code("held_by", _FORMS)]
    named.check_known((*_RULE_KEYS, *keys))
    held = named.code("held", WAIT_KINDS)
    held_standing = _standing(named, "held_as", (held,))
    if read_form is _no_future_hearing and held != "crown_trial":
        raise named.refuse("only crown_trial can be held by 'no_future_hearing'", "choose another form")
    return BlockerRule(named.text("id"), problem, held, held_standing, read_form(named))


def _words(fields: Fields) -> Words:
    words = Words(
        reason=fields.text("reason"),
        owner_organisation=fields.code("owner_organisation", ORGANISATION_KINDS),
        owner_role=fields.text("owner_role"),
        next_action=fields.text("next_action"),
    )
    if "{" in words.reason.replace("{holder}", ""):
        raise fields.refuse("'reason' may hold no placeholder but {holder}", "write the words out")
    return words


def _holder_wait(fields: Fields) -> Form:
    kinds = fields.codes("holders", WAIT_KINDS)
    standing = _standing(fields, "holder_as", kinds)
    whose = Whose(fields.code("whose", [member.value for member in Whose]))
    if whose is Whose.RESPONDENT and "crown_trial" in kinds and standing is not Standing.DEFENDANT:
        raise fields.refuse(
            "a respondent's crown_trial may hold a case only as defendant: a victim's must stay unseen",
            'write holder_as = "defendant"',
        )
    return HolderWait(kinds, whose, standing, _words(fields))


def _standing(fields: Fields, key: str, kinds: tuple[str, ...]) -> Standing | None:
    if key not in fields.values:
        return None
    if kinds != ("crown_trial",):
        raise fields.refuse(f"{key!r} is only for crown_trial", f"leave {key} out")
    return Standing(fields.code(key, [member.value for member in Standing]))


def _missing_evidence(fields: Fields) -> Form:
    evidence = fields.text("evidence")
    if not evidence.replace("_", "").isalpha():
        raise fields.refuse("'evidence' must be a plain word with underscores", 'write evidence = "outcome_letter"')
    return MissingEvidence(evidence, _words(fields))


def _adjourned_hearing(fields: Fields) -> Form:
    causes = fields.table("cause").values
    unknown = sorted(set(causes) - set(_PREVENTABLE))
    if unknown or not causes:
        raise fields.refuse(
            f"cause {unknown[0] if unknown else ''!r} is not one that somebody could have prevented",
            f"use {', '.join(_PREVENTABLE)}",
        )
    words = {}
    for cause in causes:
        table = Fields(fields.file, f"{fields.place} cause {cause}", causes).table(cause)
        table.check_known(_WORD_KEYS)
        words[cause] = _words(table)
    return AdjournedHearing(words)


def _no_future_hearing(fields: Fields) -> Form:
    return NoFutureHearing(_words(fields))


_FORMS: dict[str, tuple[Callable[[Fields], Form], tuple[str, ...]]] = {
    "wait": (_holder_wait, ("holders", "whose", "holder_as", *_WORD_KEYS)),
    "missing_evidence": (_missing_evidence, ("evidence", *_WORD_KEYS)),
    "adjourned_hearing": (_adjourned_hearing, ("cause",)),
    "no_future_hearing": (_no_future_hearing, _WORD_KEYS),
}
