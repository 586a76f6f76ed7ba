"""Plans as pages show them: one proposal a household, its sheet sealed, and what people answered.

A proposal holds where somebody is or could be. Its sheet rests sealed by the vault's key ring, bound to the row; beside
it stand only what a list is sorted by, and sums without a place. Proposals are replaced whole with each plan; answers
stay, and follow the people they are about.
"""

import uuid
from typing import ClassVar

from django.db import models
from django.db.models import Q
from django.db.models.functions import Now

from braid.web.models.base import Appending, Row

ANSWERS = ("accepted", "refused")
PAPER_STATES = ("waiting", "passed", "held")


class ShownPlan(Row):
    """The plan of a kind that pages show. Of its certificate stands here what is no sum over people."""

    kind = models.CharField(max_length=20, primary_key=True)
    organisation = models.CharField(max_length=80, blank=True, db_default="")
    """Whose plan it is, where it is one organisation's: nobody else sees it. Of one of several it is empty."""
    run_id = models.CharField(max_length=64)
    on_date = models.DateField()
    fingerprint = models.CharField(max_length=64)
    """Of the plan's file, and of the form in which it is shown (SHA-256, hexadecimal)."""
    certificate = models.JSONField()
    key_id = models.CharField(max_length=40, blank=True, db_default="")
    wrapped = models.BinaryField(null=True)
    sealed = models.BinaryField(null=True)
    """What pages must read of the whole plan to repair or explain it: a court list, or the stock of placements."""
    shown_at = models.DateTimeField(db_default=Now())


class Proposal(Row):
    """What a plan proposes for one household. `organisation` decides on it."""

    id = models.UUIDField(primary_key=True, default=uuid.uuid4)
    plan = models.ForeignKey(ShownPlan, on_delete=models.CASCADE, related_name="proposals")
    kind = models.CharField(max_length=20)
    purpose = models.CharField(max_length=40)
    organisation = models.CharField(max_length=80)
    reference = models.CharField(max_length=20)
    position = models.PositiveIntegerField()
    """In the order in which they are worked on."""
    is_change = models.BooleanField()
    """Whether it proposes anything else than what is."""
    chain = models.PositiveIntegerField(null=True)
    levels = models.JSONField()
    """By aim: what is, and what is proposed."""
    key_id = models.CharField(max_length=40)
    wrapped = models.BinaryField()
    sealed = models.BinaryField()

    class Meta:
        indexes: ClassVar = [models.Index(fields=["kind", "organisation", "position"], name="proposal_by_position")]


class ProposalPerson(Row):
    """Whom a proposal is about. Whoever is kept from any of them does not find it."""

    proposal = models.ForeignKey(Proposal, on_delete=models.CASCADE, related_name="people")
    person_id = models.CharField(max_length=64)
    """Also of somebody of the household who waits for nothing, and is no person of the published set."""

    class Meta:
        constraints: ClassVar = [
            models.UniqueConstraint(fields=["proposal", "person_id"], name="proposal_is_about_each_once")
        ]
        indexes: ClassVar = [models.Index(fields=["person_id"], name="proposal_by_person")]


class ProposalChoice(Row):
    """A choice of a proposal by its token: so that who else would like a unit is counted without opening a sheet."""

    proposal = models.ForeignKey(Proposal, on_delete=models.CASCADE, related_name="choices")
    token = models.CharField(max_length=64)

    class Meta:
        indexes: ClassVar = [models.Index(fields=["token"], name="choice_by_token")]


class ProposalAnswer(Row):
    """What somebody decided on a proposal: of which choice, by its token, why, and until when it holds.

    `proposal` is the one of today that is about the same people; none where they are in no plan any more.
    """

    objects = Appending()
    id = models.UUIDField(primary_key=True, default=uuid.uuid4)
    proposal = models.ForeignKey(Proposal, on_delete=models.SET_NULL, null=True, db_constraint=False)
    kind = models.CharField(max_length=20)
    purpose = models.CharField(max_length=40)
    organisation = models.CharField(max_length=80)
    answer = models.CharField(max_length=20)
    token = models.CharField(max_length=64)
    is_proposed = models.BooleanField()
    """Whether the choice is the one that the plan proposed."""
    reason = models.CharField(max_length=40, blank=True)
    words = models.TextField(blank=True)
    run_id = models.CharField(max_length=64)
    plan_fingerprint = models.CharField(max_length=64)
    answered_by = models.CharField(max_length=150)
    answered_at = models.DateTimeField(db_default=Now())
    ended_by = models.CharField(max_length=150, blank=True, db_default="")
    ended_at = models.DateTimeField(null=True)

    class Meta:
        constraints: ClassVar = [
            models.CheckConstraint(name="answer_is_one", condition=Q(answer__in=ANSWERS)),
            models.UniqueConstraint(
                fields=["kind", "token"],
                condition=Q(answer="accepted", ended_at__isnull=True),
                name="unit_is_accepted_once",
            ),
            models.CheckConstraint(
                name="another_choice_has_its_reason",
                condition=~Q(reason="") | Q(answer="accepted", is_proposed=True),
            ),
        ]


class AnsweredPerson(Row):
    """Whom an answer is about, by person id: the household as it was when somebody answered."""

    objects = Appending()
    answer = models.ForeignKey(ProposalAnswer, on_delete=models.CASCADE, related_name="people")
    person_id = models.CharField(max_length=64)

    class Meta:
        constraints: ClassVar = [
            models.UniqueConstraint(fields=["answer", "person_id"], name="answer_is_about_each_once")
        ]


class ListingChange(Row):
    """What an answer made of a court list: which decision the next list takes as given, and which hearings moved.

    It says of nobody in clear whom it is about: whoever works with the list of the court has it as it stands, also
    where they may not see the hearing that somebody else moved.
    """

    objects = Appending()
    id = models.UUIDField(primary_key=True, default=uuid.uuid4)
    answer = models.OneToOneField(ProposalAnswer, on_delete=models.CASCADE, related_name="change")
    organisation = models.CharField(max_length=80)
    plan_fingerprint = models.CharField(max_length=64)
    number = models.PositiveIntegerField()
    """The changes of a plan in their order."""
    key_id = models.CharField(max_length=40)
    wrapped = models.BinaryField()
    sealed = models.BinaryField()
    made_at = models.DateTimeField(db_default=Now())
    ended_at = models.DateTimeField(null=True)

    class Meta:
        constraints: ClassVar = [
            models.UniqueConstraint(fields=["plan_fingerprint", "number"], name="changes_of_a_list_follow_each_other")
        ]


class BoardPaper(Row):
    """A print version of a board that somebody asked for: sealed, and theirs once the outbound guard has read it.

    It is of the proposals that they saw then; whoever does not see one of them any more has no paper. It is erased
    after a day.
    """

    objects = Appending()
    id = models.UUIDField(primary_key=True, default=uuid.uuid4)
    kind = models.CharField(max_length=20)
    purpose = models.CharField(max_length=40)
    organisation = models.CharField(max_length=80)
    reference = models.CharField(max_length=40)
    """For what they looked, as they said."""
    made_by = models.CharField(max_length=150)
    asked_at = models.DateTimeField(db_default=Now())
    proposals = models.JSONField()
    """Ids of what is on it."""
    people = models.JSONField()
    """Person ids of whom it is about: those whom whoever asked sees, and everybody once the guard has read it."""
    state = models.CharField(max_length=10, default="waiting")
    reasons = models.JSONField(default=list)
    """Why it is held back, as codes of the guard."""
    checked_at = models.DateTimeField(null=True)
    sha256 = models.CharField(max_length=64)
    """Of the words on it (hexadecimal)."""
    key_id = models.CharField(max_length=40)
    wrapped = models.BinaryField()
    sealed = models.BinaryField()

    class Meta:
        constraints: ClassVar = [
            models.CheckConstraint(name="paper_has_a_state", condition=Q(state__in=PAPER_STATES)),
        ]
