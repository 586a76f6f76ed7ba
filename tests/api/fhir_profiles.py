"""The profiles of UK Core as published (StructureDefinition, ValueSet and CodeSystem as XML), read to check resources.

Read of a profile: how many of an element, fixed values, slices that are told apart by a value or by the address of an
extension, and bindings that are required. Nothing of it is written down here.
"""

import re
from collections.abc import Iterator
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any
from xml.etree import ElementTree

NAME = "{http://hl7.org/fhir}"


@dataclass(frozen=True)
class Element:
    """One element of a profile: its id in parts, and what it says."""

    parts: tuple[str, ...]
    least: int | None
    most: int | None
    fixed: str
    profiles: tuple[str, ...]
    value_set: str


@dataclass(frozen=True)
class Published:
    """A folder with profiles, value sets and code systems."""

    folder: Path
    kept: dict[str, list[Element]] = field(default_factory=dict)
    sets: dict[str, dict[str, frozenset[str] | None]] = field(default_factory=dict)

    def check(self, resource: dict[str, Any]) -> list[str]:
        """Return the faults of a resource by the profile of its kind, and of its extensions by theirs."""
        name = resource["resourceType"]
        faults = list(self._check(resource, self._elements(f"UKCore-{name}"), name))
        for extension in _extensions(resource):
            short = str(extension.get("url", "")).rpartition("/")[2]
            if (self.folder / "structuredefinitions" / f"{short}.xml").exists():
                faults += self._check(extension, self._elements(short), short)
        return faults

    def _elements(self, name: str) -> list[Element]:
        if name not in self.kept:
            root = ElementTree.parse(self.folder / "structuredefinitions" / f"{name}.xml").getroot()
            self.kept[name] = [_element(one) for one in root.iterfind(f"{NAME}differential/{NAME}element")]
        return self.kept[name]

    def _check(self, root: dict[str, Any], elements: list[Element], where: str) -> Iterator[str]:
        for one in elements:
            if len(one.parts) < 2:
                continue
            for holder in self._select(root, one.parts[1:-1], elements, one.parts[:1]):
                found = self._select(holder, one.parts[-1:], elements, one.parts[:-1])
                path = f"{where}: {'.'.join(one.parts)}"
                if one.least is not None and len(found) < one.least:
                    yield f"{path} is missing"
                if one.most is not None and len(found) > one.most:
                    yield f"{path} is there too often"
                for value in found:
                    if one.fixed and value != one.fixed:
                        yield f"{path} is not the fixed value"
                    if one.value_set and not self._has(one.value_set, value):
                        yield f"{path} has no code of its value set"

    def _select(self, root: Any, parts: tuple[str, ...], elements: list[Element], above: tuple[str, ...]) -> list[Any]:
        found = [root]
        for part in parts:
            name, _, slice_ = part.partition(":")
            found = [value for one in found if isinstance(one, dict) for value in _values(one, name)]
            above = (*above, part)
            if slice_:
                found = [one for one in found if self._is_of(one, above, elements)]
        return found

    def _is_of(self, value: Any, slice_: tuple[str, ...], elements: list[Element]) -> bool:
        """Whether a value is of a slice: an extension by its address, anything else by what is fixed in it."""
        own = next((one for one in elements if one.parts == slice_), None)
        if own is not None and own.profiles:
            return isinstance(value, dict) and value.get("url") in own.profiles
        size = len(slice_)
        fixed = [one for one in elements if one.parts[:size] == slice_ and len(one.parts) > size and one.fixed]
        return bool(fixed) and all(one.fixed in self._select(value, one.parts[size:], [], ()) for one in fixed)

    def _has(self, url: str, value: Any) -> bool:
        """Whether a coded value has a code of a value set; of sets that are not in the folder, any."""
        name = url.partition("|")[0].rpartition("/")[2]
        if name not in self.sets:
            self.sets[name] = self._systems(name)
        systems = self.sets[name]
        codings = value.get("coding", ()) if isinstance(value, dict) else ()
        return not systems or any(
            one.get("system") in systems
            and (systems[one["system"]] is None or one.get("code") in systems[one["system"]])
            for one in codings
        )

    def _systems(self, name: str) -> dict[str, frozenset[str] | None]:
        path = self.folder / "valuesets" / f"ValueSet-{name}.xml"
        found: dict[str, frozenset[str] | None] = {}
        if not path.exists():
            return found
        for include in ElementTree.parse(path).getroot().iterfind(f"{NAME}compose/{NAME}include"):
            system = include.find(f"{NAME}system")
            if system is None:
                return {}
            url = system.get("value", "")
            own = frozenset(one.get("value", "") for one in include.iterfind(f"{NAME}concept/{NAME}code"))
            found[url] = own or self._codes(url)
        return found

    def _codes(self, url: str) -> frozenset[str] | None:
        path = self.folder / "codesystems" / f"CodeSystem-{url.rpartition('/')[2]}.xml"
        if not path.exists():
            return None
        root = ElementTree.parse(path).getroot()
        return frozenset(one.get("value", "") for one in root.iterfind(f".//{NAME}concept/{NAME}code"))


def codes_of_system(path: Path) -> frozenset[str]:
    """Return the codes of a published code system."""
    root = ElementTree.parse(path).getroot()
    return frozenset(one.get("value", "") for one in root.iterfind(f".//{NAME}concept/{NAME}code"))


def _element(one: Any) -> Element:
    def value(name: str) -> str:
        found = one.find(f"{NAME}{name}")
        return found.get("value", "") if found is not None else ""

    fixed = next((each.get("value", "") for each in one if re.match(r"\{.*\}fixed", each.tag)), "")
    binding = one.find(f"{NAME}binding")
    strength = binding.find(f"{NAME}strength").get("value") if binding is not None else ""
    value_set = binding.find(f"{NAME}valueSet") if strength == "required" else None
    profiles = tuple(each.get("value", "") for each in one.iterfind(f"{NAME}type/{NAME}profile"))
    most = value("max")
    return Element(
        tuple(one.get("id").split(".")),
        int(value("min")) if value("min") else None,
        int(most) if most and most != "*" else None,
        fixed,
        profiles,
        value_set.get("value", "") if value_set is not None else "",
    )


def _values(holder: dict[str, Any], name: str) -> list[Any]:
    if name.endswith("[x]"):
        found = [value for key, value in holder.items() if re.fullmatch(name.removesuffix("[x]") + "[A-Z].*", key)]
    else:
        found = [holder[name]] if name in holder else []
    return [each for one in found for each in (one if isinstance(one, list) else [one])]


def _extensions(part: Any) -> Iterator[dict[str, Any]]:
    """Yield every extension that stands anywhere, but not those inside of one: they are of their own."""
    if isinstance(part, list):
        for one in part:
            yield from _extensions(one)
    elif isinstance(part, dict):
        for key, value in part.items():
            if key == "extension":
                yield from (one for one in value if isinstance(one, dict))
            else:
                yield from _extensions(value)
