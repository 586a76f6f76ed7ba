"""Readiness items of care proceedings: what a hearing can fail for, whose move it then is, and what would clear it.

The codes are HMCTS's own reasons for cancelling a hearing (Family Public Law, `HearingCancellationReason`). They are
held as data in `data/readiness_items.toml`, with words, cause group, owner, next action and evidence.
"""

from __future__ import annotations

import tomllib
from collections.abc import Mapping
from dataclasses import dataclass
from importlib import resources

SYSTEM = "fpl"
"""The code system: Family Public Law. An item is written `fpl:LA5`, as `event.status_reason` carries it."""


@dataclass(frozen=True)
class ReadinessItem:
    """One thing that must be there for a hearing to go ahead.

    `reason` is the court's code without its system, `group` a code of the list `cause_group`. `organisation` and `role`
    say whose move it is, `cleared_by` which evidence shows that it was made. `words`, which follow a colon, and
    `cleared_by` begin small and end without a full stop.
    """

    reason: str
    words: str
    group: str
    organisation: str
    role: str
    next_action: str
    cleared_by: str

    @property
    def code(self) -> str:
        """The item as `system:code`."""
        return f"{SYSTEM}:{self.reason}"


def _items() -> dict[str, ReadinessItem]:
    text = resources.files("braid.language").joinpath("data/readiness_items.toml").read_text(encoding="utf-8")
    items = [ReadinessItem(reason=reason, **values) for reason, values in tomllib.loads(text).items()]
    return {item.code: item for item in items}


READINESS_ITEMS: Mapping[str, ReadinessItem] = _items()
"""Every item by its `system:code`."""
