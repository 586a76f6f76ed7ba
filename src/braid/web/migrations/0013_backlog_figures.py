"""Figures of the backlog pages: how long people wait, what came, what they wait for at once, and what was shown."""

from django.db import migrations, models


class Migration(migrations.Migration):
    dependencies = [
        ("braid", "0012_open_waits_of_person"),
    ]

    operations = [
        migrations.CreateModel(
            name="ServiceMeasure",
            fields=[
                ("kind", models.CharField(max_length=40, primary_key=True, serialize=False)),
                ("open_p92_days", models.FloatField(null=True)),
                ("completed_median_days", models.FloatField(null=True)),
                ("completed_p92_days", models.FloatField(null=True)),
                ("additions", models.PositiveIntegerField(null=True)),
            ],
            options={
                "abstract": False,
            },
        ),
        migrations.CreateModel(
            name="ServiceOverlap",
            fields=[
                ("id", models.BigAutoField(auto_created=True, primary_key=True, serialize=False, verbose_name="ID")),
                ("kind", models.CharField(max_length=40)),
                ("other_kind", models.CharField(max_length=40)),
                ("people", models.PositiveIntegerField()),
                ("share", models.FloatField()),
            ],
            options={
                "constraints": [models.UniqueConstraint(fields=("kind", "other_kind"), name="overlap_once")],
            },
        ),
        migrations.CreateModel(
            name="ShownSize",
            fields=[
                ("id", models.BigAutoField(auto_created=True, primary_key=True, serialize=False, verbose_name="ID")),
                ("kind", models.CharField(max_length=40)),
                ("day", models.DateField()),
                ("waiting", models.PositiveIntegerField(null=True)),
                ("completed", models.PositiveIntegerField(null=True)),
                ("is_filled_in", models.BooleanField()),
            ],
            options={
                "constraints": [models.UniqueConstraint(fields=("kind", "day"), name="shown_once")],
            },
        ),
    ]
