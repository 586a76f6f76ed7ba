"""Groups of verbs of which one is understood where none is named: `braid board DIR` is `braid board list DIR`."""

from __future__ import annotations

from typing import Any

from typer.core import TyperGroup


class WithDefault(TyperGroup):
    """A group that takes whatever is no verb of its own as what its default verb is asked of."""

    default = ""

    def understood(self, args: list[str]) -> str:  # noqa: ARG002 - groups that look at them say so
        """Return the verb that is understood where these words name none."""
        return self.default

    def parse_args(self, ctx: Any, args: list[str]) -> list[str]:
        """Put the default verb before words that name none."""
        named = bool(args) and (args[0] in self.commands or args[0] in ("--help", "-h"))
        return super().parse_args(ctx, args if named else [self.understood(args), *args])
