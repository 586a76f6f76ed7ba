"""The forms of commissions: terms with their lots, steps, rounds; and of the service to one person."""

import datetime as dt
from collections.abc import Iterator, Mapping, Sequence
from decimal import Decimal
from typing import Any

from django import forms

from braid.care.services import SERVICES
from braid.language.dates import LONDON
from braid.place.commissions.payment import ORDER
from braid.place.commissions.rounds import FIGURES, LONGEST_NARRATIVE, MOST_COUNTED, RISKS
from braid.place.commissions.states import ATTENDANCES, ENDED_EARLY, MOVED, NO_SESSION, SCORES
from braid.place.commissions.terms import (
    COMPONENTS,
    LEGAL_BASES,
    LONGEST_ELIGIBILITY,
    LONGEST_TITLE,
    LONGEST_WORDS,
    MOST_VOLUME,
    PRICE_MODELS,
    Known,
    Lot,
    OutcomePrice,
    Provider,
    Share,
    Terms,
)
from braid.web.care.fields import choice, day, words
from braid.web.commissions.place_files import Files, files, known, outcome_names
from braid.web.models import Team
from braid.web.organisation_names import organisation_words

MOST_FORM_LOTS = 4
SUBS = 2
"""Sub-providers that the form of one lot holds."""
MOST_POUNDS = Decimal(10**11)
PLAIN = ""


def pounds(label: str, required: bool = True, help_text: str = "") -> forms.DecimalField:
    """A field of pounds and pence."""
    said = "Enter an amount in pounds, with pence after the point at most"
    errors = dict.fromkeys(
        ("required", "invalid", "min_value", "max_value", "max_decimal_places", "max_digits", "max_whole_digits"), said
    )
    return forms.DecimalField(
        label=label,
        required=required,
        min_value=0,
        max_value=MOST_POUNDS,
        decimal_places=2,
        max_digits=14,
        help_text=help_text,
        error_messages=errors,
        widget=forms.TextInput,
    )


def pence_of(value: Decimal | None) -> int:
    """Return an amount in whole pence."""
    return int((value or Decimal(0)) * 100)


def pounds_of(pence: int) -> str:
    """Return pence as a form shows them: empty for nothing."""
    return f"{Decimal(pence) / 100:.2f}" if pence else ""


def count_field(label: str, asked: str, most: int = MOST_VOLUME, required: bool = True, least: int = 1) -> Any:
    """A field of a whole number."""
    said = f"Enter {asked} as a whole number from {least} to {most:,}"
    errors = dict.fromkeys(("required", "invalid", "min_value", "max_value"), said)
    return forms.IntegerField(
        label=label, required=required, min_value=least, max_value=most, error_messages=errors, widget=forms.TextInput
    )


def _line(label: str, most: int, asked: str) -> forms.CharField:
    errors = {"required": f"Enter {asked}", "max_length": f"Shorten it to {most} characters"}
    return forms.CharField(label=label, max_length=most, error_messages=errors)


def _boxes(label: str, choices: Any, missing: str, required: bool = True) -> forms.MultipleChoiceField:
    return forms.MultipleChoiceField(
        label=label,
        choices=choices,
        required=required,
        widget=forms.CheckboxSelectMultiple,
        error_messages={"required": missing, "invalid_choice": missing},
    )


class TermsForm(forms.Form):
    """The terms of a commission for one problem statement, with so many lots.

    `before` are the ids of the lots that the terms have so far, in order: a lot keeps its id whatever changes in it.
    """

    def __init__(
        self, *args: Any, statement: str, lots: int, varied: bool = False, before: Sequence[str] = (), **kwargs: Any
    ) -> None:
        super().__init__(*args, **kwargs)
        self.statement, self.count, self.varied, self.ids = statement, lots, varied, lot_ids(before, lots)
        self.outcomes = outcome_names(statement)
        place, allowed = files(), known()
        self.fields |= _common(place, self.outcomes, varied)
        for number in range(1, lots + 1):
            self.fields |= _lot_fields(number, allowed, self.outcomes, statement)

    def common(self) -> Iterator[forms.BoundField]:
        """The fields of no lot."""
        return (field for field in self if not field.name.startswith("lot"))

    def lots(self) -> list[tuple[int, list[forms.BoundField]]]:
        """The fields of each lot with its number."""
        return [
            (number, [field for field in self if field.name.startswith(f"lot{number}-")])
            for number in range(1, self.count + 1)
        ]

    @property
    def terms(self) -> Terms:
        """What was filled in, once it is valid."""
        given = self.cleaned_data
        return Terms(
            title=given["title"],
            bodies=tuple(given["bodies"]),
            lead=given["lead"],
            legal_basis=given["legal_basis"],
            problem=given["problem"],
            statement=self.statement,
            outcomes=tuple(given["outcomes"]),
            fund=given["fund"],
            value_pence=pence_of(given["value"]),
            from_date=given["from_date"],
            to_date=given["to_date"],
            lots=tuple(_lot_of(given, number, one, self.outcomes) for number, one in enumerate(self.ids, start=1)),
            sample_percent=given["sample_percent"],
        )


def lot_ids(before: Sequence[str], count: int) -> list[str]:
    """Return the ids of so many lots: those that there are, then numbers that none of them has."""
    fresh = (f"lot{number}" for number in range(1, count + len(before) + 1))
    further = [one for one in fresh if one not in before]
    return [*before, *further][:count]


def _common(place: Files, outcomes: Mapping[str, str], varied: bool) -> dict[str, forms.Field]:
    bodies = sorted(place.bodies.items(), key=lambda one: one[1])
    fields: dict[str, forms.Field] = {
        "title": _line("Title", LONGEST_TITLE, "a title"),
        "bodies": _boxes("Bodies that commission together", bodies, "Choose two bodies or more"),
        "lead": choice("Lead body", bodies, "Choose the lead body"),
        "legal_basis": choice("Legal basis", LEGAL_BASES.items(), "Choose on which law they do"),
        "problem": words("What it is to solve", "Say what it is to solve", LONGEST_WORDS),
        "outcomes": _boxes("Desired outcomes", list(outcomes.items()), "Choose one outcome or more"),
        "fund": _line("Fund, by its id", 60, "the id of the fund"),
        "value": pounds("Total value in pounds"),
        "from_date": day("From", "Enter the first day"),
        "to_date": day("To", "Enter the last day"),
        "sample_percent": count_field("Of 100 confirmed scores, so many are verified", "how many", 100, least=10),
    }
    if varied:
        fields["reason"] = words("Why the terms change", "Say why the terms change", 500)
    return fields


def _lot_fields(number: int, allowed: Known, outcomes: Mapping[str, str], statement: str) -> dict[str, forms.Field]:
    purpose = allowed.statements.get(statement, "")
    services = [(code, one.name) for code, one in SERVICES.items() if purpose in one.purposes]
    teams = [(row.pk, f"{row.name} ({organisation_words(row.organisation)})") for row in Team.objects.order_by("name")]
    fields: dict[str, forms.Field] = {
        "name": _line("Name of the lot", LONGEST_TITLE, "a name"),
        "service": choice("Service", services, "Choose the service"),
        "volume": count_field("People to be served", "how many people"),
        "capacity": count_field("At once", "how many at once"),
        "value": pounds("Value of the lot in pounds"),
        "model": choice("Price model", PRICE_MODELS.items(), "Choose how it is paid"),
        "prime": choice("Prime provider", teams, "Choose the team that provides"),
    }
    for sub in range(1, SUBS + 1):
        fields[f"sub{sub}"] = choice(f"Sub-provider {sub}, if any", teams, "Choose from the list", required=False)
    fields |= {
        "window_from": day("Referrals from", "Enter from which day referrals are taken"),
        "window_to": day("Referrals to", "Enter until which day referrals are taken"),
        "districts": _boxes("Districts; none for all", list(files().districts.items()), "Choose from the list", False),
        "eligibility": words(
            "Who is served besides: conditions as in a problem statement, if any",
            "",
            LONGEST_ELIGIBILITY,
            required=False,
            help_text="For example: all_of = [{ age_at_least = 18 }]",
        ),
    }
    for component in ORDER:
        fields[f"share-{component}"] = _share(f"Share of the lot: {COMPONENTS[component].lower()}, per cent")
    fields["attachment"] = pounds("Pounds for one person whose service has begun", required=False)
    fields["session"] = pounds("Pounds for one session attended", required=False)
    for outcome, name in outcomes.items():
        fields[f"achieved-{outcome}"] = pounds(f"Pounds for one person: {name}, achieved", required=False)
        fields[f"partly-{outcome}"] = pounds(f"Pounds for one person: {name}, partly achieved", required=False)
    return {f"lot{number}-{name}": field for name, field in fields.items()}


def _share(label: str) -> forms.DecimalField:
    said = "Enter a share from 0 to 100 per cent, with two digits after the point at most"
    errors = dict.fromkeys(("invalid", "min_value", "max_value", "max_decimal_places", "max_digits"), said)
    return forms.DecimalField(
        label=label,
        required=False,
        min_value=0,
        max_value=100,
        decimal_places=2,
        max_digits=5,
        error_messages=errors,
        widget=forms.TextInput,
    )


def _lot_of(given: Mapping[str, Any], number: int, lot_id: str, outcomes: Mapping[str, str]) -> Lot:
    def of(name: str) -> Any:
        return given[f"lot{number}-{name}"]

    bodies = {row.pk: row.organisation for row in Team.objects.all()}
    teams = [(of("prime"), "prime"), *((of(f"sub{sub}"), "sub") for sub in range(1, SUBS + 1) if of(f"sub{sub}"))]
    shares = ((component, pence_of(of(f"share-{component}"))) for component in ORDER)
    prices = (
        OutcomePrice(outcome, pence_of(of(f"achieved-{outcome}")), pence_of(of(f"partly-{outcome}")))
        for outcome in outcomes
    )
    return Lot(
        id=lot_id,
        name=of("name"),
        service=of("service"),
        volume=of("volume"),
        capacity=of("capacity"),
        value_pence=pence_of(of("value")),
        model=of("model"),
        shares=tuple(Share(component, hundredths) for component, hundredths in shares if hundredths),
        providers=tuple(Provider(bodies[team], team, part) for team, part in teams),
        window_from=of("window_from"),
        window_to=of("window_to"),
        districts=tuple(of("districts")),
        eligibility=of("eligibility"),
        attachment_pence=pence_of(of("attachment")),
        session_pence=pence_of(of("session")),
        prices=tuple(one for one in prices if one.achieved_pence or one.partly_pence),
    )


def initial_of(terms: Terms) -> dict[str, Any]:
    """Return what the form begins with: terms as they stand."""
    initial: dict[str, Any] = {
        "title": terms.title,
        "bodies": list(terms.bodies),
        "lead": terms.lead,
        "legal_basis": terms.legal_basis,
        "problem": terms.problem,
        "outcomes": list(terms.outcomes),
        "fund": terms.fund,
        "value": pounds_of(terms.value_pence),
        "from_date": terms.from_date.isoformat(),
        "to_date": terms.to_date.isoformat(),
        "sample_percent": terms.sample_percent,
    }
    for number, lot in enumerate(terms.lots, start=1):
        initial |= {f"lot{number}-{name}": value for name, value in _initial_of_lot(lot).items()}
    return initial


def _initial_of_lot(lot: Lot) -> dict[str, Any]:
    subs = [one.team for one in lot.providers if one.part == "sub"]
    return {
        "name": lot.name,
        "service": lot.service,
        "volume": lot.volume,
        "capacity": lot.capacity,
        "value": pounds_of(lot.value_pence),
        "model": lot.model,
        "prime": next(one.team for one in lot.providers if one.part == "prime"),
        **{f"sub{number}": team for number, team in enumerate(subs, start=1)},
        "window_from": lot.window_from.isoformat(),
        "window_to": lot.window_to.isoformat(),
        "districts": list(lot.districts),
        "eligibility": lot.eligibility,
        **{f"share-{one.component}": pounds_of(one.hundredths) for one in lot.shares},
        "attachment": pounds_of(lot.attachment_pence),
        "session": pounds_of(lot.session_pence),
        **{f"achieved-{one.outcome}": pounds_of(one.achieved_pence) for one in lot.prices},
        **{f"partly-{one.outcome}": pounds_of(one.partly_pence) for one in lot.prices},
    }


class StatementForm(forms.Form):
    """Which problem a commission answers: what may be desired follows from it."""

    statement = choice("Problem statement", (), "Choose the problem that it answers")

    def __init__(self, *args: Any, **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        names = sorted((code, one.name) for code, one in files().statements.items())
        self.fields["statement"].choices = [("", "Choose one"), *names]


class RoundForm(forms.Form):
    """A period on which providers report."""

    from_date = day("Period from", "Enter the first day of the period")
    to_date = day("Period to", "Enter the last day of the period")
    due_date = day("Due by", "Enter the day by which returns are due")


class QueryForm(forms.Form):
    """What a commissioner asks about a return."""

    query = words("What is not clear", "Say what is not clear", LONGEST_NARRATIVE)


class ReturnForm(forms.Form):
    """What a provider's lead returns."""

    risk = choice("Main risk", RISKS.items(), "Choose the main risk")
    narrative = words("What happened in the period", "Say what happened in the period", LONGEST_NARRATIVE)

    def __init__(self, *args: Any, **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        own = dict(self.fields)
        self.fields = {
            code: count_field(name, "how many", MOST_COUNTED, least=0) for code, name in FIGURES.items()
        } | own

    @property
    def figures(self) -> dict[str, int]:
        """The figures that were given."""
        return {code: self.cleaned_data[code] for code in FIGURES}


class PlanForm(forms.Form):
    """An action plan."""

    words = words("What is planned, towards which outcome", "Write what is planned", LONGEST_WORDS)


class EndEarlyForm(forms.Form):
    """Why a service ends early."""

    because = choice("Why it ends early", ENDED_EARLY.items(), "Choose why it ends early")


class TimeForm(forms.Form):
    """A day and a time."""

    on = day("Day", "Enter the day of the session")
    at = forms.TimeField(
        label="Time",
        help_text="For example 14:30",
        error_messages={"required": "Enter the time as 14:30", "invalid": "Enter the time as 14:30"},
        widget=forms.TextInput,
    )

    @property
    def moment(self) -> dt.datetime:
        """The moment that was given, in UK time."""
        return dt.datetime.combine(self.cleaned_data["on"], self.cleaned_data["at"], LONDON)


class MoveForm(TimeForm):
    """To when a session is moved, and why."""

    because = choice("Why it is moved", MOVED.items(), "Choose why it is moved")


class AttendanceForm(forms.Form):
    """What came of a session."""

    attendance = choice("The session", ATTENDANCES.items(), "Choose whether it took place")
    why_not = choice("If it did not take place: why", NO_SESSION.items(), "Choose from the list", required=False)


class ReportForm(forms.Form):
    """The end-of-service report: a score and its evidence for each desired outcome, and the person's own view."""

    def __init__(self, *args: Any, outcomes: Mapping[str, str], **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        self.outcomes = outcomes
        for outcome, name in outcomes.items():
            self.fields[f"score-{outcome}"] = choice(name, SCORES.items(), "Score every outcome")
            self.fields[f"evidence-{outcome}"] = words(f"What shows it: {name}", "Say what shows it", LONGEST_WORDS)
        self.fields["own_view"] = words("What the person says of it themself", "", LONGEST_WORDS, required=False)

    @property
    def scores(self) -> dict[str, str]:
        """The scores by outcome."""
        return {outcome: self.cleaned_data[f"score-{outcome}"] for outcome in self.outcomes}

    @property
    def evidence(self) -> dict[str, str]:
        """The evidence by outcome."""
        return {outcome: self.cleaned_data[f"evidence-{outcome}"] for outcome in self.outcomes}


class ScoreForm(forms.Form):
    """Why a score is questioned, disputed, dismissed or does not hold; and a score said again."""

    why = words("Why", "", LONGEST_WORDS, required=False)
    score = choice("Another score, if you say it again", SCORES.items(), "Choose from the list", required=False)
