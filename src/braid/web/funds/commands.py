"""The ledger for the command line: read as its owner, posted to for a named finance officer. Import inside
`web_app`."""

import datetime as dt

from braid.place.money.positions import Position
from braid.web.acting import Actor, reading_as
from braid.web.funds.definitions import funds
from braid.web.funds.importing import Told, import_journal
from braid.web.funds.seen import position, year_in
from braid.web.watch import known_asker


def positions(today: dt.date) -> list[Position]:
    """Return where every fund stands in the financial year of a day."""
    with known_asker():
        return [position(fund, year_in(fund, today)) for fund in funds().values()]


def post_journal(actor: Actor, content: bytes) -> list[Told]:
    """Read a journal for whoever acts, held to the policies as a page is. Raises `JournalInvalid`."""
    with reading_as(actor):
        return import_journal(actor, content, funds())
