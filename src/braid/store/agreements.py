"""The agreements of a place folder: what its files say, and which of them decide nothing, with the reasons."""

from __future__ import annotations

import tomllib
from collections import defaultdict
from collections.abc import Mapping
from dataclasses import dataclass
from pathlib import Path

from braid.store.place_folder import Place
from braid.trust.agreement_file import AgreementInvalid, read_agreement
from braid.trust.agreement_rules import Problem
from braid.trust.agreements import Agreement


@dataclass(frozen=True)
class Agreements:
    """Sound agreements, and the problems of each file that was refused. A refused file decides nothing."""

    valid: tuple[Agreement, ...]
    problems: Mapping[str, tuple[Problem, ...]]


def load_agreements(place: Place) -> Agreements:
    """Read every agreement of the place. One bad file never stops the others; it only decides nothing itself."""
    kinds = {organisation.id: organisation.kind for organisation in place.organisations}
    problems: dict[str, tuple[Problem, ...]] = {}
    read: dict[str, Agreement] = {}
    for path in place.agreement_files():
        source = f"agreements/{path.name}"
        try:
            read[source] = _read(path, source, kinds)
        except AgreementInvalid as error:
            problems[source] = tuple(error.problems)
    for source, problem in _clashes(read):
        problems[source] = (*problems.get(source, ()), problem)
    return Agreements(tuple(agreement for source, agreement in read.items() if source not in problems), problems)


def _read(path: Path, source: str, kinds: Mapping[str, str]) -> Agreement:
    try:
        document = tomllib.loads(path.read_text(encoding="utf-8"))
    except (ValueError, RecursionError):
        raise AgreementInvalid(source, [Problem("file", "is not valid TOML in UTF-8; correct its syntax")]) from None
    except OSError:
        raise AgreementInvalid(source, [Problem("file", "cannot be read; let this user read it")]) from None
    return read_agreement(document, source, kinds)


def _clashes(read: Mapping[str, Agreement]) -> list[tuple[str, Problem]]:
    """Return versions of one agreement that are the same or overlap: nobody could say which decides, so neither."""
    by_id: dict[str, list[tuple[str, Agreement]]] = defaultdict(list)
    for source, agreement in read.items():
        by_id[agreement.id].append((source, agreement))
    found = []
    for versions in by_id.values():
        for source, one in versions:
            for other_source, other in versions:
                if source == other_source:
                    continue
                if one.version == other.version:
                    found.append((source, Problem("version", f"is also that of {other_source}; count it up")))
                elif one.valid_from < other.valid_to and other.valid_from < one.valid_to:
                    found.append((source, Problem("valid_from", f"overlaps {other_source}; end one first")))
    return found
