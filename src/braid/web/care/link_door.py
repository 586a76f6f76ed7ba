"""What every link without an account has in common: who knocks, how often wrongly, and what the record says of it."""

from dataclasses import dataclass

from django.http import HttpRequest
from django.utils.crypto import salted_hmac

from braid.care.links import MISS_WINDOW, is_locked
from braid.web.access.context import asking_as
from braid.web.care.kept import now_of_database
from braid.web.owner_functions import ask
from braid.web.recording import Facts, record
from braid.web.request_facts import find_address


@dataclass(frozen=True)
class Knock:
    """Whoever holds the code of a link, an entry's `Asker`: named after the link, with no role and no organisation.

    A name of that form is no account's: it has a space.
    """

    username: str
    purpose: str
    reference: str
    page: str
    role: str = ""


def knock_of(link: str, purpose: str, reference: str, page: str) -> Knock:
    """Return whoever acts by a link, of this reference."""
    return Knock(f"link {link}", purpose, reference, page)


def source_of(request: HttpRequest) -> str:
    """Return whence a code was typed, as a digest under the server's key: enough to count by, and no address.

    Behind a proxy that is whom the proxy saw: by its own address, one who guesses would shut every link of the place.
    """
    return salted_hmac("braid link miss", find_address(request), algorithm="sha256").hexdigest()


def is_shut(source: str) -> bool:
    """Whether too many wrong codes came from there of late: no code is looked at, right or wrong."""
    return is_locked(int(ask("braid_link_misses", source, now_of_database() - MISS_WINDOW)))


def note_miss(source: str, page: str) -> None:
    """Count a code that opened nothing, and write it down; the code itself is kept nowhere."""
    ask("braid_note_link_miss", source)
    record("refused", Knock("", "", "", page), facts=Facts(decision="deny", reason="wrong_code"))


def record_by_link(kind: str, knock: Knock, person_id: str, relation: str, **details: str | int) -> None:
    """Write down what was done by a link, in the transaction that does it: the link is who did it."""
    with asking_as(knock.username, knock.purpose):
        facts = Facts(relations={person_id: relation}, item_classes="E", details=details)
        record(kind, knock, [person_id], facts)
