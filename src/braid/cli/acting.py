"""Verbs that a named human answers for: an open account whose role may, a reference, and an entry in the record.

The entry is committed before the act: whatever is cut off between leaves an entry of something that was not done, and
never something done without an entry. A refusal leaves an entry too. Without the web database nothing is done.
"""

from __future__ import annotations

from collections.abc import Callable, Iterator, Mapping, Sequence
from contextlib import contextmanager
from dataclasses import dataclass, replace
from importlib import import_module
from pathlib import Path
from typing import Annotated, Any

import typer

from braid.analysis.model import DatasetRefused
from braid.cli.refusals import RefusedByTrust
from braid.language.steps import NotPossible
from braid.people.review import NotDecidable
from braid.store.place_folder import Place
from braid.trust.roles import ROLES, Role
from braid.web.serve import accounts, place_database, renew_demo_users, secure_new_database, web_app

By = Annotated[str, typer.Option("--by", help="The human who acts, by user name; their account is open.")]
Reference = Annotated[str, typer.Option("--reference", help="Why: the reference of a case, an incident or a meeting.")]
REFUSALS = (RefusedByTrust, DatasetRefused, NotDecidable, NotPossible)


@dataclass
class Acting:
    """A named human who acts on a place while its database is up. `actor` is a `braid.web.acting.Actor`."""

    place: Place
    actor: Any

    @property
    def role(self) -> Role:
        """The role of who acts."""
        return ROLES[self.actor.role]

    def check_role(self, may: Callable[[Role], bool], what: str, purpose: str = "") -> None:
        """Go on only where `may` says yes to the role, for `purpose` from now on. Raises `RefusedByTrust`."""
        self.actor = replace(self.actor, purpose=purpose)
        if not may(self.role):
            others = ", ".join(role.code for role in ROLES.values() if may(role)) or "none"
            raise RefusedByTrust(
                f"the role {self.role.code!r} may not {what}; ask a colleague whose role may: {others}"
            )

    def record(
        self, kind: str, what: str, details: Mapping[str, str | int], people: Sequence[str] = ("",), **facts: Any
    ) -> None:
        """Write down, for good, what is done next, and about whom. Details hold codes and counts. Raises where it
        cannot be written."""
        web, recording = import_module("braid.web.acting"), import_module("braid.web.recording")
        given = recording.Facts(organisation=self.actor.organisation, details={"what": what, **details}, **facts)
        web.write_entry(kind, self.actor, given, people)


@contextmanager
def acting(folder: Path, by: str, reference: str, page: str, *, published: bool = True) -> Iterator[Acting]:
    """Give whoever acts, with the place's database up and its run and agreements published; `page` names the verb.

    Without `published` the database alone is up: for what is done to it where nothing can be published.

    A refusal inside is written down and raised again. Raises `EngineNotAvailable` where the database cannot be asked,
    `RefusedByTrust` where no open account has the name or the reference is none.
    """
    with _opened(folder, published=published) as place, _acting_on(place, by, reference, page) as acts:
        yield acts


@contextmanager
def changing_accounts(folder: Path, by: str, reference: str, page: str, first_role: str = "") -> Iterator[Acting]:
    """Give whoever changes accounts: a lead, or nobody where the place has no lead yet and `first_role` makes one.

    What is done is written down by `braid.web.accounts`, in its own transaction.
    """
    with _opened(folder) as place:
        if by or accounts().has_lead():
            with _acting_on(place, by, reference, page) as acts:
                acts.check_role(lambda role: role.sees_audit, "change accounts")
                yield acts
        elif first_role in accounts().LEADS:
            yield Acting(place, accounts().FIRST)
        else:
            raise RefusedByTrust(
                f"{place.name} has no information governance lead, who answers for accounts; make the first:"
                " braid user add NAME --role ig_lead --organisation ID --name …"
            )


@contextmanager
def _opened(folder: Path, *, published: bool = True) -> Iterator[Place]:
    with web_app(folder) if published else _database(folder) as place:
        if published and place.is_example and not accounts().has_demo_accounts():
            renew_demo_users(place)
        yield place


@contextmanager
def _acting_on(place: Place, by: str, reference: str, page: str) -> Iterator[Acting]:
    now = Acting(place, _find_actor(place, by, reference, page))
    try:
        yield now
    except REFUSALS:
        now.record("refused", "refused", {}, decision="deny", reason="not_permitted")
        raise


@contextmanager
def reading_record(folder: Path, by: str, reference: str, page: str) -> Iterator[Acting]:
    """Give whoever acts as `acting` does, where their role accounts for the record; who is kept from whom is known.

    What they read is written down by what reads it, or with `Acting.record`.
    """
    with acting(folder, by, reference, page) as acts:
        acts.check_role(lambda role: role.sees_audit, "read the record")
        secure_new_database()
        yield acts


@contextmanager
def _database(folder: Path) -> Iterator[Place]:
    with place_database(folder) as (place, _):
        yield place


def _find_actor(place: Place, by: str, reference: str, page: str) -> Any:
    reasons = import_module("braid.web.reasons")
    tidy = reasons.tidy_reference(reference)
    if not reasons.REFERENCE.fullmatch(tidy):
        raise RefusedByTrust(f"say why with --reference: {reasons.REFERENCE_HELP}")
    actor = import_module("braid.web.acting").find_actor(by, tidy, page)
    if actor is None:
        raise RefusedByTrust(
            f"no open account of that name in {place.name}; name one with --by, or add a human with `braid user add`"
        )
    return actor
