"""Under which ids joint work stood before they were merged, so that it goes back where they are parted."""

from django.db import migrations, models


class Migration(migrations.Migration):
    dependencies = [
        ("braid", "0053_link_reviews"),
    ]

    operations = [
        migrations.AddField(
            model_name="casesubject",
            name="earlier_ids",
            field=models.JSONField(default=list),
        ),
        migrations.AddField(
            model_name="referral",
            name="earlier_ids",
            field=models.JSONField(default=list),
        ),
    ]
