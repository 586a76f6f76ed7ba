"""The forms of what leaves: a message, a safe contact, a release, and what came of a task."""

import datetime as dt
from collections.abc import Iterable, Mapping
from zoneinfo import ZoneInfo

from django import forms
from django.utils import timezone

from braid.language.schema import Sensitivity
from braid.outbound import CHANNELS, Draft, Text
from braid.trust.agreement_terms import GATEWAYS, Term
from braid.trust.disclosure_decisions import DETRIMENTS, NECESSITIES, OUTCOMES, REFUSALS, WEIGHINGS
from braid.trust.locations import KINDS
from braid.web.access.correspondents import Correspondents
from braid.web.access.projections import Viewer
from braid.web.outbound.disclosures import Grounds
from braid.web.outbound.tasks import OUTCOMES as OUTCOMES_OF_TASKS

LONDON = ZoneInfo("Europe/London")
CLASS_NAMES = {
    Sensitivity.LOCATION.value: "Where somebody is: an address, a school, a worker, a telephone number",
    Sensitivity.IDENTITY.value: "An old or a new name, a birth or an adoption",
    Sensitivity.EXISTENCE.value: "That somebody gets support, or that a conference about risk met",
    Sensitivity.SPECIAL.value: "Health, offences or other special category data",
    Sensitivity.NORMAL.value: "None of these",
}
CHOOSE = ("", "Choose one")
NO_GATEWAY = "Choose a law that an agreement in force names for everybody who receives it"
NO_RECEIVER = "Choose for whom it is decided"
WRITTEN_BY_PAGE = [code for code in CHANNELS if code != "export"]
"""Channels that carry words; a table leaves through the exporter."""


def named(terms: Mapping[str, Term]) -> list[tuple[str, str]]:
    """Return the terms of a vocabulary as choices."""
    return [(code, term.name) for code, term in terms.items()]


def gateways_of(known: Correspondents) -> list[tuple[str, str]]:
    """Return the laws that the agreements in force name for any partner, as choices."""
    codes = frozenset[str]().union(*known.gateways.values())
    return [(code, f"{term.name} ({term.law})") for code, term in GATEWAYS.items() if code in codes]


class _Moment(forms.DateTimeField):
    def __init__(self, label: str) -> None:
        super().__init__(
            label=label,
            required=False,
            help_text="UK time, for example 2026-12-01 10:00",
            input_formats=["%Y-%m-%d %H:%M"],
            error_messages={"invalid": "Enter day and time, for example 2026-12-01 10:00"},
        )


class MessageForm(forms.Form):
    """What somebody wants to say, to whom, and what it holds. No contact point: that is looked up when it leaves."""

    recipients = forms.MultipleChoiceField(
        label="Who receives it", error_messages={"required": "Choose at least one recipient"}
    )
    channel = forms.ChoiceField(
        label="How it goes",
        choices=[CHOOSE, *((code, CHANNELS[code].name) for code in WRITTEN_BY_PAGE)],
        error_messages={"required": "Choose how it goes", "invalid_choice": "Choose how it goes"},
    )
    title = forms.CharField(label="Title", required=False, max_length=200)
    body = forms.CharField(
        label="Words", max_length=20_000, widget=forms.Textarea, error_messages={"required": "Enter the words"}
    )
    classes = forms.MultipleChoiceField(
        label="What the words hold",
        choices=list(CLASS_NAMES.items()),
        error_messages={"required": "Say what the words hold; choose None of these where nothing applies"},
    )
    annex = forms.CharField(
        label="Confidential annex of a bundle", required=False, max_length=20_000, widget=forms.Textarea
    )
    starts_at = _Moment("Begins, for a calendar entry")
    ends_at = _Moment("Ends, for a calendar entry")
    venue = forms.CharField(label="Venue, for a calendar entry", required=False, max_length=200)
    gateway = forms.ChoiceField(
        label="Law under which it is shared", required=False, error_messages={"invalid_choice": NO_GATEWAY}
    )
    necessity = forms.ChoiceField(
        label="Why it is necessary",
        required=False,
        choices=[CHOOSE, *named(NECESSITIES)],
        error_messages={"invalid_choice": "Choose why it is necessary"},
    )
    weighing = forms.ChoiceField(
        label="Detriment to the child, where the law is a duty to share",
        required=False,
        choices=[("", "Not weighed"), *named(WEIGHINGS)],
        error_messages={"invalid_choice": "Choose what came of weighing the detriment"},
    )

    def __init__(self, *args: object, known: Correspondents, **kwargs: object) -> None:
        super().__init__(*args, **kwargs)
        people = [(f"person:{person_id}", name) for person_id, name in known.people.items()]
        self.fields["recipients"].choices = [*people, *((f"organisation:{one}", one) for one in known.partners)]
        self.fields["gateway"].choices = [CHOOSE, *gateways_of(known)]

    def clean(self) -> dict:
        """Need a beginning and an end in order for a calendar entry; an annex goes with a bundle alone.

        What goes to an organisation needs a law and a reason. Nothing is chosen beforehand: somebody decides.
        """
        given = self.cleaned_data
        if given.get("channel") == "calendar" and not {"starts_at", "ends_at"} & set(self.errors):
            starts_at, ends_at = given.get("starts_at"), given.get("ends_at")
            if starts_at is None or ends_at is None or ends_at <= starts_at:
                self.add_error("starts_at", "Enter when it begins, and an end after that")
        if given.get("annex") and given.get("channel") != "bundle":
            self.add_error("annex", "Only a bundle has an annex")
        if any(one.startswith("organisation:") for one in given.get("recipients", ())):
            for name, words in (("gateway", NO_GATEWAY), ("necessity", "Choose why it is necessary")):
                if not given.get(name) and name not in self.errors:
                    self.add_error(name, words)
        return given

    def draft(self, viewer: Viewer, subjects: Iterable[str]) -> Draft:
        """Return the draft of a valid form, written now."""
        given = self.cleaned_data
        pieces = [Text(given["title"], given["body"], frozenset(map(Sensitivity, given["classes"])))]
        if given["annex"]:
            pieces.append(Text("Annex", given["annex"], frozenset({Sensitivity.LOCATION})))
        is_calendar = given["channel"] == "calendar"
        return Draft(
            reference=viewer.reference,
            channel=given["channel"],
            sent_by=viewer.username,
            subjects=frozenset(subjects),
            pieces=tuple(pieces),
            written_at=timezone.now(),
            starts_at=given["starts_at"] if is_calendar else None,
            ends_at=given["ends_at"] if is_calendar else None,
            venue=given["venue"] if is_calendar else "",
        )

    def parties(self) -> list[tuple[str, str]]:
        """Return the recipients as (kind, id)."""
        return [tuple(value.split(":", 1)) for value in self.cleaned_data["recipients"]]

    def grounds(self) -> Grounds | None:
        """Return why it is shared, or `None` where no organisation receives it."""
        given = self.cleaned_data
        if all(kind != "organisation" for kind, _ in self.parties()):
            return None
        return Grounds(given["gateway"], given["necessity"], given["weighing"])


class WithholdForm(forms.Form):
    """What is not shared with whom, and why."""

    prefix = "withhold"
    receiver = forms.ChoiceField(
        label="With whom it is not shared", error_messages={"required": NO_RECEIVER, "invalid_choice": NO_RECEIVER}
    )
    classes = forms.MultipleChoiceField(
        label="What is not shared",
        choices=list(CLASS_NAMES.items()),
        error_messages={"required": "Say what is not shared; choose None of these where nothing applies"},
    )
    gateway = forms.ChoiceField(
        label="Law under which it could be shared", required=False, error_messages={"invalid_choice": NO_GATEWAY}
    )
    reason = forms.ChoiceField(
        label="Why it is not shared",
        choices=[CHOOSE, *named(DETRIMENTS), *named(REFUSALS)],
        error_messages={"required": "Choose why it is not shared", "invalid_choice": "Choose why it is not shared"},
    )

    def __init__(self, *args: object, known: Correspondents, **kwargs: object) -> None:
        super().__init__(*args, **kwargs)
        self.fields["receiver"].choices = [CHOOSE, *((one, one) for one in known.organisations)]
        self.fields["gateway"].choices = [("", "None"), *gateways_of(known)]


class SafeContactForm(forms.Form):
    """How the person has said that they may be reached."""

    prefix = "contact"
    channels = forms.MultipleChoiceField(
        label="Channels",
        choices=[(code, channel.name) for code, channel in CHANNELS.items()],
        error_messages={"required": "Choose at least one channel"},
    )
    contacts = forms.CharField(
        label="Numbers and addresses, one to a line",
        max_length=2000,
        widget=forms.Textarea,
        error_messages={"required": "Enter at least one number or address"},
    )
    from_hour = forms.IntegerField(label="From hour of the day", min_value=0, max_value=23, required=False)
    to_hour = forms.IntegerField(label="To hour of the day", min_value=1, max_value=24, required=False)


class ReleaseForm(forms.Form):
    """One kind of location that may reach one recipient."""

    prefix = "release"
    location_kind = forms.ChoiceField(
        label="What may be told",
        choices=[CHOOSE, *((kind, kind.capitalize()) for kind in sorted(KINDS))],
        error_messages={"required": "Choose what may be told", "invalid_choice": "Choose what may be told"},
    )
    recipient = forms.ChoiceField(
        label="To whom", error_messages={"required": "Choose to whom", "invalid_choice": "Choose to whom"}
    )
    until = forms.DateField(
        label="Until",
        help_text="The last day, for example 2027-03-31",
        error_messages={"required": "Enter the last day", "invalid": "Enter a date as year-month-day"},
    )

    def __init__(self, *args: object, known: Correspondents, **kwargs: object) -> None:
        super().__init__(*args, **kwargs)
        people = [(f"person:{person_id}", name) for person_id, name in known.people.items()]
        partners = [(f"organisation:{one}", one) for one in known.partners]
        self.fields["recipient"].choices = [CHOOSE, *people, *partners]

    def clean_until(self) -> dt.datetime:
        """Return the end of the day, in UK time."""
        return dt.datetime.combine(self.cleaned_data["until"] + dt.timedelta(days=1), dt.time(), LONDON)


class OutcomeForm(forms.Form):
    """What came of a task."""

    outcome = forms.ChoiceField(
        label="What came of it",
        choices=[CHOOSE, *OUTCOMES_OF_TASKS.items()],
        error_messages={"required": "Choose what came of it", "invalid_choice": "Choose what came of it"},
    )


class DecisionsForm(forms.Form):
    """The filters of the list of decisions to share or not."""

    outcome = forms.ChoiceField(label="Outcome", required=False, choices=[("", "All"), *OUTCOMES.items()])
    receiver = forms.ChoiceField(label="Receiver", required=False)

    def __init__(self, *args: object, organisations: Iterable[str], **kwargs: object) -> None:
        super().__init__(*args, **kwargs)
        self.fields["receiver"].choices = [("", "All"), *((one, one) for one in organisations)]
