"""The open risks of a board with their newest rating, before and after what is done about them."""

from collections.abc import Iterator
from dataclasses import dataclass

from django.db.models import Q
from django.urls import reverse

from braid.place.boards.risks import BANDS, Level
from braid.place.drawings import Pair, draw_pairs
from braid.place.packs import PackFigure
from braid.store.exports import PackSection, PackTable
from braid.web.boards.pictures import level_after, level_before
from braid.web.models import BoardRisk, BoardRiskRating
from braid.web.packs.digests import digest_of
from braid.web.packs.scope import PackPart, Scope
from braid.web.served_place import body_words
from braid.web.templating import day_words

TITLE = "Risks"
ABOUT = "A score is likelihood times impact, each from 1 to 5: 25 is the worst."


@dataclass(frozen=True)
class Rated:
    """A risk with the rating that held on the day of the pack."""

    risk: BoardRisk
    rating: BoardRiskRating

    @property
    def before(self) -> Level:
        """The level before what is done."""
        return level_before(self.rating)

    @property
    def after(self) -> Level:
        """The level after what is done."""
        return level_after(self.rating)


def make_risks(scope: Scope) -> PackPart:
    """Return the risks that were open, the highest first."""
    found = sorted(_open_risks(scope), key=lambda one: (-one.after.score, -one.before.score))
    if not found:
        return PackPart()
    pairs = [
        Pair(one.risk.event, one.before.score, one.after.score, str(one.before.score), str(one.after.score))
        for one in found
    ]
    picture = draw_pairs("Each risk before and after what is done about it", ("before", "after"), pairs)
    columns = ("Risk", "Watched by", "Before", "After", "What is done", "Looked at again")
    section = PackSection(
        TITLE, (picture,), (ABOUT,), tables=(PackTable("Open risks", columns, tuple(map(_row, found))),)
    )
    digest = digest_of([[one.risk.pk, one.rating.number] for one in found])
    return PackPart((section,), tuple(_figure(one, scope) for one in found), (("risks", digest),))


def _open_risks(scope: Scope) -> Iterator[Rated]:
    rows = BoardRisk.objects.filter(board_id=scope.board.id, written_at__lte=scope.moment)
    still = rows.filter(Q(closed_at=None) | Q(closed_at__gt=scope.moment)).order_by("written_at", "pk")
    for row in still.prefetch_related("ratings"):
        known = [one for one in row.ratings.all() if one.rated_at <= scope.moment]
        if known:
            yield Rated(row, max(known, key=lambda one: one.number))


def _row(one: Rated) -> tuple[str, ...]:
    risk, rating = one.risk, one.rating
    words = f"Because {risk.cause}: {risk.event}. Then {risk.effect}."
    watched = body_words(risk.owner_body)
    return (
        words, watched, level_words(one.before), level_words(one.after), rating.words, day_words(rating.review_date),
    )  # fmt: skip


def level_words(level: Level) -> str:
    """Return a level as the page of a board says it: its band, its score and what that is made of."""
    return f"{BANDS[level.band][1]} {level.score} ({level.likelihood} × {level.impact})"  # noqa: RUF001 - times


def _figure(one: Rated, scope: Scope) -> PackFigure:
    return PackFigure(
        f"risk:{one.risk.pk}", f"Risk: {one.risk.event}", float(one.after.score), level_words(one.after),
        scope.day.isoformat(), reverse("board_risk", args=[scope.board.id, one.risk.pk]), True,
    )  # fmt: skip
