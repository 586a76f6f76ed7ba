"""The forms of the review of links: a reference for a sitting, and what a reviewer says of a pair."""

import time
from typing import Any

from django import forms
from django.conf import settings
from django.contrib.sessions.backends.base import SessionBase

from braid.people.review_answers import REASONS
from braid.web.link_reviews.seen import SITTINGS
from braid.web.reasons import REFERENCE, REFERENCE_HELP, tidy_reference

_KEY = "link_review"
CHOOSE = "Choose what you say of the two records"


class SittingForm(forms.Form):
    """Why somebody reviews links."""

    reference = forms.CharField(
        label="Reference", help_text=REFERENCE_HELP, max_length=60, error_messages={"required": "Enter the reference"}
    )

    what = forms.ChoiceField(choices=[(code, code) for code in SITTINGS], required=False)

    def clean_what(self) -> str:
        """Return which pairs are looked at; where nothing is said, the doubtful ones."""
        return self.cleaned_data["what"] or SITTINGS[0]

    def clean_reference(self) -> str:
        """Return the reference tidied; refuse what is none."""
        text = tidy_reference(self.cleaned_data["reference"])
        if not REFERENCE.fullmatch(text):
            raise forms.ValidationError(f"A reference has {REFERENCE_HELP}")
        return text


class AnswerForm(forms.Form):
    """What a reviewer says of two records, and why, in one choice."""

    reason = forms.ChoiceField(
        label="Are they one person?",
        choices=[(code, words) for code, (_, words) in REASONS.items()],
        error_messages={"required": CHOOSE, "invalid_choice": CHOOSE},
    )
    round = forms.IntegerField(
        min_value=1, max_value=1_000_000, error_messages=dict.fromkeys(("required", "invalid"), CHOOSE)
    )


def keep_sitting(session: SessionBase, reference: str, what: str) -> None:
    """Keep the reference of a sitting, and which pairs it looks at, in the session for `REASON_SECONDS`."""
    session[_KEY] = {"reference": reference, "what": what, "at": int(time.time())}


def find_sitting(session: SessionBase) -> str:
    """Return the reference of the sitting; empty where none was given within `REASON_SECONDS`."""
    return str(_kept(session).get("reference", ""))


def find_what(session: SessionBase) -> str:
    """Return which of `SITTINGS` the sitting looks at."""
    return str(_kept(session).get("what", SITTINGS[0]))


def _kept(session: SessionBase) -> dict[str, Any]:
    kept: dict[str, Any] | None = session.get(_KEY)
    return kept if kept and time.time() - kept["at"] <= settings.REASON_SECONDS else {}
