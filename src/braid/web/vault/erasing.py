"""The end of one person's data key: their fields of the vault never open again."""

from django.db import connection, transaction

from braid.web.watch import known_asker


def erase_person(person_id: str) -> bool:
    """Blank a person's data key, so that their fields never open again; return whether there was one.

    That they are protected stays known: the guard lets nothing about them go, since it cannot know where they are.
    Copies of the database from before still hold the wrapped key: rotate afterwards to close those too. The next
    publication fills the vault from the extracts again, so erase there first.
    """
    with known_asker(), transaction.atomic(), connection.cursor() as cursor:
        cursor.execute("update vault.data_key set wrapped = '' where person_id = %s and wrapped <> ''", [person_id])
        return bool(cursor.rowcount)
