"""What a password chosen by a human may not be: made of words that anybody here would try, or known from a breach."""

import logging
import re
from pathlib import Path

from django.conf import settings
from django.core.exceptions import ValidationError

from braid.web.models import User
from braid.web.served_place import served_marks
from braid.web.sign_in.breached import BreachedList, BreachedListNotReadable

WORDS = frozenset({"braid", "password", "council", "hospital", "housing", "welcome", "police", "court", "school"})
"""Words of what Braid is for; those of the place and of the account come beside them."""
SHORTEST_WORD = 4
FEWEST_OTHER = 8
"""Characters that must be left when these words are taken out."""
logger = logging.getLogger(__name__)


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


class NotBreached:
    """Refuses a password that stands in the place's list of breached ones; without a list it refuses nothing.

    Where the place names a list that cannot be read no password is taken: nobody would notice that none is checked.
    """

    def validate(self, password: str, user: User | None = None) -> None:  # noqa: ARG002 - as validators are called
        """Raise `ValidationError` where the list has it, or cannot be read."""
        if not settings.BREACHED_PASSWORDS_FILE:
            return
        try:
            is_known = BreachedList(Path(settings.BREACHED_PASSWORDS_FILE)).has(password)
        except BreachedListNotReadable as error:
            logger.error("no password is taken: the list of breached passwords: %s", error)
            raise ValidationError("A new password cannot be checked just now. Tell whoever runs Braid here") from None
        if is_known:
            raise ValidationError("This password is known from a breach elsewhere. Choose another")

    def get_help_text(self) -> str:
        """Return the rule in words."""
        return "It may not be known from a breach elsewhere."


def words_of(user: User | None) -> frozenset[str]:
    """Return the words that a password of this account may not be made of, in small letters."""
    own = f"{user.username} {user.display_name} {user.organisation}" if user is not None else ""
    found = re.findall(r"\w+", f"{own} {served_marks().place_name}".casefold().replace("_", " "))
    return WORDS | {word for word in found if len(word) >= SHORTEST_WORD}
