"""What holds up what over the place, the problem statements, and what a clock that is looked ahead at rests on."""

from django.db import migrations, models


class Migration(migrations.Migration):
    dependencies = [
        ("braid", "0013_backlog_figures"),
    ]

    operations = [
        migrations.CreateModel(
            name="DeadlockFigure",
            fields=[
                ("organisations", models.CharField(max_length=300, primary_key=True, serialize=False)),
                ("waits", models.PositiveIntegerField(null=True)),
            ],
            options={
                "abstract": False,
            },
        ),
        migrations.CreateModel(
            name="ProblemStatement",
            fields=[
                ("problem_id", models.CharField(max_length=40, primary_key=True, serialize=False)),
                ("position", models.PositiveIntegerField()),
                ("words", models.JSONField()),
                ("people", models.PositiveIntegerField(null=True)),
            ],
            options={
                "abstract": False,
            },
        ),
        migrations.AddField(
            model_name="personwait",
            name="exception",
            field=models.CharField(blank=True, db_default="", max_length=100),
        ),
        migrations.AddField(
            model_name="personwait",
            name="extended_to_date",
            field=models.DateField(null=True),
        ),
        migrations.AddField(
            model_name="publishedrun",
            name="calendar",
            field=models.JSONField(default=dict),
        ),
        migrations.CreateModel(
            name="UnblockFigure",
            fields=[
                ("id", models.BigAutoField(auto_created=True, primary_key=True, serialize=False, verbose_name="ID")),
                ("scope", models.CharField(max_length=20)),
                ("backlog", models.CharField(blank=True, max_length=40)),
                ("position", models.PositiveIntegerField()),
                ("owner_organisation", models.CharField(blank=True, max_length=200)),
                ("owner_role", models.CharField(blank=True, max_length=200)),
                ("next_action", models.TextField(blank=True)),
                ("holder_type", models.CharField(blank=True, max_length=40)),
                ("holder_kind", models.CharField(blank=True, max_length=60)),
                ("held_waits", models.PositiveIntegerField(null=True)),
                ("held_weeks", models.PositiveIntegerField(null=True)),
                ("held_hidden", models.PositiveIntegerField()),
                ("freed_waits", models.PositiveIntegerField(null=True)),
                ("freed_weeks", models.PositiveIntegerField(null=True)),
                ("freed_hidden", models.PositiveIntegerField()),
            ],
            options={
                "constraints": [
                    models.UniqueConstraint(fields=("scope", "backlog", "position"), name="unblock_figure_once")
                ],
            },
        ),
    ]
