"""How often a source's extract comes, beside who is involved."""

from django.db import migrations, models


class Migration(migrations.Migration):
    dependencies = [("braid", "0050_board_packs")]

    operations = [
        migrations.AddField(model_name="involvement", name="every_days", field=models.IntegerField(null=True)),
    ]
