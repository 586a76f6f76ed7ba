"""The random sample of pairs, and what it says of linking."""

from django.db import migrations, models


class Migration(migrations.Migration):
    dependencies = [
        ("braid", "0054_earlier_ids"),
    ]

    operations = [
        migrations.AddField(
            model_name="linkpair",
            name="sample_place",
            field=models.PositiveIntegerField(default=0),
        ),
        migrations.CreateModel(
            name="LinkQualityShown",
            fields=[
                ("id", models.PositiveSmallIntegerField(default=1, primary_key=True, serialize=False)),
                ("run_id", models.CharField(max_length=64)),
                ("current", models.JSONField()),
                ("told", models.JSONField(null=True)),
                ("told_drawn_date", models.DateField(null=True)),
                ("told_decided", models.PositiveIntegerField(default=0)),
            ],
            options={
                "abstract": False,
            },
        ),
    ]
