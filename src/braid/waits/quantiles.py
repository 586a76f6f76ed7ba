"""Percentiles of counted amounts, as a portable query.

They interpolate between the two nearest in order (type 7 of Hyndman and Fan, "Sample quantiles in statistical
packages", 1996). An amount that many share is counted, not repeated, so the cost is that of the distinct amounts.
"""

from __future__ import annotations

from collections.abc import Mapping


def quantiles_sql(source: str, group: tuple[str, ...], quantiles: Mapping[str, float]) -> str:
    """Return the query of the quantiles, a row a group, of a query with the columns of `group`, `amount` and `waits`.

    `quantiles` gives the share below each by the name of its column. Rows without an amount are left out.
    """
    groups = ", ".join(group)
    picked = ", ".join(
        f"min(case when upto > floor({_place(share)}) then amount end) as {name}_low,"
        f" min(case when upto > ceil({_place(share)}) then amount end) as {name}_high"
        for name, share in quantiles.items()
    )
    between = ", ".join(
        f"{name}_low + ({name}_high - {name}_low) * ({_place(share)} - floor({_place(share)})) as {name}"
        for name, share in quantiles.items()
    )
    return f"""
    select {groups}, {between} from (
      select {groups}, max(total) as total, {picked} from (
        select {groups}, amount, sum(waits) over (partition by {groups} order by amount
            rows between unbounded preceding and current row) as upto,
          cast(sum(waits) over (partition by {groups}) as double) as total
        from (select {groups}, amount, sum(waits) as waits from ({source}) s where amount is not null
              group by {groups}, amount) counted) ordered
      group by {groups}) picked"""


def _place(share: float) -> str:
    """Where the quantile stands in the order, counted from 0; between two where it is no whole number."""
    return f"cast({share} as double) * (total - 1)"
