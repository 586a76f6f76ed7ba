"""Ranks as they stood when something was decided, for whoever takes part and may see ranks; others find none."""

from __future__ import annotations

import datetime as dt
from collections.abc import Mapping

from braid.web.access.decisions import decisions_on
from braid.web.access.projections import FrozenSeen
from braid.web.access.ranks import RankThen, rank_seen, sensitivities_of
from braid.web.access.sight import Sight
from braid.web.models import AgendaItem, FrozenRank, PlaceThen, Referral


def find_frozen(sight: Sight, decided: AgendaItem | Referral, names: Mapping[str, str]) -> tuple[FrozenSeen, ...]:
    """Return the ranks kept with a decision, of those people in `names`, by person id, of whom the viewer sees ranks.

    The look at these people is recorded by whatever finds their names.
    """
    if not names or not sight.opens("priority") or not _may_have_ranks(decided):
        return ()
    key = "item" if isinstance(decided, AgendaItem) else "referral"
    kept = FrozenRank.objects.filter(purpose=sight.viewer.purpose, person_id__in=list(names), **{key: decided})
    rows = list(kept.select_related("rules").order_by("rules__name", "person_id"))
    if not rows:
        return ()
    people = sorted({row.person_id for row in rows})
    decisions, sensitivities = decisions_on(sight, people), sensitivities_of(sight, people)
    shown = decisions.permitted_ranks((row for row in rows if row.person_id in sensitivities), sensitivities)
    places = {one.pk: one for one in PlaceThen.objects.filter(pk__in=[row.pk for row in shown])}
    return tuple(
        FrozenSeen(
            name=names[row.person_id],
            position=places[row.pk].place,
            of=places[row.pk].people,
            rank=rank_seen(decisions, row.rules, rank_then(row)),
            as_of=_day(row.document["as_of"]),
            rules=tuple(row.rules.words),
            text=row.rules.text,
        )
        for row in shown
        if row.pk in places
    )


def _may_have_ranks(decided: AgendaItem | Referral) -> bool:
    """Whether it was ever decided: before, the database keeps no rank with it, and looking for one costs a page more
    than all else that it asks."""
    if isinstance(decided, AgendaItem):
        return decided.state == "decided" or decided.decided_at is not None
    return decided.state != "pending" or decided.answered_at is not None


def rank_then(row: FrozenRank) -> RankThen:
    """Return the rank that a row keeps."""
    kept = row.document
    bands = [name for name, _ in row.rules.bands]
    return RankThen(
        person_id=row.person_id,
        band_position=bands.index(kept["band"]) + 1,
        points=kept["points"],
        longest_since_date=_day(kept["longest_since"]),
        reasons=kept["reasons"],
    )


def _day(kept: str | None) -> dt.date | None:
    return dt.date.fromisoformat(kept) if kept else None
