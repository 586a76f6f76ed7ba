"""Who lives with whom, of people who wait, and with whom each ever lived, which no page reads."""

from typing import ClassVar

import django.db.models.deletion
from django.db import migrations, models

ID = ("id", models.BigAutoField(auto_created=True, primary_key=True, serialize=False, verbose_name="ID"))


def person(name: str | None = None, *, null: bool = False) -> models.ForeignKey:
    """Return a reference to a person of the published set."""
    return models.ForeignKey(
        on_delete=django.db.models.deletion.CASCADE, related_name=name or "+", to="braid.person", null=null
    )


class Migration(migrations.Migration):
    """A set that was published before is published again, as it does not say who lives with whom."""

    dependencies: ClassVar = [("braid", "0055_link_quality")]
    operations: ClassVar = [
        migrations.AddField("publishedrun", "has_homes", models.BooleanField(default=False)),
        migrations.CreateModel(
            name="Cohabitant",
            fields=[
                ID,
                ("person_id", models.CharField(max_length=64)),
                ("other_id", models.CharField(max_length=64)),
            ],
            options={
                "constraints": [models.UniqueConstraint(fields=["person_id", "other_id"], name="cohabitant_once")],
                "indexes": [models.Index(fields=["other_id"], name="cohabitant_by_other")],
            },
        ),
        migrations.CreateModel(
            name="HomeSpell",
            fields=[
                ID,
                ("since_date", models.DateField()),
                ("is_stated", models.BooleanField()),
                ("last_date", models.DateField(null=True)),
                ("age_role", models.CharField(blank=True, max_length=20)),
                ("cause", models.CharField(blank=True, max_length=40)),
                ("is_own", models.BooleanField()),
                ("other", person(null=True)),
                ("person", person("home_spells")),
            ],
            options={"abstract": False},
        ),
        migrations.CreateModel(
            name="Kinship",
            fields=[
                ID,
                ("kind", models.CharField(max_length=40)),
                ("backlog", models.CharField(max_length=40)),
                ("standard", models.CharField(max_length=40)),
                ("since_date", models.DateField(null=True)),
                ("as_of_date", models.DateField()),
                ("every_days", models.IntegerField(null=True)),
                ("legal_responsibility", models.BooleanField(null=True)),
                ("sensitivity", models.CharField(max_length=40)),
                ("other", person()),
                ("person", person("kin")),
            ],
            options={"abstract": False},
        ),
    ]
