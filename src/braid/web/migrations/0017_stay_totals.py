"""Where the clock of a stay begins that the law adds up with earlier ones, and the days between them."""

from django.db import migrations, models


class Migration(migrations.Migration):
    dependencies = [
        ("braid", "0016_care"),
    ]

    operations = [
        migrations.AddField(
            model_name="personwait",
            name="counted_from_date",
            field=models.DateField(null=True),
        ),
        migrations.AddField(
            model_name="personwait",
            name="pauses",
            field=models.TextField(blank=True, db_default=""),
        ),
    ]
