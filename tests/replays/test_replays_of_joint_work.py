"""The breaches that happened elsewhere, played against joint work: by every channel of the table, nothing comes out."""
# ruff: noqa: F401, F811 - fixtures

import datetime as dt
import email
import io
import re

import icalendar
import pypdf
import pytest
from django.db import transaction
from django.test import Client
from django.utils import timezone
from joint_office import (
    CHANNEL_OF,
    WORDS,
    Sweep,
    everything_kept,
    forms_of,
    hits,
    ids_of,
    joint_addresses,
    rows_of_csv,
    state,
)
from joint_sample import put_joint
from joint_table import CHANNELS, REPLAYS
from mail_server import mail_server
from page_forms import WORDS as TYPED
from post_office import read_everything
from published_sample import ENTRIES
from sample_agreements import sample_agreements
from sample_run import CANARIES, CHILD, CHILD_PROTECTED, ONE_WAIT, VICTIM
from test_care_changes import write_history
from test_care_extract import TODAY
from test_care_extract import place as own_place
from test_care_extract import run as linked_run
from test_care_response import INBOX, done, plan
from test_care_steps import acting_as, teams
from test_links import blotted
from test_replay_second_factor import LOOT, homes
from test_web_minutes import WITHHELD, deliver, hold, place, send
from test_web_reminders import feed_address, give_address, next_working_morning
from test_web_seals import BEFORE, place_and_runs, sealed
from test_web_seals import place as adopted_place

from braid.care.links import ViewWanted, digest_of, new_code
from braid.extracts.standards.joint_work import COLUMNS
from braid.language.steps import NotPossible
from braid.outbound import Routes
from braid.trust.roles import ROLES, VICTIM_RESPONSE
from braid.web.care import meetings, own_views, reply_links
from braid.web.care.extract import write_extract
from braid.web.care.identities import follow
from braid.web.care.reminding import remind_due
from braid.web.enforcement import enforce
from braid.web.models import (
    CareAction,
    CaseSubject,
    ExclusionEntry,
    JointPlan,
    Meeting,
    MeetingReturn,
    MoveNotice,
    OwnView,
    PersonIdentity,
    PlanApproval,
    PlanGoal,
    PlannedMove,
    Referral,
    SafeContact,
    SafetyTask,
)
from braid.web.outbound.route_file import Ways
from braid.web.overlay.effects import renew_effects
from braid.web.publish import publish
from braid.web.watch import known_asker

pytestmark = pytest.mark.django_db
WHERE = f"She is at {CANARIES['address']}, {CANARIES['postcode']}; ring {CANARIES['telephone']}"


@pytest.fixture(autouse=True)
def at_once(settings):
    """What an answer says is asked here, thousands of times; how long it takes is held elsewhere."""
    settings.ABSENT_FLOOR_MS = 0


def test_every_address_of_joint_work_is_in_a_channel():
    """From the map of addresses: what is new fails here until it is placed, and is attacked from then on."""
    named = [name for names in CHANNELS.values() for name in names]
    assert len(named) == len(set(named))
    assert set(named) == set(joint_addresses())


def test_every_channel_is_reached_by_a_replay_and_every_replay_is_played():
    reached = {channel for one in REPLAYS.values() for channel in one.channels}
    assert reached == set(CHANNELS)
    played = {name.removeprefix("test_replay_") for name in globals() if name.startswith("test_replay_")}
    assert played == set(REPLAYS)


def held(name: str, texts: dict[str, bytes], secrets) -> None:
    """What the attacker got by each channel of the table, and by no other, holds none of what is secret."""
    assert set(texts) == set(REPLAYS[name].channels)
    assert all(texts.values()), "nothing was asked"
    assert hits(texts, secrets) == []


def name_of(person_id: str) -> str:
    with known_asker():
        row = PersonIdentity.objects.get(pk=person_id)
    return f"{row.given_name} {row.family_name}"


def bar(username: str) -> None:
    """Keep somebody from the victim."""
    with known_asker():
        ExclusionEntry.objects.create(
            subject_id=VICTIM, reason="staff_knows", barred_username=username, entered_by="test-ig_lead"
        )
        renew_effects()


def together(*sweeps: Sweep) -> dict[str, bytes]:
    """All that several sweeps got, by channel."""
    found: dict[str, bytes] = {}
    for sweep in sweeps:
        for channel, text in sweep.by_channel().items():
            found[channel] = found.get(channel, b"") + text
    return found


def of_meeting(ids: dict[str, str], meeting, item) -> dict[str, str]:
    """The same ids, with the case of a meeting that was really held."""
    return {**ids, "meeting_id": str(meeting.pk), "item_id": str(item.pk), "case_id": str(item.case_id)}


@pytest.fixture
def victims(teams):
    """The ids of all joint work about the victim, which the advocate leads."""
    return ids_of(put_joint(VICTIM, "test-advocate", VICTIM_RESPONSE), VICTIM)


OF_MEETINGS = ("meeting", "agenda", "agenda_calendar", "follow", "minutes")


def sweep_all(client, ids: dict[str, str], typed=()) -> Sweep:
    """Ask everything, and what is of a meeting for the one whose minutes there are as well."""
    return Sweep(client, ids, typed).ask().at({**ids, "meeting_id": ids["minutes_id"]}).ask(*OF_MEETINGS)


def test_counterpart_whoever_leads_it_sees_every_word_of_it(victims, client_of):
    """Without it, the replays would pass where nothing is ever shown; and each word stands in a channel of its own."""
    client = client_of("advocate", VICTIM_RESPONSE)
    texts = sweep_all(client, victims).by_channel()
    # What is answered to a plan is for those alone who work with plans: no advocate does.
    shown = {*WORDS, name_of(VICTIM)} - {"words of an answer"}
    assert {one.partition(": ")[2] for one in hits(texts, (*WORDS, name_of(VICTIM)))} == shown


STRANGERS = {
    "responder": VICTIM_RESPONSE,
    "coordinator": VICTIM_RESPONSE,
    "practitioner": "school_from_ta",
    "placement_officer": "school_from_ta",
    "listing_officer": "court_readiness",
}


def test_replay_browsing_by_staff(victims, client_of):
    typed = [{"words": "Example, Cass"}, {"code": "AAAA-AAAA-AAAA-AAAA"}]
    before, sweeps = state(), []
    for role, purpose in STRANGERS.items():
        client = client_of(role, purpose)
        sweep = sweep_all(client, victims, typed)
        of_objects = {name for name, route in joint_addresses().items() if "<uuid:" in route}
        boards = {*CHANNELS["placements"], *CHANNELS["listing"], *CHANNELS["board on paper"]} & of_objects
        assert sweep.statuses(*(of_objects - boards)) <= {404, 405}
        assert sweep.statuses(*boards) <= {403, 404, 405}
        sweeps.append(sweep)
    held("browsing_by_staff", together(*sweeps), (*WORDS, name_of(VICTIM)))
    assert state() == before
    assert not ENTRIES.filter(kind="look", person_id=VICTIM).exists()


def test_replay_risk_assessment_to_ex_partners(victims, place, client_of, tmp_path, mails):
    """She reads risk and wishes as the lead, chairs nothing, and is then found to be whom the victim was with."""
    meeting, item = hold()
    case = of_meeting(victims, meeting, item)
    codes = [{"code": one} for one in (own_code(item.case_id), reply_code_of(victims))]
    address = feed_address(client_of("advocate", VICTIM_RESPONSE))
    assert Client().post("/own/", codes[0]).status_code == Client().post("/reply/", codes[1]).status_code == 200
    send(meeting)
    bar("test-advocate")
    bar("test-coordinator")
    assert Client().post("/own/", codes[0]).status_code == 404
    client = client_of("advocate", VICTIM_RESPONSE)
    typed = [*codes, {"words": "Example, Cass"}, {"words": item.case.reference}]
    texts = together(sweep_all(client, victims, typed), Sweep(client, case, typed).ask())
    feed = Client().get(address)
    texts["calendar"] += feed.content
    assert deliver(place) == {"refused": 2}
    texts["minutes sent"] = b"refused" + b"".join(papers(tmp_path))
    texts["reminder, digest"] = b"asked" + mails("advocate", "coordinator")
    said = ("High risk", "The injuries fit the account", WITHHELD, "Go through the plan")
    held("risk_assessment_to_ex_partners", texts, (*WORDS, *said, name_of(VICTIM)))
    assert meeting.reference.encode() not in feed.content, "a meeting at which she only sat is gone"


def test_replay_advanced_one_account_without_a_second_factor(victims, homes, client_of):
    client = client_of("advocate", VICTIM_RESPONSE)
    texts = sweep_all(client, victims, [{"words": "Example, Cass"}]).by_channel()
    assert hits(texts, [name_of(VICTIM)]), "the thief is in, and reads what her role reads"
    held("advanced_one_account_without_a_second_factor", texts, LOOT)


def own_code(case_id) -> str:
    """A code for the person's own view, made by the lead."""
    with known_asker():
        subject = CaseSubject.objects.exclude(person_id="").filter(case_id=case_id).first().pk
    with acting_as("advocate", VICTIM_RESPONSE) as sight:
        return own_views.make_view(sight, case_id, subject, ViewWanted("follow", "in_person", 7, "Asked for it"))


def reply_code_of(ids: dict[str, str]) -> str:
    """A code for a reply to the referral of these ids, made by its sender: here the advocate."""
    with known_asker():
        Referral.objects.filter(pk=ids["referral_id"]).update(sent_by="test-advocate", sent_from="harbour")
    with acting_as("advocate", VICTIM_RESPONSE) as sight:
        return reply_links.make_link(sight, ids["referral_id"])


@pytest.fixture
def mails(sample):
    """What arrives at the addresses of these users when reminders and digests are due, as it came over the wire."""

    def arriving(*roles: str, at: dt.datetime | None = None) -> bytes:
        give_address(*roles)
        with mail_server() as arrived:
            routes = Routes(smtp_host="127.0.0.1", smtp_port=arrived.port, smtp_tls=False)
            remind_due(Ways(routes, {}, "https://braid.place.example"), lambda: at or next_working_morning())
            return b"\n".join(raw for _, raw in arrived.mails)

    return arriving


def papers(tmp_path) -> list[bytes]:
    """The files in the spool, with their words."""
    spool = tmp_path / "spool"
    files = sorted(spool.iterdir()) if spool.is_dir() else []
    return [one.read_bytes() + read_everything(one.read_bytes()).encode() for one in files]


def test_replay_charnwood_old_shared_home(victims, place, client_of, tmp_path):
    """Every form of every page, each with the address in every field of words: none keeps it, none sends it."""
    client, tried, texts = client_of("advocate", VICTIM_RESPONSE), 0, {}
    before = everything_kept()
    assert not [one for one in WHERE_TOKENS if one in before], "what is looked for below is new"
    day = f"{timezone.localdate() + dt.timedelta(days=20)}"
    for name, route in joint_addresses().items():
        for ids in (victims, {**victims, "meeting_id": victims["minutes_id"]})[: 2 if name in OF_MEETINGS else 1]:
            address = Sweep(client, ids).address_of(route)
            for action, form in forms_of(client.get(address).content.decode(), WHERE, day):
                with transaction.atomic():
                    answer = client.post(action or address, form)
                    assert answer.status_code in (200, 302, 400, 403, 404, 405, 409, 429), (name, form)
                    assert not kept_of(WHERE_TOKENS), (name, form)
                    transaction.set_rollback(True)
                tried += 1
        texts[CHANNEL_OF[name]] = b"tried"
    assert tried > 60
    meeting, item = hold(agree=False)
    with acting_as("responder", VICTIM_RESPONSE) as sight:
        meetings.write_note(sight, item.pk, f"She is at {CANARIES['address']} now", "harmed")
    with acting_as("coordinator", VICTIM_RESPONSE) as sight:
        meetings.take_meeting_step(sight, meeting.pk, 5, "agree")
    send(meeting)
    assert deliver(place) == {"refused": 2}
    texts["minutes sent"] = b"refused" + b"".join(papers(tmp_path))
    with (place.folder / "outbound.toml").open("a", encoding="utf-8") as ways:
        ways.write(f"\n{INBOX}\n")
    notice_with_an_address_of_somebody_protected(client_of("practitioner", "school_from_ta"))
    assert deliver(place) == {"refused": 1}
    texts["notice sent"] = b"refused" + b"".join(papers(tmp_path))
    held("charnwood_old_shared_home", texts, CANARIES.values())
    with known_asker():
        assert SafetyTask.objects.filter(kind="message_refused", owner_role="ig_lead").count() == 3


WHERE_TOKENS = tuple(CANARIES[name] for name in ("address", "postcode", "telephone"))


def kept_of(tokens) -> list[str]:
    kept = everything_kept(written_alone=True)
    return [one for one in tokens if one in kept]


@pytest.mark.slow
def test_counterpart_the_same_forms_with_harmless_words_are_taken(victims, client_of):
    """So that the replay above is refused for the address, and not for a form that nobody could send."""
    client, taken = client_of("advocate", VICTIM_RESPONSE), set()
    assert TYPED not in everything_kept(), "what is looked for below is new"
    day = f"{timezone.localdate() + dt.timedelta(days=20)}"
    for name, route in joint_addresses().items():
        address = Sweep(client, victims).address_of(route)
        for action, form in forms_of(client.get(address).content.decode(), TYPED, day):
            with transaction.atomic():
                client.post(action or address, form)
                taken |= {name} if kept_of([TYPED]) else set()
                transaction.set_rollback(True)
    assert {"case", "agenda_item", "plan", "response"} <= taken, taken


def notice_with_an_address_of_somebody_protected(client) -> None:
    """Hand over the notice to the council of the other district, about a child at a safe address."""
    given = {"case_type": "placement_panel", "agency": "placement", "part": "child"}
    page = client.post(f"/people/{CHILD}/case/", given).headers["Location"] + "move/"
    case_id = page.split("/")[2]
    with known_asker():
        CaseSubject.objects.filter(case_id=case_id).update(person_id=CHILD_PROTECTED)
        CaseSubject.objects.create(case_id=case_id, part="parent", person_id=ONE_WAIT, added_by="x")
    done(plan(client, page))
    with known_asker():
        move = PlannedMove.objects.get(case_id=case_id)
    day = f"{timezone.localdate() - dt.timedelta(days=1)}"
    made = {"kind": "move", "move": str(move.pk), "version": str(move.version), "step": "make", "move-day": day}
    done(client.post(page, made))
    with known_asker():
        notice = MoveNotice.objects.get(move=move, kind="s208")
    fields = {"receiver": "southwick-council", "channel": "letter", "gateway": "children_act_2004_s10"}
    fields |= {"necessity": "service_needed", "function": "main", "address": f"Flat 3, {CANARIES['address']}"}
    sent = {"kind": "send", "notice": str(notice.pk), "version": str(notice.version), "step": "hand_over"}
    done(client.post(page, {**sent, **{f"send-{name}": value for name, value in fields.items()}}))


def test_replay_wakefield_court_bundle(teams, place, client_of, tmp_path):
    """A child of the same case has a goal of their own: their paper, their view and the copies tell nothing of hers."""
    meeting, item = hold()
    with known_asker():
        CaseSubject.objects.create(case_id=item.case_id, part="child", person_id=CHILD, added_by="test-advocate")
        plan_of_both(item.case_id)
        child = CaseSubject.objects.get(case_id=item.case_id, person_id=CHILD).pk
    with acting_as("advocate", VICTIM_RESPONSE) as sight:
        code = own_views.make_view(sight, item.case_id, child, ViewWanted("follow", "in_person", 7, "Asked for it"))
    texts = {"own view": Client().post("/own/", {"code": code}).content}
    assert b"goal of the child" in texts["own view"]
    for role in ("advocate", "responder"):
        paper = client_of(role, VICTIM_RESPONSE).get(f"/cases/{item.case_id}/plan/1/?for={child}").content
        texts["plan and its paper"] = texts.get("plan and its paper", b"") + paper.partition(b"<main")[2] + b" "
    send(meeting)
    deliver(place)
    texts["minutes sent"] = b"asked" + b"".join(papers(tmp_path))
    held("wakefield_court_bundle", texts, ("goal of the mother", name_of(VICTIM), VICTIM, *CANARIES.values()))


def plan_of_both(case_id) -> None:
    """A plan that holds, with a goal of each person of the case."""
    now = timezone.now()
    made = JointPlan.objects.create(
        case_id=case_id, number=1, state="approved", round=1, made_by="test-advocate", approved_at=now
    )
    for position, (person, words) in enumerate(((VICTIM, "goal of the mother"), (CHILD, "goal of the child")), 1):
        subject = CaseSubject.objects.get(case_id=case_id, person_id=person)
        PlanGoal.objects.create(
            plan=made, subject=subject, position=position, words=words, whose="person", target_on=now.date()
        )


def test_replay_bolton_voicemail_on_shared_number(victims, teams, client_of):
    """A code is read out on a telephone that somebody else answers: it tells nobody's name, and ends in time."""
    codes = own_code(victims["case_id"]), reply_code_of(victims)
    first = [Client().post(path, {"code": code}) for path, code in zip(("/own/", "/reply/"), codes, strict=True)]
    assert [one.status_code for one in first] == [200, 200]
    texts = {"own view": first[0].content, "reply by code": first[1].content}
    secrets = (name_of(VICTIM), VICTIM, "words of a referral", "Somebody apart", *CANARIES.values())
    assert hits(texts, secrets) == []
    with known_asker():
        SafeContact.objects.create(person_id=VICTIM, entered_by="z", key_id="k", wrapped=b"", sealed=b"")
        Referral.objects.filter(pk=victims["referral_id"]).update(state="revoked")
    unknown = [Client().post(path, {"code": new_code()}) for path in ("/own/", "/reply/")]
    for path, code, sent in zip(("/own/", "/reply/"), codes, unknown, strict=True):
        again = Client().post(path, {"code": code})
        assert (again.status_code, blotted(again)) == (404, blotted(sent)), path
        channel = "own view" if path == "/own/" else "reply by code"
        texts[channel] += again.content
    held("bolton_voicemail_on_shared_number", texts, secrets)


def test_replay_copy_to_both_parents(teams, place, own_place, linked_run, tmp_path):
    """Whoever is apart in a case gets no view, stands in no extract and on no copy, though they may be well known."""
    meeting, item = hold()
    with known_asker():
        apart = CaseSubject.objects.create(
            case_id=item.case_id, part="accused", name_apart=name_of(CHILD), added_by="test-advocate"
        )
    with acting_as("advocate", VICTIM_RESPONSE) as sight, pytest.raises(NotPossible, match="kept apart") as refused:
        own_views.make_view(sight, item.case_id, apart.pk, ViewWanted("follow", "in_person", 7, "Asked for it"))
    send(meeting)
    assert deliver(place) == {"sent": 2}
    written = write_extract(own_place, linked_run, TODAY).path.read_bytes()
    texts = {
        "own view": str(refused.value).encode(),
        "minutes sent": b"".join(papers(tmp_path)),
        "extract": written,
    }
    assert all(row["PersonKey"] == "H2" for row in rows_of_csv(written)), "of the victim alone"
    held("copy_to_both_parents", texts, (name_of(CHILD), CHILD, name_of(VICTIM)))


def test_replay_auto_letter_of_a_partner_system(victims, own_place, linked_run, client_of, mails):
    """What leaves by itself leaves without a person in it: the mails of a morning, a calendar, the extract."""
    hold()
    roles = ("advocate", "coordinator", "responder")
    feeds = [Client().get(feed_address(client_of(role))).content for role in roles]
    texts = {
        "reminder, digest": mails(*roles),
        "calendar": b"".join(feeds),
        "extract": write_extract(own_place, linked_run, TODAY).path.read_bytes(),
    }
    assert b"work-list" in texts["reminder, digest"] and b"BEGIN:VEVENT" in texts["calendar"]
    secrets = (*CANARIES.values(), *WORDS, name_of(VICTIM), VICTIM, "High risk", "Go through the plan")
    held("auto_letter_of_a_partner_system", texts, secrets)


@pytest.fixture
def adopted(place_and_runs, db, user_of):
    """The place of an adoption, published with its seal, and a user for each role."""
    for role in ROLES:
        user_of(role)
    publish(place_and_runs[2], place_and_runs[0])
    enforce(sample_agreements())


def test_replay_adopted_children_to_birth_father(adopted, client_of, mails):
    """Joint work about a child as they were before: absent for whoever leads it, and for everybody else."""
    ids = ids_of(put_joint(BEFORE, "test-practitioner", "school_from_ta"), BEFORE)
    sweeps = []
    for role, purpose in (("practitioner", "school_from_ta"), ("analyst", "school_from_ta"), ("ig_lead", "")):
        sweeps.append(sweep_all(client_of(role, purpose), ids, [{"words": "Before, Zed"}]))
    texts = together(*sweeps)
    texts["reminder, digest"] = b"asked" + mails("practitioner", "analyst")
    held("adopted_children_to_birth_father", texts, (*WORDS, "Zed Before"))


def test_replay_enquirer_told_to_the_partner(victims, own_place, linked_run, client_of):
    """A worker of whoever is apart, who sees that person, finds no trace of a case in which they stand."""
    with known_asker():
        CaseSubject.objects.filter(name_apart="Somebody apart").update(name_apart=name_of(ONE_WAIT))
        reference = CaseSubject.objects.filter(name_apart=name_of(ONE_WAIT)).first().case.reference
    client = client_of("practitioner", "school_from_ta")
    page = client.get(f"/people/{ONE_WAIT}/")
    assert page.status_code == 200, "of this person the worker sees everything"
    ids = {**victims, "person_id": ONE_WAIT}
    typed = [{"words": name_of(ONE_WAIT)}, {"words": "Example, Cass"}]
    texts = sweep_all(client, ids, typed).by_channel()
    texts["case"] += page.content
    assert hits(texts, [reference]) == []
    texts["extract"] = write_extract(own_place, linked_run, TODAY).path.read_bytes()
    assert {row["PersonKey"] for row in rows_of_csv(texts["extract"])} == {"H2"}, "of the victim alone"
    secrets = tuple(word for word in WORDS if word != "Somebody apart")
    held("enquirer_told_to_the_partner", texts, (*secrets, name_of(VICTIM), VICTIM))


def test_replay_lambeth_redaction_undone(victims, place, client_of, tmp_path):
    """A line withheld from one organisation is in no byte that it gets: no field, no comment, no layer of a file."""
    meeting, item = hold()
    ids = of_meeting(victims, meeting, item)
    shown = Sweep(client_of("advocate", VICTIM_RESPONSE), ids).ask("agenda_item").by_channel()
    assert hits(shown, [WITHHELD]), "whom it was not withheld from reads it"
    send(meeting)
    assert deliver(place) == {"sent": 2}
    texts = together(Sweep(client_of("coordinator", VICTIM_RESPONSE), ids, [{"words": WITHHELD[:4]}]).ask())
    texts["minutes sent"] = b"".join(papers(tmp_path))
    held("lambeth_redaction_undone", texts, [WITHHELD])


def test_replay_psni_hidden_worksheet(victims, place, own_place, linked_run, client_of, mails, tmp_path):
    """Every file that is handed out, unfolded: it has the parts that it may have, and no others."""
    meeting, _ = hold()
    send(meeting)
    deliver(place)
    feed = Client().get(feed_address(client_of("advocate"))).content
    kinds = {name for event in icalendar.Calendar.from_ical(feed).walk("VEVENT") for name in event}
    assert kinds <= {
        "UID",
        "DTSTAMP",
        "DTSTART",
        "DTEND",
        "DURATION",
        "SUMMARY",
        "CLASS",
        "TRANSP",
        "STATUS",
        "SEQUENCE",
    }, kinds
    written = write_extract(own_place, linked_run, TODAY).path
    assert [one.name for one in written.parent.iterdir()] == [written.name]
    assert set(rows_of_csv(written.read_bytes())[0]) == set(COLUMNS)
    arrived = mails("advocate", "coordinator")
    for raw in re.split(rb"(?=^From: )", arrived, flags=re.MULTILINE)[1:]:
        assert not email.message_from_bytes(raw).is_multipart()
    for path in (tmp_path / "spool").glob("*.pdf"):
        paper = pypdf.PdfReader(io.BytesIO(path.read_bytes()))
        assert dict(paper.attachments) == {} and paper.get_fields() in (None, {})
    texts = {
        "calendar": feed,
        "minutes sent": b"".join(papers(tmp_path)),
        "reminder, digest": arrived,
        "extract": written.read_bytes(),
    }
    held("psni_hidden_worksheet", texts, (WITHHELD, name_of(VICTIM), VICTIM, "test-responder", *CANARIES.values()))


def test_replay_two_people_on_one_nhs_number(teams, client_of, tmp_path):
    """One record was two people: the case says so to its lead, and whoever works with the other finds nothing."""
    ids = ids_of(put_joint(CHILD, "test-analyst", "school_from_ta"), CHILD)
    with known_asker():
        history = write_history(tmp_path, "after", [(ONE_WAIT, "split", CHILD)], (CHILD, ONE_WAIT))
        assert follow(history) > 0
    lead = client_of("analyst", "school_from_ta").get(f"/cases/{ids['case_id']}/").content.decode()
    assert "check who this is" in lead
    client = client_of("practitioner", "school_from_ta")
    assert client.get(f"/people/{ONE_WAIT}/").status_code == 200, "of the other the worker sees everything"
    sweeps = []
    for person in (ONE_WAIT, CHILD):
        sweeps.append(sweep_all(client, {**ids, "person_id": person}, [{"words": "Example, Ada"}]))
    held("two_people_on_one_nhs_number", together(*sweeps), WORDS)


def test_replay_capita_ignored_alert(victims, client_of, mails):
    """Left for 58 hours over its time, each of them is red, has a second owner, and is told of by mail."""
    meeting, item = hold(agree=False)
    over = timezone.now() - dt.timedelta(hours=58)
    with known_asker():
        CareAction.objects.filter(item=item).update(due_on=over.date())
        MeetingReturn.objects.filter(item=item, agency="advocate").update(due_at=over)
        Meeting.objects.filter(pk=meeting.pk).update(state="in_session")
        PlanApproval.objects.update(state="asked", due_at=over)
        Referral.objects.filter(pk=victims["referral_id"]).update(due_at=over)
    advocate, coordinator = client_of("advocate", VICTIM_RESPONSE), client_of("coordinator", VICTIM_RESPONSE)
    work = advocate.get("/work-list/").content
    part = re.search(rb">Overdue</h2>(.*?)<h2", work, re.DOTALL)[1]
    with known_asker():
        referral = Referral.objects.get(pk=victims["referral_id"]).reference
    assert referral.encode() in part and item.case.reference.encode() in part
    chair = coordinator.get(f"/meetings/{meeting.pk}/").content
    assert item.case.reference.encode() in chair.partition(b">Overdue</h2>")[2]
    arrived = mails("advocate", "coordinator")
    assert arrived.count(b"verdue") >= 1 and item.case.reference.encode() in arrived
    feed = Client().get(feed_address(client_of("advocate"))).content
    assert b"due" in feed
    texts = {"work list": part, "meeting": chair, "reminder, digest": arrived, "calendar": feed}
    held("capita_ignored_alert", texts, tuple(CANARIES.values()))


def test_replay_mail_to_the_wrong_person(victims, client_of, mails):
    """The address of an account is a stranger's: what they get says how many things are due, and of whom nothing."""
    hold()
    texts = {
        "reminder, digest": mails("advocate"),
        "calendar": Client().get(feed_address(client_of("advocate"))).content,
    }
    assert b"work-list" in texts["reminder, digest"] and b"VEVENT" in texts["calendar"]
    secrets = (*WORDS, *CANARIES.values(), name_of(VICTIM), VICTIM, "harbour-advocacy", "marac", "victim")
    held("mail_to_the_wrong_person", texts, secrets)
