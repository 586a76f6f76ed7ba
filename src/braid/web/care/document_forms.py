"""The forms of documents: what one is, who does not read it and why, under which law others do, and the file itself."""

from collections.abc import Iterable, Mapping

from django import forms

from braid.care import documents
from braid.care.documents import Seat
from braid.outbound.document_file import FILE_KINDS, MOST_BYTES, TAKEN
from braid.trust.agreement_terms import GATEWAYS
from braid.trust.disclosure_decisions import NECESSITIES, WEIGHINGS
from braid.trust.disclosure_decisions import REFUSALS as NOT_SHARED
from braid.web.care.documents import DocumentGiven, FileGiven
from braid.web.care.documents_seen import DocumentsSeen
from braid.web.care.fields import CHOOSE, choice, day
from braid.web.outbound.disclosures import Grounds

MOST_MB = MOST_BYTES // 1_000_000
TOO_LARGE = f"The file is larger than {MOST_MB} MB. Save it smaller, or in parts"
_ACCEPT = ",".join(f".{ending}" for kind in FILE_KINDS.values() for ending in kind.endings)


def _file_field() -> forms.FileField:
    return forms.FileField(
        label="The file",
        required=False,
        help_text=f"{TAKEN}; at most {MOST_MB} MB. Anything else: print it as a PDF. Its name is not kept."
        " A form that comes back asks for the file again",
        widget=forms.FileInput(attrs={"accept": _ACCEPT}),
        error_messages={"empty": "The file is empty. Choose another"},
        allow_empty_file=True,
    )


def _read_through() -> forms.BooleanField:
    return forms.BooleanField(
        label="I have read all of it. It does not say where anybody protected lives or stays, or how to reach them",
        help_text="Needed for a scan or a picture that another organisation is to read: nobody can search its words",
        required=False,
    )


def _grounds(laws: Iterable[str]) -> dict[str, forms.Field]:
    named = [(code, f"{GATEWAYS[code].name} ({GATEWAYS[code].law})") for code in laws if code in GATEWAYS]
    return {
        "gateway": choice("Law under which other organisations read it", named, "Choose a law", False),
        "necessity": choice(
            "Why that is necessary", [(code, one.name) for code, one in NECESSITIES.items()], "Choose why", False
        ),
        "weighing": choice(
            "Detriment to the child, where the law is a duty to share",
            [(code, one.name) for code, one in WEIGHINGS.items()],
            "Choose what came of it",
            False,
        ),
    }


class _FileForm(forms.Form):
    """What every form with a file does: say that one is missing, or was too long to be read."""

    def __init__(self, *args: object, is_too_large: bool = False, **kwargs: object) -> None:
        super().__init__(*args, **kwargs)
        self._is_too_large = is_too_large

    def clean(self) -> dict[str, object]:
        """Hold the form to its file, which is sent last."""
        data = self.cleaned_data
        if self._is_too_large:
            self.add_error("file", TOO_LARGE)
        elif not data.get("file") and "file" not in self.errors:
            self.add_error("file", "Choose a file")
        return data

    def file(self) -> FileGiven:
        """Return the file as it was sent."""
        sent = self.cleaned_data["file"]
        return FileGiven(sent.name, sent.read(), self.cleaned_data["read_through"])


class AddForm(_FileForm):
    """A document that is added: what, whose, about whom, for how long, who does not read it, and the file."""

    title = forms.CharField(
        label="Title",
        max_length=documents.LONGEST_TITLE,
        help_text="What it is, without anybody's name, address or number",
        error_messages={
            "required": "Enter a title",
            "max_length": f"Shorten the title to {documents.LONGEST_TITLE} characters",
        },
    )
    kind = choice("Kind of document", documents.KINDS.items(), "Choose what kind of document it is")
    given_by = forms.CharField(
        label="Who wrote or gave it",
        max_length=documents.LONGEST_GIVER,
        help_text="A service or role, for example Family court or Health visitor",
        error_messages={
            "required": "Say which service or role it came from",
            "max_length": f"Shorten it to {documents.LONGEST_GIVER} characters",
        },
    )
    given_on = day("On which day it was written or given", "Enter the day on which it was given")
    retention = choice("How long this copy is kept", (), "Choose how long it is kept")
    about = forms.MultipleChoiceField(
        label="About whom it is",
        help_text="Whoever is kept from any of them does not find it",
        widget=forms.CheckboxSelectMultiple,
        error_messages={
            "required": "Choose whom the document is about",
            "invalid_choice": "Choose whom the document is about from the list",
        },
    )

    def __init__(self, *args: object, seen: DocumentsSeen, laws: Iterable[str], **kwargs: object) -> None:
        super().__init__(*args, **kwargs)
        people = [(one.key, one.name) for one in seen.subjects]
        self.fields["retention"].choices = [CHOOSE, *seen.retentions.items()]
        self.fields["about"].choices = people
        if not self.is_bound:
            self.initial.setdefault("about", [key for key, _ in people])
        self._seats: dict[str, Seat] = {}
        for number, (seat, words) in enumerate(seen.seats.items()):
            self._seats[f"not_{number}"] = seat
            self.fields[f"not_{number}"] = choice(
                f"{words}: reads it, unless you say why not",
                [(code, one.name) for code, one in NOT_SHARED.items()],
                "Choose why",
                False,
            )
            self.fields[f"not_{number}"].choices[0] = ("", "Reads it")
        if any(organisation != seen.case.mine.organisation for organisation, _ in seen.seats):
            self.fields |= _grounds(laws)
        self.fields["read_through"] = _read_through()
        self.fields["file"] = _file_field()

    def given(self) -> DocumentGiven:
        """Return what was given."""
        data = self.cleaned_data
        return DocumentGiven(
            kind=data["kind"],
            title=data["title"],
            given_by=data["given_by"],
            given_on=data["given_on"],
            retention=data["retention"],
            about=data["about"],
            withheld={seat: data[name] for name, seat in self._seats.items() if data[name]},
            grounds=Grounds(data.get("gateway", ""), data.get("necessity", ""), data.get("weighing", "")),
            file=self.file(),
        )


class ReplaceForm(_FileForm):
    """A newer version of a document."""

    read_through = _read_through()
    file = _file_field()

    def given(self) -> FileGiven:
        """Return the file."""
        sent = self.cleaned_data["file"]
        return FileGiven(sent.name, sent.read(), self.cleaned_data["read_through"])


class OpenForm(forms.Form):
    """One more seat that is to read a document, and under which law."""

    seat = choice("Seat", (), "Choose a seat")

    def __init__(self, *args: object, seats: Mapping[Seat, str], laws: Iterable[str], **kwargs: object) -> None:
        super().__init__(*args, **kwargs)
        self._seats = {str(number): seat for number, seat in enumerate(seats)}
        self.fields["seat"].choices = [CHOOSE, *zip(self._seats, seats.values(), strict=True)]
        self.fields |= _grounds(laws)

    def seat_given(self) -> Seat:
        """Return the seat."""
        return self._seats[self.cleaned_data["seat"]]

    def grounds(self) -> Grounds:
        """Return the grounds."""
        data = self.cleaned_data
        return Grounds(data["gateway"], data["necessity"], data["weighing"])


class WithdrawForm(forms.Form):
    """Why a document is withdrawn."""

    reason = choice("Why", documents.WITHDRAWALS.items(), "Choose why it is withdrawn")


class HoldForm(forms.Form):
    """Why a document must stay although its time is over."""

    reason = choice("Why it must stay", documents.HOLDS.items(), "Choose why it must stay")
