"""What the guard is told at the instant of sending: who is known, who is kept from whom, who shares a contact point.

Everything is read anew for each attempt, as the owner of the tables, in the transaction that decides: an address that
changed since a message was written is the new one, and an exclusion entered a second ago holds.
"""

from collections.abc import Collection, Mapping
from dataclasses import dataclass, field
from typing import Protocol

from braid.store.vault_keys import VaultKeyNotAvailable, VaultSealBroken
from braid.trust.guard import Facts, Recipient, Release
from braid.trust.locations import Token, is_at_point
from braid.web.flows import flows_in_force
from braid.web.models import User
from braid.web.outbound.contact_points import find_people_at, find_people_without, kind_of
from braid.web.outbound.neighbours import excluded_subjects, load_kept_from, load_near
from braid.web.outbound.parties import party_of
from braid.web.outbound.run_contacts import RunContacts
from braid.web.outbound.safe_contacts import Kept, load_releases, load_safe_contacts
from braid.web.vault.keys import get_key_ring
from braid.web.vault.tokens import current_addresses, get_guard_tokens

CONTACT_KINDS = {
    "email": "email",
    "letter": "address",
    "bundle": "address",
    "minutes": "address",
    "sms": "telephone",
    "call_script": "telephone",
    "calendar": "email",
    "export": "email",
    "webhook": "webhook",
    "document": "page",  # of a case: an organisation reads it on its pages
    "paper": "page",  # of a board: whoever asked for it prints it from their page
}
"""By what kind of contact point each channel reaches somebody."""


@dataclass(frozen=True)
class Knowledge:
    """All that a decision rests on: recipients with the contact points of this instant, facts, tokens and releases."""

    recipients: Mapping[int, Recipient] = field(repr=False)
    facts: Facts = field(repr=False)
    tokens: tuple[Token, ...] = field(repr=False)
    around: frozenset[str]
    """The protected persons whose locations are searched for."""
    releases: tuple[Release, ...] = ()
    there: Mapping[str, frozenset[str]] = field(default_factory=dict, repr=False)
    """Of each contact point who is there by the run: what somebody entered puts nobody there."""

    def unknown_to(self, party: Recipient) -> list[Token]:
        """Return the tokens to search for in what goes to this contact point.

        The point itself tells whoever uses it nothing: an envelope bears the address to which it goes. That holds for
        people who are there by the run, or are the recipient, and of whom no reader is kept; every other token counts.
        """
        readers = self.facts.contact_parties.get(party.contact, frozenset()) | {party.party_id}
        there = self.there.get(party.contact, frozenset()) | {party.party_id}
        told = {
            token
            for token in self.tokens
            if is_at_point(token, party.contact)
            and token.person_id in there
            and not readers & self.facts.kept_from.get(token.person_id, frozenset())
        }
        return [token for token in self.tokens if token not in told]


class Leaving(Protocol):
    """What leaves, as the guard's facts are gathered for it: a message, or a document that another is to read.

    `item_id` says of what somebody was asked before whether these may know: of those at the table of a case.
    """

    subject_ids: Collection[str]
    channel: str
    sent_by: str
    reference: str
    purpose: str
    item_id: object


class Addressee(Protocol):
    """Who is to receive it: a person, a user or an organisation, known by a number."""

    pk: int
    kind: str
    party_id: str


def gather(
    message: Leaving,
    recipients: Collection[Addressee],
    run: RunContacts,
    inboxes: Mapping[str, Mapping[str, str]],
) -> Knowledge:
    """Resolve contact points and load facts, tokens and releases for what leaves. Runs inside `known_asker`."""
    subjects = set(message.subject_ids)
    people = {one.party_id for one in recipients if one.kind == "person"}
    near = load_near(subjects | people)
    known = run.known(near.people | subjects | people)
    protected = {person for person, is_protected in known.items() if is_protected}
    rules, answered = _rules(people, protected)
    points = _Points(message, run, inboxes, rules, protected)
    resolved = {one.pk: points.resolve(one) for one in recipients}
    there = {one.contact: run.parties_at(one.contact_kind, one.contact) for one in resolved.values() if one.contact}
    by_rule, without = _sharing(there)
    shared = {contact: parties | by_rule.get(contact, frozenset()) for contact, parties in there.items()}
    readers = frozenset(people).union(*shared.values())
    related = run.related(subjects | readers)
    near = load_near(near.people | readers | related | excluded_subjects(readers))
    known = run.known(near.people | subjects | people)
    protected = {person for person, is_protected in known.items() if is_protected}
    kept_from = load_kept_from(near, run.opposed(near.people, protected))
    around = near.reach(subjects | people | related)
    barred = {person for person, parties in kept_from.items() if parties & readers}
    about = subjects | ((around | barred) & protected)  # all subjects, and the protected around anybody concerned
    supporters = run.supporters(near.people | subjects | readers | related)
    vault = get_guard_tokens(about, sent_by=message.sent_by, reference=message.reference)
    facts = Facts(
        parties=_known_parties(message, recipients, known, inboxes),
        known_persons=frozenset(known),
        protected=frozenset(protected),
        kept_from=kept_from,
        contact_parties=shared,
        may_know=_may_know(message, subjects, supporters, recipients),
        supported_names=run.names(supporters),
        safe_contacts={person: kept.rule for person, kept in rules.items()},
        vault_answered=vault.answered and answered and points.answered and not _may_share(without, about, kept_from),
    )
    return Knowledge(resolved, facts, vault.tokens, frozenset(about & protected), load_releases(about), there)


def _rules(people: Collection[str], protected: Collection[str]) -> tuple[dict[str, Kept], bool]:
    """Return the rules that hold, and whether all of them could be read."""
    try:
        rules = load_safe_contacts(people, protected)
    except (VaultKeyNotAvailable, VaultSealBroken):
        return {}, False
    return rules, all(kept.is_readable for kept in rules.values())


def _sharing(contacts: Collection[str]) -> tuple[dict[str, frozenset[str]], frozenset[str] | None]:
    """Return whose safe contact each contact point is, and of whom that is not known; `None` where of nobody."""
    try:
        ring = get_key_ring()
        return find_people_at(ring, contacts), find_people_without(ring)
    except (VaultKeyNotAvailable, VaultSealBroken):
        return {}, None


def _may_share(without: frozenset[str] | None, about: Collection[str], kept_from: Mapping[str, frozenset[str]]) -> bool:
    """Whether somebody kept from a person whom the message concerns may be reached there too, and nobody can tell."""
    if without is None:
        return True
    return any(kept_from.get(person, frozenset()) & without for person in about)


class _Points:
    """How each recipient is reached now: by a safe contact, from the vault, or as the run has it."""

    def __init__(
        self,
        message: Leaving,
        run: RunContacts,
        inboxes: Mapping[str, Mapping[str, str]],
        rules: Mapping[str, Kept],
        protected: Collection[str],
    ) -> None:
        self._kind = CONTACT_KINDS.get(message.channel, "")
        self._run, self._inboxes, self._rules, self._protected = run, inboxes, rules, protected
        self.answered = True

    def resolve(self, recipient: Addressee) -> Recipient:
        """Return the party with its contact point; an empty one where none is known, which the guard refuses."""
        party = party_of(recipient.kind, recipient.party_id)
        return Recipient(party, self._kind, self._contact(recipient.kind, recipient.party_id))

    def _contact(self, kind: str, party_id: str) -> str:
        if kind == "organisation":
            return self._inboxes.get(party_id, {}).get(self._kind, "")
        if kind == "user":
            organisation = User.objects.filter(username=party_id).values_list("organisation", flat=True).first()
            return self._inboxes.get(organisation or "", {}).get(self._kind, "")
        kept = self._rules.get(party_id)
        if kept is not None and kept.is_confirmed:
            return next((one for one in kept.contacts if kind_of(one) == self._kind), "")
        if party_id in self._protected:
            return self._from_vault(party_id)
        if self._kind == "address":
            return self._run.address_of(party_id)
        return self._run.telephone_of(party_id) if self._kind == "telephone" else ""

    def _from_vault(self, party_id: str) -> str:
        try:
            return current_addresses(party_id).get(self._kind, "")
        except (VaultKeyNotAvailable, VaultSealBroken):
            self.answered = False
            return ""


def _may_know(
    message: Leaving,
    subjects: Collection[str],
    supporters: Mapping[str, Collection[str]],
    recipients: Collection[Addressee],
) -> dict[str, frozenset[str]]:
    """Return who may know that support exists: the person, whoever writes, and who gives it by the run.

    Of what a meeting decided, those to whom it goes as well: they take part in the case, and that was asked before.
    """
    at_table = {party_of(one.kind, one.party_id) for one in recipients} if message.item_id else set()
    return {
        person: frozenset({person, f"user:{message.sent_by}"})
        | (at_table if person in subjects else set())
        | {party_of("organisation", name) for name in supporters.get(person, ())}
        for person in {*subjects, *supporters}
    }


def _known_parties(
    message: Leaving,
    recipients: Collection[Addressee],
    known: Collection[str],
    inboxes: Mapping[str, object],
) -> frozenset[str]:
    """Return the recipients that are known now: people of the run, and partners and their staff who have an inbox and
    to whom an agreement for the purpose opens anything at this instant."""
    open_flows = flows_in_force().filter(purpose=message.purpose).exclude(receiver="")
    partners = set(inboxes) & set(open_flows.values_list("receiver", flat=True))
    names = [one.party_id for one in recipients if one.kind == "user"]
    staff = User.objects.filter(username__in=names, is_active=True, organisation__in=partners)
    holds = {"person": set(known), "user": set(staff.values_list("username", flat=True)), "organisation": partners}
    return frozenset(party_of(one.kind, one.party_id) for one in recipients if one.party_id in holds[one.kind])
