"""Boards: seats, meetings, agendas, papers, decisions, actions, risks and priorities."""

import uuid

import django.db.models.deletion
import django.db.models.functions.datetime
import pgtrigger.compiler
import pgtrigger.migrations
from django.db import migrations, models


class Migration(migrations.Migration):
    dependencies = [
        ("braid", "0041_roles_of_the_place"),
    ]

    operations = [
        migrations.CreateModel(
            name="BoardAction",
            fields=[
                ("id", models.UUIDField(default=uuid.uuid4, primary_key=True, serialize=False)),
                ("board_id", models.CharField(max_length=40)),
                ("words", models.TextField()),
                ("body", models.CharField(max_length=60)),
                ("due_date", models.DateField()),
                ("state", models.CharField(default="open", max_length=20)),
                ("reported_by", models.CharField(blank=True, db_default="", max_length=150)),
                ("written_by", models.CharField(max_length=150)),
                ("written_at", models.DateTimeField(db_default=django.db.models.functions.datetime.Now())),
                ("version", models.PositiveIntegerField(default=1)),
            ],
        ),
        migrations.CreateModel(
            name="BoardItem",
            fields=[
                ("id", models.UUIDField(default=uuid.uuid4, primary_key=True, serialize=False)),
                ("board_id", models.CharField(max_length=40)),
                ("position", models.PositiveSmallIntegerField()),
                ("kind", models.CharField(max_length=20)),
                ("title", models.CharField(max_length=200)),
                ("asks", models.TextField(blank=True)),
                ("minutes", models.PositiveSmallIntegerField()),
                ("matter", models.CharField(blank=True, max_length=40)),
                ("confidential", models.BooleanField()),
                ("discussion", models.TextField(blank=True, db_default="")),
                ("taken_off_at", models.DateTimeField(null=True)),
                ("written_by", models.CharField(max_length=150)),
                ("version", models.PositiveIntegerField(default=1)),
            ],
        ),
        migrations.CreateModel(
            name="BoardPriority",
            fields=[
                ("id", models.UUIDField(default=uuid.uuid4, primary_key=True, serialize=False)),
                ("board_id", models.CharField(max_length=40)),
                ("position", models.PositiveSmallIntegerField()),
                ("title", models.CharField(max_length=200)),
                ("why", models.TextField()),
                ("statements", models.JSONField(default=list)),
                ("outcomes", models.JSONField(default=list)),
                ("measures", models.TextField(blank=True)),
                ("from_date", models.DateField()),
                ("to_date", models.DateField()),
                ("written_by", models.CharField(max_length=150)),
                ("written_at", models.DateTimeField(db_default=django.db.models.functions.datetime.Now())),
            ],
        ),
        migrations.CreateModel(
            name="BoardActionStep",
            fields=[
                ("id", models.UUIDField(default=uuid.uuid4, primary_key=True, serialize=False)),
                ("step", models.CharField(max_length=20)),
                ("words", models.TextField()),
                ("due_date", models.DateField()),
                ("taken_by", models.CharField(max_length=150)),
                ("taken_at", models.DateTimeField(db_default=django.db.models.functions.datetime.Now())),
                (
                    "action",
                    models.ForeignKey(
                        on_delete=django.db.models.deletion.PROTECT, related_name="steps", to="braid.boardaction"
                    ),
                ),
            ],
        ),
        migrations.CreateModel(
            name="BoardDecision",
            fields=[
                ("id", models.UUIDField(default=uuid.uuid4, primary_key=True, serialize=False)),
                ("reference", models.CharField(max_length=20, unique=True)),
                ("board_id", models.CharField(max_length=40)),
                ("confidential", models.BooleanField()),
                ("title", models.CharField(max_length=200)),
                ("words", models.TextField()),
                ("conditions", models.TextField(blank=True)),
                ("reasons", models.TextField()),
                ("options_rejected", models.TextField(blank=True)),
                ("owner_body", models.CharField(max_length=60)),
                ("review_date", models.DateField()),
                ("carried", models.BooleanField()),
                ("rule", models.CharField(max_length=20)),
                ("why", models.CharField(max_length=300)),
                ("written_by", models.CharField(max_length=150)),
                ("decided_at", models.DateTimeField(db_default=django.db.models.functions.datetime.Now())),
                (
                    "supersedes",
                    models.OneToOneField(
                        null=True,
                        on_delete=django.db.models.deletion.PROTECT,
                        related_name="superseded_by",
                        to="braid.boarddecision",
                    ),
                ),
                (
                    "item",
                    models.ForeignKey(
                        on_delete=django.db.models.deletion.PROTECT, related_name="decisions", to="braid.boarditem"
                    ),
                ),
            ],
        ),
        migrations.AddField(
            model_name="boardaction",
            name="decision",
            field=models.ForeignKey(
                null=True, on_delete=django.db.models.deletion.PROTECT, related_name="actions", to="braid.boarddecision"
            ),
        ),
        migrations.CreateModel(
            name="BoardInterest",
            fields=[
                ("id", models.UUIDField(default=uuid.uuid4, primary_key=True, serialize=False)),
                ("seat", models.CharField(max_length=40)),
                ("body", models.CharField(max_length=60)),
                ("kind", models.CharField(max_length=20)),
                ("words", models.TextField()),
                ("withdraws", models.BooleanField()),
                ("written_by", models.CharField(max_length=150)),
                ("written_at", models.DateTimeField(db_default=django.db.models.functions.datetime.Now())),
                (
                    "item",
                    models.ForeignKey(
                        on_delete=django.db.models.deletion.PROTECT, related_name="interests", to="braid.boarditem"
                    ),
                ),
            ],
        ),
        migrations.AddField(
            model_name="boardaction",
            name="item",
            field=models.ForeignKey(
                on_delete=django.db.models.deletion.PROTECT, related_name="actions", to="braid.boarditem"
            ),
        ),
        migrations.CreateModel(
            name="BoardMeeting",
            fields=[
                ("id", models.UUIDField(default=uuid.uuid4, primary_key=True, serialize=False)),
                ("board_id", models.CharField(max_length=40)),
                ("starts_at", models.DateTimeField()),
                ("length_minutes", models.PositiveSmallIntegerField()),
                ("state", models.CharField(default="planned", max_length=20)),
                ("planned_by", models.CharField(max_length=150)),
                ("planned_at", models.DateTimeField(db_default=django.db.models.functions.datetime.Now())),
                ("papers_out_at", models.DateTimeField(null=True)),
                ("urgency", models.TextField(blank=True, db_default="")),
                ("held_at", models.DateTimeField(null=True)),
                ("agreed_at", models.DateTimeField(null=True)),
                ("agreed_by", models.CharField(blank=True, db_default="", max_length=150)),
                ("cancelled_because", models.CharField(blank=True, db_default="", max_length=20)),
                ("version", models.PositiveIntegerField(default=1)),
            ],
            options={
                "indexes": [models.Index(fields=["board_id", "-starts_at"], name="board_meeting_by_board")],
                "constraints": [
                    models.CheckConstraint(
                        condition=models.Q(
                            ("state__in", ["agreed", "cancelled", "inquorate", "papers_out", "planned", "quorate"])
                        ),
                        name="board_meeting_has_a_state",
                    ),
                    models.CheckConstraint(
                        condition=models.Q(
                            models.Q(("state", "agreed"), _negated=True),
                            models.Q(("agreed_at__isnull", False), models.Q(("agreed_by", ""), _negated=True)),
                            _connector="OR",
                        ),
                        name="board_minutes_agreed_by_somebody",
                    ),
                    models.CheckConstraint(
                        condition=models.Q(
                            models.Q(("state", "cancelled"), _negated=True),
                            models.Q(("cancelled_because", ""), _negated=True),
                            _connector="OR",
                        ),
                        name="board_meeting_cancelled_because",
                    ),
                ],
            },
        ),
        migrations.AddField(
            model_name="boarditem",
            name="meeting",
            field=models.ForeignKey(
                on_delete=django.db.models.deletion.PROTECT, related_name="items", to="braid.boardmeeting"
            ),
        ),
        migrations.CreateModel(
            name="BoardAttendance",
            fields=[
                ("id", models.UUIDField(default=uuid.uuid4, primary_key=True, serialize=False)),
                ("seat", models.CharField(max_length=40)),
                ("body", models.CharField(max_length=60)),
                ("attendance", models.CharField(max_length=20)),
                ("written_by", models.CharField(max_length=150)),
                (
                    "meeting",
                    models.ForeignKey(
                        on_delete=django.db.models.deletion.PROTECT, related_name="attendances", to="braid.boardmeeting"
                    ),
                ),
            ],
        ),
        migrations.CreateModel(
            name="BoardPriorityEnd",
            fields=[
                (
                    "priority",
                    models.OneToOneField(
                        on_delete=django.db.models.deletion.PROTECT,
                        primary_key=True,
                        related_name="ended_by",
                        serialize=False,
                        to="braid.boardpriority",
                    ),
                ),
                ("written_by", models.CharField(max_length=150)),
                ("written_at", models.DateTimeField(db_default=django.db.models.functions.datetime.Now())),
            ],
        ),
        migrations.AddField(
            model_name="boardpriority",
            name="decision",
            field=models.ForeignKey(
                on_delete=django.db.models.deletion.PROTECT, related_name="priorities", to="braid.boarddecision"
            ),
        ),
        migrations.AddField(
            model_name="boardpriority",
            name="replaces",
            field=models.OneToOneField(
                null=True,
                on_delete=django.db.models.deletion.PROTECT,
                related_name="replaced_by",
                to="braid.boardpriority",
            ),
        ),
        migrations.CreateModel(
            name="BoardRisk",
            fields=[
                ("id", models.UUIDField(default=uuid.uuid4, primary_key=True, serialize=False)),
                ("board_id", models.CharField(max_length=40)),
                ("cause", models.TextField()),
                ("event", models.TextField()),
                ("effect", models.TextField()),
                ("owner_body", models.CharField(max_length=60)),
                ("written_by", models.CharField(max_length=150)),
                ("written_at", models.DateTimeField(db_default=django.db.models.functions.datetime.Now())),
                ("closed_at", models.DateTimeField(null=True)),
                ("closed_because", models.TextField(blank=True, db_default="")),
                ("version", models.PositiveIntegerField(default=1)),
            ],
            options={
                "constraints": [
                    models.CheckConstraint(
                        condition=models.Q(
                            ("closed_at__isnull", True),
                            models.Q(("closed_because", ""), _negated=True),
                            _connector="OR",
                        ),
                        name="risk_closed_because",
                    )
                ],
            },
        ),
        migrations.CreateModel(
            name="BoardRiskRating",
            fields=[
                ("id", models.UUIDField(default=uuid.uuid4, primary_key=True, serialize=False)),
                ("number", models.PositiveSmallIntegerField()),
                ("likelihood_before", models.PositiveSmallIntegerField()),
                ("impact_before", models.PositiveSmallIntegerField()),
                ("likelihood_after", models.PositiveSmallIntegerField()),
                ("impact_after", models.PositiveSmallIntegerField()),
                ("response", models.CharField(max_length=20)),
                ("words", models.TextField()),
                ("review_date", models.DateField()),
                ("rated_by", models.CharField(max_length=150)),
                ("rated_at", models.DateTimeField(db_default=django.db.models.functions.datetime.Now())),
                (
                    "risk",
                    models.ForeignKey(
                        on_delete=django.db.models.deletion.PROTECT, related_name="ratings", to="braid.boardrisk"
                    ),
                ),
            ],
        ),
        migrations.CreateModel(
            name="BoardSeatHolder",
            fields=[
                ("id", models.UUIDField(default=uuid.uuid4, primary_key=True, serialize=False)),
                ("username", models.CharField(max_length=150)),
                ("board_id", models.CharField(max_length=40)),
                ("seat", models.CharField(max_length=40)),
                ("body", models.CharField(max_length=60)),
                ("chairs", models.BooleanField(default=False)),
                ("from_date", models.DateField()),
                ("until_date", models.DateField(null=True)),
                ("given_by", models.CharField(max_length=150)),
                ("given_at", models.DateTimeField(db_default=django.db.models.functions.datetime.Now())),
                ("ended_at", models.DateTimeField(null=True)),
                ("ended_by", models.CharField(blank=True, db_default="", max_length=150)),
            ],
            options={
                "indexes": [models.Index(fields=["board_id", "username"], name="holder_by_board")],
                "constraints": [
                    models.CheckConstraint(
                        condition=models.Q(
                            ("until_date__isnull", True), ("until_date__gte", models.F("from_date")), _connector="OR"
                        ),
                        name="seat_ends_after_it_begins",
                    )
                ],
            },
        ),
        migrations.CreateModel(
            name="BoardVote",
            fields=[
                ("id", models.UUIDField(default=uuid.uuid4, primary_key=True, serialize=False)),
                ("seat", models.CharField(max_length=40)),
                ("body", models.CharField(max_length=60)),
                ("vote", models.CharField(max_length=20)),
                ("dissent", models.TextField(blank=True)),
                (
                    "decision",
                    models.ForeignKey(
                        on_delete=django.db.models.deletion.PROTECT, related_name="votes", to="braid.boarddecision"
                    ),
                ),
            ],
        ),
        migrations.CreateModel(
            name="DecisionLink",
            fields=[
                ("id", models.UUIDField(default=uuid.uuid4, primary_key=True, serialize=False)),
                ("kind", models.CharField(max_length=20)),
                ("reference", models.CharField(max_length=60)),
                ("written_by", models.CharField(max_length=150)),
                ("written_at", models.DateTimeField(db_default=django.db.models.functions.datetime.Now())),
                (
                    "decision",
                    models.ForeignKey(
                        on_delete=django.db.models.deletion.PROTECT, related_name="links", to="braid.boarddecision"
                    ),
                ),
            ],
        ),
        migrations.CreateModel(
            name="MeetingPaper",
            fields=[
                ("id", models.UUIDField(default=uuid.uuid4, primary_key=True, serialize=False)),
                ("edition", models.PositiveSmallIntegerField()),
                ("heading", models.CharField(max_length=200)),
                ("summary", models.TextField()),
                ("recommendation", models.TextField()),
                ("body", models.TextField()),
                ("options", models.TextField()),
                ("written_by", models.CharField(max_length=150)),
                ("written_at", models.DateTimeField(db_default=django.db.models.functions.datetime.Now())),
                (
                    "item",
                    models.ForeignKey(
                        on_delete=django.db.models.deletion.PROTECT, related_name="papers", to="braid.boarditem"
                    ),
                ),
            ],
        ),
        pgtrigger.migrations.AddTrigger(
            model_name="boardactionstep",
            trigger=pgtrigger.compiler.Trigger(
                name="append_only",
                sql=pgtrigger.compiler.UpsertTriggerSql(
                    func="RAISE EXCEPTION 'pgtrigger: Cannot update or delete rows from % table', TG_TABLE_NAME;",
                    hash="a4a293cb5738d65457226f4c0b60306c55e5c259",
                    operation="UPDATE OR DELETE",
                    pgid="pgtrigger_append_only_1a41f",
                    table="braid_boardactionstep",
                    when="BEFORE",
                ),
            ),
        ),
        pgtrigger.migrations.AddTrigger(
            model_name="boardactionstep",
            trigger=pgtrigger.compiler.Trigger(
                name="not_emptied",
                sql=pgtrigger.compiler.UpsertTriggerSql(
                    func="raise exception 'steps of actions are never removed';",
                    hash="cd2215116f1706cb52528b45deb3c63088f5537a",
                    level="STATEMENT",
                    operation="TRUNCATE",
                    pgid="pgtrigger_not_emptied_5ae3b",
                    table="braid_boardactionstep",
                    when="BEFORE",
                ),
            ),
        ),
        migrations.AddConstraint(
            model_name="boardinterest",
            constraint=models.UniqueConstraint(fields=("item", "seat", "body"), name="interest_once"),
        ),
        migrations.AddConstraint(
            model_name="boardinterest",
            constraint=models.CheckConstraint(
                condition=models.Q(("kind__in", ["other", "pecuniary"])), name="interest_has_a_kind"
            ),
        ),
        migrations.AddConstraint(
            model_name="boardinterest",
            constraint=models.CheckConstraint(
                condition=models.Q(
                    models.Q(("kind", "pecuniary"), _negated=True), ("withdraws", True), _connector="OR"
                ),
                name="pecuniary_interest_withdraws",
            ),
        ),
        pgtrigger.migrations.AddTrigger(
            model_name="boardinterest",
            trigger=pgtrigger.compiler.Trigger(
                name="append_only",
                sql=pgtrigger.compiler.UpsertTriggerSql(
                    func="RAISE EXCEPTION 'pgtrigger: Cannot update or delete rows from % table', TG_TABLE_NAME;",
                    hash="8b19bce35385a0e11022cba5336d7e5d6f1adeb6",
                    operation="UPDATE OR DELETE",
                    pgid="pgtrigger_append_only_3beca",
                    table="braid_boardinterest",
                    when="BEFORE",
                ),
            ),
        ),
        pgtrigger.migrations.AddTrigger(
            model_name="boardinterest",
            trigger=pgtrigger.compiler.Trigger(
                name="not_emptied",
                sql=pgtrigger.compiler.UpsertTriggerSql(
                    func="raise exception 'interests are never removed';",
                    hash="892035c917f302218477a2de200216cc546e3b6c",
                    level="STATEMENT",
                    operation="TRUNCATE",
                    pgid="pgtrigger_not_emptied_d5559",
                    table="braid_boardinterest",
                    when="BEFORE",
                ),
            ),
        ),
        migrations.AddIndex(
            model_name="boarddecision",
            index=models.Index(fields=["board_id", "-decided_at"], name="decision_by_board"),
        ),
        migrations.AddConstraint(
            model_name="boarddecision",
            constraint=models.CheckConstraint(
                condition=models.Q(
                    models.Q(("title", ""), _negated=True),
                    models.Q(("words", ""), _negated=True),
                    models.Q(("reasons", ""), _negated=True),
                ),
                name="decision_says_what_and_why",
            ),
        ),
        migrations.AddConstraint(
            model_name="boarddecision",
            constraint=models.CheckConstraint(
                condition=models.Q(("supersedes__isnull", True), ("carried", True), _connector="OR"),
                name="only_what_is_carried_supersedes",
            ),
        ),
        pgtrigger.migrations.AddTrigger(
            model_name="boarddecision",
            trigger=pgtrigger.compiler.Trigger(
                name="append_only",
                sql=pgtrigger.compiler.UpsertTriggerSql(
                    func="RAISE EXCEPTION 'pgtrigger: Cannot update or delete rows from % table', TG_TABLE_NAME;",
                    hash="3c581880ca099b730f6c64f425b92d6ed99cd2b8",
                    operation="UPDATE OR DELETE",
                    pgid="pgtrigger_append_only_4d374",
                    table="braid_boarddecision",
                    when="BEFORE",
                ),
            ),
        ),
        pgtrigger.migrations.AddTrigger(
            model_name="boarddecision",
            trigger=pgtrigger.compiler.Trigger(
                name="not_emptied",
                sql=pgtrigger.compiler.UpsertTriggerSql(
                    func="raise exception 'decisions are never removed';",
                    hash="be63f7777298f6fad9f6ddb2f3fb5ab9f6005e35",
                    level="STATEMENT",
                    operation="TRUNCATE",
                    pgid="pgtrigger_not_emptied_f4649",
                    table="braid_boarddecision",
                    when="BEFORE",
                ),
            ),
        ),
        migrations.AddIndex(
            model_name="boardaction",
            index=models.Index(fields=["board_id", "state"], name="board_action_by_state"),
        ),
        migrations.AddConstraint(
            model_name="boardaction",
            constraint=models.CheckConstraint(
                condition=models.Q(("state__in", ["closed", "dropped", "open", "reported"])),
                name="board_action_has_a_state",
            ),
        ),
        migrations.AddConstraint(
            model_name="boarditem",
            constraint=models.CheckConstraint(
                condition=models.Q(("kind__in", ["decision", "discussion", "information"])),
                name="board_item_has_a_kind",
            ),
        ),
        migrations.AddConstraint(
            model_name="boardattendance",
            constraint=models.UniqueConstraint(fields=("meeting", "seat", "body"), name="board_attendance_once"),
        ),
        migrations.AddConstraint(
            model_name="boardattendance",
            constraint=models.CheckConstraint(
                condition=models.Q(("attendance__in", ["absent", "apologies", "present", "remote"])),
                name="board_attendance_known",
            ),
        ),
        migrations.AddField(
            model_name="boardpriorityend",
            name="decision",
            field=models.ForeignKey(
                on_delete=django.db.models.deletion.PROTECT, related_name="priorities_ended", to="braid.boarddecision"
            ),
        ),
        migrations.AddConstraint(
            model_name="boardpriority",
            constraint=models.CheckConstraint(
                condition=models.Q(("to_date__gt", models.F("from_date"))), name="priority_ends_after_it_begins"
            ),
        ),
        pgtrigger.migrations.AddTrigger(
            model_name="boardpriority",
            trigger=pgtrigger.compiler.Trigger(
                name="append_only",
                sql=pgtrigger.compiler.UpsertTriggerSql(
                    func="RAISE EXCEPTION 'pgtrigger: Cannot update or delete rows from % table', TG_TABLE_NAME;",
                    hash="81d7eb5f7fb1d3fe64a1955b678b9b23cdca1b40",
                    operation="UPDATE OR DELETE",
                    pgid="pgtrigger_append_only_ff176",
                    table="braid_boardpriority",
                    when="BEFORE",
                ),
            ),
        ),
        pgtrigger.migrations.AddTrigger(
            model_name="boardpriority",
            trigger=pgtrigger.compiler.Trigger(
                name="not_emptied",
                sql=pgtrigger.compiler.UpsertTriggerSql(
                    func="raise exception 'priorities are never removed';",
                    hash="f289b2d99e59053f8922037f20a0381843f38ea8",
                    level="STATEMENT",
                    operation="TRUNCATE",
                    pgid="pgtrigger_not_emptied_8af28",
                    table="braid_boardpriority",
                    when="BEFORE",
                ),
            ),
        ),
        migrations.AddConstraint(
            model_name="boardriskrating",
            constraint=models.UniqueConstraint(fields=("risk", "number"), name="risk_rating_once"),
        ),
        migrations.AddConstraint(
            model_name="boardriskrating",
            constraint=models.CheckConstraint(
                condition=models.Q(
                    ("likelihood_before__gte", 1),
                    ("likelihood_before__lte", 5),
                    ("impact_before__gte", 1),
                    ("impact_before__lte", 5),
                    ("likelihood_after__gte", 1),
                    ("likelihood_after__lte", 5),
                    ("impact_after__gte", 1),
                    ("impact_after__lte", 5),
                ),
                name="risk_on_scale",
            ),
        ),
        migrations.AddConstraint(
            model_name="boardriskrating",
            constraint=models.CheckConstraint(
                condition=models.Q(
                    ("likelihood_after__lte", models.F("likelihood_before")),
                    ("impact_after__lte", models.F("impact_before")),
                ),
                name="risk_not_higher_after",
            ),
        ),
        migrations.AddConstraint(
            model_name="boardriskrating",
            constraint=models.CheckConstraint(
                condition=models.Q(("response__in", ["terminate", "tolerate", "transfer", "treat"])),
                name="risk_response_known",
            ),
        ),
        pgtrigger.migrations.AddTrigger(
            model_name="boardriskrating",
            trigger=pgtrigger.compiler.Trigger(
                name="append_only",
                sql=pgtrigger.compiler.UpsertTriggerSql(
                    func="RAISE EXCEPTION 'pgtrigger: Cannot update or delete rows from % table', TG_TABLE_NAME;",
                    hash="4a5e58b98e316e573b2860b89501ae9badc90b09",
                    operation="UPDATE OR DELETE",
                    pgid="pgtrigger_append_only_15342",
                    table="braid_boardriskrating",
                    when="BEFORE",
                ),
            ),
        ),
        pgtrigger.migrations.AddTrigger(
            model_name="boardriskrating",
            trigger=pgtrigger.compiler.Trigger(
                name="not_emptied",
                sql=pgtrigger.compiler.UpsertTriggerSql(
                    func="raise exception 'ratings of risks are never removed';",
                    hash="56a14ff8a961bf7ef6b4c4cfbff0924de4daaad1",
                    level="STATEMENT",
                    operation="TRUNCATE",
                    pgid="pgtrigger_not_emptied_97030",
                    table="braid_boardriskrating",
                    when="BEFORE",
                ),
            ),
        ),
        migrations.AddConstraint(
            model_name="boardvote",
            constraint=models.UniqueConstraint(fields=("decision", "seat", "body"), name="board_vote_once"),
        ),
        migrations.AddConstraint(
            model_name="boardvote",
            constraint=models.CheckConstraint(
                condition=models.Q(("vote__in", ["abstains", "against", "for"])), name="board_vote_known"
            ),
        ),
        pgtrigger.migrations.AddTrigger(
            model_name="boardvote",
            trigger=pgtrigger.compiler.Trigger(
                name="append_only",
                sql=pgtrigger.compiler.UpsertTriggerSql(
                    func="RAISE EXCEPTION 'pgtrigger: Cannot update or delete rows from % table', TG_TABLE_NAME;",
                    hash="dd743741c5dac5a07406ccda6315deaacc926e5c",
                    operation="UPDATE OR DELETE",
                    pgid="pgtrigger_append_only_a5610",
                    table="braid_boardvote",
                    when="BEFORE",
                ),
            ),
        ),
        pgtrigger.migrations.AddTrigger(
            model_name="boardvote",
            trigger=pgtrigger.compiler.Trigger(
                name="not_emptied",
                sql=pgtrigger.compiler.UpsertTriggerSql(
                    func="raise exception 'votes are never removed';",
                    hash="a8871fe2489636d9472fbe26505cad602809c5a2",
                    level="STATEMENT",
                    operation="TRUNCATE",
                    pgid="pgtrigger_not_emptied_6ee63",
                    table="braid_boardvote",
                    when="BEFORE",
                ),
            ),
        ),
        migrations.AddIndex(
            model_name="decisionlink",
            index=models.Index(fields=["kind", "reference"], name="decision_link_by_thing"),
        ),
        migrations.AddConstraint(
            model_name="decisionlink",
            constraint=models.UniqueConstraint(fields=("decision", "kind", "reference"), name="decision_link_once"),
        ),
        migrations.AddConstraint(
            model_name="decisionlink",
            constraint=models.CheckConstraint(
                condition=models.Q(
                    ("kind__in", ["commission", "decision", "fund", "outcome", "portfolio", "simulation", "statement"])
                ),
                name="decision_link_kind_known",
            ),
        ),
        pgtrigger.migrations.AddTrigger(
            model_name="decisionlink",
            trigger=pgtrigger.compiler.Trigger(
                name="append_only",
                sql=pgtrigger.compiler.UpsertTriggerSql(
                    func="RAISE EXCEPTION 'pgtrigger: Cannot update or delete rows from % table', TG_TABLE_NAME;",
                    hash="3677202b98a6b8dd219ff0c2e71a41a84d419df4",
                    operation="UPDATE OR DELETE",
                    pgid="pgtrigger_append_only_a861f",
                    table="braid_decisionlink",
                    when="BEFORE",
                ),
            ),
        ),
        pgtrigger.migrations.AddTrigger(
            model_name="decisionlink",
            trigger=pgtrigger.compiler.Trigger(
                name="not_emptied",
                sql=pgtrigger.compiler.UpsertTriggerSql(
                    func="raise exception 'links of decisions are never removed';",
                    hash="faf475a8c5a61d73d57fa33cf440b5b7ffff3dd0",
                    level="STATEMENT",
                    operation="TRUNCATE",
                    pgid="pgtrigger_not_emptied_85146",
                    table="braid_decisionlink",
                    when="BEFORE",
                ),
            ),
        ),
        migrations.AddConstraint(
            model_name="meetingpaper",
            constraint=models.UniqueConstraint(fields=("item", "edition"), name="paper_edition_once"),
        ),
        pgtrigger.migrations.AddTrigger(
            model_name="meetingpaper",
            trigger=pgtrigger.compiler.Trigger(
                name="append_only",
                sql=pgtrigger.compiler.UpsertTriggerSql(
                    func="RAISE EXCEPTION 'pgtrigger: Cannot update or delete rows from % table', TG_TABLE_NAME;",
                    hash="e8f909c205c324b8172e23326a7b65750399a975",
                    operation="UPDATE OR DELETE",
                    pgid="pgtrigger_append_only_57738",
                    table="braid_meetingpaper",
                    when="BEFORE",
                ),
            ),
        ),
        pgtrigger.migrations.AddTrigger(
            model_name="meetingpaper",
            trigger=pgtrigger.compiler.Trigger(
                name="not_emptied",
                sql=pgtrigger.compiler.UpsertTriggerSql(
                    func="raise exception 'papers of meetings are never removed';",
                    hash="ae111d2f7e86404511877819ea005631cea726c3",
                    level="STATEMENT",
                    operation="TRUNCATE",
                    pgid="pgtrigger_not_emptied_d71ae",
                    table="braid_meetingpaper",
                    when="BEFORE",
                ),
            ),
        ),
        pgtrigger.migrations.AddTrigger(
            model_name="boardpriorityend",
            trigger=pgtrigger.compiler.Trigger(
                name="append_only",
                sql=pgtrigger.compiler.UpsertTriggerSql(
                    func="RAISE EXCEPTION 'pgtrigger: Cannot update or delete rows from % table', TG_TABLE_NAME;",
                    hash="4b3ec5fc836ee413460c1a01505a17ec8a551bdc",
                    operation="UPDATE OR DELETE",
                    pgid="pgtrigger_append_only_0a1a8",
                    table="braid_boardpriorityend",
                    when="BEFORE",
                ),
            ),
        ),
        pgtrigger.migrations.AddTrigger(
            model_name="boardpriorityend",
            trigger=pgtrigger.compiler.Trigger(
                name="not_emptied",
                sql=pgtrigger.compiler.UpsertTriggerSql(
                    func="raise exception 'ends of priorities are never removed';",
                    hash="4598342d520dd81fba7d0c4e03ef162d26293b78",
                    level="STATEMENT",
                    operation="TRUNCATE",
                    pgid="pgtrigger_not_emptied_0b7d4",
                    table="braid_boardpriorityend",
                    when="BEFORE",
                ),
            ),
        ),
    ]
