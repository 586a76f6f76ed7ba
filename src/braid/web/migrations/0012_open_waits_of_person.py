"""The list of people is counted from an index of open waits alone; and what the decision asks is a view."""

import django.db.models.deletion
from django.db import migrations, models
from django.db.models import Value
from django.db.models.functions import Concat


class Migration(migrations.Migration):
    dependencies = [
        ("braid", "0011_record"),
    ]

    operations = [
        migrations.CreateModel(
            name="Fact",
            fields=[
                ("person_id", models.CharField(max_length=64, primary_key=True, serialize=False)),
                ("fact", models.CharField(max_length=20)),
                ("purpose", models.CharField(max_length=40)),
                ("live_from", models.DateTimeField(null=True)),
                ("live_to", models.DateTimeField(null=True)),
                ("items", models.JSONField(null=True)),
                ("approved", models.BooleanField()),
            ],
            options={
                "db_table": "braid_fact",
                "managed": False,
            },
        ),
        migrations.AlterField(
            model_name="reach",
            name="person",
            field=models.ForeignKey(
                db_index=False,
                on_delete=django.db.models.deletion.CASCADE,
                related_name="reaches",
                to="braid.person",
            ),
        ),
        migrations.AddField(
            model_name="personwait",
            name="wait_class",
            field=models.GeneratedField(
                db_persist=True,
                expression=Concat("backlog", Value("/"), "provider", Value("/"), "sensitivity"),
                output_field=models.CharField(max_length=170),
            ),
        ),
        migrations.RemoveIndex(
            model_name="personwait",
            name="open_wait_by_person",
        ),
        migrations.AddIndex(
            model_name="personwait",
            index=models.Index(
                condition=models.Q(stop_date__isnull=True),
                fields=["person", "backlog"],
                include=["wait_class", "elapsed_days"],
                name="open_waits_of_person",
            ),
        ),
    ]
