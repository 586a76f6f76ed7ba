"""Recipients as the guard names them: a person by id, a user and an organisation with their kind before it."""

PARTY_KINDS = ("person", "user", "organisation")


def party_of(kind: str, party_id: str) -> str:
    """Return the guard's name of a party, so that no user name can pass for a person or an organisation."""
    return party_id if kind == "person" else f"{kind}:{party_id}"
