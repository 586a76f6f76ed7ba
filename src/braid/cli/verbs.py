"""The verbs by name, each loaded when it is asked for: whoever types one does not wait for what the others need."""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from importlib import import_module
from typing import Any

import typer
from typer.core import TyperGroup
from typer.main import get_group

VERBS = {
    "demo": "demo.demo",
    "example": "example.example",
    "run": "run.run",
    "read": "read.read",
    "mapping": "mapping.mappings",
    "issues": "issues.issues",
    "rules": "rules.rules",
    "retract": "retract.retract",
    "reject-report": "reject_report.reject_report",
    "trace": "trace.trace",
    "reference": "reference.reference",
    "waits": "waits.waits",
    "what-if": "what_if.what_if",
    "clock": "clock.clock",
    "backlog": "backlog.backlog",
    "outcomes": "outcomes.outcomes",
    "serve": "serve.serve",
    "work": "serve.work",
    "check": "serve.check",
    "backup": "backup.backup",
    "journal": "backup.journal",
    "restore": "backup.restored",
    "joint-work": "joint_work.joint_work",
    "remind": "remind.remind",
    "link": "link.links",
    "user": "user.users",
    "agreement": "agreement.agreements",
    "problem": "problem.problems",
    "plan": "plan.plans",
    "simulate": "simulate.simulate",
    "fund": "fund.funds",
    "board": "board.boards",
    "priority": "priority.priorities",
    "analysis": "analysis.analysis",
    "audit": "audit.audits",
    "overlay": "overlay.overlay",
    "rights": "rights.rights",
    "retention": "retention.retentions",
    "vault": "vault.vaults",
    "outbox": "outbox.outbox",
    "token": "token.tokens",
    "webhook": "webhook.webhooks",
    "directory": "directory.directories",
}
"""For each verb, in the order of the help: the module of this room and the name of its function or group there."""


class LoadedVerbs(Mapping[str, Any]):
    """The commands of `VERBS` by name, each made from its module on first use."""

    def __init__(self) -> None:
        """Begin with none loaded."""
        self._loaded: dict[str, Any] = {}

    def __getitem__(self, name: str) -> Any:
        """Return the command; raise `KeyError` where no verb is called so."""
        if name not in self._loaded:
            self._loaded[name] = _load(name, VERBS[name])
        return self._loaded[name]

    def __iter__(self) -> Iterator[str]:
        """Give the names in the order of the help."""
        return iter(VERBS)

    def __len__(self) -> int:
        """Count the verbs."""
        return len(VERBS)


class Verbs(TyperGroup):
    """The group of all verbs."""

    def __init__(self, **attributes: Any) -> None:
        """Make the group; the verbs that it holds are those of `VERBS`."""
        super().__init__(**attributes)
        self.commands = LoadedVerbs()  # type: ignore[assignment]  # nobody adds one later


def _load(name: str, place: str) -> Any:
    module, attribute = place.split(".")
    verb = getattr(import_module(f"braid.cli.{module}"), attribute)
    holder = typer.Typer()
    if isinstance(verb, typer.Typer):
        holder.add_typer(verb, name=name)
    else:
        holder.command(name)(verb)
    return get_group(holder).commands[name]
