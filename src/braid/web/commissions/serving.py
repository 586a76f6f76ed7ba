"""The service to one person as kept: begun with their referral, worked by the provider, confirmed by the referrer.

Everything here runs inside `looking`, and asks for the referral first: whoever may not see it finds nothing.
"""

import datetime as dt
import secrets
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass
from uuid import UUID

from django.utils import timezone

from braid.care.words import check_words
from braid.language.dates import london_date
from braid.language.steps import NotPossible, is_possible
from braid.place.commissions.eligibility import (
    BASES,
    Judged,
    PersonKnown,
    basis_at_referral,
    judge_eligibility,
)
from braid.place.commissions.episodes import (
    LONGEST_WORDS,
    PROVIDER,
    REFERRER,
    Served,
    attest,
    check_attendance,
    check_moved,
    check_report,
    check_session,
    draws,
    parts_of,
    step_score,
    take_step,
)
from braid.place.commissions.places import judge_ground, say_elsewhere, say_full
from braid.place.commissions.states import BANDS, EPISODE, SCORE
from braid.place.commissions.terms import Lot, Terms, parse_terms
from braid.web.access.cohorts import is_concerned
from braid.web.access.joint import find_age, find_district
from braid.web.access.sight import NotThere, Sight
from braid.web.care.kept import acting_of, change, record_step, teams_of
from braid.web.care.referrals import get_row
from braid.web.commissions.place_files import files, lot_ground
from braid.web.models import (
    Commission,
    CommissionTerms,
    OutcomeScore,
    Referral,
    ServiceEpisode,
    ServicePlan,
    ServiceSession,
)
from braid.web.owner_functions import ask


@dataclass(frozen=True)
class Service:
    """The service to one person with its referral and terms, and as what the viewer acts on it."""

    row: ServiceEpisode
    referral: Referral
    terms: Terms
    served: Served
    parts: frozenset[str]

    @property
    def lot(self) -> Lot:
        """The lot under which they are served."""
        return self.terms.lot(self.row.lot)

    @property
    def steps(self) -> tuple[str, ...]:
        """The steps that the viewer may take now."""
        return tuple(code for code in EPISODE.steps if code in _possible(self))


def _possible(service: Service) -> frozenset[str]:
    by = service.parts
    sides = {"the provider": PROVIDER, "the referrer": REFERRER}
    is_answered = service.referral.state in ("accepted", "done")
    return frozenset(
        code
        for code in EPISODE.steps_from(service.row.state)
        if sides[EPISODE.steps[code].by] in by and (is_answered or code in ("end_early", "report"))
    )


def begin(sight: Sight, referral: Referral, need_band: str) -> None:
    """Begin a service where a lot of an open commission serves the referral, in the transaction that sends it.

    Where none does, nothing is written: it is a referral like any other. Raises `NotPossible` where lots do and none
    may take them on: the referral is then not sent either.
    """
    if need_band not in BANDS:
        raise NotPossible("Choose from the list how much they need")
    refusals: list[str] = []
    for row, terms, lot in _lots_serving(referral):
        judged = judge(sight, referral, terms, lot)
        why = _refusal(row, terms, lot, judged[0])
        if not why:
            _append(sight, referral, row, terms, lot, need_band, judged)
            return
        refusals.append(why)
    if refusals:
        raise NotPossible(refusals[0])


def _lots_serving(referral: Referral) -> Iterator[tuple[Commission, Terms, Lot]]:
    day = london_date(referral.sent_at)
    for row in Commission.objects.filter(state="open", purpose=referral.purpose).order_by("made_at", "pk"):
        terms = _terms(row.pk, row.in_force)
        lot = terms.served_by(referral.team_id, referral.service, day)
        if lot is not None:
            yield row, terms, lot


def judge(sight: Sight, referral: Referral, terms: Terms, lot: Lot) -> tuple[Judged, ...]:
    """Return what a lot asks of whom a referral is about, its ground first, as far as the viewer may see it told.

    Where the district of somebody is withheld, the pages cannot tell them from whose district nobody knows.
    """
    place, person = files(), referral.person_id
    known = PersonKnown(find_age(sight, person), find_district(sight, person))
    on_ground = judge_ground(lot_ground(lot, terms), known.district, place.districts)
    purpose = place.statements[terms.statement].purpose_code if terms.statement in place.statements else ""
    return on_ground, *judge_eligibility(lot.eligibility, purpose, known, place.districts)


def _refusal(row: Commission, terms: Terms, lot: Lot, on_ground: Judged) -> str:
    """Say why a lot does not take somebody on; empty where it does. A place is held until the transaction ends."""
    place = files()
    if on_ground.is_met is False:
        return say_elsewhere(lot, terms, lot_ground(lot, terms), place.districts)
    if not ask("braid_has_place", row.pk, row.in_force, lot.id):
        return say_full(lot, terms, place.bodies)
    return ""


def _append(
    sight: Sight,
    referral: Referral,
    row: Commission,
    terms: Terms,
    lot: Lot,
    need_band: str,
    judged: Sequence[Judged],
) -> None:
    episode = ServiceEpisode(
        referral=referral,
        commission=row,
        terms_number=row.in_force,
        lot=lot.id,
        team_id=referral.team_id,
        need_band=need_band,
        eligible_by=basis_at_referral(is_concerned(referral.person_id, terms.statement), judged),
        changed_by=sight.viewer.username,
    )
    ServiceEpisode.objects.append_one(episode)
    _record(sight, referral, "service begun", lot=lot.id)


def _terms(commission_id: UUID, number: int) -> Terms:
    return parse_terms(CommissionTerms.objects.get(commission_id=commission_id, number=number).document)


def find_service(sight: Sight, referral_id: UUID) -> Service | None:
    """Return the service of a referral that the viewer may see; `None` where no commission pays for it.

    Raises `NotThere` for a referral that they may not see.
    """
    referral = get_row(referral_id)
    row = ServiceEpisode.objects.filter(referral_id=referral.pk).select_related("commission").first()
    if row is None:
        return None
    teams = teams_of(referral.sent_by)
    served = Served(
        row.team_id,
        referral.sent_by,
        referral.sent_from,
        teams,
        referral.state,
        row.state,
        row.eligible_by,
        row.ended_because,
    )
    return Service(
        row, referral, _terms(row.commission_id, row.terms_number), served, parts_of(acting_of(sight), served)
    )


def get_service(sight: Sight, referral_id: UUID) -> Service:
    """Return the service of a referral. Raises `NotThere` where there is none that the viewer may see."""
    found = find_service(sight, referral_id)
    if found is None:
        raise NotThere
    return found


def step_service(sight: Sight, service: Service, seen: int, step: str, words: str = "", because: str = "") -> None:
    """Take a step of a service: a plan brings its words, an early end its reason. Raises `NotPossible`."""
    if step == "report":
        raise NotPossible("A report is given with its scores")
    after = take_step(acting_of(sight), service.served, step, because)
    if step in ("submit_plan", "vary_plan"):
        _write_plan(sight, service, words)
    is_over = after.state in ("concluded", "ended_early")
    _keep(sight, service, seen, after, {"ended_at": timezone.now()} if is_over else {})
    _record(sight, service.referral, f"service: {step}", because=because)


def _write_plan(sight: Sight, service: Service, words: str) -> None:
    _check_text(words, "Write what is planned")
    number = ServicePlan.objects.filter(episode=service.row).count() + 1
    ServicePlan.objects.append_one(
        ServicePlan(episode=service.row, number=number, words=words, written_by=sight.viewer.username)
    )


def say_eligible(sight: Sight, service: Service, seen: int, is_met: bool) -> None:
    """Keep the referrer's word on whether the conditions of the lot are met. Raises `NotPossible`.

    The record says how many of them are not met by what is known: the word holds, and stands beside that.
    """
    _keep(sight, service, seen, attest(acting_of(sight), service.served, is_met), {})
    judged = judge(sight, service.referral, service.terms, service.lot)
    against = sum(one.is_met is False for one in judged) if is_met else 0
    _record(sight, service.referral, "service: eligibility said", met=int(is_met), not_met_by_record=against)


def plan_session(sight: Sight, service: Service, at: dt.datetime) -> None:
    """Plan a session. Raises `NotPossible`."""
    check_session(acting_of(sight), service.served)
    ServiceSession.objects.append_one(ServiceSession(episode=service.row, at=at, written_by=sight.viewer.username))
    _record(sight, service.referral, "service: session planned")


def write_session(
    sight: Sight, service: Service, session_id: UUID, seen: int, attendance: str, why_not: str = ""
) -> None:
    """Write down what came of a session. Raises `NotPossible`, `NotThere`."""
    check_session(acting_of(sight), service.served)
    row = _session(service, session_id)
    if row.attendance:
        raise NotPossible("What came of the session is written down already")
    check_attendance(row.at, attendance, why_not, timezone.now())
    change(row, seen, attendance=attendance, why_not=why_not, written_by=sight.viewer.username)
    _record(sight, service.referral, "service: session written down", attendance=attendance, why_not=why_not)


def move_session(sight: Sight, service: Service, session_id: UUID, seen: int, to: dt.datetime, because: str) -> None:
    """Move a session to another time. Raises `NotPossible`, `NotThere`."""
    check_session(acting_of(sight), service.served)
    row = _session(service, session_id)
    check_moved(row.attendance, because, to, timezone.now())
    moved = {"at": to, "moved_because": because, "moved_times": row.moved_times + 1}
    change(row, seen, **moved, written_by=sight.viewer.username)
    _record(sight, service.referral, "service: session moved", because=because)


def _session(service: Service, session_id: UUID) -> ServiceSession:
    row = ServiceSession.objects.filter(pk=session_id, episode=service.row).first()
    if row is None:
        raise NotThere
    return row


def report(
    sight: Sight, service: Service, seen: int, scores: Mapping[str, str], evidence: Mapping[str, str], own_view: str
) -> None:
    """Report on a service that is over: a score of each desired outcome with its evidence, and the person's own view.

    Raises `NotPossible`.
    """
    by = acting_of(sight)
    check_report(by, service.served, scores, service.terms.outcomes)
    for outcome in service.terms.outcomes:
        _check_text(evidence.get(outcome, ""), "Say for each outcome what shows it")
    check_words(own_view)
    OutcomeScore.objects.append(
        OutcomeScore(
            episode=service.row, outcome=outcome, score=scores[outcome], evidence=evidence[outcome], said_by=by.username
        )
        for outcome in service.terms.outcomes
    )
    _keep(sight, service, seen, take_step(by, service.served, "report"), {"own_view": own_view[:LONGEST_WORDS]})
    _record(sight, service.referral, "service: reported")


def answer_score(
    sight: Sight, service: Service, score_id: UUID, seen: int, step: str, why: str = "", score: str = ""
) -> None:
    """Take a step of a score. Raises `NotPossible`, `NotThere`.

    Chance draws those to be verified as they are confirmed, so that nobody knows before which will be.
    """
    by = acting_of(sight)
    row = OutcomeScore.objects.filter(pk=score_id, episode=service.row).first()
    if row is None:
        raise NotThere
    after = step_score(by, service.served, row.state, step)
    if step in ("question", "dispute", "dismiss", "overturn"):
        _check_text(why, "Say why")
    values: dict[str, object] = {"state": after, "why": why}
    if step == "confirm":
        drawn = draws(service.terms.sample_percent, secrets.randbelow(100))
        values |= {"confirmed_by": by.username, "is_drawn": drawn}
    elif step == "say_again":
        values |= {"score": score if score in ("achieved", "partly", "not") else row.score}
    elif after in ("verified", "overturned", "dismissed"):
        if step in ("verify", "overturn") and not row.is_drawn:
            raise NotPossible("Chance did not draw this score. Nothing is to be verified")
        values |= {"verified_by": by.username}
    change(row, seen, **values)
    _record(sight, service.referral, f"service: score {step}", outcome=row.outcome)


def score_steps(sight: Sight, service: Service, row: OutcomeScore) -> tuple[str, ...]:
    """Return the steps of a score that the viewer may take."""
    by = acting_of(sight)
    return tuple(
        code
        for code in SCORE.steps_from(row.state)
        if is_possible(lambda code=code: step_score(by, service.served, row.state, code))  # type: ignore[misc]
        and (row.is_drawn or code not in ("verify", "overturn"))
    )


def _keep(sight: Sight, service: Service, seen: int, after: Served, more: Mapping[str, object]) -> None:
    if after.eligible_by not in BASES:
        raise ValueError("a basis is one of the list")
    change(
        service.row,
        seen,
        state=after.state,
        eligible_by=after.eligible_by,
        ended_because=after.ended_because,
        changed_by=sight.viewer.username,
        changed_at=timezone.now(),
        **more,
    )


def _check_text(text: str, missing: str) -> None:
    if not 0 < len(text.strip()) <= LONGEST_WORDS:
        raise NotPossible(f"{missing}, in {LONGEST_WORDS} characters at most")
    check_words(text)


def _record(sight: Sight, referral: Referral, what: str, **details: str | int) -> None:
    record_step(sight, what, [referral.person_id], "referral", team=referral.team_id, **details)
