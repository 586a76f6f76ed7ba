"""The effects of the overlay's entries: the two lists that decisions read, worked out anew by the database itself."""

from django.db import connection


def renew_effects() -> None:
    """Work out who is kept from whom from the entries in force, the ties, the households and the merged ids.

    Called in the transaction of every change, and by whoever publishes. The pages may call it and may write neither
    list, so that a fault in a page cannot lift a protection. See `overlay.sql`. A database that was never served has
    neither the function nor an entry.
    """
    with connection.cursor() as cursor:
        cursor.execute("select to_regprocedure('braid_renew_effects()') is not null")
        if cursor.fetchone() == (True,):
            cursor.execute("select braid_renew_effects()")
