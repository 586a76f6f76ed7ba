"""Blocker rules as nouns: four forms, each with the words a person is shown. Places write them as data."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field
from enum import StrEnum


class Whose(StrEnum):
    """Whose wait may hold another up."""

    SAME_PERSON = "same_person"
    RESPONDENT = "respondent_of_same_case"


class Standing(StrEnum):
    """In which capacity a person waits for a criminal trial."""

    VICTIM = "victim"
    DEFENDANT = "defendant"


@dataclass(frozen=True)
class Words:
    """What people are told, and whose move it is. `{holder}` in the reason stands for the queue that holds.

    `cleared_by` names the evidence that would show the move made; empty where the reason says it.
    """

    reason: str
    owner_organisation: str
    owner_role: str
    next_action: str
    cleared_by: str = ""


@dataclass(frozen=True)
class HolderWait:
    """Held by another running wait of one of `kinds`, of the same person or of a respondent in the same family case."""

    kinds: tuple[str, ...]
    whose: Whose
    standing: Standing | None
    """In which capacity the holder waits for trial; only for `crown_trial`."""
    words: Words


@dataclass(frozen=True)
class MissingEvidence:
    """Held for want of a document: the wait runs past its limit without it."""

    evidence: str
    words: Words


@dataclass(frozen=True)
class AdjournedHearing:
    """Held because the case's latest hearing did not go ahead; words by cause group, and only for groups named.

    `words_by_item` are the words of readiness items (`system:code`), which say more than their group's.
    """

    words_by_cause: Mapping[str, Words]
    words_by_item: Mapping[str, Words] = field(default_factory=dict)


@dataclass(frozen=True)
class NoFutureHearing:
    """Held because no sitting day is listed for the case."""

    words: Words


Form = HolderWait | MissingEvidence | AdjournedHearing | NoFutureHearing


@dataclass(frozen=True)
class BlockerRule:
    """A rule of one problem statement: which running wait is held up, and by what."""

    rule_id: str
    problem: str
    held: str
    """Kind of the wait that is held up."""
    held_standing: Standing | None
    """In which capacity the held person waits for trial; only for `crown_trial`."""
    form: Form
    purpose: str = ""
    """The purpose under which what it finds may be looked at; empty where that is its problem's own name."""
