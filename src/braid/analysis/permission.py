"""Which agreement lets a dataset be built, for whom: none, no dataset.

An agreement's file says what was agreed; whether somebody has suspended it since is asked of the web database.
"""

from __future__ import annotations

import datetime as dt
from collections.abc import Callable, Iterable, Mapping

from braid.analysis.model import Dataset, DatasetRefused, Permission
from braid.trust.agreements import Agreement, Sharing, sharings
from braid.trust.items import JOINED, waits_item

ITEM_OF_TABLE = {"person": "identity", "blocker": "blockers"}
"""What of the joined record a table takes, in items of agreements; waits are an item a backlog."""


def find_permission(
    dataset: Dataset,
    agreements: Iterable[Agreement],
    kinds: Mapping[str, str],
    receiver: str,
    now: dt.datetime,
    is_in_force: Callable[[Sharing], bool],
) -> Permission:
    """Return the agreement that opens all that the dataset takes to a receiver at `now`. Raises `DatasetRefused`.

    `kinds` maps each organisation of the place to its kind. `is_in_force` says of a flow of the files whether it is
    open where suspensions are kept. With an empty `receiver`, the host of the agreement is taken where it receives all,
    else the one party that does.
    """
    own = sorted((each for each in agreements if each.purpose == dataset.purpose), key=lambda each: each.id)
    flows = [flow for flow in sharings(own, kinds) if flow.is_live(now)]
    open_flows = [flow for flow in flows if is_in_force(flow)]
    found = [permission for each in own for permission in _permissions(dataset, each, open_flows)]
    fitting = [each for each in found if receiver in ("", each.receiver)]
    hosts = [each for each in fitting if each.receiver == each.agreement.host]
    if not fitting:
        raise DatasetRefused(_why_not(dataset, flows, open_flows, receiver))
    if not receiver and not hosts and len({each.receiver for each in fitting}) > 1:
        names = ", ".join(sorted({each.receiver for each in fitting}))
        raise DatasetRefused(f"dataset {dataset.dataset_id}: several may receive it ({names}); name one by --receiver")
    chosen = (hosts or fitting)[0]
    if chosen.agreement.opt_out_applies and not dataset.optout_applies:
        raise DatasetRefused(
            f"dataset {dataset.dataset_id}: the agreement {chosen.agreement.id} applies the national data opt-out and"
            " the dataset does not; write optout_applies = true"
        )
    return chosen


def _permissions(dataset: Dataset, agreement: Agreement, open_flows: Iterable[Sharing]) -> Iterable[Permission]:
    """Yield one permission for each receiver to whom every item of the dataset is open under the agreement."""
    own = [flow for flow in open_flows if flow.agreement_id == agreement.id]
    for receiver in sorted({flow.receiver for flow in own}):
        flows = [flow for flow in own if flow.receiver == receiver]
        if not _missing(dataset, flows):
            used = [flow for flow in flows if _is_used(dataset, flow)]
            providers = {
                backlog: frozenset(flow.provider for flow in flows if flow.item == waits_item(backlog))
                for backlog in dataset.backlogs
            }
            yield Permission(agreement, receiver, providers, min(flow.live_to for flow in used))


def _is_used(dataset: Dataset, flow: Sharing) -> bool:
    joined = {ITEM_OF_TABLE.get(table.taken) for table in dataset.tables}
    return flow.item in {waits_item(backlog) for backlog in dataset.backlogs} or flow.item in joined


def _missing(dataset: Dataset, flows: Iterable[Sharing]) -> list[str]:
    """Return the items that the dataset takes and no flow opens."""
    opened = {(flow.item, flow.provider) for flow in flows}
    joined = [ITEM_OF_TABLE[table.taken] for table in dataset.tables if table.taken in ITEM_OF_TABLE]
    waits = [waits_item(backlog) for backlog in dataset.backlogs]
    given = {item for item, provider in opened if provider != JOINED}
    return [item for item in joined if (item, JOINED) not in opened] + [item for item in waits if item not in given]


def _why_not(dataset: Dataset, agreed: list[Sharing], flows: list[Sharing], receiver: str) -> str:
    """Say which rule refuses: nothing for the purpose in force, nobody receiving it, or which items are not open."""
    begin = f"dataset {dataset.dataset_id}:"
    if agreed and not flows:
        names = ", ".join(sorted({flow.agreement_id for flow in agreed}))
        return f"{begin} {names} is suspended, and nothing is built under it until two people lift the suspension"
    if not flows:
        return f"{begin} no agreement for {dataset.purpose} is in force; see: braid agreement check"
    if receiver and receiver not in {flow.receiver for flow in flows}:
        return f"{begin} no agreement in force lets {receiver} receive anything for {dataset.purpose}; name another"
    mine = [flow for flow in flows if receiver in ("", flow.receiver)]
    lacking = _missing(dataset, mine) or ["not all of its items to one receiver under one agreement"]
    return f"{begin} no agreement in force opens {', '.join(lacking)}; take it out, or agree on it first"
