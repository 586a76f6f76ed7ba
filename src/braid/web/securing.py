"""The role of the pages and the policies beneath them, made and checked. Import once Django is set up."""

import os

from braid.store.engine import EngineNotAvailable
from braid.web.pages_role import has_pages_role, open_pages_role
from braid.web.row_security import apply_row_security, find_faults
from braid.web.vault.schema import open_to_pages


def secure_database(database_url: str) -> str:
    """Give the pages their role and the tables their policies; return the conninfo of the pages.

    Called by who serves alone: the role's password is new each time, and would lock the workers of a server out.

    Raises `EngineNotAvailable` where the catalogue holds what would let a row past the policies.
    """
    pages = open_pages_role(database_url)
    apply_row_security()
    open_to_pages()
    faults = find_faults()
    if faults:
        raise EngineNotAvailable(f"the database would show rows that nobody may see: {'; '.join(faults)}")
    return pages


def secure_new_database() -> bool:
    """Do the same where nobody has served the place yet; return whether it was done."""
    if has_pages_role():
        return False
    secure_database(os.environ["DATABASE_URL"])
    return True
