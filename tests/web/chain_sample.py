"""A place with a chain of a priority to whom it serves: a board, committed money, a commission, and people served."""

import datetime as dt
import uuid
from pathlib import Path
from uuid import UUID

from board_sample import COMMISSIONING, decided, held, now, seat_usual, write_boards_place
from care_teams import make_teams
from commissioned import put_commission, put_service, terms_of_sample
from sample_run import AS_OF

from braid.language.dates import london_date
from braid.place.money.entries import Order
from braid.web.access.context import asking_as
from braid.web.access.projections import Viewer
from braid.web.boards import priorities
from braid.web.boards.keeping import ItemWords
from braid.web.boards.priorities import PriorityWords
from braid.web.funds import keeping
from braid.web.funds.definitions import funds
from braid.web.models import OutcomeDefinition, OutcomeFigure, Person, ShownSize
from braid.web.watch import known_asker

OUTCOME, STATEMENT = "therapy_wait_days", "victim_response"
FUNDS_TOML = f"""
[[fund]]
id = "victims-pool"
name = "Pool for victims"
basis = "grant"
host = "harbour"
from = 2025-04-01
to = 2030-03-31
approve_from_pence = 5000000
underspend = "return"
overspend = "host"
agreement = "Award of one day"
conditions = ["Spent on victims alone"]
contribution = [{{ body = "vale-authority", year = 2026, pence = 9000000 }}]

[[fund.line]]
id = "therapy"
name = "Therapy that began"
paid_for = "outcomes"
statement = "{STATEMENT}"
outcome = "{OUTCOME}"
budget = [{{ year = 2026, pence = 8000000 }}]

[[fund.line]]
id = "rooms"
name = "Rooms"
paid_for = "services"
budget = [{{ year = 2026, pence = 1000000 }}]
"""
KEEPS = "test-finance_officer"


def write_chain_place(folder: Path) -> Path:
    """Write a place folder with boards and a fund; return it."""
    write_boards_place(folder)
    (folder / "funds.toml").write_text(FUNDS_TOML, encoding="utf-8")
    return folder


def put_priority(
    title: str = "Therapy in time", outcomes: tuple[str, ...] = (OUTCOME,), confidential: bool = False
) -> UUID:
    """Have a board decide a priority; return its id."""
    _, (item,) = held(ItemWords("decision", "To decide", "Decide it", 20, "", confidential=confidential))
    decision, day = decided(item, title=f"Decided: {title}"), london_date(now())
    words = PriorityWords(1, title, "Because", (STATEMENT,), outcomes, "", day, day + dt.timedelta(days=365))
    with COMMISSIONING.asking():
        return priorities.set_priority(COMMISSIONING.asker, COMMISSIONING.board, decision, None, words, now())


def put_money(pence: int = 4_000_000) -> None:
    """Commit money on the line for the outcome, as a finance officer."""
    asker, fund = Viewer(KEEPS, "finance_officer", "", "", "funds"), funds()["victims-pool"]
    with asking_as(KEEPS, ""):
        keeping.open_year(asker, fund, 2026)
    with asking_as(KEEPS, ""):
        order = Order("commitment", fund.id, AS_OF, KEEPS, pence, "therapy", note="For the year")
        keeping.post(asker, order, funds())


def put_served(people: int) -> None:
    """Put a commission with so many people whose service began before this month."""
    with known_asker():
        make_teams()
    row = put_commission(terms=terms_of_sample(fund="victims-pool"))
    for _ in range(people):
        with known_asker():
            person = Person.objects.create(person_id=uuid.uuid4().hex)
        put_service(row, person.pk)


def put_size(kind: str, days_back: int, waiting: int | None) -> None:
    """Put what was published of a queue on a day before the run's."""
    with known_asker():
        day = AS_OF - dt.timedelta(days=days_back)
        ShownSize.objects.update_or_create(
            kind=kind, day=day, defaults={"waiting": waiting, "completed": None, "is_filled_in": False}
        )


def put_value(value: float | None) -> None:
    """Publish a value of the outcome for the last period that is over; `None` is one of too few people."""
    with known_asker():
        row = OutcomeDefinition.objects.get(pk=OUTCOME)
        last = dt.date.fromisoformat(row.document["due"]["from"]) - dt.timedelta(days=1)
        OutcomeFigure.objects.update_or_create(
            outcome_id=OUTCOME, digest=row.digest, district_code="", last_date=last,
            defaults={"first_date": last, "value": value, "step": 7, "shown_date": AS_OF},
        )  # fmt: skip


def seat_and_put_chain(people: int = 12) -> UUID:
    """Put everything that a whole chain has but sizes of waits; return the id of its priority."""
    seat_usual()
    put_value(84)
    put_money()
    put_served(people)
    return put_priority()
