"""The problem statement beside its purpose, for each person whom one concerns."""

from typing import ClassVar

from django.db import migrations, models


class Migration(migrations.Migration):
    """A set that was published before is published again, as none of its rows names a statement."""

    dependencies: ClassVar = [("braid", "0017_stay_totals")]
    operations: ClassVar = [
        migrations.RemoveConstraint("cohort", "cohort_once"),
        migrations.AddField("cohort", "statement", models.CharField(default="", max_length=40)),
        migrations.AddConstraint("cohort", models.UniqueConstraint(fields=["person", "statement"], name="cohort_once")),
    ]
