"""Links that humans review: pairs of a run, answers of reviewers, decisions."""

import uuid

import django.db.models.deletion
import django.db.models.functions.datetime
import pgtrigger.compiler
import pgtrigger.migrations
from django.db import migrations, models


class Migration(migrations.Migration):
    dependencies = [
        ("braid", "0052_name_keys_of_more_letters"),
    ]

    operations = [
        migrations.CreateModel(
            name="LinkAgreement",
            fields=[
                ("id", models.PositiveSmallIntegerField(default=1, primary_key=True, serialize=False)),
                ("pairs", models.PositiveIntegerField()),
                ("agreed", models.PositiveIntegerField()),
                ("kappa", models.FloatField(null=True)),
            ],
            options={
                "abstract": False,
            },
        ),
        migrations.CreateModel(
            name="LinkPair",
            fields=[
                ("id", models.UUIDField(default=uuid.uuid4, primary_key=True, serialize=False)),
                ("record_a", models.CharField(max_length=64)),
                ("record_b", models.CharField(max_length=64)),
                ("is_sampled", models.BooleanField()),
                ("needs_two", models.BooleanField()),
                ("run_id", models.CharField(max_length=64)),
                ("is_shown", models.BooleanField()),
                ("position", models.PositiveIntegerField()),
                ("person_a", models.CharField(max_length=64)),
                ("person_b", models.CharField(max_length=64)),
                ("is_joined", models.BooleanField()),
                ("sheet", models.JSONField()),
                ("state", models.CharField(default="open", max_length=10)),
                ("round", models.PositiveIntegerField(default=1)),
            ],
            options={
                "indexes": [models.Index(fields=["is_shown", "state", "position"], name="link_pair_by_position")],
                "constraints": [
                    models.UniqueConstraint(fields=("record_a", "record_b"), name="link_pair_once"),
                    models.CheckConstraint(
                        condition=models.Q(("state__in", ("open", "decided", "left"))), name="link_pair_has_a_state"
                    ),
                ],
            },
        ),
        migrations.CreateModel(
            name="LinkDecision",
            fields=[
                ("id", models.UUIDField(default=uuid.uuid4, primary_key=True, serialize=False)),
                ("round", models.PositiveIntegerField()),
                ("is_same", models.BooleanField()),
                ("decided_by", models.CharField(max_length=150)),
                ("approved_by", models.CharField(blank=True, max_length=150)),
                ("reference", models.CharField(max_length=40)),
                ("decided_at", models.DateTimeField(db_default=django.db.models.functions.datetime.Now())),
                ("line", models.PositiveIntegerField(null=True)),
                (
                    "pair",
                    models.ForeignKey(
                        on_delete=django.db.models.deletion.PROTECT, related_name="decisions", to="braid.linkpair"
                    ),
                ),
            ],
            options={
                "constraints": [models.UniqueConstraint(fields=("pair", "round"), name="link_decision_once")],
            },
        ),
        migrations.CreateModel(
            name="LinkAnswer",
            fields=[
                ("id", models.UUIDField(default=uuid.uuid4, primary_key=True, serialize=False)),
                ("round", models.PositiveIntegerField()),
                ("answer", models.CharField(max_length=10)),
                ("reason", models.CharField(max_length=20)),
                ("reference", models.CharField(max_length=40)),
                ("run_id", models.CharField(max_length=64)),
                ("answered_by", models.CharField(max_length=150)),
                ("answered_at", models.DateTimeField(db_default=django.db.models.functions.datetime.Now())),
                (
                    "pair",
                    models.ForeignKey(
                        on_delete=django.db.models.deletion.PROTECT, related_name="answers", to="braid.linkpair"
                    ),
                ),
            ],
            options={
                "constraints": [
                    models.UniqueConstraint(fields=("pair", "round", "answered_by"), name="link_answer_once"),
                    models.CheckConstraint(
                        condition=models.Q(("answer__in", ("same", "different", "unsure"))), name="link_answer_is_one"
                    ),
                ],
            },
        ),
        pgtrigger.migrations.AddTrigger(
            model_name="linkanswer",
            trigger=pgtrigger.compiler.Trigger(
                name="append_only",
                sql=pgtrigger.compiler.UpsertTriggerSql(
                    func="RAISE EXCEPTION 'pgtrigger: Cannot update or delete rows from % table', TG_TABLE_NAME;",
                    hash="79cb20d3958636f06a7dbce529927e037e6123ce",
                    operation="UPDATE OR DELETE",
                    pgid="pgtrigger_append_only_a0211",
                    table="braid_linkanswer",
                    when="BEFORE",
                ),
            ),
        ),
        pgtrigger.migrations.AddTrigger(
            model_name="linkanswer",
            trigger=pgtrigger.compiler.Trigger(
                name="not_emptied",
                sql=pgtrigger.compiler.UpsertTriggerSql(
                    func="raise exception 'answers on links are never removed';",
                    hash="1190aaff7804ac554a5c2c324471d64441aa7ac5",
                    level="STATEMENT",
                    operation="TRUNCATE",
                    pgid="pgtrigger_not_emptied_8259d",
                    table="braid_linkanswer",
                    when="BEFORE",
                ),
            ),
        ),
    ]
