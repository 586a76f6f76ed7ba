"""The life of a service to one person, as rules: who may take which step, and what each needs.

It hangs on a referral. The provider's team works, the referrer approves and confirms, and a third human, the lead of
the referrer's team, decides what the two do not agree on and verifies what chance drew.
"""

from __future__ import annotations

import datetime as dt
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, replace

from braid.care.model import Acting
from braid.language.steps import NotPossible
from braid.place.commissions.states import ATTENDANCES, ATTENDED, ENDED_EARLY, EPISODE, MOVED, NO_SESSION, SCORE, SCORES

LONGEST_WORDS = 2000
BY_PROVIDER = frozenset(code for code, step in EPISODE.steps.items() if step.by == "the provider")
BY_REFERRER = frozenset(code for code, step in EPISODE.steps.items() if step.by == "the referrer")
SCORE_BY_PROVIDER = frozenset({"say_again", "dispute"})
SCORE_BY_REFERRER = frozenset({"confirm", "question"})
SCORE_BY_THIRD = frozenset({"uphold", "dismiss", "verify", "overturn"})
OVER = ("concluded", "ended_early", "reported")
PROVIDER, REFERRER, THIRD = "provider", "referrer", "third"


@dataclass(frozen=True)
class Served:
    """One person's service as rules know it, with what its referral says of who sent and who was asked.

    `referrer_teams` are the teams of whoever sent it. `referral_state` is a state of the referral's own process.
    """

    team: str
    sent_by: str
    sent_from: str
    referrer_teams: frozenset[str]
    referral_state: str
    state: str = EPISODE.first
    eligible_by: str = ""
    ended_because: str = ""


def parts_of(by: Acting, served: Served) -> frozenset[str]:
    """Return as what somebody acts on a service: nobody is on two sides of one."""
    if by.username == served.sent_by:
        return frozenset({REFERRER})
    if served.team in by.teams:
        return frozenset({PROVIDER})
    is_lead = by.organisation == served.sent_from and bool(by.leads & served.referrer_teams)
    return frozenset({THIRD}) if is_lead else frozenset()


def _check_part(by: Acting, served: Served, part: str) -> None:
    words = {
        PROVIDER: "Only somebody of the team that provides does that. Ask one of them",
        REFERRER: "Only whoever referred them does that. Ask them",
        THIRD: "Only the lead of the referrer's team, who referred nobody here, does that. Ask them",
    }
    if part not in parts_of(by, served):
        raise NotPossible(words[part])


def take_step(by: Acting, served: Served, step: str, because: str = "") -> Served:
    """Return a service after a step. Raises `NotPossible`.

    `because` is a code of `ENDED_EARLY`, of a step that ends it early.
    """
    _check_part(by, served, REFERRER if step in BY_REFERRER else PROVIDER)
    if served.referral_state not in ("accepted", "done") and step not in ("end_early", "report"):
        raise NotPossible("The referral was not accepted, or was taken back. Answer it first")
    state = EPISODE.after(served.state, step)
    if step != "end_early":
        return replace(served, state=state)
    if because not in ENDED_EARLY:
        raise NotPossible("Choose from the list why it ends early")
    basis = "not_eligible" if because == "not_eligible" else served.eligible_by
    return replace(served, state=state, ended_because=because, eligible_by=basis)


def attest(by: Acting, served: Served, is_met: bool) -> Served:
    """Return a service once the referrer has said whether the conditions of the lot are met. Raises `NotPossible`."""
    _check_part(by, served, REFERRER)
    if served.eligible_by:
        raise NotPossible("Whether they are eligible is known already")
    return replace(served, eligible_by="attested" if is_met else "not_eligible")


def check_session(by: Acting, served: Served) -> None:
    """Raise `NotPossible` unless a session may be planned or written down."""
    _check_part(by, served, PROVIDER)
    if served.state != "under_way":
        raise NotPossible("Sessions are planned and written down while the service is under way")


def check_attendance(at: dt.datetime, attendance: str, why_not: str, now: dt.datetime) -> None:
    """Raise `NotPossible` unless what came of a session can be so."""
    if attendance not in ATTENDANCES:
        raise NotPossible("Choose from the list whether the session took place")
    if at > now:
        raise NotPossible("The session has not begun. Write down afterwards whether it took place")
    if attendance in ATTENDED and why_not:
        raise NotPossible("A session that took place has no reason why not. Leave that empty")
    if attendance not in ATTENDED and why_not not in NO_SESSION:
        raise NotPossible("Choose from the list why the session did not take place")


def check_moved(attendance: str, moved_because: str, to: dt.datetime, now: dt.datetime) -> None:
    """Raise `NotPossible` unless a session may be moved to another time."""
    if attendance:
        raise NotPossible("What came of the session is written down. Plan another")
    if moved_because not in MOVED:
        raise NotPossible("Choose from the list why the session is moved")
    if to <= now:
        raise NotPossible("The new time has passed. Choose a later one")


def check_report(by: Acting, served: Served, scores: Mapping[str, str], desired: Sequence[str]) -> None:
    """Raise `NotPossible` unless every desired outcome is scored by whoever provided. `scores` are by outcome."""
    _check_part(by, served, PROVIDER)
    EPISODE.after(served.state, "report")
    if set(scores) != set(desired) or not set(scores.values()) <= set(SCORES):
        raise NotPossible("Score every desired outcome: achieved, partly achieved or not achieved")


def step_score(by: Acting, served: Served, state: str, step: str) -> str:
    """Return the state of a score after a step. Raises `NotPossible`; nobody confirms what they said themselves."""
    part = THIRD if step in SCORE_BY_THIRD else REFERRER if step in SCORE_BY_REFERRER else PROVIDER
    _check_part(by, served, part)
    return SCORE.after(state, step)


def draws(sample_percent: int, number: int) -> bool:
    """Whether a confirmed score is verified; `number` is drawn evenly from 0 to 99 as it is confirmed, not before."""
    return number < sample_percent
