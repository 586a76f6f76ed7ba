"""Keys of names are written anew: more letters of other alphabets are folded as linking folds them."""

from typing import ClassVar

from django.db import migrations, models

from braid.web.models.name_keys import NameKey


def _key(column: str) -> models.GeneratedField:
    return models.GeneratedField(
        db_persist=True, expression=NameKey(models.F(column)), output_field=models.CharField(max_length=200)
    )


class Migration(migrations.Migration):
    """A stored key cannot be altered, so it is taken away and put back."""

    dependencies: ClassVar = [("braid", "0051_rhythm_of_sources")]

    operations: ClassVar = [
        migrations.RemoveIndex("personidentity", "identity_by_family"),
        migrations.RemoveIndex("personidentity", "identity_by_given"),
        migrations.RemoveField("personidentity", "family_key"),
        migrations.RemoveField("personidentity", "given_key"),
        migrations.AddField("personidentity", "family_key", _key("family_name")),
        migrations.AddField("personidentity", "given_key", _key("given_name")),
        migrations.AddIndex("personidentity", models.Index(fields=["family_key"], name="identity_by_family")),
        migrations.AddIndex("personidentity", models.Index(fields=["given_key"], name="identity_by_given")),
    ]
