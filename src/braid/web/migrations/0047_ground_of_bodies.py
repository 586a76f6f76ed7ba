"""Bodies and the ground they serve, parts of districts, and figures by both."""

import django.db.models.functions.datetime
from django.db import migrations, models


class Migration(migrations.Migration):
    dependencies = [
        ("braid", "0046_portfolio"),
    ]

    operations = [
        migrations.CreateModel(
            name="PublishedGround",
            fields=[
                ("id", models.PositiveSmallIntegerField(default=1, primary_key=True, serialize=False)),
                ("document", models.JSONField(default=dict)),
            ],
            options={
                "abstract": False,
            },
        ),
        migrations.CreateModel(
            name="BodyFigure",
            fields=[
                ("id", models.BigAutoField(auto_created=True, primary_key=True, serialize=False, verbose_name="ID")),
                ("kind", models.CharField(max_length=40)),
                ("body_id", models.CharField(max_length=60)),
                ("low", models.PositiveIntegerField()),
                ("high", models.PositiveIntegerField()),
            ],
            options={
                "constraints": [models.UniqueConstraint(fields=("kind", "body_id"), name="body_figure_once")],
            },
        ),
        migrations.CreateModel(
            name="GroundPart",
            fields=[
                ("id", models.BigAutoField(auto_created=True, primary_key=True, serialize=False, verbose_name="ID")),
                ("district_code", models.CharField(max_length=40)),
                ("number", models.PositiveIntegerField()),
                ("areas", models.JSONField(default=list)),
                ("cut_at", models.DateTimeField(db_default=django.db.models.functions.datetime.Now())),
            ],
            options={
                "constraints": [models.UniqueConstraint(fields=("district_code", "number"), name="cut_once")],
            },
        ),
        migrations.CreateModel(
            name="PartFigure",
            fields=[
                ("id", models.BigAutoField(auto_created=True, primary_key=True, serialize=False, verbose_name="ID")),
                ("kind", models.CharField(max_length=40)),
                ("district_code", models.CharField(max_length=40)),
                ("number", models.PositiveIntegerField()),
                ("low", models.PositiveIntegerField()),
                ("high", models.PositiveIntegerField()),
                ("is_said", models.BooleanField()),
            ],
            options={
                "constraints": [
                    models.UniqueConstraint(fields=("kind", "district_code", "number"), name="part_figure_once")
                ],
            },
        ),
    ]
