"""Minutes and their corrections, the time of cases on an agenda, reminders, calendar feeds, and keys of names."""

from typing import ClassVar

import django.db.models.deletion
import django.db.models.functions.datetime
from django.conf import settings
from django.db import migrations, models

import braid.web.models.name_keys


class Migration(migrations.Migration):
    """Names get the keys by which they are searched for; nothing else that was kept changes."""

    dependencies: ClassVar = [
        ("braid", "0022_joint_plans"),
    ]

    operations: ClassVar = [
        migrations.CreateModel(
            name="CalendarFeed",
            fields=[
                ("id", models.BigAutoField(auto_created=True, primary_key=True, serialize=False, verbose_name="ID")),
                ("digest", models.CharField(max_length=64, unique=True)),
                ("made_at", models.DateTimeField(db_default=django.db.models.functions.datetime.Now())),
                ("ended_at", models.DateTimeField(null=True)),
            ],
        ),
        migrations.CreateModel(
            name="MinutesAmendment",
            fields=[
                ("id", models.BigAutoField(auto_created=True, primary_key=True, serialize=False, verbose_name="ID")),
                ("organisation", models.CharField(max_length=80)),
                ("agency", models.CharField(max_length=40)),
                ("words", models.TextField()),
                ("written_by", models.CharField(max_length=150)),
                ("written_at", models.DateTimeField(db_default=django.db.models.functions.datetime.Now())),
            ],
        ),
        migrations.CreateModel(
            name="ReminderChoice",
            fields=[
                (
                    "user",
                    models.OneToOneField(
                        on_delete=django.db.models.deletion.CASCADE,
                        primary_key=True,
                        related_name="reminder_choice",
                        serialize=False,
                        to=settings.AUTH_USER_MODEL,
                    ),
                ),
                ("wants_digest", models.BooleanField(default=True)),
                ("quiet_from", models.PositiveSmallIntegerField(null=True)),
                ("quiet_to", models.PositiveSmallIntegerField(null=True)),
            ],
        ),
        migrations.CreateModel(
            name="ReminderSent",
            fields=[
                ("id", models.BigAutoField(auto_created=True, primary_key=True, serialize=False, verbose_name="ID")),
                ("key", models.CharField(max_length=120)),
                ("claimed_at", models.DateTimeField(db_default=django.db.models.functions.datetime.Now())),
                ("state", models.CharField(default="claimed", max_length=20)),
            ],
        ),
        migrations.CreateModel(
            name="SearchMade",
            fields=[
                ("id", models.BigAutoField(auto_created=True, primary_key=True, serialize=False, verbose_name="ID")),
                ("made_at", models.DateTimeField(db_default=django.db.models.functions.datetime.Now())),
            ],
        ),
        migrations.AddField(
            model_name="agendaitem",
            name="minutes",
            field=models.PositiveSmallIntegerField(db_default=15, default=15),
        ),
        migrations.AddField(
            model_name="agendaitem",
            name="review_on",
            field=models.DateField(null=True),
        ),
        migrations.AddField(
            model_name="meeting",
            name="length_minutes",
            field=models.PositiveSmallIntegerField(db_default=90, default=90),
        ),
        migrations.AddField(
            model_name="outboxmessage",
            name="item_id",
            field=models.UUIDField(null=True),
        ),
        migrations.AddField(
            model_name="personidentity",
            name="family_key",
            field=models.GeneratedField(
                db_persist=True,
                expression=braid.web.models.name_keys.NameKey(models.F("family_name")),
                output_field=models.CharField(max_length=200),
            ),
        ),
        migrations.AddField(
            model_name="personidentity",
            name="given_key",
            field=models.GeneratedField(
                db_persist=True,
                expression=braid.web.models.name_keys.NameKey(models.F("given_name")),
                output_field=models.CharField(max_length=200),
            ),
        ),
        migrations.AddIndex(
            model_name="outboxmessage",
            index=models.Index(
                condition=models.Q(("item_id__isnull", False)), fields=["item_id"], name="message_by_item"
            ),
        ),
        migrations.AddIndex(
            model_name="personidentity",
            index=models.Index(fields=["family_key"], name="identity_by_family"),
        ),
        migrations.AddIndex(
            model_name="personidentity",
            index=models.Index(fields=["given_key"], name="identity_by_given"),
        ),
        migrations.AddConstraint(
            model_name="outboxmessage",
            constraint=models.CheckConstraint(
                condition=models.Q(("item_id__isnull", True), ("channel", "minutes"), _connector="OR"),
                name="minutes_go_as_minutes",
            ),
        ),
        migrations.AddField(
            model_name="calendarfeed",
            name="user",
            field=models.ForeignKey(
                on_delete=django.db.models.deletion.CASCADE, related_name="calendar_feeds", to=settings.AUTH_USER_MODEL
            ),
        ),
        migrations.AddField(
            model_name="minutesamendment",
            name="item",
            field=models.ForeignKey(
                on_delete=django.db.models.deletion.PROTECT, related_name="amendments", to="braid.agendaitem"
            ),
        ),
        migrations.AddConstraint(
            model_name="reminderchoice",
            constraint=models.CheckConstraint(
                condition=models.Q(
                    models.Q(("quiet_from__isnull", True), ("quiet_to__isnull", True)),
                    models.Q(("quiet_from__lt", 24), ("quiet_to__lt", 24)),
                    _connector="OR",
                ),
                name="quiet_hours_are_two",
            ),
        ),
        migrations.AddField(
            model_name="remindersent",
            name="user",
            field=models.ForeignKey(
                on_delete=django.db.models.deletion.CASCADE, related_name="reminders", to=settings.AUTH_USER_MODEL
            ),
        ),
        migrations.AddField(
            model_name="searchmade",
            name="user",
            field=models.ForeignKey(
                on_delete=django.db.models.deletion.CASCADE, related_name="searches", to=settings.AUTH_USER_MODEL
            ),
        ),
        migrations.AddConstraint(
            model_name="calendarfeed",
            constraint=models.UniqueConstraint(
                condition=models.Q(("ended_at__isnull", True)), fields=("user",), name="one_feed_at_a_time"
            ),
        ),
        migrations.AddConstraint(
            model_name="minutesamendment",
            constraint=models.CheckConstraint(
                condition=models.Q(("words", ""), _negated=True), name="amendment_has_words"
            ),
        ),
        migrations.AddConstraint(
            model_name="remindersent",
            constraint=models.UniqueConstraint(fields=("user", "key"), name="reminder_once"),
        ),
        migrations.AddConstraint(
            model_name="remindersent",
            constraint=models.CheckConstraint(
                condition=models.Q(("state__in", ("claimed", "sent", "refused"))), name="reminder_has_a_state"
            ),
        ),
        migrations.AddIndex(
            model_name="searchmade",
            index=models.Index(fields=["user", "-made_at"], name="search_by_user"),
        ),
    ]
