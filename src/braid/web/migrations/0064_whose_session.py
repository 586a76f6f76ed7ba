"""A session names its account as such, so that both are read in one statement: the column stays what it was."""

from typing import ClassVar

import django.db.models.deletion
from django.conf import settings
from django.db import migrations, models


class Migration(migrations.Migration):
    """Changes what Django calls the column, and nothing in the database."""

    dependencies: ClassVar = [("braid", "0063_trace_of_messages")]
    operations: ClassVar = [
        migrations.SeparateDatabaseAndState(
            state_operations=[
                migrations.RemoveField("signedsession", "user_id"),
                migrations.AddField(
                    "signedsession",
                    "user",
                    models.ForeignKey(
                        settings.AUTH_USER_MODEL,
                        on_delete=django.db.models.deletion.DO_NOTHING,
                        null=True,
                        db_constraint=False,
                        related_name="+",
                    ),
                ),
            ]
        ),
    ]
