"""Commissions as written: drawn up, signed by each body, moved, varied, paid, and asked about in rounds.

Everything here runs inside `asking_as`: the policies decide what may be written. Each step leaves its entry.
"""

from collections import defaultdict
from uuid import UUID

from django.db import transaction
from django.db.models import Max
from django.utils import timezone

from braid.care.words import check_words
from braid.language.documents import write
from braid.language.steps import NotPossible
from braid.place.commissions.payment import Line, Paid, Posting, due
from braid.place.commissions.rounds import LONGEST_NARRATIVE, Round, check_round
from braid.place.commissions.signing import Signer, check_makes, check_sign, check_varies, in_force, move
from braid.place.commissions.states import COMMISSION, RETURN
from braid.place.commissions.terms import Terms, check_terms, parse_terms
from braid.trust.roles import ROLES
from braid.web.access.sight import NotThere
from braid.web.care.kept import change
from braid.web.commissions.place_files import known
from braid.web.models import (
    Commission,
    CommissionPosting,
    CommissionSignature,
    CommissionTerms,
    ReportingRound,
    RoundReturn,
)
from braid.web.owner_functions import ask_rows, wait_turn
from braid.web.recording import Asker, Facts, record

LONGEST_REASON = 500


def get_commission(commission_id: UUID) -> Commission:
    """Return a commission that whoever asks may see. Raises `NotThere`."""
    row = Commission.objects.filter(pk=commission_id).first()
    if row is None:
        raise NotThere
    return row


def read_terms(row: Commission) -> dict[int, Terms]:
    """Return every terms of a commission by number."""
    found = CommissionTerms.objects.filter(commission=row).order_by("number").values_list("number", "document")
    return {number: parse_terms(document) for number, document in found}


def signed_bodies(row: Commission) -> dict[int, list[str]]:
    """Return the bodies that signed, by the number of the terms."""
    rows = CommissionSignature.objects.filter(terms__commission=row).order_by("signed_at", "body")
    found = defaultdict(list)
    for number, body in rows.values_list("terms__number", "body"):
        found[number].append(body)
    return dict(found)


def draw_up(asker: Asker, by: Signer, terms: Terms) -> UUID:
    """Keep the draft of a commission; return its id. Raises `NotPossible`, `DocumentInvalid`."""
    allowed = known()
    check_makes(by, terms)
    check_terms(terms, allowed)
    _check_words(terms)
    row = Commission(
        title=terms.title,
        purpose=allowed.statements[terms.statement],
        bodies=list(terms.bodies),
        lead=terms.lead,
        made_by=by.username,
        changed_by=by.username,
    )
    Commission.objects.append_one(row)
    _append_terms(row, 1, terms, by, "")
    _record(asker, row, "commission drawn up")
    return row.pk


def vary(asker: Asker, by: Signer, row: Commission, seen: int, new: Terms, reason: str) -> None:
    """Keep other terms of a commission, to be signed anew by every body; what holds goes on until then.

    Raises `NotPossible`, `DocumentInvalid`.
    """
    check_terms(new, known())
    _check_words(new, reason)
    terms = read_terms(row)
    newest = max(terms)
    if row.state == COMMISSION.first:
        check_makes(by, new)
        if set(new.bodies) != set(terms[newest].bodies) or new.statement != terms[newest].statement:
            raise NotPossible("Another problem or other bodies are another commission. Draw that up apart")
    else:
        if not reason.strip() or len(reason) > LONGEST_REASON:
            raise NotPossible(f"Say in {LONGEST_REASON} characters why it is varied")
        check_varies(by, row.state, terms[row.in_force], new, posted_pence(row))
    change(row, seen, changed_by=by.username)
    _append_terms(row, newest + 1, new, by, reason)
    _record(asker, row, "commission varied", terms=newest + 1)


def sign(asker: Asker, by: Signer, row: Commission, seen: int, number: int) -> None:
    """Sign the newest terms for one's body; with the last signature they hold. Raises `NotPossible`."""
    terms, signed = read_terms(row), signed_bodies(row)
    newest = max(terms)
    if number != newest or newest <= row.in_force:
        raise NotPossible("Other terms are to be signed by now, or none. Look at the commission again")
    check_sign(by, terms[newest], signed.get(newest, ()))
    kept = CommissionTerms.objects.get(commission=row, number=newest)
    CommissionSignature.objects.append_one(CommissionSignature(terms=kept, body=by.body, signed_by=by.username))
    signed.setdefault(newest, []).append(by.body)
    holds = in_force(signed, terms)
    values: dict[str, object] = {"changed_by": by.username}
    if holds != row.in_force:
        values |= {"in_force": holds, "title": terms[holds].title}
        values |= {"state": COMMISSION.after(row.state, "agree")} if row.state == COMMISSION.first else {}
    change(row, seen, **values)
    _record(asker, row, "commission signed", terms=newest, body=by.body)


def take_step(asker: Asker, by: Signer, row: Commission, seen: int, step: str) -> None:
    """Open, close, end or drop a commission. Raises `NotPossible`."""
    terms = read_terms(row)
    state = move(by, terms[row.in_force or max(terms)], row.state, step)
    change(row, seen, state=state, changed_by=by.username)
    _record(asker, row, f"commission {state}")


def paid_of(row: Commission) -> dict[Line, Paid]:
    """Return what stands on each line."""
    found: dict[Line, Paid] = {}
    for one in CommissionPosting.objects.filter(commission=row):
        line = Line(one.lot, one.component, one.outcome, one.score, one.unit_pence)
        was = found.get(line, Paid())
        found[line] = Paid(was.units + one.units, was.pence + one.pence)
    return found


def posted_pence(row: Commission) -> int:
    """Return what was posted in all, as far as whoever asks may see it."""
    return sum(one.pence for one in paid_of(row).values())


def find_due(row: Commission, *, is_final: bool = False) -> list[Posting]:
    """Return what is to be posted now. The settlement (`is_final`) is reckoned for whoever keeps the ledger alone."""
    if not row.in_force:
        return []
    terms = read_terms(row)
    columns = ("terms_number", "lot", "component", "outcome", "score", "units")
    units: dict[Line, int] = defaultdict(int)
    held = set()
    for number, lot, component, outcome, score, count in ask_rows("braid_payable_units", columns, row.pk):
        if component == "held":
            held.add(lot)
        elif line := _line(terms[number], lot, component, outcome, score):
            units[line] += count
    today = timezone.localdate()
    return due(terms[row.in_force], dict(units), paid_of(row), today, frozenset(held), is_final=is_final)


def _line(terms: Terms, lot_id: str, component: str, outcome: str, score: str) -> Line | None:
    """Return the line under which a kind of unit is paid by the terms it was served under; `None` where by none."""
    lot = terms.lot(lot_id)
    if not lot.share_of(component):
        return None
    if component == "outcome":
        price = lot.price_of(outcome)
        pence = 0 if price is None else price.achieved_pence if score == "achieved" else price.partly_pence
        return Line(lot_id, component, outcome, score, pence) if pence else None
    return Line(lot_id, component, unit_pence=lot.attachment_pence if component == "attachment" else lot.session_pence)


def post_payment(asker: Asker, by: Signer, row: Commission, seen: int) -> list[Posting]:
    """Post what is due and return it. Raises `NotPossible`: who orders does not pay.

    One payment at a time: two who pay at once would post the same twice.
    """
    if not ROLES[by.role].keeps_ledger:
        raise NotPossible("A finance officer posts payments, and no commissioner. Ask them")
    wait_turn(row.pk)
    if get_commission(row.pk).version != seen:
        raise NotPossible("The commission was changed meanwhile. Look at it again, and pay what is due then")
    is_final = row.state == "ended"
    postings = find_due(row, is_final=is_final)
    if not postings:
        raise NotPossible("Nothing is due. What waits for a step of five is paid with a later payment")
    newest = CommissionPosting.objects.filter(commission=row).aggregate(newest=Max("payment"))["newest"] or 0
    CommissionPosting.objects.append(_posting(row, newest + 1, one, by, is_final) for one in postings)
    _record(asker, row, "commission paid", payment=newest + 1, lines=len(postings))
    return postings


def _posting(row: Commission, payment: int, one: Posting, by: Signer, is_final: bool) -> CommissionPosting:
    return CommissionPosting(
        commission=row,
        payment=payment,
        fund=one.fund,
        lot=one.line.lot,
        component=one.line.component,
        outcome=one.line.outcome,
        score=one.line.score,
        unit_pence=one.line.unit_pence,
        units=one.units,
        pence=one.pence,
        reason=one.reason,
        is_final=is_final,
        posted_by=by.username,
    )


def ask_round(asker: Asker, by: Signer, row: Commission, new: Round) -> None:
    """Ask every provider's team for a return. Raises `NotPossible`."""
    if not ROLES[by.role].commissions or by.body not in row.bodies:
        raise NotPossible("A commissioner of one of the bodies asks for returns. Ask one of them")
    if not row.in_force or row.state in ("draft", "dropped"):
        raise NotPossible("Nothing is served yet. Ask once the commission is agreed")
    rounds = ReportingRound.objects.filter(commission=row)
    check_round(new, [Round(one.from_date, one.to_date, one.due_date) for one in rounds])
    kept = ReportingRound(
        commission=row, from_date=new.from_date, to_date=new.to_date, due_date=new.due_date, made_by=by.username
    )
    ReportingRound.objects.append_one(kept)
    teams = sorted({one.team for lot in read_terms(row)[row.in_force].lots for one in lot.providers})
    RoundReturn.objects.append(RoundReturn(of_round=kept, team_id=team, changed_by=by.username) for team in teams)
    _record(asker, row, "commission: returns asked for", teams=len(teams))


def answer_return(asker: Asker, by: Signer, returned: RoundReturn, seen: int, step: str, query: str = "") -> None:
    """Query or accept a return. Raises `NotPossible`."""
    commission = returned.of_round.commission
    if not ROLES[by.role].commissions or by.body not in commission.bodies:
        raise NotPossible("A commissioner of one of the bodies does that. Ask one of them")
    if step not in ("query", "accept"):
        raise NotPossible("A commissioner queries or accepts a return, and nothing else")
    if step == "query" and not 0 < len(query.strip()) <= LONGEST_NARRATIVE:
        raise NotPossible("Say what is not clear")
    check_words(query)
    state = RETURN.after(returned.state, step)
    change(returned, seen, state=state, query=query if step == "query" else "", changed_by=by.username)
    _record(asker, commission, f"return {state}", team=returned.team_id)


def _check_words(terms: Terms, reason: str = "") -> None:
    check_words("\n".join([terms.title, terms.problem, reason, *(lot.name for lot in terms.lots)]))


def _append_terms(row: Commission, number: int, terms: Terms, by: Signer, reason: str) -> None:
    kept = CommissionTerms(
        commission=row, number=number, document=write(terms), reason=reason.strip(), made_by=by.username
    )
    with transaction.atomic():
        CommissionTerms.objects.append_one(kept)


def _record(asker: Asker, row: Commission, what: str, **details: str | int) -> None:
    record("changed", asker, facts=Facts(details={"what": what, "commission": str(row.pk), **details}))
