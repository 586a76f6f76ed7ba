"""What a span is, and the little that it can say."""

from __future__ import annotations

import re
from dataclasses import dataclass, field
from typing import Any

CODE = re.compile(r"[A-Za-z0-9_.:<>/-]{1,120}")
"""A route of the map of addresses or a code of ours: no blank, and no sign that a query or an address of mail has."""
FACTS: dict[str, type] = {
    "route": str,
    "method": str,
    "status": int,
    "queries": int,
    "database_milliseconds": float,
    "channel": str,
    "state": str,
    "count": int,
    "fault": str,
}
"""What a span may say: a route, codes of ours, counts and times."""


@dataclass
class Span:
    """A piece of work: when it began (nanoseconds since 1970), how long it took, and what `FACTS` allow it to say."""

    name: str
    trace_id: str
    span_id: str
    parent_id: str
    began: int
    is_entry: bool = False
    """It was asked for from outside: a request, or a message of the outbox."""
    nanoseconds: int = 0
    is_fault: bool = False
    facts: dict[str, Any] = field(default_factory=dict)

    def say(self, **facts: str | float) -> None:
        """Add facts. Raises `ValueError` where one is not of `FACTS`, or a text is not a route or code."""
        for name, value in facts.items():
            kind = FACTS.get(name)
            if kind is None or not isinstance(value, kind) or (kind is str and not CODE.fullmatch(str(value))):
                raise ValueError(f"a span cannot say {name}: FACTS lists what it may, and texts are routes or codes")
            self.facts[name] = value

    def parent(self) -> str:
        """Return it as a `traceparent`, for what is done later in its name."""
        return f"00-{self.trace_id}-{self.span_id}-01"
