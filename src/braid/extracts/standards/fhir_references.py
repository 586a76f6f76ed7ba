"""What every FHIR resource needs: references to people, codes, periods and reasons to refuse."""

from __future__ import annotations

from collections.abc import Iterator

from braid.extracts.json_nodes import Node

Refusal = tuple[str, str]
"""Rule and message of a resource that cannot be read."""
PEOPLE = ("Patient", "RelatedPerson")
NO_KEY: Refusal = ("resource_without_id", "A resource needs an id. Ask the sender to export it again.")
NO_SUBJECT: Refusal = ("subject_missing", "The resource names no patient. Ask the sender to add the reference.")


def note_full_url(entry: Node, resource: Node) -> None:
    """Remember under which address a bundle holds a resource, so that references by address can be followed.

    Only people are referred to, so that an address is remembered where it holds one, or would be taken to name one,
    and does not say so itself: memory does not grow with what else a bundle holds.
    """
    url = (entry.child("fullUrl").as_quiet_text() or "").strip()
    kind, key = (resource.child(name).as_quiet_text() for name in ("resourceType", "id"))
    if not url or kind is None or key is None:
        return
    target = f"{kind}/{key}"
    named = url.split("/_history/")[0].split("/")[-2:]
    if "/".join(named) != target and (kind in PEOPLE or named[0] in PEOPLE):
        resource.document.addresses[url] = target


def find_person(node: Node, key: str) -> str | None:
    """Return the person record id that a reference under `key` names; `None` where it names no person."""
    return find_referenced_person(node.section(key))


def find_referenced_person(reference: Node) -> str | None:
    """Return the person record id of a reference to a Patient or RelatedPerson, relative, absolute or by address."""
    text = reference.text("reference")
    if text is None:
        return None
    target = reference.document.addresses.get(text, text)
    parts = target.split("/_history/")[0].split("/")
    if len(parts) < 2 or not parts[-1]:
        return None
    reading = reference.document.reading
    if parts[-2] == "Patient":
        return reading.person_record_id(parts[-1])
    if parts[-2] == "RelatedPerson":
        return reading.person_record_id(f"RelatedPerson/{parts[-1]}")
    return None


def coding(node: Node, key: str) -> str | None:
    """Return the first code of a codeable concept as system:code, the system by the last part of its address."""
    return next(codings(node, key), None)


def codings(node: Node, key: str) -> Iterator[str]:
    """Yield every code of the codeable concepts under a key, as `coding` writes them."""
    for concept in node.items(key, single=True):
        for one in concept.items("coding", single=True):
            code = one.text("code")
            if code:
                system = (one.text("system") or "").rstrip("/").rsplit("/", 1)[-1]
                yield f"{system or 'fhir'}:{code}"


def extension(node: Node, name: str) -> Node | None:
    """Return the extension whose address ends in `name`; `None` where there is none."""
    for one in node.items("extension", single=True):
        url = one.child("url").value if one.is_object else None
        if isinstance(url, str) and url.endswith(name):
            one.child("url").use()
            return one
    return None


def period_dates(node: Node, key: str) -> tuple[str | None, str | None]:
    """Return first and last day of a period as ISO text."""
    period = node.section(key)
    return period.date("start"), period.date("end")
