"""Forecasts as pages of papers and decisions show them: as they were frozen, and held against what was published."""

import datetime as dt
from dataclasses import dataclass
from functools import lru_cache

from django.db.models import Q

from braid.language.dates import london_date
from braid.place.forecasts import Followed, Forecast, follow, read_forecast
from braid.simulation.calibration import Rules, default_rules
from braid.simulation.measures import Fan
from braid.store.exports import Picture
from braid.web.boards.files import boards
from braid.web.chains.reading import GONE, read_sizes
from braid.web.figures import get_place_figures
from braid.web.forecasts.pictures import draw_followed
from braid.web.models import BoardDecision, BoardForecast, BoardItem, SimulationQuestion
from braid.web.simulations.drawings import FanDrawing, FanRow, draw_fan, fan_rows
from braid.web.simulations.words import Compared, say_comparison

MOST_OTHERS = 20
"""So many other decisions since are listed, the newest."""
MOST_FANS = 3
"""So many lists are drawn, those that the decision moves most; the others stand with the question."""


@dataclass(frozen=True)
class FanSeen:
    """A list of a forecast, as it would go without and with the decision."""

    title: str
    drawing: FanDrawing
    rows: tuple[FanRow, ...]


@dataclass(frozen=True)
class FollowedSeen:
    """A list of a forecast beside what was published of it since; no picture where nothing was that is compared."""

    followed: Followed
    picture: Picture | None

    @property
    def is_still_to_come(self) -> bool:
        """Whether it will be compared, and nothing was published of it yet."""
        return not self.followed.because and not self.followed.sightings


@dataclass(frozen=True)
class ForecastSeen:
    """A forecast as a page shows it. `since` is empty before a decision is adopted."""

    row: BoardForecast
    forecast: Forecast
    compared: Compared
    fans: tuple[FanSeen, ...]
    is_there: bool
    """Whether whoever looks may still read the question that it is from."""
    since: tuple[FollowedSeen, ...]


@dataclass(frozen=True)
class OtherDecision:
    """A decision that was adopted since: it may have moved the same queues."""

    row: BoardDecision
    board_name: str


def see_of_item(item: BoardItem) -> list[ForecastSeen]:
    """Return what lies before a board with an item."""
    rows = BoardForecast.objects.filter(item=item, decision=None).order_by("written_at", "pk")
    return _seen(list(rows), None)


def see_of_decision(decision: BoardDecision) -> list[ForecastSeen]:
    """Return what was forecast when a decision was taken or was attached to it since, beside what was published."""
    mine = Q(item=decision.item_id) & (Q(decision=None) | Q(decision=decision))
    rows = BoardForecast.objects.filter(mine).order_by("written_at", "pk")
    return _seen(list(rows), london_date(decision.decided_at) if decision.carried else None)


def decisions_since(decision: BoardDecision, now: dt.datetime) -> list[OtherDecision]:
    """Return the decisions of all boards that were adopted after one, as far as whoever asks may see them."""
    found = BoardDecision.objects.filter(carried=True, decided_at__gt=decision.decided_at, decided_at__lte=now)
    known = boards()
    return [
        OtherDecision(row, known[row.board_id].name if row.board_id in known else GONE)
        for row in found.exclude(pk=decision.pk).order_by("-decided_at", "pk")[:MOST_OTHERS]
    ]


def _seen(rows: list[BoardForecast], since: dt.date | None) -> list[ForecastSeen]:
    if not rows:
        return []
    ids = [row.question_id for row in rows]
    there = set(SimulationQuestion.objects.filter(pk__in=ids, ended_at=None).values_list("pk", flat=True))
    sizes = read_sizes(get_place_figures()) if since else {}
    found = []
    for row in rows:
        forecast = read_forecast(row.document)
        followed = follow(forecast, sizes, since, _rules()) if since else ()
        found.append(
            ForecastSeen(
                row,
                forecast,
                say_comparison(forecast.comparison, forecast.changes),
                tuple(_fans(forecast)),
                row.question_id in there,
                tuple(FollowedSeen(one, draw_followed(one) if one.sightings else None) for one in followed),
            )
        )
    return found


def _fans(forecast: Forecast) -> list[FanSeen]:
    """Return the lists that the scenario moves most, told apart from chance."""
    moved = {
        one.measure.id.partition(".")[2]: abs(one.difference.mean or 0.0)
        for one in forecast.comparison.differences
        if one.is_found and one.measure.id.startswith("list.")
    }
    pairs = [(now, then) for now, then in zip(forecast.now, forecast.then, strict=True) if now.about in moved]
    pairs.sort(key=lambda pair: -moved[pair[0].about])
    return [_fan(now, then, forecast.start) for now, then in pairs[:MOST_FANS]]


def _fan(now: Fan, then: Fan, start: dt.date) -> FanSeen:
    return FanSeen(now.title, draw_fan(now, then, start), tuple(fan_rows(now, then, start)))


@lru_cache(maxsize=1)
def _rules() -> Rules:
    return default_rules()
