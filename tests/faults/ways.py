"""What Braid does with its database, as ways that can be ended: publication, the outbox, edits of a case."""

from __future__ import annotations

import datetime as dt
from abc import abstractmethod
from pathlib import Path
from typing import Any, ClassVar

from django.test import Client
from django.utils import timezone
from machines import Machine, make_machine
from published_sample import REFERENCE, as_pages
from sample_run import CHILD

from braid.language.schema import Sensitivity
from braid.outbound import Draft, Text
from braid.web.access.projections import Viewer
from braid.web.access.sight import looking
from braid.web.models import (
    AuditEntry,
    CareAction,
    CaseMember,
    CaseSubject,
    JointCase,
    OutboxMessage,
    OutboxRecipient,
    Team,
    TeamMember,
    User,
)
from braid.web.outbound.disclosures import Grounds
from braid.web.outbound.outbox import queue_message
from braid.web.outbound.postman import send_due
from braid.web.outbound.route_file import load_ways
from braid.web.publish import publish
from braid.web.watch import known_asker
from faults.killing import State, Way
from faults.world import World, as_victim

PRACTITIONER = Viewer("test-practitioner", "practitioner", "school_from_ta", REFERENCE, "message")
GROUNDS = Grounds("children_act_2004_s10", "service_needed")
COUNCILS = ("northmere-council", "southwick-council")
SEEN = frozenset({"braid_apiuse", "braid_signedsession"})
"""When somebody asked last: written by every request, whatever comes of it."""


class DatabaseWay(Way):
    """A way in a world."""

    def __init__(self, world: World) -> None:
        self.world = world
        self.folders: tuple[Path, ...] = (world.spool,)
        world.begin_anew()
        self.prepare()
        world.keep()

    def prepare(self) -> None:
        """Put what the way begins with beside the published place; once."""

    def begin(self) -> None:
        """Return to what was prepared."""
        self.world.put_back()

    def jolt(self) -> None:
        """Let sequences run ahead."""
        self.world.jolt()

    def act(self) -> None:
        """Do it over a connection of its own."""
        as_victim(self.world)
        self.do()

    @abstractmethod
    def do(self) -> None:
        """Do it."""

    def again(self) -> None:
        """Do it again."""
        self.do()

    def state(self) -> State:
        """Return all rows, and the spool."""
        return self.world.state()

    def check(self) -> None:
        """Hold the record against itself."""
        self.world.check_record()

    def after_end(self) -> None:
        """Wait for the server to notice."""
        self.world.after_end()

    def revive(self) -> None:
        """Bring the server back."""
        self.world.revive()


class Publication(DatabaseWay):
    """A new run becomes the published set."""

    name = "publication"

    def do(self) -> None:
        """Publish the later run."""
        publish(self.world.runs[1], self.world.place)


class Outbox(DatabaseWay):
    """Two messages leave: a text message to one organisation, and one to two.

    No letter: what sets its type has threads of its own, which a fork of a process that used them waits for in vain.
    """

    name = "outbox"
    is_whole = False
    may_differ = frozenset(
        {
            *("braid_outboxmessage.attempts", "braid_outboxmessage.next_attempt_at"),
            "braid_auditentry.details.attempts",
        }
    )

    def is_trace(self, table: str, row: dict[str, Any]) -> bool:
        """The guard asks the vault anew for each try, and each asking is on record."""
        return table == "braid_auditentry" and row["kind"] == "vault_read"

    def prepare(self) -> None:
        """Write the messages as the pages do."""
        inboxes = "".join(
            f'[[inbox]]\norganisation = "{council}"\ntelephone = "01632 96077{number}"\n'
            for number, council in enumerate(COUNCILS, 1)
        )
        routes = f'[spool]\nfolder = "{self.world.spool}"\n{inboxes}'
        (self.world.place.folder / "outbound.toml").write_text(routes, encoding="utf-8")
        for recipients in (COUNCILS[:1], COUNCILS):
            pieces = (Text("Outcome", "Please send the outcome letter", frozenset({Sensitivity.NORMAL})),)
            draft = Draft(REFERENCE, "sms", PRACTITIONER.username, frozenset({CHILD}), pieces, timezone.now())
            with as_pages(), looking(PRACTITIONER):
                queue_message(PRACTITIONER, draft, [("organisation", one) for one in recipients], grounds=GROUNDS)

    def do(self) -> None:
        """Take what is due now."""
        self.send(0)

    def send(self, days: int) -> None:
        """Take what is due in so many days."""
        later = dt.timedelta(days=days)
        send_due(self.world.place, load_ways(self.world.place), clock=lambda: timezone.now() + later)

    def again(self) -> None:
        """Take what is due, as the postman does every second, until nothing waits."""
        for days in range(1, 8):
            self.send(days)
            with known_asker():
                if not OutboxMessage.objects.filter(state="queued").exists():
                    return
        raise AssertionError("a message still waits after seven more attempts")

    def check(self) -> None:
        """What is written down as delivered is there, once, and each copy has one entry."""
        super().check()
        with known_asker():
            delivered = list(OutboxRecipient.objects.exclude(delivered_at=None).values_list("receipt", flat=True))
            entries = list(AuditEntry.objects.filter(kind="sent").values_list("details", flat=True))
        names = [receipt["remote_id"] for receipt in delivered]
        lying = {row["name"] for row in self.world.spooled()}
        assert set(names) <= lying, "written down as delivered, and not there"
        assert len(names) == len(set(names)), "two copies under one name"
        assert len(entries) == len(names), f"{len(names)} copies left, {len(entries)} are on record"


def put_case(username: str) -> CareAction:
    """Put a case about the child that a human or a machine leads, and an action of their team in it; return that."""
    with known_asker():
        user = User.objects.get(username=username)
        values = {"name": "A team", "organisation": user.organisation, "services": ["health"]}
        team = Team.objects.get_or_create(pk="a-team", defaults=values)[0]
        TeamMember.objects.create(team=team, username=username, is_lead=True)
        case = JointCase.objects.create(
            reference="JC-7K3M-42", case_type="complex_needs", purpose=PRACTITIONER.purpose, opened_by=username
        )
        CaseSubject.objects.create(case=case, part="person", person_id=CHILD, added_by=username)
        seat = {"organisation": user.organisation, "agency": "social_care", "right": "edit", "sight": "whole"}
        CaseMember.objects.create(case=case, username=username, is_lead=True, **seat)
        due = timezone.localdate() + dt.timedelta(days=3)
        return CareAction.objects.create(case=case, team=team, words="Something", due_on=due, made_by=username)


class ActionStep(DatabaseWay):
    """A partner's machine takes on an action, by the API, under a key."""

    name = "case edit by API"
    may_differ = SEEN
    machine: Machine
    path: str
    tag: str

    def prepare(self) -> None:
        """Put an action into a case of the machine."""
        self.machine = make_machine(per_minute=6000)
        self.path = f"/actions/{put_case(self.machine.username).pk}"
        with as_pages():
            self.tag = self.machine.tag(self.path)

    def do(self) -> None:
        """Take it on."""
        with as_pages():
            said = self.machine.send(
                f"{self.path}/steps", {"step": "take_on"}, Idempotency_Key="key-of-a-step", If_Match=self.tag
            )
        assert said.status_code == 201, said.status_code


class NewAction(DatabaseWay):
    """A human makes an action of a case, on its page; afterwards they send the form again."""

    name = "case edit on a page"
    may_differ = SEEN
    client: Client
    address: str
    form: ClassVar[dict[str, str]] = {"kind": "action", "version": "1", "action-words": "Ask the school for a place"}

    def is_trace(self, table: str, row: dict[str, Any]) -> bool:
        """Who sends a form again is shown the case, and each look is on record."""
        return table == "braid_auditentry" and row["kind"] == "look"

    def prepare(self) -> None:
        """Put a case of the human."""
        action = put_case(PRACTITIONER.username)
        self.address = f"/cases/{action.case_id}/"
        due = timezone.localdate() + dt.timedelta(days=7)
        self.sent = {**self.form, "action-team": action.team_id, "action-due_on": due.isoformat()}
        self.client = Client()
        user = User.objects.get(username=PRACTITIONER.username)
        self.client.force_login(user, backend="django.contrib.auth.backends.ModelBackend")
        with as_pages():
            self.client.post("/reason/", {"purpose": PRACTITIONER.purpose, "reference": REFERENCE})

    def do(self) -> None:
        """Send the form, as long as the case has no such action."""
        with as_pages():
            said = self.client.post(self.address, self.sent)
        with known_asker():
            made = CareAction.objects.filter(words=self.form["action-words"]).count()
        assert made == 1, f"{made} actions after an answer of {said.status_code}"
        assert said.status_code in (302, 400)


WAYS: dict[str, type[DatabaseWay]] = {way.name: way for way in (Publication, Outbox, ActionStep, NewAction)}
