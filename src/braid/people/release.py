"""The linkage release: all that a weight depends on, frozen under one version and one fingerprint.

It holds the weights of the levels (over all sources, and by pair of standards), how often common names and postcodes
occur, the threshold, and what it was made for: levels, keys with their caps, standardiser. A night uses it as it is. A
place without one of its own uses the one that Braid ships, whose name frequencies are those of the night's own records.

    PLACE/linkage/<version>.json    releases; one that is there is never written again
    PLACE/linkage/current           the version in force, taken by a human after a look at what changes
"""

from __future__ import annotations

import hashlib
import json
import re
from collections.abc import Mapping, Sequence
from dataclasses import asdict, dataclass
from functools import cache
from pathlib import Path
from typing import Any

from braid.people.candidate_keys import PLACE_KEYS, SMALLEST_CAP, KeyPlan
from braid.people.comparisons import COMPARISONS, PLACE, Comparison
from braid.people.model import LinkageFailed

SHIPPED = Path(__file__).with_name("linkage_release.json")
FOLDER = "linkage"
CURRENT = "current"
STANDARDISER = "2026-11-30"
"""Version of the standardiser. Whoever changes what it makes of a name, date, place or number raises it, for weights
and name frequencies of an older one do not fit any more. A test holds what it makes of written records against it."""
RAREST = 1e-4
"""The rarest share of a value that still adds weight, so that one slip of the pen does not look like a rare name."""
FEWEST = 10
"""A value that fewer records hold is in no release: it weighs as the rarest in any case, and could name somebody."""
RARE_COLUMNS = ("forename", "surname", "postcode")

Release = Mapping[str, Any]
"""`version`, `threshold` (bits), `comparisons` (`[m, u]` by comparison and level), `source_pairs` (`m` by pair of
standards, comparison and level), `term_frequencies` (share by column and value, or nothing), `edge_levels` (how many
edges of those it was made with reach each level), `made_for`, and where the values come from."""


@dataclass(frozen=True)
class ReleaseUsed:
    """What a run says of its release."""

    version: str
    fingerprint: str
    term_frequencies: str
    """`frozen` in the release, those of the `run`, or `kept` from the run by which nights began."""
    threshold: float
    """In bits: a pair that weighs as much is joined, unless something stands against it."""


def fingerprint_of(release: Release) -> str:
    """Return the fingerprint of a release: of its whole content, in whatever order it is written."""
    text = json.dumps(release, sort_keys=True, separators=(",", ":"), ensure_ascii=True)
    return hashlib.sha256(text.encode()).hexdigest()


def describe_use(release: Release, *, is_kept: bool = False) -> ReleaseUsed:
    """Return what a run that used `release` says of it; `is_kept`: with frequencies of an earlier run."""
    frozen = "frozen" if release.get("term_frequencies") else "kept" if is_kept else "run"
    return ReleaseUsed(str(release["version"]), fingerprint_of(release), frozen, float(release["threshold"]))


def levels_fingerprint(comparisons: Sequence[Comparison] = COMPARISONS) -> str:
    """Return the fingerprint of the levels, and of what is never joined: names, order and conditions."""
    levels = [
        [each.name, each.missing, [[level.name, level.condition, level.rarity] for level in each.levels]]
        for each in comparisons
    ]
    return _digest([levels, PLACE.never, PLACE.confused, PLACE.little])


def keys_fingerprint(plan: KeyPlan = PLACE_KEYS) -> str:
    """Return the fingerprint of the keys by which pairs are found: what they are made of, and how many share one."""
    return _digest([plan.source, [list(asdict(rule).values()) for rule in plan.rules], plan.dividers, SMALLEST_CAP])


def _digest(content: object) -> str:
    return hashlib.sha256(json.dumps(content).encode()).hexdigest()[:16]


@cache
def made_for() -> dict[str, Any]:
    """Return what a release that is made now is made for."""
    return {
        "levels": levels_fingerprint(),
        "keys": keys_fingerprint(),
        "standardiser": STANDARDISER,
        "rarest": RAREST,
    }


def check_release(release: Release, where: str) -> None:
    """Go on only where `release` fits what is compared now. Raises `LinkageFailed` with all that does not."""
    comparisons = release.get("comparisons", {})
    odd = [each.name for each in COMPARISONS if set(comparisons.get(each.name, {})) != set(each.level_names)]
    ours = made_for()
    theirs = release.get("made_for", {})
    odd += [name for name in ours if theirs.get(name) != ours[name]]
    if odd:
        raise LinkageFailed(
            f"the linkage release {where} does not fit: it was made for another {', another '.join(odd)}; make a new"
            " one with `braid link train`"
        )


def load_release(path: Path = SHIPPED) -> Release:
    """Return a release that fits. Raises `LinkageFailed` where it does not, or cannot be read."""
    where = path.stem
    try:
        release: Release = json.loads(path.read_text(encoding="utf-8"))
    except (OSError, ValueError):
        raise LinkageFailed(f"the linkage release {where} cannot be read; put the file back or take another") from None
    check_release(release, where)
    return release


def find_release(place: Path) -> Release:
    """Return the release in force in a place folder, or the shipped one. Raises `LinkageFailed`."""
    current = place / FOLDER / CURRENT
    if not current.is_file():
        return load_release()
    version, _, fingerprint = current.read_text(encoding="utf-8").strip().partition(" ")
    release = load_release(release_path(place, version))
    if fingerprint_of(release) != fingerprint:
        raise LinkageFailed(
            f"the linkage release {version} was changed after it was taken; put {FOLDER}/{version}.json back as it was,"
            " or look at the change and take it again with `braid link release`"
        )
    return release


def find_fitting_release(place: Path) -> Release:
    """Return the release in force in a place folder, or the shipped one where that does not fit any more.

    What makes a new release begins from it: else a place whose release is too old could never make one.
    """
    try:
        return find_release(place)
    except LinkageFailed:
        return load_release()


def release_path(place: Path, version: str) -> Path:
    """Return where a release of a place is. Raises `LinkageFailed` where the version is no name for a file."""
    if not re.fullmatch(r"[a-z0-9][a-z0-9.-]*", version) or version == CURRENT:
        raise LinkageFailed("a version has small letters, digits, dots and hyphens only; write it so")
    return place / FOLDER / f"{version}.json"


def write_release(path: Path, release: Release) -> None:
    """Write a release where none is yet. Raises `LinkageFailed` where there is one: releases are never changed."""
    path.parent.mkdir(parents=True, exist_ok=True)
    try:
        with path.open("x", encoding="utf-8") as file:
            file.write(format_release(release))
    except FileExistsError:
        raise LinkageFailed(f"there is a linkage release {path.stem} already; give a new version") from None


def take_release(place: Path, version: str) -> None:
    """Put a release into force from the next run on. Raises `LinkageFailed` where it does not fit."""
    release = load_release(release_path(place, version))
    current = place / FOLDER / CURRENT
    fresh = current.with_name(f".{CURRENT}")
    fresh.write_text(f"{version} {fingerprint_of(release)}\n", encoding="utf-8")
    fresh.replace(current)


def format_release(release: Release) -> str:
    """Return a release as JSON, one line a comparison."""
    wide = ("comparisons", "edge_levels", "source_pairs", "term_frequencies")
    lines = json.dumps({name: value for name, value in release.items() if name not in wide}, indent=2)
    parts = [lines.removesuffix("\n}")]
    for name in wide:
        rows = release.get(name, {})
        inner = ",\n".join(f"    {json.dumps(key)}: {json.dumps(value)}" for key, value in rows.items())
        parts.append(f'  "{name}": {{\n{inner}\n  }}' if inner else f'  "{name}": {{}}')
    return ",\n".join(parts) + "\n}\n"
