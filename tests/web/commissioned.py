"""A joint commission of the sample place, open, with as many people served under it as a test wants."""

import datetime as dt
import uuid

from care_teams import make_teams
from django.utils import timezone

from braid.language.documents import write
from braid.place.commissions.terms import Lot, OutcomePrice, Provider, Share, Terms
from braid.web.models import (
    Commission,
    CommissionPosting,
    CommissionSignature,
    CommissionTerms,
    OutcomeScore,
    Referral,
    ReportingRound,
    RoundReturn,
    ServiceEpisode,
    ServicePlan,
    ServiceSession,
    Team,
    User,
)
from braid.web.watch import known_asker

BODIES = ("vale-authority", "vale-hospital")
TEAM, REFERRER = "hospital-safeguarding", "test-advocate"
OUTCOMES = ("therapy_wait_days", "still_engaged")
LOT = "lot1"


def terms_of_sample(**more: object) -> Terms:
    """One lot of therapy, paid once begun and by outcome, from last month on."""
    today = timezone.localdate()
    lot = Lot(
        id=LOT,
        name="Therapy",
        service="therapy",
        volume=100,
        capacity=40,
        value_pence=10_000_000,
        model="outcome",
        shares=(Share("attachment", 4_000), Share("outcome", 6_000)),
        providers=(Provider("vale-hospital", TEAM, "prime"),),
        window_from=today - dt.timedelta(days=60),
        window_to=today + dt.timedelta(days=60),
        attachment_pence=30_000,
        prices=(OutcomePrice("therapy_wait_days", 50_000, 20_000), OutcomePrice("still_engaged", 40_000, 0)),
    )
    values = {
        "title": "Therapy after abuse",
        "bodies": BODIES,
        "lead": BODIES[0],
        "legal_basis": "nhs_s75",
        "problem": "People harmed by abuse wait for therapy.",
        "statement": "victim_response",
        "outcomes": OUTCOMES,
        "fund": "victims_pool",
        "value_pence": 10_000_000,
        "from_date": today - dt.timedelta(days=60),
        "to_date": today + dt.timedelta(days=300),
        "lots": (lot,),
    }
    return Terms(**values | more)


def colleague(role: str, organisation: str, username: str = "") -> User:
    """A second user of a role, of another organisation."""
    name = username or f"test-{role}-{organisation}"
    values = {"role": role, "display_name": name, "password": "!", "organisation": organisation}
    return User.objects.get_or_create(username=name, defaults=values)[0]


def put_commission(state: str = "open", terms: Terms | None = None, purpose: str = "victim_response") -> Commission:
    """Put a commission that all its bodies signed, as the owner of the tables."""
    terms = terms or terms_of_sample()
    with known_asker():
        row = Commission.objects.create(
            title=terms.title,
            purpose=purpose,
            bodies=list(terms.bodies),
            lead=terms.lead,
            state=state,
            in_force=1,
            made_by="test-commissioner",
            changed_by="test-commissioner",
        )
        kept = CommissionTerms.objects.create(commission=row, number=1, document=write(terms), made_by=row.made_by)
        for body in terms.bodies:
            CommissionSignature.objects.create(terms=kept, body=body, signed_by="somebody")
    return row


def put_service(
    row: Commission,
    person_id: str,
    *,
    referral: Referral | None = None,
    team: str = TEAM,
    sent_by: str = REFERRER,
    state: str = "reported",
    band: str = "high",
    answer: str = "accepted",
    refusal: str = "",
    eligible_by: str = "concerned",
    ended_because: str = "",
    score: str = "achieved",
    score_state: str = "confirmed",
    is_drawn: bool | None = False,
    sessions: int = 1,
    back_days: int = 40,
) -> ServiceEpisode:
    """Put a service to somebody, with a plan, sessions that were attended and a score, as the owner of the tables."""
    then = timezone.now() - dt.timedelta(days=back_days)
    with known_asker():
        referral = referral or Referral.objects.create(
            reference=uuid.uuid4().hex[:20],
            purpose="victim_response",
            person_id=person_id,
            service="therapy",
            team_id=team,
            urgency="urgent",
            sent_by=sent_by,
            sent_from="harbour",
            sent_at=then,
            due_at=then,
            state=answer,
            refusal=refusal,
            answered_by="somebody",
            answered_at=then,
        )
        episode = ServiceEpisode.objects.create(
            referral=referral,
            commission=row,
            terms_number=1,
            lot=LOT,
            team_id=referral.team_id,
            need_band=band,
            eligible_by=eligible_by,
            state=state,
            ended_because=ended_because,
            ended_at=then if state in ("reported", "concluded", "ended_early") else None,
            own_view="words of somebody served",
            changed_by="somebody",
        )
        ServicePlan.objects.create(episode=episode, number=1, words="words of a service plan", written_by="somebody")
        for _ in range(sessions):
            ServiceSession.objects.create(episode=episode, at=then, attendance="yes", written_by="somebody")
        if score:
            OutcomeScore.objects.create(
                episode=episode,
                outcome=OUTCOMES[0],
                score=score,
                evidence="words of evidence",
                state=score_state,
                is_drawn=is_drawn,
                said_by="test-responder",
                confirmed_by=sent_by if score_state in ("confirmed", "verified", "overturned") else "",
            )
    return episode


def put_round(row: Commission, team: str = TEAM) -> RoundReturn:
    """Put a round of last month with the return of a team, asked for."""
    first = timezone.localdate().replace(day=1)
    with known_asker():
        asked = ReportingRound.objects.create(
            commission=row,
            from_date=first - dt.timedelta(days=59),
            to_date=first - dt.timedelta(days=1),
            due_date=first + dt.timedelta(days=40),
            made_by="test-commissioner",
        )
        return RoundReturn.objects.create(of_round=asked, team_id=team, changed_by="test-commissioner")


def put_everything(person_ids: list[str]) -> Commission:
    """Put a commission, somebody served for each id, a posting and a round, with the sample's teams."""
    with known_asker():
        if not Team.objects.filter(pk=TEAM).exists():
            make_teams()
    row = put_commission()
    for person_id in person_ids:
        put_service(row, person_id)
    put_round(row)
    with known_asker():
        CommissionPosting.objects.create(
            commission=row,
            payment=1,
            fund="victims_pool",
            lot=LOT,
            component="attachment",
            unit_pence=30_000,
            units=10,
            pence=300_000,
            reason="Paid: lot lot1, once the service has begun",
            posted_by="test-finance_officer",
        )
    return row
