"""A ledger as somebody would keep it on paper: plain dicts, no double entry, no line of the code that it is held
against.

Months are whole numbers (year times twelve), amounts have the sign that people say them with, and every rule is written
out again. `asked` answers whether an order would be taken, and does it.
"""

from __future__ import annotations

import datetime as dt
from collections import defaultdict


def month_number(day: dt.date) -> int:
    return day.year * 12 + day.month - 1


def year_of_month(number: int) -> int:
    year, index = divmod(number, 12)
    return year if index >= 3 else year - 1


class TwinFund:
    """What is known of one fund, and its figures."""

    def __init__(self, fund) -> None:
        self.id, self.host, self.carries = fund.id, fund.host, fund.underspend == "carry"
        self.first, self.last = fund.from_date, fund.to_date
        self.first_year, self.last_year = (
            year_of_month(month_number(self.first)),
            year_of_month(month_number(self.last)),
        )
        self.threshold = fund.approve_from_pence
        self.bodies = sorted({body for body, _ in fund.contributions})
        self.agreed = dict(fund.contributions)
        self.shares, self.underspend, self.overspend = dict(fund.shares), fund.underspend, fund.overspend
        self.movable = fund.basis.code == "integrated_settlement"
        self.moved_percent = fund.most_moved_percent
        self.planned = {(line.id, year): pence for line in fund.lines.values() for year, pence in line.budgets.items()}
        self.lines = sorted(fund.lines)
        self.closed = None
        self.budget, self.committed, self.spent = (defaultdict(int) for _ in range(3))
        self.contributed, self.moved_out = defaultdict(int), defaultdict(int)
        self.cash = self.payable = 0
        self.owes = defaultdict(int)
        self.given_back = defaultdict(int)
        self.opened_years = set()

    def years(self):
        return range(self.first_year, self.last_year + 1)

    def left(self, line):
        """By year, what the line has left."""
        found, before = {}, 0
        for year in self.years():
            own = self.budget[line, year] - self.committed[line, year] - self.spent[line, year]
            found[year] = own + (before if self.carries else 0)
            before = found[year]
        return found


class Twin:
    """The ledger of some funds."""

    def __init__(self, funds) -> None:
        self.funds = {fund.id: TwinFund(fund) for fund in funds}
        self.entries = {}
        self.references = set()

    # An entry is a dict: kind, fund, month, by, state, effects [(fund, name, key, pence)], line, commitment, amount.

    def _apply(self, effects) -> None:
        for fund_id, name, key, pence in effects:
            fund = self.funds[fund_id]
            if key is None:
                setattr(fund, name, getattr(fund, name) + pence)
            else:
                getattr(fund, name)[key] += pence

    def remaining(self, commitment) -> int:
        """What is left of a commitment: all that was done about it, added up from the beginning."""
        return sum(
            pence
            for entry in self.entries_of.get(commitment, ())
            if entry["state"] == "posted"
            for _, name, _, pence in entry["effects"]
            if name == "committed"
        )

    @property
    def entries_of(self):
        return self.__dict__.setdefault("_entries_of", {})

    def post(self, entry_id, order) -> str:
        """Take an order; return "posted", "awaiting" or "no"."""
        effects = self._effects(entry_id, order)
        if effects is None:
            return "no"
        effects, line, commitment, amount = effects
        fund = self.funds[order.fund]
        touched = {one[0] for one in effects}
        belongs = month_number(order.occurred_date)
        if order.kind in ("commitment", "actual", "accrual", "virement"):
            for one in touched:
                if not self.funds[one].first <= order.occurred_date <= self.funds[one].last:
                    return "no"
        if any(belongs < month_number(self.funds[one].first) for one in touched):
            return "no"
        month = max([belongs] + [self.funds[one].closed + 1 for one in touched if self.funds[one].closed is not None])
        if any(year_of_month(month) > self.funds[one].last_year for one in touched):
            return "no"
        year = year_of_month(month)
        effects = [(one, name, self._key(name, key, year), pence) for one, name, key, pence in effects]
        entry = {
            "kind": order.kind, "fund": order.fund, "month": month, "by": order.by, "effects": effects, "line": line,
            "commitment": commitment, "amount": amount, "reverses": order.reverses, "override": order.override,
            "body": order.body,
        }  # fmt: skip
        if order.override and not order.note:
            return "no"
        if order.reference and (order.fund, order.reference) in self.references:
            return "no"
        if not self._stands(entry_id, entry):
            return "no"
        limit = min(self.funds[one].threshold for one in touched)
        entry["state"] = "awaiting" if amount >= limit else "posted"
        self.entries[entry_id] = entry
        if commitment is not None:
            self.entries_of.setdefault(commitment, []).append(entry)
        if order.reference:
            self.references.add((order.fund, order.reference))
        if entry["state"] == "posted":
            self._apply(effects)
        del fund
        return entry["state"]

    @staticmethod
    def _key(name, key, year):
        if name in ("budget", "committed", "spent", "contributed"):
            return (key, year)
        return year if name == "moved_out" else key

    def _effects(self, entry_id, order):
        fund = self.funds.get(order.fund)
        if fund is None:
            return None
        f, pence, line = fund.id, order.amount_pence, order.line
        if order.kind in ("correction", "reversal"):
            return self._undone(order)
        if pence <= 0:
            return None
        if order.kind in ("contribution", "settlement"):
            if order.body not in fund.bodies and order.body != fund.host:
                return None
            if order.kind == "contribution":
                return [(f, "owes", order.body, pence), (f, "contributed", order.body, pence)], "", None, pence
            sign = 1 if fund.owes[order.body] >= 0 else -1
            return [(f, "cash", None, sign * pence), (f, "owes", order.body, -sign * pence)], "", None, pence
        if order.kind == "commitment":
            return ([(f, "committed", line, pence)], line, entry_id, pence) if line in fund.lines else None
        if order.kind == "release":
            was = self._commitment(order)
            if was is None or (line and line != was["line"]):
                return None
            return [(f, "committed", was["line"], -pence)], line, order.commitment, pence
        if line not in fund.lines:
            return None
        if order.kind in ("actual", "accrual"):
            source = [(f, "cash", None, -pence)] if order.kind == "actual" else [(f, "payable", None, pence)]
            effects = [(f, "spent", line, pence), *source]
            if order.commitment is not None:
                was = self._commitment(order)
                if was is None or was["line"] != line:
                    return None
                drawn = max(0, min(pence, self.remaining(order.commitment)))
                effects.append((f, "committed", line, -drawn))
            return effects, line, order.commitment, pence
        other = self.funds.get(order.to_fund or f)
        if other is None or order.to_line not in other.lines:
            return None
        moved = [(f, "budget", line, -pence), (other.id, "budget", order.to_line, pence)]
        if other.id == f:
            return (moved, line, None, pence) if order.to_line != line else None
        if not (fund.movable and other.movable and fund.host == other.host):
            return None
        cash = [(f, "cash", None, -pence), (other.id, "cash", None, pence)]
        outs = [(f, "moved_out", "", pence), (other.id, "moved_out", "", -pence)]
        return moved + cash + outs, line, None, pence

    def _commitment(self, order):
        was = self.entries.get(order.commitment)
        is_one = was and was["state"] == "posted" and was["kind"] == "commitment" and was["fund"] == order.fund
        return was if is_one else None

    def _undone(self, order):
        was = self.entries.get(order.reverses)
        if was is None or was["state"] != "posted" or was["fund"] != order.fund:
            return None
        if was["kind"] in ("correction", "reversal", "budget", "year_end"):
            return None
        if any(
            one["reverses"] == order.reverses and one["state"] != "refused" for one in self._undoing(order.reverses)
        ):
            return None
        if order.kind == "reversal" and (was["kind"] != "accrual" or month_number(order.occurred_date) <= was["month"]):
            return None
        effects = [(one, name, self._plain(name, key), -pence) for one, name, key, pence in was["effects"]]
        return effects, was["line"], was["commitment"], was["amount"]

    def _undoing(self, entry_id):
        return [one for one in self.entries.values() if one["reverses"] == entry_id]

    @staticmethod
    def _plain(name, key):
        if name in ("budget", "committed", "spent", "contributed"):
            return key[0]
        return "" if name == "moved_out" else key

    def _stands(self, entry_id, entry) -> bool:
        effects, year = entry["effects"], year_of_month(entry["month"])
        for one in {effect[0] for effect in effects}:
            if self.funds[one].closed is not None and entry["month"] <= self.funds[one].closed:
                return False
        commitment = entry["commitment"]
        if commitment is not None and commitment != entry_id:
            change = sum(pence for _, name, _, pence in effects if name == "committed")
            if self.remaining(commitment) + change < 0:
                return False
        if entry["kind"] == "settlement":
            owed = self.funds[entry["fund"]].owes[entry["body"]]
            paid = next(-pence for _, name, _, pence in effects if name == "owes")
            if abs(paid) > abs(owed) or (paid > 0) != (owed > 0):
                return False
        if entry["kind"] == "virement":
            for one, name, key, pence in effects:
                if name == "moved_out" and pence > 0:
                    fund = self.funds[one]
                    agreed = sum(each for (_, at), each in fund.agreed.items() if at == year)
                    if fund.moved_out[key] + pence > agreed * fund.moved_percent // 100:
                        return False
        lacking = defaultdict(int)
        for one, name, key, pence in effects:
            if name in ("budget", "committed", "spent"):
                lacking[one, key[0]] += -pence if name == "budget" else pence
        for (one, line), taken in lacking.items():
            fund = self.funds[one]
            ends = {at: left for at, left in fund.left(line).items() if at == year or (fund.carries and at > year)}
            is_short = taken > 0 and any(left - taken < 0 for left in ends.values())
            if is_short and (entry["kind"] == "virement" or not entry["override"]):
                return False
        return True

    def open_year(self, fund_id, year) -> bool:
        fund = self.funds[fund_id]
        planned = {line: pence for (line, at), pence in fund.planned.items() if at == year and pence}
        month = max(year * 12 + 3, month_number(fund.first))
        if year in fund.opened_years or not planned or (fund.closed is not None and month <= fund.closed):
            return False
        fund.opened_years.add(year)
        for line, pence in planned.items():
            fund.budget[line, year] += pence
        return True

    def approve(self, entry_id, by) -> bool:
        entry = self.entries.get(entry_id)
        if entry is None or entry["state"] != "awaiting" or by == entry["by"] or not self._stands(entry_id, entry):
            return False
        entry["state"] = "posted"
        self._apply(entry["effects"])
        return True

    def refuse(self, entry_id) -> bool:
        entry = self.entries.get(entry_id)
        if entry is None or entry["state"] != "awaiting":
            return False
        entry["state"] = "refused"
        return True

    def close(self, fund_id, month) -> bool:
        fund, number = self.funds[fund_id], month_number(month)
        first_open = month_number(fund.first) if fund.closed is None else fund.closed + 1
        if number != first_open or year_of_month(number) > fund.last_year:
            return False
        for entry in self.entries.values():
            touches = any(effect[0] == fund_id for effect in entry["effects"])
            if touches and entry["state"] == "awaiting" and entry["month"] == number:
                return False
        if number % 12 == 2 and not fund.carries:
            self._end(fund, year_of_month(number))
        fund.closed = number
        return True

    def _end(self, fund, year) -> None:
        upto = [at for at in fund.years() if at <= year]
        came = sum(fund.contributed[body, at] for body in {*fund.bodies, fund.host} for at in upto)
        gone = sum(fund.spent[line, at] + fund.committed[line, at] for line in fund.lines for at in upto)
        left = came - gone - sum(fund.given_back.values()) - sum(fund.moved_out[at] for at in upto)
        rule = fund.underspend if left > 0 else fund.overspend
        if rule == "share":
            weights = fund.shares
        elif rule == "host":
            weights = {fund.host: 1}
        else:
            weights = {body: max(0, fund.contributed[body, year]) for body in fund.bodies}
            if not any(weights.values()):
                weights = {body: fund.agreed.get((body, year), 0) for body in fund.bodies}
            if not any(weights.values()):
                weights = {fund.host: 1}
        for body, pence in pennies(abs(left), weights).items():
            fund.owes[body] += pence if left < 0 else -pence
            fund.given_back[body] += -pence if left < 0 else pence
        for line in fund.lines:
            fund.budget[line, year] -= fund.left(line)[year]


def pennies(pence, weights):
    """Share out by giving one penny at a time to whoever is furthest below their exact share, once all have the whole
    part."""
    whole = sum(weights.values())
    parts = {one: (pence * weight) // whole for one, weight in weights.items()}
    while sum(parts.values()) < pence:
        behind = {one: pence * weights[one] - parts[one] * whole for one in weights}
        most = max(behind.values())
        parts[min(one for one in behind if behind[one] == most)] += 1
    return parts
