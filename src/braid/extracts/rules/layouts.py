"""The tables that rules speak of, return by return, and what is reckoned from them once.

Sources. Children in need census: Department for Education, Children in need census, business and technical
specification and validation rules, collection years 2023 to 2026. Looked-after children return: Department for
Education, Children looked after return (SSDA903), technical specification and validation rules, same years. Facts carry
over; the wording is ours.
"""

from __future__ import annotations

from collections.abc import Iterable, Mapping

from braid.extracts.definition import CodeList, Column, Part
from braid.extracts.rules.model import Layout, RuleTable
from braid.extracts.walked import walked
from braid.language.codes import ETHNICITY_CROSSWALKS

ETHNICITIES = tuple(ETHNICITY_CROSSWALKS["dfe"])


def _span(*spans: tuple[int, int]) -> tuple[str, ...]:
    return tuple(f"{number:03d}" for first, last in spans for number in range(first, last + 1))


UPN_AUTHORITIES = _span(
    (1, 5), (201, 213), (301, 320), (330, 336), (340, 344), (350, 359), (370, 373), (380, 384), (390, 394), (420, 420),
    (660, 681), (701, 708), (800, 803), (805, 808), (810, 813), (815, 816), (820, 823), (825, 826), (830, 831),
    (835, 841), (845, 846), (850, 852), (855, 857), (860, 861), (865, 896), (908, 909), (916, 916), (919, 919),
    (921, 921), (925, 926), (928, 929), (931, 931), (933, 933), (935, 938), (940, 943),
)  # fmt: skip
"""Authorities that may have given a pupil number: characters 2 to 4 of it (rule 1530)."""

PERMANENCE_AUTHORITIES = (
    *_span(
        (201, 213), (301, 320), (330, 336), (340, 344), (350, 359), (370, 373), (380, 384), (390, 394), (420, 420),
        (800, 803), (805, 808), (810, 813), (815, 816), (821, 823), (825, 826), (830, 831), (835, 841), (845, 846),
        (850, 852), (855, 857), (860, 861), (865, 896), (908, 909), (916, 916), (919, 919), (921, 921), (925, 926),
        (928, 929), (931, 931), (933, 933), (935, 938), (940, 943), (999, 999),
    ),
    "WAL", "SCO", "NIR", "NUK",
)  # fmt: skip
"""Authorities that may have arranged a permanent home (rule 633).

Those that England has or had, 999 where it is not known, and the places beyond.
"""


def _lists(standard: str) -> dict[str, tuple[str, ...]]:
    """Return the code lists of a definition as rules have them, each code with the years in which it is one."""
    return {
        name: tuple(_of_years(found, code) for code in found.codes) for name, found in walked(standard).lists.items()
    }


def _of_years(codes: CodeList, code: str) -> str:
    since, until = codes.since.get(code), codes.until.get(code)
    return f"{code}@{since or ''}-{until or ''}" if since or until else code


def _table(part: Part, keys: tuple[str, ...] = (), columns: Iterable[Column] | None = None) -> RuleTable:
    """Return the table that rules have of a part, or of those of its columns that may stand several times."""
    own = [one for one in part.columns.values() if not one.table] if columns is None else list(columns)
    own = [one for one in own if one.cell.kind != "ignored" or one.is_unread]
    own = [one for one in own if not one.is_given]
    kinds = {one.name: one.cell.kind for one in own}
    name = part.table or part.name if columns is None else own[0].table
    return RuleTable(
        name,
        tuple(one for one, kind in kinds.items() if kind not in ("date", "flag")),
        tuple(one for one, kind in kinds.items() if kind == "date"),
        tuple(one for one, kind in kinds.items() if kind == "flag"),
        keys,
        tuple(one.name for one in own if one.cell.kind == "identifier" and one.cell.scheme == "upn"),
    )


def _tables(standard: str, keys: Mapping[str, tuple[str, ...]]) -> tuple[RuleTable, ...]:
    """Return the tables of a return by its definition; `keys` tell, by part, which row holds which."""
    found = []
    for part in walked(standard).parts:
        found.append(_table(part, keys.get(part.name, ())))
        found += [_table(part, keys[part.name], [one]) for one in part.columns.values() if one.table]
    return tuple(found)


_CHILD, _DETAILS = ("child",), ("child", "details")
CIN = Layout(
    standard="cin",
    source="Department for Education, Children in need census: validation rules, 2023 to 2026",
    tables=_tables(
        "cin",
        {
            "Child": _CHILD,
            "CINdetails": _DETAILS,
            "Assessments": (*_DETAILS, "assessment"),
            "CINPlanDates": _DETAILS,
            "Section47": _DETAILS,
            "ChildProtectionPlans": (*_DETAILS, "plan"),
            "PreProceedingsandFGDM": _DETAILS,
        },
    ),
    joins={
        "c": ("Child", "child", "child"),
        "d": ("CINdetails", "details", "details"),
        "a": ("Assessments", "assessment", "assessment"),
        "p": ("ChildProtectionPlans", "plan", "plan"),
    },
    codes={**_lists("cin"), "ethnicities": ETHNICITIES, "upn_authorities": UPN_AUTHORITIES},
)

_ORDER = "partition by CHILD order by DECOM, DEC nulls last, id"
_NEIGHBOURS = (
    "DECOM", "DEC", "RNE", "REC", "LS", "PLACE", "PLACE_PROVIDER", "PL_POST", "URN", "CIN", "REASON_PLACE_CHANGE", "id",
)  # fmt: skip
_EPISODES = (
    "select *, "
    + ", ".join(
        f"{function}({name}) over ({_ORDER}) as {which}_{name}"
        for function, which in (("lag", "before"), ("lead", "next"))
        for name in _NEIGHBOURS
    )
    + f", row_number() over ({_ORDER}) as place_in_order"
    " from raw_Episodes"
)
_SW_ORDER = "partition by CHILD order by SW_DECOM, SW_DEC nulls last, id"
_WORKERS = (
    f"select *, lag(SW_DECOM) over ({_SW_ORDER}) as before_SW_DECOM, lag(SW_DEC) over ({_SW_ORDER}) as before_SW_DEC,"
    f" row_number() over ({_SW_ORDER}) as place_in_order, lead(id) over ({_SW_ORDER}) as next_id"
    " from raw_SWEpisodes"
)
_DURING = "DECOM <= {end} and (DEC >= {start} or DEC is null)"
_YEAR_ROUND = (
    f"select CHILD from Episodes group by CHILD having max(case when {_DURING} then 1 else 0 end) = 1 and max(case"
    " when RNE = 'S' and DECOM > {start} and DECOM <= {end} then 1"
    " when coalesce(REC, '') <> 'X1' and DEC >= {start} and DEC < {end} then 1"
    f" when LS in ('V3', 'V4') and {_DURING} then 1 else 0 end) = 0"
)
_RESPITE = "select distinct CHILD from Episodes where LS in ('V3', 'V4')"

SSDA903 = Layout(
    standard="ssda903",
    source="Department for Education, Children looked after return: validation rules, 2023 to 2026",
    tables=_tables("ssda903", {}),
    joins={"h": ("Header", "CHILD", "CHILD")},
    derived={"Episodes": _EPISODES, "SWEpisodes": _WORKERS, "YearRound": _YEAR_ROUND, "Respite": _RESPITE},
    codes={
        **(_OWN := _lists("ssda903")),
        "ethnicities": ETHNICITIES,
        "activities": (*_OWN["activities"], "0"),
        "accommodation": (*_OWN["accommodation"], "0"),
        "permanence_authorities": PERMANENCE_AUTHORITIES,
    },
)
"""A place's neighbours in order of start stand beside each episode: `before_DEC`, `next_DECOM` and the like.

`YearRound` holds the children looked after without a break through the whole year to its end: nobody who started, left
or had short breaks within it. `Respite` holds those with short breaks.
"""
LAYOUTS = {layout.standard: layout for layout in (CIN, SSDA903)}
