"""From the queue of a run to pairs on pages. Runs as the owner of the tables, in the transaction of publication.

A pair keeps its id, and what was said of it, from run to run. It is asked anew where a run that knew the decision asks
all the same, as a guard that came since does, and where what was left undecided compares otherwise now.
"""

import datetime as dt
import secrets

from django.db.models import Q
from pyarrow import parquet

from braid.language.review_findings import LINK_REVIEW
from braid.people.withdrawals import draw_stand_in, find_withdrawn
from braid.pipeline import read_withdrawn
from braid.store.lake import Run
from braid.store.place_folder import Place
from braid.web.link_reviews.sheets import Row, Sheet, read_sheets
from braid.web.models import LinkDecision, LinkPair

SAMPLED_ONE_IN = 10
"""One pair in so many is asked of two reviewers who do not know of each other."""
RENEWED = ("needs_two run_id is_shown position sample_place person_a person_b is_joined sheet state round").split()


def has_link_reviews(run: Run) -> bool:
    """Whether the published set has the queue of a run: not where an older Braid published it."""
    path = run.table(LINK_REVIEW.name)
    if not path.is_file() or not parquet.read_metadata(path).num_rows:
        return True
    return LinkPair.objects.filter(is_shown=True, run_id=run.id).exists()


def load_link_reviews(run: Run) -> int:
    """Show the pairs of a run and no others; return how many. A run before there were any shows none."""
    kept = {(row.record_a, row.record_b): row for row in LinkPair.objects.all()}
    LinkPair.objects.filter(is_shown=True).update(is_shown=False, sample_place=0, sheet={})
    if not run.table(LINK_REVIEW.name).is_file():
        return 0
    decided = {row.pair_id: row for row in LinkDecision.objects.order_by("round")}
    rows = [_pair(run, review, sheet, kept, decided) for review, sheet in read_sheets(run)]
    LinkPair.objects.bulk_create(rows, update_conflicts=True, unique_fields=["id"], update_fields=RENEWED)
    return len(rows)


def forget_withdrawn_pairs(place: Place) -> int:
    """Take the ids of withdrawn records, which anybody could make of a partner's key, out of pairs that were asked;
    return how many named one.

    What reviewers answered and what it came to stay, of a pair that leads to nobody on that side. No run shows it.
    """
    gone = find_withdrawn(read_withdrawn(place))
    pairs = list(LinkPair.objects.filter(Q(record_a__in=gone) | Q(record_b__in=gone)))
    drawn: dict[str, str] = {}
    for pair in pairs:
        for end in ("record_a", "record_b"):
            if getattr(pair, end) in gone:
                setattr(pair, end, drawn.setdefault(getattr(pair, end), draw_stand_in()))
        pair.sheet, pair.is_shown, pair.sample_place = {}, False, 0
    LinkPair.objects.bulk_update(pairs, ["record_a", "record_b", "sheet", "is_shown", "sample_place"])
    return len(pairs)


def _pair(
    run: Run,
    review: Row,
    sheet: Sheet,
    kept: dict[tuple[str, str], LinkPair],
    decided: dict[object, LinkDecision],
) -> LinkPair:
    ends = (review["record_a"], review["record_b"])
    pair = kept.get(ends) or LinkPair(
        record_a=ends[0], record_b=ends[1], is_sampled=secrets.randbelow(SAMPLED_ONE_IN) == 0, state=""
    )
    pair.state, pair.round = _state(run, review, sheet, pair, decided.get(pair.id))
    pair.run_id, pair.is_shown, pair.sheet = run.id, True, sheet
    for name in ("needs_two", "position", "sample_place", "person_a", "person_b", "is_joined"):
        setattr(pair, name, review[name])
    return pair


def _state(run: Run, review: Row, sheet: Sheet, pair: LinkPair, last: LinkDecision | None) -> tuple[str, int]:
    """Return whether a pair is asked, and in which round."""
    if review["cause"] == "decided":
        return ("open" if pair.state == "open" else "decided"), pair.round
    if pair.state in ("", "open"):
        return "open", pair.round
    made_at = dt.datetime.fromisoformat(run.manifest["made_at"]) if "made_at" in run.manifest else None
    knew = pair.state == "decided" and (last is None or _stood_before(last, made_at))
    otherwise = pair.state == "left" and pair.sheet.get("fields") != sheet["fields"]
    return ("open", pair.round + 1) if knew or otherwise else (pair.state, pair.round)


def _stood_before(last: LinkDecision, made_at: dt.datetime | None) -> bool:
    return bool(last.line) and made_at is not None and last.decided_at < made_at
