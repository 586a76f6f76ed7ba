"""What Braid is made of is written down: every package, its licence, and whether its holes are known."""

from __future__ import annotations

import json
import re
import subprocess
import sys
import tomllib
from importlib import metadata

import pytest
from cyclonedx.schema import SchemaVersion
from cyclonedx.validation.json import JsonStrictValidator

from shared import REPOSITORY

sys.path.insert(0, str(REPOSITORY / "tools"))

from supply_chain import (
    BILL,
    BROUGHT,
    LOCK,
    PAGE,
    STATIC,
    Package,
    bill_of_materials,
    every_package,
    locked_packages,
    page,
)

PERMISSIVE = {"0BSD", "Apache-2.0", "BSD-2-Clause", "BSD-3-Clause", "CC0-1.0", "ISC", "MIT", "MIT-0", "PSF-2.0", "Zlib"}
OF_THEIR_OWN_CHANGES = {"LGPL-3.0-only", "MPL-2.0"}
"""Ask that changes to the package be published, and nothing of what uses it."""
SAID_OTHERWISE = {
    "Apache 2.0": "Apache-2.0",
    "Apache License, Version 2.0": "Apache-2.0",
    "Apache Software License": "Apache-2.0",
    "3-Clause BSD License": "BSD-3-Clause",
    "ISC License": "ISC",
    "MIT License": "MIT",
}
"""What packages write that is no SPDX name, and which it is."""
EITHER = {"BSD": ("BSD-2-Clause", "BSD-3-Clause"), "BSD License": ("BSD-2-Clause", "BSD-3-Clause")}
"""What may be either; which, says the text that comes with the package."""


@pytest.fixture(scope="module")
def packages() -> list[Package]:
    return every_package()


def test_every_package_of_the_lock_has_a_licence_and_none_is_stated_for_nothing(packages: list[Package]) -> None:
    pinned = set(re.findall(r"^([a-z0-9][^\s=]*)==(\S+)", LOCK.read_text(encoding="utf-8"), flags=re.MULTILINE))
    assert {(one.name, one.version) for one in packages if one.kind == "pypi"} == pinned
    stated = tomllib.loads((REPOSITORY / "requirements" / "licences.toml").read_text(encoding="utf-8"))["licences"]
    assert set(stated) == {name for name, _ in pinned}


def test_what_sends_spans_is_installed_with_what_tests_need_so_that_its_test_is_not_skipped() -> None:
    def pinned(name: str) -> set[tuple[str, str]]:
        text = (REPOSITORY / "requirements" / f"{name}.txt").read_text(encoding="utf-8")
        return set(re.findall(r"^([a-z0-9][^\s=]*)==(\S+)", text, flags=re.MULTILINE))

    beyond = pinned("traces") - pinned("core")
    assert any(name.startswith("opentelemetry-exporter") for name, _ in beyond)
    assert beyond <= pinned("dev"), "compile dev with the extra traces: CONTRIBUTING.md says how"


def test_no_licence_reaches_what_uses_the_package(packages: list[Package]) -> None:
    names = {name for one in packages for name in re.split(r" (?:AND|OR) ", one.licence)}
    assert names - PERMISSIVE - OF_THEIR_OWN_CHANGES == set()


def test_each_licence_is_what_the_installed_package_says(packages: list[Package]) -> None:
    wrong, asked = [], 0
    for one in packages:
        try:
            said = metadata.metadata(one.name)
        except metadata.PackageNotFoundError:
            continue
        classes = [name.rpartition(" :: ")[2] for name in said.get_all("Classifier") or [] if "License ::" in name]
        own = said.get("License-Expression") or (said.get("License") or "").strip()
        if len(own) > 80 or not own:  # a whole text, or nothing
            own = classes[0] if classes else ""
        asked += 1
        if one.licence not in EITHER.get(own, (SAID_OTHERWISE.get(own, own),)):
            wrong.append((one.name, own, one.licence))
    assert asked > 50
    assert wrong == []


def test_each_asset_of_the_front_end_stands_beside_its_licence() -> None:
    lines = {"MIT": "Permission is hereby granted, free of charge", "BSD-3-Clause": "Neither the name of"}
    for name, file, licence, _ in BROUGHT:
        where = STATIC / file
        text = next(path for path in where.parent.glob("*licence.txt") if name.split("-")[0] in f"{path}").read_text()
        assert lines[licence] in text


def test_the_bill_and_the_page_are_what_the_lock_gives(packages: list[Package]) -> None:
    assert BILL.read_text(encoding="utf-8") == bill_of_materials(packages), (
        "PYTHONPATH=src:tools python tools/supply_chain.py"
    )
    assert PAGE.read_text(encoding="utf-8") == page(packages)


def test_the_bill_is_valid_and_names_every_package_and_what_wants_it(packages: list[Package]) -> None:
    text = BILL.read_text(encoding="utf-8")
    assert JsonStrictValidator(SchemaVersion.V1_6).validate_str(text) is None
    bill = json.loads(text)
    assert {(one["name"], one["version"]) for one in bill["components"]} == {
        (one.name, one.version) for one in packages
    }
    needs = {one["ref"]: one.get("dependsOn", []) for one in bill["dependencies"]}
    reached, left = set(), ["braid"]
    while left:
        ref = left.pop()
        if ref not in reached:
            reached.add(ref)
            left += needs[ref]
    assert reached == set(needs), "a package that nothing wants"


def test_a_package_without_a_stated_licence_is_told_by_name() -> None:
    lock = "thing==1.0 \\\n    --hash=sha256:00\n    # via braid-place (pyproject.toml)\n"
    with pytest.raises(KeyError, match="thing"):
        locked_packages(lock, {})
    assert locked_packages(lock, {"thing": "MIT"})[0].wanted_by[0] == "braid-place"


@pytest.mark.slow
def test_no_locked_package_has_a_known_hole() -> None:
    """Asks the package index for advisories; where it has none to give, that is said and nothing is claimed."""
    for name in ("core", "dev", "spark", "traces", "build"):
        lock = REPOSITORY / "requirements" / f"{name}.txt"
        command = [sys.executable, "-m", "pip_audit", "--requirement", str(lock), "--disable-pip", "--require-hashes"]
        done = subprocess.run([*command, "--format", "json"], capture_output=True, text=True, check=False)
        if not done.stdout.strip():
            pytest.skip("no advisories could be fetched")
        told = json.loads(done.stdout)["dependencies"]
        skipped = [one["name"] for one in told if "skip_reason" in one]
        if len(skipped) > len(told) / 2:
            pytest.skip(f"the package index has no advisories of {len(skipped)} of {len(told)} packages")
        assert [(one["name"], hole["id"]) for one in told for hole in one.get("vulns", ())] == []
