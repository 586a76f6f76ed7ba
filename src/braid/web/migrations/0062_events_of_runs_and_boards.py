"""What is noted with an event beside its subject: the board of its address, or counts."""

from typing import ClassVar

from django.db import migrations, models


class Migration(migrations.Migration):
    """Events that wait have nothing beside their subject."""

    dependencies: ClassVar = [("braid", "0061_first_passwords")]
    operations: ClassVar = [
        migrations.AddField("webhookdelivery", "detail", models.JSONField(default=dict, db_default={})),
    ]
