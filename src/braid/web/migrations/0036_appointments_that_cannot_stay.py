"""Since when an agreed appointment of a case cannot stay: whoever leads the case is called."""

from django.db import migrations, models


class Migration(migrations.Migration):
    dependencies = [
        ("braid", "0035_court_lists"),
    ]

    operations = [
        migrations.AddField(
            model_name="appointmentsheet",
            name="unsafe_since",
            field=models.DateTimeField(null=True),
        ),
        migrations.AddConstraint(
            model_name="appointmentsheet",
            constraint=models.CheckConstraint(
                condition=models.Q(("side", "apart"), ("unsafe_since__isnull", True)) | models.Q(("side", "harmed")),
                name="unsafe_of_the_harmed",
            ),
        ),
    ]
