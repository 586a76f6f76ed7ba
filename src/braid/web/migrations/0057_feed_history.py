"""What the last runs read of each feed, for whoever reads sources."""

from typing import ClassVar

from django.db import migrations, models


class Migration(migrations.Migration):
    """A set that was published before tells of no feed until the next run is published."""

    dependencies: ClassVar = [("braid", "0056_who_lives_with_whom")]
    operations: ClassVar = [migrations.AddField("publishedrun", "feed_history", models.JSONField(default=list))]
