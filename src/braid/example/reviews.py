"""What two reviewers of the example place have decided on links so far: most people near a safe address, not all.

No score joins a protected person, so a place in which nobody reviewed would show hardly a victim in two backlogs. The
reviewers know whom they have in front of them and are right; whoever they have not come to yet stands in proposals.
"""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Collection, Iterator
from datetime import timedelta
from itertools import pairwise
from pathlib import Path

from braid.example.model import World
from braid.example.streams import chance, scalar_stream, words
from braid.example.write_geography import write_table

COLUMNS = words(
    "feed_a partner_record_id_a feed_b partner_record_id_b decision decided_by approved_by decided_date reference"
)
REVIEWED_SHARE = 0.8
DECIDER, APPROVER = "Rosalind Stone", "Malcolm Hill"


def write_decisions(world: World, keys: dict[str, dict[str, int]], protected: Collection[int], folder: Path) -> None:
    """Write that the records of each reviewed person are one, readable by the owner alone."""
    path = folder / "link_decisions.csv"
    path.touch(mode=0o600)
    path.chmod(0o600)
    write_table(path, COLUMNS, _rows(world, keys, protected))


def _circle(world: World, protected: Collection[int]) -> set[int]:
    """Return the protected, whoever stands in a case or application or lives in a building with them, and all their
    households.

    Protection spreads over the same ties, so these are the people whom the reviewers are asked about.
    """
    buildings: dict[int, list[int]] = defaultdict(list)
    for person, stays in world.stays.items():
        for stay in stays:
            buildings[stay.address].append(person)
    shared = [*buildings.values()]
    shared += [application.members for application in world.register]
    shared += [case.members for case in world.homeless]
    shared += [[*case.children, *(person for person, _ in case.respondents)] for case in world.family_cases]
    near = {person for members in shared if not set(members).isdisjoint(protected) for person in members}
    return {other for person in near.union(protected) for other in world.members(world.household_of(person))}


def _rows(world: World, keys: dict[str, dict[str, int]], protected: Collection[int]) -> Iterator[list[object]]:
    sealed = {person for adoption in world.adoptions for person in (adoption.before, adoption.since)}
    circle = _circle(world, protected)
    held: dict[int, list[tuple[str, str]]] = defaultdict(list)
    for feed in sorted(keys):
        for key, person in sorted(keys[feed].items()):
            if person in circle and person not in sealed:
                held[person].append((feed, key))
    random = scalar_stream(world.seed, "reviews")
    day = (world.as_of - timedelta(days=7)).isoformat()
    for person in sorted(held):
        if chance(random, REVIEWED_SHARE):
            for left, right in pairwise(held[person]):
                yield [*left, *right, "same", DECIDER, APPROVER, day, f"LR{person:07d}"]
