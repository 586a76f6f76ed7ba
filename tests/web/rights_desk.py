"""Two information governance leads at their pages, and Braid beside them: from the letter to the pack."""

import re
from dataclasses import dataclass
from typing import Any

from django.test import Client
from django.utils import timezone
from sample_agreements import ORGANISATIONS
from vault_sample import confirm_session, has_factor

from braid.language.dates import london_date
from braid.store.place_folder import Place
from braid.web.models import RightsItem, RightsRequest, User
from braid.web.rights.sealed_lines import open_lines
from braid.web.rights.working import work_in
from braid.web.vault.keys import get_key_ring
from braid.web.watch import known_asker

FOUND = {"third_party": "nobody_else", "harm": "no_harm"}


def lead(name: str) -> Client:
    """A lead who has just confirmed with a second factor."""
    user, made = User.objects.get_or_create(
        username=name, defaults={"role": "ig_lead", "organisation": ORGANISATIONS["ig_lead"], "display_name": name}
    )
    if made:
        has_factor(user)
    client = Client()
    client.force_login(user, backend="django.contrib.auth.backends.ModelBackend")
    return confirm_session(client)


@dataclass
class Desk:
    """Who handles requests, who lets them go, and the place whose data it is."""

    place: Place
    one: Client
    two: Client

    def open(self, subject: str, asker: str = "self", parent: str = "", channel: str = "bundle", **given: Any) -> str:
        """Keep a request for access through the page; return its id."""
        today = london_date(timezone.now()).isoformat()
        form = {
            "form": "access",
            "asked-subject_id": subject,
            "asked-asker": asker,
            "asked-asker_person_id": parent,
            "asked-received_on": today,
            "asked-shown_on": today,
            "asked-channel": channel,
            **given,
        }
        answer = self.one.post("/rights/", form)
        assert answer.status_code == 302, re.findall(r'href="#[^>]*>([^<]*)', answer.content.decode())
        with known_asker():
            return str(RightsRequest.objects.order_by("opened_at").last().pk)

    def work(self) -> int:
        """Let Braid do beside the pages what waits for it."""
        with known_asker():
            return work_in(self.place)

    def row(self, request_id: str) -> RightsRequest:
        """The row as it stands."""
        with known_asker():
            return RightsRequest.objects.get(pk=request_id)

    def lines(self, request_id: str) -> list[tuple[RightsItem, tuple[Any, ...]]]:
        """Every item with its lines, as the owner of the tables reads them."""
        with known_asker():
            items = RightsItem.objects.filter(request=request_id).order_by("position")
            return [(item, open_lines(get_key_ring(), item)) for item in items]

    def decide(self, request_id: str, keep=lambda item, line: True, ground: str = "third_party") -> None:
        """Decide on every item through its page: what `keep` says, of what may be told at all."""
        for item, lines in self.lines(request_id):
            kept = [str(n) for n, line in enumerate(lines) if not line.locked and keep(item, line)]
            answer = self.one.post(f"/rights/{request_id}/items/{item.position}/", {"kept": kept, "ground": ground})
            assert answer.status_code == 302, answer.content.decode()

    def step(self, request_id: str, step: str, client: Client | None = None, **given: str) -> Any:
        """Take a step on the page of the request."""
        form = {"step": step, "version": str(self.row(request_id).version), **given}
        return (client or self.one).post(f"/rights/{request_id}/", form)

    def digest(self, request_id: str, client: Client | None = None) -> str:
        """The mark of what the page says will be given."""
        page = (client or self.two).get(f"/rights/{request_id}/pack/").content.decode()
        found = re.search(r'name="digest" value="(\w+)"', page)
        return found[1] if found else ""

    def approve(self, request_id: str, client: Client | None = None, **given: str) -> Any:
        """Let what will be given go, as the second human."""
        version = str(self.row(request_id).version)
        form = {"step": "approve", "digest": self.digest(request_id, client), "version": version, **FOUND, **given}
        return (client or self.two).post(f"/rights/{request_id}/pack/", form)

    def through(self, subject: str, keep=lambda item, line: True, **given: Any) -> str:
        """Take a request from the letter to a pack in the outbox; return its id."""
        request_id = self.open(subject, **given)
        self.work()
        self.decide(request_id, keep)
        assert self.step(request_id, "submit").status_code == 302
        assert self.approve(request_id).status_code == 302
        self.work()
        return request_id
