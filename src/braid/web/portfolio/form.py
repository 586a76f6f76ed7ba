"""The forms of the room: other budgets to ask about, and what a board chose."""

from __future__ import annotations

import datetime as dt
from collections.abc import Collection
from typing import Any

from django import forms
from django.utils import timezone

from braid.place.portfolio.model import Portfolio
from braid.web.models.portfolios import CHOSEN_PLANS

MOST_POUNDS = 10**9
PLAN_NAMES = {
    "silo": "Separate purses, each for itself",
    "aligned": "Separate purses, one aim",
    "pooled": "One purse",
    "no_loser": "One purse, nobody loses",
    "least_regret": "One purse, least regret",
}
BECAUSE = {
    "most_value": "It brings most",
    "nobody_loses": "No body loses by it",
    "least_regret": "It is regretted least if effects are otherwise",
    "law_of_money": "It is what the law of the money allows now",
    "first_step": "It is a first step towards another",
}


class BudgetForm(forms.Form):
    """What each body would bring, in whole pounds."""

    def __init__(self, data: Any, *, portfolio: Portfolio) -> None:
        super().__init__(data)
        self.portfolio = portfolio
        for number, purse in enumerate(portfolio.purses):
            words = f"Enter what {purse.name} brings as whole pounds from 0 to {MOST_POUNDS:,}"
            self.fields[f"purse{number}"] = forms.IntegerField(
                label=f"{purse.name}, in pounds",
                min_value=0,
                max_value=MOST_POUNDS,
                initial=purse.pence // 100,
                error_messages=dict.fromkeys(("required", "invalid", "min_value", "max_value"), words),
            )

    @property
    def budgets(self) -> dict[str, int]:
        """Pence by body, of a form that is valid."""
        return {
            purse.body: 100 * self.cleaned_data[f"purse{number}"] for number, purse in enumerate(self.portfolio.purses)
        }


class ChoiceForm(forms.Form):
    """Which plan a board chose. No free text: references and codes alone."""

    plan = forms.ChoiceField(
        label="Plan",
        choices=[(plan, PLAN_NAMES[plan]) for plan in CHOSEN_PLANS],
        error_messages=dict.fromkeys(("required", "invalid_choice"), "Choose a plan"),
    )
    because = forms.ChoiceField(
        label="Why",
        choices=list(BECAUSE.items()),
        error_messages=dict.fromkeys(("required", "invalid_choice"), "Choose why"),
    )
    board = forms.RegexField(
        r"^[A-Za-z0-9][A-Za-z0-9-]{0,59}$",
        label="Board",
        help_text="Its id, such as health-and-wellbeing",
        error_messages=dict.fromkeys(("required", "invalid"), "Enter the id of the board: letters, digits and hyphens"),
    )
    minute = forms.RegexField(
        r"^[A-Za-z0-9][A-Za-z0-9/.-]{0,39}$",
        label="Minute (optional)",
        help_text="Its reference, such as 2026/11-4",
        required=False,
        error_messages={"invalid": "Enter the reference of the minute: letters, digits, / . and -"},
    )
    chosen_on = forms.DateField(
        label="Day of the decision",
        help_text="Such as 2026-11-30",
        input_formats=["%Y-%m-%d"],
        error_messages=dict.fromkeys(("required", "invalid"), "Enter the day as year-month-day, such as 2026-11-30"),
    )

    def __init__(self, data: Any, *, boards: Collection[str] | None = None) -> None:
        """`boards` are the ids of those that whoever asks prepares; None where the place names no boards."""
        super().__init__(data)
        self.boards = boards

    def clean_board(self) -> str:
        """Take the choice of a board from its own commissioner: packs tell it as what the board chose."""
        board: str = self.cleaned_data["board"]
        if self.boards is not None and board not in self.boards:
            raise forms.ValidationError("Enter the id of a board whose commissioner you are, as boards.toml has it")
        return board

    def clean_chosen_on(self) -> dt.date:
        """A board has decided by today."""
        day: dt.date = self.cleaned_data["chosen_on"]
        if day > timezone.localdate():
            raise forms.ValidationError("Enter a day that is not after today")
        return day
