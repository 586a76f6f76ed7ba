"""Joint commissions as kept: terms and signatures, postings, rounds; and the service to each person served.

What is served hangs on a referral, and whoever may not see the referral sees nothing of it. Everything else is about
nobody. The rules are those of `braid.place.commissions`.
"""

import uuid
from typing import ClassVar

from django.db import models
from django.db.models import Q
from django.db.models.functions import Now

from braid.place.commissions.eligibility import BASES
from braid.place.commissions.states import ATTENDANCES, BANDS, COMMISSION, EPISODE, RETURN, SCORE, SCORES
from braid.web.models.base import Appending, Row
from braid.web.models.care import Referral, Team


class Commission(Row):
    """A joint commission. `in_force` is the number of the terms that hold; 0 before every body has signed any."""

    objects = Appending()
    id = models.UUIDField(primary_key=True, default=uuid.uuid4)
    title = models.CharField(max_length=120)
    purpose = models.CharField(max_length=40)
    """For which people may be looked at who are referred under it: that of its problem statement."""
    bodies = models.JSONField(default=list)
    lead = models.CharField(max_length=80)
    state = models.CharField(max_length=20, default=COMMISSION.first)
    in_force = models.PositiveSmallIntegerField(default=0)
    made_by = models.CharField(max_length=150)
    made_at = models.DateTimeField(db_default=Now())
    changed_by = models.CharField(max_length=150)
    version = models.PositiveIntegerField(default=1)

    class Meta:
        constraints: ClassVar = [
            models.CheckConstraint(name="commission_has_a_state", condition=Q(state__in=sorted(COMMISSION.states)))
        ]


class CommissionTerms(Row):
    """Terms of a commission, by number: never changed. Those after the first that hold are variations."""

    objects = Appending()
    id = models.UUIDField(primary_key=True, default=uuid.uuid4)
    commission = models.ForeignKey(Commission, on_delete=models.PROTECT, related_name="terms")
    number = models.PositiveSmallIntegerField()
    document = models.TextField()
    reason = models.CharField(max_length=500, blank=True)
    made_by = models.CharField(max_length=150)
    made_at = models.DateTimeField(db_default=Now())

    class Meta:
        constraints: ClassVar = [models.UniqueConstraint(fields=["commission", "number"], name="terms_once")]


class CommissionSignature(Row):
    """One body's signature under terms."""

    objects = Appending()
    id = models.UUIDField(primary_key=True, default=uuid.uuid4)
    terms = models.ForeignKey(CommissionTerms, on_delete=models.PROTECT, related_name="signatures")
    body = models.CharField(max_length=80)
    signed_by = models.CharField(max_length=150)
    signed_at = models.DateTimeField(db_default=Now())

    class Meta:
        constraints: ClassVar = [models.UniqueConstraint(fields=["terms", "body"], name="body_signs_once")]


class CommissionPosting(Row):
    """Pence of a fund posted on a line of a commission; below zero where money came back. Never changed."""

    objects = Appending()
    id = models.UUIDField(primary_key=True, default=uuid.uuid4)
    commission = models.ForeignKey(Commission, on_delete=models.PROTECT, related_name="postings")
    payment = models.PositiveIntegerField()
    """The number of the payment that it is a line of."""
    fund = models.CharField(max_length=60)
    lot = models.CharField(max_length=20)
    component = models.CharField(max_length=20)
    outcome = models.CharField(max_length=60, blank=True)
    score = models.CharField(max_length=20, blank=True)
    unit_pence = models.BigIntegerField(default=0)
    units = models.IntegerField(default=0)
    pence = models.BigIntegerField()
    reason = models.CharField(max_length=200)
    is_final = models.BooleanField(default=False)
    """Of the settlement at the end, which tells an exact count: for whoever keeps the ledger alone."""
    posted_by = models.CharField(max_length=150)
    posted_at = models.DateTimeField(db_default=Now())

    class Meta:
        constraints: ClassVar = [
            models.UniqueConstraint(
                fields=["commission", "payment", "lot", "component", "outcome", "score", "unit_pence"],
                name="line_once_a_payment",
            )
        ]


class ReportingRound(Row):
    """A period of a commission on which its providers report."""

    objects = Appending()
    id = models.UUIDField(primary_key=True, default=uuid.uuid4)
    commission = models.ForeignKey(Commission, on_delete=models.PROTECT, related_name="rounds")
    from_date = models.DateField()
    to_date = models.DateField()
    due_date = models.DateField()
    made_by = models.CharField(max_length=150)
    made_at = models.DateTimeField(db_default=Now())


class RoundReturn(Row):
    """What one provider's team returns in a round. Figures are kept as published ones."""

    objects = Appending()
    id = models.UUIDField(primary_key=True, default=uuid.uuid4)
    of_round = models.ForeignKey(ReportingRound, on_delete=models.PROTECT, related_name="returns")
    team = models.ForeignKey(Team, on_delete=models.PROTECT, related_name="+")
    state = models.CharField(max_length=20, default=RETURN.first)
    said = models.JSONField(default=dict)
    recorded = models.JSONField(default=dict)
    """Of each figure the lowest and the highest that the published counts of the records leave, as it was given."""
    risk = models.CharField(max_length=20, blank=True)
    narrative = models.TextField(blank=True)
    query = models.TextField(blank=True)
    given_on = models.DateField(null=True)
    changed_by = models.CharField(max_length=150)
    version = models.PositiveIntegerField(default=1)

    class Meta:
        constraints: ClassVar = [
            models.UniqueConstraint(fields=["of_round", "team"], name="round_return_once"),
            models.CheckConstraint(name="round_return_has_a_state", condition=Q(state__in=sorted(RETURN.states))),
        ]


class ServiceEpisode(Row):
    """The service of a lot to whoever one referral is about."""

    objects = Appending()
    id = models.UUIDField(primary_key=True, default=uuid.uuid4)
    referral = models.OneToOneField(Referral, on_delete=models.PROTECT, related_name="served")
    commission = models.ForeignKey(Commission, on_delete=models.PROTECT, related_name="episodes")
    terms_number = models.PositiveSmallIntegerField()
    """The terms under which it is served and paid, whatever is varied later."""
    lot = models.CharField(max_length=20)
    team = models.ForeignKey(Team, on_delete=models.PROTECT, related_name="+")
    need_band = models.CharField(max_length=10, blank=True)
    eligible_by = models.CharField(max_length=20, blank=True)
    state = models.CharField(max_length=20, default=EPISODE.first)
    ended_because = models.CharField(max_length=30, blank=True)
    ended_at = models.DateTimeField(null=True)
    own_view = models.TextField(blank=True)
    """What the person themself says of it, as the provider wrote it down."""
    changed_by = models.CharField(max_length=150)
    changed_at = models.DateTimeField(db_default=Now())
    version = models.PositiveIntegerField(default=1)

    class Meta:
        constraints: ClassVar = [
            models.CheckConstraint(name="episode_has_a_state", condition=Q(state__in=sorted(EPISODE.states))),
            models.CheckConstraint(name="episode_has_a_band", condition=Q(need_band__in=sorted(BANDS))),
            models.CheckConstraint(name="episode_has_a_basis", condition=Q(eligible_by__in=sorted(BASES))),
        ]
        indexes: ClassVar = [models.Index(fields=["commission", "lot"], name="episode_by_lot")]


class ServicePlan(Row):
    """An action plan of a service, by number: never changed, and answered by the service's own steps."""

    objects = Appending()
    id = models.UUIDField(primary_key=True, default=uuid.uuid4)
    episode = models.ForeignKey(ServiceEpisode, on_delete=models.PROTECT, related_name="plans")
    number = models.PositiveSmallIntegerField()
    words = models.TextField()
    written_by = models.CharField(max_length=150)
    written_at = models.DateTimeField(db_default=Now())

    class Meta:
        constraints: ClassVar = [models.UniqueConstraint(fields=["episode", "number"], name="service_plan_once")]


class ServiceSession(Row):
    """A session of a service: planned, moved, and what came of it."""

    objects = Appending()
    id = models.UUIDField(primary_key=True, default=uuid.uuid4)
    episode = models.ForeignKey(ServiceEpisode, on_delete=models.PROTECT, related_name="sessions")
    at = models.DateTimeField()
    moved_because = models.CharField(max_length=20, blank=True)
    moved_times = models.PositiveSmallIntegerField(default=0)
    attendance = models.CharField(max_length=10, blank=True)
    why_not = models.CharField(max_length=30, blank=True)
    written_by = models.CharField(max_length=150)
    version = models.PositiveIntegerField(default=1)

    class Meta:
        constraints: ClassVar = [
            models.CheckConstraint(
                name="session_has_an_attendance", condition=Q(attendance__in=sorted(["", *ATTENDANCES]))
            ),
            models.CheckConstraint(name="no_session_has_its_reason", condition=~Q(attendance="no") | ~Q(why_not="")),
        ]


class OutcomeScore(Row):
    """The score of one desired outcome of one service: said, confirmed, and where chance drew it, verified."""

    objects = Appending()
    id = models.UUIDField(primary_key=True, default=uuid.uuid4)
    episode = models.ForeignKey(ServiceEpisode, on_delete=models.PROTECT, related_name="scores")
    outcome = models.CharField(max_length=60)
    score = models.CharField(max_length=20)
    evidence = models.TextField()
    state = models.CharField(max_length=20, default=SCORE.first)
    is_drawn = models.BooleanField(null=True)
    """Whether chance drew it to be verified; known once it is confirmed, and not before."""
    why = models.TextField(blank=True)
    """What the referrer questions, or what whoever decided on it found."""
    said_by = models.CharField(max_length=150)
    confirmed_by = models.CharField(max_length=150, blank=True)
    verified_by = models.CharField(max_length=150, blank=True)
    version = models.PositiveIntegerField(default=1)

    class Meta:
        constraints: ClassVar = [
            models.UniqueConstraint(fields=["episode", "outcome"], name="score_once"),
            models.CheckConstraint(name="score_has_a_state", condition=Q(state__in=sorted(SCORE.states))),
            models.CheckConstraint(name="score_is_one", condition=Q(score__in=sorted(SCORES))),
            models.CheckConstraint(
                name="nobody_confirms_their_own", condition=Q(confirmed_by="") | ~Q(confirmed_by=models.F("said_by"))
            ),
        ]
