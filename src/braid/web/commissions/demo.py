"""A joint commission for a demo: drawn up, signed by two bodies, open, with a reporting round; entered as pages do.

Nobody is made up here: whom it served is entered by `braid.web.chains.demo`, or comes from referrals in the app.
"""

import datetime as dt

from django.db import transaction
from django.utils import timezone

from braid.place.commissions.rounds import Round
from braid.place.commissions.signing import Signer
from braid.place.commissions.terms import Lot, OutcomePrice, Provider, Share, Terms
from braid.web.access.context import asking_as
from braid.web.access.projections import Viewer
from braid.web.commissions.keeping import ask_round, draw_up, get_commission, sign, take_step
from braid.web.commissions.place_files import known
from braid.web.models import Commission

LEAD, HEALTH, VOLUNTARY = "arden-vale-ca", "arden-vale-icb", "lanternhouse"
SIGNERS = (Signer("demo-commissioner", "commissioner", LEAD), Signer("demo-commissioner-2", "commissioner", HEALTH))


BEGUN_DAYS = 120
"""It has run so long, so that months with whom it served are over."""


def demo_terms(today: dt.date) -> Terms:
    """Return terms of a year from a day: therapy by outcome over a block, advocacy by session."""
    end = today + dt.timedelta(days=364)
    window = {"window_from": today, "window_to": today + dt.timedelta(days=270)}
    therapy = Lot(
        id="therapy",
        name="Therapy after abuse",
        service="therapy",
        volume=180,
        capacity=60,
        value_pence=28_800_000,
        model="mixed",
        shares=(Share("block", 3_000), Share("attachment", 2_000), Share("outcome", 5_000)),
        providers=(
            Provider(HEALTH, "arden-vale-icb-community-health", "prime"),
            Provider(VOLUNTARY, "lanternhouse-advocacy", "sub"),
        ),
        attachment_pence=32_000,
        prices=(OutcomePrice("therapy_wait_days", 48_000, 16_000), OutcomePrice("still_engaged", 32_000, 0)),
        **window,
    )
    advocacy = Lot(
        id="advocacy",
        name="Independent advocacy",
        service="advocacy",
        volume=240,
        capacity=80,
        value_pence=14_400_000,
        model="mixed",
        shares=(Share("session", 4_000), Share("attachment", 2_000), Share("outcome", 4_000)),
        providers=(Provider(VOLUNTARY, "lanternhouse-advocacy", "prime"),),
        eligibility="all_of = [{ age_at_least = 18 }]",
        attachment_pence=12_000,
        session_pence=4_000,
        prices=(OutcomePrice("first_contact_days", 24_000, 8_000), OutcomePrice("still_engaged", 20_000, 0)),
        **window,
    )
    return Terms(
        title="Therapy and advocacy for people harmed by abuse",
        bodies=(LEAD, HEALTH),
        lead=LEAD,
        legal_basis="nhs_s75",
        problem="People harmed by abuse wait months for help, and leave the justice process meanwhile.",
        statement="victim_response",
        outcomes=("first_contact_days", "therapy_wait_days", "still_engaged"),
        fund="safe-to-speak",
        value_pence=43_200_000,
        from_date=today,
        to_date=end,
        lots=(therapy, advocacy),
    )


@transaction.atomic
def put_demo_commission() -> None:
    """Enter the commission where there is none yet and the place has the bodies and teams that it names."""
    today = timezone.localdate()
    begun = today - dt.timedelta(days=BEGUN_DAYS)
    asker, lead = Viewer("demo-commissioner", "commissioner", "", "", "commissions"), SIGNERS[0]
    with asking_as(asker.username, ""):
        found = known()
        teams = {one.team for lot in demo_terms(begun).lots for one in lot.providers}
        if Commission.objects.exists() or not {LEAD, HEALTH} <= set(found.bodies) or not teams <= set(found.teams):
            return
        row = get_commission(draw_up(asker, lead, demo_terms(begun)))
        for by in SIGNERS:
            sign(Viewer(by.username, by.role, "", "", "commissions"), by, row, row.version, 1)
        take_step(asker, lead, row, row.version, "open")
        to_date = today + dt.timedelta(days=89)
        ask_round(asker, lead, row, Round(today, to_date, to_date + dt.timedelta(days=14)))
