"""Rights of the people in the data: who may ask for what, what is told, and why something is not.

A request names its asker as a party, since the asker may be a parent or whoever harmed the person. Each line of what is
held is kept or withheld, and what is withheld has its ground. Whoever decides is not whoever lets it go: a second human
sees what will be given. Where somebody protected could be found is never told. The law is as found in November 2026,
and is not legal advice.
"""

from __future__ import annotations

from collections.abc import Collection, Iterable
from dataclasses import dataclass, field

from braid.language.steps import Machine, NotPossible
from braid.trust.subject_rights_terms import (
    ASKERS,
    BASES,
    GROUNDS,
    HARM_FINDINGS,
    MACHINES,
    PARENT,
    THIRD_PARTY_FINDINGS,
)


def machine_of(kind: str) -> Machine:
    """Return the process of a kind of request. Raises `NotPossible` for a kind that there is not."""
    if kind not in MACHINES:
        raise NotPossible("Choose what is asked")
    return MACHINES[kind]


def check_basis(kind: str, basis: str) -> None:
    """Raise `NotPossible` unless the kind of request has its ground in law, where it needs one."""
    if kind in BASES and basis not in BASES[kind]:
        raise NotPossible("Choose the ground in law")


def may_erase(state: str, has_hold: bool) -> bool:
    """Whether what is held of somebody is erased now: two humans approved it, and no hold is in force."""
    return state == "approved" and not has_hold


@dataclass(frozen=True)
class Line:
    """One line of what is held: what it is, in which words, and its class letter.

    `locked` is a ground of `LOCKED`, and the words are then gone. `hint` says what a look through the words found; a
    human decides.
    """

    label: str
    words: str = field(repr=False)
    sensitivity: str = "N"
    locked: str = ""
    hint: str = ""


@dataclass(frozen=True)
class Decision:
    """What becomes of an item: the numbers of the lines that are kept, and the ground where any is not."""

    kept: frozenset[int]
    ground: str = ""


def check_asker(subject_id: str, asker: str, asker_id: str) -> None:
    """Raise `NotPossible` unless whoever asks may be answered about the subject. `asker_id` is a person id.

    Nobody but the person, whoever has parental responsibility, and whoever acts for the person is answered. Whether it
    is so, and who it is, a human looks at: that is what the identity step is for.
    """
    if asker not in ASKERS:
        raise NotPossible("Choose who asks; nobody else has a right to be told")
    if asker == PARENT and asker_id in ("", subject_id):
        raise NotPossible("Say who asks by their person id: what is told is searched for what they must not learn")
    if asker != PARENT and asker_id not in ("", subject_id):
        raise NotPossible("What is told goes to the person themselves; leave out who else")


def party_of_asker(subject_id: str, asker: str, asker_id: str) -> str:
    """Return the person to whom what is told goes: the parent, else the person, whoever acts for them."""
    return asker_id if asker == PARENT else subject_id


def may_open_lines(sees_audit: bool, is_hidden: bool, *, is_confirmed: bool) -> bool:
    """Whether a human may see what was gathered: their role accounts for looks, nobody in it is kept from them, and
    they have just shown their second factor."""
    return sees_audit and not is_hidden and is_confirmed


def decide_lines(lines: Collection[Line], kept: Iterable[int], ground: str) -> Decision:
    """Return the decision on an item; raise `NotPossible` where it keeps what nobody may, or lacks its ground."""
    chosen = frozenset(kept)
    listed = list(lines)
    if not chosen <= set(range(len(listed))):
        raise NotPossible("Choose lines that are there. Look at the page again")
    if any(listed[number].locked for number in chosen):
        raise NotPossible("A line that says where somebody is, or that they are supported, is never told")
    left = [line for number, line in enumerate(listed) if number not in chosen]
    if not left:
        return Decision(chosen)
    if all(line.locked for line in left):
        return Decision(chosen, sorted({line.locked for line in left})[0])
    if ground not in GROUNDS:
        raise NotPossible("Choose why the rest is withheld")
    return Decision(chosen, ground)


def outcome_of(count: int, decision: Decision | None) -> str:
    """Return `undecided`, `give`, `part` or `withhold` of an item with `count` lines."""
    if decision is None:
        return "undecided"
    if len(decision.kept) == count:
        return "give"
    return "part" if decision.kept else "withhold"


def check_second(handled_by: str, second: str) -> None:
    """Raise `NotPossible` where one human would decide and let go."""
    if not second or second == handled_by:
        raise NotPossible("Whoever decided does not let it go: ask another information governance lead")


def check_findings(third_party: str, harm: str) -> None:
    """Raise `NotPossible` unless the second human says what they found of other people and of harm."""
    if third_party not in THIRD_PARTY_FINDINGS:
        raise NotPossible("Say what you found of other people in it")
    if harm not in HARM_FINDINGS:
        raise NotPossible("Say what you found of serious harm")
