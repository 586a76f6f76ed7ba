"""What may not be contradicted: trusted identifiers, and the people of one case, who are different people."""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Collection, Iterable, Iterator, Mapping, Sequence
from dataclasses import replace
from itertools import combinations

import pyarrow as pa

from braid.people.model import NO_FACTS, Facts
from braid.people.sources import NOT_SAID, NUMBERS, FeedTrust, SourceTrust, find_trust
from braid.people.standardise import read_identifiers
from braid.people.wrong_numbers import NO_WRONG_NUMBERS, WrongNumbers
from braid.store.engine import Engine

SHARED_CASES = (
    "register",
    "homelessness_prevention",
    "homelessness_relief",
    "main_duty",
    "ta",
    "family_case",
    "criminal_case",
)
"""Kinds of episode whose reference several people share, each by a row: application, homelessness or court case."""


def read_facts(
    engine: Engine,
    records: pa.Table,
    said: FeedTrust = NOT_SAID,
    wrong: WrongNumbers = NO_WRONG_NUMBERS,
    standards: Mapping[str, str] | None = None,
) -> dict[str, Facts]:
    """Return what each record of the linkage table may not contradict. Records that say nothing of the kind are absent.

    A number counts where its check holds, its source vouches for it and does not call it unverified, the record holds
    only one, and review did not find it `wrong`. `said` is what the place says of single feeds, `standards` the
    standard of each (default: as `engine` holds them). Two rows of a feed that holds everybody once are two people.
    """
    names = _names(records)
    identifiers = read_identifiers(engine)
    cases = read_cases(engine, names)
    feeds = dict(zip(_texts(records, "record_id"), _texts(records, "feed"), strict=True))
    trust = find_trust(read_standards(engine) if standards is None else standards, said)
    for record_id, feed in feeds.items():
        if feed and record_id and trust[feed].one_row_a_person:
            cases[record_id].add(f"one row\x1f{feed}")
    return {
        record_id: Facts(
            _claims(identifiers.get(record_id, {}), feeds.get(record_id) or "", trust, wrong.held.get(record_id, ())),
            frozenset(identifiers.get(record_id, {}).get("former_upn", ())),
            frozenset(cases.get(record_id, ())),
        )
        for record_id in identifiers.keys() | cases.keys()
    }


def read_standards(engine: Engine) -> dict[str, str]:
    """Return the standard of each feed that has a person record."""
    return {row["feed"]: row["standard"] for row in engine.rows("select distinct feed, standard from person_record")}


def read_cases(engine: Engine, names: Mapping[str, str]) -> dict[str, set[str]]:
    """Return the cases each record shares with other people of its feed, as opaque texts.

    `names` maps a record to its forenames and birth date, in words. Two rows of one case that agree on the first
    forename and the date are one person entered twice, not two people, so the case does not divide them; unless each
    has a further name that the other has not, as brothers do who share the first.
    """
    members: dict[str, set[str]] = defaultdict(set)
    kinds = ", ".join(f"'{kind}'" for kind in SHARED_CASES)
    held = engine.arrow(
        "select person_record_id, feed, episode_ref as ref from episode"
        f" where episode_ref is not null and kind in ({kinds})"
        " union all select person_record_id, feed, household_ref from stay where household_ref is not null"
    )
    for record_id, feed, ref in zip(*(column.to_pylist() for column in held.columns), strict=True):
        members[f"{feed}\x1f{ref}"].add(record_id)
    related = engine.arrow("select person_record_id, other_person_record_id from relationship")
    for one, other in zip(*(column.to_pylist() for column in related.columns), strict=True):
        members["\x1f".join(sorted((one, other)))] |= {one, other}
    found: dict[str, set[str]] = defaultdict(set)
    for case, record_ids in members.items():
        for record_id, token in _tokens(case, sorted(record_ids), names):
            found[record_id].add(token)
    for victim, accused in _victims_and_accused(engine):
        token = "\x1f".join(("accused", victim, accused))
        found[victim].add(token)
        found[accused].add(token)
    return found


def _victims_and_accused(engine: Engine) -> Iterator[tuple[str, str]]:
    """Yield the records of a victim and of an accused whom the police reference of one case names: never one person.

    The reference is no key by which to join the two sources: it is what the two people have in common.
    """
    rows = engine.rows(
        "select distinct v.person_record_id as victim, a.person_record_id as accused"
        " from identifier v join identifier a on a.value = v.value"
        " where v.scheme = 'case_urn' and a.scheme = 'case_urn'"
        " and v.standard = 'victim_service' and a.standard = 'common_platform'"
        " order by victim, accused"
    )
    yield from ((row["victim"], row["accused"]) for row in rows)


def _tokens(case: str, record_ids: Sequence[str], names: Mapping[str, str]) -> Iterable[tuple[str, str]]:
    """Yield what divides the records of a case: the case itself, or every true pair where somebody is in it twice."""
    known: dict[tuple[str, str], list[str]] = defaultdict(list)
    for record_id in record_ids:
        if record_id in names:
            first, *_, born = names[record_id].split()
            known[first, born].append(names[record_id])
    is_twice = any(_are_one(*pair) for alike in known.values() for pair in combinations(alike, 2))
    if len(record_ids) > 1 and not is_twice:
        yield from ((record_id, case) for record_id in record_ids)
        return
    for left, right in combinations(record_ids, 2):
        if left not in names or right not in names or not _are_one(names[left], names[right]):
            token = f"{case}\x1f{left}\x1f{right}"
            yield from ((left, token), (right, token))


def _are_one(left: str, right: str) -> bool:
    """Tell whether two forenames with birth dates may be one person's: further names, where one has any, fit."""
    (first, *ours, born), (other_first, *theirs, other_born) = left.split(), right.split()
    fit = set(ours) <= set(theirs) or set(theirs) <= set(ours)
    return (first, born) == (other_first, other_born) and fit


def with_apart(facts: Mapping[str, Facts], pairs: Iterable[tuple[str, str]]) -> dict[str, Facts]:
    """Return the facts with pairs that look like two people of one family, each as a case that both stand in.

    So a record that fits both of two twins joins neither, and nothing chains them together.
    """
    cases: dict[str, set[str]] = defaultdict(set)
    for left, right in pairs:
        for record_id in (left, right):
            cases[record_id].add(f"apart\x1f{left}\x1f{right}")
    added = {
        record_id: replace(old, cases=old.cases | cases[record_id])
        for record_id, old in ((record_id, facts.get(record_id, NO_FACTS)) for record_id in cases)
    }
    return {**facts, **added}


def _names(records: pa.Table) -> dict[str, str]:
    ids, forenames, dates = (_texts(records, name) for name in ("record_id", "forename", "birth_date"))
    every: list[list[str] | None] = records.column("forenames").to_pylist()
    return {
        str(record_id): " ".join((*(words or [forename]), birth_date))
        for record_id, forename, words, birth_date in zip(ids, forenames, every, dates, strict=True)
        if forename and birth_date
    }


def _texts(records: pa.Table, column: str) -> list[str | None]:
    texts: list[str | None] = records.column(column).to_pylist()
    return texts


def _claims(
    identifiers: Mapping[str, list[str]], feed: str, trust: Mapping[str, SourceTrust], wrong: Collection[str]
) -> dict[str, str]:
    """Return the identifiers a record stands by, but those that are `wrong` or that its source does not vouch for.

    A council's own number of a child counts only within its feed, and only where no national number is known: a child
    entered twice has two of the council's numbers but one pupil number.
    """
    held = {scheme: identifiers[scheme][0] for scheme in ("nhs", "upn") if len(identifiers.get(scheme, ())) == 1}
    trusted = trust[feed].trusted_numbers if feed in trust else NUMBERS
    found = {scheme: value for scheme, value in held.items() if scheme in trusted and scheme not in wrong}
    if not held and len(identifiers.get("la_child", ())) == 1:
        found[f"la_child {feed}"] = identifiers["la_child"][0]
    return found
