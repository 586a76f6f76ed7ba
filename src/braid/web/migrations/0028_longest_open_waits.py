"""The list of people reads the longest waits first, and not those of the whole place."""

import django.db.models.functions.comparison
from django.db import migrations, models


class Migration(migrations.Migration):
    dependencies = [
        ("braid", "0027_documents"),
    ]

    operations = [
        migrations.AddIndex(
            model_name="personwait",
            index=models.Index(
                models.OrderBy(django.db.models.functions.comparison.Coalesce("elapsed_days", 0), descending=True),
                models.F("person"),
                condition=models.Q(("stop_date__isnull", True)),
                include=("wait_class", "backlog", "elapsed_days"),
                name="longest_open_waits",
            ),
        ),
        migrations.AddIndex(
            model_name="personwait",
            index=models.Index(
                condition=models.Q(("stop_date__isnull", True)),
                fields=["kind", "person"],
                include=("wait_class",),
                name="open_waits_by_kind",
            ),
        ),
    ]
