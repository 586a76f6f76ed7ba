"""The forms of a proposal: refuse it, or choose another unit; each with a reason that the next plan is told."""

from collections.abc import Iterable

from django import forms

from braid.problems.plans.answers import LONGEST_WORDS, NO_SAFETY, REASONS
from braid.web.care.fields import choice, words

MISSING_REASON = "Say why: choose a reason from the list"


class RefuseForm(forms.Form):
    """Why a proposal is refused."""

    def __init__(self, *args: object, **kwargs: object) -> None:
        super().__init__(*args, **kwargs)
        self.fields["reason"] = choice("Why it is refused", REASONS.items(), MISSING_REASON)
        self.fields["words"] = _words()


class ChooseForm(forms.Form):
    """Another unit, and why."""

    def __init__(self, *args: object, offered: Iterable[tuple[str, str]], **kwargs: object) -> None:
        super().__init__(*args, **kwargs)
        self.fields["unit"] = choice("Another unit", offered, "Choose a unit from the list")
        self.fields["reason"] = choice("Why it suits better", REASONS.items(), MISSING_REASON)
        self.fields["words"] = _words()


def _words() -> forms.CharField:
    return words("Anything to add", "Say it in words", LONGEST_WORDS, required=False, help_text=NO_SAFETY)
