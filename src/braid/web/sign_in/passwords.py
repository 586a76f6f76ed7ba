"""What a password chosen by a human may not be made of: words that anybody at this place would try first."""

import re

from django.core.exceptions import ValidationError

from braid.web.models import User
from braid.web.served_place import served_marks

WORDS = frozenset({"braid", "password", "council", "hospital", "housing", "welcome", "police", "court", "school"})
"""Words of what Braid is for; those of the place and of the account come beside them."""
SHORTEST_WORD = 4
FEWEST_OTHER = 8
"""Characters that must be left when these words are taken out."""


class WithoutOwnWords:
    """Refuses a password of which little is left without words of the place, of Braid and of the account."""

    def validate(self, password: str, user: User | None = None) -> None:
        """Raise `ValidationError` where fewer than eight characters are other than such words."""
        left = password.casefold()
        for word in sorted(words_of(user), key=len, reverse=True):
            left = left.replace(word, "")
        if len(left) < FEWEST_OTHER:
            raise ValidationError("Choose a password that is not made of names of this place or of you")

    def get_help_text(self) -> str:
        """Return the rule in words."""
        return "It may not be made of names of this place or of you."


def words_of(user: User | None) -> frozenset[str]:
    """Return the words that a password of this account may not be made of, in small letters."""
    own = f"{user.username} {user.display_name} {user.organisation}" if user is not None else ""
    found = re.findall(r"\w+", f"{own} {served_marks().place_name}".casefold().replace("_", " "))
    return WORDS | {word for word in found if len(word) >= SHORTEST_WORD}
