"""Checks resources against FHIR R4 and UK Core: by the rules in `fhir_rules`, one readable file a resource, and, where
the published profiles are at hand, by those as they were published.

Shares nothing with what writes the resources. A fault says where and which rule, as `Patient.name[0].given: ...`.
"""

import functools
import re
import tomllib
from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from pathlib import Path
from typing import Any
from xml.etree import ElementTree

RULES = Path(__file__).parent / "fhir_rules"
NAMESPACE = "{http://hl7.org/fhir}"
FIRST = {"id": "0..1 id", "meta": "0..1 Meta", "implicitRules": "0..1 uri", "language": "0..1 code"}
FIRST |= {"text": "0..1 Narrative", "contained": "0..* resource"}
"""What every resource may begin with."""
EXTENSIONS = {"extension": "0..* Extension", "modifierExtension": "0..* Extension"}
MONTH, DAY = r"(0[1-9]|1[0-2])", r"(0[1-9]|[12]\d|3[01])"
ZONE = r"(Z|[+-](0\d|1[0-4]):[0-5]\d)"
TIME = r"([01]\d|2[0-3]):[0-5]\d:([0-5]\d|60)(\.\d+)?"
PRIMITIVES = {
    "boolean": "true|false",
    "integer": r"-?(0|[1-9]\d*)",
    "unsignedInt": r"0|[1-9]\d*",
    "positiveInt": r"[1-9]\d*",
    "decimal": r"-?(0|[1-9]\d*)(\.\d+)?([eE][+-]?\d+)?",
    "string": r"[\s\S]*\S[\s\S]*",
    "markdown": r"[\s\S]*\S[\s\S]*",
    "xhtml": r"[\s\S]*\S[\s\S]*",
    "code": r"[^\s]+( [^\s]+)*",
    "id": r"[A-Za-z0-9\-.]{1,64}",
    "uri": r"\S+",
    "url": r"\S+",
    "canonical": r"\S+",
    "base64Binary": r"[A-Za-z0-9+/=\s]+",
    "date": rf"\d{{4}}(-{MONTH}(-{DAY})?)?",
    "dateTime": rf"\d{{4}}(-{MONTH}(-{DAY}(T{TIME}{ZONE})?)?)?",
    "instant": rf"\d{{4}}-{MONTH}-{DAY}T{TIME}{ZONE}",
    "time": TIME,
}
"""The form of each primitive type: HL7 FHIR R4, https://hl7.org/fhir/R4/datatypes.html#primitive."""
AS_JSON = {"boolean": bool, "integer": int, "unsignedInt": int, "positiveInt": int, "decimal": (int, float)}
LINE = re.compile(r"(\d)\.\.(\d|\*) (\S+?)(?:: (\S+))?")
REFERENCE = re.compile(r"(?:.*/)?([A-Z][A-Za-z]+)/[A-Za-z0-9\-.]{1,64}(?:/_history/\S+)?")


@dataclass(frozen=True)
class Rule:
    """One element: how many, of which types, and the codes or kinds of resources that it may have."""

    least: int
    most: int | None
    types: tuple[str, ...]
    of: frozenset[str]


@dataclass(frozen=True)
class Kind:
    """The rules of one kind of resource."""

    elements: Mapping[str, Rule]
    parts: Mapping[str, Mapping[str, Rule]]
    rules: tuple[str, ...]
    slices: tuple[Mapping[str, Any], ...]
    extensions: tuple[Mapping[str, Any], ...]
    profile: str


def _rules(lines: Mapping[str, str]) -> dict[str, Rule]:
    found = {}
    for name, line in (lines | EXTENSIONS).items():
        least, most, types, of = LINE.fullmatch(line).groups()
        many = None if most == "*" else int(most)
        found[name] = Rule(int(least), many, tuple(types.split("/")), frozenset(of.split("|") if of else ()))
    return found


@functools.cache
def types() -> dict[str, dict[str, Rule]]:
    """Return the data types by name."""
    text = (RULES / "types.toml").read_text(encoding="utf-8")
    return {name: _rules(lines | {"id": "0..1 string"}) for name, lines in tomllib.loads(text).items()}


@functools.cache
def kind_of(name: str) -> Kind | None:
    """Return the rules of a kind of resource; `None` where there are none."""
    path = RULES / f"{name}.toml"
    if not path.exists():
        return None
    said = tomllib.loads(path.read_text(encoding="utf-8"))
    parts = {part: _rules(lines | {"id": "0..1 string"}) for part, lines in said.get("parts", {}).items()}
    return Kind(
        _rules(FIRST | said["elements"]),
        parts,
        tuple(said.get("rules", ())),
        tuple(said.get("slices", ())),
        tuple(said.get("extensions", ())),
        said.get("profile", ""),
    )


def check(resource: Any) -> list[str]:
    """Return the faults of a resource by our own rules, and of each that it holds; none where it keeps them all."""
    if not isinstance(resource, dict):
        return ["resource: is no object"]
    name = resource.get("resourceType")
    kind = kind_of(name) if isinstance(name, str) else None
    if kind is None:
        return [f"resourceType: there are no rules for {name}"]
    body = {key: value for key, value in resource.items() if key != "resourceType"}
    faults = list(_check_part(body, kind.elements, kind, name))
    for rule in kind.rules:
        faults += [f"{name}: {rule}" for holds in [RULES_OF[rule](resource)] if not holds]
    return faults + list(_check_slices(resource, kind, name)) + list(_check_extensions(resource, kind, name))


def _check_part(part: Any, rules: Mapping[str, Rule], kind: Kind | None, where: str) -> Iterator[str]:
    if not isinstance(part, dict):
        yield f"{where}: is no object"
        return
    if not part:
        yield f"{where}: is empty"
    known: set[str] = set()
    for name, rule in rules.items():
        names = _choices(name, rule)
        present = [(one, type_) for one, type_ in names if one in part or f"_{one}" in part]
        known |= {one for one, _ in names} | {f"_{one}" for one, _ in names}
        if len(present) > 1:
            yield f"{where}.{name}: is there in two types"
        if not present and rule.least:
            yield f"{where}.{name}: is missing"
        for one, type_ in present:
            yield from _check_values(part.get(one), type_, rule, kind, f"{where}.{one}", is_apart=f"_{one}" in part)
    for name in sorted(set(part) - known):
        yield f"{where}.{name}: is no element"


def _choices(name: str, rule: Rule) -> list[tuple[str, str]]:
    if not name.endswith("[x]"):
        return [(name, rule.types[0])]
    kinds = [*PRIMITIVES, *types()] if rule.types == ("any",) else rule.types
    return [(name.removesuffix("[x]") + one[0].upper() + one[1:], one) for one in kinds]


def _check_values(
    value: Any, type_: str, rule: Rule, kind: Kind | None, where: str, *, is_apart: bool
) -> Iterator[str]:
    if value is None and is_apart:
        return  # its extensions alone are there
    is_many = rule.most is None or rule.most > 1
    if is_many != isinstance(value, list):
        yield f"{where}: is {'no' if is_many else 'a'} list"
        return
    values = value if is_many else [value]
    if is_many and len(values) < max(rule.least, 1):
        yield f"{where}: has too few"
    for number, one in enumerate(values):
        yield from _check_value(one, type_, rule, kind, f"{where}[{number}]" if is_many else where)


def _check_value(value: Any, type_: str, rule: Rule, kind: Kind | None, where: str) -> Iterator[str]:
    if type_ == "resource":
        if kind_of(value.get("resourceType", "")) is not None:  # of others we hold no rules
            yield from (f"{where}: {fault}" for fault in check(value))
    elif type_ in PRIMITIVES:
        yield from _check_primitive(value, type_, rule, where)
    elif type_.startswith("@"):
        name = type_.removeprefix("@")
        parts = kind.parts if kind is not None and name in kind.parts else {"repeat": types()["Timing.repeat"]}
        yield from _check_part(value, parts[name], kind, where)
    else:
        yield from _check_part(value, types()[type_], kind, where)
        if type_ == "Reference" and isinstance(value, dict):
            yield from _check_reference(value, rule, where)
        if type_ == "Period" and isinstance(value, dict):
            ends = [str(value[name])[:10] for name in ("start", "end") if name in value]
            if len(ends) == 2 and ends[0] > ends[1]:
                yield f"{where}: ends before it begins (per-1)"


def _check_primitive(value: Any, type_: str, rule: Rule, where: str) -> Iterator[str]:
    wanted = AS_JSON.get(type_, str)
    if not isinstance(value, wanted) or (isinstance(value, bool) and wanted is not bool):
        yield f"{where}: is no {type_}"
        return
    text = str(value).lower() if isinstance(value, bool) else str(value)
    if not re.fullmatch(PRIMITIVES[type_], text):
        yield f"{where}: has not the form of {type_}"
    elif rule.of and text not in rule.of:
        yield f"{where}: is no code of the list"


def _check_reference(value: dict, rule: Rule, where: str) -> Iterator[str]:
    if not set(value) & {"reference", "identifier", "display", "extension"}:
        yield f"{where}: says nothing of whom it means"
    text = value.get("reference")
    found = REFERENCE.fullmatch(text) if isinstance(text, str) else None
    if isinstance(text, str) and found is None and not text.startswith(("#", "urn:", "http")):
        yield f"{where}.reference: has not the form of a reference"
    for kind in (found[1] if found else None, value.get("type")):
        if kind and rule.of and kind not in rule.of:
            yield f"{where}: leads to a {kind}"


def _below(resource: Any, path: str) -> list[Any]:
    """Return what stands at a path; the resource itself at an empty one."""
    found = [resource]
    for name in path.split(".") if path else ():
        held = [one[name] for one in found if isinstance(one, dict) and name in one]
        found = [each for one in held for each in (one if isinstance(one, list) else [one])]
    return found


def _check_slices(resource: dict, kind: Kind, name: str) -> Iterator[str]:
    for one in kind.slices:
        found = [
            each
            for each in _below(resource, one["path"])
            if all(each.get(key) == is_ for key, is_ in one["where"].items())
        ]
        if len(found) > one["most"]:
            yield f"{name}.{one['path']}: has more than {one['most']} of {sorted(one['where'].values())[0]}"
        for each in found:
            yield from (f"{name}.{one['path']}: needs a {key}" for key in one.get("needs", ()) if not each.get(key))
            if one.get("check") == "nhs_number" and each.get("value") and not is_nhs_number(each["value"]):
                yield f"{name}.{one['path']}: its check digit is wrong"


def is_nhs_number(text: str) -> bool:
    """Whether ten digits are an NHS number by its check digit (NHS Data Dictionary, modulus 11)."""
    if not re.fullmatch(r"\d{10}", text):
        return False
    rest = 11 - sum(int(digit) * weight for digit, weight in zip(text, range(10, 1, -1), strict=False)) % 11
    return (0 if rest == 11 else rest) == int(text[9])


def _check_extensions(resource: dict, kind: Kind, name: str) -> Iterator[str]:
    for one in kind.extensions:
        for holder in _below(resource, one["path"]):
            found = [each for each in holder.get("extension", ()) if each.get("url") == one["url"]]
            short = one["url"].rpartition("/")[2]
            if len(found) > one["most"]:
                yield f"{name}: has {short} more than once"
            for each in found:
                value = each.get(f"value{one['value']}")
                codings = value.get("coding", ()) if isinstance(value, dict) else ()
                if not codings:
                    yield f"{name}: {short} has no {one['value']} with a code"
                for coded in codings:
                    system = str(coded.get("system", "")).rpartition("/")[2]
                    if system not in one["systems"] or (
                        system == one["codes_of"] and coded.get("code") not in one["codes"]
                    ):
                        yield f"{name}: {short} has a code that is not of its list"


def _starts_with_both(said: dict) -> bool:
    return ("start" in said) == ("end" in said)


def _names_each_once(said: dict) -> bool:
    urls = [one["fullUrl"] for one in said.get("entry", ()) if "fullUrl" in one]
    return len(urls) == len(set(urls))


RULES_OF = {
    "app-1": lambda said: all({"type", "actor"} & set(one) for one in said.get("participant", ())),
    "app-2": _starts_with_both,
    "app-3": lambda said: "start" in said or said.get("status") in ("proposed", "cancelled", "waitlist"),
    "app-4": lambda said: "cancelationReason" not in said or said.get("status") in ("cancelled", "noshow"),
    "prr-1": lambda said: "orderDetail" not in said or "code" in said,
    "bdl-7": _names_each_once,
    "cpb-14": lambda said: said.get("kind") != "instance" or "implementation" in said,
}
"""The rules (invariants) of resources, by their names in HL7 FHIR R4."""


def read_xml(path: Path) -> dict[str, Any]:
    """Return the resource of an XML file as JSON has it: which elements are lists, the rules say."""
    root = ElementTree.parse(path).getroot()
    name = root.tag.removeprefix(NAMESPACE)
    kind = kind_of(name)
    return {"resourceType": name, **_object(root, kind.elements, kind)}


def _object(element: Any, rules: Mapping[str, Rule], kind: Kind | None) -> dict[str, Any]:
    found: dict[str, Any] = {key: value for key, value in element.attrib.items() if key in ("url", "id")}
    known = {one: (rule, type_) for name, rule in rules.items() for one, type_ in _choices(name, rule)}
    for child in element:
        name = child.tag.rpartition("}")[2]
        rule, type_ = known.get(name, (Rule(0, 1, ("string",), frozenset()), "string"))
        value = _value(child, type_, kind)
        if rule.most is None:
            found.setdefault(name, []).append(value)
        else:
            found[name] = value
    return found


def _value(element: Any, type_: str, kind: Kind | None) -> Any:
    if type_ == "xhtml":
        return ElementTree.tostring(element, encoding="unicode")
    if type_ == "resource":
        (inner,) = element
        name = inner.tag.removeprefix(NAMESPACE)
        of = kind_of(name)
        return {"resourceType": name, **(_object(inner, of.elements, of) if of else {})}
    if type_ in PRIMITIVES:
        text = element.get("value")
        return {"true": True, "false": False}.get(text, text) if type_ == "boolean" else _number(text, type_)
    name = type_.removeprefix("@")
    rules = kind.parts.get(name) if kind is not None and type_.startswith("@") else None
    return _object(element, rules or types()["Timing.repeat" if name == "repeat" else name], kind)


def _number(text: str | None, type_: str) -> Any:
    if type_ not in AS_JSON or text is None:
        return text
    return float(text) if type_ == "decimal" else int(text)
