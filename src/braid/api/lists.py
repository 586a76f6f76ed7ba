"""Lists of rows that go on by a key: what came before is not counted, and who comes or goes between two calls moves
nobody else."""

import datetime as dt
import uuid
from collections.abc import Callable
from typing import Annotated, Any

from django.db.models import Q, QuerySet
from ninja import Query

from braid.api.cursors import MOST, USUAL, Cursors

Limit = Annotated[int, Query(USUAL, ge=1, le=MOST, description="How many at most; a part may hold fewer")]
Cursor = Annotated[str, Query("", description="Where to go on: what `next` of the part before said")]
READ: dict[type, Callable[[str], Any]] = {dt.datetime: dt.datetime.fromisoformat, dt.date: dt.date.fromisoformat}


def take_part(
    rows: QuerySet[Any], cursors: Cursors, cursor: str, limit: int, key: str, of: type = dt.datetime
) -> tuple[list[Any], str | None]:
    """Return at most `limit` rows after a cursor, in the order of a column and then of their ids, and the next cursor.

    A minus before the column turns the order round. Raises `ValidationError` for what is no cursor of this list.
    """
    name, turned = key.removeprefix("-"), key.startswith("-")
    place, way = cursors.open(cursor), "lt" if turned else "gt"
    if place is not None:
        value, last = READ[of](place[0]), uuid.UUID(place[1])
        rows = rows.filter(Q(**{f"{name}__{way}": value}) | Q(**{name: value, f"pk__{way}": last}))
    found = list(rows.order_by(key, "-pk" if turned else "pk")[: limit + 1])
    return cursors.cut(found, limit, lambda row: (getattr(row, name).isoformat(), row.pk))
