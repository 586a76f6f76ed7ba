"""Whom words of a meeting are about, of which side a decision is, and which part a share decision was taken for."""

from django.db import migrations, models


class Migration(migrations.Migration):
    dependencies = [("braid", "0030_corrections")]

    operations = [
        *(
            migrations.AddField(model, "about", models.CharField(blank=True, db_default="", max_length=40))
            for model in ("agencynote", "minutesamendment", "sharedecision")
        ),
        migrations.AddField("agendaitem", "apart", models.BooleanField(db_default=False, default=False)),
    ]
