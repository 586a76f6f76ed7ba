"""Which problem statements agreements cover, and through which statement somebody is reached."""

from typing import ClassVar

from django.db import migrations, models


class Migration(migrations.Migration):
    """A set that was published before is published again, as none of its rows names a statement."""

    dependencies: ClassVar = [("braid", "0018_statement_of_cohort")]
    operations: ClassVar = [
        migrations.CreateModel(
            name="Covered",
            fields=[
                ("id", models.BigAutoField(auto_created=True, primary_key=True, serialize=False, verbose_name="ID")),
                ("agreement_id", models.CharField(max_length=100)),
                ("purpose", models.CharField(max_length=40)),
                ("receiver", models.CharField(max_length=80)),
                ("statement", models.CharField(blank=True, max_length=40)),
                ("live_from", models.DateTimeField()),
                ("live_to", models.DateTimeField()),
            ],
            options={"abstract": False},
        ),
        migrations.RemoveConstraint("reach", "reach_once"),
        migrations.RemoveIndex("reach", "reach_by_purpose"),
        migrations.AddField("reach", "statement", models.CharField(default="", max_length=40)),
        migrations.AddField("reach", "ships", models.BooleanField(default=False)),
        migrations.AddConstraint(
            "reach",
            models.UniqueConstraint(
                fields=["person", "purpose", "relation", "statement"], include=["ships"], name="reach_once"
            ),
        ),
        migrations.AddIndex(
            "reach",
            models.Index(
                fields=["purpose", "relation", "person"], include=["statement", "ships"], name="reach_by_purpose"
            ),
        ),
    ]
