"""A fictional review of the random sample for a demo: two reviewers answer by the truth, through what pages use."""

import csv
from collections.abc import Iterator
from dataclasses import dataclass

from braid.store.place_folder import Place
from braid.web.access.context import asking_as
from braid.web.access.projections import Viewer
from braid.web.access.sight import NotThere
from braid.web.link_reviews.seen import answer, get_pair
from braid.web.link_reviews.settling import read_keys, settle_waiting
from braid.web.models import LinkAnswer, LinkPair
from braid.web.watch import known_asker

REVIEWERS = (("demo-analyst", "analyst"), ("demo-ig-lead", "ig_lead"))
REFERENCE = "LR-2026-11"
LEFT_ONE_IN = 12
"""One drawn pair in so many is left for whoever looks at the demo."""
AGREES, RELATIVES = "agrees", "relatives"


@dataclass(frozen=True)
class _Drawn:
    """A drawn pair, and the reason that whoever knows the truth gives."""

    pair: LinkPair
    reason: str


def enter_answers(place: Place) -> int:
    """Answer the drawn pairs of a fictional place by its truth, where nobody answered anything yet; return how many.

    The second reviewer is asked where one is not enough, as on pages.
    """
    with known_asker():
        drawn = [] if not place.is_example or LinkAnswer.objects.exists() else list(_list_drawn(place))
    given = 0
    for username, role in REVIEWERS:
        viewer = Viewer(username, role, "", REFERENCE, "link review")
        given += sum(_answer(viewer, one) for one in drawn)
        if drawn:
            settle_waiting()
    return given


def _list_drawn(place: Place) -> Iterator[_Drawn]:
    with (place.truth_folder / "people.csv").open(encoding="utf-8", newline="") as file:
        true = {(row["feed"], row["partner_record_id"]): row["true_person_id"] for row in csv.DictReader(file)}
    pairs = list(LinkPair.objects.filter(is_shown=True, sample_place__gt=0).order_by("sample_place"))
    keys = read_keys(place, {record for pair in pairs for record in (pair.record_a, pair.record_b)})
    for pair in pairs:
        if pair.sample_place % LEFT_ONE_IN:
            is_same = true.get(keys[pair.record_a]) == true.get(keys[pair.record_b])
            yield _Drawn(pair, AGREES if is_same else RELATIVES)


def _answer(viewer: Viewer, drawn: _Drawn) -> bool:
    """Answer one pair as a reviewer who sees it and is asked; whether they were."""
    with asking_as(viewer.username, ""):
        try:
            pair = get_pair(viewer, drawn.pair.pk)
        except NotThere:
            return False
        if pair.state != "open" or pair.has_answered:
            return False
        answer(viewer, pair, pair.answer_round, drawn.reason)
        return True
