"""Sudden changes of a feed's shape against its own history: what a partner would want to hear of the same day.

A change is told where it is large *and* beyond chance *and* beyond what the feed did before, so that ordinary variation
says nothing:

- **rows**: the logarithm of the ratio to the last extract and to the median of the history, against how far the history
  itself went from its median, and three standard errors of two Poisson counts.
- **shares** (filled, refused, not mapped): the distance from the range of the history, and a two-proportion z test.
- **codes**: the population stability index, by the credit industry's rule of thumb a large shift from 0.25 on (Siddiqi,
  Credit Risk Scorecards, 2006). Of small counts it is large by chance alone: divided by 1/n + 1/m it is distributed as
  chi-square with one degree less than there are codes (Yurdakul, Statistical Properties of Population Stability Index,
  2018), and must pass that test as well. Codes of which fewer than five are expected are taken together.

Rows of one extract resemble those of the last one, which makes these tests stricter than their names.
"""

from __future__ import annotations

import math
from collections import defaultdict
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass
from itertools import pairwise
from statistics import median

from braid.language.codes import CODE_LISTS, SHAPE_ALERTS

Shape = Mapping[tuple[str, str, str, str], tuple[int, int]]
"""Value and base by measure, table, column and code, as `braid.extracts.feed_shape.shape_of` makes it."""
HISTORY = 12
"""Extracts before this one that it is compared with."""
FEWEST_ROWS, FEWEST_BASE, FEWEST = 30, 30, 15
"""Rows, records of a share, and cases, of fewer of which nothing is told."""
LARGE_RATIO, LARGE_RATIO_OF_TWO = math.log(1.3), math.log(1.5)
"""Change of rows from which on one is told; where only one extract is known, the larger."""
LARGE_SHARE, LARGE_REFUSED, LARGE_UNMAPPED = 0.10, 0.02, 0.05
LARGE_INDEX = 0.25
SMALL_SHARE = 0.05
DEVIATIONS = 4.0
POISSON_DEVIATIONS = 3.2
NORMAL_QUANTILE = 3.719
"""Of one in ten thousand."""
OLDER_DAYS = 28


@dataclass(frozen=True)
class ShapeAlert:
    """One sudden change. `kind` is a code of the list `shape_alert`; figures are shares, or numbers of rows or days."""

    kind: str
    table: str
    column: str
    code: str
    before: float
    now: float

    @property
    def words(self) -> str:
        """What changed, in a sentence, with figures and no row."""
        where = " of ".join(part for part in (self.column, self.table.replace("_", " ")) if part)
        code = f" {self.code}" if self.code else ""
        return f"{SHAPE_ALERTS[self.kind]}{f': {where}{code}' if where or code else ''} ({self._figures()})"

    def _figures(self) -> str:
        if self.kind in ("rows_fewer", "rows_more", "records_gone"):
            return f"{self.before:,.0f} before, {self.now:,.0f} now"
        if self.kind == "dates_older":
            return f"{self.before:.0f} days behind at most before, {self.now:.0f} now"
        if self.kind == "codes_shifted":
            return f"stability index {self.now:.2f}, at most {self.before:.2f} before"
        return f"{self.before:.0%} before, {self.now:.0%} now"

    def document(self) -> dict[str, str | float]:
        """Return the alert as a JSON document."""
        return {**self.__dict__, "words": self.words}


def find_alerts(now: Shape, history: Sequence[Shape]) -> list[ShapeAlert]:
    """Return what changed suddenly between the history of a feed, oldest first, and now; nothing without a history."""
    before = list(history)[-HISTORY:]
    if not before:
        return []
    found = [*_rows(now, before)]
    if not any(one.kind == "rows_fewer" and one.now == 0 for one in found):  # of nothing, all else is gone as well
        found += [*_shares(now, before), *_records(now, before), *_codes(now, before), *_dates(now, before)]
        found += [*_unmapped(now, before)]
    order = list(CODE_LISTS["shape_alert"])
    gone = {one.table for one in found if one.kind == "records_gone"}
    told = [one for one in found if one.kind == "records_gone" or one.table not in gone]
    return sorted(told, key=lambda one: (order.index(one.kind), one.table, one.column, one.code))


def _rows(now: Shape, before: Sequence[Shape]) -> Iterator[ShapeAlert]:
    count = now.get(("rows", "", "", ""), (0, 0))[0]
    past = [one.get(("rows", "", "", ""), (0, 0))[0] for one in before]
    middle, last = median(past), past[-1]
    if max(count, last, middle) < FEWEST_ROWS:
        return
    went = [abs(math.log((one + 0.5) / (middle + 0.5))) for one in past]
    limit = max(
        LARGE_RATIO if len(past) > 1 else LARGE_RATIO_OF_TWO,
        1.5 * max(went),
        POISSON_DEVIATIONS * math.sqrt(1 / (count + 1) + 1 / (last + 1)),
    )
    changes = [math.log((count + 0.5) / (one + 0.5)) for one in (middle, last)]
    smallest = min(changes, key=abs)
    if abs(smallest) > limit or (count == 0 and min(past) > 0):
        yield ShapeAlert("rows_fewer" if smallest < 0 else "rows_more", "", "", "", last, count)


def _records(now: Shape, before: Sequence[Shape]) -> Iterator[ShapeAlert]:
    for key in {key for one in before for key in one if key[0] == "records"}:
        past = [one.get(key, (0, 0))[0] for one in before]
        if min(past) >= FEWEST and now.get(key, (0, 0))[0] == 0:
            yield ShapeAlert("records_gone", key[1], "", "", past[-1], 0)


def _shares(now: Shape, before: Sequence[Shape]) -> Iterator[ShapeAlert]:
    for key, (value, base) in now.items():
        if key[0] not in ("filled", "rejected"):
            continue
        past = [one[key] for one in before if key in one and one[key][1]]
        if not past or min(base, past[-1][1]) < FEWEST_BASE:
            continue
        share, shares = value / base, [one / of for one, of in past]
        if not _is_beyond_chance((value, base), past[-1]):
            continue
        if key[0] == "rejected":
            if share > max(shares) + LARGE_REFUSED and value >= FEWEST:
                yield ShapeAlert("rejected_more", "", "", "", shares[-1], share)
            continue
        kind = _kind_of_filling(value, base, past)
        if kind:
            yield ShapeAlert(kind, key[1], key[2], "", shares[-1], share)


def _kind_of_filling(value: int, base: int, past: Sequence[tuple[int, int]]) -> str:
    share, shares = value / base, [one / of for one, of in past]
    if value == 0 and min(shares) >= SMALL_SHARE and shares[-1] * base >= FEWEST:
        return "column_gone"
    if max(shares) == 0 and share >= SMALL_SHARE and value >= FEWEST:
        return "column_new"
    return "filled_otherwise" if max(share - max(shares), min(shares) - share) > LARGE_SHARE else ""


def _is_beyond_chance(one: tuple[int, int], other: tuple[int, int]) -> bool:
    """Return whether two shares differ by more than `DEVIATIONS` standard errors of their difference."""
    pooled = (one[0] + other[0]) / (one[1] + other[1])
    error = math.sqrt(pooled * (1 - pooled) * (1 / one[1] + 1 / other[1]))
    return error > 0 and abs(one[0] / one[1] - other[0] / other[1]) > DEVIATIONS * error


def _codes(now: Shape, before: Sequence[Shape]) -> Iterator[ShapeAlert]:
    series = [_by_column(one) for one in (*before, now)]
    for column in sorted({column for one in series for column in one}):
        counts = [one.get(column, {}) for one in series]
        last, newest = counts[-2], counts[-1]
        if min(sum(last.values()), sum(newest.values())) < FEWEST_BASE:
            continue
        yield from _new_and_gone(column, counts[:-1], newest)
        index, is_beyond = stability_index(last, newest)
        earlier = [stability_index(one, other)[0] for one, other in pairwise(counts[:-1]) if one and other]
        most = max(earlier, default=0.0)
        if is_beyond and index > LARGE_INDEX and index > 2 * most:
            yield ShapeAlert("codes_shifted", *column, "", most, index)


def _by_column(shape: Shape) -> dict[tuple[str, str], dict[str, int]]:
    found: dict[tuple[str, str], dict[str, int]] = defaultdict(dict)
    for (measure, table, column, code), (value, _) in shape.items():
        if measure == "codes":
            found[table, column][code] = value
    return found


def _new_and_gone(
    column: tuple[str, str], past: Sequence[Mapping[str, int]], newest: Mapping[str, int]
) -> Iterator[ShapeAlert]:
    base, last = sum(newest.values()), sum(past[-1].values())
    for code, value in newest.items():
        if value >= max(FEWEST, SMALL_SHARE * base) and not any(one.get(code) for one in past):
            yield ShapeAlert("code_new", *column, code, 0.0, value / base)
    for code, value in past[-1].items():
        is_usual = all(one.get(code, 0) >= SMALL_SHARE * sum(one.values()) for one in past)
        if is_usual and code not in newest and value / last * base >= FEWEST:
            yield ShapeAlert("code_gone", *column, code, value / last, 0.0)


def stability_index(before: Mapping[str, int], now: Mapping[str, int]) -> tuple[float, bool]:
    """Return the population stability index of two spreads of codes, and whether it is more than chance makes it."""
    m, n = sum(before.values()), sum(now.values())
    if not m or not n:
        return 0.0, False
    pairs, rest = [], [0, 0]
    for code in sorted({*before, *now}):
        pair = (before.get(code, 0), now.get(code, 0))
        if sum(pair) * min(m, n) / (m + n) >= 5:  # expected in the smaller of the two
            pairs.append(pair)
        else:
            rest = [rest[0] + pair[0], rest[1] + pair[1]]
    if sum(rest):
        pairs.append((rest[0], rest[1]))
    if len(pairs) < 2:
        return 0.0, False
    half = 0.5  # so that a code that is not there has a logarithm
    shares = [((b + half) / (m + half * len(pairs)), (a + half) / (n + half * len(pairs))) for b, a in pairs]
    index = sum((q - p) * math.log(q / p) for p, q in shares)
    return index, index / (1 / n + 1 / m) > chi_square_quantile(len(pairs) - 1)


def chi_square_quantile(freedom: int) -> float:
    """Return the quantile of one in ten thousand of chi-square, by the cube of Wilson and Hilferty (1931)."""
    step = 2 / (9 * freedom)
    return float(freedom * (1 - step + NORMAL_QUANTILE * math.sqrt(step)) ** 3)


def _dates(now: Shape, before: Sequence[Shape]) -> Iterator[ShapeAlert]:
    for key, (value, base) in now.items():
        past = [one[key][0] for one in before if key in one]
        if key[0] == "newest" and past and base >= FEWEST_BASE and value > max(past) + OLDER_DAYS:
            yield ShapeAlert("dates_older", key[1], key[2], "", max(past), value)


def _unmapped(now: Shape, before: Sequence[Shape]) -> Iterator[ShapeAlert]:
    for key, (value, base) in now.items():
        if key[0] != "unmapped":
            continue
        past = [one.get(key, (0, one.get(("rows", "", "", ""), (0, 0))[1])) for one in before]
        shares = [times / of if of else 0.0 for times, of in past]
        share = value / base if base else 0.0
        if not key[2].endswith((":code-unknown", "(code)")):
            if max(times for times, _ in past) == 0:
                yield ShapeAlert("column_unknown", "", key[2], "", 0.0, min(share, 1.0))
        elif value >= FEWEST and share > max(shares) + LARGE_UNMAPPED:
            yield ShapeAlert("codes_unknown", "", key[2], "", shares[-1], min(share, 1.0))
