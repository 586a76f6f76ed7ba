"""The form that chooses a scenario for a paper or a decision."""

from collections.abc import Sequence
from typing import Any

from django import forms

from braid.web.care.fields import choice


class ForecastForm(forms.Form):
    """Which scenario of which question."""

    def __init__(self, data: Any = None, *, scenarios: Sequence[tuple[str, str]], **more: Any) -> None:
        super().__init__(data, **more)
        self.fields["scenario"] = choice("Scenario that was simulated", scenarios, "Choose a scenario from the list")
