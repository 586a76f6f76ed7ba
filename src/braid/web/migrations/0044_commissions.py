"""Joint commissions, and the service to each person served under one."""

import uuid

import django.db.models.deletion
import django.db.models.functions.datetime
from django.db import migrations, models


class Migration(migrations.Migration):
    dependencies = [
        ("braid", "0043_funds"),
    ]

    operations = [
        migrations.CreateModel(
            name="Commission",
            fields=[
                ("id", models.UUIDField(default=uuid.uuid4, primary_key=True, serialize=False)),
                ("title", models.CharField(max_length=120)),
                ("purpose", models.CharField(max_length=40)),
                ("bodies", models.JSONField(default=list)),
                ("lead", models.CharField(max_length=80)),
                ("state", models.CharField(default="draft", max_length=20)),
                ("in_force", models.PositiveSmallIntegerField(default=0)),
                ("made_by", models.CharField(max_length=150)),
                ("made_at", models.DateTimeField(db_default=django.db.models.functions.datetime.Now())),
                ("changed_by", models.CharField(max_length=150)),
                ("version", models.PositiveIntegerField(default=1)),
            ],
            options={
                "constraints": [
                    models.CheckConstraint(
                        condition=models.Q(("state__in", ["agreed", "closed", "draft", "dropped", "ended", "open"])),
                        name="commission_has_a_state",
                    )
                ],
            },
        ),
        migrations.CreateModel(
            name="CommissionTerms",
            fields=[
                ("id", models.UUIDField(default=uuid.uuid4, primary_key=True, serialize=False)),
                ("number", models.PositiveSmallIntegerField()),
                ("document", models.TextField()),
                ("reason", models.CharField(blank=True, max_length=500)),
                ("made_by", models.CharField(max_length=150)),
                ("made_at", models.DateTimeField(db_default=django.db.models.functions.datetime.Now())),
                (
                    "commission",
                    models.ForeignKey(
                        on_delete=django.db.models.deletion.PROTECT, related_name="terms", to="braid.commission"
                    ),
                ),
            ],
        ),
        migrations.CreateModel(
            name="CommissionSignature",
            fields=[
                ("id", models.UUIDField(default=uuid.uuid4, primary_key=True, serialize=False)),
                ("body", models.CharField(max_length=80)),
                ("signed_by", models.CharField(max_length=150)),
                ("signed_at", models.DateTimeField(db_default=django.db.models.functions.datetime.Now())),
                (
                    "terms",
                    models.ForeignKey(
                        on_delete=django.db.models.deletion.PROTECT,
                        related_name="signatures",
                        to="braid.commissionterms",
                    ),
                ),
            ],
        ),
        migrations.CreateModel(
            name="ReportingRound",
            fields=[
                ("id", models.UUIDField(default=uuid.uuid4, primary_key=True, serialize=False)),
                ("from_date", models.DateField()),
                ("to_date", models.DateField()),
                ("due_date", models.DateField()),
                ("made_by", models.CharField(max_length=150)),
                ("made_at", models.DateTimeField(db_default=django.db.models.functions.datetime.Now())),
                (
                    "commission",
                    models.ForeignKey(
                        on_delete=django.db.models.deletion.PROTECT, related_name="rounds", to="braid.commission"
                    ),
                ),
            ],
            options={
                "abstract": False,
            },
        ),
        migrations.CreateModel(
            name="RoundReturn",
            fields=[
                ("id", models.UUIDField(default=uuid.uuid4, primary_key=True, serialize=False)),
                ("state", models.CharField(default="asked", max_length=20)),
                ("said", models.JSONField(default=dict)),
                ("recorded", models.JSONField(default=dict)),
                ("risk", models.CharField(blank=True, max_length=20)),
                ("narrative", models.TextField(blank=True)),
                ("query", models.TextField(blank=True)),
                ("given_on", models.DateField(null=True)),
                ("changed_by", models.CharField(max_length=150)),
                ("version", models.PositiveIntegerField(default=1)),
                (
                    "of_round",
                    models.ForeignKey(
                        on_delete=django.db.models.deletion.PROTECT, related_name="returns", to="braid.reportinground"
                    ),
                ),
                (
                    "team",
                    models.ForeignKey(on_delete=django.db.models.deletion.PROTECT, related_name="+", to="braid.team"),
                ),
            ],
        ),
        migrations.CreateModel(
            name="ServiceEpisode",
            fields=[
                ("id", models.UUIDField(default=uuid.uuid4, primary_key=True, serialize=False)),
                ("terms_number", models.PositiveSmallIntegerField()),
                ("lot", models.CharField(max_length=20)),
                ("need_band", models.CharField(blank=True, max_length=10)),
                ("eligible_by", models.CharField(blank=True, max_length=20)),
                ("state", models.CharField(default="referred", max_length=20)),
                ("ended_because", models.CharField(blank=True, max_length=30)),
                ("ended_at", models.DateTimeField(null=True)),
                ("own_view", models.TextField(blank=True)),
                ("changed_by", models.CharField(max_length=150)),
                ("changed_at", models.DateTimeField(db_default=django.db.models.functions.datetime.Now())),
                ("version", models.PositiveIntegerField(default=1)),
                (
                    "commission",
                    models.ForeignKey(
                        on_delete=django.db.models.deletion.PROTECT, related_name="episodes", to="braid.commission"
                    ),
                ),
                (
                    "referral",
                    models.OneToOneField(
                        on_delete=django.db.models.deletion.PROTECT, related_name="served", to="braid.referral"
                    ),
                ),
                (
                    "team",
                    models.ForeignKey(on_delete=django.db.models.deletion.PROTECT, related_name="+", to="braid.team"),
                ),
            ],
        ),
        migrations.CreateModel(
            name="OutcomeScore",
            fields=[
                ("id", models.UUIDField(default=uuid.uuid4, primary_key=True, serialize=False)),
                ("outcome", models.CharField(max_length=60)),
                ("score", models.CharField(max_length=20)),
                ("evidence", models.TextField()),
                ("state", models.CharField(default="said", max_length=20)),
                ("is_drawn", models.BooleanField(null=True)),
                ("why", models.TextField(blank=True)),
                ("said_by", models.CharField(max_length=150)),
                ("confirmed_by", models.CharField(blank=True, max_length=150)),
                ("verified_by", models.CharField(blank=True, max_length=150)),
                ("version", models.PositiveIntegerField(default=1)),
                (
                    "episode",
                    models.ForeignKey(
                        on_delete=django.db.models.deletion.PROTECT, related_name="scores", to="braid.serviceepisode"
                    ),
                ),
            ],
        ),
        migrations.CreateModel(
            name="ServicePlan",
            fields=[
                ("id", models.UUIDField(default=uuid.uuid4, primary_key=True, serialize=False)),
                ("number", models.PositiveSmallIntegerField()),
                ("words", models.TextField()),
                ("written_by", models.CharField(max_length=150)),
                ("written_at", models.DateTimeField(db_default=django.db.models.functions.datetime.Now())),
                (
                    "episode",
                    models.ForeignKey(
                        on_delete=django.db.models.deletion.PROTECT, related_name="plans", to="braid.serviceepisode"
                    ),
                ),
            ],
        ),
        migrations.CreateModel(
            name="ServiceSession",
            fields=[
                ("id", models.UUIDField(default=uuid.uuid4, primary_key=True, serialize=False)),
                ("at", models.DateTimeField()),
                ("moved_because", models.CharField(blank=True, max_length=20)),
                ("moved_times", models.PositiveSmallIntegerField(default=0)),
                ("attendance", models.CharField(blank=True, max_length=10)),
                ("why_not", models.CharField(blank=True, max_length=30)),
                ("written_by", models.CharField(max_length=150)),
                ("version", models.PositiveIntegerField(default=1)),
                (
                    "episode",
                    models.ForeignKey(
                        on_delete=django.db.models.deletion.PROTECT, related_name="sessions", to="braid.serviceepisode"
                    ),
                ),
            ],
        ),
        migrations.CreateModel(
            name="CommissionPosting",
            fields=[
                ("id", models.UUIDField(default=uuid.uuid4, primary_key=True, serialize=False)),
                ("payment", models.PositiveIntegerField()),
                ("fund", models.CharField(max_length=60)),
                ("lot", models.CharField(max_length=20)),
                ("component", models.CharField(max_length=20)),
                ("outcome", models.CharField(blank=True, max_length=60)),
                ("score", models.CharField(blank=True, max_length=20)),
                ("unit_pence", models.BigIntegerField(default=0)),
                ("units", models.IntegerField(default=0)),
                ("pence", models.BigIntegerField()),
                ("reason", models.CharField(max_length=200)),
                ("is_final", models.BooleanField(default=False)),
                ("posted_by", models.CharField(max_length=150)),
                ("posted_at", models.DateTimeField(db_default=django.db.models.functions.datetime.Now())),
                (
                    "commission",
                    models.ForeignKey(
                        on_delete=django.db.models.deletion.PROTECT, related_name="postings", to="braid.commission"
                    ),
                ),
            ],
            options={
                "constraints": [
                    models.UniqueConstraint(
                        fields=("commission", "payment", "lot", "component", "outcome", "score", "unit_pence"),
                        name="line_once_a_payment",
                    )
                ],
            },
        ),
        migrations.AddConstraint(
            model_name="commissionterms",
            constraint=models.UniqueConstraint(fields=("commission", "number"), name="terms_once"),
        ),
        migrations.AddConstraint(
            model_name="commissionsignature",
            constraint=models.UniqueConstraint(fields=("terms", "body"), name="body_signs_once"),
        ),
        migrations.AddConstraint(
            model_name="roundreturn",
            constraint=models.UniqueConstraint(fields=("of_round", "team"), name="round_return_once"),
        ),
        migrations.AddConstraint(
            model_name="roundreturn",
            constraint=models.CheckConstraint(
                condition=models.Q(("state__in", ["accepted", "asked", "given", "queried"])),
                name="round_return_has_a_state",
            ),
        ),
        migrations.AddIndex(
            model_name="serviceepisode",
            index=models.Index(fields=["commission", "lot"], name="episode_by_lot"),
        ),
        migrations.AddConstraint(
            model_name="serviceepisode",
            constraint=models.CheckConstraint(
                condition=models.Q(
                    (
                        "state__in",
                        ["assessed", "concluded", "ended_early", "referred", "reported", "submitted", "under_way"],
                    )
                ),
                name="episode_has_a_state",
            ),
        ),
        migrations.AddConstraint(
            model_name="serviceepisode",
            constraint=models.CheckConstraint(
                condition=models.Q(("need_band__in", ["", "high", "low", "medium"])), name="episode_has_a_band"
            ),
        ),
        migrations.AddConstraint(
            model_name="serviceepisode",
            constraint=models.CheckConstraint(
                condition=models.Q(("eligible_by__in", ["", "attested", "concerned", "not_eligible"])),
                name="episode_has_a_basis",
            ),
        ),
        migrations.AddConstraint(
            model_name="outcomescore",
            constraint=models.UniqueConstraint(fields=("episode", "outcome"), name="score_once"),
        ),
        migrations.AddConstraint(
            model_name="outcomescore",
            constraint=models.CheckConstraint(
                condition=models.Q(
                    (
                        "state__in",
                        ["confirmed", "dismissed", "disputed", "overturned", "questioned", "said", "verified"],
                    )
                ),
                name="score_has_a_state",
            ),
        ),
        migrations.AddConstraint(
            model_name="outcomescore",
            constraint=models.CheckConstraint(
                condition=models.Q(("score__in", ["achieved", "not", "partly"])), name="score_is_one"
            ),
        ),
        migrations.AddConstraint(
            model_name="outcomescore",
            constraint=models.CheckConstraint(
                condition=models.Q(
                    ("confirmed_by", ""),
                    models.Q(("confirmed_by", models.F("said_by")), _negated=True),
                    _connector="OR",
                ),
                name="nobody_confirms_their_own",
            ),
        ),
        migrations.AddConstraint(
            model_name="serviceplan",
            constraint=models.UniqueConstraint(fields=("episode", "number"), name="service_plan_once"),
        ),
        migrations.AddConstraint(
            model_name="servicesession",
            constraint=models.CheckConstraint(
                condition=models.Q(("attendance__in", ["", "late", "no", "yes"])), name="session_has_an_attendance"
            ),
        ),
        migrations.AddConstraint(
            model_name="servicesession",
            constraint=models.CheckConstraint(
                condition=models.Q(
                    models.Q(("attendance", "no"), _negated=True),
                    models.Q(("why_not", ""), _negated=True),
                    _connector="OR",
                ),
                name="no_session_has_its_reason",
            ),
        ),
    ]
