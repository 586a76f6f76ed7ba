"""The record knows one kind more: an account that was changed."""

from django.db import migrations, models

from braid.trust.audit import KINDS


class Migration(migrations.Migration):
    dependencies = [
        ("braid", "0010_emergency_approvals"),
    ]

    operations = [
        migrations.AlterField(
            model_name="auditentry",
            name="kind",
            field=models.CharField(choices=list(KINDS.items()), max_length=20),
        ),
    ]
