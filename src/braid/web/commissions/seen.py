"""Commissions as pages show them: terms in words, money by line, people served as published counts, rounds."""

import datetime as dt
from collections.abc import Mapping, Sequence
from dataclasses import dataclass

from django.utils import timezone

from braid.place.commissions.eligibility import eligibility_in_words
from braid.place.commissions.payment import Line, Posting, part_caps
from braid.place.commissions.rounds import FIGURES, RISKS, Difference, compare, is_late, span_of
from braid.place.commissions.selection import COUNTS, SHARES, Rate, leaves_out, rates_of
from braid.place.commissions.signing import Signer
from braid.place.commissions.states import BANDS, COMMISSION, RETURN
from braid.place.commissions.terms import COMPONENTS, Lot, Terms, parse_terms
from braid.web.commissions.keeping import find_due, paid_of, read_terms, signed_bodies
from braid.web.commissions.place_files import files, outcome_names
from braid.web.models import Commission, CommissionPosting, CommissionTerms, ReportingRound, RoundReturn
from braid.web.owner_functions import ask_rows

FIRST_DAY, LAST_DAY = dt.date(2000, 1, 1), dt.date(2500, 1, 1)
Shown = Mapping[str, int | None]


@dataclass(frozen=True)
class LotSeen:
    """A lot in words, with its money and whom it serves."""

    lot: Lot
    eligibility: tuple[str, ...]
    caps: Mapping[str, int]
    paid_pence: int
    counts: Mapping[str, Shown]
    """By band the published counts, by code of `COUNTS`."""
    rates: Mapping[str, Mapping[str, Rate | None]]
    is_creaming: bool


@dataclass(frozen=True)
class TermsSeen:
    """Terms with who signed them."""

    number: int
    terms: Terms
    reason: str
    made_by: str
    made_at: dt.datetime
    signed: tuple[str, ...]
    missing: tuple[str, ...]


@dataclass(frozen=True)
class CommissionSeen:
    """A commission for whoever governs. `shown` are the terms in force, or the newest draft of them."""

    row: Commission
    shown: Terms
    versions: tuple[TermsSeen, ...]
    lots: tuple[LotSeen, ...]
    postings: tuple[CommissionPosting, ...]
    paid: Mapping[Line, int]
    due: tuple[Posting, ...]
    outcomes: Mapping[str, str]
    steps: tuple[str, ...]
    may_sign: bool
    may_pay: bool
    may_vary: bool

    @property
    def paid_pence(self) -> int:
        """Pence posted in all."""
        return sum(self.paid.values())

    @property
    def newest(self) -> TermsSeen:
        """The terms that were made last."""
        return self.versions[-1]


def list_commissions() -> list[tuple[Commission, Terms, int]]:
    """Return every commission with the terms that hold (or the newest) and the pence paid, newest first."""
    rows = list(Commission.objects.order_by("-made_at", "pk"))
    terms = _terms_of(rows)
    paid: dict[object, int] = {}
    for one in CommissionPosting.objects.values_list("commission_id", "pence"):
        paid[one[0]] = paid.get(one[0], 0) + one[1]
    return [(row, terms[row.pk], paid.get(row.pk, 0)) for row in rows]


def _terms_of(rows: Sequence[Commission]) -> dict[object, Terms]:
    from_all: dict[object, dict[int, str]] = {}
    for commission, number, document in CommissionTerms.objects.order_by("number").values_list(
        "commission_id", "number", "document"
    ):
        from_all.setdefault(commission, {})[number] = document
    return {row.pk: _parse(from_all[row.pk], row.in_force) for row in rows}


def _parse(documents: Mapping[int, str], number: int) -> Terms:
    return parse_terms(documents[number or max(documents)])


def see(row: Commission, by: Signer) -> CommissionSeen:
    """Return a commission as its page shows it."""
    terms, signed = read_terms(row), signed_bodies(row)
    shown = terms[row.in_force or max(terms)]
    paid = {line: one.pence for line, one in paid_of(row).items()}
    keeps_ledger = by.role == "finance_officer"
    newest = max(terms)
    is_over = row.state in ("ended", "dropped")
    to_sign = newest > row.in_force and not is_over and by.body not in signed.get(newest, ())
    is_lead = by.role == "commissioner" and by.body == shown.lead
    return CommissionSeen(
        row=row,
        shown=shown,
        versions=_versions(row, terms, signed),
        lots=tuple(_lots(row, shown, paid)),
        postings=tuple(CommissionPosting.objects.filter(commission=row).order_by("payment", "lot", "component", "pk")),
        paid=paid,
        due=tuple(find_due(row, is_final=row.state == "ended" and keeps_ledger)),
        outcomes=outcome_names(shown.statement),
        steps=tuple(code for code in COMMISSION.steps_from(row.state) if code != "agree") if is_lead else (),
        may_sign=to_sign and by.role in ("board_member", "commissioner") and by.body in shown.bodies,
        may_pay=keeps_ledger,
        may_vary=by.role == "commissioner" and by.body in shown.bodies and not is_over,
    )


def _versions(
    row: Commission, terms: Mapping[int, Terms], signed: Mapping[int, Sequence[str]]
) -> tuple[TermsSeen, ...]:
    kept = CommissionTerms.objects.filter(commission=row).order_by("number")
    return tuple(
        TermsSeen(
            one.number,
            terms[one.number],
            one.reason,
            one.made_by,
            one.made_at,
            tuple(signed.get(one.number, ())),
            tuple(body for body in terms[one.number].bodies if body not in signed.get(one.number, ())),
        )
        for one in kept
    )


def read_counts(
    row: Commission, team: str = "", from_day: dt.date = FIRST_DAY, before_day: dt.date = LAST_DAY
) -> dict[tuple[str, str], Shown]:
    """Return published counts by lot and band, of months that are over; what nobody is counted in is 0.

    A lot or band of which nothing is known has zeros, so that its absence says nothing.
    """
    found: dict[tuple[str, str], dict[str, int | None]] = {}
    columns = ("lot", "band", "what", "shown")
    for lot, band, what, shown in ask_rows("braid_service_counts", columns, row.pk, team, from_day, before_day):
        found.setdefault((lot, band), dict.fromkeys(COUNTS, 0))[what] = shown
    return dict(found)


def _lots(row: Commission, terms: Terms, paid: Mapping[Line, int]) -> list[LotSeen]:
    known, counts = files(), read_counts(row)
    statement = known.statements.get(terms.statement)
    seen = []
    for lot in terms.lots:
        by_band = {band: counts.get((lot.id, band), dict.fromkeys(COUNTS, 0)) for band in BANDS}
        rates = {band: rates_of(shown) for band, shown in by_band.items()}
        words = eligibility_in_words(statement, lot.eligibility, known.districts) if statement else ()
        of_lot = sum(pence for line, pence in paid.items() if line.lot == lot.id)
        is_creaming = leaves_out({band: rates[band]["refusals"] for band in rates})
        seen.append(LotSeen(lot, words, part_caps(lot), of_lot, by_band, rates, is_creaming))
    return seen


def line_words(line: Line | CommissionPosting, terms: Terms, outcomes: Mapping[str, str]) -> str:
    """Return what a line pays for, in words."""
    names = {lot.id: lot.name for lot in terms.lots}
    what = f"{names.get(line.lot, line.lot)}: {COMPONENTS[line.component].lower()}"
    if not line.outcome:
        return what
    return f"{what}, {outcomes.get(line.outcome, line.outcome)} ({line.score})"


@dataclass(frozen=True)
class ReturnSeen:
    """What a team returned in a round, beside what the records leave."""

    row: RoundReturn
    of_round: ReportingRound
    state_name: str
    is_late: bool
    differences: tuple[Difference, ...]
    risk: str


def recorded_spans(commission: Commission, of_round: ReportingRound, team: str) -> dict[str, tuple[int, int]]:
    """Return of each figure what the published counts of a team's records leave, over all lots and bands."""
    before = of_round.to_date + dt.timedelta(days=1)
    counts = read_counts(commission, team, of_round.from_date, before)
    return {code: span_of(shown[code] for shown in counts.values()) for code in FIGURES}


def see_returns(rows: Sequence[RoundReturn]) -> list[ReturnSeen]:
    """Return returns as pages show them."""
    today = timezone.localdate()
    return [
        ReturnSeen(
            row,
            row.of_round,
            RETURN.states[row.state].name,
            is_late(row.state, row.of_round.due_date, row.given_on, today),
            tuple(compare(row.said, {code: tuple(span) for code, span in row.recorded.items()})) if row.said else (),
            RISKS.get(row.risk, ""),
        )
        for row in rows
    ]


SHARE_NAMES = {code: words for code, (words, _, _) in SHARES.items()}
