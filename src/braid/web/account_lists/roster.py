"""Accounts by a list: who joins, changes or leaves, as a file of a place says it. Roles are the lead's to give.

A row that breaks a rule is reported with its line and the rule, never with what it says; the others are done. Whoever
leaves or changes role or organisation loses every session at once.
"""

from __future__ import annotations

import csv
from collections import Counter
from collections.abc import Collection, Iterable, Iterator, Mapping
from dataclasses import dataclass, field
from pathlib import Path

from django.db import transaction

from braid.language.steps import NotPossible
from braid.outbound.mail import is_address
from braid.trust.roles import ROLES
from braid.web.accounts import LEADS, check_lead_stays, close_user, record_account, tell_leads
from braid.web.models import User
from braid.web.recording import Asker
from braid.web.sign_in.sessions import end_all

COLUMNS = ("user_name", "name", "role", "organisation", "email", "subject", "active")
NEEDED = frozenset(COLUMNS) - {"email", "subject", "active"}
ACTIVE = {"yes": True, "no": False, "": True}
LONGEST = {"user_name": 150, "name": 100, "email": 254, "subject": 255}
MOST_ROWS = 20_000


class RosterUnreadable(Exception):
    """The file cannot be read as a list of accounts. The message says the rule and the next step."""


@dataclass(frozen=True)
class AccountEntry:
    """What a list says of one account."""

    user_name: str
    name: str
    role: str
    organisation: str
    email: str = ""
    subject: str = ""
    is_active: bool = True


@dataclass(frozen=True)
class Fault:
    """A row that breaks a rule: its line in the file, the column, the rule. Nothing of what it says."""

    line: int
    column: str
    rule: str


@dataclass
class Report:
    """What a list did, or would do: how many accounts by outcome, and which rows were refused."""

    counts: Counter[str] = field(default_factory=Counter)
    faults: list[Fault] = field(default_factory=list)


def read_roster(path: Path, organisations: Collection[str]) -> tuple[list[tuple[int, AccountEntry]], list[Fault]]:
    """Return the entries of a CSV file by line, and its faults. Raises `RosterUnreadable`."""
    try:
        with path.open(encoding="utf-8-sig", newline="") as file:
            reader = csv.DictReader(file, strict=True)
            _check_columns(reader.fieldnames or [])
            rows = [(reader.line_num, row) for row in reader]
    except (OSError, UnicodeDecodeError, csv.Error):
        raise RosterUnreadable("not a CSV file in UTF-8 that can be read. Next step: save it as one") from None
    if len(rows) > MOST_ROWS:
        raise RosterUnreadable(f"more than {MOST_ROWS} rows. Next step: divide the file")
    entries, faults = [], []
    seen: dict[str, set[str]] = {"user_name": set(), "subject": set()}
    for line, row in rows:
        found = [*_faults_of(line, row, organisations), *_repeats(line, row, seen)]
        faults += found
        if not found:
            entries.append((line, _entry(row)))
    return entries, faults


def _check_columns(names: Iterable[str]) -> None:
    missing, unknown = NEEDED - set(names), set(names) - set(COLUMNS)
    if missing or unknown:
        raise RosterUnreadable(
            f"the columns are {', '.join(COLUMNS)}, and the last three may be left out. Next step: "
            + (f"add {', '.join(sorted(missing))}" if missing else "take out the columns that are none of these")
        )


def _faults_of(line: int, row: Mapping[str, str | None], organisations: Collection[str]) -> Iterator[Fault]:
    if None in row or any(value is None for value in row.values()):
        yield Fault(line, "", "has as many values as there are columns")
        return
    for column in sorted(NEEDED):
        if not (row[column] or "").strip():
            yield Fault(line, column, "is filled in")
    for column, longest in LONGEST.items():
        if len(row.get(column) or "") > longest:
            yield Fault(line, column, f"has at most {longest} characters")
    if any(letter.isspace() or not letter.isprintable() for letter in (row["user_name"] or "").strip()):
        yield Fault(line, "user_name", "is one word: a link that somebody was given acts under a name with a space")
    if row["role"] and row["role"] not in ROLES:
        yield Fault(line, "role", f"is one of {', '.join(ROLES)}")
    if row["organisation"] and row["organisation"] not in organisations:
        yield Fault(line, "organisation", "is a partner of place.toml")
    if row.get("email") and not is_address(row["email"] or ""):
        yield Fault(line, "email", "is an address as name@organisation, or empty")
    if (row.get("active") or "").strip().lower() not in ACTIVE:
        yield Fault(line, "active", "is yes or no")


def _repeats(line: int, row: Mapping[str, str | None], seen: dict[str, set[str]]) -> Iterator[Fault]:
    for column, before in seen.items():
        value = (row.get(column) or "").strip()
        if value and value in before:
            yield Fault(line, column, "stands once in the file")
        before.add(value)


def _entry(row: Mapping[str, str | None]) -> AccountEntry:
    said = {column: (row.get(column) or "").strip() for column in COLUMNS}
    return AccountEntry(
        said["user_name"],
        said["name"],
        said["role"],
        said["organisation"],
        said["email"],
        said["subject"],
        ACTIVE[said["active"].lower()],
    )


def keep_roster(
    by: Asker, entries: Iterable[tuple[int, AccountEntry]], leavers_of: str = "", *, is_dry: bool = False
) -> Report:
    """Do what a list says, or with `is_dry` say what it would do and take it back.

    `leavers_of` names an organisation whose other accounts are closed: they stand in no row.
    """
    report = Report()
    listed = list(entries)
    with transaction.atomic():
        for line, entry in listed:
            try:
                with transaction.atomic():
                    report.counts[keep_account(by, entry)] += 1
            except NotPossible as refused:
                report.faults.append(Fault(line, "", f"can be done: {refused}"))
        if leavers_of:
            _close_leavers(by, leavers_of, {entry.user_name for _, entry in listed}, report)
        if is_dry:
            transaction.set_rollback(True)
    return report


def _close_leavers(by: Asker, organisation: str, stay: Collection[str], report: Report) -> None:
    kept = {"is_recovery": False, "is_demo": False, "is_system": False}
    gone = User.objects.filter(organisation=organisation, is_active=True, **kept)
    for user_name in gone.exclude(username__in=stay).order_by("username").values_list("username", flat=True):
        try:
            with transaction.atomic():
                close_user(by, user_name)
                report.counts["closed"] += 1
        except NotPossible as refused:
            report.faults.append(Fault(0, "", f"can be done: {refused}"))


def keep_account(by: Asker, entry: AccountEntry) -> str:
    """Make one account what an entry says; return the outcome: added, changed, closed, opened or unchanged.

    A new account has no password: it signs in by the identity provider, or is given one with `braid user add`.
    Raises `NotPossible` where the last lead would be none, or another account has the subject.
    """
    user = User.objects.select_for_update().filter(username=entry.user_name).first()
    _check_subject(entry)
    if user is not None and (user.is_demo or user.is_recovery or user.is_system):
        raise NotPossible("Accounts of the demo, for recovery and of systems are kept by hand")
    if not entry.is_active:
        if user is None or not user.is_active:
            return "unchanged"
        close_user(by, entry.user_name)
        return "closed"
    values = {
        "display_name": entry.name,
        "role": entry.role,
        "organisation": entry.organisation,
        "provider_subject": entry.subject or (user.provider_subject if user else ""),
        "email": entry.email or (user.email if user else ""),
        "is_active": True,
    }
    if user is None:
        user = User(username=entry.user_name, **values)
        user.set_unusable_password()
        user.save()
        record_account(by, "account added", user)
        tell_leads(user)
        return "added"
    before = {name: getattr(user, name) for name in values}
    if before == values:
        return "unchanged"
    return _change(by, user, before, values)


def _change(by: Asker, user: User, before: Mapping[str, object], values: Mapping[str, object]) -> str:
    if values["role"] not in LEADS:
        check_lead_stays(user.username)
    for name, value in values.items():
        setattr(user, name, value)
    user.save()
    if any(before[name] != values[name] for name in ("role", "organisation", "provider_subject")):
        end_all([user.pk])
    record_account(by, "account renewed", user)
    if before["role"] != values["role"] or not before["is_active"]:
        tell_leads(user)
    return "changed" if before["is_active"] else "opened"


def _check_subject(entry: AccountEntry) -> None:
    taken = User.objects.filter(provider_subject=entry.subject).exclude(username=entry.user_name)
    if entry.subject and taken.exists():
        raise NotPossible("Another account has this subject")
