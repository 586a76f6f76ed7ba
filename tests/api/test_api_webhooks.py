"""Partners' machines are told of what happens: signed, in order, each once, of what they may see, without a value."""

import base64
import datetime as dt
import hashlib
import hmac
import json
import logging
import threading
from dataclasses import replace
from http.server import BaseHTTPRequestHandler, HTTPServer

import pytest
from board_sample import WORDS, decided, held, seat_usual, write_boards_place
from django.db import DatabaseError, transaction
from django.utils import timezone
from joint_sample import put_joint
from machines import LEAD, make_machine, put_in_team
from published_sample import ENTRIES, as_pages
from sample_run import CHILD

from braid.language.steps import NotPossible
from braid.outbound import ChannelNotAvailable, ChannelRefused, Routes
from braid.outbound.egress import Egress, check_address, is_public, post_out
from braid.outbound.events import EVENT_KINDS, FIRST_WAIT, LONGEST_WAIT, MOST_ATTEMPTS, sign_event, wait_after
from braid.web.access.context import asking_as
from braid.web.key_rotation import rotate_vault
from braid.web.logs import JsonLines
from braid.web.models import (
    Barred,
    PublishedRun,
    Referral,
    SafetyTask,
    Team,
    User,
    WebhookDelivery,
    WebhookSecret,
    WebhookSubscription,
)
from braid.web.publish import publish
from braid.web.systems.subscriptions import (
    end_subscription,
    forget_deliveries,
    list_subscriptions,
    renew_secret,
    send_anew,
    subscribe,
)
from braid.web.systems.telling import tell_due
from braid.web.vault.keys import open_key_ring
from braid.web.watch import known_asker

SILENCE = 0
"""Instead of a status: the machine takes the call and never answers."""


class Partner:
    """A partner's machine on this one: keeps what arrives, and answers as it is told to."""

    def __init__(self) -> None:
        self.heard: list[tuple[dict[str, str], bytes]] = []
        self.answers: list[int] = []
        partner = self

        class Handler(BaseHTTPRequestHandler):
            def do_POST(self) -> None:
                body = self.rfile.read(int(self.headers["Content-Length"]))
                partner.heard.append((dict(self.headers.items()), body))
                status = partner.answers.pop(0) if partner.answers else 204
                if status == SILENCE:
                    self.rfile.read(1)  # until whoever called gives up
                    return
                self.send_response(status)
                if status == 302:
                    self.send_header("Location", "http://127.0.0.1:1/elsewhere")
                self.end_headers()

            def log_message(self, *_: object) -> None:
                """Say nothing."""

        self.server = HTTPServer(("127.0.0.1", 0), Handler)
        self.url = f"http://127.0.0.1:{self.server.server_port}/events"
        threading.Thread(target=self.server.serve_forever, daemon=True).start()

    def said(self) -> list[dict]:
        return [json.loads(body) for _, body in self.heard]


@pytest.fixture
def partner():
    """A partner's machine that listens."""
    made = Partner()
    yield made
    made.server.shutdown()
    made.server.server_close()


@pytest.fixture
def machine(published, user_of):
    """A machine in a team of its organisation."""
    open_key_ring()
    made = make_machine()
    put_in_team(made)
    return made


def listen(machine, partner, *kinds: str) -> tuple[object, str, Routes]:
    """Let the machine be told; return the subscription's id, its secret, and the routes of the place."""
    routes = Routes(event_urls={"northmere-council": frozenset({partner.url})}, timeout_seconds=5)
    name = machine.username.removeprefix("system-")
    of_people = tuple(code for code, kind in EVENT_KINDS.items() if kind.needs == "people")
    made, secret = subscribe(LEAD, name, partner.url, kinds or of_people, routes.event_urls)
    return made, secret, routes


def refer(machine, person_id: str = CHILD) -> str:
    """Have a human refer somebody to the machine's team; return the referral's id."""
    said = {"team": "northmere-homes", "service": "health", "urgency": "urgent", "note": "words of a note"}
    sender = make_machine("another-desk", role="practitioner")
    put_in_team(sender, "another-homes")
    answer = sender.send(f"/people/{person_id}/referrals", said)
    assert answer.status_code == 201, answer.content
    return answer.json()["id"]


def check_signature(headers: dict[str, str], body: bytes, secret: str) -> bool:
    """As a partner checks it, written from the description of the head."""
    key = base64.b64decode(secret.removeprefix("whsec_"))
    signed = f"{headers['Webhook-Id']}.{headers['Webhook-Timestamp']}.".encode() + body
    wanted = "v1," + base64.b64encode(hmac.new(key, signed, hashlib.sha256).digest()).decode()
    return wanted in headers["Webhook-Signature"].split(" ")


@pytest.mark.django_db
def test_what_happens_is_told_once_signed_and_says_nobodys_value(machine, partner):
    _, secret, routes = listen(machine, partner, "referral.sent")
    referral = refer(machine)
    assert tell_due(routes) == {"sent": 1}
    assert tell_due(routes) == {}
    ((headers, body),) = partner.heard
    assert check_signature(headers, body, secret)
    assert not check_signature(headers, body + b" ", secret)
    said = json.loads(body)
    assert set(said) == {"id", "type", "timestamp", "number", "data"}
    assert said["data"] == {"resource": f"/api/v1/referrals/{referral}"}
    assert (said["type"], said["number"], said["id"]) == ("referral.sent", 1, headers["Webhook-Id"])
    assert CHILD not in body.decode() and "words" not in body.decode()
    assert machine.get(said["data"]["resource"].removeprefix("/api/v1")).status_code == 200
    told = ENTRIES.get(kind="sent")
    assert (told.username, told.details["kind"], told.person_id) == (machine.username, "referral.sent", "")


@pytest.mark.django_db
def test_telling_is_a_span_of_the_trace_of_the_request_in_which_it_happened(machine, partner, settings):
    settings.TRACES = "log"
    trace = "0af7651916cd43dd8448eb211c80319c"
    _, _, routes = listen(machine, partner, "referral.sent")
    sender = make_machine("another-desk", role="practitioner")
    put_in_team(sender, "another-homes")
    said = {"team": "northmere-homes", "service": "health", "urgency": "urgent", "note": "words of a note"}
    with known_asker():
        Team.objects.filter(pk="northmere-homes").update(services=["health", "early_help"])
    for traced, service in ((trace, "health"), ("", "early_help")):
        parent = {"traceparent": f"00-{traced}-b7ad6b7169203331-01"} if traced else {}
        settings.TRACES = "log" if traced else ""
        answer = sender.send(f"/people/{CHILD}/referrals", {**said, "service": service}, **parent)
        assert answer.status_code == 201, answer.content
    settings.TRACES = "log"
    with known_asker():
        first, second = WebhookDelivery.objects.order_by("pk")
    assert first.trace.startswith(f"00-{trace}-") and second.trace == ""
    written = []
    handler = logging.Handler()
    handler.emit = lambda record: written.append(json.loads(JsonLines().format(record)))
    logger = logging.getLogger("braid.traces")
    logger.addHandler(handler)
    logger.setLevel(logging.INFO)
    try:
        assert tell_due(routes) == {"sent": 2}
    finally:
        logger.removeHandler(handler)
    one, other = [each for each in written if each["span"] == "event"]
    assert (one["trace_id"], one["parent_id"], one["state"]) == (trace, first.trace.split("-")[2], "sent")
    assert other["trace_id"] != trace and "parent_id" not in other
    for secret in (CHILD, partner.url, str(first.message_id), "words of a note"):
        assert secret not in json.dumps(written)


@pytest.mark.django_db
def test_every_step_of_joint_work_is_told_in_its_order(machine, partner):
    joint = put_joint(CHILD, machine.username)
    _, _, routes = listen(machine, partner)
    path = f"/referrals/{joint.referral}"
    for step in ("accept", "complete"):
        machine.send(f"{path}/answers", {"step": step}, If_Match=machine.tag(path))
    machine.send(f"/offers/{joint.offer}/answers", {"step": "accept"}, If_Match=machine.tag(f"/offers/{joint.offer}"))
    tell_due(routes)
    said = partner.said()
    assert [one["number"] for one in said] == list(range(1, len(said) + 1))
    of_referral = [one for one in said if one["data"]["resource"].endswith(joint.referral)]
    assert [one["type"] for one in of_referral] == ["referral.changed", "referral.changed"]
    assert "offer.changed" in {one["type"] for one in said}


@pytest.mark.django_db
def test_of_whom_a_system_may_not_see_it_is_told_nothing_and_counts_no_gap(machine, partner):
    _, _, routes = listen(machine, partner, "referral.sent")
    refer(machine)
    with known_asker():
        Barred.objects.create(person_id=CHILD, username=machine.username)
    assert tell_due(routes) == {"not_shown": 1}
    assert partner.heard == []
    with known_asker():
        Barred.objects.all().delete()
        first = Referral.objects.get()
        Referral.objects.filter(pk=first.pk).update(state="revoked")
        Referral.objects.filter(pk=first.pk).update(state="pending")
    WebhookSubscription.objects.update(kinds=["referral.sent", "referral.changed"])
    with known_asker():
        Referral.objects.filter(pk=first.pk).update(state="accepted")
    assert tell_due(routes) == {"sent": 1}
    assert [one["number"] for one in partner.said()] == [1]


@pytest.mark.django_db
def test_it_is_told_of_its_own_purpose_and_organisation_alone(machine, partner):
    other = make_machine("harbour-desk", role="advocate", purpose="victim_response")
    put_in_team(other, "harbour-team")
    _, _, routes = listen(machine, partner)
    put_joint(CHILD, other.username, "victim_response")
    with known_asker():
        Referral.objects.filter(team="joint-system-harbour-desk").update(state="accepted")
    assert not WebhookDelivery.objects.exists()
    assert tell_due(routes) == {}


@pytest.mark.django_db
def test_what_rolls_back_was_not_noted(machine, partner):
    listen(machine, partner)
    with pytest.raises(ZeroDivisionError), transaction.atomic():
        refer(machine)
        assert WebhookDelivery.objects.exists()
        1 / 0  # noqa: B018
    assert not WebhookDelivery.objects.exists()


@pytest.mark.django_db
def test_what_is_not_taken_is_tried_again_under_the_same_id_and_ends_with_a_task(machine, partner):
    made, _, routes = listen(machine, partner, "referral.sent")
    refer(machine)
    partner.answers = [500, 404, 302, 429] + [503] * 20
    now = timezone.now()
    outcomes = []
    for _ in range(MOST_ATTEMPTS + 2):
        outcomes += [*tell_due(routes, clock=lambda at=now: at)]
        now += LONGEST_WAIT
    assert outcomes == ["queued"] * (MOST_ATTEMPTS - 1) + ["dead"]
    assert len({headers["Webhook-Id"] for headers, _ in partner.heard}) == 1
    assert len({body for _, body in partner.heard}) == 1
    with known_asker():
        assert SafetyTask.objects.get(kind="webhook_dead").subject_id == str(made)
    partner.answers = []
    assert send_anew(LEAD, made) == 1
    assert tell_due(routes, clock=lambda: now + LONGEST_WAIT) == {"sent": 1}
    assert partner.said()[-1]["number"] == 1
    with pytest.raises(NotPossible):
        send_anew(LEAD, made)


def test_waits_grow_and_have_an_end():
    waits = [wait_after(number) for number in range(1, MOST_ATTEMPTS)]
    assert waits == sorted(waits)
    assert (waits[0], waits[-1]) == (FIRST_WAIT, LONGEST_WAIT)
    assert dt.timedelta(hours=12) < sum(waits, dt.timedelta()) < dt.timedelta(days=2)


@pytest.mark.django_db
def test_of_one_thing_a_later_event_waits_for_the_earlier_and_of_another_it_does_not(machine, partner):
    joint, other = (put_joint(person, machine.username) for person in (CHILD, "1" * 32))
    _, _, routes = listen(machine, partner, "referral.changed")
    with known_asker():
        for state in ("accepted", "done"):
            Referral.objects.filter(pk=joint.referral).update(state=state)
        Referral.objects.filter(pk=other.referral).update(state="accepted")
    partner.answers = [500]
    now = timezone.now()
    assert tell_due(routes, clock=lambda: now)["queued"] == 1
    told = [one["data"]["resource"].rpartition("/")[2] for one in partner.said()[1:]]
    assert str(joint.referral) not in told
    tell_due(routes, clock=lambda: now + LONGEST_WAIT)
    numbers = [one["number"] for one in partner.said() if one["data"]["resource"].endswith(joint.referral)]
    assert numbers == sorted(numbers)


@pytest.mark.django_db
def test_a_machine_that_does_not_answer_is_waited_for_once_a_turn(machine, partner):
    """It takes the call and says nothing: each event would wait for it as long again, and all others' with it."""
    joint, other = (put_joint(person, machine.username) for person in (CHILD, "1" * 32))
    _, _, routes = listen(machine, partner, "referral.changed")
    with known_asker():
        for one in (joint, other):
            Referral.objects.filter(pk=one.referral).update(state="accepted")
    partner.answers = [SILENCE, SILENCE]
    assert tell_due(replace(routes, timeout_seconds=0.3)) == {"queued": 1}
    assert tell_due(replace(routes, timeout_seconds=0.3)) == {"queued": 1}, "the other has its turn in the next"


@pytest.mark.django_db
def test_a_new_secret_signs_beside_the_old_one_until_that_ends(machine, partner):
    made, old, routes = listen(machine, partner, "referral.sent", "referral.changed")
    new = renew_secret(LEAD, made)
    referral = refer(machine)
    tell_due(routes)
    headers, body = partner.heard[-1]
    assert check_signature(headers, body, old) and check_signature(headers, body, new)
    WebhookSecret.objects.filter(ends_at__isnull=False).update(ends_at=timezone.now())
    with known_asker():
        Referral.objects.filter(pk=referral).update(state="accepted")
    tell_due(routes)
    headers, body = partner.heard[-1]
    assert check_signature(headers, body, new) and not check_signature(headers, body, old)


@pytest.mark.django_db
def test_secrets_rest_sealed_and_outlive_a_new_key_of_the_vault(machine, partner):
    _, secret, routes = listen(machine, partner, "referral.sent")
    kept = WebhookSecret.objects.get()
    assert base64.b64decode(secret.removeprefix("whsec_")) not in bytes(kept.sealed)
    rotate_vault()
    refer(machine)
    tell_due(routes)
    assert check_signature(*partner.heard[-1], secret)
    with as_pages(), pytest.raises(DatabaseError, match="permission denied"), transaction.atomic():
        list(WebhookSecret.objects.all())


@pytest.mark.django_db
def test_without_a_token_that_holds_nothing_is_told(machine, partner):
    from braid.web.systems.tokens import revoke_system_token

    _, _, routes = listen(machine, partner, "referral.sent")
    refer(machine)
    revoke_system_token(LEAD, machine.token_id)
    assert tell_due(routes) == {"queued": 1}
    assert WebhookDelivery.objects.get().last_fault == "no_token"
    assert partner.heard == []


@pytest.mark.django_db
def test_an_address_that_is_not_listed_any_more_is_told_nothing(machine, partner):
    listen(machine, partner, "referral.sent")
    refer(machine)
    assert tell_due(Routes()) == {"dead": 1}
    assert (WebhookDelivery.objects.get().last_fault, partner.heard) == ("not_listed", [])


@pytest.mark.django_db
def test_what_has_ended_is_told_nothing_and_forgotten(machine, partner):
    made, _, routes = listen(machine, partner, "referral.sent")
    refer(machine)
    end_subscription(LEAD, made)
    assert tell_due(routes) == {"ended": 1}
    WebhookDelivery.objects.update(ended_at=timezone.now() - dt.timedelta(days=31))
    assert forget_deliveries() == 1
    with pytest.raises(NotPossible):
        end_subscription(LEAD, made)


@pytest.mark.django_db
def test_a_finished_run_is_told_with_counts_of_sources_alone(machine, partner):
    _, secret, routes = listen(machine, partner, "run.published")
    run = PublishedRun.objects.get()
    history = [{"runs": [{"run": "one"}, {"run": "two", "rows_in": 7}]}, {"runs": [{"run": "one"}]}, {"runs": []}]
    PublishedRun.objects.update(run_id=run.run_id, feed_history=history)
    assert not WebhookDelivery.objects.exists(), "the same run is no news"
    PublishedRun.objects.update(run_id="one", feed_history=history)
    PublishedRun.objects.update(run_id="two", feed_history=history)
    assert tell_due(routes) == {"sent": 2}
    assert [(one["type"], one["data"]) for one in partner.said()] == [
        ("run.published", {"resource": "/api/v1/place", "counts": {"sources": 3, "sources_read": read}})
        for read in (2, 1)
    ]
    assert all(check_signature(headers, body, secret) for headers, body in partner.heard)
    assert machine.get("/place").status_code == 200


@pytest.mark.django_db
def test_publishing_a_run_is_the_news(machine, partner, sample):
    _, _, routes = listen(machine, partner, "run.published")
    PublishedRun.objects.update(run_id="before")
    WebhookDelivery.objects.all().delete()
    place, run = sample
    publish(run, place)
    assert tell_due(routes) == {"sent": 1}
    sources = len(place.feeds)
    assert partner.said()[0]["data"]["counts"]["sources"] == sources > 0


@pytest.fixture
def member(published, user_of, monkeypatch, tmp_path):
    """A machine of a role that governs, which sees nobody and is bound to no purpose, beside a board with its seats."""
    open_key_ring()
    monkeypatch.setenv("BRAID_PLACE", str(write_boards_place(tmp_path)))
    user_of("board_member"), user_of("commissioner")
    seat_usual()
    return make_machine("board-papers", "board_member", "", organisation="northmere-council")


@pytest.mark.django_db
def test_what_a_board_decides_in_the_open_is_told_and_nothing_confidential(member, partner):
    _, _, routes = listen(member, partner, "board.decided")
    _, (hidden, shown) = held(replace(WORDS, confidential=True), WORDS)
    secret, told = decided(hidden, "Words of a title"), decided(shown, "Words of a title")
    kept = WebhookDelivery.objects.get()
    assert (kept.subject_id, kept.kind, kept.detail) == (told, "board.decided", {"board": "justice"})
    assert tell_due(routes) == {"sent": 1}
    ((_, body),) = partner.heard
    assert json.loads(body)["data"] == {"resource": f"/api/v1/boards/justice/decisions/{told}"}
    assert str(secret) not in body.decode() and "Words of" not in body.decode()


@pytest.mark.django_db
def test_who_governs_no_more_is_told_of_no_decision(member, partner):
    _, _, routes = listen(member, partner, "board.decided")
    _, (item,) = held()
    decided(item)
    User.objects.filter(username=member.username).update(role="partner")
    assert tell_due(routes) == {"not_shown": 1} and partner.heard == []


@pytest.mark.django_db
@pytest.mark.parametrize(
    ("name", "url", "kinds"),
    [
        ("nobody", "", ("referral.sent",)),
        ("northmere-housing", "https://elsewhere.example/events", ("referral.sent",)),
        ("northmere-housing", "", ("everything",)),
        ("northmere-housing", "", ()),
        ("northmere-housing", "", ("board.decided",)),
    ],
)
def test_a_subscription_that_would_go_elsewhere_is_not_made(machine, partner, name, url, kinds):
    listed = {"northmere-council": frozenset({partner.url}), "harbour": frozenset({"https://elsewhere.example/events"})}
    with pytest.raises(NotPossible):
        subscribe(LEAD, name, url or partner.url, kinds, listed)
    assert not WebhookSubscription.objects.exists()


@pytest.mark.django_db
def test_pages_see_counts_of_their_organisation_and_no_subject(machine, partner):
    made, _, _ = listen(machine, partner, "referral.sent")
    refer(machine)
    with as_pages(), asking_as("test-practitioner", ""):
        (one,) = list_subscriptions()
        assert (one.id, one.queued, one.dead) == (made, 1, 0)
        with pytest.raises(DatabaseError, match="permission denied"), transaction.atomic():
            list(WebhookDelivery.objects.values_list("subject_id"))
    for username in ("test-advocate", machine.username, ""):
        with as_pages(), asking_as(username, ""):
            assert list_subscriptions() == []


def test_a_signature_is_of_its_id_time_and_body():
    signed = [
        sign_event(b"{}", "id", 5, [b"k"])["Webhook-Signature"],
        sign_event(b"{ }", "id", 5, [b"k"])["Webhook-Signature"],
        sign_event(b"{}", "ie", 5, [b"k"])["Webhook-Signature"],
        sign_event(b"{}", "id", 6, [b"k"])["Webhook-Signature"],
        sign_event(b"{}", "id", 5, [b"l"])["Webhook-Signature"],
    ]
    assert len(set(signed)) == len(signed)


@pytest.mark.parametrize(
    "address",
    "127.0.0.1 10.1.2.3 172.16.0.1 192.168.1.1 169.254.169.254 100.64.0.1 0.0.0.0 224.0.0.1 255.255.255.255 198.18.0.1"
    " 192.0.2.1 ::1 :: fe80::1 fc00::1 ff02::1 ::ffff:10.0.0.1 ::ffff:127.0.0.1 64:ff9b::a00:1 2002:a00:1::"
    " 2001:0:4136:e378:8000:63bf:f5ff:fffe fe80::1%eth0".split(),
)
def test_an_address_within_is_not_public(address):
    assert not is_public(address)


@pytest.mark.parametrize("address", "8.8.8.8 1.1.1.1 2606:4700:4700::1111".split())
def test_an_address_of_the_internet_is_public(address):
    assert is_public(address)


def test_a_shared_network_counts_as_public_and_this_machine_never():
    assert is_public("10.20.3.4", ("10.20.0.0/16",))
    assert not is_public("10.21.3.4", ("10.20.0.0/16",))
    for address in ("127.0.0.1", "169.254.169.254", "::1"):
        assert not is_public(address, ("0.0.0.0/0", "::/0"))


@pytest.mark.parametrize(
    "url",
    [
        "http://partner.example/events",
        "ftp://partner.example/",
        "https://user:word@partner.example/",
        "https:///events",
        "https://partner.example:99999/",
        "https://partner.example/ events",
        "https://partner.example/#x",
        "file:///etc/passwd",
        "gopher://127.0.0.1/",
    ],
)
def test_an_address_that_is_none_is_refused(url):
    with pytest.raises(ChannelRefused):
        check_address(url)
    with pytest.raises(ChannelRefused):
        post_out(url, b"", {}, Egress(frozenset({url})))


@pytest.mark.parametrize(
    "host", ["localhost", "127.0.0.1", "[::1]", "169.254.169.254", "10.0.0.1", "2130706433", "0x7f.1"]
)
def test_a_listed_name_that_leads_within_is_not_posted_to(host):
    url = f"https://{host}/events"
    with pytest.raises((ChannelRefused, ChannelNotAvailable)):
        post_out(url, b"", {}, Egress(frozenset({url}), timeout_seconds=2))


def test_a_name_that_leads_out_and_within_is_not_posted_to(monkeypatch):
    """A name with two addresses: one that is judged well, and one that would be connected to."""
    import socket

    found = [(2, 1, 6, "", ("8.8.8.8", 443)), (2, 1, 6, "", ("127.0.0.1", 443))]
    monkeypatch.setattr(socket, "getaddrinfo", lambda *a, **k: found)
    url = "https://partner.example/events"
    with pytest.raises(ChannelRefused, match="network of our own"):
        post_out(url, b"", {}, Egress(frozenset({url})))


def test_a_redirect_is_an_answer_and_not_followed(partner):
    partner.answers = [302]
    assert post_out(partner.url, b"{}", {}, Egress(frozenset({partner.url}))) == 302
    assert len(partner.heard) == 1


def test_what_is_not_listed_is_not_posted_to(partner):
    with pytest.raises(ChannelRefused):
        post_out(partner.url, b"{}", {}, Egress(frozenset({"https://partner.example/"})))
    assert partner.heard == []
