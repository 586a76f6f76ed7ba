"""The joint response as kept: teams and their inboxes, referrals, joint cases with members and offers, and actions.

The rules are those of `braid.care`; a row holds what came of them. Words of people are in `note` and `words` alone, of
tables that nobody reads but who takes part. `version` rises with each change: who changes a row names the version they
saw, so that nobody undoes what they did not see.
"""

import uuid
from typing import ClassVar

from django.db import models
from django.db.models import Q
from django.db.models.functions import Now

from braid.care import actions, cases, referrals
from braid.care.teams import CAPACITIES
from braid.web.models.base import Appending, Row


class Team(Row):
    """A team of an organisation, with the services it offers and what it says of its capacity."""

    id = models.SlugField(primary_key=True, max_length=60)
    name = models.CharField(max_length=100)
    organisation = models.CharField(max_length=80)
    services = models.JSONField(default=list)
    """Codes of `braid.care.services.SERVICES`."""
    capacity = models.CharField(max_length=20, default="open")
    capacity_until = models.DateField(null=True)
    version = models.PositiveIntegerField(default=1)

    class Meta:
        constraints: ClassVar = [
            models.CheckConstraint(name="team_says_its_capacity", condition=Q(capacity__in=sorted(CAPACITIES)))
        ]


class TeamMember(Row):
    """A named human in a team, from when until when. Who has left stays, for the record."""

    team = models.ForeignKey(Team, on_delete=models.PROTECT, related_name="members")
    username = models.CharField(max_length=150)
    is_lead = models.BooleanField(default=False)
    since = models.DateTimeField(db_default=Now())
    ended_at = models.DateTimeField(null=True)

    class Meta:
        constraints: ClassVar = [
            models.UniqueConstraint(
                fields=["team", "username"], condition=Q(ended_at__isnull=True), name="team_member_once"
            )
        ]
        indexes: ClassVar = [models.Index(fields=["username"], name="team_by_member")]


class Referral(Row):
    """One person referred to one team for one service. Humans speak of its `reference`, which says nothing of whom."""

    objects = Appending()
    id = models.UUIDField(primary_key=True, default=uuid.uuid4)
    reference = models.CharField(max_length=20, unique=True)
    purpose = models.CharField(max_length=40)
    person_id = models.CharField(max_length=64)
    service = models.CharField(max_length=40)
    team = models.ForeignKey(Team, on_delete=models.PROTECT, related_name="referrals")
    urgency = models.CharField(max_length=20)
    note = models.TextField(blank=True)
    since = models.CharField(max_length=40, blank=True)
    sent_by = models.CharField(max_length=150)
    sent_from = models.CharField(max_length=80)
    sent_at = models.DateTimeField(db_default=Now())
    due_at = models.DateTimeField()
    state = models.CharField(max_length=20, default=referrals.MACHINE.first)
    refusal = models.CharField(max_length=40, blank=True)
    parked_until = models.DateField(null=True)
    answered_by = models.CharField(max_length=150, blank=True)
    answered_at = models.DateTimeField(null=True)
    look_again_on = models.DateField(null=True)
    """The day by which the team looks at one that it accepted again; empty for the usual one after the acceptance."""
    ended_at = models.DateTimeField(null=True)
    version = models.PositiveIntegerField(default=1)
    earlier_ids = models.JSONField(default=list)
    """As that of a case's subject."""

    class Meta:
        constraints: ClassVar = [
            models.CheckConstraint(
                name="referral_has_a_state", condition=Q(state__in=sorted(referrals.MACHINE.states))
            ),
            models.CheckConstraint(name="refusal_has_its_reason", condition=~Q(state="refused") | ~Q(refusal="")),
            models.UniqueConstraint(
                fields=["person_id", "service", "team", "purpose", "sent_by"],
                condition=Q(state__in=sorted(referrals.OPEN_STATES)),
                name="open_referral_once",
            ),
        ]
        indexes: ClassVar = [
            models.Index(fields=["person_id"], name="referral_by_person"),
            models.Index(fields=["team", "state"], name="referral_by_team"),
            models.Index(fields=["sent_by"], name="referral_by_sender"),
        ]


class ReplyLink(Row):
    """A link by which somebody without an account answers a referral, once. Only the SHA-256 of its secret is kept."""

    objects = Appending()
    referral = models.ForeignKey(Referral, on_delete=models.PROTECT, related_name="links")
    reference = models.CharField(max_length=20, unique=True)
    digest = models.CharField(max_length=64, unique=True)
    made_by = models.CharField(max_length=150)
    made_at = models.DateTimeField(db_default=Now())
    expires_at = models.DateTimeField()
    used_at = models.DateTimeField(null=True)
    revoked_at = models.DateTimeField(null=True)
    revoked_by = models.CharField(max_length=150, blank=True, db_default="")


class JointCase(Row):
    """A joint case of a case type, as its version was when it was opened."""

    objects = Appending()
    id = models.UUIDField(primary_key=True, default=uuid.uuid4)
    reference = models.CharField(max_length=20, unique=True)
    case_type = models.CharField(max_length=40)
    type_version = models.CharField(max_length=40)
    purpose = models.CharField(max_length=40)
    state = models.CharField(max_length=20, default=cases.MACHINE.first)
    outcome = models.CharField(max_length=40, blank=True)
    opened_by = models.CharField(max_length=150)
    opened_at = models.DateTimeField(db_default=Now())
    closed_at = models.DateTimeField(null=True)
    merged_into = models.ForeignKey("self", null=True, on_delete=models.PROTECT, related_name="merged_from")
    parted_from = models.ForeignKey("self", null=True, on_delete=models.PROTECT, related_name="parted")
    version = models.PositiveIntegerField(default=1)

    class Meta:
        constraints: ClassVar = [
            models.CheckConstraint(name="case_has_a_state", condition=Q(state__in=sorted(cases.MACHINE.states))),
            models.CheckConstraint(name="closed_case_has_its_outcome", condition=~Q(state="closed") | ~Q(outcome="")),
            models.CheckConstraint(
                name="merged_case_names_the_other", condition=~Q(state="merged") | Q(merged_into__isnull=False)
            ),
        ]


class CaseMember(Row):
    """A named human in a case, in the seat of an agency, from when until when."""

    objects = Appending()
    case = models.ForeignKey(JointCase, on_delete=models.PROTECT, related_name="members")
    username = models.CharField(max_length=150)
    organisation = models.CharField(max_length=80)
    agency = models.CharField(max_length=40)
    right = models.CharField(max_length=20)
    sight = models.CharField(max_length=20)
    is_lead = models.BooleanField(default=False)
    joined_at = models.DateTimeField(db_default=Now())
    left_at = models.DateTimeField(null=True)

    class Meta:
        constraints: ClassVar = [
            models.UniqueConstraint(
                fields=["case", "username"], condition=Q(left_at__isnull=True), name="case_member_once"
            ),
            models.UniqueConstraint(
                fields=["case"], condition=Q(left_at__isnull=True, is_lead=True), name="case_has_one_lead"
            ),
            models.CheckConstraint(
                name="lead_edits_the_whole", condition=Q(is_lead=False) | Q(right="edit", sight="whole")
            ),
        ]
        indexes: ClassVar = [models.Index(fields=["username"], name="case_by_member")]


class CaseSubject(Row):
    """Whom a case is about, in which part. Of somebody apart there is a name and no id: no record is reached."""

    objects = Appending()
    case = models.ForeignKey(JointCase, on_delete=models.PROTECT, related_name="subjects")
    part = models.CharField(max_length=40)
    person_id = models.CharField(max_length=64, blank=True)
    name_apart = models.CharField(max_length=100, blank=True)
    added_by = models.CharField(max_length=150)
    added_at = models.DateTimeField(db_default=Now())
    ended_at = models.DateTimeField(null=True)
    in_error = models.BooleanField(default=False, db_default=False)
    """Whether they were added by mistake: what leaves the web app then says nothing of them."""
    parted_ids = models.JSONField(default=list)
    """Ids that linking parted from this person since they were added: some of what was known of them is another's."""
    doubted_at = models.DateTimeField(null=True)
    """When the last of these came; empty once somebody of the case has said that the person is who was meant."""
    earlier_ids = models.JSONField(default=list)
    """Ids that this stood under before they were merged into the one it has, the latest last: where they are parted
    again, it goes back."""

    class Meta:
        constraints: ClassVar = [
            models.CheckConstraint(name="subject_is_a_person_or_apart", condition=Q(person_id="") ^ Q(name_apart="")),
            models.UniqueConstraint(
                fields=["case", "person_id"],
                condition=Q(ended_at__isnull=True) & ~Q(person_id=""),
                name="case_subject_once",
            ),
        ]
        indexes: ClassVar = [models.Index(fields=["person_id"], name="case_by_subject")]


class CaseWait(Row):
    """A wait that a case is to end or shorten. The wait itself is the published run's; a link shows nothing of it."""

    objects = Appending()
    case = models.ForeignKey(JointCase, on_delete=models.PROTECT, related_name="waits")
    wait_id = models.CharField(max_length=64)
    added_by = models.CharField(max_length=150)
    added_at = models.DateTimeField(db_default=Now())
    ended_at = models.DateTimeField(null=True)

    class Meta:
        constraints: ClassVar = [
            models.UniqueConstraint(
                fields=["case", "wait_id"], condition=Q(ended_at__isnull=True), name="wait_of_case_once"
            )
        ]


class CaseOffer(Row):
    """An offer of a case to a team: to view, to edit, or to take it over."""

    objects = Appending()
    id = models.UUIDField(primary_key=True, default=uuid.uuid4)
    case = models.ForeignKey(JointCase, on_delete=models.PROTECT, related_name="offers")
    team = models.ForeignKey(Team, on_delete=models.PROTECT, related_name="offers")
    agency = models.CharField(max_length=40)
    right = models.CharField(max_length=20)
    sight = models.CharField(max_length=20)
    case_reference = models.CharField(max_length=20)
    case_type = models.CharField(max_length=40)
    purpose = models.CharField(max_length=40)
    """Told to the team before it accepts, when the case itself is still closed to it."""
    offered_by = models.CharField(max_length=150)
    offered_from = models.CharField(max_length=80)
    offered_at = models.DateTimeField(db_default=Now())
    due_at = models.DateTimeField()
    state = models.CharField(max_length=20, default=cases.OFFER_MACHINE.first)
    answered_by = models.CharField(max_length=150, blank=True)
    answered_at = models.DateTimeField(null=True)

    class Meta:
        constraints: ClassVar = [
            models.UniqueConstraint(fields=["case", "team"], condition=Q(state="offered"), name="open_offer_once"),
        ]


class CareAction(Row):
    """Something that one team does by one date, of a case, and of the decision that asked for it where there is one."""

    objects = Appending()
    id = models.UUIDField(primary_key=True, default=uuid.uuid4)
    case = models.ForeignKey(JointCase, on_delete=models.PROTECT, related_name="actions")
    item = models.ForeignKey("AgendaItem", null=True, on_delete=models.PROTECT, related_name="actions")
    team = models.ForeignKey(Team, on_delete=models.PROTECT, related_name="actions")
    owner = models.CharField(max_length=150, blank=True)
    strand = models.CharField(max_length=20, blank=True)
    """A code of `braid.care.response`: which strand of a response it belongs to, where somebody chose one."""
    words = models.CharField(max_length=actions.LONGEST_WORDS)
    due_on = models.DateField()
    state = models.CharField(max_length=20, default=actions.MACHINE.first)
    result = models.CharField(max_length=40, blank=True)
    made_by = models.CharField(max_length=150)
    made_at = models.DateTimeField(db_default=Now())
    ended_at = models.DateTimeField(null=True)
    version = models.PositiveIntegerField(default=1)

    class Meta:
        constraints: ClassVar = [
            models.CheckConstraint(name="action_has_a_state", condition=Q(state__in=sorted(actions.MACHINE.states))),
            models.CheckConstraint(name="action_has_words", condition=~Q(words="")),
        ]
        indexes: ClassVar = [
            models.Index(fields=["team", "state"], name="action_by_team"),
            models.Index(fields=["owner"], name="action_by_owner"),
        ]
