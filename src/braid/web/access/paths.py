"""The critical path and the root blocker of a person, as far as the viewer may see them.

They are worked out from the waits and blockers that stand on the same page, and from nothing else. So a blocker that is
hidden leaves no trace: not in the path, not in its length, and not in that there is none. Withholding the path of the
run where one of its steps is hidden would tell that something is, and so would showing it with a gap.
"""

from collections.abc import Sequence

from braid.waits.person_graph import Edge, Waiting, find_path, first_owner
from braid.web.access.projections import BlockerSeen, PathSeen, RootSeen, WaitSeen


def path_seen(waits: Sequence[WaitSeen], blockers: Sequence[BlockerSeen]) -> PathSeen | None:
    """Return the path over running waits and their blockers; `None` where none of them is held up.

    What is missing has no id in the published set: it is taken to be one thing for each wait that it holds up.
    """
    edges = {
        f"{number:06}": Edge(f"{number:06}", blocker.held_wait_id, _holder(blocker))
        for number, blocker in enumerate(blockers)
    }
    path = find_path([Waiting(wait.wait_id, wait.elapsed_days, _days_over(wait)) for wait in waits], edges.values())
    if path is None:
        return None
    names = {wait.wait_id: wait.kind_name for wait in waits}
    days = {wait.wait_id: wait.elapsed_days for wait in waits}
    said = dict(zip(edges, blockers, strict=True))
    by_root = [edge for edge in edges.values() if edge.holder == path.root.holder and edge.held in names]
    words = {edge.blocker_id: _owner(said[edge.blocker_id]) for edge in by_root}
    first = said[first_owner(by_root, words, days)]
    return PathSeen(
        end=names[path.end],
        steps=tuple(said[edge.blocker_id] for edge in reversed(path.edges)),
        days=path.days,
        days_over=path.days_over,
        deadlock=tuple(names[wait] for wait in path.deadlock),
        root=RootSeen(
            holder=first.holder,
            holds=_names(waits, path.root.held),
            frees=_names(waits, path.root.freed),
            is_held=path.root.is_held,
            owner_organisation=first.owner_organisation,
            owner_role=first.owner_role,
            next_action=first.next_action,
        ),
    )


def _holder(blocker: BlockerSeen) -> str:
    return blocker.holder_wait_id or f"{blocker.holder_type}: {blocker.holder} for {blocker.held_wait_id}"


def _owner(blocker: BlockerSeen) -> tuple[str, str, str]:
    return blocker.owner_organisation, blocker.owner_role, blocker.next_action


def _days_over(wait: WaitSeen) -> int:
    return -wait.days_left if wait.clock == "past" and wait.days_left is not None else 0


def _names(waits: Sequence[WaitSeen], chosen: Sequence[str]) -> tuple[str, ...]:
    """Return the names of these waits in the order in which the page has them."""
    return tuple(wait.kind_name for wait in waits if wait.wait_id in chosen)
