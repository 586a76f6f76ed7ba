"""Decisions to share something about a person with a partner, or not to: with the legal gateway, and why.

What is shared needs a gateway that the agreement in force names, and a reason why it is necessary. What is withheld
needs a reason too. Where the gateway is the duty of section 16LA (Children Act 2004), the one test for sharing is that
it may help the receiver to safeguard a child or promote their welfare, and the one ground for withholding is that
sharing would be more detrimental to the child; what came of weighing that is written down for both. No words are kept:
codes, and a reference that somebody else can check. The law is as found in November 2026 and is not legal advice.
"""

from __future__ import annotations

import datetime as dt
from collections.abc import Collection
from dataclasses import dataclass

from braid.language.schema import Sensitivity
from braid.trust.agreement_terms import GATEWAYS, Term

SHARED, WITHHELD = "shared", "withheld"
OUTCOMES = {SHARED: "Shared", WITHHELD: "Not shared"}
DUTIES = frozenset({"children_act_2004_s16la"})
"""Gateways that are a duty to share, unless that would be more detrimental to the child."""
_DUTY = GATEWAYS["children_act_2004_s16la"].law
WELFARE = "welfare_of_a_child"


def _by_code(*terms: Term) -> dict[str, Term]:
    return {term.code: term for term in terms}


NECESSITIES = _by_code(
    Term(WELFARE, "It may help the receiver to safeguard a child or promote their welfare", _DUTY),
    Term(
        "serious_harm",
        "Somebody is at risk of serious harm without it",
        "Data Protection Act 2018 Schedule 1 paragraph 18",
    ),
    Term("service_needed", "The receiver cannot give the person their service without it", "UK GDPR article 6(1)(e)"),
    Term("law_requires", "A law or an order of a court requires it", "UK GDPR article 6(1)(c)"),
    Term("prevents_crime", "It prevents or detects a crime", "Crime and Disorder Act 1998 section 115"),
    Term("joint_decision", "A joint meeting cannot decide without it", "Children Act 2004 section 10"),
)
"""Why something is shared."""
WEIGHINGS = _by_code(
    Term("no_detriment", "No detriment to the child was found", _DUTY),
    Term("less_than_the_need", "The detriment is less than that of not sharing", _DUTY),
)
"""What came of weighing the detriment to the child, where it is shared."""
DETRIMENTS = _by_code(
    Term("child_in_danger", "More detrimental to the child: it would put them in danger", _DUTY),
    Term("place_could_be_found", "More detrimental to the child: a safe place could be found", _DUTY),
    Term("child_turns_away", "More detrimental to the child: they would turn away from help", _DUTY),
    Term("proceedings_harmed", "More detrimental to the child: proceedings for them would be harmed", _DUTY),
)
"""Why something is not shared although there is a duty to share it."""
REFUSALS = _by_code(
    Term("no_gateway", "No law permits it", "UK GDPR article 6"),
    Term("not_necessary", "The receiver does not need it", "UK GDPR article 5(1)(c)"),
    Term("consent_not_given", "The law needs consent, and it was not given", "Housing Act 1996 sections 213A and 213B"),
    Term("of_another_person", "It is about somebody else", "UK GDPR article 5(1)(c)"),
    Term("harm_to_an_adult", "It would put an adult in danger", "Human Rights Act 1998 section 6"),
    Term("court_forbids", "An order of a court forbids it", "Administration of Justice Act 1960 section 12"),
    Term("privileged", "It was said in confidence to a lawyer", "Legal professional privilege"),
)
"""Why something is not shared where there is no duty to."""
LEGAL_REASONS = {**NECESSITIES, **REFUSALS}
WEIGHED = {**WEIGHINGS, **DETRIMENTS}


class DecisionInvalid(Exception):
    """A decision that does not justify itself. The message says the rule and the next step, and names no person."""


@dataclass(frozen=True)
class ShareDecision:
    """A decision of one human about one person and one receiver.

    `reason` is a code of `NECESSITIES` where it is shared, of `REFUSALS` where not. `detriment` is a code of
    `WEIGHINGS` where it is shared, of `DETRIMENTS` where not; empty where no detriment to a child was weighed.
    `gateway` is a code of `braid.trust.agreement_terms.GATEWAYS`, and may be empty where it is withheld. `at` is empty
    until it is kept.
    """

    outcome: str
    gateway: str
    reason: str
    detriment: str
    decider: str
    reference: str
    person_id: str
    receiver: str
    item_classes: frozenset[Sensitivity]
    at: dt.datetime | None = None


def check_decision(decision: ShareDecision, gateways: Collection[str]) -> None:
    """Raise `DecisionInvalid` unless the decision justifies itself.

    `gateways` are those that the agreements in force for the purpose name for the receiver.
    """
    if decision.outcome not in OUTCOMES:
        raise DecisionInvalid("Say whether it is shared or not")
    for value, missing in (
        (decision.decider, "A named human decides; sign in"),
        (decision.reference, "A decision has a reference that can be checked; give one"),
        (decision.person_id, "A decision is about a person; name one"),
        (decision.receiver, "Choose for whom it is decided"),
        (decision.item_classes, "Say what it holds"),
    ):
        if not value:
            raise DecisionInvalid(missing)
    if decision.outcome == SHARED:
        _check_shared(decision, gateways)
    else:
        _check_withheld(decision, gateways)


def _check_shared(decision: ShareDecision, gateways: Collection[str]) -> None:
    if decision.gateway not in GATEWAYS or decision.gateway not in gateways:
        raise DecisionInvalid("Choose a law that an agreement in force names for everybody who receives it")
    if decision.reason not in NECESSITIES:
        raise DecisionInvalid("Choose why it is necessary")
    if decision.detriment and decision.detriment not in WEIGHINGS:
        raise DecisionInvalid("Choose what came of weighing the detriment to the child, or do not share it")
    if decision.gateway in DUTIES and decision.reason != WELFARE:
        raise DecisionInvalid(f"{_DUTY} is about the welfare of a child alone; choose that, or another law")
    if decision.gateway in DUTIES and not decision.detriment:
        raise DecisionInvalid(f"Under {_DUTY} say what came of weighing the detriment to the child")


def _check_withheld(decision: ShareDecision, gateways: Collection[str]) -> None:
    if decision.gateway and (decision.gateway not in GATEWAYS or decision.gateway not in gateways):
        raise DecisionInvalid("Choose a law that an agreement in force names for the receiver, or none")
    if decision.gateway in DUTIES and decision.detriment not in DETRIMENTS:
        raise DecisionInvalid(f"{_DUTY} is a duty: choose what would be more detrimental to the child, or share it")
    if decision.detriment and decision.detriment not in DETRIMENTS:
        raise DecisionInvalid("Choose what would be more detrimental to the child")
    if decision.reason and decision.reason not in REFUSALS:
        raise DecisionInvalid("Choose why it is not shared")
    if not decision.reason and not decision.detriment:
        raise DecisionInvalid("Choose why it is not shared")
