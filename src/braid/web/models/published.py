"""The published set: what a run found of the people who wait, and the figures of the place.

Only `braid.web.access` reads the tables about people, and only `braid.web.publish` writes them. None of them holds an
address, a postcode, a telephone number or an identifier. A protected person's district and organisations are not in
these tables at all.
"""

from typing import ClassVar

from django.db import models
from django.db.models import Value
from django.db.models.functions import Coalesce, Concat, Now

from braid.web.models.base import Row
from braid.web.models.name_keys import name_key


class PublishedRun(Row):
    """The run whose findings the pages show: one row."""

    id = models.PositiveSmallIntegerField(primary_key=True, default=1)
    run_id = models.CharField(max_length=100)
    place_name = models.CharField(max_length=200)
    as_of_date = models.DateField(null=True)
    feeds = models.JSONField(default=list)
    kinds = models.JSONField(default=dict)
    """The kind of each organisation of the place."""
    names = models.JSONField(default=dict)
    """What each organisation of the place is called. Of which person it holds anything is another matter."""
    senders = models.JSONField(default=dict)
    """Which organisations hold rows of each item that an agreement may open."""
    calendar = models.JSONField(default=dict)
    """School terms and days on which schools are closed, for clocks that are looked ahead at; see
    `braid.web.calendar_document`."""
    feed_history = models.JSONField(default=list)
    """Of each feed what the last runs read of it, what is missing and what changed: counts about files."""
    has_homes = models.BooleanField(default=False)
    """Who lives with whom is in the set, as far as it is told: not so where an older Braid published it."""
    published_at = models.DateTimeField(db_default=Now())


class District(Row):
    """A district of the place."""

    code = models.CharField(primary_key=True, max_length=40)
    name = models.CharField(max_length=200)


class BacklogMeasure(Row):
    """Exact figures of one kind of wait in a district, or the place (empty code). Shown by disclosure control only."""

    kind = models.CharField(max_length=40)
    backlog = models.CharField(max_length=40)
    district_code = models.CharField(max_length=40, blank=True)
    waiting = models.PositiveIntegerField()
    median_days = models.FloatField(null=True)
    p92_days = models.FloatField(null=True)
    over_year = models.PositiveIntegerField()
    with_limit = models.PositiveIntegerField()
    within_limit = models.PositiveIntegerField()
    completed = models.PositiveIntegerField()
    completed_within = models.PositiveIntegerField()
    completed_with_limit = models.PositiveIntegerField()
    also_elsewhere = models.PositiveIntegerField()

    class Meta:
        constraints: ClassVar = [models.UniqueConstraint(fields=["kind", "district_code"], name="measure_once")]


class ServiceMeasure(Row):
    """Exact figures of one kind of wait in the whole place, none by provider. Shown by disclosure control only."""

    kind = models.CharField(primary_key=True, max_length=40)
    open_p92_days = models.FloatField(null=True)
    completed_median_days = models.FloatField(null=True)
    completed_p92_days = models.FloatField(null=True)
    additions = models.PositiveIntegerField(null=True)
    """Waits that began in the last 91 days; empty where not all who came and left in them are known."""


class ServiceOverlap(Row):
    """Exact figures of two kinds of wait that people wait for at once. Shown by disclosure control only."""

    kind = models.CharField(max_length=40)
    other_kind = models.CharField(max_length=40)
    people = models.PositiveIntegerField()
    share = models.FloatField()

    class Meta:
        constraints: ClassVar = [models.UniqueConstraint(fields=["kind", "other_kind"], name="overlap_once")]


class ShownSize(Row):
    """What was published of one kind of wait in the whole place on a day. It outlives the run: it is what was shown."""

    kind = models.CharField(max_length=40)
    day = models.DateField()
    waiting = models.PositiveIntegerField(null=True)
    """As published; empty where too few waited."""
    completed = models.PositiveIntegerField(null=True)
    """Waits that ended in the 91 days to it, as published; empty where too few, or where not all are known."""
    is_filled_in = models.BooleanField()
    """Of a day before the first publication: reckoned from the extracts, once."""

    class Meta:
        constraints: ClassVar = [models.UniqueConstraint(fields=["kind", "day"], name="shown_once")]


class Person(Row):
    """A person: no name, no birth date, no district."""

    person_id = models.CharField(primary_key=True, max_length=64)
    household_id = models.CharField(max_length=64, blank=True)

    class Meta:
        indexes: ClassVar = [models.Index(fields=["household_id"], name="person_by_household")]


class PersonDistrict(Row):
    """The district of a person, where it may be published: apart, so that an agreement can leave it out."""

    person = models.OneToOneField(Person, primary_key=True, on_delete=models.CASCADE, related_name="home")
    district_code = models.CharField(max_length=40)

    class Meta:
        indexes: ClassVar = [models.Index(fields=["district_code"], name="person_by_district")]


class Protection(Row):
    """A person with a safe address: that the row is there is the secret."""

    person = models.OneToOneField(Person, primary_key=True, on_delete=models.CASCADE, related_name="protection")


class Reach(Row):
    """That a purpose concerns a person, or somebody of their household: whom a role may reach for it."""

    purpose = models.CharField(max_length=40)
    statement = models.CharField(max_length=40, default="")
    """The problem statement that concerns them. Reached is through one that an agreement of the reader covers."""
    ships = models.BooleanField(default=False)
    """Whether the statement is as Braid ships it."""
    relation = models.CharField(max_length=20)
    person = models.ForeignKey(Person, on_delete=models.CASCADE, related_name="reaches", db_index=False)
    """Found by `reach_once`, which holds all that is asked; beside an index of its own the planner takes that one."""

    class Meta:
        constraints: ClassVar = [
            models.UniqueConstraint(
                fields=["person", "purpose", "relation", "statement"], include=["ships"], name="reach_once"
            ),
        ]
        indexes: ClassVar = [
            models.Index(
                fields=["purpose", "relation", "person"], include=["statement", "ships"], name="reach_by_purpose"
            )
        ]


class PersonIdentity(Row):
    """Who the person is. Kept apart so that nothing joins names by accident.

    The keys are names as they are searched for, written by the database.
    """

    person = models.OneToOneField(Person, primary_key=True, on_delete=models.CASCADE, related_name="identity")
    given_name = models.CharField(max_length=200, blank=True)
    family_name = models.CharField(max_length=200, blank=True)
    birth_date = models.DateField(null=True)
    family_key = models.GeneratedField(
        expression=name_key("family_name"), output_field=models.CharField(max_length=200), db_persist=True
    )
    given_key = models.GeneratedField(
        expression=name_key("given_name"), output_field=models.CharField(max_length=200), db_persist=True
    )

    class Meta:
        indexes: ClassVar = [
            models.Index(fields=["family_key"], name="identity_by_family"),
            models.Index(fields=["given_key"], name="identity_by_given"),
        ]


class PersonWait(Row):
    """One clock of one person."""

    wait_id = models.CharField(primary_key=True, max_length=64)
    person = models.ForeignKey(Person, on_delete=models.CASCADE, related_name="waits")
    kind = models.CharField(max_length=40)
    backlog = models.CharField(max_length=40)
    provider = models.CharField(max_length=80, default="")
    """The partner whose row it is; only its kind where the person's location is withheld."""
    organisation_kind = models.CharField(max_length=40, blank=True)
    priority = models.CharField(max_length=100, blank=True)
    start_date = models.DateField()
    start_event = models.TextField()
    stop_date = models.DateField(null=True)
    extended_to_date = models.DateField(null=True)
    exception = models.CharField(max_length=100, blank=True, db_default="")
    counted_from_date = models.DateField(null=True)
    pauses = models.TextField(blank=True, db_default="")
    elapsed_days = models.IntegerField(null=True)
    due_date = models.DateField(null=True)
    due_date_other = models.DateField(null=True)
    days_left = models.IntegerField(null=True)
    clock = models.CharField(max_length=40)
    rule_id = models.CharField(max_length=100)
    rule_version = models.CharField(max_length=100)
    explanation = models.TextField()
    as_of_date = models.DateField()
    sensitivity = models.CharField(max_length=40)
    wait_class = models.GeneratedField(
        expression=Concat("backlog", Value("/"), "provider", Value("/"), "sensitivity"),
        output_field=models.CharField(max_length=170),
        db_persist=True,
    )
    """What role and agreements open or leave shut as one; in one column, since the list asks it of every wait."""

    class Meta:
        indexes: ClassVar = [
            # All that the list asks of a wait, in the order in which it asks: it is counted without reading the table.
            models.Index(
                fields=["person", "backlog"],
                include=["wait_class", "elapsed_days"],
                name="open_waits_of_person",
                condition=models.Q(stop_date__isnull=True),
            ),
            # Longest first, so that the list reads as many waits as it shows people and not those of the whole place.
            models.Index(
                Coalesce("elapsed_days", 0).desc(),
                "person",
                include=["wait_class", "backlog", "elapsed_days"],
                name="longest_open_waits",
                condition=models.Q(stop_date__isnull=True),
            ),
            models.Index(
                fields=["kind", "person"],
                include=["wait_class"],
                name="open_waits_by_kind",
                condition=models.Q(stop_date__isnull=True),
            ),
        ]


class Blocker(Row):
    """A reason why a wait cannot end yet."""

    blocker_id = models.CharField(primary_key=True, max_length=300)
    person = models.ForeignKey(Person, on_delete=models.CASCADE, related_name="blockers")
    problem = models.CharField(max_length=40)
    rule_id = models.CharField(max_length=100)
    held_wait = models.ForeignKey(PersonWait, on_delete=models.CASCADE, related_name="blockers")
    holder_type = models.CharField(max_length=40)
    holder_kind = models.CharField(max_length=60)
    holder_wait = models.ForeignKey(PersonWait, null=True, on_delete=models.CASCADE, related_name="holds")
    holder_person_id = models.CharField(max_length=64, blank=True)
    reason = models.TextField()
    evidence = models.TextField()
    evidence_date = models.DateField(null=True)
    owner_organisation = models.CharField(max_length=200)
    owner_role = models.CharField(max_length=200)
    next_action = models.TextField()
    sensitivity = models.CharField(max_length=40)


class Cohort(Row):
    """A person whom a problem statement concerns."""

    problem = models.CharField(max_length=40)
    """The purpose that the statement serves: what rights are asked for."""
    statement = models.CharField(max_length=40, default="")
    person = models.ForeignKey(Person, on_delete=models.CASCADE, related_name="cohorts")
    reason = models.TextField()

    class Meta:
        constraints: ClassVar = [models.UniqueConstraint(fields=["person", "statement"], name="cohort_once")]


class Involvement(Row):
    """A service that knows a person."""

    person = models.ForeignKey(Person, on_delete=models.CASCADE, related_name="involvements")
    provider = models.CharField(max_length=80, default="")
    organisation_kind = models.CharField(max_length=40, blank=True)
    place_wide_name = models.CharField(max_length=200, blank=True)
    """The organisation's name and contact where it is the only one of its kind, so that they say nothing of where."""
    place_wide_contact = models.CharField(max_length=200, blank=True)
    service = models.CharField(max_length=200)
    since_date = models.DateField(null=True)
    last_date = models.DateField(null=True)
    as_of_date = models.DateField()
    """Where the partner is not told, that of the oldest extract of any partner of its kind that it could be."""
    every_days = models.IntegerField(null=True)
    """Days between extracts, where they are known; where the partner is not told, the longest of its kind."""
    sensitivity = models.CharField(max_length=40)


class Contact(Row):
    """Whom to ask about an involvement, where that says nothing of a safe address: an item of its own."""

    involvement = models.OneToOneField(
        Involvement, primary_key=True, on_delete=models.CASCADE, related_name="contact_seen"
    )
    provider = models.CharField(max_length=80, default="")
    organisation_name = models.CharField(max_length=200, blank=True)
    contact = models.CharField(max_length=200, blank=True)
    worker = models.CharField(max_length=200, blank=True)
    team = models.CharField(max_length=200, blank=True)
