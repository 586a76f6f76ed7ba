"""What the replays do: write a message through the page, let the postman take it, and look at what left and what not.

Each action is the real one: the page by its form, the postman with the owner's rights, channels to a mail server on
loopback and a spool folder. Nothing of the product is replaced.
"""

import datetime as dt
import gzip
import io
import re
import zipfile
from collections import Counter
from dataclasses import dataclass, field
from email import message_from_bytes

import pypdf
from django.test import Client
from django.utils import timezone
from mail_server import Arrived
from outbound_world import INBOXES, World
from published_sample import ENTRIES, REFERENCE, as_pages
from sample_agreements import HOST, agreement, sample_agreements

from braid.outbound import CHANNELS, Draft, File, Text
from braid.trust.overlay import Exclusion
from braid.trust.roles import VICTIM_RESPONSE
from braid.web.access.context import asking_as
from braid.web.access.projections import Viewer
from braid.web.access.sight import looking
from braid.web.enforcement import enforce
from braid.web.models import OutboxMessage, SafetyTask, User
from braid.web.outbound.disclosures import Grounds, find_receivers
from braid.web.outbound.outbox import queue_message
from braid.web.outbound.postman import send_due
from braid.web.outbound.route_file import load_ways
from braid.web.outbound.safe_contacts import add_release, add_safe_contact, confirm_kept
from braid.web.overlay.entries import add_entry
from braid.web.publish import publish
from braid.web.watch import known_asker

TO_PEOPLE = [code for code in CHANNELS if code not in ("export", "webhook")]
"""Channels by which the pages reach a person. A webhook goes to partners alone, a table through the exporter."""

BECAUSE = {"gateway": "children_act_2004_s10", "necessity": "service_needed"}
"""Why something is shared with an organisation, by the agreements of the sample."""


def _times(channel: str) -> dict[str, dt.datetime]:
    """Return beginning and end, where the channel has them."""
    at = timezone.now() + dt.timedelta(days=3)
    return {"starts_at": at, "ends_at": at + dt.timedelta(hours=1)} if channel == "calendar" else {}


@dataclass
class PostOffice:
    """A published world with its clients, its mail server and its spool."""

    world: World
    arrived: Arrived
    clients: dict[str, Client]
    users: dict[str, User]
    outcomes: Counter[str] = field(default_factory=Counter)

    def publish(self) -> None:
        """Write the world's rows as a run, publish it, and put the agreements into force."""
        publish(self.world.write_run(), self.world.place)
        everything = sample_agreements()
        victims = everything[-1]
        wider = agreement(VICTIM_RESPONSE, set(victims.items), {"harbour", "northmere-council", HOST})
        enforce([*everything[:-1], wider])
        routes = f'[smtp]\nhost = "127.0.0.1"\nport = {self.arrived.port}\ntls = false\n'
        (self.world.place.folder / "outbound.toml").write_text(routes + INBOXES, encoding="utf-8")

    def write(self, role: str, person: str, recipients: list[str], channel: str, body: str, **given: object) -> str:
        """Write a message through the page; return its id."""
        form = {
            "recipients": [one if ":" in one else f"person:{one}" for one in recipients],
            "channel": channel,
            "title": "About your case",
            "body": body,
            "classes": ["N"],
            **(BECAUSE if any(one.startswith("organisation:") for one in recipients) else {}),
            **given,
        }
        if channel == "calendar":
            form |= {"starts_at": "2026-12-01 10:00", "ends_at": "2026-12-01 11:00"}
        answer = self.clients[role].post(f"/people/{person}/message/", form)
        assert answer.status_code == 302, re.findall(r'href="#id_[^>]*>([^<]*)', answer.content.decode())
        with known_asker():
            return str(OutboxMessage.objects.order_by("created_at").last().pk)

    def queue(
        self,
        role: str,
        subjects: list[str],
        recipients: list[str],
        channel: str,
        *pieces: Text | File,
        purpose: str = "school_from_ta",
    ) -> str:
        """Put a message into the outbox below the page, in the role of the pages: as a partner's program would, or for
        recipients whom the page does not offer."""
        viewer = Viewer(self.users[role].username, role, purpose, REFERENCE, "outbox")
        draft = Draft(
            REFERENCE, channel, viewer.username, frozenset(subjects), pieces, timezone.now(), **_times(channel)
        )
        parties = [tuple(one.split(":", 1)) if ":" in one else ("person", one) for one in recipients]
        with as_pages(), looking(viewer):
            grounds = Grounds(**BECAUSE) if find_receivers(viewer, parties) else None
            return str(queue_message(viewer, draft, parties, grounds=grounds).pk)

    def send(self, seconds: float = 0) -> Counter[str]:
        """Let the postman take what is due; `seconds` later than now by its clock."""
        clock = lambda: timezone.now() + dt.timedelta(seconds=seconds)  # noqa: E731
        self.outcomes = send_due(self.world.place, load_ways(self.world.place), clock=clock)
        return self.outcomes

    def make_safe(self, person: str, contacts: list[str], *, confirmed: bool = True) -> None:
        """Enter how a person may be reached, by every channel, and have a second human confirm it."""
        viewer = Viewer(self.users["advocate"].username, "advocate", VICTIM_RESPONSE, REFERENCE, "contact")
        with asking_as(viewer.username, viewer.purpose):
            kept = add_safe_contact(viewer, person, TO_PEOPLE, contacts)
        if not confirmed:
            return
        with asking_as(self.users["ig_lead"].username, ""):
            confirm_kept(self.users["ig_lead"], "contact", kept.pk)

    def release(self, person: str, kinds: list[str], party_kind: str, party: str, *, confirmed: bool = True) -> None:
        """Enter releases of locations, and have a second human confirm them."""
        viewer = Viewer(self.users["advocate"].username, "advocate", VICTIM_RESPONSE, REFERENCE, "contact")
        until = timezone.now() + dt.timedelta(days=30)
        for kind in kinds:
            with asking_as(viewer.username, viewer.purpose):
                kept = add_release(viewer, person, kind, party_kind, party, until)
            if confirmed:
                with asking_as(self.users["ig_lead"].username, ""):
                    confirm_kept(self.users["ig_lead"], "release", kept.pk)

    def exclude(self, subject: str, barred: str) -> None:
        """Enter that one person is kept from another."""
        lead = self.users["ig_lead"]
        with asking_as(lead.username, ""):
            add_entry(lead, Exclusion(subject, "court_order", lead.username, timezone.now(), barred_person=barred))

    def left(self) -> list[bytes]:
        """Everything that left: mails as they arrived, and files of the spool."""
        spool = self.world.place.state_folder / "spool"
        files = sorted(spool.iterdir()) if spool.is_dir() else []
        return [mail for _, mail in self.arrived.mails] + [path.read_bytes() for path in files]

    def assert_refused(self, message_id: str, *reasons: str) -> None:
        """Nothing left, a task waits for the lead, and the record says so, all for this message."""
        with known_asker():
            message = OutboxMessage.objects.get(pk=message_id)
            assert message.state == "refused", (message.state, message.refused_reasons)
            assert set(reasons) <= set(message.refused_reasons), message.refused_reasons
            assert self.left() == []
            task = SafetyTask.objects.get(subject_id=message_id)
        assert (task.kind, task.owner_role, task.done_at) == ("message_refused", "ig_lead", None)
        assert task.due_at > timezone.now()
        entries = list(ENTRIES.filter(details__message=message_id, kind="refused"))
        assert {entry.person_id for entry in entries} == set(message.subject_ids)
        assert all(entry.decision == "deny" and entry.channel == message.channel for entry in entries)
        assert all(set(reasons) <= set(entry.details.values()) for entry in entries)


def read_everything(payload: bytes, name: str = "") -> str:
    """Return all text of what left, by other people's readers: mails, PDF with metadata and attachments, archives."""
    if payload.startswith(b"%PDF"):
        pdf = pypdf.PdfReader(io.BytesIO(payload))
        inside = [page.extract_text() for page in pdf.pages] + [str(value) for value in (pdf.metadata or {}).values()]
        inside += [str(value) for value in pdf.named_destinations] + [
            entry.title for entry in pdf.outline if not isinstance(entry, list)
        ]
        inside += [stream.decode("latin-1") for stream in _streams(pdf)]
        return " ".join(" ".join(inside).split()) + payload.decode("latin-1")
    if payload.startswith(b"PK"):
        with zipfile.ZipFile(io.BytesIO(payload)) as archive:
            return " ".join(read_everything(archive.read(one), one) for one in archive.namelist())
    if payload.startswith(b"\x1f\x8b"):
        return read_everything(gzip.decompress(payload))
    text = payload.decode("utf-8", "replace")
    if "Message-ID:" in text[:2000]:
        parts = [
            part.get_payload(decode=True) for part in message_from_bytes(payload).walk() if not part.is_multipart()
        ]
        return text + " ".join(read_everything(part or b"") for part in parts)
    return text + " ".join(text.replace("\r\n ", "").split())


def _streams(pdf: pypdf.PdfReader) -> list[bytes]:
    """Every stream of the file, unfolded, also those that no page shows."""
    found = []
    for number in range(1, int(str(pdf.trailer["/Size"]))):
        try:
            thing = pdf.get_object(pypdf.generic.IndirectObject(number, 0, pdf))
        except pypdf.errors.PdfReadError:
            continue
        if isinstance(thing, pypdf.generic.StreamObject):
            found.append(thing.get_data())
    return found


def holds(payloads: list[bytes], values: tuple[str, ...]) -> list[str]:
    """Return which values stand in what left, spaces and case aside."""
    texts = ["".join(read_everything(one).split()).casefold() for one in payloads]
    return [value for value in values if any("".join(value.split()).casefold() in text for text in texts)]
