"""Court lists on pages: kept whole and sealed, with what people changed of them."""

import uuid

import django.db.models.deletion
import django.db.models.functions.datetime
from django.db import migrations, models


class Migration(migrations.Migration):
    dependencies = [
        ("braid", "0034_appointment_sheets"),
    ]

    operations = [
        migrations.AddField(
            model_name="shownplan",
            name="key_id",
            field=models.CharField(blank=True, db_default="", max_length=40),
        ),
        migrations.AddField(
            model_name="shownplan",
            name="organisation",
            field=models.CharField(blank=True, db_default="", max_length=80),
        ),
        migrations.AddField(
            model_name="shownplan",
            name="sealed",
            field=models.BinaryField(null=True),
        ),
        migrations.AddField(
            model_name="shownplan",
            name="wrapped",
            field=models.BinaryField(null=True),
        ),
        migrations.CreateModel(
            name="ListingChange",
            fields=[
                ("id", models.UUIDField(default=uuid.uuid4, primary_key=True, serialize=False)),
                ("organisation", models.CharField(max_length=80)),
                ("plan_fingerprint", models.CharField(max_length=64)),
                ("number", models.PositiveIntegerField()),
                ("key_id", models.CharField(max_length=40)),
                ("wrapped", models.BinaryField()),
                ("sealed", models.BinaryField()),
                ("made_at", models.DateTimeField(db_default=django.db.models.functions.datetime.Now())),
                ("ended_at", models.DateTimeField(null=True)),
                (
                    "answer",
                    models.OneToOneField(
                        on_delete=django.db.models.deletion.CASCADE, related_name="change", to="braid.proposalanswer"
                    ),
                ),
            ],
            options={
                "constraints": [
                    models.UniqueConstraint(
                        fields=("plan_fingerprint", "number"), name="changes_of_a_list_follow_each_other"
                    )
                ],
            },
        ),
    ]
