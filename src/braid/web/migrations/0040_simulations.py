"""Networks of queues, questions to them, and their answers."""

import uuid

import django.db.models.deletion
import django.db.models.functions.datetime
from django.db import migrations, models

STATES = ("waiting", "running", "done", "failed")
KINDS = ("scenarios", "target", "sensitivity")


class Migration(migrations.Migration):
    dependencies = [
        ("braid", "0039_who_held_until"),
    ]

    operations = [
        migrations.CreateModel(
            name="SimulationNetwork",
            fields=[
                ("id", models.UUIDField(default=uuid.uuid4, primary_key=True, serialize=False)),
                ("run_id", models.CharField(max_length=100)),
                ("name", models.CharField(max_length=200)),
                ("start_date", models.DateField()),
                ("weeks", models.PositiveIntegerField()),
                ("document", models.TextField()),
                ("fingerprint", models.CharField(max_length=64)),
                ("findings", models.JSONField(default=list)),
                ("published_at", models.DateTimeField(db_default=django.db.models.functions.datetime.Now())),
            ],
            options={
                "constraints": [
                    models.UniqueConstraint(fields=("run_id", "fingerprint"), name="network_once_a_run"),
                ],
            },
        ),
        migrations.CreateModel(
            name="SimulationQuestion",
            fields=[
                ("id", models.UUIDField(default=uuid.uuid4, primary_key=True, serialize=False)),
                (
                    "network",
                    models.ForeignKey(
                        on_delete=django.db.models.deletion.CASCADE,
                        related_name="questions",
                        to="braid.simulationnetwork",
                    ),
                ),
                ("kind", models.CharField(max_length=20)),
                ("name", models.CharField(max_length=120)),
                ("document", models.TextField()),
                ("asked_by", models.CharField(max_length=150)),
                ("asked_at", models.DateTimeField(db_default=django.db.models.functions.datetime.Now())),
                ("state", models.CharField(default="waiting", max_length=10)),
                ("done", models.PositiveIntegerField(default=0)),
                ("of", models.PositiveIntegerField()),
                ("tries", models.PositiveSmallIntegerField(default=0)),
                ("failure", models.CharField(blank=True, default="", max_length=20)),
                ("ended_at", models.DateTimeField(null=True)),
                ("ended_by", models.CharField(blank=True, db_default="", max_length=150)),
            ],
            options={
                "constraints": [
                    models.CheckConstraint(condition=models.Q(("state__in", STATES)), name="question_has_a_state"),
                    models.CheckConstraint(condition=models.Q(("kind__in", KINDS)), name="question_has_a_kind"),
                ],
                "indexes": [models.Index(fields=["state", "asked_at"], name="question_by_state")],
            },
        ),
        migrations.CreateModel(
            name="SimulationAnswer",
            fields=[
                (
                    "question",
                    models.OneToOneField(
                        on_delete=django.db.models.deletion.CASCADE,
                        primary_key=True,
                        related_name="answer",
                        serialize=False,
                        to="braid.simulationquestion",
                    ),
                ),
                ("document", models.TextField()),
                ("digest", models.CharField(max_length=64)),
                ("engine", models.CharField(max_length=20)),
                ("seconds", models.FloatField()),
                ("answered_at", models.DateTimeField(db_default=django.db.models.functions.datetime.Now())),
                ("again_at", models.DateTimeField(null=True)),
                ("is_same_again", models.BooleanField(null=True)),
            ],
            options={"abstract": False},
        ),
    ]
