"""What is asked of a pack: for which meeting, and for whom."""

from django import forms

from braid.web.boards.seen import MeetingSeen
from braid.web.templating import minute_words

NO_MEETING = ""
FOR_WHOM = {
    "public": "Whoever governs: no confidential items",
    "members": "Members of the board: confidential items too",
}


class PackForm(forms.Form):
    """A pack of a board."""

    meeting = forms.ChoiceField(
        label="For",
        required=False,
        error_messages={"invalid_choice": "Choose a meeting of this board, or today"},
    )
    made_for = forms.ChoiceField(
        label="Who may read it",
        choices=list(FOR_WHOM.items()),
        error_messages=dict.fromkeys(("required", "invalid_choice"), "Choose who may read it"),
    )

    def __init__(self, *given: object, meetings: list[MeetingSeen], **named: object) -> None:
        """Offer the meetings of the board."""
        super().__init__(*given, **named)
        listed = [(str(one.row.pk), f"The meeting of {minute_words(one.row.starts_at)}") for one in meetings]
        self.fields["meeting"].choices = [(NO_MEETING, "The board, as of today"), *listed]
