"""What restriction, erasure, holds and the sweep do: a hold beats an erasure, what is erased never opens again, and who
is restricted is there for nobody but whoever accounts for looks."""

import csv
import datetime as dt
import shutil

import pytest
from django.db import connection, transaction
from django.utils import timezone
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st
from joint_sample import put_joint
from published_sample import ENTRIES, as_pages
from rights_desk import Desk, lead
from rights_sample import put_request
from sample_run import CHILD, ONE_WAIT, VICTIM
from vault_sample import read_as_pages

from braid.language.dates import london_date
from braid.language.steps import NotPossible
from braid.people.withdrawals import parse_stopped
from braid.store.place_folder import PlaceInvalid, load_place
from braid.trust.audit import COLUMNS, encode_entry
from braid.web.access.context import asking_as
from braid.web.models import (
    AuditEntry,
    CaseDocument,
    DocumentVersion,
    LegalHold,
    LinkPair,
    OutboxMessage,
    Person,
    PersonWait,
    Referral,
    RetentionSweep,
    RightsItem,
    RightsRequest,
    SearchMade,
    User,
)
from braid.web.rights import sweeping
from braid.web.rights.other_requests import move_hold, place_hold
from braid.web.vault.reading import VaultNotReadable
from braid.web.watch import known_asker

pytestmark = pytest.mark.django_db


@pytest.fixture
def desk(published, sample, tmp_path):
    """Two leads over a copy of the sample's place, whose lists are its own."""
    shutil.copytree(sample[0].folder, tmp_path / "place")
    return Desk(load_place(tmp_path / "place"), lead("lead-one"), lead("lead-two"))


def wish(desk: Desk, kind: str, person: str, basis: str = "", **given: str) -> str:
    """Keep a wish through the page; return its id."""
    today = london_date(timezone.now()).isoformat()
    form = {"subject_id": person, "asker": "self", "received_on": today, "shown_on": today, "kind": kind, **given}
    sent = {f"wish-{name}": value for name, value in {**form, "basis": basis}.items()}
    assert desk.one.post("/rights/", {"form": "wish", **sent}).status_code == 302
    with known_asker():
        return str(RightsRequest.objects.order_by("opened_at").last().pk)


def rows_of(desk: Desk, name: str) -> list[dict[str, str]]:
    path = desk.place.folder / "restricted" / f"{name}.csv"
    if not path.is_file():
        return []
    with path.open(encoding="utf-8", newline="") as file:
        return list(csv.DictReader(file))


def sees(client_of, person: str) -> int:
    return client_of("practitioner", "school_from_ta").get(f"/people/{person}/").status_code


def test_a_restriction_hides_at_once_keeps_records_out_and_is_taken_back_by_two(desk, client_of):
    assert sees(client_of, CHILD) == 200
    request_id = wish(desk, "restriction", CHILD, "accuracy_contested")
    assert desk.step(request_id, "restrict", desk.two).status_code == 400, "whoever handles it does"
    assert desk.step(request_id, "restrict").status_code == 302
    assert sees(client_of, CHILD) == 404 and desk.two.get(f"/rights/{request_id}/").status_code == 200
    with as_pages(), asking_as("test-analyst", "school_from_ta"):
        assert not PersonWait.objects.filter(person_id=CHILD).exists()
    desk.work()
    assert desk.step(request_id, "propose_end").status_code == 302 and sees(client_of, CHILD) == 404
    assert desk.step(request_id, "end").status_code == 400, "not by one human"
    assert desk.step(request_id, "end", desk.two).status_code == 302
    assert sees(client_of, CHILD) == 200


def test_the_records_of_a_restriction_are_on_the_list_until_it_ends(desk):
    request_id = wish(desk, "restriction", VICTIM, "objection")
    desk.step(request_id, "restrict")
    assert desk.work() == 1 and desk.work() == 0
    (row,) = rows_of(desk, "stopped")
    assert (row["feed"], row["partner_record_id"], row["ended_date"]) == ("northmere-housing-register", "A-1", "")
    assert list(parse_stopped([(2, row)])) == [("northmere-housing-register", "A-1")]
    desk.step(request_id, "propose_end")
    desk.step(request_id, "end", desk.two)
    assert desk.work() == 1 and parse_stopped(enumerate(rows_of(desk, "stopped"), 2)) == {}


@pytest.mark.parametrize("broken", [{"feed": ""}, {"since_date": "soon"}, {"ended_date": "x"}, {"reference": ""}])
def test_a_list_of_restrictions_that_cannot_be_read_stops_the_run(broken):
    row = {"feed": "f", "partner_record_id": "k", "since_date": "2026-11-01", "ended_date": "", "reference": "R"}
    with pytest.raises(PlaceInvalid, match="line 2"):
        parse_stopped([(2, {**row, **broken})])


def test_an_erasure_leaves_nothing_that_opens_and_nobody_comes_back(desk, client_of):
    joint = put_joint(VICTIM, "test-advocate", "victim_response")
    with known_asker():
        LegalHold.objects.all().delete()
    gathered = desk.open(VICTIM)
    desk.work()
    assert read_as_pages(VICTIM, "vault.address")
    with known_asker():
        pair = LinkPair.objects.create(
            record_a="a", record_b="b", is_sampled=False, needs_two=True, run_id="r", is_shown=True, position=1,
            person_a=CHILD, person_b=VICTIM, is_joined=False, sheet={"sides": [{"given": "Cass"}]},
        )  # fmt: skip
    before = entries()
    request_id = wish(desk, "erasure", VICTIM, "not_needed")
    desk.step(request_id, "propose")
    assert desk.step(request_id, "approve").status_code == 400, "not by one human"
    assert desk.step(request_id, "approve", desk.two).status_code == 302 and desk.work() == 1
    assert desk.row(request_id).state == "done" and desk.work() == 0
    with pytest.raises(VaultNotReadable):
        read_as_pages(VICTIM, "vault.address")
    with known_asker():
        assert (
            not Person.objects.filter(pk=VICTIM).exists() and not PersonWait.objects.filter(person_id=VICTIM).exists()
        )
        pair.refresh_from_db()
        assert (pair.is_shown, pair.sheet) == (False, {}), "reviewers read names and days of birth there"
        assert not RightsItem.objects.filter(request=gathered).exclude(sealed=b"").exists()
        assert not Referral.objects.filter(person_id=VICTIM).exclude(note="").exists()
        document = CaseDocument.objects.get(pk=joint.document)
        assert (document.state, document.title, document.ended_because) == ("withdrawn", "", "person_asked")
        assert not DocumentVersion.objects.filter(document=document).exclude(sealed=b"").exists()
        assert not OutboxMessage.objects.filter(subject_ids=[VICTIM]).exclude(sealed=b"").exists()
    (row,) = rows_of(desk, "withdrawn")
    assert (row["partner_record_id"], row["cause"]) == ("A-1", "erasure"), "tomorrow's extract brings nobody back"
    after = entries()
    assert after[: len(before)] == before, "the record of looks is as it was"
    done = ENTRIES.filter(person_id=VICTIM, details__what="rights request erase").get()
    assert "A-1" not in str(done.details)


def entries() -> list[bytes]:
    """Every entry of the record in the form that the log hashes, oldest first."""
    with known_asker():
        return [encode_entry(row) for row in AuditEntry.objects.order_by("pk").values_list(*COLUMNS)]


def test_a_hold_beats_an_erasure_and_two_lift_it(desk):
    assert desk.one.post("/rights/holds/").status_code == 400, "an empty form"
    form = {"person_id": VICTIM, "reason": "inquiry", "reference": "IG-2026-17"}
    assert desk.one.post("/rights/holds/", form).status_code == 302
    request_id = wish(desk, "erasure", VICTIM, "unlawful")
    desk.step(request_id, "propose")
    desk.step(request_id, "approve", desk.two)
    assert desk.work() == 0
    row = desk.row(request_id)
    assert (row.state, row.held_because) == ("approved", "hold") and read_as_pages(VICTIM, "vault.address")
    assert b"A hold is in force" in desk.one.get(f"/rights/{request_id}/").content
    with known_asker():
        hold = str(LegalHold.objects.get().pk)
    assert desk.one.post("/rights/holds/", {"hold": hold, "step": "lift"}).status_code == 400, "asked for first"
    assert desk.one.post("/rights/holds/", {"hold": hold, "step": "ask"}).status_code == 302
    assert desk.one.post("/rights/holds/", {"hold": hold, "step": "lift"}).status_code == 400, "not by one human"
    assert desk.two.post("/rights/holds/", {"hold": hold, "step": "lift"}).status_code == 302
    assert desk.work() == 1 and desk.row(request_id).state == "done"


def test_a_correction_is_sent_and_its_answer_kept_and_no_record_changes(desk):
    words = {"source": "northmere-council", "words": "CANARY-OF-A-CORRECTION the date of birth is another"}
    request_id = wish(desk, "rectification", CHILD, **words)
    page = desk.one.get(f"/rights/{request_id}/").content.decode()
    assert "northmere-council" in page and "CANARY-OF-A-CORRECTION" not in page
    assert "CANARY-OF-A-CORRECTION" in desk.one.get(f"/rights/{request_id}/items/1/").content.decode()
    with known_asker(), connection.cursor() as cursor:
        cursor.execute("select string_agg(i::text, ' ') from braid_rightsitem i")
        assert "CANARY-OF-A-CORRECTION" not in cursor.fetchone()[0]
    assert desk.step(request_id, "send").status_code == 302
    assert desk.step(request_id, "answer", reason="perhaps").status_code == 400
    assert desk.step(request_id, "answer", reason="corrected").status_code == 302
    assert desk.row(request_id).answer == "corrected" and desk.work() == 0


STEPS = ("hold", "ask", "lift", "open", "propose", "approve", "work", "restrict", "propose_end", "end", "gather")


@settings(max_examples=6, deadline=None, suppress_health_check=list(HealthCheck))
@given(steps=st.lists(st.sampled_from(STEPS), min_size=6, max_size=16))
def test_whatever_follows_what_a_hold_beats_an_erasure_and_the_restricted_are_hidden(desk, client_of, steps):
    """The machine of rights: each step as it comes, refused where it does not follow; what must hold holds after it."""
    with transaction.atomic():
        made: dict[str, str] = {}
        lead_one, lead_two = (User.objects.get(username=name) for name in ("lead-one", "lead-two"))
        for step in steps:
            was_held = is_held()
            _take(desk, step, made, lead_one, lead_two)
            with known_asker():
                states = {row.kind: row.state for row in RightsRequest.objects.filter(subject_id=VICTIM)}
                is_there = Person.objects.filter(pk=VICTIM).exists()
            if states.get("erasure") == "done":
                assert not is_there
                with pytest.raises(VaultNotReadable):
                    read_as_pages(VICTIM, "vault.address")
            else:
                assert is_there, "nothing goes before it is done"
            assert not (step == "work" and was_held and made.get("erased") is None and not is_there)
            made["erased"] = "yes" if states.get("erasure") == "done" else made.get("erased")
            if states.get("restriction") in ("in_force", "ending"):
                with as_pages(), asking_as("test-advocate", "victim_response"):
                    assert not PersonWait.objects.filter(person_id=VICTIM).exists()
        transaction.set_rollback(True)
    shutil.rmtree(desk.place.folder / "restricted", ignore_errors=True)


def is_held() -> bool:
    with known_asker():
        return LegalHold.objects.filter(person_id=VICTIM, lifted_at=None).exists()


def _take(desk, step, made, one, two) -> None:
    if step == "hold":
        with asking_as(one.username, ""):
            place_hold(one, VICTIM, "inquiry", "IG-2026-17")
    elif step in ("ask", "lift"):
        by = one if step == "ask" else two
        with known_asker():
            hold = LegalHold.objects.filter(lifted_at=None).first()
        if hold is not None:
            try:
                with asking_as(by.username, ""), transaction.atomic():
                    move_hold(by, hold.pk, step)
            except NotPossible:
                return
    elif step == "open":
        made.setdefault("erasure", wish(desk, "erasure", VICTIM, "unlawful"))
    elif step == "restrict":
        if "restriction" not in made:
            made["restriction"] = wish(desk, "restriction", VICTIM, "objection")
        desk.step(made["restriction"], "restrict")
    elif step == "gather":
        made.setdefault("access", desk.open(VICTIM))
    elif step == "work":
        desk.work()
    else:
        kind = "restriction" if step in ("propose_end", "end") else "erasure"
        if kind in made:
            desk.step(made[kind], step, desk.two if step in ("approve", "end") else desk.one)


def test_the_sweep_plans_removes_once_and_passes_over_who_is_held(published):
    now = timezone.now()
    long_ago = now - dt.timedelta(days=400)
    first, held = put_request(CHILD, state="deciding"), put_request(ONE_WAIT, state="deciding")
    with known_asker():
        LegalHold.objects.filter(person_id=CHILD).delete()
        RightsRequest.objects.update(state="closed", closed_because="withdrawn", ended_at=long_ago)
        SearchMade.objects.create(user=User.objects.first())
        SearchMade.objects.update(made_at=long_ago)
    planned = {one.rule.code: (one.goes, one.held) for one in sweeping.plan(now)}
    assert planned["gathered_words"] == (1, 1) and planned["searches"] == (1, 0)
    with known_asker():
        assert RightsItem.objects.exclude(sealed=b"").count() == 2, "a plan removes nothing"
    swept = {one.rule.code: one.goes for one in sweeping.sweep(now, "lead-one")}
    assert swept == {code: goes for code, (goes, _) in planned.items()}
    with known_asker():
        assert bytes(RightsItem.objects.get(request=first).sealed) == b""
        assert bytes(RightsItem.objects.get(request=held).sealed) != b""
        assert RetentionSweep.objects.get(rule="gathered_words").removed == 1
    assert sum(one.goes for one in sweeping.sweep(now)) == 0, "a second sweep finds nothing"
    assert sweeping.sweep_when_due(now) == 0 and sweeping.sweep_when_due(now + dt.timedelta(days=2)) == 0


def test_what_is_not_over_its_time_stays(published):
    put_request(CHILD, state="deciding")
    with known_asker():
        LegalHold.objects.all().delete()
        RightsRequest.objects.update(state="closed", closed_because="withdrawn", ended_at=timezone.now())
    assert {one.rule.code: one.goes for one in sweeping.plan(timezone.now())}["gathered_words"] == 0
