"""How a name is searched for: small plain letters, without accents, marks and spaces. The database writes it.

It says the same as `braid.people.names.fold` with the spaces left out, by which what somebody types is folded.
"""

from django.db.models import Expression, F, Func


class NameKey(Func):
    """The key of a name: of `Zoë O'Neil-Smith`, `zoeoneilsmith`. It never changes for the same name."""

    template = (
        "regexp_replace(lower(normalize(translate(replace(replace(replace(replace(replace(replace(replace(%(expressions)s,"
        " 'ß', 'ss'), 'æ', 'ae'), 'Æ', 'ae'), 'þ', 'th'), 'Þ', 'th'), 'œ', 'oe'), 'Œ', 'oe'),"
        " 'øØłŁđ\u0131ĐðÐħŧə', 'oolldidddhta'), NFKD)), '[^a-z]', '', 'g')"
    )
    arity = 1


def name_key(column: str) -> Expression:
    """Return the key of a column."""
    return NameKey(F(column))
