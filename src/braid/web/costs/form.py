"""The form of who pays and who saves: which wait, how many weeks, from which fund, at which price."""

from collections.abc import Mapping, Sequence
from typing import Any

from django import forms

from braid.place.money.funds import Fund
from braid.web.care.fields import choice
from braid.web.figures import Figures
from braid.web.funds.form import AmountField

MOST_WEEKS = 52


class SavingForm(forms.Form):
    """What is asked."""

    def __init__(self, data: Any, *, kinds: Sequence[Figures], funds: Mapping[str, Fund]) -> None:
        """Offer the kinds of wait that have a cost, and the funds of the place."""
        super().__init__(data)
        weeks = f"Enter whole weeks from 1 to {MOST_WEEKS}"
        self.fields = {
            "wait": choice("What is waited for", [(one.kind, one.kind_name) for one in kinds], "Choose a wait"),
            "weeks": forms.IntegerField(
                label="Weeks that everybody waits less",
                min_value=1,
                max_value=MOST_WEEKS,
                error_messages=dict.fromkeys(("required", "invalid", "min_value", "max_value"), weeks),
            ),
            "fund": choice("Paid from", [(fund.id, fund.name) for fund in funds.values()], "Choose a fund"),
            "price": AmountField(label="At a price in pounds", error_messages={"required": "Enter a price"}),
        }
