"""The items of agreements on which each part of the priority rules rests, and what changed of ranks before."""

from typing import ClassVar

from django.db import migrations, models


class Migration(migrations.Migration):
    """Of rules published before, nobody knows it: nothing of them is shown until the next publication."""

    dependencies: ClassVar = [("braid", "0019_covered_statements")]
    operations: ClassVar = [
        migrations.AddField("priorityversion", "rests_on", models.JSONField(default=dict)),
        migrations.AddField("personrank", "earlier", models.JSONField(default=list)),
    ]
