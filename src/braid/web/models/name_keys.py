"""How a name is searched for: small plain letters, without accents, marks and spaces. The database writes it.

It says the same as `braid.people.names.fold` with the spaces left out, by which what somebody types is folded.
"""

from django.db.models import Expression, F, Func


class NameKey(Func):
    """The key of a name: of `Zoë O'Neil-Smith`, `zoeoneilsmith`. It never changes for the same name."""

    template = (
        "regexp_replace(lower(normalize(translate(replace(replace(replace(%(expressions)s, 'ß', 'ss'), 'æ', 'ae'),"
        " 'Æ', 'ae'), 'øØłŁđ\u0131', 'oolldi'), NFKD)), '[^a-z]', '', 'g')"
    )
    arity = 1


def name_key(column: str) -> Expression:
    """Return the key of a column."""
    return NameKey(F(column))
