"""The directory of services; when a place was last kept; the trace of an event."""

from typing import ClassVar

from django.db import migrations, models


class Migration(migrations.Migration):
    """Adds alone: pages of the version before go on, and the directory is filled at the next start."""

    dependencies: ClassVar = [("braid", "0064_whose_session")]
    operations: ClassVar = [
        migrations.CreateModel(
            name="DirectoryEntry",
            fields=[
                ("id", models.BigAutoField(auto_created=True, primary_key=True, serialize=False, verbose_name="ID")),
                ("kind", models.CharField(max_length=20)),
                ("position", models.PositiveIntegerField()),
                ("identity", models.TextField()),
                ("document", models.TextField()),
                ("words", models.TextField(db_default="")),
                ("organisation", models.TextField(db_default="")),
                ("term", models.CharField(db_default="", max_length=40)),
                ("minimum_age", models.FloatField(null=True)),
                ("maximum_age", models.FloatField(null=True)),
            ],
            options={
                "constraints": [
                    models.UniqueConstraint(fields=("kind", "position"), name="directory_entry_once"),
                ],
            },
        ),
        migrations.CreateModel(
            name="KeptMoment",
            fields=[
                ("kind", models.CharField(max_length=20, primary_key=True, serialize=False)),
                ("at", models.DateTimeField()),
            ],
            options={
                "constraints": [
                    models.CheckConstraint(
                        condition=models.Q(kind__in=["backup", "drill", "journal"]), name="kept_moment_known"
                    ),
                ],
            },
        ),
        migrations.AddField(
            "webhookdelivery", "trace", models.CharField(max_length=55, blank=True, default="", db_default="")
        ),
    ]
