"""Ranks as they stood when somebody decided, and how often linking is expected to err."""

import uuid

import django.db.models.deletion
import django.db.models.functions.datetime
from django.db import migrations, models


class Migration(migrations.Migration):
    dependencies = [
        ("braid", "0020_what_ranks_rest_on"),
    ]

    operations = [
        migrations.CreateModel(
            name="PlaceThen",
            fields=[
                ("id", models.UUIDField(primary_key=True, serialize=False)),
                ("place", models.PositiveIntegerField()),
                ("people", models.PositiveIntegerField()),
            ],
            options={
                "db_table": "braid_place_then",
                "managed": False,
            },
        ),
        migrations.CreateModel(
            name="DecidedRules",
            fields=[
                ("id", models.BigAutoField(auto_created=True, primary_key=True, serialize=False, verbose_name="ID")),
                ("run_id", models.CharField(max_length=100)),
                ("as_of_date", models.DateField(null=True)),
                ("published_at", models.DateTimeField()),
                ("problem", models.CharField(max_length=40)),
                ("purpose", models.CharField(max_length=40)),
                ("name", models.CharField(max_length=200)),
                ("holds_from_date", models.DateField()),
                ("digest", models.CharField(max_length=64)),
                ("words", models.JSONField()),
                ("text", models.TextField()),
                ("bands", models.JSONField()),
                ("points", models.JSONField()),
                ("rests_on", models.JSONField()),
                ("ships", models.BooleanField()),
            ],
        ),
        migrations.CreateModel(
            name="FrozenRank",
            fields=[
                ("id", models.UUIDField(default=uuid.uuid4, primary_key=True, serialize=False)),
                ("person_id", models.CharField(max_length=64)),
                ("purpose", models.CharField(max_length=40)),
                ("document", models.JSONField()),
                ("frozen_at", models.DateTimeField(db_default=django.db.models.functions.datetime.Now())),
            ],
        ),
        migrations.CreateModel(
            name="LinkErrorFigure",
            fields=[
                ("id", models.BigAutoField(auto_created=True, primary_key=True, serialize=False, verbose_name="ID")),
                ("characteristic", models.CharField(max_length=40)),
                ("group_code", models.CharField(max_length=40)),
                ("source_a", models.CharField(max_length=40)),
                ("source_b", models.CharField(max_length=40)),
                ("people", models.PositiveIntegerField()),
                ("records", models.PositiveIntegerField()),
                ("unnamed", models.PositiveIntegerField()),
                ("links", models.PositiveBigIntegerField()),
                ("false_links", models.FloatField()),
                ("false_variance", models.FloatField()),
                ("missed_links", models.FloatField()),
                ("missed_variance", models.FloatField()),
            ],
            options={
                "abstract": False,
            },
        ),
        migrations.CreateModel(
            name="DecidedOrder",
            fields=[
                (
                    "rules",
                    models.OneToOneField(
                        on_delete=django.db.models.deletion.PROTECT,
                        primary_key=True,
                        related_name="order",
                        serialize=False,
                        to="braid.decidedrules",
                    ),
                ),
                ("people", models.JSONField()),
            ],
            options={
                "abstract": False,
            },
        ),
        migrations.AddConstraint(
            model_name="decidedrules",
            constraint=models.UniqueConstraint(fields=("run_id", "published_at", "problem"), name="decided_rules_once"),
        ),
        migrations.AddField(
            model_name="frozenrank",
            name="item",
            field=models.ForeignKey(
                null=True,
                on_delete=django.db.models.deletion.PROTECT,
                related_name="frozen_ranks",
                to="braid.agendaitem",
            ),
        ),
        migrations.AddField(
            model_name="frozenrank",
            name="referral",
            field=models.ForeignKey(
                null=True, on_delete=django.db.models.deletion.PROTECT, related_name="frozen_ranks", to="braid.referral"
            ),
        ),
        migrations.AddField(
            model_name="frozenrank",
            name="rules",
            field=models.ForeignKey(
                on_delete=django.db.models.deletion.PROTECT, related_name="ranks", to="braid.decidedrules"
            ),
        ),
        migrations.AddConstraint(
            model_name="frozenrank",
            constraint=models.CheckConstraint(
                condition=models.Q(
                    models.Q(("item__isnull", True), ("referral__isnull", False)),
                    models.Q(("item__isnull", False), ("referral__isnull", True)),
                    _connector="OR",
                ),
                name="frozen_for_one_decision",
            ),
        ),
    ]
