"""The forms of the ledger: one for each kind of entry, with the fields that it asks for."""

import datetime as dt
import re
from collections.abc import Mapping
from typing import Any
from uuid import UUID, uuid4

from django import forms
from django.utils import timezone

from braid.language.identifiers import PASS, check
from braid.place.money.amounts import read_pounds, say_pence
from braid.place.money.entries import KINDS, OVERRIDES, Order
from braid.place.money.funds import Fund
from braid.web.care.fields import choice, day, words
from braid.web.funds.seen import open_accruals, open_commitments

FIELDS: Mapping[str, tuple[str, ...]] = {
    "contribution": ("body", "amount", "occurred_date", "reference", "note"),
    "settlement": ("body", "amount", "occurred_date", "reference", "note"),
    "commitment": ("line", "amount", "occurred_date", "reference", "note", "override"),
    "release": ("commitment", "amount", "occurred_date", "note"),
    "actual": ("line", "amount", "occurred_date", "commitment", "reference", "note", "override"),
    "accrual": ("line", "amount", "occurred_date", "commitment", "reference", "note", "override"),
    "reversal": ("reverses", "occurred_date", "note", "override"),
    "virement": ("line", "to", "amount", "occurred_date", "note"),
    "correction": ("occurred_date", "note", "override"),
}
"""The fields of each kind that somebody posts on a page."""
WITH_NOTE = ("virement", "correction")
MOST_REFERENCE, MOST_NOTE = 100, 400
NOTE_HINT = "What it was for. Write nothing of any person: no name, number or address"
_POSTCODE = re.compile(r"\b[A-Z]{1,2}\d[A-Z\d]?\s*\d[A-Z]{2}\b", re.IGNORECASE)
_NUMBER = re.compile(r"(?<!\d)(\d{3})[ -]?(\d{3})[ -]?(\d{4})(?!\d)")
HOLDS_PERSON = "Take out what looks like a postcode or a number of a person"


class AmountField(forms.CharField):
    """An amount in pounds; its value is whole pence."""

    def clean(self, value: object) -> int:
        """Return pence, or say how an amount is written."""
        text = super().clean(value)
        try:
            return read_pounds(text)
        except ValueError:
            raise forms.ValidationError("Enter pounds with at most two places and no sign, such as 1234.50") from None


class PostForm(forms.Form):
    """An entry of one kind for one fund."""

    def __init__(
        self, data: Any, *, kind: str, fund: Fund, funds: Mapping[str, Fund], names: Mapping[str, str], **more: Any
    ) -> None:
        """Make the fields of a kind, with what there is to choose from now."""
        super().__init__(data, **more)
        self.kind, self.fund, self.funds = kind, fund, funds
        self.sent_as = _sent_as(data)
        made = {**_plain_fields(kind), **self._choices(names)}
        self.fields = {name: made[name] for name in FIELDS[kind]}

    def _choices(self, names: Mapping[str, str]) -> dict[str, forms.Field]:
        lines = [(line.id, line.name) for line in self.fund.lines.values()]
        bodies = [(one, names.get(one, one)) for one in sorted({*self.fund.bodies, self.fund.host})]
        made: dict[str, forms.Field] = {
            "line": choice("Line", lines, "Choose a line"),
            "to": choice("Move to", self._targets(), "Choose the line to move to"),
            "body": choice("Body", bodies, "Choose a body"),
        }
        if "commitment" in FIELDS[self.kind]:
            listed = [(str(one), f"{said}, {say_pence(left)} left") for one, said, left in open_commitments(self.fund)]
            made["commitment"] = choice("Commitment", listed, "Choose a commitment", self.kind == "release")
        if "reverses" in FIELDS[self.kind]:
            listed = [(str(one), f"{said}, {say_pence(pence)}") for one, said, pence in open_accruals(self.fund)]
            made["reverses"] = choice("Accrual", listed, "Choose the accrual to reverse")
        return made

    def _targets(self) -> list[tuple[str, str]]:
        own = [(f"{self.fund.id}/{line.id}", line.name) for line in self.fund.lines.values()]
        others = [
            (f"{fund.id}/{line.id}", f"{fund.name}: {line.name}")
            for fund in self.funds.values()
            if fund.id != self.fund.id and fund.basis.moves_between_funds and self.fund.basis.moves_between_funds
            for line in fund.lines.values()
        ]
        return own + others

    def clean_note(self) -> str:
        """Refuse a note that holds what looks like an address or a number of a person."""
        note: str = self.cleaned_data["note"].strip()
        if holds_person(note):
            raise forms.ValidationError(HOLDS_PERSON)
        return note

    def clean_occurred_date(self) -> dt.date:
        """Refuse a day that is still to come."""
        wanted: dt.date = self.cleaned_data["occurred_date"]
        if wanted > timezone.localdate():
            raise forms.ValidationError("Enter a day that is not in the future")
        return wanted

    def clean(self) -> dict[str, Any]:
        """An override has a note that says why."""
        cleaned = super().clean() or {}
        if cleaned.get("override") and not cleaned.get("note") and "note" not in self.errors:
            self.add_error("note", "Say why there is an exception")
        return cleaned

    def order(self, by: str, entry_id: UUID | None = None) -> Order:
        """Return what is to be posted, of a form that is sound; a correction is of an entry."""
        given = self.cleaned_data
        to_fund, _, to_line = given.get("to", "").partition("/")
        reverses = entry_id if self.kind == "correction" else _uuid(given.get("reverses"))
        return Order(
            kind=self.kind,
            fund=self.fund.id,
            occurred_date=given["occurred_date"],
            by=by,
            amount_pence=given.get("amount", 0),
            line=given.get("line", ""),
            to_line=to_line,
            to_fund="" if to_fund == self.fund.id else to_fund,
            body=given.get("body", ""),
            commitment=_uuid(given.get("commitment")),
            reverses=reverses,
            reference=given.get("reference", "").strip(),
            note=given.get("note", ""),
            override=given.get("override", ""),
            sent_as=self.sent_as,
        )


def _plain_fields(kind: str) -> dict[str, forms.Field]:
    missing = "Say what it was for"
    return {
        "amount": AmountField(
            label="Amount in pounds", help_text="For example 1234.50", error_messages={"required": "Enter an amount"}
        ),
        "occurred_date": day("Day that it belongs to", "Enter the day"),
        "reference": forms.CharField(
            label="Reference of the finance system, if there is one",
            required=False,
            max_length=MOST_REFERENCE,
            error_messages={"max_length": f"Shorten it to {MOST_REFERENCE} characters"},
        ),
        "note": words("Note", missing, MOST_NOTE, kind in WITH_NOTE, NOTE_HINT),
        "override": choice("Exception, if there is not enough available", OVERRIDES.items(), "Choose one", False),
    }


class RefuseForm(forms.Form):
    """Why an entry is refused."""

    reason = words("Why", "Say why", MOST_NOTE, help_text=NOTE_HINT)


def kinds_of() -> list[tuple[str, str]]:
    """Return the kinds that somebody posts from a list, in words: a correction is begun at its entry."""
    return [(kind, KINDS[kind]) for kind in FIELDS if kind != "correction"]


def holds_person(text: str) -> bool:
    """Whether a text holds what looks like a postcode, or a number that is an NHS number by its own check digit."""
    numbers = ("".join(found.groups()) for found in _NUMBER.finditer(text))
    return bool(_POSTCODE.search(text)) or any(check("nhs", number) == PASS for number in numbers)


def _sent_as(data: Mapping[str, str] | None) -> UUID:
    """Return the id that the form brings along, a new one where it brings none: whoever clicks twice posts once."""
    try:
        return UUID((data or {}).get("sent_as", ""))
    except ValueError:
        return uuid4()


def _uuid(text: str | None) -> UUID | None:
    return UUID(text) if text else None
