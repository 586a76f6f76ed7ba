"""The forms of a hearing: refuse it where it is, or move it; each with a reason that the next list is told."""

from collections.abc import Iterable

from django import forms

from braid.problems.plans.answers import LONGEST_WORDS
from braid.problems.plans.listing_answers import MOVE_REASONS, NO_SAFETY, VETO_REASONS
from braid.web.care.fields import choice, day, words

MISSING_REASON = "Say why: choose a reason from the list"


class VetoForm(forms.Form):
    """Why a hearing is refused where it is, and from which day on it can be heard."""

    def __init__(self, *args: object, **kwargs: object) -> None:
        super().__init__(*args, **kwargs)
        self.fields["reason"] = choice("Why it is refused there", VETO_REASONS.items(), MISSING_REASON)
        self.fields["day"] = day("Not before this day, where one is known", "Enter a day", required=False)
        self.fields["words"] = _words()


class MoveForm(forms.Form):
    """Another place, and why."""

    def __init__(self, *args: object, offered: Iterable[tuple[str, str]], **kwargs: object) -> None:
        super().__init__(*args, **kwargs)
        self.fields["place"] = choice("Where it is heard instead", offered, "Choose a session from the list")
        self.fields["reason"] = choice("Why", MOVE_REASONS.items(), MISSING_REASON)
        self.fields["words"] = _words()


def _words() -> forms.CharField:
    return words("Anything to add", "Say it in words", LONGEST_WORDS, required=False, help_text=NO_SAFETY)
