"""Reading the blocker rules of a problem file: four forms, each with its own keys."""

from __future__ import annotations

from collections.abc import Callable, Mapping

from braid.language.codes import CAUSE_GROUPS, ORGANISATION_KINDS, WAIT_KINDS
from braid.language.readiness import READINESS_ITEMS, SYSTEM, ReadinessItem
from braid.language.rule_files import Fields
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

RULE_KEYS = ("id", "held", "held_as", "held_by")
WORD_KEYS = ("reason", "owner_organisation", "owner_role", "next_action")
CLEARED_BY = "cleared_by"
PREVENTABLE = tuple(group for group in CAUSE_GROUPS if group not in BLAMELESS)
LONGEST_ID, LONGEST_EVIDENCE, LONGEST_ROLE = 100, 60, 200
"""Characters that a finding has room for."""


def load_rule(fields: Fields, problem: str, purpose: str) -> BlockerRule | None:
    """Return the blocker rule that `fields` describe; `None` where its form is not known, with a fault left."""
    rule_id = fields.name("id", LONGEST_ID)
    named = fields.named(f"rule {rule_id!r}") if rule_id else fields
    held_by = named.code("held_by", FORMS)
    held = named.code("held", WAIT_KINDS)
    if not held_by or not held:
        return None
    read_form, keys = FORMS[held_by]
    named.check_known((*RULE_KEYS, *keys))
    held_standing = _standing(named, "held_as", (held,))
    if read_form is _no_future_hearing and held != "crown_trial":
        named.refuse("only crown_trial can be held by 'no_future_hearing'", "choose another form")
    return BlockerRule(rule_id, problem, held, held_standing, read_form(named), purpose)


def _words(fields: Fields) -> Words:
    words = Words(
        reason=fields.text("reason"),
        owner_organisation=fields.code("owner_organisation", ORGANISATION_KINDS),
        owner_role=fields.text("owner_role", LONGEST_ROLE),
        next_action=fields.text("next_action"),
    )
    if "{" in words.reason.replace("{holder}", ""):
        fields.refuse("'reason' may hold no placeholder but {holder}", "write the words out")
    return words


def _holder_wait(fields: Fields) -> Form:
    kinds = fields.codes("holders", WAIT_KINDS)
    standing = _standing(fields, "holder_as", kinds)
    code = fields.code("whose", [member.value for member in Whose])
    whose = Whose(code) if code else Whose.SAME_PERSON
    if whose is Whose.RESPONDENT and "crown_trial" in kinds and standing is not Standing.DEFENDANT:
        fields.refuse(
            "a respondent's crown_trial may hold a case only as defendant: a victim's must stay unseen",
            'write holder_as = "defendant"',
        )
    return HolderWait(kinds, whose, standing, _words(fields))


def _standing(fields: Fields, key: str, kinds: tuple[str, ...]) -> Standing | None:
    if not fields.has(key):
        return None
    if kinds != ("crown_trial",):
        fields.refuse(f"{key!r} is only for crown_trial", f"leave {key} out")
        return None
    code = fields.code(key, [member.value for member in Standing])
    return Standing(code) if code else None


def _missing_evidence(fields: Fields) -> Form:
    return MissingEvidence(fields.name("evidence", LONGEST_EVIDENCE), _words(fields))


def _adjourned_hearing(fields: Fields) -> Form:
    causes = fields.table("cause").values
    for cause in sorted(set(causes) - set(PREVENTABLE)):
        fields.refuse(f"cause {cause!r} is not one that somebody could have prevented", f"use {', '.join(PREVENTABLE)}")
    if not causes:
        fields.refuse("the rule names no cause, so it would find nothing", "begin one with [rule.cause.expert]")
    words = {}
    for cause in (cause for cause in causes if cause in PREVENTABLE):
        table = fields.named(f"{fields.place} cause {cause}", causes).table(cause)
        table = table.named(f"{fields.place} cause {cause}")
        table.check_known(WORD_KEYS)
        words[cause] = _words(table)
    items = {
        code: _item_words(item, words[item.group]) for code, item in READINESS_ITEMS.items() if item.group in words
    }
    return AdjournedHearing(words, items | _own_items(fields, words))


def _item_words(item: ReadinessItem, group: Words) -> Words:
    """Return the words of a readiness item: the group's reason, made exact, and the item's own owner and action."""
    reason = f"{group.reason.rstrip('.')}: {item.words}."
    return Words(reason, item.organisation, item.role, item.next_action, item.cleared_by)


def _own_items(fields: Fields, causes: Mapping[str, Words]) -> dict[str, Words]:
    """Return the words that the place itself gives to readiness items, by `[rule.item.CODE]`."""
    if not fields.has("item"):
        return {}
    written = fields.table("item").values
    known = {item.reason: code for code, item in READINESS_ITEMS.items() if item.group in causes}
    found = {}
    for reason in written:
        place = f"{fields.place} item {reason}"
        if reason not in known:
            fields.refuse(
                f"item {reason!r} is no {SYSTEM} code of a cause that the rule names", f"use {', '.join(sorted(known))}"
            )
            continue
        table = fields.named(place, written).table(reason).named(place)
        table.check_known((*WORD_KEYS, CLEARED_BY))
        words = _words(table)
        cleared_by = table.text(CLEARED_BY) if table.has(CLEARED_BY) else READINESS_ITEMS[known[reason]].cleared_by
        found[known[reason]] = Words(
            words.reason, words.owner_organisation, words.owner_role, words.next_action, cleared_by.rstrip(".")
        )
    return found


def _no_future_hearing(fields: Fields) -> Form:
    return NoFutureHearing(_words(fields))


FORMS: dict[str, tuple[Callable[[Fields], Form], tuple[str, ...]]] = {
    "wait": (_holder_wait, ("holders", "whose", "holder_as", *WORD_KEYS)),
    "missing_evidence": (_missing_evidence, ("evidence", *WORD_KEYS)),
    "adjourned_hearing": (_adjourned_hearing, ("cause", "item")),
    "no_future_hearing": (_no_future_hearing, WORD_KEYS),
}
"""How a rule of each form is read, and the keys that it has besides those of every rule."""
