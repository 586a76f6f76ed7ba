"""Changes made to the shape of a feed, each as a partner's system makes it; for tests and for the benchmark."""

from __future__ import annotations

from collections import defaultdict

from braid.extracts.feed_alerts import Shape

CHANGES = ("half of the rows", "twice the rows", "column empty", "codes shifted", "code renamed", "refused", "older")
Key = tuple[str, str, str, str]


def change_shape(shape: Shape, change: str) -> tuple[Shape | None, frozenset[str]]:
    """Return the shape after the change, and the kinds of alert of which one must be told.

    No shape where the feed is too small for the change to be told: a hundred rows, fifty cases of a column.
    """
    made = dict(shape)
    rows = made.get(("rows", "", "", ""), (0, 0))[0]
    if rows < 100:
        return None, frozenset()
    match change:
        case "half of the rows" | "twice the rows":
            factor = 0.5 if change.startswith("half") else 2.0
            scaled = {key: _scaled(key, pair, factor) for key, pair in made.items()}
            return scaled, frozenset({"rows_fewer" if factor < 1 else "rows_more"})
        case "column empty":
            return _empty_column(made), frozenset({"column_gone"})
        case "codes shifted" | "code renamed":
            return _change_codes(made, change), frozenset({"codes_shifted", "code_new", "code_gone"})
        case "refused":
            made["rejected", "", "", ""] = (rows // 5, rows)
            return made, frozenset({"rejected_more"})
    dated = [key for key in made if key[0] == "newest" and made[key][1] >= 50]
    made |= {key: (made[key][0] + 60, made[key][1]) for key in dated}
    return (made if dated else None), frozenset({"dates_older"})


def _scaled(key: Key, pair: tuple[int, int], factor: float) -> tuple[int, int]:
    return pair if key[0] == "newest" else (round(pair[0] * factor), round(pair[1] * factor))


def _empty_column(made: dict[Key, tuple[int, int]]) -> Shape | None:
    fitting = [key for key, (value, base) in made.items() if key[0] == "filled" and value >= 50 and value >= base / 5]
    if not fitting:
        return None
    chosen = min(fitting)
    return {**made, chosen: (0, made[chosen][1])}


def _change_codes(made: dict[Key, tuple[int, int]], change: str) -> Shape | None:
    columns: dict[tuple[str, str], list[Key]] = defaultdict(list)
    for key, (_, base) in made.items():
        if key[0] == "codes" and base >= 100:
            columns[key[1], key[2]].append(key)
    several = {column: keys for column, keys in columns.items() if len(keys) > 1}
    if not several:
        return None
    keys = sorted(several[min(several)], key=lambda key: -made[key][0])
    most, least = keys[0], keys[-1]
    (value, base), (other, _) = made[most], made[least]
    if change == "code renamed":
        changed = {key: pair for key, pair in made.items() if key != most}
        return {**changed, ("codes", most[1], most[2], "renamed"): (value, base)}
    moved = value * 3 // 4
    return {**made, most: (value - moved, base), least: (other + moved, base)}
