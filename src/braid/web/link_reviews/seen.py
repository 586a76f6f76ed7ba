"""What a reviewer sees of links and says about them, inside `asking_as`: the policies let through what is theirs.

How many pairs there are is told up to a bound far below what is published, so that a pair which is not there for
somebody leaves no gap that they could count.
"""

import datetime as dt
from dataclasses import dataclass
from typing import Any
from uuid import UUID, uuid4

from django.db import IntegrityError, ProgrammingError, transaction
from django.db.models import BooleanField, Exists, ExpressionWrapper, F, OuterRef, Q, QuerySet

from braid.language.steps import NotPossible
from braid.people.review_answers import REASONS
from braid.web.access.projections import Viewer
from braid.web.access.sight import NotThere
from braid.web.care.kept import ChangedMeanwhile
from braid.web.models import LinkAgreement, LinkAnswer, LinkDecision, LinkPair, LinkQualityShown
from braid.web.recording import Facts, record

MOST_SHOWN = 200
MOST_DECIDED = 50
RELATION = "review"
SITTINGS = ("doubts", "sample")
"""What a sitting looks at: pairs of which linking is not sure, or those that were drawn by chance."""
SEEN = tuple("id run_id position sample_place person_a person_b is_joined sheet state round".split())
"""Columns that pages may read."""
ANSWERED = "You have answered on this pair. Others may be asked, and you are told nothing of what they say"


@dataclass(frozen=True)
class PairSeen:
    """A pair as a page shows it, and whether this reviewer has answered in its round."""

    id: UUID
    run_id: str
    person_ids: tuple[str, ...]
    is_joined: bool
    sheet: dict[str, Any]
    state: str
    round: int
    has_answered: bool

    @property
    def answer_round(self) -> int:
        """The round of the next answer: one to what is settled opens it anew."""
        return self.round if self.state == "open" else self.round + 1

    @property
    def may_answer(self) -> bool:
        """Whether an answer of this reviewer would count."""
        return not self.has_answered


def _pairs(viewer: Viewer) -> QuerySet[LinkPair]:
    current = Q(round=OuterRef("round")) & Q(pair=OuterRef("pk")) | Q(round__gt=OuterRef("round"), pair=OuterRef("pk"))
    mine = LinkAnswer.objects.filter(current, answered_by=viewer.username)
    return LinkPair.objects.only(*SEEN).filter(is_shown=True).annotate(has_answered=Exists(mine))


def _seen(row: Any) -> PairSeen:
    people = tuple(sorted({row.person_a, row.person_b}))
    has_answered = row.has_answered and row.state == "open"
    return PairSeen(row.id, row.run_id, people, row.is_joined, row.sheet, row.state, row.round, has_answered)


def list_open(viewer: Viewer) -> tuple[list[PairSeen], bool]:
    """Return the doubtful pairs that this reviewer is asked about, in order; and whether there are more than shown."""
    rows = _open(viewer, SITTINGS[0])[: MOST_SHOWN + 1]
    found = [_seen(row) for row in rows]
    return found[:MOST_SHOWN], len(found) > MOST_SHOWN


def _open(viewer: Viewer, sitting: str) -> QuerySet[LinkPair]:
    asked = _pairs(viewer).filter(state="open", has_answered=False)
    if sitting == "sample":
        return asked.filter(sample_place__gt=0).order_by("sample_place", "id")
    asked = asked.filter(Q(position__gt=0) | Q(sample_place=0))
    is_last = ExpressionWrapper(Q(position=0), BooleanField())  # decided before, and asked anew
    return asked.order_by(is_last, "position", "id")


def list_decided(viewer: Viewer) -> list[tuple[PairSeen, dt.datetime | None]]:
    """Return the pairs that were decided, the newest first, each with when, where pages decided it."""
    rows = _pairs(viewer).exclude(state="open").annotate(decided_at=_last_decision("decided_at"))
    ordered = rows.order_by(F("decided_at").desc(nulls_last=True), "id")[:MOST_DECIDED]
    return [(_seen(row), row.decided_at) for row in ordered]


def _last_decision(column: str) -> Any:
    return LinkDecision.objects.filter(pair=OuterRef("pk")).order_by("-round").values(column)[:1]


def find_next(viewer: Viewer, sitting: str = SITTINGS[0]) -> UUID | None:
    """Return the pair of a kind of `SITTINGS` that this reviewer is asked about next; `None` where there is none."""
    row = _open(viewer, sitting).first()
    return row.id if row else None


def get_pair(viewer: Viewer, pair_id: UUID) -> PairSeen:
    """Return a pair. Raises `NotThere` where there is none for this reviewer."""
    row = _pairs(viewer).filter(pk=pair_id).first()
    if row is None:
        raise NotThere
    return _seen(row)


def find_decision(pair: PairSeen) -> LinkDecision | None:
    """Return what was decided last of a pair on pages."""
    return LinkDecision.objects.filter(pair=pair.id).order_by("-round").first()


def find_quality() -> LinkQualityShown | None:
    """Return what the random sample says of linking, as it is published; `None` before there was one."""
    return LinkQualityShown.objects.first()


def find_agreement() -> LinkAgreement | None:
    """Return how far reviewers agreed on the blind sample, once that is told."""
    return LinkAgreement.objects.first()


def record_look(viewer: Viewer, pair: PairSeen) -> None:
    """Write down that both people of a pair were looked at."""
    relations = dict.fromkeys(pair.person_ids, RELATION)
    record("look", viewer, pair.person_ids, Facts(relations=relations, item_classes="I"))


def answer(viewer: Viewer, pair: PairSeen, number: int, reason: str) -> None:
    """Say of a pair what a reason of `REASONS` says, in the round that the reviewer saw, and write that down.

    The record says that somebody answered and not what: whoever reads it may be asked next. Raises `NotPossible` and
    `ChangedMeanwhile`.
    """
    if number != pair.answer_round:
        raise ChangedMeanwhile
    if not pair.may_answer:
        raise NotPossible(ANSWERED)
    row = LinkAnswer(
        id=uuid4(),
        pair_id=pair.id,
        round=number,
        answer=REASONS[reason][0],
        reason=reason,
        reference=viewer.reference,
        run_id=pair.run_id,
        answered_by=viewer.username,
    )
    try:
        with transaction.atomic():
            LinkAnswer.objects.append_one(row)
    except IntegrityError:
        raise NotPossible(ANSWERED) from None
    except ProgrammingError:
        raise ChangedMeanwhile from None
    details: dict[str, str | int] = {"what": "link answered", "run": pair.run_id, "round": number}
    record("changed", viewer, pair.person_ids, Facts(details=details))
