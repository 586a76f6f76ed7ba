"""What answers come to, and decisions in the place's own file, which the next run follows. Runs as the owner of the
tables, beside the server: no page writes into `restricted/`.

An answer is settled in one transaction with its decision. The line in the file follows, each after its entry in the
record; one that was written before the process ended is found again by the decision's id in its reference.
"""

import logging
import os
import time
from collections.abc import Callable, Mapping
from contextlib import closing
from pathlib import Path

from django.db import transaction

from braid.people.decisions import COLUMNS, DECISIONS_FILE
from braid.people.review import Key, propose_row
from braid.people.review_answers import LEAST_PAIRS, STEP_PAIRS, Answer, measure_agreement, settle
from braid.pipeline import open_run
from braid.store.lake import Lake
from braid.store.place_folder import Place, load_place
from braid.store.restricted import append_restricted, read_restricted
from braid.web.acting import Actor, write_entry
from braid.web.link_reviews.quality import renew_quality
from braid.web.models import LinkAgreement, LinkAnswer, LinkDecision, LinkPair, User
from braid.web.published import holding
from braid.web.recording import Facts
from braid.web.served_place import PLACE_SETTING
from braid.web.watch import known_asker

SETTLE_LOCK = 7_303_053
PAGE = "link review"
MOST_TRIES, TRY_SECONDS = 50, 0.1
NOT_THERE = 0
"""Line of a decision on a record that no run of the place holds any more: it is written nowhere."""
logger = logging.getLogger(__name__)


def settle_waiting(is_stopped: Callable[[], bool] = lambda: False) -> int:
    """Settle what was answered, and write what was decided into the served place; return how many were decided."""
    folder = os.environ.get(PLACE_SETTING, "")
    with known_asker(), holding(SETTLE_LOCK) as is_alone:
        if not is_alone:
            return 0
        decided = settle_answers()
        if folder:
            place, waits = load_place(Path(folder)), LinkDecision.objects.filter(line__isnull=True).exists()
            written = write_decisions(place, is_stopped) if waits else 0
            renew_quality(place, has_news=bool(written))
        return decided


def renew_at_once(place: Place) -> None:
    """Reckon anew what the sample says, after a decision that came by another way than answers.

    Waits for whoever settles meanwhile: they may have read the file before the decision stood in it.
    """
    for _ in range(MOST_TRIES):
        with known_asker(), holding(SETTLE_LOCK) as is_alone:
            if is_alone:
                renew_quality(place, has_news=True)
                return
        time.sleep(TRY_SECONDS)
    logger.warning("the quality of links is told anew with the next decision: somebody settles answers still")


def settle_answers() -> int:
    """Settle every pair that has answers of a round that is not settled; return how many were decided."""
    newest = dict(LinkAnswer.objects.order_by("round").values_list("pair", "round"))
    states = {pair: (state, number) for pair, state, number in LinkPair.objects.values_list("pk", "state", "round")}
    asked = [pair for pair, number in newest.items() if states[pair][0] == "open" or number > states[pair][1]]
    decided = sum(_settle(pair) for pair in asked)
    if asked:
        renew_agreement()
    return decided


@transaction.atomic
def _settle(pair_id: object) -> bool:
    pair = LinkPair.objects.select_for_update().get(pk=pair_id)
    if pair.state != "open":
        pair.state, pair.round = "open", pair.round + 1
    given = LinkAnswer.objects.filter(pair=pair, round=pair.round).order_by("answered_at", "id")
    rows = list(given)
    outcome = settle([Answer(row.answer, row.answered_by) for row in rows], needs_two=pair.needs_two or pair.is_sampled)
    pair.state = outcome.state
    LinkPair.objects.filter(pk=pair.pk).update(state=pair.state, round=pair.round)
    if outcome.state != "decided":
        return False
    first = next(row for row in rows if row.answered_by == outcome.by[0])
    LinkDecision.objects.create(
        pair=pair,
        round=pair.round,
        is_same=outcome.is_same,
        decided_by=outcome.by[0],
        approved_by=outcome.by[1] if len(outcome.by) > 1 else "",
        reference=first.reference,
    )
    return True


def renew_agreement() -> None:
    """Tell how far two reviewers agreed on the blind sample, once enough pairs more were answered twice."""
    answers: dict[tuple[object, int], list[str]] = {}
    rows = LinkAnswer.objects.filter(pair__is_sampled=True).order_by("answered_at", "id")
    for pair, number, answer in rows.values_list("pair", "round", "answer"):
        answers.setdefault((pair, number), []).append(answer)
    twice = [(given[0], given[1]) for given in answers.values() if len(given) > 1]
    told = LinkAgreement.objects.first()
    if len(twice) >= (told.pairs + STEP_PAIRS if told else LEAST_PAIRS):
        found = measure_agreement(twice)
        LinkAgreement.objects.update_or_create(
            id=1, defaults={"pairs": found.pairs, "agreed": found.agreed, "kappa": found.kappa}
        )


def write_decisions(place: Place, is_stopped: Callable[[], bool] = lambda: False) -> int:
    """Write what was decided and stands in no file yet into `restricted/link_decisions.csv`; return how many."""
    rows = list(LinkDecision.objects.filter(line__isnull=True).select_related("pair").order_by("decided_at", "id"))
    keys = read_keys(place, {record for row in rows for record in (row.pair.record_a, row.pair.record_b)})
    there = {row["reference"]: line for line, row in read_restricted(place, DECISIONS_FILE, COLUMNS)}
    written = 0
    for decision in rows:
        if is_stopped():
            break
        line = there.get(_reference(decision))
        LinkDecision.objects.filter(pk=decision.pk).update(line=line or _write(place, decision, keys))
        written += 1
    return written


def _write(place: Place, decision: LinkDecision, keys: Mapping[str, Key]) -> int:
    """Write one decision; return its line."""
    pair = decision.pair
    if not {pair.record_a, pair.record_b} <= keys.keys():
        logger.error("a decision on a record that no run holds any more is not written")
        return NOT_THERE
    row = propose_row(
        keys[pair.record_a],
        keys[pair.record_b],
        is_same=decision.is_same,
        by=decision.decided_by,
        day=decision.decided_at.date(),
        reference=_reference(decision),
    )
    lines: list[int] = []

    def before(line: int) -> None:
        details: dict[str, str | int] = {"decision": row["decision"], "run": pair.run_id, "line": line}
        _enter("link decided", decision.decided_by, decision, details)
        if decision.approved_by:
            _enter("link approved", decision.approved_by, decision, details)
        lines.append(line)

    append_restricted(place, DECISIONS_FILE, COLUMNS, {**row, "approved_by": decision.approved_by}, before=before)
    return lines[0]


def _enter(what: str, username: str, decision: LinkDecision, details: Mapping[str, str | int]) -> None:
    user = User.objects.filter(username=username).first()
    organisation, role = (user.organisation, user.role) if user else ("", "")
    actor = Actor(username, organisation, role, decision.reference, PAGE)
    write_entry("changed", actor, Facts(organisation=organisation, details={"what": what, **details}))


def _reference(decision: LinkDecision) -> str:
    """Return the reference under which a decision stands in the file: the reviewer's, and the decision's own id."""
    return f"{decision.reference} {decision.pk.hex}"


def read_keys(place: Place, records: set[str]) -> dict[str, Key]:
    run = Lake(place.lake_folder).current()
    if run is None or not records:
        return {}
    with closing(open_run(run, names=("person_record",))) as engine:
        listed = ", ".join(["?"] * len(records))
        rows = engine.rows(
            f"select record_id, feed, partner_record_id from person_record where record_id in ({listed})",
            sorted(records),
        )
    return {row["record_id"]: (row["feed"], row["partner_record_id"]) for row in rows}
