"""What a place's bodies may buy jointly, studies of it, and which plan a board chose."""

import uuid

import django.db.models.deletion
import django.db.models.functions.datetime
from django.db import migrations, models

STATES = ("waiting", "running", "done", "failed")
PLANS = ("silo", "aligned", "pooled", "no_loser", "least_regret")
BECAUSE = ("most_value", "nobody_loses", "least_regret", "law_of_money", "first_step")


class Migration(migrations.Migration):
    dependencies = [
        ("braid", "0045_outcomes"),
    ]

    operations = [
        migrations.CreateModel(
            name="PlacePortfolio",
            fields=[
                ("id", models.UUIDField(default=uuid.uuid4, primary_key=True, serialize=False)),
                ("name", models.CharField(max_length=100)),
                ("document", models.TextField()),
                ("fingerprint", models.CharField(max_length=64, unique=True)),
                ("published_at", models.DateTimeField(db_default=django.db.models.functions.datetime.Now())),
            ],
            options={"abstract": False},
        ),
        migrations.CreateModel(
            name="PortfolioStudy",
            fields=[
                ("id", models.UUIDField(default=uuid.uuid4, primary_key=True, serialize=False)),
                (
                    "portfolio",
                    models.ForeignKey(
                        on_delete=django.db.models.deletion.CASCADE, related_name="studies", to="braid.placeportfolio"
                    ),
                ),
                ("budgets", models.JSONField(default=dict)),
                ("asked_by", models.CharField(blank=True, max_length=150)),
                ("asked_at", models.DateTimeField(db_default=django.db.models.functions.datetime.Now())),
                ("state", models.CharField(default="waiting", max_length=10)),
                ("done", models.PositiveSmallIntegerField(default=0)),
                ("tries", models.PositiveSmallIntegerField(default=0)),
                ("failure", models.CharField(blank=True, default="", max_length=20)),
                ("document", models.TextField(blank=True, default="")),
                ("seconds", models.FloatField(null=True)),
                ("answered_at", models.DateTimeField(null=True)),
            ],
            options={
                "constraints": [
                    models.CheckConstraint(condition=models.Q(("state__in", STATES)), name="study_has_a_state"),
                    models.UniqueConstraint(
                        condition=models.Q(("asked_by", "")), fields=("portfolio",), name="one_study_of_the_file"
                    ),
                ],
            },
        ),
        migrations.CreateModel(
            name="PortfolioChoice",
            fields=[
                ("id", models.UUIDField(default=uuid.uuid4, primary_key=True, serialize=False)),
                (
                    "study",
                    models.ForeignKey(
                        on_delete=django.db.models.deletion.CASCADE, related_name="choices", to="braid.portfoliostudy"
                    ),
                ),
                ("plan", models.CharField(max_length=20)),
                ("because", models.CharField(max_length=20)),
                ("board", models.CharField(max_length=60)),
                ("minute", models.CharField(blank=True, max_length=40)),
                ("chosen_on", models.DateField()),
                ("written_by", models.CharField(max_length=150)),
                ("written_at", models.DateTimeField(db_default=django.db.models.functions.datetime.Now())),
            ],
            options={
                "constraints": [
                    models.CheckConstraint(condition=models.Q(("plan__in", PLANS)), name="choice_of_a_plan"),
                    models.CheckConstraint(condition=models.Q(("because__in", BECAUSE)), name="choice_has_a_reason"),
                ],
            },
        ),
    ]
