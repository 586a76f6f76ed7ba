"""Who held a case until a time, beside who held it at a place."""

from django.db import migrations, models

from braid.web.watch import known_asker

NAME_HOLDERS = "update braid_agendaitem set not_before_by = held_by where not_before is not null"


def name_holders(_apps, schema_editor):
    """Name for each time that is held who held the case, as far as it was known, as the owner."""
    with known_asker():
        schema_editor.execute("set constraints all immediate")  # no check of these rows may wait for the end
        schema_editor.execute(NAME_HOLDERS)


class Migration(migrations.Migration):
    dependencies = [
        ("braid", "0038_board_papers"),
    ]

    operations = [
        migrations.AddField(
            model_name="agendaitem",
            name="not_before_by",
            field=models.CharField(blank=True, db_default="", max_length=150),
        ),
        migrations.RunPython(name_holders, migrations.RunPython.noop),
        migrations.RemoveConstraint(
            model_name="agendaitem",
            name="held_by_somebody",
        ),
        migrations.AddConstraint(
            model_name="agendaitem",
            constraint=models.CheckConstraint(
                condition=models.Q(
                    ("held_rank__isnull", True), models.Q(("held_by", ""), _negated=True), _connector="OR"
                ),
                name="held_by_somebody",
            ),
        ),
        migrations.AddConstraint(
            model_name="agendaitem",
            constraint=models.CheckConstraint(
                condition=models.Q(
                    ("not_before__isnull", True), models.Q(("not_before_by", ""), _negated=True), _connector="OR"
                ),
                name="held_until_by_somebody",
            ),
        ),
    ]
