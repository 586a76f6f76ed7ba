"""Person ids that stay from run to run: random, never used twice, with every merge and split written down."""

from __future__ import annotations

import datetime as dt
import uuid
from collections import Counter, defaultdict
from collections.abc import Callable, Mapping, Sequence, Set

from braid.people.model import HistoryRow, Identities

NO_FORMERS: Mapping[str, Sequence[str]] = {}
NOT_KNOWN_WHEN: Mapping[str, dt.datetime] = {}


def draw_id() -> str:
    """Return a fresh random id: 32 hexadecimal digits that say nothing about anybody."""
    return uuid.uuid4().hex


def assign_ids(
    previous: Mapping[str, str],
    groups: Sequence[Sequence[str]],
    draw: Callable[[], str] = draw_id,
    remembered: Mapping[str, str] | None = None,
    ended: Set[str] = frozenset(),
    formers: Mapping[str, Sequence[str]] = NO_FORMERS,
    arrived: Mapping[str, dt.datetime] = NOT_KNOWN_WHEN,
) -> Identities:
    """Give every group of records a person id.

    `previous` maps a record of the run before to the person it was, `remembered` one that only earlier runs held. A
    group keeps the id that most of its earlier records had; where two groups want one id, the one with more of its
    records has it, ties go to the smaller id and the earlier record. A group left without one gets back the id that
    most of its records had before they were merged, by `formers`, where nobody has it now, and the id that they were
    merged into goes to whoever had it then: where all of its records came to it, by `arrived`, to those that came
    first; else a new one from `draw`, never one that was in use. Nobody keeps an id
    in `ended`, nor does the history say who its records are now: it led across a seal.
    """
    known = {**(remembered or {}), **previous}
    wants = [
        Counter(known[record] for record in group if record in known and known[record] not in ended) for group in groups
    ]
    free = {person_id for ids in formers.values() for person_id in ids} - {*previous.values(), *ended}
    came = {record for record, ids in formers.items() if not free.isdisjoint(ids)}
    natives = _count_natives(wants, groups, known, came, arrived)
    kept = _keep_ids(wants, groups, natives)
    back = _take_back(wants, groups, kept, formers, free - set(kept.values()))
    kept |= back
    used = set(known.values()) | {person_id for ids in formers.values() for person_id in ids}
    ids: list[str] = []
    for place in range(len(groups)):
        person_id = kept.get(place) or _draw_unused(used, draw)
        used.add(person_id)
        ids.append(person_id)
    person_ids = {record: person_id for group, person_id in zip(groups, ids, strict=True) for record in group}
    history = _history(set(previous.values()), wants, ids, frozenset(back.values()))
    return Identities(person_ids, tuple(sorted(history, key=_history_order)))


def _count_natives(
    wants: Sequence[Counter[str]],
    groups: Sequence[Sequence[str]],
    known: Mapping[str, str],
    came: Set[str],
    arrived: Mapping[str, dt.datetime],
) -> list[Counter[str]]:
    """Count by group the records that did not come to an id by a merge; where all did, those that came to it first."""
    natives = [Counter(known[record] for record in group if record in known and record not in came) for group in groups]
    wanted = Counter(person_id for want in wants for person_id in want)
    contested = {person_id for person_id, times in wanted.items() if times > 1}
    contested -= {person_id for count in natives for person_id in count}
    arrivals: dict[str, list[tuple[dt.datetime, int]]] = defaultdict(list)
    for place, group in enumerate(groups if contested else ()):
        for record in group:
            if known.get(record) in contested and record in arrived:
                arrivals[known[record]].append((arrived[record], place))
    for person_id, found in arrivals.items():
        first = min(found)[0]
        for at, place in found:
            natives[place][person_id] += at == first
    return natives


def _keep_ids(
    wants: Sequence[Counter[str]], groups: Sequence[Sequence[str]], natives: Sequence[Counter[str]]
) -> dict[int, str]:
    """Return which group keeps which id; `natives` count the records that did not come to an id by a merge."""
    claims = sorted(
        (-natives[place][person_id], -count, person_id, min(groups[place]), place)
        for place, want in enumerate(wants)
        for person_id, count in want.items()
    )
    kept: dict[int, str] = {}
    taken: set[str] = set()
    for _, _, person_id, _, place in claims:
        if place not in kept and person_id not in taken:
            kept[place] = person_id
            taken.add(person_id)
    return kept


def _take_back(
    wants: Sequence[Counter[str]],
    groups: Sequence[Sequence[str]],
    kept: Mapping[int, str],
    formers: Mapping[str, Sequence[str]],
    free: Set[str],
) -> dict[int, str]:
    """Return the ids that groups which were parted from somebody had before they were merged, of each record the last.

    `formers` has the latest first: an id that was given up long before must not stand in for the one that was merged.
    """
    earlier = [
        Counter(
            last for record in group for last in [person for person in formers.get(record, ()) if person in free][:1]
        )
        if want and place not in kept
        else Counter()
        for place, (want, group) in enumerate(zip(wants, groups, strict=True))
    ]
    return _keep_ids(earlier, groups, earlier)


def _draw_unused(used: set[str], draw: Callable[[], str]) -> str:
    person_id = draw()
    while person_id in used:
        person_id = draw()
    return person_id


def _history(present: set[str], wants: Sequence[Counter[str]], ids: Sequence[str], back: Set[str]) -> list[HistoryRow]:
    """Say what became of everybody who was present in the run before, or is claimed again by a group now.

    `back` are ids that were merged once and are taken back. Causes are for `braid.people.causes` to find.
    """
    heirs: dict[str, list[tuple[int, str]]] = defaultdict(list)
    for want, person_id in zip(wants, ids, strict=True):
        for old, count in want.items():
            heirs[old].append((-count, person_id))
    rows: list[HistoryRow] = []
    alive = set(ids)
    for old in sorted(present | heirs.keys()):
        rows += _fate(old, sorted(heirs[old]), old in alive)
        if old in alive and old not in present:
            rows.append(HistoryRow(old, "returned", None, ""))
    rows += [
        HistoryRow(person_id, "returned" if person_id in back else "new", None, "")
        for person_id in ids
        if person_id not in heirs or not heirs[person_id]
    ]
    return rows


def _fate(old: str, heirs: list[tuple[int, str]], is_alive: bool) -> list[HistoryRow]:
    if not heirs:
        return [HistoryRow(old, "retired", None, "")]
    others = [person_id for _, person_id in heirs if person_id != old]
    if is_alive:
        return [HistoryRow(person_id, "split", old, "") for person_id in others]
    merged = HistoryRow(old, "merged", others[0], "")
    return [merged, *(HistoryRow(person_id, "split", old, "") for person_id in others[1:])]


def _history_order(row: HistoryRow) -> tuple[str, str, str]:
    return (row.person_id, row.change, row.other_person_id or "")
