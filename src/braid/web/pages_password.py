"""The roles that Braid makes, and the password by which processes elsewhere connect as that of the pages."""

from __future__ import annotations

import os
from pathlib import Path

from braid.store.engine import EngineNotAvailable

PAGES_ROLE = "braid_pages"
VAULT_ROLE = "braid_vault"
"""Owns the vault and its functions; nobody signs in as it."""
PASSWORD_FILE = "BRAID_PAGES_PASSWORD_FILE"  # noqa: S105 - the name of a variable
SHORTEST_PASSWORD = 32


def read_pages_password() -> str:
    """Return the password that the place gave the role of the pages; empty where it leaves it to each start.

    Raises `EngineNotAvailable` where the file cannot be read or holds too little.
    """
    password = read_secret(PASSWORD_FILE)
    if password and len(password) < SHORTEST_PASSWORD:
        raise EngineNotAvailable(
            f"the password in the file of {PASSWORD_FILE} is shorter than {SHORTEST_PASSWORD} characters. Next step:"
            " openssl rand -base64 36 > FILE"
        )
    return password


def read_secret(name: str) -> str:
    """Return the one line of the file that an environment variable names; empty where it names none.

    Raises `EngineNotAvailable` where it cannot be read or is empty.
    """
    path = os.environ.get(name)
    if not path:
        return ""
    try:
        secret = Path(path).read_text(encoding="utf-8").strip()
    except (OSError, UnicodeDecodeError):
        secret = ""
    if not secret or len(secret.splitlines()) > 1:
        raise EngineNotAvailable(
            f"the file that {name} names cannot be read, or does not hold one line. Next step: mount or make it,"
            " readable by this user alone"
        )
    return secret
