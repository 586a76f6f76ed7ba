"""Plans on pages: proposals, whom they are about, and what was answered."""

import uuid

import django.db.models.deletion
import django.db.models.functions.datetime
from django.db import migrations, models


class Migration(migrations.Migration):
    dependencies = [
        ("braid", "0032_agendas_left"),
    ]

    operations = [
        migrations.CreateModel(
            name="Proposal",
            fields=[
                ("id", models.UUIDField(default=uuid.uuid4, primary_key=True, serialize=False)),
                ("kind", models.CharField(max_length=20)),
                ("purpose", models.CharField(max_length=40)),
                ("organisation", models.CharField(max_length=80)),
                ("reference", models.CharField(max_length=20)),
                ("position", models.PositiveIntegerField()),
                ("is_change", models.BooleanField()),
                ("chain", models.PositiveIntegerField(null=True)),
                ("levels", models.JSONField()),
                ("key_id", models.CharField(max_length=40)),
                ("wrapped", models.BinaryField()),
                ("sealed", models.BinaryField()),
            ],
        ),
        migrations.CreateModel(
            name="ShownPlan",
            fields=[
                ("kind", models.CharField(max_length=20, primary_key=True, serialize=False)),
                ("run_id", models.CharField(max_length=64)),
                ("on_date", models.DateField()),
                ("fingerprint", models.CharField(max_length=64)),
                ("certificate", models.JSONField()),
                ("shown_at", models.DateTimeField(db_default=django.db.models.functions.datetime.Now())),
            ],
            options={
                "abstract": False,
            },
        ),
        migrations.CreateModel(
            name="ProposalAnswer",
            fields=[
                ("id", models.UUIDField(default=uuid.uuid4, primary_key=True, serialize=False)),
                ("kind", models.CharField(max_length=20)),
                ("purpose", models.CharField(max_length=40)),
                ("organisation", models.CharField(max_length=80)),
                ("answer", models.CharField(max_length=20)),
                ("token", models.CharField(max_length=64)),
                ("is_proposed", models.BooleanField()),
                ("reason", models.CharField(blank=True, max_length=40)),
                ("words", models.TextField(blank=True)),
                ("run_id", models.CharField(max_length=64)),
                ("plan_fingerprint", models.CharField(max_length=64)),
                ("answered_by", models.CharField(max_length=150)),
                ("answered_at", models.DateTimeField(db_default=django.db.models.functions.datetime.Now())),
                ("ended_by", models.CharField(blank=True, db_default="", max_length=150)),
                ("ended_at", models.DateTimeField(null=True)),
                (
                    "proposal",
                    models.ForeignKey(
                        db_constraint=False,
                        null=True,
                        on_delete=django.db.models.deletion.SET_NULL,
                        to="braid.proposal",
                    ),
                ),
            ],
        ),
        migrations.CreateModel(
            name="AnsweredPerson",
            fields=[
                ("id", models.BigAutoField(auto_created=True, primary_key=True, serialize=False, verbose_name="ID")),
                ("person_id", models.CharField(max_length=64)),
                (
                    "answer",
                    models.ForeignKey(
                        on_delete=django.db.models.deletion.CASCADE, related_name="people", to="braid.proposalanswer"
                    ),
                ),
            ],
        ),
        migrations.CreateModel(
            name="ProposalChoice",
            fields=[
                ("id", models.BigAutoField(auto_created=True, primary_key=True, serialize=False, verbose_name="ID")),
                ("token", models.CharField(max_length=64)),
                (
                    "proposal",
                    models.ForeignKey(
                        on_delete=django.db.models.deletion.CASCADE, related_name="choices", to="braid.proposal"
                    ),
                ),
            ],
        ),
        migrations.CreateModel(
            name="ProposalPerson",
            fields=[
                ("id", models.BigAutoField(auto_created=True, primary_key=True, serialize=False, verbose_name="ID")),
                ("person_id", models.CharField(max_length=64)),
                (
                    "proposal",
                    models.ForeignKey(
                        on_delete=django.db.models.deletion.CASCADE, related_name="people", to="braid.proposal"
                    ),
                ),
            ],
        ),
        migrations.AddField(
            model_name="proposal",
            name="plan",
            field=models.ForeignKey(
                on_delete=django.db.models.deletion.CASCADE, related_name="proposals", to="braid.shownplan"
            ),
        ),
        migrations.AddConstraint(
            model_name="proposalanswer",
            constraint=models.CheckConstraint(
                condition=models.Q(("answer__in", ("accepted", "refused"))), name="answer_is_one"
            ),
        ),
        migrations.AddConstraint(
            model_name="proposalanswer",
            constraint=models.UniqueConstraint(
                condition=models.Q(("answer", "accepted"), ("ended_at__isnull", True)),
                fields=("kind", "token"),
                name="unit_is_accepted_once",
            ),
        ),
        migrations.AddConstraint(
            model_name="proposalanswer",
            constraint=models.CheckConstraint(
                condition=models.Q(
                    models.Q(("reason", ""), _negated=True),
                    models.Q(("answer", "accepted"), ("is_proposed", True)),
                    _connector="OR",
                ),
                name="another_choice_has_its_reason",
            ),
        ),
        migrations.AddConstraint(
            model_name="answeredperson",
            constraint=models.UniqueConstraint(fields=("answer", "person_id"), name="answer_is_about_each_once"),
        ),
        migrations.AddIndex(
            model_name="proposalchoice",
            index=models.Index(fields=["token"], name="choice_by_token"),
        ),
        migrations.AddIndex(
            model_name="proposalperson",
            index=models.Index(fields=["person_id"], name="proposal_by_person"),
        ),
        migrations.AddConstraint(
            model_name="proposalperson",
            constraint=models.UniqueConstraint(fields=("proposal", "person_id"), name="proposal_is_about_each_once"),
        ),
        migrations.AddIndex(
            model_name="proposal",
            index=models.Index(fields=["kind", "organisation", "position"], name="proposal_by_position"),
        ),
    ]
