"""The legal bases on which bodies put money side by side, and what the law asks of a fund on each.

Sources: NHS Act 2006 s.75 with the NHS Bodies and Local Authorities Partnership Arrangements Regulations 2000 (SI
2000/617), reg. 4 (partners) and reg. 7 (pooled funds: written agreement, aims, contributions, functions, persons and
services, duration, host); s.75(7A) to (7J) for combined authorities; ss.65Z5 and 65Z6, inserted by the Health and Care
Act 2022 s.71; the government's Integrated Settlement policy document of 11 June 2025. What an agreement, a settlement
or an award says itself (shares, conditions, how much may be moved) is said in `funds.toml`, and never guessed here.
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass

NHS_KINDS = frozenset({"icb", "hospital"})
LOCAL_AUTHORITY_KINDS = frozenset({"council"})
PUBLIC_KINDS = frozenset({"authority", *NHS_KINDS, *LOCAL_AUTHORITY_KINDS})


@dataclass(frozen=True)
class Basis:
    """A legal basis, and what a fund on it must say.

    `needs` are keys of a fund that must be there. `partners` are the kinds of body that may contribute (any where
    empty); of each set of `one_of_each` there must be one. `holds_many` is whether several bodies' money may stand in
    one fund.
    """

    code: str
    name: str
    law: str
    needs: tuple[str, ...] = ()
    partners: frozenset[str] = frozenset()
    one_of_each: tuple[frozenset[str], ...] = ()
    holds_many: bool = True
    moves_between_lines: bool = True
    moves_between_funds: bool = False
    underspends: tuple[str, ...] = ("return", "carry", "share")
    overspends: tuple[str, ...] = ("host", "carry", "share")


BASES: Mapping[str, Basis] = {
    basis.code: basis
    for basis in (
        Basis(
            "s75",
            "Pooled fund under section 75",
            "NHS Act 2006 s.75; SI 2000/617 regs 4 and 7",
            needs=("agreement", "aims", "functions"),
            partners=PUBLIC_KINDS,
            one_of_each=(NHS_KINDS, LOCAL_AUTHORITY_KINDS),
            underspends=("share",),
            overspends=("share",),
        ),
        Basis(
            "s65z6",
            "Pooled fund under section 65Z6",
            "NHS Act 2006 ss.65Z5 and 65Z6 (Health and Care Act 2022 s.71)",
            needs=("agreement", "functions"),
            partners=PUBLIC_KINDS,
            one_of_each=(NHS_KINDS,),
        ),
        Basis(
            "integrated_settlement",
            "Theme of an integrated settlement",
            "Integrated Settlement policy document, 11 June 2025, and the settlement's own memorandum",
            needs=("agreement", "most_moved_percent"),
            partners=frozenset({"authority"}),
            moves_between_funds=True,
            underspends=("return", "carry"),
            overspends=("host", "carry"),
        ),
        Basis(
            "grant",
            "Ring-fenced grant",
            "The award and its conditions",
            needs=("agreement", "conditions"),
            underspends=("return",),
            overspends=("host",),
        ),
        Basis(
            "aligned",
            "Aligned, not pooled",
            "Each body's own powers: money is planned together and stays with whoever holds it",
            holds_many=False,
            underspends=("return", "carry"),
            overspends=("host", "carry"),
        ),
    )
}
"""Legal bases by code. An aligned budget is one body's own money: several bodies' stand in a fund each."""
