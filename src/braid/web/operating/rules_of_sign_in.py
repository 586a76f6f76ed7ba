"""Rules of a start about who signs in, and how: accounts, the identity provider, passwords."""

from __future__ import annotations

from collections.abc import Iterable
from pathlib import Path

from braid.web.operating.start_model import REFUSE, WARN, Finding, StartFacts
from braid.web.sign_in.breached import BreachedList, BreachedListNotReadable
from braid.web.sign_in.provider_settings import PREFIX, ProviderSettingsInvalid, read_provider_settings


def accounts(facts: StartFacts) -> Iterable[Finding]:
    """No account of the demo is in force beside real people, and those who may see a location have a second factor."""
    database = facts.database
    if database is None or facts.is_fictional:
        return
    if database.demo_accounts:
        yield Finding(
            "demo_accounts",
            REFUSE,
            f"{database.demo_accounts} accounts of the demo are in force in a place of real people",
            "close them: braid user close NAME",
        )
    if database.people_without_factor:
        yield Finding(
            "no_second_factor",
            WARN,
            f"{database.people_without_factor} accounts whose role may see where protected people live have no second"
            " factor: they see none of it until they have one",
            "braid user factor NAME",
        )


def provider(facts: StartFacts) -> Iterable[Finding]:
    """People sign in by an identity provider, and there is a way in on the day on which it does not answer."""
    if facts.is_fictional:
        return
    if not any(name.startswith(PREFIX) and value for name, value in facts.environment.items()):
        yield Finding(
            "no_identity_provider",
            WARN,
            "people sign in by passwords of Braid's own: whoever leaves an organisation is closed here by hand",
            "name the place's identity provider (docs/operations/sign-in.md)",
        )
    elif facts.database is not None and not facts.database.recovery_accounts:
        yield Finding(
            "no_recovery_account",
            WARN,
            "nobody can sign in on a day on which the identity provider does not answer",
            "seal an account for it: braid user recovery NAME",
        )


def provider_settings(facts: StartFacts) -> Iterable[Finding]:
    """What is said of the identity provider can be read."""
    try:
        read_provider_settings(facts.environment)
    except ProviderSettingsInvalid as error:
        yield Finding("provider_settings", REFUSE, str(error), "see docs/operations/sign-in.md")


def password_alone(facts: StartFacts) -> Iterable[Finding]:
    """Nobody signs in by a password alone in a place of real people."""
    if facts.environment.get("BRAID_PASSWORD_ALONE") == "1" and not facts.is_fictional:
        yield Finding(
            "password_alone",
            REFUSE,
            "BRAID_PASSWORD_ALONE would let people in by a password without a second factor, in a place of real people",
            "leave it unset: Braid sets it for fictional places",
        )


def breached_passwords(facts: StartFacts) -> Iterable[Finding]:
    """The list of breached passwords that is named is one."""
    named = facts.environment.get("BRAID_BREACHED_PASSWORDS_FILE")
    if named:
        try:
            BreachedList(Path(named)).check()
        except BreachedListNotReadable as error:
            yield Finding(
                "breached_list_unreadable",
                REFUSE,
                f"the list of breached passwords that BRAID_BREACHED_PASSWORDS_FILE names is not one: {error}",
                "give one hash of SHA-1 a line, in their order, readable by the pages (docs/operations/sign-in.md)",
            )


def no_breached_list(facts: StartFacts) -> Iterable[Finding]:
    """New passwords are held against a list of breached ones, where Braid keeps any."""
    names = [name for name, value in facts.environment.items() if value]
    is_by_provider = any(name.startswith(PREFIX) for name in names)
    if not facts.is_fictional and not is_by_provider and "BRAID_BREACHED_PASSWORDS_FILE" not in names:
        yield Finding(
            "no_breached_list",
            WARN,
            "a new password is not held against those known from breaches: common ones alone are refused",
            "keep a published list and name it in BRAID_BREACHED_PASSWORDS_FILE (docs/operations/sign-in.md)",
        )
