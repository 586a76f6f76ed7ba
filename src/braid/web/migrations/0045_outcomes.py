"""Outcomes: frameworks, definitions, and figures as they were shown."""

from django.db import migrations, models


class Migration(migrations.Migration):
    dependencies = [
        ("braid", "0044_commissions"),
    ]

    operations = [
        migrations.CreateModel(
            name="OutcomeFramework",
            fields=[
                ("framework_id", models.CharField(max_length=40, primary_key=True, serialize=False)),
                ("place", models.PositiveSmallIntegerField()),
                ("document", models.JSONField()),
            ],
            options={"abstract": False},
        ),
        migrations.CreateModel(
            name="OutcomeDefinition",
            fields=[
                ("outcome_id", models.CharField(max_length=40, primary_key=True, serialize=False)),
                ("place", models.PositiveSmallIntegerField()),
                ("digest", models.CharField(max_length=64)),
                ("document", models.JSONField()),
            ],
            options={"abstract": False},
        ),
        migrations.CreateModel(
            name="OutcomeFigure",
            fields=[
                ("id", models.BigAutoField(auto_created=True, primary_key=True, serialize=False, verbose_name="ID")),
                ("outcome_id", models.CharField(max_length=40)),
                ("digest", models.CharField(max_length=64)),
                ("district_code", models.CharField(blank=True, max_length=40)),
                ("first_date", models.DateField()),
                ("last_date", models.DateField()),
                ("value", models.FloatField(null=True)),
                ("low", models.FloatField(null=True)),
                ("high", models.FloatField(null=True)),
                ("step", models.FloatField()),
                ("shown_date", models.DateField()),
            ],
            options={
                "constraints": [
                    models.UniqueConstraint(
                        fields=("outcome_id", "digest", "district_code", "last_date"), name="outcome_shown_once"
                    ),
                ],
            },
        ),
    ]
