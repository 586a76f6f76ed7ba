"""Funds for the tests of pages: a folder that names them, and the ledger in the database driven as one in memory."""

from __future__ import annotations

import datetime as dt
import sys
from pathlib import Path
from uuid import UUID

sys.path.insert(0, str(Path(__file__).parent.parent / "place" / "money"))

from ledger_driver import BODIES, FUNDS_TOML, example_funds

from braid.place.money.entries import Kept, Order
from braid.web.access.context import asking_as
from braid.web.access.projections import Viewer
from braid.web.funds import keeping
from braid.web.funds.books import DatabaseBooks, kept_of
from braid.web.models import LedgerEntry

PLACE_TOML = '[place]\nid = "here"\nname = "Here"\n[[district]]\ncode = "E1"\nid = "north"\nname = "North"\n' + "".join(
    f'[[organisation]]\nid = "{body.id}"\nname = "{body.name}"\nkind = "{body.kind}"\n' for body in BODIES
)


def write_funds(folder: Path) -> Path:
    """Write a place folder with the funds of the state machine."""
    (folder / "place.toml").write_text(PLACE_TOML, encoding="utf-8")
    (folder / "funds.toml").write_text(FUNDS_TOML, encoding="utf-8")
    return folder


def asker_of(username: str) -> Viewer:
    """Return a finance officer as pages know them."""
    return Viewer(username, "finance_officer", "", "", "funds")


class DatabaseLedger:
    """The ledger in the database, with the functions of the one in memory; each call is a transaction of its own."""

    def __init__(self, funds=None) -> None:
        self.funds = {fund.id: fund for fund in funds or example_funds()}

    def post(self, order: Order) -> Kept:
        with asking_as(order.by, ""):
            return keeping.post(asker_of(order.by), order, self.funds)

    def open_year(self, fund: str, year: int, by: str) -> Kept:
        with asking_as(by, ""):
            return keeping.open_year(asker_of(by), self.funds[fund], year)

    def approve(self, entry_id: UUID, by: str) -> Kept:
        with asking_as(by, ""):
            return keeping.approve(asker_of(by), entry_id, self.funds)

    def refuse(self, entry_id: UUID, by: str = "cat") -> Kept:
        with asking_as(by, ""):
            return keeping.refuse(asker_of(by), entry_id, "Not ours", self.funds)

    def close(self, fund: str, month: dt.date, by: str) -> Kept | None:
        with asking_as(by, ""):
            return keeping.close(asker_of(by), self.funds[fund], month)

    def __getattr__(self, name: str):
        """What stands in it is asked anew each time."""
        return getattr(DatabaseBooks(self.funds), name)

    @property
    def journal(self) -> dict[UUID, Kept]:
        rows = LedgerEntry.objects.select_related("decision").prefetch_related("postings")
        return {row.pk: kept_of(row) for row in rows}
