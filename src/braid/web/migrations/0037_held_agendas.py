"""What is held by hand of an agenda, and why the order proposed last was refused."""

from django.db import migrations, models


class Migration(migrations.Migration):
    dependencies = [
        ("braid", "0036_appointments_that_cannot_stay"),
    ]

    operations = [
        migrations.AddField(
            model_name="agendaitem",
            name="held_by",
            field=models.CharField(blank=True, db_default="", max_length=150),
        ),
        migrations.AddField(
            model_name="agendaitem",
            name="held_rank",
            field=models.PositiveSmallIntegerField(null=True),
        ),
        migrations.AddField(
            model_name="agendaitem",
            name="not_before",
            field=models.TimeField(null=True),
        ),
        migrations.AddField(
            model_name="meeting",
            name="refused_at",
            field=models.DateTimeField(null=True),
        ),
        migrations.AddField(
            model_name="meeting",
            name="refused_because",
            field=models.CharField(blank=True, db_default="", max_length=40),
        ),
        migrations.AddField(
            model_name="meeting",
            name="refused_by",
            field=models.CharField(blank=True, db_default="", max_length=150),
        ),
        migrations.AddField(
            model_name="meeting",
            name="refused_order",
            field=models.CharField(blank=True, db_default="", max_length=64),
        ),
        migrations.AddConstraint(
            model_name="agendaitem",
            constraint=models.CheckConstraint(
                condition=models.Q(
                    models.Q(("held_rank__isnull", True), ("not_before__isnull", True)),
                    models.Q(("held_by", ""), _negated=True),
                    _connector="OR",
                ),
                name="held_by_somebody",
            ),
        ),
        migrations.AddConstraint(
            model_name="agendaitem",
            constraint=models.CheckConstraint(
                condition=models.Q(("held_rank__isnull", True), ("held_rank__gte", 1), _connector="OR"),
                name="held_at_a_place",
            ),
        ),
        migrations.AddConstraint(
            model_name="meeting",
            constraint=models.CheckConstraint(
                condition=models.Q(
                    ("refused_order", ""),
                    models.Q(
                        models.Q(("refused_because", ""), _negated=True),
                        models.Q(("refused_by", ""), _negated=True),
                        ("refused_at__isnull", False),
                    ),
                    _connector="OR",
                ),
                name="refused_order_has_its_reason",
            ),
        ),
    ]
