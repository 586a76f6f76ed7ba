"""The appointments of a case, sealed: one sheet for each side."""

import uuid

import django.db.models.deletion
import django.db.models.functions.datetime
from django.db import migrations, models


class Migration(migrations.Migration):
    dependencies = [
        ("braid", "0033_proposals"),
    ]

    operations = [
        migrations.CreateModel(
            name="AppointmentSheet",
            fields=[
                ("id", models.UUIDField(default=uuid.uuid4, primary_key=True, serialize=False)),
                ("side", models.CharField(max_length=20)),
                ("version", models.PositiveIntegerField(default=1)),
                ("key_id", models.CharField(max_length=40)),
                ("wrapped", models.BinaryField()),
                ("sealed", models.BinaryField()),
                ("changed_by", models.CharField(max_length=150)),
                ("changed_at", models.DateTimeField(db_default=django.db.models.functions.datetime.Now())),
                (
                    "case",
                    models.ForeignKey(
                        on_delete=django.db.models.deletion.PROTECT,
                        related_name="appointment_sheets",
                        to="braid.jointcase",
                    ),
                ),
            ],
            options={
                "constraints": [
                    models.UniqueConstraint(fields=("case", "side"), name="appointment_sheet_once"),
                    models.CheckConstraint(
                        condition=models.Q(("side__in", ["apart", "harmed"])), name="sheet_has_a_side"
                    ),
                ],
            },
        ),
    ]
