"""Requests of people about their data, holds on erasure, and what sweeps removed."""

import uuid

import django.db.models.deletion
import django.db.models.functions.datetime
import pgtrigger.compiler
import pgtrigger.migrations
from django.db import migrations, models


class Migration(migrations.Migration):
    dependencies = [
        ("braid", "0059_sign_in"),
    ]

    operations = [
        migrations.CreateModel(
            name="RetentionSweep",
            fields=[
                ("id", models.BigAutoField(auto_created=True, primary_key=True, serialize=False, verbose_name="ID")),
                ("rule", models.CharField(max_length=40)),
                ("before_on", models.DateField()),
                ("removed", models.PositiveIntegerField()),
                ("held", models.PositiveIntegerField()),
                ("swept_by", models.CharField(blank=True, max_length=150)),
                ("swept_at", models.DateTimeField(db_default=django.db.models.functions.datetime.Now())),
            ],
        ),
        migrations.CreateModel(
            name="RightsItem",
            fields=[
                ("id", models.UUIDField(default=uuid.uuid4, primary_key=True, serialize=False)),
                ("position", models.PositiveIntegerField()),
                ("kind", models.CharField(max_length=20)),
                ("title", models.CharField(max_length=100)),
                ("source", models.CharField(blank=True, max_length=80)),
                ("held_on", models.DateField(null=True)),
                ("about", models.JSONField(default=list)),
                ("line_count", models.PositiveIntegerField()),
                ("locked_count", models.PositiveIntegerField()),
                ("key_id", models.CharField(blank=True, max_length=40)),
                ("wrapped", models.BinaryField(default=b"")),
                ("sealed", models.BinaryField(default=b"")),
                ("kept", models.JSONField(default=list)),
                ("ground", models.CharField(blank=True, db_default="", max_length=40)),
                ("decided_by", models.CharField(blank=True, db_default="", max_length=150)),
                ("decided_at", models.DateTimeField(null=True)),
            ],
        ),
        migrations.CreateModel(
            name="RightsPause",
            fields=[
                ("id", models.BigAutoField(auto_created=True, primary_key=True, serialize=False, verbose_name="ID")),
                ("first_on", models.DateField()),
                ("last_on", models.DateField(null=True)),
                ("entered_by", models.CharField(max_length=150)),
            ],
        ),
        migrations.CreateModel(
            name="RightsRequest",
            fields=[
                ("id", models.UUIDField(default=uuid.uuid4, primary_key=True, serialize=False)),
                ("kind", models.CharField(default="access", max_length=20)),
                ("reference", models.CharField(max_length=20, unique=True)),
                ("subject_id", models.CharField(max_length=64)),
                ("asker", models.CharField(max_length=20)),
                ("asker_person_id", models.CharField(blank=True, max_length=64)),
                ("received_on", models.DateField()),
                ("shown_on", models.DateField(null=True)),
                ("extended_because", models.CharField(blank=True, db_default="", max_length=20)),
                ("extended_on", models.DateField(null=True)),
                ("basis", models.CharField(blank=True, db_default="", max_length=40)),
                ("source", models.CharField(blank=True, db_default="", max_length=80)),
                ("answer", models.CharField(blank=True, db_default="", max_length=20)),
                ("channel", models.CharField(blank=True, max_length=20)),
                ("state", models.CharField(default="waiting", max_length=20)),
                ("held_because", models.CharField(blank=True, db_default="", max_length=40)),
                ("handled_by", models.CharField(max_length=150)),
                ("opened_at", models.DateTimeField(db_default=django.db.models.functions.datetime.Now())),
                ("second_by", models.CharField(blank=True, db_default="", max_length=150)),
                ("third_party", models.CharField(blank=True, db_default="", max_length=20)),
                ("harm", models.CharField(blank=True, db_default="", max_length=20)),
                ("approved_digest", models.CharField(blank=True, db_default="", max_length=64)),
                ("message_id", models.UUIDField(null=True)),
                ("closed_because", models.CharField(blank=True, db_default="", max_length=40)),
                ("ended_at", models.DateTimeField(null=True)),
                ("version", models.PositiveIntegerField(default=1)),
            ],
        ),
        migrations.CreateModel(
            name="RightsStep",
            fields=[
                ("id", models.BigAutoField(auto_created=True, primary_key=True, serialize=False, verbose_name="ID")),
                ("step", models.CharField(max_length=20)),
                ("reason", models.CharField(blank=True, max_length=40)),
                ("taken_by", models.CharField(blank=True, max_length=150)),
                ("taken_at", models.DateTimeField(db_default=django.db.models.functions.datetime.Now())),
            ],
        ),
        migrations.AddField(
            model_name="outboxmessage",
            name="rights_id",
            field=models.UUIDField(null=True),
        ),
        migrations.CreateModel(
            name="LegalHold",
            fields=[
                ("id", models.UUIDField(default=uuid.uuid4, primary_key=True, serialize=False)),
                ("person_id", models.CharField(max_length=64)),
                ("reason", models.CharField(max_length=40)),
                ("reference", models.CharField(max_length=40)),
                ("placed_by", models.CharField(max_length=150)),
                ("placed_at", models.DateTimeField(db_default=django.db.models.functions.datetime.Now())),
                ("lift_asked_by", models.CharField(blank=True, db_default="", max_length=150)),
                ("lift_asked_at", models.DateTimeField(null=True)),
                ("lifted_by", models.CharField(blank=True, db_default="", max_length=150)),
                ("lifted_at", models.DateTimeField(null=True)),
            ],
            options={
                "indexes": [models.Index(fields=["person_id"], name="hold_by_person")],
                "constraints": [
                    models.CheckConstraint(
                        condition=models.Q(("reason__in", ["asked_for", "complaint", "inquiry", "proceedings"])),
                        name="hold_has_a_reason",
                    ),
                    models.CheckConstraint(
                        condition=models.Q(
                            ("lifted_at__isnull", True),
                            models.Q(
                                models.Q(("lift_asked_by", ""), _negated=True),
                                models.Q(("lifted_by", ""), _negated=True),
                                models.Q(("lifted_by", models.F("lift_asked_by")), _negated=True),
                            ),
                            _connector="OR",
                        ),
                        name="two_people_lift_a_hold",
                    ),
                ],
            },
        ),
        pgtrigger.migrations.AddTrigger(
            model_name="retentionsweep",
            trigger=pgtrigger.compiler.Trigger(
                name="append_only",
                sql=pgtrigger.compiler.UpsertTriggerSql(
                    func="RAISE EXCEPTION 'pgtrigger: Cannot update or delete rows from % table', TG_TABLE_NAME;",
                    hash="5a10b24de7344f36fffb88f96cb959bd8bea8911",
                    operation="UPDATE OR DELETE",
                    pgid="pgtrigger_append_only_542fc",
                    table="braid_retentionsweep",
                    when="BEFORE",
                ),
            ),
        ),
        pgtrigger.migrations.AddTrigger(
            model_name="retentionsweep",
            trigger=pgtrigger.compiler.Trigger(
                name="not_emptied",
                sql=pgtrigger.compiler.UpsertTriggerSql(
                    func="raise exception 'what sweeps removed are never removed';",
                    hash="c188e8113affcda1be6e624609dc7a6e138cce05",
                    level="STATEMENT",
                    operation="TRUNCATE",
                    pgid="pgtrigger_not_emptied_40ccb",
                    table="braid_retentionsweep",
                    when="BEFORE",
                ),
            ),
        ),
        migrations.AddIndex(
            model_name="rightsrequest",
            index=models.Index(fields=["subject_id"], name="rights_request_by_subject"),
        ),
        migrations.AddConstraint(
            model_name="rightsrequest",
            constraint=models.CheckConstraint(
                condition=models.Q(
                    (
                        "state__in",
                        [
                            "answered",
                            "approved",
                            "asked",
                            "closed",
                            "deciding",
                            "done",
                            "ended",
                            "ending",
                            "given",
                            "in_force",
                            "leaving",
                            "proposed",
                            "review",
                            "sent",
                            "waiting",
                        ],
                    )
                ),
                name="rights_request_has_a_state",
            ),
        ),
        migrations.AddConstraint(
            model_name="rightsrequest",
            constraint=models.CheckConstraint(
                condition=models.Q(("asker__in", ["acts_for", "parent", "self"])), name="rights_request_has_an_asker"
            ),
        ),
        migrations.AddConstraint(
            model_name="rightsrequest",
            constraint=models.CheckConstraint(
                condition=models.Q(
                    ("second_by", ""), models.Q(("second_by", models.F("handled_by")), _negated=True), _connector="OR"
                ),
                name="two_people_let_a_pack_go",
            ),
        ),
        migrations.AddConstraint(
            model_name="rightsrequest",
            constraint=models.CheckConstraint(
                condition=models.Q(
                    models.Q(("kind", "access"), ("state__in", ("approved", "leaving", "given")), _negated=True),
                    models.Q(
                        models.Q(("second_by", ""), _negated=True),
                        models.Q(("third_party", ""), _negated=True),
                        models.Q(("harm", ""), _negated=True),
                        models.Q(("approved_digest", ""), _negated=True),
                    ),
                    _connector="OR",
                ),
                name="what_leaves_was_approved",
            ),
        ),
        migrations.AddConstraint(
            model_name="rightsrequest",
            constraint=models.CheckConstraint(
                condition=models.Q(
                    models.Q(("kind", "erasure"), ("state__in", ("approved", "done")), _negated=True),
                    models.Q(("second_by", ""), _negated=True),
                    _connector="OR",
                ),
                name="two_people_erase",
            ),
        ),
        migrations.AddConstraint(
            model_name="rightsrequest",
            constraint=models.CheckConstraint(
                condition=models.Q(
                    models.Q(("kind", "restriction"), ("state", "ended"), _negated=True),
                    models.Q(("second_by", ""), _negated=True),
                    _connector="OR",
                ),
                name="two_people_end_a_restriction",
            ),
        ),
        migrations.AddConstraint(
            model_name="rightsrequest",
            constraint=models.CheckConstraint(
                condition=models.Q(("kind__in", ["access", "erasure", "rectification", "restriction"])),
                name="rights_request_has_a_kind",
            ),
        ),
        migrations.AddConstraint(
            model_name="rightsrequest",
            constraint=models.CheckConstraint(
                condition=models.Q(
                    models.Q(("state", "closed"), _negated=True),
                    models.Q(("closed_because", ""), _negated=True),
                    _connector="OR",
                ),
                name="rights_request_ends_with_its_reason",
            ),
        ),
        migrations.AddField(
            model_name="rightspause",
            name="request",
            field=models.ForeignKey(
                on_delete=django.db.models.deletion.PROTECT, related_name="pauses", to="braid.rightsrequest"
            ),
        ),
        migrations.AddField(
            model_name="rightsitem",
            name="request",
            field=models.ForeignKey(
                on_delete=django.db.models.deletion.CASCADE, related_name="items", to="braid.rightsrequest"
            ),
        ),
        migrations.AddField(
            model_name="rightsstep",
            name="request",
            field=models.ForeignKey(
                on_delete=django.db.models.deletion.PROTECT, related_name="steps", to="braid.rightsrequest"
            ),
        ),
        migrations.AddConstraint(
            model_name="rightspause",
            constraint=models.UniqueConstraint(
                condition=models.Q(("last_on__isnull", True)), fields=("request",), name="one_pause_of_a_request_runs"
            ),
        ),
        migrations.AddConstraint(
            model_name="rightsitem",
            constraint=models.UniqueConstraint(fields=("request", "position"), name="rights_item_once"),
        ),
        pgtrigger.migrations.AddTrigger(
            model_name="rightsstep",
            trigger=pgtrigger.compiler.Trigger(
                name="append_only",
                sql=pgtrigger.compiler.UpsertTriggerSql(
                    func="RAISE EXCEPTION 'pgtrigger: Cannot update or delete rows from % table', TG_TABLE_NAME;",
                    hash="64f0552cfc9589b2ee342dc46c7295fcb18b3b8c",
                    operation="UPDATE OR DELETE",
                    pgid="pgtrigger_append_only_4a824",
                    table="braid_rightsstep",
                    when="BEFORE",
                ),
            ),
        ),
        pgtrigger.migrations.AddTrigger(
            model_name="rightsstep",
            trigger=pgtrigger.compiler.Trigger(
                name="not_emptied",
                sql=pgtrigger.compiler.UpsertTriggerSql(
                    func="raise exception 'steps of requests are never removed';",
                    hash="47d9235875188e52e2fd161155bcd8da4195e813",
                    level="STATEMENT",
                    operation="TRUNCATE",
                    pgid="pgtrigger_not_emptied_8e5da",
                    table="braid_rightsstep",
                    when="BEFORE",
                ),
            ),
        ),
    ]
