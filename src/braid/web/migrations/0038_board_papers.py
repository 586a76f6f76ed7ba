"""Print versions of boards: sealed, and handed out once the outbound guard has read them."""

import uuid

import django.db.models.functions.datetime
from django.db import migrations, models


class Migration(migrations.Migration):
    dependencies = [
        ("braid", "0037_held_agendas"),
    ]

    operations = [
        migrations.CreateModel(
            name="BoardPaper",
            fields=[
                ("id", models.UUIDField(default=uuid.uuid4, primary_key=True, serialize=False)),
                ("kind", models.CharField(max_length=20)),
                ("purpose", models.CharField(max_length=40)),
                ("organisation", models.CharField(max_length=80)),
                ("reference", models.CharField(max_length=40)),
                ("made_by", models.CharField(max_length=150)),
                ("asked_at", models.DateTimeField(db_default=django.db.models.functions.datetime.Now())),
                ("proposals", models.JSONField()),
                ("people", models.JSONField()),
                ("state", models.CharField(default="waiting", max_length=10)),
                ("reasons", models.JSONField(default=list)),
                ("checked_at", models.DateTimeField(null=True)),
                ("sha256", models.CharField(max_length=64)),
                ("key_id", models.CharField(max_length=40)),
                ("wrapped", models.BinaryField()),
                ("sealed", models.BinaryField()),
            ],
            options={
                "constraints": [
                    models.CheckConstraint(
                        condition=models.Q(("state__in", ("waiting", "passed", "held"))), name="paper_has_a_state"
                    )
                ],
            },
        ),
    ]
