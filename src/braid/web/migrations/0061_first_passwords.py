"""A password that somebody else gave is good for a while, to choose one's own by."""

from typing import ClassVar

from django.db import migrations, models


class Migration(migrations.Migration):
    """Passwords that there are stay as they are: who chose them is not known."""

    dependencies: ClassVar = [("braid", "0060_rights_requests")]
    operations: ClassVar = [
        migrations.AddField("user", "first_password_until", models.DateTimeField(null=True)),
    ]
