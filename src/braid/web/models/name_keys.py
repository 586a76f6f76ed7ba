"""How a name is searched for: small letters alone, without accents, marks and spaces. The database writes it."""

from django.db.models import Expression, F, Func, Value


class NameKey(Func):
    """The key of a name: of `Zoë O'Neil-Smith`, `zoeoneilsmith`. It never changes for the same name."""

    template = (
        "regexp_replace(translate(lower(normalize(%(expressions)s, NFKD)), 'øłđı', 'oldi'), '[^[:alpha:]]', '', 'g')"
    )
    arity = 1


def name_key(column: str) -> Expression:
    """Return the key of a column."""
    return NameKey(F(column))


def key_of(text: str) -> Expression:
    """Return the key of what somebody typed."""
    return NameKey(Value(text))
