"""The trace in which a message was written, so that what the worker does with it hangs together with the request."""

from typing import ClassVar

from django.db import migrations, models


class Migration(migrations.Migration):
    """Adds alone: pages of the version before go on."""

    dependencies: ClassVar = [("braid", "0062_events_of_runs_and_boards")]
    operations: ClassVar = [
        migrations.AddField(
            "outboxmessage", "trace", models.CharField(max_length=55, blank=True, default="", db_default="")
        ),
    ]
